"""The thread of a booking: messages that both sides read; nothing of them leaves by mail or SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.bookings import rules
from hub.bookings.errors.reports import NoteInvalid
from hub.bookings.models import Booking, CommandKey, Note
from hub.bookings.service import people, showing
from hub.bookings.service.parties import subject_of
from hub.bookings.wire import papers
from hub.core import audit, idempotency
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.notices import service as notices

MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """A message as a document; `is_replayed`: it was said before, under the same key."""

    answer: Mapping[str, Any]
    is_replayed: bool


def write_note(session: Session, principal: Principal, booking: Booking, text: str, *, now: datetime) -> Note:
    """Say something to the other side. Raises `NoteInvalid` and access refusals.

    Not safe to repeat by itself: the route's idempotency key is.
    """
    identity.allow(session, principal, "booking.write_message", subject_of(booking), now=now)
    said = text.strip()
    if not said or len(said) > MOST_TEXT:
        raise NoteInvalid(MOST_TEXT)
    note = Note(
        booking_id=booking.id,
        at=now,
        side=rules.side_of(principal) or "-",
        actor=principal.name,
        author=principal.display_name,
        text=said,
    )
    session.add(note)
    session.flush()
    audit.record(session, principal.name, "bookings.write_message", f"booking:{booking.id}", now=now)
    return note


def say_once(
    session: Session, principal: Principal, booking_id: str, text: str, *, key: str | None, now: datetime
) -> Said:
    """`write_note` under an idempotency key, and tell the other side that there is something to read.

    The same key and text are one message. Raises also `BookingUnknown` and what keys refuse.
    """
    asked = {"note": booking_id, "text": text}
    ticket = idempotency.take(session, CommandKey, principal.name, key, asked, now=now)
    if ticket.replayed is not None:
        return Said(ticket.replayed, is_replayed=True)
    booking = showing.visible(session, principal, booking_id, now=now)
    note = write_note(session, principal, booking, text, now=now)
    answer = papers.note_document(note)
    ticket.answer(session, answer, booking_id=booking_id)
    is_asking = note.side == "enterprise"
    notices.notify(
        session,
        people.of_provider(session, booking) if is_asking else people.of_enterprise(booking),
        "message_arrived",
        {"number": booking.number, "actor": schemas.codes("booking_side")[note.side].zh},
        subject=f"booking:{booking.id}",
        link=f"/bookings/{booking.id}#thread",
        key=f"{booking.id}:note:{note.id}",
        now=now,
    )
    return Said(answer, is_replayed=False)


def read_notes(session: Session, booking_id: str, *, after: int = 0, limit: int = 200) -> list[Note]:
    """The thread, oldest first, behind a number. The caller has checked that it may be read."""
    query = select(Note).where(Note.booking_id == booking_id, Note.id > after).order_by(Note.id).limit(limit)
    return list(session.scalars(query))
