"""What can go wrong when people and subscribers are told something."""

from hub.core.errors import HubError, NotFound


class TemplateUnknown(ValueError):
    """A program named a text that does not exist, or gave it values that it may not carry: a bug, never a caller's."""


class SenderUnreachable(Exception):
    """The channel's server did not answer or asked to wait: the same message may be sent again later."""

    retryable = True
    code = "sender_unreachable"

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class SenderRefused(Exception):
    """The channel's server understood and said no (unknown address, bad signature): sending again is useless."""

    retryable = False
    code = "sender_refused"


class NoticeUnknown(NotFound):
    """No notice of this person has that number."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(
            f"您没有编号为 {notice_id} 的消息。",
            f"You have no notice {notice_id}.",
            code="notice_unknown",
            field="id",
        )


class ContactInvalid(HubError):
    """An address that its channel cannot have."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("contact_invalid", zh, en, 422, field=field)


class WebhookUnknown(NotFound):
    """The caller has no webhook under this identifier."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(
            f"没有标识为「{webhook_id}」的事件推送。",
            f"There is no webhook {webhook_id!r}.",
            code="webhook_unknown",
            field="id",
        )


class WebhookInvalid(HubError):
    """A webhook that cannot be kept: its address, its start, or one too many."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("webhook_invalid", zh, en, 422, field=field)
