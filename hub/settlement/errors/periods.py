"""What can be wrong with periods, batches, payment lists and credits."""

from datetime import datetime

from hub.core.clock import SHANGHAI
from hub.core.errors import HubError, NotFound
from hub.settlement.money import yuan


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


class PeriodUnknown(NotFound):
    """The calendar has no such period."""

    def __init__(self, period_id: str) -> None:
        super().__init__(
            f"没有结算期「{period_id[:20]}」。",
            f"There is no period {period_id[:20]!r}.",
            code="period_unknown",
            field="period",
        )


class BatchUnknown(NotFound):
    """There is no such batch."""

    def __init__(self, batch_id: str) -> None:
        super().__init__(
            f"没有结算批次「{batch_id[:60]}」。",
            f"There is no batch {batch_id[:60]!r}.",
            code="batch_unknown",
            field="batch_id",
        )


class BatchStateWrong(HubError):
    """The batch is not in a state in which this side may do this."""

    def __init__(self, command: str, state: str) -> None:
        super().__init__(
            "batch_state_wrong",
            f"批次现为「{state}」，不能执行「{command}」。",
            f"The batch is {state!r}; {command!r} is not possible for you now.",
            409,
            field="state",
            hint_zh="请刷新批次，按现在的状态处理。",
            hint_en="Read the batch again and go by its state.",
        )


class BatchChanged(HubError):
    """Somebody acted on the batch since it was read."""

    def __init__(self, version: int) -> None:
        super().__init__(
            "batch_changed",
            "批次在您读取之后有变动，未执行。",
            f"The batch has changed since you read it (version {version} now); nothing was done.",
            412,
            field="If-Match",
            hint_zh="请刷新后核对再操作。",
            hint_en="Read it again, compare, then repeat.",
        )


class CutoffNotReached(HubError):
    """The period's cut-off lies ahead."""

    def __init__(self, period_id: str, at: datetime) -> None:
        super().__init__(
            "cutoff_not_reached",
            f"结算期 {period_id} 的截止时刻是 {_when(at)}，尚未到。",
            f"The cut-off of {period_id} is {at.isoformat()}; it has not come yet.",
            409,
            field="period",
            hint_zh="请在截止后再截止本期。",
            hint_en="Close the period after its cut-off.",
        )


class TotalsDiffer(HubError):
    """Two independent computations of a batch's totals do not agree."""

    def __init__(self, batch_id: str, name: str, one: object, other: object) -> None:
        super().__init__(
            "totals_differ",
            f"批次「{batch_id}」两次独立核算的 {name} 不一致（{one} 与 {other}），未执行。",
            f"Two independent computations of {name} of {batch_id!r} differ ({one} and {other}); nothing was done.",
            409,
            field=name,
            hint_zh="请重新核算；仍不一致时请联系管理人员核查账簿。",
            hint_en="Calculate again; if they still differ, have the ledger examined.",
        )


class HashDiffers(HubError):
    """What was approved is not what stands now."""

    def __init__(self, current: str) -> None:
        super().__init__(
            "batch_hash_differs",
            "所同意的核算结果不是现在的结果，未执行。",
            f"What you agree to is not the present result ({current}); nothing was done.",
            409,
            field="sha256",
            hint_zh="请刷新，核对现在的核算结果后再同意。",
            hint_en="Read the present result, compare, then agree to its hash.",
        )


class SettlementSamePerson(HubError):
    """One person would act on both sides."""

    def __init__(self) -> None:
        super().__init__(
            "settlement_same_person",
            "提交与同意须由两个人办理。",
            "Whoever submitted may not agree as well.",
            409,
            field="actor",
            hint_zh="请由另一位财务人员办理。",
            hint_en="Ask another person of finance.",
        )


class WordsMissing(HubError):
    """A reason in words, or a code of the list, is needed."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "settlement_reason_missing",
            f"请写明{zh}。",
            f"Say {en}.",
            422,
            field=field,
            hint_zh="2—1000 字；代码取自代码表。",
            hint_en="2–1000 characters; codes are those of the list.",
        )


class ReviewNotOver(HubError):
    """Staff of the provinces decide only when the review has taken too long."""

    def __init__(self, until: datetime | None) -> None:
        when = "" if until is None else _when(until)
        super().__init__(
            "review_not_over",
            f"复核期限至 {when}，期内由双方财务办理。",
            f"The review lasts until {until}; until then the two finance offices decide.",
            409,
            field="state",
            hint_zh="期满后管理人员方可决定。",
            hint_en="Staff may decide when it is over.",
        )


class LineNotHere(NotFound):
    """The line is not in this batch, or was sent back before."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            f"行 {line_id} 不在本批次中，或已退回。",
            f"Line {line_id} is not in this batch, or was returned before.",
            code="line_not_in_batch",
            field="line_id",
        )


