"""Bookings as documents, events and orders, and as the pure rules see them; the only place that knows field names."""

from hub.bookings.wire.calendars import MEDIA_TYPE as CALENDAR
from hub.bookings.wire.calendars import calendar
from hub.bookings.wire.documents import booking_document, event, receipt_document, stored_answer
from hub.bookings.wire.orders import order_from_document, order_message, order_of, order_to_document
from hub.bookings.wire.reading import (
    evidence_of,
    facts_of,
    instant,
    slot_of,
    terms_of,
    times_of,
    usage_document,
)
from hub.bookings.wire.troubles import case_document, delivery_document, wish_document

__all__ = [
    "CALENDAR", "booking_document", "calendar", "case_document", "delivery_document", "event", "evidence_of", "facts_of", "instant", "order_from_document", "order_message", "order_of", "order_to_document",
    "receipt_document", "slot_of", "stored_answer", "terms_of", "times_of",
    "usage_document", "wish_document",
]  # fmt: skip
