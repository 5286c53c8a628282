"""What comes of a message to a province: written down on the message and on its booking, in one transaction."""

import random
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import Answer
from adapters.errors import AdapterError, OutcomeUnknown, Throttled
from hub.bookings import rules
from hub.bookings.models import Booking, Delivery, Proposal
from hub.bookings.rules import delivering
from hub.bookings.service import answers, cases, moving
from hub.bookings.service.acting import Actor
from hub.bookings.service.moving import Given, lock
from hub.exchange import service as exchange

__all__ = ["answered", "failed", "hand_over", "is_wanted", "lock", "meet", "settle"]

_CHANCE = random.Random()  # jitter only; seeded by the simulation


def seed_jitter(seed: int) -> None:
    """Make pauses repeatable, for simulations."""
    _CHANCE.seed(seed)


def is_wanted(session: Session, booking: Booking, delivery: Delivery, now: datetime) -> bool:
    """Whether the booking still needs this message to arrive."""
    if delivery.kind == "submit":
        return booking.state in {"submitted", "forward_unknown"} and now < delivery.deadline
    if delivery.kind == "cancel":
        return booking.undo in {"open", "stuck"}
    if delivery.kind in {"propose", "offer"} and delivery.proposal is not None:
        state = session.get_one(Proposal, (booking.id, delivery.proposal)).state
        if state != "agreed" and (state != "open" or now >= delivery.deadline):
            return False
    return rules.is_live(delivery.kind, booking.state)


def meet(
    session: Session, booking: Booking, kind: str, answer: Answer, *, is_lookup: bool, now: datetime
) -> None:
    """The province said something about the locked booking when it was called with a message of this kind: whatever it
    is, it goes the way of all answers.
    """
    way: Literal["lookup", "response"] = "lookup" if is_lookup else "response"
    is_echo = not is_lookup and kind in {"consent", "object"} and rules.shows(kind, answer.kind)
    answers.apply(session, booking.province, answer, way=way, now=now, held=booking, is_echo=is_echo)


def answered(
    session: Session, booking: Booking, delivery: Delivery, heard: Any, way: Any, *, now: datetime
) -> None:
    """The province answered the call (`forwarding.Heard` over `forwarding.Way`).

    A response says that the message was acted on; a look-up shows whether it had been.
    """
    answer: Answer = heard.answer
    came = answers.incoming(delivery.province, answer, booking.id, "lookup" if heard.asked else "response")
    if not heard.asked:
        exchange.record_receipt(session, delivery.message_id, came, now=now)
        _deliver(session, booking, delivery, now)
        return
    delivery.lookups += 1
    if answer.kind == "not_found":
        _not_found(session, booking, delivery, way.settle_seconds, now=now)
    elif answer.kind == "unclear":  # the province cannot prove absence: somebody has to call it
        settle(session, delivery, "person", now=now)
    elif rules.settles(delivery.kind, answer.kind):
        exchange.record_receipt(session, delivery.message_id, came, now=now)
        _deliver(session, booking, delivery, now)
    else:  # the order is there and shows no trace of this message, which names itself: it may be sent again
        delivery.state, delivery.sent_at = "pending", None
        delivery.due_at = delivering.next_send(delivery.lookups, now, _CHANCE.random())


def misnamed(
    session: Session, booking: Booking, delivery: Delivery, answer: Answer, way: Any, *, now: datetime
) -> None:
    """The answer to a call about this booking names another one: nothing is concluded for either of them."""
    told = {
        "why": "the answer to our call names another booking",
        "kind": answer.kind,
        "named": answer.booking_id,
    }
    cases.open_case(session, "foreign_answer", delivery.province, booking.id, told, now=now)
    fault = OutcomeUnknown("答复指向另一预约。", "The answer names another booking.")
    failed(session, booking, delivery, fault, way, is_lookup=False, now=now)


def failed(
    session: Session,
    booking: Booking,
    delivery: Delivery,
    error: AdapterError,
    way: Any,
    *,
    is_lookup: bool,
    now: datetime,
    sent_before: datetime | None = None,
) -> None:
    """The call failed. Only an unknown outcome leaves the message one that may have been acted on.

    A call that surely met nobody says nothing of one before it (`sent_before`) whose worker died.
    """
    delivery.last_error = {
        "code": error.code,
        "zh": error.zh[:500],
        "en": error.en[:500],
        "at": now.isoformat(),
    }
    if is_lookup:
        delivery.lookups += 1
        delivery.due_at = delivering.next_ask(delivery.lookups, delivery.sent_at or now, now)
        return
    if isinstance(error, OutcomeUnknown):
        _wait(session, booking, delivery, now)
        if way.idempotency == "none" and not way.can_ask:
            settle(session, delivery, "person", now=now)
        return
    if error.retryable or error.code == "auth-rejected":
        delivery.state = "pending" if sent_before is None else "unknown"
        delivery.sent_at = sent_before
        asked = error.retry_after if isinstance(error, Throttled) else None
        delivery.due_at = delivering.next_send(delivery.attempts, now, _CHANCE.random(), asked=asked)
        return
    delivery.state, delivery.sent_at = "pending", None
    _refused(session, booking, delivery, now)


