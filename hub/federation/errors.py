"""Facts of the federation that a caller is told about."""

from hub.core.errors import HubError


class ProvinceUnknown(HubError):
    """No adapter is installed for this code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "province_unknown",
            f"没有接入代码为「{code}」的省级平台。",
            f"No province with code {code!r} is connected.",
            404,
            field="code",
            hint_zh="省份代码为 GB/T 2260 六位数字，可在 /api/v1/provinces 查到。",
            hint_en="Use a six-digit GB/T 2260 code listed at /api/v1/provinces.",
        )


class ResourceUnknown(HubError):
    """The province has no such resource, or not in this direction."""

    def __init__(self, code: str, resource: str, accepted: tuple[str, ...]) -> None:
        names = "、".join(accepted)
        super().__init__(
            "resource_unknown",
            f"{code} 没有可用此方式报送的资源「{resource}」。",
            f"{code} has no resource {resource!r} that is delivered this way.",
            404,
            field="resource",
            hint_zh=f"可用：{names}。" if names else "该省不使用此报送方式。",
            hint_en=f"Available: {', '.join(accepted)}."
            if names
            else "This province does not deliver this way.",
        )


class RunBusy(HubError):
    """Another process is reading this resource now."""

    retryable = True

    def __init__(self, province: str, resource: str, seconds: int) -> None:
        super().__init__(
            "run_busy",
            f"{province} 的「{resource}」正在同步，请稍后再试。",
            f"{resource} of {province} is being synchronised; try again later.",
            409,
            retry_after=seconds,
        )


class SyncDeferred(HubError):
    """The province could not be read now; the run waits and goes on from its last page."""

    retryable = True

    def __init__(self, province: str, seconds: int, zh: str, en: str) -> None:
        super().__init__("sync_deferred", f"{province}：{zh}", f"{province}: {en}", 503, retry_after=seconds)


class BatchReused(HubError):
    """A batch number came again with another body."""

    def __init__(self, batch_id: str) -> None:
        super().__init__(
            "batch_reused",
            f"批次号「{batch_id}」已用于另一份内容。",
            f"Batch id {batch_id!r} was already used for another body.",
            422,
            field="batch_id",
            hint_zh="重发同一批次时正文必须逐字节相同；新内容请换新的批次号。",
            hint_en="Repeat a batch with the same bytes only; give new content a new batch id.",
        )


class DeliveryRefused(HubError):
    """A pushed or uploaded body cannot be read at all; nothing of it was written."""

    def __init__(self, code: str, zh: str, en: str, status: int = 422, *, field: str = "body") -> None:
        super().__init__(
            code,
            zh,
            en,
            status,
            field=field,
            hint_zh="本次报送未写入任何记录；请按说明修改后重新报送。",
            hint_en="Nothing of this delivery was written; correct it as described and send it again.",
        )


class HoldNotOpen(HubError):
    """The decision does not fit the state that the held deletions are in."""

    def __init__(self, hold_id: int, state: str) -> None:
        super().__init__(
            "hold_not_open",
            f"暂缓删除 {hold_id} 当前状态为「{state}」，不能执行此操作。",
            f"Held deletions {hold_id} are {state}; this decision does not apply.",
            409,
            field="id",
        )


class HoldUnknown(HubError):
    """There are no held deletions under this number."""

    def __init__(self, hold_id: int) -> None:
        super().__init__(
            "hold_unknown",
            f"没有编号为 {hold_id} 的暂缓删除。",
            f"There are no held deletions with number {hold_id}.",
            404,
            field="id",
        )


class QuarantineUnknown(HubError):
    """There is no quarantined record under this number."""

    def __init__(self, item_id: int) -> None:
        super().__init__(
            "quarantine_unknown",
            f"没有编号为 {item_id} 的隔离记录。",
            f"There is no quarantined record with number {item_id}.",
            404,
            field="id",
        )
