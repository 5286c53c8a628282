"""What can be wrong with a quote, and what stands against a booking."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import schemas
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError, NotFound
from hub.settlement.money import yuan


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


class QuoteUnknown(NotFound):
    """No quote is held under this name, or it was given to somebody else."""

    def __init__(self, quote_id: str) -> None:
        super().__init__(
            f"没有标识为「{quote_id}」的报价。",
            f"There is no quote {quote_id!r}.",
            code="quote_unknown",
            field="quote_id",
        )


class QuoteMismatch(HubError):
    """The booking asks for something else than the quote was given for."""

    def __init__(self, quote_id: str) -> None:
        super().__init__(
            "quote_mismatch",
            f"报价 {quote_id} 针对的仪器、时段、项目或样品与本次提交不同。",
            f"The quote {quote_id} was given for another instrument, slot, items or samples.",
            409,
            field="quote_id",
            hint_zh="请按所提交的内容重新获取报价。",
            hint_en="Ask for a quote for what is submitted.",
        )


class QuoteExpired(HubError):
    """The quote's time is over; a new one is asked for and agreed to first."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            "quote_expired",
            f"报价已于 {_shown(at)} 过期。",
            f"The quote expired at {_shown(at)}.",
            409,
            field="quote_id",
            hint_zh="请重新获取报价并确认费用。",
            hint_en="Ask for a new quote and agree to its fee.",
        )


class FeeChanged(HubError):
    """The tariff in force gives another fee than the quote; `quote_id` names the new quote, which is stored.

    Whoever wants to keep the new quote (and the claim) commits before this leaves the transaction.
    """

    def __init__(self, old_fen: int, new_fen: int | None, quote_id: str) -> None:
        self.old_fen, self.new_fen, self.quote_id = old_fen, new_fen, quote_id
        new_zh = "改为面议" if new_fen is None else f"变为 {yuan(new_fen)} 元"
        new_en = "is now on request" if new_fen is None else f"is now CNY {yuan(new_fen)}"
        super().__init__(
            "fee_changed",
            f"收费标准已更新，费用由 {yuan(old_fen)} 元{new_zh}。",
            f"The tariff has changed: the fee was CNY {yuan(old_fen)} and {new_en}.",
            409,
            field="quote_id",
            hint_zh=f"请确认新的报价 {quote_id} 后再提交。",
            hint_en=f"Agree to the new quote {quote_id} and submit again.",
        )


class TariffUnknown(NotFound):
    """Nobody has published a fee for this instrument."""

    def __init__(self, instrument_id: str) -> None:
        super().__init__(
            f"仪器「{instrument_id}」没有公布收费标准，费用面议。",
            f"No tariff is published for {instrument_id!r}; its fee is on request.",
            code="tariff_unknown",
            field="id",
        )


class FeeOnRequest(HubError):
    """The quote names no fee: it is agreed by consultation before anything is booked."""

    def __init__(self) -> None:
        super().__init__(
            "fee_on_request",
            "本仪器尚无公布的收费标准，费用面议。",
            "No fee is published for this; it is given on request.",
            409,
            field="service_mode",
            hint_zh="请以咨询方式提交，由管理单位报价。",
            hint_en="Submit it as a consultation; the institution answers with a quote.",
        )


class NotEligible(HubError):
    """Something stands against the booking; `errors` lists every problem with code, field and words."""

    def __init__(self, problems: Sequence[Any]) -> None:
        first = problems[0]
        super().__init__(
            "not_eligible",
            f"不能预约：{first.zh}。",
            f"This cannot be booked: {first.en}.",
            422,
            field=first.field,
            errors=[
                {
                    "pointer": f"/{(problem.field or '').replace('.', '/')}",
                    "code": problem.code,
                    "zh": problem.zh,
                    "en": problem.en,
                }
                for problem in problems
            ],
            hint_zh=_ways_out(problems, "hint_zh", "；", "。"),
            hint_en=_ways_out(problems, "hint_en", "; ", "."),
        )


def _ways_out(problems: Sequence[Any], language: str, between: str, end: str) -> str | None:
    """What to do about each of the problems, each way once."""
    known = schemas.codes("eligibility_problem")
    ways = dict.fromkeys(known[problem.code].attributes[language] for problem in problems)
    return between.join(way for way in ways if way) + end if any(ways) else None