def doubt(session: Session, booking: Booking, *, now: datetime) -> None:
    """Somebody died while the submit may have been on its way: say so before the province is asked."""
    booking = lock(session, booking.id)
    if booking.state == "submitted":
        moving.move(session, booking, "mark_unknown", Actor.system(), now=now)


def hand_over(session: Session, delivery: Delivery, *, has_interface: bool, now: datetime) -> None:
    """Without an interface the station's portal is where it arrives; a province that fetches finds it waiting."""
    delivery.holder = delivery.lease_until = None
    if has_interface:
        delivery.state = "waiting"
        return
    booking = lock(session, delivery.booking_id)
    _deliver(session, booking, delivery, now)
    if booking.state == "submitted":
        moving.move(session, booking, "acknowledge", Actor.system(), now=now)


def settle(session: Session, delivery: Delivery, step: str, *, now: datetime) -> None:
    """Drop a message that surely had no effect and is not wanted, or leave one to a person."""
    delivery.holder = delivery.lease_until = None
    delivery.done_at = now
    booking = lock(session, delivery.booking_id)
    if step == "void":
        delivery.state = "void"
        _nothing_to_undo(session, booking, delivery, now)
        return
    delivery.state = "dead"
    if delivery.kind == "submit" and booking.state == "submitted":
        moving.move(session, booking, "mark_unknown", Actor.system(), now=now)
        delivery.state, delivery.done_at = "dead", now
    kind = "unknown_outcome" if delivery.kind == "submit" else "delivery_dead"
    told = {"message": delivery.kind, "error": delivery.last_error, "state": booking.state}
    cases.open_case(session, kind, delivery.province, booking.id, told, now=now)


def _deliver(session: Session, booking: Booking, delivery: Delivery, now: datetime) -> None:
    delivery.state, delivery.done_at = "delivered", now
    if delivery.kind == "submit" and booking.state in {"submitted", "forward_unknown"}:
        moving.move(session, booking, "acknowledge", Actor.system(), now=now)


def _wait(session: Session, booking: Booking, delivery: Delivery, now: datetime) -> None:
    """The province may have acted: from now on it is asked, or sent the very same again where that is safe."""
    if delivery.kind == "submit" and booking.state == "submitted":
        moving.move(session, booking, "mark_unknown", Actor.system(), now=now)
    delivery.state, delivery.sent_at = "unknown", delivery.sent_at or now
    delivery.due_at = delivering.next_ask(delivery.lookups, delivery.sent_at, now)


def _not_found(
    session: Session, booking: Booking, delivery: Delivery, settle_seconds: float, *, now: datetime
) -> None:
    sent_at = delivery.sent_at or now
    if not delivering.is_proof_of_absence(sent_at, now, settle_seconds):
        delivery.due_at = delivering.next_ask(delivery.lookups, sent_at, now, settle_seconds)
        return
    if delivery.kind == "cancel":
        _deliver(session, booking, delivery, now)
        _undone(session, booking, now)
    elif delivery.kind != "submit":
        settle(session, delivery, "person", now=now)
    elif is_wanted(session, booking, delivery, now):
        delivery.state, delivery.sent_at, delivery.due_at = "pending", None, now
        if booking.state == "forward_unknown":
            moving.move(session, booking, "prove_absent", Actor.system(), now=now)
    else:
        delivery.state, delivery.done_at = "void", now
        _nothing_to_undo(session, booking, delivery, now)


def _refused(session: Session, booking: Booking, delivery: Delivery, now: datetime) -> None:
    """The province surely did not act and would say the same again."""
    if delivery.kind == "submit":
        delivery.state, delivery.done_at = "void", now
        if booking.state in {"submitted", "forward_unknown"}:
            given = Given(reason="delivery_failed")
            moving.move(session, booking, "fail_forward", Actor.system(), given, now=now)
        else:
            _nothing_to_undo(session, booking, delivery, now)
        return
    is_over = delivery.kind in rules.OF_STATION and not is_wanted(session, booking, delivery, now)
    settle(session, delivery, "void" if is_over else "person", now=now)


def _nothing_to_undo(session: Session, booking: Booking, delivery: Delivery, now: datetime) -> None:
    """The submit surely never had an effect: a cancellation that waits behind it is not needed."""
    if delivery.kind != "submit" or booking.undo not in {"open", "stuck"}:
        return
    cancel = select(Delivery).where(
        Delivery.booking_id == booking.id,
        Delivery.kind == "cancel",
        Delivery.state.in_(("pending", "unknown", "waiting", "dead")),
    )
    for row in session.scalars(cancel):
        row.state, row.done_at = "void", now
    _undone(session, booking, now)


def _undone(session: Session, booking: Booking, now: datetime) -> None:
    booking.undo = "done"
    if booking.state == "cancelling":
        moving.move(session, booking, "confirm_cancel", Actor.system(), now=now)
    elif booking.state == "compensation_stuck":
        moving.move(session, booking, "resolve_stuck", Actor.system(), now=now)
    else:
        booking.timer_at = None
