"""What can be wrong with bank details."""

from hub.core.errors import HubError, NotFound


class PayeeInvalid(HubError):
    """One of the bank details cannot be what it should be."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "payee_invalid",
            zh,
            en,
            422,
            field=field,
            hint_zh="请对照开户许可证或银行回单填写。",
            hint_en="Copy them from the account's certificate or a bank receipt.",
        )


class PayeeUnknown(NotFound):
    """There are no such bank details."""

    def __init__(self) -> None:
        super().__init__("没有这条收款账户。", "There are no such bank details.", code="payee_unknown")


class PayeeDecided(HubError):
    """Somebody decided before, or a later version took its place."""

    def __init__(self) -> None:
        super().__init__(
            "payee_decided",
            "这条收款账户已经审核或已被新的替代。",
            "These bank details were decided already, or replaced by later ones.",
            409,
            hint_zh="请刷新页面，核对现在待审核的账户。",
            hint_en="Reload the page and look at what waits now.",
        )


class PayeeSamePerson(HubError):
    """Who entered the details may not approve them."""

    def __init__(self) -> None:
        super().__init__(
            "payee_same_person",
            "收款账户须由录入人以外的人审核。",
            "Bank details are approved by somebody other than who entered them.",
            409,
            hint_zh="请由本单位另一位管理员或本省财政人员审核。",
            hint_en="Ask another manager of the institution, or the province's finance staff.",
        )
