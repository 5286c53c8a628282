"""What can be wrong with a search, named by the parameter that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.errors import HubError


class FilterUnknown(HubError):
    """A filter that does not exist, or a value its code list does not have."""

    def __init__(self, name: str, value: str | None = None, examples: Sequence[str] = ()) -> None:
        some = "、".join(examples)
        if value is None:
            zh, en = f"没有名为「{name}」的筛选条件。", f"There is no filter named {name!r}."
        else:
            zh, en = f"筛选条件 {name} 没有取值「{value}」。", f"The filter {name} has no value {value!r}."
        super().__init__(
            "filter_unknown",
            zh,
            en,
            422,
            field=name,
            hint_zh=f"可取的值如：{some}。" if some else "请去掉该条件，或从结果的 facets 中选取。",
            hint_en=f"Possible values: {', '.join(examples)}."
            if some
            else "Drop it, or choose from `facets`.",
        )


class SearchParameterInvalid(HubError):
    """A parameter that is out of range, or needs another one."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("search_parameter_invalid", zh, en, 422, field=field)


class IndexNotReady(HubError):
    """The index is being built for the first time, or for a new version."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "index_not_ready",
            "检索索引正在建立，请稍候。",
            "The search index is being built; please wait a moment.",
            503,
            retry_after=2,
        )


class RebuildRunning(HubError):
    """Another process of this machine is rebuilding the index."""

    def __init__(self) -> None:
        super().__init__(
            "rebuild_running",
            "本机已有进程在重建检索索引。",
            "Another process of this machine is already rebuilding the search index.",
            409,
            hint_zh="请等待其完成后再试。",
            hint_en="Wait until it has finished.",
        )
