"""Bookings and their events as documents of the specification."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import schemas
from hub.bookings.models import Booking, Download, Proposal, Rating, Report, Transition
from hub.bookings.rules import MACHINE
from hub.bookings.rules import Transition as Decided
from hub.bookings.wire.reading import terms_of
from hub.core.clock import SHANGHAI
from hub.settlement.money import vat_document

Document = dict[str, Any]


def booking_document(
    booking: Booking,
    *,
    proposal: Proposal | None = None,
    transitions: Sequence[Transition] = (),
    reports: Sequence[Report] = (),
    downloads: Sequence[Download] = (),
    rating: Rating | None = None,
    actions: Sequence[str] = (),
    turn_commands: Sequence[str] = (),
) -> Document:
    """The booking as both sides see it; `schemas.redact` before anybody else does."""
    held = booking.document
    told: Document = {
        "id": booking.id,
        "number": booking.number,
        "revision": booking.revision,
        "state": booking.state,
        "payment": booking.payment,
        "is_disputed": booking.is_disputed,
        "is_appealed": booking.is_appealed,
        "service_mode": booking.service_mode,
        "province": booking.province,
        "channel": booking.channel,
        "responsible": booking.responsible,
        "instrument": held["instrument"],
        "enterprise": {"id": booking.enterprise_id, **held["enterprise"]},
        "due_on": None if booking.due_on is None else booking.due_on.isoformat(),
        "fee_fen": booking.fee_fen,
        "vat": vat_document(booking.fee_fen, held.get("vat_permille")),
        "quote_id": booking.quote_id,
        "remote_id": booking.remote_id,
        "terms": _terms(booking),
        "created_at": _instant(booking.created_at),
        "submitted_at": _instant(booking.submitted_at),
        "updated_at": _instant(booking.updated_at),
        "slot": _slot(booking.starts_at, booking.ends_at),
        "proposal": None if proposal is None else _proposal(proposal),
        "turn": _turn(booking, turn_commands),
        "actions": list(actions),
        "timeline": [_entry(row) for row in transitions],
        "reports": _reports(reports, downloads),
        "rating": None if rating is None else _rating(rating),
        **{name: held.get(name) for name in _KEPT},
    }
    return {name: value for name, value in told.items() if value not in (None, [], {})}


_KEPT = (
    "station",
    "institution",
    "contact",
    "items",
    "samples",
    "samples_received",
    "purpose",
    "declaration",
    "note",
    "with_operator",
    "test_minutes",
    "shares",
    "charge",
    "payment_due",
    "usage",
    "reckoning",
    "reason",
    "reason_text",
)
"""What the row keeps in the words of the specification."""


def stored_answer(booking: Booking) -> Document:
    """What a command is answered with, kept under its key: the booking without anything personal or about samples."""
    return schemas.redact("booking", booking_document(booking), "public")


def event(booking: Booking, moved: Decided, side: str, reason: str | None, now: datetime) -> Document:
    """A change of state as subscribers see it; its number and hash come with the chain."""
    told: Document = {
        "booking_id": booking.id,
        "booking_number": booking.number,
        "revision": booking.revision,
        "at": _instant(now),
        "command": moved.command,
        "from": moved.source if moved.source in MACHINE.states else None,
        "to": booking.state,
        "side": side,
        "province": booking.province,
        "home_area": booking.home_area,
        "instrument_id": booking.instrument_id,
        "reason": reason,
        "payment": booking.payment,
        "is_disputed": booking.is_disputed,
        "deadline": _instant(booking.turn_by),
    }
    return {name: value for name, value in told.items() if value is not None}


def receipt_document(booking: Booking, report: Report, download: Download) -> Document:
    """The receipt of a report's download."""
    told: Document = {
        "booking_id": booking.id,
        "booking_number": booking.number,
        "report_id": report.id,
        "version": report.version,
        "sha256": report.sha256,
        "size": report.size,
        "delivered_at": _instant(report.delivered_at),
        "downloaded_at": _instant(download.at),
        "downloaded_by": "enterprise" if download.side == "enterprise" else "provider",
    }
    return {name: value for name, value in told.items() if value is not None}


def _terms(booking: Booking) -> Document:
    held = terms_of(booking)
    told: Document = {
        "late_cancel_percent": held.late_cancel_percent,
        "no_show_grace_minutes": held.no_show_grace_minutes,
        "no_show_percent": held.no_show_percent,
        "confirm_days": held.confirm_days,
    }
    until = held.cancel_until(booking.starts_at)
    return told if until is None else {"cancel_until": _instant(until), **told}


def _turn(booking: Booking, commands: Sequence[str]) -> Document | None:
    if booking.turn_side in {"none", "both"}:
        return None
    told: Document = {"side": booking.turn_side}
    if booking.turn_by is not None:
        told["by"] = _instant(booking.turn_by)
    if commands:
        told["commands"] = list(commands)
    return told


def _proposal(proposal: Proposal) -> Document:
    told: Document = {
        "number": proposal.number,
        "by": proposal.side,
        "slot": _slot(proposal.starts_at, proposal.ends_at),
        "due_on": None if proposal.due_on is None else proposal.due_on.isoformat(),
        "fee_fen": proposal.fee_fen,
        "service_mode": proposal.service_mode,
        "reason": proposal.reason,
        "text": proposal.text,
        "until": _instant(proposal.until),
    }
    return {name: value for name, value in told.items() if value is not None}


def _entry(row: Transition) -> Document:
    told: Document = {
        "at": _instant(row.at),
        "command": row.command,
        "to": row.to_state,
        "side": row.side,
        "reason": row.reason,
        "text": row.text,
    }
    return {name: value for name, value in told.items() if value is not None}


def _reports(reports: Sequence[Report], downloads: Sequence[Download]) -> list[Document]:
    first: dict[int, datetime] = {}
    for download in downloads:
        if download.side == "enterprise":
            first[download.report_id] = min(download.at, first.get(download.report_id, download.at))
    return [
        {
            "id": report.id,
            "version": report.version,
            "filename": report.filename,
            "media_type": report.media_type,
            "size": report.size,
            "sha256": report.sha256,
            "scan": report.scan,
            **({"delivered_at": _instant(report.delivered_at)} if report.delivered_at else {}),
            **({"downloaded_at": _instant(first[report.id])} if report.id in first else {}),
        }
        for report in reports
    ]


def _rating(rating: Rating) -> Document:
    told: Document = {
        "stars": rating.stars,
        "text": rating.text,
        "rated_at": _instant(rating.rated_at),
        "answer": rating.answer,
    }
    return {name: value for name, value in told.items() if value is not None}


def _slot(start: datetime | None, end: datetime | None) -> Document | None:
    if start is None or end is None:
        return None
    return {"start": _instant(start), "end": _instant(end)}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).isoformat()
