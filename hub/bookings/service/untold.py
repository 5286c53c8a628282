"""Messages that a province's dialect has no word for, or that must wait for its word on an earlier one."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import BookingPort
from hub.bookings import rules, wire
from hub.bookings.models import Booking, Delivery, Proposal
from hub.bookings.service import cases
from hub.bookings.service.acting import Actor, Move
from hub.bookings.service.effects import telling

_PAUSE = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)
"""After this long a message goes without the province's number of the proposal: what it says then is its refusal."""

_ON_PROPOSALS = {"agree": "offer", "decline": "offer", "consent": "propose", "object": "propose"}


def may_go(
    session: Session, booking: Booking, delivery: Delivery, port: BookingPort | None, *, now: datetime
) -> bool:
    """Whether the message can be told now; otherwise it is skipped, dropped or put off here. Safe to repeat."""
    if delivery.sent_at is not None or port is None:
        return True
    if delivery.kind in rules.OF_STATION and delivery.kind not in port.capabilities:
        _skip(session, booking, delivery, now=now)
        return False
    first = _first(session, delivery)
    if first is None:
        return True
    if first.state == "void":
        _end(delivery, "void", now)
        return False
    if first.state == "skipped":
        _skip(session, booking, delivery, now=now)
        return False
    if (
        first.kind == "offer"
        and proposal_id(session, delivery) is None
        and now < first.due_at + _LONGEST_WAIT
    ):
        delivery.due_at, delivery.holder, delivery.lease_until = now + _PAUSE, None, None
        return False
    return True


def proposal_id(session: Session, delivery: Delivery) -> str | None:
    """The province's number of the proposal that the message is about, as far as it is known."""
    if delivery.proposal is None:
        return None
    return session.get_one(Proposal, (delivery.booking_id, delivery.proposal)).remote_id


def open_case(
    session: Session, booking: Booking, message: str, *, now: datetime, said: str | None = None
) -> None:
    """Have the province's staff enter at their platform what its station did here. Safe to repeat."""
    told = {"message": message, "state": booking.state, "remote_id": booking.remote_id, "said": said}
    cases.open_case(session, "untold", booking.province, booking.id, told, now=now)


def close_case(session: Session, booking: Booking, kind: str, *, now: datetime) -> None:
    """The province says something that agrees; with the last thing it could not be told, it has caught up. Safe to repeat."""
    skipped = session.scalars(
        select(Delivery.kind)
        .where(Delivery.booking_id == booking.id, Delivery.state == "skipped")
        .order_by(Delivery.id.desc())
    )
    last = next(filter(rules.needs_a_hand, skipped), None)
    if last is not None and not rules.settles(last, kind):
        return
    by = f"platform:{booking.province}"
    cases.close_cases(session, booking.id, ("untold",), by=by, resolution=kind, now=now)


def _skip(session: Session, booking: Booking, delivery: Delivery, *, now: datetime) -> None:
    """The dialect has no word for it: said on the message, and where it matters to a person.

    A refusal has one in every dialect: the order is cancelled.
    """
    _end(delivery, "skipped", now)
    delivery.last_error = {
        "code": "unsupported",
        "zh": "该省接口没有表达此处理的消息；请在省级平台上登记",
        "en": "this province's interface has no message for it; enter it at the platform",
        "at": now.isoformat(),
    }
    if delivery.kind == "reject" and booking.state == "rejected":
        came = rules.Transition("reject", "system", booking.state, booking.state, None, ())
        telling.undo_remote(Move(session, booking, came, Actor.system(), now, None))
        if booking.undo == "open":
            booking.timer_at = now + timedelta(hours=wire.terms_of(booking).undo_hours)
    elif rules.needs_a_hand(delivery.kind) and rules.is_live(delivery.kind, booking.state):
        open_case(session, booking, delivery.kind, now=now)


def _first(session: Session, delivery: Delivery) -> Delivery | None:
    """The message that made the proposal this one is about; None when the province made it."""
    if delivery.proposal is None or delivery.kind not in _ON_PROPOSALS:
        return None
    return session.scalar(
        select(Delivery).where(
            Delivery.booking_id == delivery.booking_id,
            Delivery.kind == _ON_PROPOSALS[delivery.kind],
            Delivery.proposal == delivery.proposal,
        )
    )


def _end(delivery: Delivery, state: str, now: datetime) -> None:
    delivery.state, delivery.done_at = state, now
    delivery.holder = delivery.lease_until = None
