"""Registered ties between parties."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.settlement.models.redeeming import Tie
from hub.settlement.rules.relations import threshold

__all__ = ["HeldTie", "registered_ties", "threshold", "ties_between"]


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
    made_by: str
    made_at: datetime

    def holds_on(self, day: date) -> bool:
        """Whether the two are related on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


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
    return [_held(row) for row in session.scalars(mine.order_by(Tie.kind, Tie.valid_from))]


def registered_ties(
    session: Session,
    *,
    codes: Collection[str] | None = None,
    of: str | None = None,
    on: date | None = None,
    limit: int = 200,
) -> list[HeldTie]:
    """The register, the newest first: ties of any of `codes` (None: all), of the party `of`, that hold `on` a day."""
    mine = select(Tie)
    if codes is not None:
        mine = mine.where(or_(Tie.one.in_(codes), Tie.other.in_(codes)))
    if of is not None:
        mine = mine.where(or_(Tie.one == of, Tie.other == of))
    if on is not None:
        mine = mine.where(Tie.valid_from <= on, or_(Tie.valid_until.is_(None), Tie.valid_until >= on))
    return [_held(row) for row in session.scalars(mine.order_by(Tie.id.desc()).limit(limit))]


def _held(row: Tie) -> HeldTie:
    return HeldTie(**{name: getattr(row, name) for name in HeldTie.__slots__})
