"""What can be wrong with the proof of a payment."""

from hub.core.errors import HubError, NotFound


class ProofInvalid(HubError):
    """It is too large, or not a kind of paper that is kept."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "proof_invalid",
            zh,
            en,
            422,
            field="proof",
            hint_zh="请上传银行回单的 PDF 或照片。",
            hint_en="Upload the bank's receipt as PDF or picture.",
        )


class ProofUnknown(NotFound):
    """No such proof is kept, or it is not what was kept any more."""

    def __init__(self) -> None:
        super().__init__(
            "没有这份付款凭证，或它已损坏。",
            "There is no such proof of payment, or it is damaged.",
            code="proof_unknown",
        )


class PaymentInvalid(HubError):
    """What was typed about a payment cannot be so."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "payment_invalid",
            zh,
            en,
            422,
            field=field,
            hint_zh="请对照银行回单填写。",
            hint_en="Copy it from the bank's receipt.",
        )
