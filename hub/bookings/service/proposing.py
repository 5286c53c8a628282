"""Proposals of other terms: written before the move that opens them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.bookings.models import Booking, Proposal

LONGEST = timedelta(days=30)
"""No proposal keeps two times from everybody else for longer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed; what is None stays as it is."""

    slot: tuple[datetime, datetime] | None = None
    due_on: date | None = None
    fee_fen: int | None = None
    service_mode: str | None = None
    reason: str | None = None
    text: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return (self.slot, self.due_on, self.fee_fen, self.service_mode) == (None, None, None, None)


def latest(terms: Terms, now: datetime) -> datetime:
    """Until when a proposal may stay open at most: its own time must not have begun."""
    longest = now + LONGEST
    return longest if terms.slot is None else min(longest, terms.slot[0])


def write(
    session: Session,
    booking: Booking,
    side: str,
    terms: Terms,
    *,
    until: datetime,
    now: datetime,
    remote_id: str | None = None,
) -> Proposal:
    """The booking's next proposal, open until then or `latest`. Not safe to repeat; the booking is locked."""
    highest = session.scalar(select(func.max(Proposal.number)).where(Proposal.booking_id == booking.id))
    start, end = terms.slot or (None, None)
    made = Proposal(
        booking_id=booking.id,
        number=(highest or 0) + 1,
        side=side,
        state="open",
        starts_at=start,
        ends_at=end,
        due_on=terms.due_on,
        fee_fen=terms.fee_fen,
        service_mode=terms.service_mode,
        reason=terms.reason,
        text=terms.text,
        remote_id=remote_id,
        until=min(until, latest(terms, now)),
        made_at=now,
    )
    session.add(made)
    session.flush()
    return made
