"""Bookings as provinces' interfaces take them: orders, and the messages about them, kept as sealed bodies."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from adapters.contract import (
    BookingOrder,
    NativeKey,
    OrderContact,
    OrderItem,
    OrderMessage,
    OrderParty,
    OrderSample,
    ReportFacts,
    Slot,
    UsageFacts,
)
from hub.bookings.models import Booking
from hub.core import working_time
from hub.exchange.rules import Envelope

Document = dict[str, Any]


def order_of(booking: Booking) -> BookingOrder:
    """The booking as it stands."""
    return order_from_document(order_to_document(booking))


def order_to_document(booking: Booking) -> Document:
    """The facts of the order as JSON: what is sealed, and the same whenever it is sent again."""
    held = booking.document
    told: Document = {
        "id": booking.id,
        "number": booking.number,
        "revision": booking.revision,
        "instrument": held["native"],
        "instrument_name": held["instrument"]["name"],
        "service_mode": booking.service_mode,
        "submitted_at": (booking.submitted_at or booking.created_at).isoformat(),
        "enterprise": {name: held["enterprise"].get(name, "") for name in ("name", "credit_code", "area")},
        "contact": held["contact"],
        "items": held.get("items", []),
        "samples": held.get("samples", []),
        "purpose": held["purpose"].get("text", ""),
        "is_statutory": held["purpose"]["is_statutory"],
        "note": _note(held),
    }
    if booking.starts_at is not None and booking.ends_at is not None:
        told["slot"] = {"start": booking.starts_at.isoformat(), "end": booking.ends_at.isoformat()}
    if booking.due_on is not None:
        told["due_on"] = booking.due_on.isoformat()
    for name in ("fee_fen", "remote_id"):
        value = getattr(booking, name)
        if value is not None:
            told[name] = value
    answer_due = _answer_due(booking)
    if answer_due is not None:
        told["answer_due"] = answer_due.isoformat()
    return told


def _note(held: Document) -> str:
    """What the enterprise tells the provider; what no platform has a field of its own for stands before it."""
    wanted = ["需要操作人员。"] if held.get("with_operator") else []
    if "test_minutes" in held:
        wanted.append(f"预计检测用时 {held['test_minutes']} 分钟。")
    return "".join([*wanted, held.get("note", "")])


def _answer_due(booking: Booking) -> datetime | None:
    """Until when the station must answer: working time from the submission, later what the hub's own clock says."""
    if booking.state in {"submitted", "forward_unknown"} and booking.submitted_at is not None:
        return working_time.due(booking.province, booking.submitted_at)
    return booking.timer_at if booking.state == "forwarded" else None


def order_from_document(told: Mapping[str, Any], remote_id: str | None = None) -> BookingOrder:
    """The order of a sealed body; `remote_id` is the province's number where it has become known since."""
    contact = told["contact"]
    return BookingOrder(
        id=told["id"],
        number=told["number"],
        revision=told["revision"],
        instrument=NativeKey(**told["instrument"]),
        instrument_name=told["instrument_name"],
        service_mode=told["service_mode"],
        submitted_at=datetime.fromisoformat(told["submitted_at"]),
        enterprise=OrderParty(**told["enterprise"]),
        contact=OrderContact(contact["name"], contact.get("mobile", ""), contact.get("email", "")),
        slot=contract_slot(told.get("slot")),
        due_on=date.fromisoformat(told["due_on"]) if "due_on" in told else None,
        items=tuple(_item(item) for item in told["items"]),
        samples=tuple(_sample(sample) for sample in told["samples"]),
        purpose=told["purpose"],
        is_statutory=told["is_statutory"],
        fee_fen=told.get("fee_fen"),
        note=told["note"],
        answer_due=None if "answer_due" not in told else datetime.fromisoformat(told["answer_due"]),
        remote_id=remote_id or told.get("remote_id"),
    )


def order_message(envelope: Envelope, remote_id: str | None, proposal_id: str | None = None) -> OrderMessage:
    """The message of an envelope, the same whenever it is made.

    `remote_id` and `proposal_id` are the province's numbers where they have become known since it was sealed.
    """
    told = envelope.body
    return OrderMessage(
        command=envelope.kind,  # type: ignore[arg-type]  # sealed by us with a Command
        order=order_from_document(told["order"], remote_id),
        key=envelope.key,
        message_id=envelope.message_id,
        sequence=envelope.sequence,
        deadline=envelope.deadline,
        correlation_id=envelope.correlation_id,
        reason=told.get("reason"),
        note=told.get("note", ""),
        slot=contract_slot(told.get("slot")),
        proposal_id=proposal_id or told.get("proposal_id"),
        usage=None if "usage" not in told else _usage(told["usage"]),
        report=None if "report" not in told else _report(told["report"]),
    )


def contract_slot(told: Mapping[str, Any] | None) -> Slot | None:
    """A slot of a document as the contract's value."""
    if told is None:
        return None
    return Slot(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))


def _usage(told: Mapping[str, Any]) -> UsageFacts:
    started, ended = told.get("started_at"), told.get("ended_at")
    return UsageFacts(
        started_at=None if started is None else datetime.fromisoformat(started),
        ended_at=None if ended is None else datetime.fromisoformat(ended),
        hours=told.get("hours"),
        quantity=told.get("quantity"),
        charging_unit=told.get("charging_unit"),
        fee_fen=told.get("fee_fen"),
    )


def _report(told: Mapping[str, Any]) -> ReportFacts:
    version = str(told.get("version", ""))
    return ReportFacts(version, f"report-{version}", sha256=told.get("sha256"))


def _item(told: Mapping[str, Any]) -> OrderItem:
    return OrderItem(
        told["name"],
        told["quantity"],
        told["charging_unit"],
        told.get("fee_fen"),
        told.get("number"),
        told.get("method", ""),
        told.get("condition", ""),
    )


def _sample(told: Mapping[str, Any]) -> OrderSample:
    return OrderSample(
        told["label"],
        told["name"],
        told["count"],
        tuple(told.get("hazards", ())),
        told.get("storage", ""),
        told.get("is_returned", False),
    )
