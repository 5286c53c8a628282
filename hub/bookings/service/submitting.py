"""Asking for an instrument: draft, submit, and the booking entered at the counter.

A submit takes the slot, the quote, the booking, its first message to the province and its history in one transaction.
Eligibility is checked inside it, whatever a page or a quote said before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import queries as availability_queries
from hub.availability import service as availability
from hub.availability.errors import FeeChanged
from hub.availability.service import Asker
from hub.bookings import rules, wire
from hub.bookings.errors import RequestIncomplete, StationMissing
from hub.bookings.models import Booking
from hub.bookings.service import moving, waiting
from hub.bookings.service.acting import Actor
from hub.bookings.service.effects import claims
from hub.bookings.service.moving import Given
from hub.bookings.service.people import Party
from hub.catalog import queries as catalog
from hub.catalog.queries.shelf import HeldInstrument

DRAFT_HOLD = timedelta(minutes=15)
"""How long a slot is kept while the user looks at a changed fee."""


@dataclass(frozen=True, slots=True)
class Station:
    """The service station of the instrument's province, and how bookings reach it."""

    operator_id: str | None
    name: str
    channel: str


@dataclass(frozen=True, slots=True)
class Order:
    """Everything a new booking is made from. `applicant` is the principal who asked."""

    request: Mapping[str, Any]
    party: Party
    asker: Asker
    applicant: str
    person_id: str | None
    station: Station
    instrument: HeldInstrument


def save_draft(session: Session, order: Order, actor: Actor, *, now: datetime) -> Booking:
    """Keep a request for later. It holds nothing and nobody is told."""
    booking = _write(session, order, now)
    moving.move(session, booking, "save_draft", actor, now=now)
    return booking


def submit(
    session: Session, order: Order, actor: Actor, *, now: datetime, draft: Booking | None = None
) -> tuple[Booking, FeeChanged | None]:
    """Ask for the instrument, from a draft or at once. A changed fee is not an error here: the booking is then a draft
    that keeps its slot for `DRAFT_HOLD`, and the fact comes with it.

    Raises what the slot, the quote and eligibility refuse, `RequestIncomplete`, and the catalogue's errors.
    """
    request = order.request
    _check_complete(request)
    instrument_id = request["instrument_id"]
    availability.check_eligibility(session, order.asker, instrument_id, request, now=now)
    booking = draft or _made(session, order, now)
    if draft is not None:
        _refresh(session, draft, order, now)
    slot = wire.slot_of(request.get("slot"))
    if slot is not None:
        until = claims.hold_until(booking, now)
        availability.claim(session, instrument_id, slot, claim_id=booking.id, until=until, now=now)
    try:
        _hold_quote(session, booking, order, now)
    except FeeChanged as changed:
        booking.quote_id, booking.updated_at = changed.quote_id, now
        if slot is not None:
            availability.prolong(session, booking.id, now + DRAFT_HOLD, now=now)
        if draft is None:
            session.add(booking)
            moving.move(session, booking, "save_draft", actor, now=now)
        return booking, changed
    if slot is not None and draft is not None:  # a draft may have kept its slot for a quarter of an hour only
        availability.prolong(session, booking.id, claims.hold_until(booking, now), now=now)
    booking.submitted_at = now
    session.add(booking)
    moving.move(session, booking, "submit", actor, now=now)
    waiting.take(session, booking)
    return booking, None


def enter(session: Session, order: Order, actor: Actor, *, now: datetime) -> Booking:
    """A walk-in enterprise, entered by the provider's staff: accepted at once, the slot confirmed. Raises as `submit`."""
    booking = _write(session, order, now)
    booking.channel, booking.submitted_at = "counter", now
    booking.responsible = actor.acting_as or "station"
    slot = wire.slot_of(order.request.get("slot"))
    if slot is not None:
        availability.claim(
            session,
            booking.instrument_id,
            slot,
            claim_id=booking.id,
            until=claims.hold_until(booking, now),
            now=now,
            is_staff=True,
        )
    if "quote_id" in order.request:
        _hold_quote(session, booking, order, now)
    moving.move(session, booking, "enter", actor, Given(), now=now)
    waiting.take(session, booking)
    return booking


