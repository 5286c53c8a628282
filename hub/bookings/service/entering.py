"""Who entered a booking at the counter: stays with the booking for both sides to see."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.models import Transition
from hub.identity import queries as identity


def entered_by(session: Session, booking_id: str) -> str | None:
    """The name of whoever entered the booking for the enterprise; None for one that the enterprise made itself.

    The caller has looked at the booking as somebody who may see it.
    """
    entry = select(Transition.actor).where(Transition.booking_id == booking_id, Transition.command == "enter")
    actor = session.scalar(entry)
    return None if actor is None else identity.display_name(session, actor) or actor