class StampsWaiting(HubError):
    """Closing waits for time-stamps."""

    def __init__(self, since: datetime) -> None:
        super().__init__(
            "stamps_waiting",
            f"有文件自 {_when(since)} 起等待时间戳，暂不能封存。",
            f"A document has waited for its time-stamp since {since.isoformat()}; sealing waits for it.",
            409,
            field="timestamps",
            hint_zh="付款不受影响；时间戳到齐后再封存。",
            hint_en="Paying goes on; seal when the time-stamps have come.",
        )


class PaymentListUnknown(NotFound):
    """There is no such payment list."""

    def __init__(self, list_id: str) -> None:
        super().__init__(
            f"没有付款清单「{list_id[:80]}」。",
            f"There is no payment list {list_id[:80]!r}.",
            code="payment_list_unknown",
            field="list_id",
        )


class PaymentLineUnknown(NotFound):
    """There is no such payment line."""

    def __init__(self, line_id: str) -> None:
        super().__init__(
            f"没有付款行「{line_id[:80]}」。",
            f"There is no payment line {line_id[:80]!r}.",
            code="payment_line_unknown",
            field="line",
        )


class PaymentLineOver(HubError):
    """The payment line is not to be paid: it bounced, or credits took all of it back."""

    def __init__(self, line_id: str, state: str) -> None:
        super().__init__(
            "payment_line_over",
            f"付款行「{line_id}」现为「{state}」，不能再付款或退回。",
            f"The payment line {line_id!r} is {state!r}; it cannot be paid or bounced.",
            409,
            field="line",
            hint_zh="已退回的，请按重开的付款行办理。",
            hint_en="If it bounced, use the line that was issued in its place.",
        )


class PaymentAmountDiffers(HubError):
    """What was paid is not what is owed."""

    def __init__(self, owed_fen: int, fen: int) -> None:
        super().__init__(
            "payment_amount_differs",
            f"应付 {yuan(owed_fen)} 元，所报 {yuan(fen)} 元，未登记。",
            f"{yuan(owed_fen)} CNY are owed, {yuan(fen)} CNY were reported; nothing was recorded.",
            409,
            field="amount_fen",
            hint_zh="请核对凭证；多付少付请先与收款方更正。",
            hint_en="Compare the proof; put over- or underpayment right with the payee first.",
        )


class PaymentContradicts(HubError):
    """The line was paid before, by another proof."""

    def __init__(self, line_id: str) -> None:
        super().__init__(
            "payment_contradicts",
            f"付款行「{line_id}」已按另一凭证登记付款，未重复登记。",
            f"The payment line {line_id!r} was recorded as paid with another proof; nothing was recorded.",
            409,
            field="bank_reference",
            hint_zh="请核对是否重复付款。",
            hint_en="Find out whether it was paid twice.",
        )


class VoucherRedeemed(HubError):
    """A voucher share of this line was redeemed by another line."""

    def __init__(self, line_id: str) -> None:
        super().__init__(
            "voucher_redeemed",
            f"付款行「{line_id}」所含创新券已由其他付款行兑付，未登记。",
            f"Vouchers of the payment line {line_id!r} were redeemed by another line; nothing was recorded.",
            409,
            field="line",
            hint_zh="请联系管理人员核查。",
            hint_en="Have it examined.",
        )


class LineNotPosted(HubError):
    """Only what was posted is corrected by a credit."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            "line_not_posted",
            f"行 {line_id} 尚未入账，不用红字更正。",
            f"Line {line_id} was not posted; no credit is needed.",
            409,
            field="line_id",
            hint_zh="入账前请退回该行并改正。",
            hint_en="Before posting, return the line and correct it.",
        )


class CreditExists(HubError):
    """The line was credited before, or a credit waits for the second person."""

    def __init__(self, line_id: int) -> None:
        super().__init__(
            "credit_exists",
            f"行 {line_id} 已有红字更正。",
            f"Line {line_id} has a credit already.",
            409,
            field="line_id",
            hint_zh="一行只更正一次；请查看已有的更正。",
            hint_en="A line is credited once; look at the credit that stands.",
        )


class CreditUnknown(NotFound):
    """There is no such credit."""

    def __init__(self, credit_id: int) -> None:
        super().__init__(
            f"没有红字更正 {credit_id}。",
            f"There is no credit {credit_id}.",
            code="credit_unknown",
            field="credit_id",
        )


class CreditDecided(HubError):
    """The credit was issued or refused before."""

    def __init__(self) -> None:
        super().__init__(
            "credit_decided",
            "该红字更正已办结。",
            "This credit was decided before.",
            409,
            field="credit_id",
            hint_zh="请刷新查看结果。",
            hint_en="Read it again.",
        )


class RedemptionCaseUnknown(NotFound):
    """There is no such open case."""

    def __init__(self, case_id: int) -> None:
        super().__init__(
            f"没有待处理的兑付结果 {case_id}。",
            f"There is no open redemption case {case_id}.",
            code="redemption_case_unknown",
            field="case_id",
        )