def _hold_quote(session: Session, booking: Booking, order: Order, now: datetime) -> None:
    quote_id = order.request.get("quote_id")
    if quote_id is None:
        return
    quote = availability.hold_quote(session, quote_id, order.request, asker=order.asker, now=now)
    booking.quote_id, booking.fee_fen = quote.id, quote.fee_fen
    due_on = quote.document.get("due_on")
    if due_on is not None and booking.due_on is None and booking.service_mode == "entrusted_test":
        booking.due_on = date.fromisoformat(due_on)


def _check_complete(request: Mapping[str, Any]) -> None:
    """What each service mode cannot do without."""
    mode = request["service_mode"]
    if mode == "machine_time" and "slot" not in request:
        raise RequestIncomplete("/request/slot", "机时租赁须选择时段。", "Machine time needs a slot.")
    if mode == "entrusted_test" and not request.get("samples"):
        raise RequestIncomplete(
            "/request/samples", "委托检测须填写样品。", "An entrusted test needs samples."
        )
    if mode == "entrusted_test" and not request.get("items"):
        raise RequestIncomplete(
            "/request/items", "委托检测须选择服务项目。", "An entrusted test needs service items."
        )
    if mode != "consultation" and "quote_id" not in request:
        raise RequestIncomplete(
            "/request/quote_id",
            "请先取得报价，确认费用后再提交。",
            "Ask for a quote and agree to its fee first.",
        )


def _write(session: Session, order: Order, now: datetime) -> Booking:
    booking = _made(session, order, now)
    session.add(booking)
    session.flush()
    return booking


def _made(session: Session, order: Order, now: datetime) -> Booking:
    """The booking before anything has happened to it, not yet written."""
    request = order.request
    instrument = order.instrument
    if order.station.operator_id is None and order.station.channel == "portal":
        raise StationMissing(instrument.province)
    return Booking(
        id=rules.new_booking_id(),
        number=rules.new_number(instrument.province, now),
        revision=0,
        state="none",
        payment="none",
        is_disputed=False,
        is_appealed=False,
        undo="none",
        responsible="station",
        province=instrument.province,
        channel=order.station.channel,
        instrument_id=instrument.id,
        institution_id=instrument.institution_id,
        operator_id=order.station.operator_id,
        enterprise_id=order.party.id,
        home_area=order.party.area,
        person_id=order.person_id,
        applicant=order.applicant,
        turn_side="enterprise",
        created_at=now,
        updated_at=now,
        **_asked(request),
        document={**_names(session, instrument, order), **_wanted(session, instrument.province, order, now)},
    )


def _refresh(session: Session, draft: Booking, order: Order, now: datetime) -> None:
    """A draft takes over what is submitted now."""
    for name, value in _asked(order.request).items():
        setattr(draft, name, value)
    draft.document = {**draft.document, **_wanted(session, draft.province, order, now)}


def _asked(request: Mapping[str, Any]) -> dict[str, Any]:
    slot = wire.slot_of(request.get("slot"))
    return {
        "service_mode": request["service_mode"],
        "starts_at": None if slot is None else slot.start,
        "ends_at": None if slot is None else slot.end,
        "due_on": date.fromisoformat(request["due_on"]) if "due_on" in request else None,
        "quote_id": request.get("quote_id"),
    }


def _wanted(session: Session, province: str, order: Order, now: datetime) -> dict[str, Any]:
    request = order.request
    booking_rules = availability_queries.booking_rules(session, request["instrument_id"], now=now)
    terms = rules.terms_of(province, now, cancel_minutes=booking_rules.cancel_minutes)
    kept = ("items", "samples", "purpose", "contact", "note")
    return {
        **{name: request[name] for name in kept if name in request},
        "terms": terms.as_document(),
        "needs_report": request["service_mode"] == "entrusted_test",
    }


def _names(session: Session, instrument: HeldInstrument, order: Order) -> dict[str, Any]:
    document = instrument.document
    told: dict[str, Any] = {
        "instrument": {"id": instrument.id, "name": document["name_zh"]},
        "native": {"unit_id": document["unit"]["id"], "internal_number": document["internal_number"]},
        "station": {"id": instrument.province, "name": order.station.name},
        "enterprise": {
            "name": order.party.name,
            "credit_code": order.party.credit_code,
            "area": order.party.area,
        },
    }
    if instrument.institution_id is not None:
        name = document["unit"].get("name") or _name_of(session, instrument.institution_id)
        told["institution"] = {"id": instrument.institution_id, "name": name}
    return told


def _name_of(session: Session, institution_id: str) -> str:
    held = catalog.find_institution(session, institution_id)
    return institution_id if held is None else str(held.document["name_zh"])
