"""Cases and stuck messages as the hub's own API tells them: what happened, and what may be done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.bookings.models import Booking, Case, Delivery, Wish
from hub.core.clock import SHANGHAI

Document = dict[str, Any]

_BY_HAND = ("acknowledge", "prove_absent", "fail_forward")
"""Commands that a person gives once they have asked the province by telephone."""


def case_document(case: Case, about: Mapping[str, tuple[str, str]]) -> Document:
    """A case; `about` says in both languages what its kind is."""
    zh, en = about[case.kind]
    told: Document = {
        "id": case.id,
        "kind": case.kind,
        "title_zh": zh,
        "title_en": en,
        "province": case.province,
        "booking_id": case.booking_id,
        "state": case.state,
        "detail": case.detail,
        "opened_at": _instant(case.opened_at),
        "seen": case.seen,
        "closed_at": _instant(case.closed_at),
        "resolution": case.resolution,
    }
    return {name: value for name, value in told.items() if value is not None}


def delivery_document(delivery: Delivery, booking: Booking) -> Document:
    """A message whose outcome is unknown or that is left to a person."""
    told: Document = {
        "id": delivery.id,
        "booking_id": booking.id,
        "booking_number": booking.number,
        "booking_state": booking.state,
        "province": delivery.province,
        "kind": delivery.kind,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "lookups": delivery.lookups,
        "sent_at": _instant(delivery.sent_at),
        "due_at": _instant(delivery.due_at),
        "deadline": _instant(delivery.deadline),
        "last_error": delivery.last_error,
        "actions": ["retry", *(_BY_HAND if booking.state == "forward_unknown" else ())],
    }
    return {name: value for name, value in told.items() if value is not None}


def wish_document(wish: Wish) -> Document:
    """An entry of the waiting list."""
    told: Document = {
        "id": wish.id,
        "instrument_id": wish.instrument_id,
        "from": _instant(wish.from_at),
        "until": _instant(wish.until_at),
        "minutes": wish.minutes,
        "state": wish.state,
        "made_at": _instant(wish.made_at),
        "offer_until": _instant(wish.offer_until),
    }
    if wish.offered_start is not None and wish.offered_end is not None:
        told["offered"] = {"start": _instant(wish.offered_start), "end": _instant(wish.offered_end)}
    return {name: value for name, value in told.items() if value is not None}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).isoformat()
