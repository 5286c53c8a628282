"""What provinces answer, however it arrives: by response, callback, order feed, look-up or fetch. One handler.

Answers come in any order, any number of times, late, and sometimes about somebody else's booking. Each is kept; each
fact is applied at most once; what contradicts a booking is never applied but told back or shown to a person.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from adapters.contract import Answer
from hub.availability import service as availability
from hub.bookings import rules, wire
from hub.bookings.errors import BookingUnknown, CommandRefused
from hub.bookings.models import Booking, Proposal
from hub.bookings.service import cases, extras, fetching, moving, proposing, untold, usage_answers
from hub.bookings.service.acting import Actor, Move
from hub.bookings.service.effects import telling, using
from hub.bookings.service.moving import Given
from hub.bookings.service.usage_pushing import SERVED, record_more
from hub.core.db import table_of
from hub.core.errors import HubError
from hub.exchange import service as exchange
from hub.exchange.rules import Incoming, Way
from hub.settlement.service import usage as usages

_BOOKING = table_of(Booking)
_BY_REMOTE = select(_BOOKING.c.id).where(
    _BOOKING.c.province == bindparam("province"), _BOOKING.c.remote_id == bindparam("remote_id")
)
Result = Literal["applied", "nothing", "repeated", "stale", "refused", "cancelled_back", "case"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an answer; `booking_id` is the booking it was about, where that is known."""

    result: Result
    booking_id: str | None


def apply(
    session: Session,
    province: str,
    answer: Answer,
    *,
    way: Way,
    now: datetime,
    held: Booking | None = None,
    is_echo: bool = False,
) -> Applied:
    """Meet one answer of a province, in this transaction. Safe to repeat.

    `held`: the booking that the province was called about, if this transaction has it locked already. `is_echo`: the
    province only says back that it noted its station's word on a proposal; another may be open by now.

    Never raises for what a province says. `not_found` is proof only for the look-up that asked: it is not met here.
    """
    if answer.kind == "not_found":
        return Applied("nothing", answer.booking_id)
    booking, why = _whose(session, province, answer, held)
    message = incoming(province, answer, None if booking is None else booking.id, way)
    if booking is None:
        return _refused(session, message, answer, why, now=now)
    for remote_id in answer.duplicate_ids:
        extras.want(session, booking, remote_id, now=now)
    verdict = exchange.receive(session, message, now=now)
    if verdict == "conflicting":
        _case(session, booking, "contradiction", answer, "same message number, other content", now=now)
        return Applied("case", booking.id)
    if verdict != "apply":
        return Applied("repeated" if verdict == "repeated" else "stale", booking.id)
    with session.no_autoflush:  # the booking is written once, with what the answer does to it
        _learn_remote_id(session, booking, answer)
    if answer.kind == "unclear" or answer.notes:
        notes = "; ".join(f"{note.code} {note.value}" for note in answer.notes)
        _case(session, booking, "unclear_answer", answer, notes or "unclear", now=now)
    if answer.kind == "unclear":
        return Applied("case", booking.id)
    with session.no_autoflush:
        arrived = [
            *telling.arrived(session, booking, now=now),
            # a province that is called fetches none of its messages
            *(telling.answered(session, booking, answer.kind, now=now) if held is None else ()),
        ]
        for message_id in arrived:
            exchange.record_receipt(session, message_id, message, now=now)
    _learn_proposal(session, booking, answer)
    if answer.kind == "not_noted":
        untold.open_case(session, booking, "-", now=now, said=answer.text or answer.reason)
        return Applied("case", booking.id)
    if is_echo:
        untold.close_case(session, booking, answer.kind, now=now)
        return Applied("nothing", booking.id)
    return Applied(_carry_out(session, booking, answer, now), booking.id)


