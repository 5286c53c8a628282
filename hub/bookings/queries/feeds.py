"""What a person's calendar shows: their own bookings, or those that their station or institution answers for."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from hub.bookings.models import Booking, CalendarFeed
from hub.bookings.queries.books import reach
from hub.bookings.rules import sides
from hub.identity.rules import INSTITUTION_MANAGER, Principal

PAST, MOST = timedelta(days=60), 1000
"""How far back a calendar looks, and the most events it holds."""

_NEVER = ("none", "draft")


def feed_of(
    session: Session, *, grant_id: int | None = None, token_hash: str | None = None
) -> CalendarFeed | None:
    """The feed of a grant, or the one that a token opens."""
    if grant_id is not None:
        return session.get(CalendarFeed, grant_id)
    return session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == token_hash))


def feed_rows(session: Session, principal: Principal, *, now: datetime) -> list[Booking]:
    """Bookings with a time or a day that are the principal's own, the newest `MOST`; ended ones stay for `PAST`.

    An enterprise's person sees those that they asked for or were handed; the provider those that their side answers for;
    an institution's manager every booking on its instruments, whoever answers for it.
    """
    side = sides.side_of(principal)
    own = Booking.applicant == principal.name
    if principal.role == INSTITUTION_MANAGER:
        own = true()
    elif side == "provider":
        own = Booking.responsible == sides.acting_as(principal)
    since = now - PAST
    query = (
        select(Booking)
        .where(reach(principal), own, Booking.state.not_in(_NEVER))
        .where(or_(Booking.starts_at >= since, Booking.due_on >= since.date()))
        .order_by(Booking.starts_at.desc(), Booking.id)
        .limit(MOST)
    )
    return [] if side not in {"enterprise", "provider"} else list(session.scalars(query))
