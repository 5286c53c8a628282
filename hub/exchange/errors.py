"""What can be wrong with a message to or from a province."""

from hub.core.errors import HubError, NotFound


class MessageUnknown(NotFound):
    """No message is held under this identifier."""

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"没有标识为「{message_id}」的消息。",
            f"There is no message {message_id!r}.",
            code="message_unknown",
            field="message_id",
        )


class SequenceBroken(HubError):
    """Two messages about one subject were sealed at once; the transaction that lost may simply be repeated."""

    retryable = True

    def __init__(self, subject: str) -> None:
        super().__init__(
            "sequence_broken",
            f"「{subject}」的另一条消息同时写入，请重试。",
            f"Another message about {subject!r} was written at the same time; try again.",
            409,
            retry_after=1,
        )
