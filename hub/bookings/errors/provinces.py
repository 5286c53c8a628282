"""What can be wrong with what a province's platform sends about bookings."""

from hub.core.errors import HubError, NotFound


class InterfaceMissing(NotFound):
    """The province has no booking interface here."""

    def __init__(self, province: str) -> None:
        super().__init__(
            f"{province} 没有预约接口，请由驿站在门户办理。",
            f"The province {province} has no booking interface; its station works in the portal.",
            code="interface_missing",
            field="code",
        )


class SignatureRefused(HubError):
    """The answer is not signed as it must be; nothing was read from it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("signature_refused", zh, en, 401)


class AnswerMalformed(HubError):
    """The answer is not what the province's dialect promises; nothing was applied."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("answer_malformed", zh, en, 400)


class ExtraOrderLeft(HubError):
    """An extra order of a booking could not be cancelled at the province this time."""

    def __init__(self, zh: str, en: str, *, is_final: bool) -> None:
        super().__init__(
            "extra_order_left", f"重复订单未能撤销：{zh}", f"An extra order could not be cancelled: {en}", 502
        )
        self.retryable = not is_final
