"""What settlement is told of a booking, for the checks before a voucher is redeemed: it lies below and reads nothing here."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.bookings.service.acting import Move
from hub.settlement.service import redeeming


def tell(made: Move) -> None:
    """Tell what the move has changed: how it was booked, that it is completed, its report, its dispute."""
    booking, command = made.booking, made.transition.command
    if command == "complete":
        _tell(made, "booked", booking.channel, {"booking": booking.number})
        _tell(made, "completed", booking.state, {"booking": booking.number, "revision": booking.revision})
        if made.transition.source == "service_done":
            _tell(made, "report", "due" if booking.document.get("needs_report") else "not_due", {})
    elif command == "deliver":
        told: dict[str, object] = {
            name: made.detail[name] for name in ("version", "sha256") if name in made.detail
        }
        _tell(made, "report", "delivered", told)
    else:
        _tell(made, "dispute", "open" if booking.is_disputed else "closed", {"revision": booking.revision})


def tell_rating(session: Session, booking: Booking, stars: int, *, now: datetime) -> None:
    """The enterprise has rated the service, or changed its rating."""
    redeeming.tell(session, booking.id, "rating", str(stars), at=now, evidence={"booking": booking.number})


def _tell(made: Move, thing: redeeming.Thing, state: str, evidence: dict[str, object]) -> None:
    redeeming.tell(made.session, made.booking.id, thing, state, at=made.now, evidence=evidence)
