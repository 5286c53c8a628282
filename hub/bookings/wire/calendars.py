"""Bookings as an iCalendar file (RFC 5545): times and instruments, no person, no sample, no party."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from icalendar import Calendar, Event

import schemas
from hub.bookings.models import Booking

MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)
"""How often a calendar is asked to look again."""

_STATUS = {
    **dict.fromkeys(
        ("cancelled", "rejected", "expired", "forward_failed", "compensation_stuck"), "CANCELLED"
    ),
    **dict.fromkeys(
        ("submitted", "forward_unknown", "forwarded", "reschedule_proposed", "cancelling"), "TENTATIVE"
    ),
}


def calendar(bookings: Sequence[Booking], *, name: str, public_url: str) -> bytes:
    """The calendar of `bookings`; those without time and day are left out.

    A booking keeps its UID, the same as in the file for stations; its revision is the SEQUENCE, so that a calendar
    that comes back sees it move or vanish. Instants are in UTC.
    """
    made = Calendar()
    made.add("prodid", "-//江仪汇//bookings//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})  # RFC 7986, 5.7
    for booking in bookings:
        event = _event(booking, public_url)
        if event is not None:
            made.add_component(event)
    content: bytes = made.to_ical()
    return content


def _event(booking: Booking, public_url: str) -> Event | None:
    event = Event()
    if booking.starts_at is not None and booking.ends_at is not None:
        event.add("dtstart", booking.starts_at.astimezone(UTC))
        event.add("dtend", booking.ends_at.astimezone(UTC))
    elif booking.due_on is not None:
        event.add("dtstart", booking.due_on)
        event.add("transp", "TRANSPARENT")
    else:
        return None
    state = schemas.codes("booking_state")[booking.state].zh
    held = booking.document
    event.add("uid", f"{booking.id}@jiangyihui")
    event.add("sequence", booking.revision)
    event.add("dtstamp", booking.updated_at.astimezone(UTC))
    event.add("last-modified", booking.updated_at.astimezone(UTC))
    event.add("summary", f"{held['instrument']['name']}（{state}）")
    event.add("description", f"预约 {booking.number}，{state}")
    event.add("location", held.get("institution", held["station"])["name"])
    event.add("url", f"{public_url}/bookings/{booking.id}")
    event.add("status", _STATUS.get(booking.state, "CONFIRMED"))
    return event
