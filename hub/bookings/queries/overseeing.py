"""Bookings as who oversees a city, a province or the belt sees them: from where to where, what is open, late or disputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.bookings.queries.books import Page, reach
from hub.identity.rules import Principal

_HOME = func.substr(Booking.home_area, 1, 2)
_OPEN = and_(Booking.ended_at.is_(None), Booking.state != "draft")


@dataclass(frozen=True, slots=True)
class Flow:
    """Bookings from enterprises of `home` to instruments of `visited` (six-digit provinces; `home` None: not known).

    `late` are open ones whose turn has passed, `expired` those that ended because nobody answered in time.
    """

    home: str | None
    visited: str
    total: int
    open: int
    late: int
    expired: int
    disputed: int

    @property
    def is_across(self) -> bool:
        """Whether the enterprise and the instrument belong to two provinces."""
        return self.home is not None and self.home != self.visited


@dataclass(frozen=True, slots=True)
class Overseen:
    """What a list is narrowed to; None and False leave it open."""

    home: str | None = None
    visited: str | None = None
    is_open: bool = False
    is_late: bool = False
    is_expired: bool = False
    is_disputed: bool = False

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """As conditions on `Booking`."""
        wanted: list[ColumnElement[bool]] = []
        if self.home is not None:
            wanted.append(Booking.home_area.startswith(self.home[:2], autoescape=True))
        if self.visited is not None:
            wanted.append(Booking.province == self.visited)
        if self.is_open:
            wanted.append(_OPEN)
        if self.is_late:
            wanted.append(_late(now))
        if self.is_expired:
            wanted.append(Booking.state == "expired")
        if self.is_disputed:
            wanted.append(Booking.is_disputed.is_(True))
        return wanted


def flows(session: Session, principal: Principal, *, since: datetime, now: datetime) -> list[Flow]:
    """Every pair of home and visited province within the principal's reach, the busiest first."""
    total = func.count()
    counts = [
        _count(rows)
        for rows in (_OPEN, _late(now), Booking.state == "expired", Booking.is_disputed.is_(True))
    ]
    query = (
        select(_HOME, Booking.province, total, *counts)
        .where(*_within(principal, since))
        .group_by(_HOME, Booking.province)
        .order_by(total.desc(), _HOME, Booking.province)
    )
    return [
        Flow(None if home is None else f"{home}0000", visited, *numbers)
        for home, visited, *numbers in session.execute(query)
    ]


def overseen(
    session: Session,
    principal: Principal,
    wanted: Overseen,
    *,
    since: datetime,
    now: datetime,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Page:
    """The bookings behind the counts of `flows`, newest first; `before` as in `books.page`."""
    query = select(Booking).where(*_within(principal, since), *wanted.conditions(now))
    if before is not None:
        at, booking_id = before
        query = query.where(
            or_(Booking.created_at < at, and_(Booking.created_at == at, Booking.id < booking_id))
        )
    query = query.order_by(Booking.created_at.desc(), Booking.id.desc()).limit(limit + 1)
    rows: Sequence[Booking] = session.scalars(query).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(list(rows[:limit]), None if last is None else (last.created_at.isoformat(), last.id))


def _within(principal: Principal, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Drafts are the enterprise's own affair until they are submitted."""
    return reach(principal), Booking.state != "draft", Booking.created_at >= since


def _late(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, Booking.turn_by < now)


def _count(rows: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((rows, 1), else_=0)), 0)
