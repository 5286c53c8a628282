"""What can be wrong with programmes, grants and holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hub.core.errors import HubError, NotFound
from hub.settlement.money import yuan


class ProgrammeInvalid(HubError):
    """The programme is no valid document, or a term has no source; `errors` lists what is wrong."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(
            "programme_invalid",
            "补助政策内容有误，未保存。",
            "The programme is not valid; it was not kept.",
            422,
            errors=errors,
            hint_zh="请按 errors 逐项修改；每项条款都须注明依据。",
            hint_en="Correct what `errors` lists; every term needs a source.",
        )


class ProgrammeUnknown(NotFound):
    """There is no such programme, or not in that version."""

    def __init__(self, programme_id: str) -> None:
        super().__init__(
            f"没有标识为「{programme_id}」的补助政策。",
            f"There is no programme {programme_id!r}.",
            code="programme_unknown",
            field="programme_id",
        )


class ProgrammeUnusable(HubError):
    """The programme cannot give vouchers now: incomplete, not in force, of another kind, or kept by somebody else."""

    def __init__(self, programme_id: str, zh: str, en: str) -> None:
        super().__init__(
            "programme_unusable",
            f"补助政策「{programme_id}」不能用于发放：{zh}。",
            f"The programme {programme_id!r} cannot be used for this: {en}.",
            409,
            field="programme_id",
            hint_zh="请补全条款或另选政策。",
            hint_en="Complete its terms, or choose another programme.",
        )


class BudgetExhausted(HubError):
    """The pool of the programme's budget year does not hold that much."""

    def __init__(self, programme_id: str, left_fen: int) -> None:
        super().__init__(
            "budget_exhausted",
            f"「{programme_id}」的预算余额为 {yuan(left_fen)} 元，不足以发放。",
            f"The budget of {programme_id!r} has {yuan(left_fen)} CNY left, which is not enough.",
            409,
            field="fen",
            hint_zh="请减少金额，或先追加预算。",
            hint_en="Grant less, or add to the budget first.",
        )


class AllotmentTooLow(HubError):
    """The home system would take back what the hub has already held or captured."""

    def __init__(self, external_id: str, least_fen: int) -> None:
        super().__init__(
            "allotment_too_low",
            f"划拨「{external_id}」已预占和已使用 {yuan(least_fen)} 元，不能低于此数。",
            f"Of the allotment {external_id!r} {yuan(least_fen)} CNY are held or used; it cannot be less.",
            409,
            field="fen",
            hint_zh="请按已预占和已使用之和调整，或待订单了结后再收回。",
            hint_en="Lower it to that amount, or take it back when the orders have ended.",
        )
        self.least_fen = least_fen


class AllotmentMismatch(HubError):
    """The identifier is already used for another holder or programme."""

    def __init__(self, external_id: str) -> None:
        super().__init__(
            "allotment_mismatch",
            f"划拨标识「{external_id}」已用于其他对象或内容。",
            f"The allotment {external_id!r} is already used for another holder or content.",
            409,
            field="id",
            hint_zh="请使用新的标识。",
            hint_en="Use an identifier of its own.",
        )


class AllotmentExpired(HubError):
    """An allotment cannot be raised once its validity is over."""

    def __init__(self, external_id: str, until: date) -> None:
        super().__init__(
            "allotment_expired",
            f"划拨「{external_id}」的有效期至 {until.isoformat()}，已过期。",
            f"The allotment {external_id!r} was valid until {until.isoformat()}.",
            409,
            field="valid_until",
            hint_zh="请另行划拨。",
            hint_en="Make another allotment.",
        )


class HoldUnknown(NotFound):
    """Nothing was ever held for the order."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"订单「{reference}」没有预占创新券。",
            f"No voucher was held for the order {reference!r}.",
            code="hold_unknown",
            field="reference",
        )


class CaptureTooLarge(HubError):
    """More was to be captured than is held."""

    def __init__(self, wanted_fen: int, held_fen: int) -> None:
        super().__init__(
            "capture_too_large",
            f"预占 {yuan(held_fen)} 元，不能扣用 {yuan(wanted_fen)} 元。",
            f"{yuan(held_fen)} CNY are held; {yuan(wanted_fen)} CNY cannot be captured.",
            409,
            field="fen",
            hint_zh="超出部分由用户自付。",
            hint_en="What is above it is the user's own share.",
        )


class ShareLower(HubError):
    """The voucher pays less than the user was shown: others have used it meanwhile, or a fact of the order has changed."""

    def __init__(self, expected_fen: int, fen: int) -> None:
        super().__init__(
            "voucher_share_lower",
            f"创新券现可支付 {yuan(fen)} 元，低于报价时的 {yuan(expected_fen)} 元，未提交。",
            f"The voucher now pays {yuan(fen)} CNY, less than the {yuan(expected_fen)} CNY quoted; nothing was submitted.",
            409,
            field="quote_id",
            hint_zh="请重新计算费用，确认自付金额后再提交。",
            hint_en="Ask for the fee again, and submit when you agree to your own share.",
        )
