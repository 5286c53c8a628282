"""Usage across an area's border, in and out, by class of instrument and by the other side's city."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub.settlement.models import OrderRow, RatedLine

NOT_LIVE = ("returned", "withdrawn")
Way = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Usage of one class or with one city: `code` ("" where it is not known), lines, fen of fees and of vouchers."""

    code: str
    lines: int
    fee_fen: int
    voucher_fen: int


def by_class(session: Session, area: str, way: Way, since: datetime) -> list[Flow]:
    """By the highest class of the instrument (two digits of its code), the largest fee first."""
    code = OrderRow.facts["instrument_class"].as_string()
    return _grouped(session, func.substr(code, 1, 2), area, way, since)


def by_city(session: Session, area: str, way: Way, since: datetime) -> list[Flow]:
    """By the other side's city (four digits of its area), the largest fee first."""
    other = "owner_area" if way == "out" else "home_area"
    return _grouped(session, func.substr(OrderRow.facts[other].as_string(), 1, 4), area, way, since)


def _grouped(session: Session, key: ColumnElement[str], area: str, way: Way, since: datetime) -> list[Flow]:
    """`out`: enterprises of the area (a prefix) elsewhere; `in`: others' enterprises here."""
    own, other = ("home_area", "owner_area") if way == "out" else ("owner_area", "home_area")
    mine, theirs = OrderRow.facts[own].as_string(), OrderRow.facts[other].as_string()
    group = func.coalesce(key, "").label("code")
    rows = session.execute(
        select(group, func.count(), func.sum(RatedLine.fee_fen), func.sum(RatedLine.voucher_fen))
        .select_from(RatedLine)
        .join(OrderRow, OrderRow.reference == RatedLine.reference)
        .where(
            RatedLine.state.not_in(NOT_LIVE),
            RatedLine.rated_at >= since,
            mine.startswith(area, autoescape=True),
            ~theirs.startswith(area, autoescape=True),
        )
        .group_by("code")
    )
    found = [Flow(code, int(count), int(fee), int(voucher)) for code, count, fee, voucher in rows]
    return sorted(found, key=lambda each: (-each.fee_fen, each.code))
