"""Bookings as files for the provider: the province's own sheet and a calendar, so that nothing is typed twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from adapters.contract import Sheet
from adapters.errors import Unsupported
from hub.bookings import wire
from hub.bookings.errors import SheetMissing
from hub.bookings.models import Booking
from hub.bookings.rules import sides
from hub.bookings.service import showing
from hub.identity.errors import NotAllowed
from hub.identity.rules import Principal


def write(
    session: Session,
    principal: Principal,
    booking_ids: Sequence[str],
    kind: Literal["sheet", "calendar"],
    *,
    adapters: Mapping[str, Any],
    now: datetime,
) -> Sheet:
    """Bookings of one province in its own columns (XLSX), or as iCalendar, in the order asked for. For the provider only.

    Raises `BookingUnknown`, `NotAllowed`, and `SheetMissing` for none, for several provinces, and for one without columns.
    """
    if sides.side_of(principal) != "provider":
        raise NotAllowed(principal.name, "booking.read", "sheet")
    held: list[Booking] = [showing.visible(session, principal, each, now=now) for each in booking_ids]
    provinces = {booking.province for booking in held}
    if len(provinces) != 1:
        raise SheetMissing
    adapter = adapters.get(provinces.pop())
    if adapter is None:
        raise SheetMissing
    orders = [wire.order_of(booking) for booking in held]
    try:
        made: Sheet = adapter.booking_sheet(orders) if kind == "sheet" else adapter.booking_calendar(orders)
    except Unsupported as fault:
        raise SheetMissing from fault
    return made