def _carry_out(session: Session, booking: Booking, answer: Answer, now: datetime) -> Result:
    named = _named_slot(session, booking, answer)
    open_one = moving.open_proposal(session, booking)
    proposed = None if open_one is None else (open_one.starts_at, open_one.ends_at)
    kind = answer.kind
    if kind in {"agreed", "declined"} and open_one is not None and not telling.was_told(session, open_one):
        return "nothing"  # about an earlier proposal: of this one the province knows nothing yet
    if kind == "agreed" and open_one is None and named is not None and named != _booked(booking):
        kind = "proposed"  # a late yes to a proposal that has lapsed here
    plan = rules.plan(
        moving.facts(session, booking),
        kind,
        names_other_slot=named is not None and named not in {_booked(booking), proposed},
        names_proposal=named is not None and named == proposed,
        now=now,
    )
    match plan.verdict:
        case "nothing":
            if kind != "received":  # the province has caught up
                untold.close_case(session, booking, kind, now=now)
            return _hear_usage(session, booking, answer, now) if kind == "done" else "nothing"
        case "tell_to_cancel":
            _tell_to_cancel(session, booking, answer, now)
            return "cancelled_back"
        case "contradiction":
            _case(
                session, booking, "contradiction", answer, f"{answer.kind} in state {booking.state}", now=now
            )
            return "case"
        case "undone":
            booking.undo, booking.timer_at = "done", None
    if answer.kind in {"cancelled", "rejected"}:
        booking.undo = "done" if booking.undo in {"open", "stuck"} else booking.undo
        telling.close_cancel(session, booking, now=now)
    commands = plan.commands
    if commands == ("deliver",) and fetching.is_known(session, booking, answer.report):
        untold.close_case(session, booking, kind, now=now)
        return "nothing"
    if commands[-1:] == ("deliver",) and answer.report is not None:
        fetching.want(session, booking, answer.report, now=now)
        commands = commands[:-1]  # delivered once its bytes are here
    # That it has arrived takes nothing that another may have taken: there is nothing to go back from.
    attempt: AbstractContextManager[Any] = (
        nullcontext() if commands == ("acknowledge",) else session.begin_nested()
    )
    try:
        with attempt:
            for command in commands:
                _do(session, booking, command, answer, named, is_last=command == commands[-1], now=now)
    except HubError as fault:  # the slot it names is taken here, or its hold was lost: a person decides
        session.refresh(booking)
        if isinstance(fault, CommandRefused):
            raise
        _case(session, booking, "contradiction", answer, f"{fault.code}: {fault.en}", now=now)
        return "case"
    return "applied"


def _hear_usage(session: Session, booking: Booking, answer: Answer, now: datetime) -> Result:
    """The province says again that it is done: its usage, where it is another one, is another version or a person's case."""
    if answer.usage is None or booking.state not in SERVED or not booking.fee_fen:
        return "nothing"
    told = usage_answers.news(booking, answer, usages.present_of(session, booking.id))
    if told is None:
        return "nothing"
    try:
        with session.begin_nested():
            record_more(session, booking, told, Actor.platform(booking.province), now=now)
    except HubError as fault:  # the enterprise has spoken already, or the number was used for something else
        session.refresh(booking)
        _case(session, booking, "contradiction", answer, f"{fault.code}: {fault.en}", now=now)
        return "case"
    return "applied"


def _do(
    session: Session,
    booking: Booking,
    command: str,
    answer: Answer,
    named: tuple[datetime, datetime] | None,
    *,
    is_last: bool,
    now: datetime,
) -> None:
    actor = Actor.platform(booking.province)
    detail: dict[str, Any] = {"message_id": answer.message_id}
    if command == "propose":
        hours = wire.terms_of(booking).proposal_hours
        made = proposing.write(
            session,
            booking,
            "platform",
            proposing.Terms(slot=named, reason=answer.reason, text=answer.text or None),
            until=answer.expires_at or now + timedelta(hours=hours),
            remote_id=answer.proposal_id,
            now=now,
        )
        detail["proposal"] = made.number
    if command == "check_out" and answer.usage is not None:
        booking.document = {
            **booking.document,
            "usage": wire.usage_document(answer.usage),
            using.TOLD: using.told_document(usage_answers.told(booking, answer)),
        }
    reason = answer.reason if is_last else None
    if reason is None and command in {"reject", "withdraw"}:
        reason = "settled_by_staff"
    if is_last and (answer.reason or answer.text):
        booking.document = {
            **booking.document,
            **({"reason": answer.reason} if answer.reason else {}),
            **({"reason_text": answer.text[:1000]} if answer.text.strip() else {}),
        }
    given = Given(
        reason=reason,
        text=(answer.text[:1000] or None) if is_last else None,
        has_usage=True,
        has_report=True,
        is_implied=not is_last,
        detail=detail,
    )
    moving.move(session, booking, command, actor, given, now=now)


def _whose(
    session: Session, province: str, answer: Answer, held: Booking | None
) -> tuple[Booking | None, str]:
    """The booking an answer is about, locked; or why it cannot be told."""
    by_remote = None
    if answer.remote_id is not None:
        by_remote = session.scalar(_BY_REMOTE, {"province": province, "remote_id": answer.remote_id})
    booking_id = answer.booking_id or by_remote
    if booking_id is None:
        return None, "names no booking that we know"
    if by_remote is not None and by_remote != booking_id:
        return None, f"the number {answer.remote_id} belongs to another booking"
    try:
        is_held = held is not None and held.id == booking_id
        booking = held if is_held and held is not None else moving.lock(session, booking_id)
    except BookingUnknown:
        return None, "names no booking that we know"
    if booking.province != province:
        return None, "names another province's booking"
    if booking.channel != "platform" or booking.submitted_at is None:
        return None, "names a booking that this province was never told of"
    if answer.remote_id and booking.remote_id and answer.remote_id != booking.remote_id:
        return None, f"the booking is known there as {booking.remote_id}, not as {answer.remote_id}"
    return booking, ""


