"""What can be wrong with what is kept or uploaded."""

from collections.abc import Sequence
from typing import Any

from hub.core.errors import HubError, NotFound


class KeptInvalid(HubError):
    """Rules, a tariff or a closure that fit their schema and still contradict themselves; `errors` lists how."""

    def __init__(self, faults: Sequence[Any]) -> None:
        first = faults[0]
        super().__init__(
            "kept_invalid",
            f"内容自相矛盾：{first.pointer} {first.zh}。",
            f"This contradicts itself: {first.pointer} {first.en}.",
            422,
            field=first.pointer,
            errors=[{"pointer": f.pointer, "code": f.code, "zh": f.zh, "en": f.en} for f in faults],
        )


class VersionChanged(HubError):
    """Somebody else has kept a newer version since the writer looked; `version` is the newest."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            "version_changed",
            f"其间已有他人保存了第 {version} 版。",
            f"Somebody has kept version {version} meanwhile.",
            409,
            hint_zh="请核对新版本后重新保存。",
            hint_en="Look at the newer version and keep yours again.",
        )


class ClosureUnknown(NotFound):
    """The instrument or institution has no closure of this number."""

    def __init__(self, closure_id: int) -> None:
        super().__init__(
            f"没有编号为 {closure_id} 的停用时段。",
            f"There is no closure {closure_id}.",
            code="closure_unknown",
            field="closure_id",
        )


class TrainingUnknown(NotFound):
    """The institution never certified this training to the holder."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"没有该对象的「{code}」培训记录。",
            f"No training {code!r} was certified to this holder.",
            code="training_unknown",
            field="code",
        )


class UploadRefused(HubError):
    """What was pasted or uploaded cannot be read at all; single bad rows are told in the preview instead."""

    def __init__(self, code: str, zh: str, en: str, status: int = 422) -> None:
        super().__init__(
            code,
            f"{zh}。",
            f"{en}.",
            status,
            field="content",
            hint_zh="可粘贴文字（每行一条：日期 开始-结束 说明），或上传 XLSX、ICS 文件。",
            hint_en="Paste text (one a line: day start-end note), or upload an XLSX or ICS file.",
        )


class PreviewChanged(HubError):
    """Since the preview something has changed: other conflicts than those that were shown, or another content."""

    def __init__(self) -> None:
        super().__init__(
            "preview_changed",
            "预览之后情况有变，未保存任何内容。",
            "Something has changed since the preview; nothing was kept.",
            409,
            field="preview",
            hint_zh="请查看新的预览后再确认。",
            hint_en="Look at the new preview and confirm again.",
        )


class TimeMalformed(HubError):
    """A time in the address that is none."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "time_malformed",
            f"参数 {name} 不是带时区的时刻。",
            f"The parameter {name} is no instant with an offset.",
            422,
            field=name,
            hint_zh="请写成 RFC 3339，例如 2026-03-09T09:00:00+08:00（地址中的 + 须写成 %2B）。",
            hint_en="Write RFC 3339, for example 2026-03-09T09:00:00+08:00 (a + in an address is %2B).",
        )


class VersionMalformed(HubError):
    """An If-Match header that names no version."""

    def __init__(self) -> None:
        super().__init__(
            "version_malformed",
            "If-Match 不是版本号。",
            "If-Match names no version.",
            422,
            field="If-Match",
            hint_zh='请原样使用读取时的 ETag，例如 "3"。',
            hint_en='Use the ETag of the answer that you read, for example "3".',
        )
