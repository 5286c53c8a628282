"""Bookings that somebody may see: one with everything around it, lists newest first, and what waits for them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from hub.bookings.models import Booking, Download, Proposal, Rating, Report, Transition
from hub.identity import rules as identity
from hub.identity.rules import Principal


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking with everything that its page shows."""

    booking: Booking
    proposal: Proposal | None
    transitions: list[Transition]
    reports: list[Report]
    downloads: list[Download]
    rating: Rating | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list; `following` are the sort values behind which the next page begins."""

    rows: list[Booking]
    following: tuple[str, str] | None


def seen(session: Session, booking: Booking) -> Seen:
    """Everything around a booking that the caller may see."""
    reports = select(Report).where(Report.booking_id == booking.id).order_by(Report.version)
    downloads = (
        select(Download).join(Report, Report.id == Download.report_id).where(Report.booking_id == booking.id)
    )
    history = select(Transition).where(Transition.booking_id == booking.id).order_by(Transition.revision)
    open_one = select(Proposal).where(Proposal.booking_id == booking.id, Proposal.state == "open")
    return Seen(
        booking,
        session.scalar(open_one),
        list(session.scalars(history)),
        list(session.scalars(reports)),
        list(session.scalars(downloads)),
        session.get(Rating, booking.id),
    )


@dataclass(frozen=True, slots=True)
class Narrow:
    """What a list is narrowed to; None leaves it open. `due_before` is about the deadline of whose turn it is,
    `number` begins the booking's number."""

    mode: str | None = None
    due_before: datetime | None = None
    number: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on `Booking`."""
        wanted = []
        if self.mode is not None:
            wanted.append(Booking.service_mode == self.mode)
        if self.due_before is not None:
            wanted.append(Booking.turn_by < self.due_before)
        if self.number is not None:
            wanted.append(Booking.number.startswith(self.number, autoescape=True))
        return wanted


NOTHING = Narrow()
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""Where a booking without a deadline stands in the queue."""


def page(
    session: Session,
    principal: Principal,
    *,
    states: Collection[str] = (),
    instrument_id: str | None = None,
    narrow: Narrow = NOTHING,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Page:
    """What the principal may see, newest first; `before` is the last row of the page before (created, identifier)."""
    query = _visible(principal).order_by(Booking.created_at.desc(), Booking.id.desc())
    query = query.where(*narrow.conditions())
    if states:
        query = query.where(Booking.state.in_(states))
    if instrument_id is not None:
        query = query.where(Booking.instrument_id == instrument_id)
    if before is not None:
        at, booking_id = before
        query = query.where(
            or_(Booking.created_at < at, and_(Booking.created_at == at, Booking.id < booking_id))
        )
    rows = list(session.scalars(query.limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], None if last is None else (last.created_at.isoformat(), last.id))


def queue(
    session: Session,
    principal: Principal,
    side: str,
    *,
    responsible: str | None = None,
    states: Collection[str] = (),
    narrow: Narrow = NOTHING,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Page:
    """What waits for the principal's side, the nearest deadline first; what has none (a dispute, a question that was
    accepted) stands at the end.
    """
    deadline = func.coalesce(Booking.turn_by, literal(NEVER, Booking.turn_by.type))
    query = _visible(principal).where(Booking.turn_side == side)
    query = query.where(*narrow.conditions())
    if states:
        query = query.where(Booking.state.in_(states))
    if responsible is not None:
        query = query.where(Booking.responsible == responsible)
    if after is not None:
        at, booking_id = after
        query = query.where(or_(deadline > at, and_(deadline == at, Booking.id > booking_id)))
    rows = list(session.scalars(query.order_by(deadline, Booking.id).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], None if last is None else ((last.turn_by or NEVER).isoformat(), last.id))


def queue_counts(
    session: Session, principal: Principal, side: str, *, responsible: str | None = None, now: datetime
) -> dict[str, tuple[int, int]]:
    """State → how many bookings wait in it for the principal's side, and how many of them are past their deadline."""
    late = func.count().filter(Booking.turn_by < now)
    query = _visible(principal).with_only_columns(Booking.state, func.count(), late)
    query = query.where(Booking.turn_side == side).group_by(Booking.state)
    if responsible is not None:
        query = query.where(Booking.responsible == responsible)
    return {state: (count, overdue) for state, count, overdue in session.execute(query)}


def numbered(session: Session, principal: Principal, number: str) -> str | None:
    """The identifier of the booking with this number, if the principal may see it."""
    return session.scalar(_visible(principal).with_only_columns(Booking.id).where(Booking.number == number))


def numbers_of(session: Session, principal: Principal, booking_ids: Collection[str]) -> dict[str, str]:
    """Identifier → number for people, of those among the bookings that the principal may see."""
    mine = (
        _visible(principal).with_only_columns(Booking.id, Booking.number).where(Booking.id.in_(booking_ids))
    )
    return {row.id: row.number for row in session.execute(mine)}


def _visible(principal: Principal) -> Select[Booking]:
    return select(Booking).where(reach(principal))


def reach(principal: Principal) -> ColumnElement[bool]:
    """The same reach as `booking.read` in the access matrix, as a condition."""
    if principal.kind != "account":
        return Booking.province == principal.province
    role = principal.role
    if role in identity.ENTERPRISE_ROLES:
        return Booking.enterprise_id == principal.party_id
    if role in identity.INSTITUTION_ROLES:
        return Booking.institution_id == principal.party_id
    if role == identity.STATION_STAFF:
        return and_(Booking.operator_id == principal.party_id, Booking.province == principal.province)
    if role == identity.PROVINCE_STAFF and principal.province is not None:
        home = Booking.home_area.startswith(principal.province[:2], autoescape=True)
        return or_(Booking.province == principal.province, home)
    if role in {identity.BUREAU_STAFF, identity.AUDITOR} and principal.area is not None:
        area = Booking.home_area.startswith(principal.area, autoescape=True)
        return or_(area, Booking.province.startswith(principal.area, autoescape=True))
    return true() if role == identity.HUB_ADMIN else false()