def _refused(session: Session, message: Incoming, answer: Answer, why: str, *, now: datetime) -> Applied:
    if exchange.refuse(session, message, why, now=now) == "repeated":
        return Applied("repeated", None)
    beside = _beside(session, message.province, answer)
    if beside is not None and answer.remote_id is not None:
        extras.want(session, beside, answer.remote_id, now=now, claimed_by=answer.kind)
        return Applied("refused", beside.id)
    told = {"why": why, "kind": answer.kind, "booking_id": answer.booking_id, "remote_id": answer.remote_id}
    cases.open_case(
        session,
        "foreign_answer",
        message.province,
        None,
        told,
        now=now,
        subject=answer.booking_id or answer.remote_id or "",
    )
    return Applied("refused", None)


def _beside(session: Session, province: str, answer: Answer) -> Booking | None:
    """The booking under whose reference the province names another order than the one that counts."""
    if answer.booking_id is None or answer.remote_id is None:
        return None
    known = select(Booking.id).where(Booking.province == province, Booking.remote_id == answer.remote_id)
    booking = session.get(Booking, answer.booking_id)
    if booking is None or booking.province != province or booking.remote_id is None:
        return None
    return None if session.scalar(known) is not None else booking


def _tell_to_cancel(session: Session, booking: Booking, answer: Answer, now: datetime) -> None:
    """The booking is over here and alive there: the province is told to cancel, once for all such answers."""
    came = rules.Transition("cancel", "system", booking.state, booking.state, None, ())
    booking.undo = "none" if booking.undo == "done" else booking.undo
    telling.undo_remote(Move(session, booking, came, Actor.system(), now, None, reason="answer_overdue"))
    if booking.undo == "open" and booking.timer_at is None:
        booking.timer_at = now + timedelta(hours=wire.terms_of(booking).undo_hours)
    cases.open_case(
        session,
        "contradiction",
        booking.province,
        booking.id,
        {"why": "answered after the end; told to cancel", "kind": answer.kind, "state": booking.state},
        now=now,
        subject="late",
    )


def _learn_remote_id(session: Session, booking: Booking, answer: Answer) -> None:
    """The province's own number of the booking; its calendar may know the time by nothing else."""
    if answer.remote_id is None or booking.remote_id is not None:
        return
    booking.remote_id = answer.remote_id[:100]
    availability.name_remote(session, booking.id, booking.remote_id)


def _learn_proposal(session: Session, booking: Booking, answer: Answer) -> None:
    """The province's number of the proposal that its station made in the portal; the answer to it needs that."""
    if answer.kind != "proposed" or answer.proposal_id is None or answer.slot is None:
        return
    theirs = select(Proposal).where(
        Proposal.booking_id == booking.id, Proposal.side == "provider", Proposal.remote_id.is_(None)
    )
    last = session.scalar(theirs.order_by(Proposal.number.desc()).limit(1))
    if last is not None and (last.starts_at, last.ends_at) == (answer.slot.start, answer.slot.end):
        last.remote_id = answer.proposal_id


def _named_slot(session: Session, booking: Booking, answer: Answer) -> tuple[datetime, datetime] | None:
    """The time an answer speaks of: its own, or that of our last proposal when it agrees without naming one."""
    if answer.slot is not None:
        return (answer.slot.start, answer.slot.end)
    if answer.kind != "agreed" or moving.open_proposal(session, booking) is not None:
        return None
    ours = select(Proposal).where(Proposal.booking_id == booking.id, Proposal.side == "enterprise")
    last = session.scalar(ours.order_by(Proposal.number.desc()).limit(1))
    if last is None or last.state != "lapsed" or last.starts_at is None or last.ends_at is None:
        return None
    return (last.starts_at, last.ends_at)


def _booked(booking: Booking) -> tuple[datetime | None, datetime | None]:
    return (booking.starts_at, booking.ends_at)


def _case(session: Session, booking: Booking, kind: str, answer: Answer, why: str, *, now: datetime) -> None:
    told = {"why": why, "kind": answer.kind, "state": booking.state, "message_id": answer.message_id}
    cases.open_case(session, kind, booking.province, booking.id, told, now=now)


def incoming(province: str, answer: Answer, subject: str | None, way: Way) -> Incoming:
    """The answer as the inbox keeps it: the same fact, by whatever way and in whatever words it came."""
    said = (answer.kind, answer.booking_id, answer.remote_id, answer.sequence, answer.slot, answer.reason)
    more = (answer.proposal_id, answer.expires_at, answer.usage, answer.report)
    return Incoming(
        province=province,
        message_id=answer.message_id,
        subject=subject,
        kind=answer.kind,
        sequence=answer.sequence,
        at=answer.at,
        way=way,
        raw=answer.raw,
        is_signed=answer.is_signed,
        facts=repr((said, more)),
    )
