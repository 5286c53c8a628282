"""Claims for rebates and owner subsidies as they are kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.settlement.models import OrderRow, RatedLine
from hub.settlement.models.redeeming import Claim, ClaimLine
from hub.settlement.rules import covers

PAID_STATES = ("ready", "batched", "settled")
"""States of a rated line whose own share is settled and whose checks hold."""

TAKEN = ("approved", "listed", "paid")
"""States in which a claim has taken from the budget and the caps."""


@dataclass(frozen=True, slots=True)
class PayableClaim:
    """An agreed claim that waits for a payment list. `orders` are the numbers that people read."""

    claim_id: str
    programme_id: str
    version: int
    kind: str
    payee_kind: str
    payee_id: str
    fen: int
    year: int
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """A claim as it is kept; `document` is `{items: […], steps: […]}`."""

    id: str
    programme_id: str
    version: int
    kind: str
    payer_area: str
    year: int
    payee_kind: str
    payee_id: str
    base_fen: int
    fen: int
    state: str
    document: Mapping[str, Any]
    applied_by: str
    applied_at: datetime
    first_by: str | None
    first_at: datetime | None
    second_by: str | None
    second_at: datetime | None
    reason: str | None
    paid_at: datetime | None


def payable_claims(session: Session, payer_area: str, programme_id: str) -> list[PayableClaim]:
    """The agreed claims that one authority owes by one programme and that are on no payment list, the oldest first."""
    mine = select(Claim).where(
        Claim.payer_area == payer_area, Claim.programme_id == programme_id, Claim.state == "approved"
    )
    return [
        PayableClaim(
            row.id,
            row.programme_id,
            row.version,
            row.kind,
            row.payee_kind,
            row.payee_id,
            row.fen,
            row.year,
            tuple(item["order_number"] for item in row.document["items"] if not item["reasons"]),
        )
        for row in session.scalars(mine.order_by(Claim.second_at, Claim.id))
    ]


def find_claim(session: Session, claim_id: str) -> HeldClaim | None:
    """One claim."""
    row = session.get(Claim, claim_id)
    return None if row is None else _held(row)


def claims_of(session: Session, payee_id: str, *, limit: int = 100) -> list[HeldClaim]:
    """What a party has claimed, the newest first."""
    mine = select(Claim).where(Claim.payee_id == payee_id)
    return [
        _held(row) for row in session.scalars(mine.order_by(Claim.applied_at.desc(), Claim.id).limit(limit))
    ]


def claims_for(session: Session, area: str, *, is_open: bool, limit: int = 100) -> list[HeldClaim]:
    """The claims that an office decides about: of its area and those below it. `area` six digits (empty: all); the oldest first."""
    states = ("applied", "checked") if is_open else ("approved", "listed", "paid", "refused")
    order = Claim.applied_at if is_open else Claim.applied_at.desc()
    rows = session.scalars(select(Claim).where(Claim.state.in_(states)).order_by(order, Claim.id).limit(1000))
    return [_held(row) for row in rows if not area or covers(area, row.payer_area)][:limit]


def paid_lines(
    session: Session, *, enterprise_id: str | None = None, institution_id: str | None = None
) -> list[tuple[RatedLine, OrderRow]]:
    """Rated lines of a party whose own share is settled, with what was decided for their orders; by line."""
    mine = (
        select(RatedLine, OrderRow)
        .join(OrderRow, OrderRow.reference == RatedLine.reference)
        .where(RatedLine.state.in_(PAID_STATES))
    )
    if enterprise_id is not None:
        mine = mine.where(RatedLine.enterprise_id == enterprise_id)
    if institution_id is not None:
        mine = mine.where(RatedLine.institution_id == institution_id)
    return [(line, row) for line, row in session.execute(mine.order_by(RatedLine.id)).all()]


def claims_of_lines(session: Session, line_ids: Collection[int]) -> dict[int, list[str]]:
    """Line → the claims that it is or was in, the oldest first."""
    mine = (
        select(ClaimLine.line_id, Claim.id)
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .where(ClaimLine.line_id.in_(line_ids))
    )
    found: dict[int, list[str]] = {}
    for line_id, claim_id in session.execute(mine.order_by(Claim.applied_at, Claim.id)):
        found.setdefault(line_id, []).append(claim_id)
    return found


def claimed_lines(session: Session, programme_id: str, line_ids: Iterable[int]) -> dict[int, str]:
    """Line → the live claim of this programme that it is in."""
    mine = select(ClaimLine.line_id, ClaimLine.claim_id).where(
        ClaimLine.programme_id == programme_id, ClaimLine.line_id.in_(list(line_ids)), ClaimLine.is_live
    )
    return {row.line_id: row.claim_id for row in session.execute(mine)}


def claimed_by_instrument(session: Session, programme_id: str, payee_id: str, year: int) -> dict[str, int]:
    """What agreed claims of a payee have taken per instrument in a year, in fen."""
    mine = (
        select(ClaimLine.instrument_id, func.sum(ClaimLine.fen))
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .where(
            Claim.programme_id == programme_id,
            Claim.payee_id == payee_id,
            Claim.year == year,
            Claim.state.in_(TAKEN),
            ClaimLine.is_live,
            ClaimLine.instrument_id.is_not(None),
        )
        .group_by(ClaimLine.instrument_id)
    )
    return {str(name): int(fen) for name, fen in session.execute(mine).all()}


def _held(row: Claim) -> HeldClaim:
    return HeldClaim(**{name: getattr(row, name) for name in HeldClaim.__slots__})
