"""What follows when a payment changes: its booking shows how it stands, and the checks before redeeming look again."""

from datetime import datetime

from hub.bookings.errors import BookingUnknown
from hub.bookings.service import moving
from hub.bookings.service.effects import paying
from hub.core.db import Database
from hub.settlement.service import redeeming


def mirror(database: Database, reference: str, *, now: datetime) -> bool:
    """Let the booking show its payment; whether it says something else now. Safe to repeat; nothing for what is no booking."""
    with database.write() as session:
        redeeming.settle_order(session, reference, now=now)
    with database.write() as session:
        try:
            booking = moving.lock(session, reference)
        except BookingUnknown:
            return False
        if not paying.mirror(session, booking):
            return False
        booking.updated_at = now
        return True
