"""Showing bookings to who may see them: the document with what this reader may do, and lists of short ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.bookings import queries, rules, wire
from hub.bookings.errors import BookingUnknown
from hub.bookings.models import Booking
from hub.bookings.rules import sides
from hub.bookings.service import moving
from hub.bookings.service.parties import subject_of
from hub.identity import rules as identity_rules
from hub.identity import service as identity
from hub.identity.errors import OtherParty
from hub.identity.rules import Principal

_FULL = frozenset({"enterprise", "provider", "province_staff", "hub_admin", "platform"})
"""Sides that see contact and samples; who only oversees sees the booking without them."""


def visible(session: Session, principal: Principal, booking_id: str, *, now: datetime) -> Booking:
    """A booking that the principal may see. Raises `BookingUnknown` also for one that is nobody else's business."""
    booking = session.scalar(select(Booking).where(Booking.id == booking_id))
    if booking is None:
        raise BookingUnknown(booking_id)
    try:
        identity.allow(session, principal, "booking.read", subject_of(booking), now=now)
    except OtherParty:
        raise BookingUnknown(booking_id) from None
    return booking


def show(session: Session, principal: Principal, booking_id: str, *, now: datetime) -> dict[str, Any]:
    """The booking as a `booking` document for this reader, with its timeline. Raises `BookingUnknown`."""
    booking = visible(session, principal, booking_id, now=now)
    seen = queries.seen(session, booking)
    facts = moving.facts(session, booking)
    document = wire.booking_document(
        booking,
        proposal=seen.proposal,
        transitions=seen.transitions,
        reports=[report for report in seen.reports if _may_see_report(principal, report.delivered_at)],
        downloads=seen.downloads,
        rating=seen.rating,
        actions=actions(session, principal, booking, now=now),
        turn_commands=rules.possible(facts, booking.turn_side, now)
        if booking.turn_side in rules.MACHINE.sides
        else (),
    )
    return _redacted(principal, document)


def actions(session: Session, principal: Principal, booking: Booking, *, now: datetime) -> tuple[str, ...]:
    """The commands that this reader may give now: by the machine and by the access matrix."""
    side = sides.side_of(principal)
    if side is None or side == "platform":
        return ()
    facts = moving.facts(session, booking)
    found = rules.possible(facts, side, now, acting_as=sides.acting_as(principal))
    subject = subject_of(booking)
    return tuple(name for name in found if identity_rules.may(principal, f"booking.{name}", subject))


def show_list(principal: Principal, page: queries.Page) -> list[dict[str, Any]]:
    """The rows of a list as short `booking` documents."""
    return [_redacted(principal, wire.booking_document(row)) for row in page.rows]


def channels(adapters: Mapping[str, Any]) -> dict[str, str]:
    """How each province is reached: over its platform's booking interface, or by its station in the portal."""
    return {
        code: "portal" if getattr(adapter, "bookings", None) is None else "platform"
        for code, adapter in adapters.items()
    }


def _redacted(principal: Principal, document: dict[str, Any]) -> dict[str, Any]:
    side = sides.side_of(principal)
    return schemas.redact("booking", document, "province" if side in _FULL else "public")


def _may_see_report(principal: Principal, delivered_at: datetime | None) -> bool:
    return delivered_at is not None or sides.side_of(principal) == "provider"
