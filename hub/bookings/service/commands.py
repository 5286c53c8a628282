"""Commands of people: one way in for pages, API and platforms' clients.

`create` makes bookings, `carry_out` does everything else. Both take the idempotency key first, then the booking's lock,
then ask who may, which revision was read, and at last the state machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.availability.errors import FeeChanged
from hub.bookings import rules, wire
from hub.bookings.errors import (
    CommandMismatch,
    CommandRefused,
    CommandUnknown,
    DraftMismatch,
    RequestIncomplete,
)
from hub.bookings.models import Booking, CommandKey
from hub.bookings.service import moving, ordering, people, preparing, submitting
from hub.bookings.service.acting import Actor
from hub.bookings.service.parties import subject_of
from hub.core import audit, idempotency, sequencer
from hub.core.idempotency import Ticket
from hub.identity import service as identity
from hub.identity.errors import NotAllowed, OtherParty, WrongState
from hub.identity.rules import Principal, Subject

CREATING = frozenset({"submit", "save_draft", "enter"})


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was carried out: its answer, a `booking` document without personal data.

    `is_replayed`: it was carried out before, under the same key. `fee_changed`: nothing was submitted, the fee is another
    one; the slot is kept for a quarter of an hour while the user decides.
    """

    booking_id: str
    revision: int
    answer: Mapping[str, Any]
    is_replayed: bool = False
    fee_changed: FeeChanged | None = None


def create(
    session: Session,
    principal: Principal,
    body: Mapping[str, Any],
    *,
    key: str | None,
    channels: Mapping[str, str],
    now: datetime,
) -> Done:
    """Make a booking: `submit`, `save_draft`, or `enter` at the counter. Safe to repeat with the same key.

    `channels` says how each province is reached: `platform` or `portal`. Raises what the key, access, the slot, the
    quote, eligibility and the request's completeness refuse.
    """
    command = body["command"]
    if command not in CREATING:
        raise CommandUnknown(command)
    asked = {"create": dict(body)}
    with sequencer.gathered(session):
        return _create(session, principal, command, body, asked, key=key, channels=channels, now=now)


def _create(
    session: Session,
    principal: Principal,
    command: str,
    body: Mapping[str, Any],
    asked: Mapping[str, Any],
    *,
    key: str | None,
    channels: Mapping[str, str],
    now: datetime,
) -> Done:
    ticket = idempotency.take(session, CommandKey, principal.name, key, asked, now=now)
    if ticket.replayed is not None:
        return _again(ticket.replayed)
    request = body.get("request")
    if request is None:
        raise RequestIncomplete("/request", "缺少预约内容。", "The request is missing.")
    if command == "enter":
        order = ordering.at_the_counter(session, principal, body["enterprise_id"], request, channels, now=now)
    else:
        order = ordering.of_principal(session, principal, request, channels, now=now)
    actor = _actor(principal, command, key)
    identity.allow(session, principal, f"booking.{command}", ordering.subject_of(order), now=now)
    changed = None
    if command == "submit":
        booking, changed = submitting.submit(session, order, actor, now=now)
    elif command == "enter":
        booking = submitting.enter(session, order, actor, now=now)
    else:
        booking = submitting.save_draft(session, order, actor, now=now)
    return _finish(session, ticket, principal, command, booking, changed=changed, now=now)


