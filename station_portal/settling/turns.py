"""Whose turn it is with a batch or a payment, what is to be done, and by when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from hub.core.clock import SHANGHAI
from hub.identity import rules as identity
from hub.identity.rules import Principal
from hub.settlement.queries.periods import BatchShown
from hub.settlement.rules.periods import terms
from station_portal import wording
from station_portal.i18n import Language


@dataclass(frozen=True, slots=True)
class Turn:
    """The next step: who, what, until when (`by` None: as soon as they can), and whether it is the reader's."""

    who: str
    what: str
    by: datetime | None
    is_mine: bool


def turn_of(
    batch: BatchShown,
    me: Principal,
    language: Language,
    *,
    cutoff_at: datetime | None = None,
    payers: Collection[str] = (),
) -> Turn | None:
    """The batch's next step; None when nothing is to be done any more. `payers` are the areas that still owe of it."""
    visited, home = (
        language("%(name)s财务", name=wording.short_province(code, language))
        for code in (batch.visited, batch.home)
    )
    hub = language("枢纽")
    given = terms()
    budget_end = _year_end(batch.period_id)
    told: dict[str, tuple[str, str, datetime | None, str]] = {
        "open": (hub, language("到期截止并核算"), cutoff_at, ""),
        "closing": (hub, language("核算"), None, ""),
        "calculated": (visited, language("核对后提交复核"), None, batch.visited),
        "under_review": (
            home,
            language("逐行复核：退回有问题的行，或整批同意"),
            batch.review_until,
            batch.home,
        ),
        "returned": (visited, language("更正退回的行后重新提交"), batch.review_until, batch.visited),
        "agreed": (
            hub,
            language("记账并出具对账单与付款清单；此前双方均可撤回"),
            None if batch.agreed_at is None else batch.agreed_at + given.post_after,
            "",
        ),
        "posted": (_payers(payers, language) or home, language("按付款清单付款并登记凭证"), budget_end, ""),
        "paid": (visited, language("确认收款并封存"), None, batch.visited),
    }
    if batch.state not in told:
        return None
    who, what, by, province = told[batch.state]
    is_office = me.role in (identity.PROVINCE_FINANCE, identity.PROVINCE_STAFF)
    mine = me.province == province if province else batch.state == "posted" and _pays(me, payers)
    return Turn(who, what, by, is_mine=is_office and mine)


def payment_turn(state: str, payer: str, year: int, me: Principal, language: Language) -> Turn | None:
    """A payment line's next step: the payer pays it; None when it is over."""
    if state not in ("due", "carried"):
        return None
    is_office = me.role in (identity.PROVINCE_FINANCE, identity.CITY_FINANCE)
    return Turn(
        _payers([payer], language),
        language("付款并登记凭证，或登记退回"),
        _end_of(date(year, given_end(), 31) if given_end() == 12 else date(year + 1, given_end(), 28)),
        is_mine=is_office and _pays(me, [payer]),
    )


def _payers(areas: Collection[str], language: Language) -> str:
    """The offices that pay, by the names of their areas: a city's list is paid by the city."""
    separator = language("、")
    return separator.join(
        language("%(name)s财务", name=wording.name("area", area, language)) for area in sorted(areas)
    )


def _pays(me: Principal, areas: Collection[str]) -> bool:
    """Whether one of the areas is the reader's very own; a province may step in for its cities, and is not waited for."""
    return me.area is not None and me.area.ljust(6, "0") in areas


def given_end() -> int:
    """The month in which a budget year ends."""
    return terms().budget_year_ends


def _year_end(period_id: str) -> datetime:
    year = int(period_id[:4])
    return _end_of(date(year, 12, 31) if given_end() == 12 else date(year + 1, given_end(), 28))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), SHANGHAI).astimezone(UTC)
