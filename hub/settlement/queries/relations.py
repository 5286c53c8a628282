"""Registered ties between parties."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.settlement.models.redeeming import Tie
from hub.settlement.rules.relations import threshold

__all__ = ["HeldTie", "threshold", "ties_between"]


@dataclass(frozen=True, slots=True)
class HeldTie:
    """A tie as it is registered: two credit codes, a code of `relation_kind`, and who told it."""

    id: int
    one: str
    other: str
    kind: str
    source: str
    valid_from: date
    valid_until: date | None


def ties_between(session: Session, one: str | None, other: str | None, day: date) -> list[HeldTie]:
    """What ties two credit codes on that day, in either order; empty while one of them is not known."""
    if one is None or other is None or one == other:
        return []
    first, second = sorted((one, other))
    mine = select(Tie).where(
        Tie.one == first,
        Tie.other == second,
        Tie.valid_from <= day,
        or_(Tie.valid_until.is_(None), Tie.valid_until >= day),
    )
    return [
        HeldTie(row.id, row.one, row.other, row.kind, row.source, row.valid_from, row.valid_until)
        for row in session.scalars(mine.order_by(Tie.kind, Tie.valid_from))
    ]
