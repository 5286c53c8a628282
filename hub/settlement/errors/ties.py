"""What can be wrong with a declared tie between two parties."""

from hub.core.errors import HubError, NotFound


class TieInvalid(HubError):
    """What was typed about a tie cannot be so; `field` names where."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "tie_invalid",
            f"关联关系未登记：{zh}。",
            f"The tie was not registered: {en}.",
            422,
            field=field,
            hint_zh="请对照依据文件更正后再提交。",
            hint_en="Correct it by the paper it stands on.",
        )


class TieUnknown(NotFound):
    """No tie has this number."""

    def __init__(self, tie_id: int) -> None:
        super().__init__(
            f"登记簿里没有第 {tie_id} 号关联关系。",
            f"The register has no tie {tie_id}.",
            code="tie_unknown",
            field="tie_id",
        )
