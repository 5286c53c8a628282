"""What the ledger refuses."""

from hub.core.errors import HubError


class AccountOverdrawn(HubError):
    """The posting would take more from a guarded account than it holds; nothing of it was written."""

    def __init__(self, account: str, wanted_fen: int) -> None:
        super().__init__(
            "account_overdrawn",
            f"账户「{account}」余额不足，无法划出 {wanted_fen} 分。",
            f"The account {account!r} does not hold the {wanted_fen} fen that are to leave it.",
            409,
            hint_zh="请核对可用余额后重试。",
            hint_en="Look at what is available and try again.",
        )
        self.account = account


class ReferenceReused(HubError):
    """The reference already names another posting. Postings are never changed: a correction has a reference of its own."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "ledger_reference_reused",
            f"参考号「{reference}」已用于另一笔内容不同的记账。",
            f"The reference {reference!r} already names another posting.",
            409,
            field="reference",
            hint_zh="账目只增不改；更正请另记一笔。",
            hint_en="Postings are never changed; make a correction with a reference of its own.",
        )
