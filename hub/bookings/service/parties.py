"""Who a booking belongs to: as the access matrix sees it, and as feeds and webhooks filter it."""

from hub.bookings.models import Booking
from hub.identity.rules import Subject


def subject_of(booking: Booking) -> Subject:
    """The booking as the access matrix sees it."""
    return Subject(
        enterprise_id=booking.enterprise_id,
        institution_id=booking.institution_id,
        station_province=booking.province,
        operator_id=booking.operator_id,
        home_area=booking.home_area,
        person_ids=frozenset() if booking.person_id is None else frozenset({booking.person_id}),
        state=booking.state,
        name=f"booking:{booking.id}",
    )


def parties_of(booking: Booking) -> list[str]:
    """Whose events the booking's are: what feeds and webhooks filter by."""
    told = [f"enterprise:{booking.enterprise_id}", f"province:{booking.province}"]
    return told if booking.institution_id is None else [*told, f"institution:{booking.institution_id}"]
