"""What the hub does by itself when a deadline is over: give up, let lapse, expire, complete, raise the alarm."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.bookings import rules
from hub.bookings.models import Booking
from hub.bookings.service import cases, moving, points
from hub.bookings.service.acting import Actor
from hub.bookings.service.moving import Given
from hub.core import due
from hub.core.db import Database

_COMMANDS = {
    "submitted": "fail_forward",
    "forward_unknown": "fail_forward",
    "forwarded": "expire",
    "reschedule_proposed": "lapse",
    "cancelling": "confirm_cancel",
    "service_done": "complete",
    "report_delivered": "complete",
}
_REASONS = {"fail_forward": "delivery_failed", "expire": "answer_overdue"}


def run_due(database: Database, *, now: datetime, size: int = due.PAGE) -> int:
    """Act on every booking whose deadline is over, each in a transaction of its own; how many. Safe to repeat.

    Raises an `ExceptionGroup` of what could not be done, after all others were.
    """

    def act_alone(booking_id: str) -> None:
        with database.write() as session:
            act(session, booking_id, now=now)

    return due.act_on_due(database, _due(now), (Booking.timer_at, Booking.id), act_alone, size=size)


def late(session: Session, now: datetime) -> int:
    """How many deadlines were over long before this instant and are still not acted on."""
    return session.scalar(select(func.count()).select_from(_due(now - due.LATE).subquery())) or 0


def _due(now: datetime) -> Select[datetime | None, str]:
    return select(Booking.timer_at, Booking.id).where(Booking.timer_at <= now)


def act(session: Session, booking_id: str, *, now: datetime) -> str | None:
    """Do what a booking's deadline asks for, if it is over; the command. Safe to repeat."""
    booking = moving.lock(session, booking_id)
    if booking.timer_at is None or booking.timer_at > now:
        return None
    command = _COMMANDS.get(booking.state)
    if command is None:
        if booking.undo != "open":
            booking.timer_at = None
            return None
        if rules.MACHINE.find(booking.state, "stick", "system") is None:
            _stay_stuck(session, booking, now=now)
            return None
        command = "stick"
    if booking.is_disputed and command == "complete":
        booking.timer_at = None  # goes on when the dispute is decided
        return None
    given = Given(reason=_REASONS.get(command))
    moving.move(session, booking, command, Actor.system(), given, now=now)
    points.reach("mid_compensation")
    if command == "confirm_cancel" and booking.undo == "open":
        moving.move(session, booking, "stick", Actor.system(), now=now)
    return command


def _stay_stuck(session: Session, booking: Booking, *, now: datetime) -> None:
    """A booking that was stuck already was told to be cancelled once more, in vain: it is with a person again, or still."""
    booking.undo, booking.timer_at = "stuck", None
    about = {"state": booking.state, "remote_id": booking.remote_id}
    cases.open_case(session, "compensation_stuck", booking.province, booking.id, about, now=now)