def carry_out(
    session: Session,
    principal: Principal,
    booking_id: str,
    command: str,
    body: Mapping[str, Any],
    *,
    key: str | None,
    revision: int | None,
    channels: Mapping[str, str],
    now: datetime,
) -> Done:
    """Carry out a command on a booking. Safe to repeat with the same key; a refusal changes nothing.

    Raises `BookingUnknown`, access refusals, `RevisionMissing`, `RevisionStale`, `CommandRefused` (409 with the state
    and what is possible), and what the command's own content refuses.
    """
    if command not in preparing.PREPARE and command != "submit":
        raise CommandUnknown(command)
    if body.get("command", command) != command:
        raise CommandMismatch(body["command"], command)
    asked = {"booking": booking_id, "command": command, "body": dict(body)}
    ticket = idempotency.take(session, CommandKey, principal.name, key, asked, now=now)
    if ticket.replayed is not None:
        return _again(ticket.replayed)
    booking = moving.lock(session, booking_id)
    actor = _actor(principal, command, key)
    _allow(session, principal, actor, command, booking, now=now)
    idempotency.check_revision(revision, booking.revision)
    changed = None
    if command == "agree" or (command == "propose" and actor.side == "enterprise"):
        people.make_order(session, booking, now=now)
    if command == "submit":
        changed = _submit_draft(session, principal, actor, booking, body, channels=channels, now=now)
    else:
        given = preparing.PREPARE[command](preparing.Asked(session, booking, actor, body, now))
        moving.move(session, booking, command, actor, given, now=now)
    return _finish(session, ticket, principal, command, booking, changed=changed, now=now)


def _submit_draft(
    session: Session,
    principal: Principal,
    actor: Actor,
    draft: Booking,
    body: Mapping[str, Any],
    *,
    channels: Mapping[str, str],
    now: datetime,
) -> FeeChanged | None:
    facts = moving.facts(session, draft)
    found = rules.decide(facts, rules.Command("submit", actor.side), now)
    if isinstance(found, rules.Refusal):
        raise CommandRefused(
            "submit", found.code, found.zh, found.en, state=found.state, possible=found.possible
        )
    request = body.get("request") or ordering.request_of(draft)
    if request["instrument_id"] != draft.instrument_id:  # its owner, station and number are another one's
        raise DraftMismatch(draft.instrument_id)
    order = ordering.of_principal(session, principal, request, channels, now=now)
    _, changed = submitting.submit(session, order, actor, now=now, draft=draft)
    return changed


def _actor(principal: Principal, command: str, key: str | None) -> Actor:
    actor = Actor.of(principal, key)
    if actor is None or actor.side == "platform":
        raise NotAllowed(principal.name, f"booking.{command}", "-")
    return actor


def _allow(
    session: Session, principal: Principal, actor: Actor, command: str, booking: Booking, *, now: datetime
) -> None:
    """Who may; a state that does not allow it is told with what is possible instead."""
    if actor.side == "province_staff" and actor.province != booking.province:
        # Its own enterprises' bookings elsewhere a province may read; deciding is for the province that serves.
        raise OtherParty(principal.name, f"booking.{command}", f"booking:{booking.id}")
    subject: Subject = subject_of(booking)
    try:
        identity.allow(session, principal, f"booking.{command}", subject, now=now)
    except WrongState:
        facts = moving.facts(session, booking)
        asked = rules.Command(command, actor.side, reason="given", acting_as=actor.acting_as)
        found = rules.decide(facts, asked, now)
        if isinstance(found, rules.Refusal):
            raise CommandRefused(
                command, found.code, found.zh, found.en, state=found.state, possible=found.possible
            ) from None
        raise


def _finish(
    session: Session,
    ticket: Ticket,
    principal: Principal,
    command: str,
    booking: Booking,
    *,
    changed: FeeChanged | None,
    now: datetime,
) -> Done:
    told = {"state": booking.state, "revision": booking.revision}
    audit.record(session, principal.name, f"bookings.{command}", f"booking:{booking.id}", told, now=now)
    answer = wire.stored_answer(booking)
    if changed is None:
        ticket.answer(session, answer, booking_id=booking.id)
    else:  # not what was asked for: the same key may be used for the same request again
        ticket.give_back(session)
    return Done(booking.id, booking.revision, answer, fee_changed=changed)


def _again(answer: Mapping[str, Any]) -> Done:
    return Done(answer["id"], answer["revision"], answer, is_replayed=True)
