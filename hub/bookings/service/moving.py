"""Moving a booking: one decision, one row of its history, its effects, its announcement; all in the caller's transaction.

Every change of a booking's state goes through `move`, whoever caused it: people, the API, a province, a timer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from hub.bookings import rules, wire
from hub.bookings.errors import BookingUnknown, CommandRefused
from hub.bookings.models import Booking, Proposal, Transition
from hub.bookings.rules import Facts
from hub.bookings.service import effects
from hub.bookings.service.acting import Actor, Move
from hub.bookings.service.parties import parties_of
from hub.core import bulk, sequencer
from hub.core.db import table_of
from hub.core.together import Together

TOPIC = "booking"
_PROPOSING = frozenset({"reschedule_proposed", "cancelling"})
"""States in which a proposal may be open."""
_LOCKED = (
    select(Booking)
    .where(Booking.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_BOOKING, _TRANSITION = table_of(Booking), table_of(Transition)
_KEPT = (
    "booking_id", "revision", "at", "command", "from_state", "to_state", "side", "actor", "role", "province", "reason",
    "text", "key", "detail",
)  # fmt: skip
_HISTORY = Together(
    lambda insert: [
        insert(_TRANSITION).values({name: bindparam(f"v_{name}") for name in _KEPT}),
        sequencer.announcement(insert),
    ]
)
"""A row of the history and its announcement."""


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a command: `detail` is kept with the transition (no personal or sample data in it)."""

    reason: str | None = None
    text: str | None = None
    has_usage: bool = False
    has_report: bool = False
    is_implied: bool = False
    detail: dict[str, Any] = field(default_factory=dict)


def lock(session: Session, booking_id: str) -> Booking:
    """The booking, nobody else changing it before this transaction ends. Raises `BookingUnknown`."""
    held = session.scalar(_LOCKED, {"id": booking_id})
    if held is None:
        raise BookingUnknown(booking_id)
    return held


def facts(session: Session, booking: Booking) -> Facts:
    """The booking as decisions see it."""
    return wire.facts_of(booking, open_proposal(session, booking))


def open_proposal(session: Session, booking: Booking) -> Proposal | None:
    """The proposal that waits for an answer."""
    if booking.state not in _PROPOSING:
        return None
    mine = select(Proposal).where(Proposal.booking_id == booking.id, Proposal.state == "open")
    return session.scalar(mine)


def move(
    session: Session,
    booking: Booking,
    command: str,
    actor: Actor,
    given: Given | None = None,
    *,
    now: datetime,
) -> rules.Transition:
    """Carry out a command on a locked booking. Raises `CommandRefused`, and what its effects raise."""
    given = given or Given()
    asked = rules.Command(
        command,
        actor.side,
        reason=given.reason,
        acting_as=actor.acting_as,
        has_usage=given.has_usage,
        has_report=given.has_report,
        is_implied=given.is_implied,
    )
    found = rules.decide(facts(session, booking), asked, now)
    if isinstance(found, rules.Refusal):
        raise CommandRefused(
            command, found.code, found.zh, found.en, state=found.state, possible=found.possible
        )
    proposal = open_proposal(session, booking)
    booking.state, booking.resume_state = found.target, found.resume
    booking.revision += 1
    booking.updated_at = now
    if found.source != found.target:
        booking.timer_at = None
        if rules.MACHINE.states[found.target].is_terminal:
            booking.ended_at = now
    made = Move(session, booking, found, actor, now, proposal, given.reason, given.text, given.detail)
    if (
        found.target not in _PROPOSING
    ):  # whatever asks the database next writes the row: then it is whole already
        _set_clock(made)
    if booking not in session:
        _write_new(session, booking)
    for effect in found.effects:
        effects.EFFECTS[effect](made)
    effects.follow_payment(made)
    _set_clock(made)
    _record(made, given)
    _follow_up(made)
    return found


def _write_new(session: Session, booking: Booking) -> None:
    """Write a booking that is not in the session yet and have the session know it as written.

    One INSERT from the columns, whole, costs far less than what the session's unit of work does for one new object.
    """
    row = {name: getattr(booking, name) for name in _BOOKING.c.keys()}  # noqa: SIM118 - a collection of columns
    bulk.insert_rows(_BOOKING, tuple(row)).run(session, [row])
    for name in row.keys() - booking.__dict__.keys():
        set_committed_value(booking, name, None)  # else it would be read back when it is looked at
    make_transient_to_detached(booking)
    session.add(booking)


def _set_clock(made: Move) -> None:
    """The hub's own deadline and whose turn it is, after everything else has happened."""
    booking, proposal = made.booking, open_proposal(made.session, made.booking)
    now_facts = wire.facts_of(booking, proposal)
    times = wire.times_of(booking, proposal)
    booking.timer_at = rules.timer(
        now_facts, wire.terms_of(booking), times, held=booking.timer_at, now=made.now
    )
    turn = rules.turn(wire.facts_of(booking, proposal), times)
    booking.turn_side, booking.turn_by = turn.side, turn.by


def _record(made: Move, given: Given) -> None:
    booking, actor = made.booking, made.actor
    row = {
        "booking_id": booking.id,
        "revision": booking.revision,
        "at": made.now,
        "command": made.transition.command,
        "from_state": made.transition.source,
        "to_state": made.transition.target,
        "side": actor.side,
        "actor": actor.name,
        "role": actor.role,
        "province": actor.province,
        "reason": given.reason,
        "text": given.text,
        "key": actor.key,
        "detail": given.detail or None,
    }
    made.session.flush()
    event = wire.event(made.booking, made.transition, actor.side, given.reason, made.now)
    told = {"event": event, "parties": parties_of(booking)}
    if sequencer.gathers(made.session):
        bulk.insert_rows(_TRANSITION, _KEPT).run(made.session, [row])
        sequencer.announce(made.session, TOPIC, booking.id, told, now=made.now)
        return
    announced = sequencer.announced(TOPIC, booking.id, told, now=made.now)
    _HISTORY.run(made.session, {**{f"v_{name}": value for name, value in row.items()}, **announced})


def _follow_up(made: Move) -> None:
    """What follows at once: a station that works in the portal has it already; nobody far away need be told to cancel."""
    booking = made.booking
    if booking.state == "submitted" and booking.channel == "portal":
        move(made.session, booking, "acknowledge", Actor.system(), now=made.now)
    elif booking.state == "cancelling" and booking.undo != "open":
        move(made.session, booking, "confirm_cancel", Actor.system(), now=made.now)
