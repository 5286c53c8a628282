"""Asking for an instrument: draft, submit, and the booking entered at the counter.

A submit takes the slot, the quote, the voucher's share, the booking, its first message to the province and its history in one transaction.
Eligibility is checked inside it, whatever a page or a quote said before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.availability.errors import FeeChanged
from hub.availability.service import Asker, Offer, Quote
from hub.bookings import rules, wire
from hub.bookings.errors import RequestIncomplete, StationMissing
from hub.bookings.models import Booking
from hub.bookings.service import moving, waiting
from hub.bookings.service.acting import Actor
from hub.bookings.service.effects import claims, vouchers
from hub.bookings.service.moving import Given
from hub.bookings.service.people import Party

KEPT = (
    "items", "samples", "purpose", "declaration", "contact", "note", "with_operator", "test_minutes",
)  # fmt: skip
"""What a booking keeps of its request, word for word."""

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
    offer: Offer


def save_draft(session: Session, order: Order, actor: Actor, *, now: datetime) -> Booking:
    """Keep a request for later. It holds nothing and nobody is told."""
    booking = _made(order, now)
    moving.move(session, booking, "save_draft", actor, now=now)
    return booking


def submit(
    session: Session, order: Order, actor: Actor, *, now: datetime, draft: Booking | None = None
) -> tuple[Booking, FeeChanged | None]:
    """Ask for the instrument, from a draft or at once. A changed fee is not an error here: the booking is then a draft
    that keeps its slot for `DRAFT_HOLD`, and the fact comes with it.

    Raises what the slot, the quote, the voucher and eligibility refuse, `RequestIncomplete`, and the catalogue's errors.
    """
    request, offer = order.request, order.offer
    _check_complete(request)
    availability.check_eligibility(offer, order.asker, request, now=now)
    booking = draft or _made(order, now)
    slot = wire.slot_of(request.get("slot"))
    if draft is not None:
        if slot != (draft.starts_at, draft.ends_at):  # it may have kept another one
            availability.release(session, draft.id, now=now)
        _refresh(draft, order, now)
    if slot is not None:
        until = claims.hold_until(booking, now)
        availability.claim(
            session, booking.instrument_id, slot, claim_id=booking.id, until=until, now=now, offer=offer
        )
    try:
        quote = _hold_quote(session, booking, order, now)
    except FeeChanged as changed:
        booking.quote_id, booking.updated_at = changed.quote_id, now
        if slot is not None:
            availability.prolong(session, booking.id, now + DRAFT_HOLD, now=now)
        if draft is None:
            moving.move(session, booking, "save_draft", actor, now=now)
        return booking, changed
    if slot is not None and draft is not None:  # a draft may have kept its slot for a quarter of an hour only
        availability.prolong(session, booking.id, claims.hold_until(booking, now), now=now)
    booking.submitted_at = now
    expected = 0 if quote is None else quote.voucher_fen
    vouchers.hold(session, booking, offer, expected_fen=expected, now=now)
    moving.move(session, booking, "submit", actor, now=now)
    waiting.take(session, booking)
    return booking, None


def enter(session: Session, order: Order, actor: Actor, *, now: datetime) -> Booking:
    """A walk-in enterprise, entered by the provider's staff: accepted at once, the slot confirmed. Raises as `submit`.

    The fee may be left open; what stands against the booking stands at the counter too.
    """
    availability.check_eligibility(order.offer, order.asker, order.request, now=now)
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
            offer=order.offer,
        )
    if "quote_id" in order.request:
        _hold_quote(session, booking, order, now)
    moving.move(session, booking, "enter", actor, Given(), now=now)
    waiting.take(session, booking)
    return booking


def _hold_quote(session: Session, booking: Booking, order: Order, now: datetime) -> Quote | None:
    quote_id = order.request.get("quote_id")
    if quote_id is None:
        return None
    quote = availability.hold_quote(
        session, quote_id, order.request, asker=order.asker, now=now, offer=order.offer
    )
    booking.quote_id, booking.fee_fen = quote.id, quote.fee_fen
    kept = {
        name: told for name, told in booking.document.items() if name not in {"fee_lines", "vat_permille"}
    }
    booking.document = {**kept, **_agreed(quote)}
    due_on = quote.document.get("due_on")
    if due_on is not None and booking.due_on is None and booking.service_mode == "entrusted_test":
        booking.due_on = date.fromisoformat(due_on)
    return quote


def _agreed(quote: Quote) -> dict[str, Any]:
    """What of the quote the order form will say: how the fee was reckoned, its tax, and when it is to be paid."""
    held = quote.document
    lines = [{"zh": each["text_zh"], "en": each["text_en"], "fen": each["fee_fen"]} for each in held["lines"]]
    tariff = held.get("tariff", {})
    return {
        "payment_due": tariff.get("payment_due", "after_report"),
        **({"vat_permille": tariff["vat_permille"]} if "vat_permille" in tariff else {}),
        **({"fee_lines": lines} if lines else {}),
    }


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
    booking = _made(order, now)
    session.add(booking)
    session.flush()
    return booking


def _made(order: Order, now: datetime) -> Booking:
    """The booking before anything has happened to it, not yet written."""
    request, instrument = order.request, order.offer.instrument
    order.offer.check_listed()
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
        document={**_names(order), **_wanted(order, now)},
    )


def _refresh(draft: Booking, order: Order, now: datetime) -> None:
    """A draft takes over what is submitted now."""
    for name, value in _asked(order.request).items():
        setattr(draft, name, value)
    others = {name: value for name, value in draft.document.items() if name not in KEPT}
    draft.document = {**others, **_wanted(order, now)}


def _asked(request: Mapping[str, Any]) -> dict[str, Any]:
    slot = wire.slot_of(request.get("slot"))
    return {
        "service_mode": request["service_mode"],
        "starts_at": None if slot is None else slot.start,
        "ends_at": None if slot is None else slot.end,
        "due_on": date.fromisoformat(request["due_on"]) if "due_on" in request else None,
        "quote_id": request.get("quote_id"),
    }


def _wanted(order: Order, now: datetime) -> dict[str, Any]:
    request, offer = order.request, order.offer
    terms = rules.terms_of(
        offer.instrument.province,
        now,
        offer.rules.document["terms"],
        cancel_minutes=offer.rules.cancel_minutes,
    )
    return {
        **{name: request[name] for name in KEPT if name in request},
        "terms": terms.as_document(),
        "needs_report": request["service_mode"] == "entrusted_test",
    }


def _names(order: Order) -> dict[str, Any]:
    instrument = order.offer.instrument
    document = instrument.document
    told: dict[str, Any] = {
        "instrument": {"id": instrument.id, "name": document["name_zh"]},
        "native": {"unit_id": document["unit"]["id"], "internal_number": document["internal_number"]},
        "station": {"id": instrument.province, "name": order.station.name},
        "enterprise": {
            "name": order.party.name,
            "credit_code": order.party.credit_code,
            **({} if order.party.area is None else {"area": order.party.area}),
        },
    }
    if instrument.institution_id is not None:
        institution = order.offer.facts.institution or {"name_zh": instrument.institution_id}
        name = document["unit"].get("name") or str(institution["name_zh"])
        told["institution"] = {"id": instrument.institution_id, "name": name}
    return told
