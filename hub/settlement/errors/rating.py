"""What cannot be priced."""

from hub.core.errors import HubError


class RatingRefused(HubError):
    """Something cannot be priced as it was asked; the subclasses say why."""

    def __init__(self, code: str, zh: str, en: str, hint_zh: str, hint_en: str, *, field: str) -> None:
        super().__init__(code, zh, en, 422, field=field, hint_zh=hint_zh, hint_en=hint_en)


class PositionUnknown(RatingRefused):
    """A chosen position that the tariff does not have."""

    def __init__(self, position_id: str) -> None:
        super().__init__(
            "tariff_position_unknown",
            f"收费标准中没有「{position_id}」一项。",
            f"The tariff has no position {position_id!r}.",
            "请从现行收费标准中选择项目。",
            "Choose from the tariff in force.",
            field="items",
        )


class PriceMissing(RatingRefused):
    """The position is not offered to users from outside the owner's institution."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "tariff_price_missing",
            f"「{zh}」没有对外收费标准。",
            f"{en!r} has no price for users from outside.",
            "请另选项目，或以咨询方式询价。",
            "Choose another item, or ask for a price by consultation.",
            field="items",
        )


class QuantityMissing(RatingRefused):
    """The price goes by something that was not told: time, samples or times."""

    def __init__(self, zh: str, en: str, measure: str) -> None:
        super().__init__(
            "tariff_quantity_missing",
            f"「{zh}」的计费数量未填写。",
            f"The quantity that {en!r} is charged by is missing.",
            "请填写时段、样品数或预计时长。",
            "Give the slot, the number of samples or the expected time.",
            field=measure,
        )


class NothingChosen(RatingRefused):
    """Every position is optional and none was chosen."""

    def __init__(self) -> None:
        super().__init__(
            "tariff_nothing_chosen",
            "尚未选择收费项目。",
            "No position of the tariff was chosen.",
            "请至少选择一个服务项目。",
            "Choose at least one service item.",
            field="items",
        )
