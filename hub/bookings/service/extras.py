"""Extra orders: what a province holds under one booking beside the order that counts. Cancelled there by a durable job.

The province is asked before every attempt, so that a cancellation whose outcome is not known is never repeated blindly,
and an order that is not ours is never cancelled. Where it does not work a person finds a case.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from adapters.contract import BookingOrder, OrderMessage
from adapters.errors import AdapterError
from hub.bookings import wire
from hub.bookings.errors.provinces import ExtraOrderLeft
from hub.bookings.models import Booking
from hub.bookings.service import cases
from hub.core import audit, jobs, outbox
from hub.core.runtime import Runtime
from hub.exchange import rules as exchange

EXTRA_TASK = "bookings.cancel_extra"
_DEADLINE = timedelta(hours=24)
_GONE = frozenset({"cancelled", "rejected", "not_found"})


def want(
    session: Session, booking: Booking, remote_id: str, *, now: datetime, claimed_by: str | None = None
) -> None:
    """Have an order cancelled that the province holds under the booking beside the right one. Safe to repeat.

    `claimed_by` is the kind of the answer that named it; None when a look-up under our reference showed it.
    """
    payload = {
        "booking_id": booking.id,
        "remote_id": remote_id,
        "claimed_by": claimed_by,
        "key": exchange.new_key(),
        "message_id": exchange.new_message_id(),
    }
    step = "shown" if claimed_by is None else "claimed"
    key = f"extra:{step}:{booking.id}:{remote_id}"[:250]
    outbox.enqueue(session, EXTRA_TASK, payload, queue=outbox.FORWARD, key=key, now=now)


def cancel(runtime: Runtime, payload: Mapping[str, Any], attempts: int) -> None:
    """Ask, and cancel the extra order if it is still there; `attempts` counts this one. Safe to repeat.

    No transaction is open while the province is called. Raises `ExtraOrderLeft` to be called again.
    """
    remote_id = payload["remote_id"]
    with runtime.database.read() as session:
        booking = session.get_one(Booking, payload["booking_id"])
        order = wire.order_of(booking)
    port = runtime.adapters[booking.province].bookings
    if booking.remote_id == remote_id:
        return
    if port is None or "lookup" not in port.capabilities or not port.cancels_by_number:
        _leave(runtime, booking, remote_id, "the interface cannot cancel one order of several")
        return
    answer = None
    try:
        found = port.lookup(order)
        is_there = remote_id in found.duplicate_ids
        if is_there and payload["claimed_by"] is None:
            answer = port.send(_message(order, payload, runtime.clock()))
    except AdapterError as fault:
        is_final = fault.code == "refused" or attempts >= jobs.MAX_ATTEMPTS
        if is_final:
            _leave(runtime, booking, remote_id, f"{fault.code}: {fault.en}"[:500])
        raise ExtraOrderLeft(fault.zh, fault.en, is_final=is_final) from fault
    if answer is not None and answer.kind == "received":
        _look_again(runtime, booking, remote_id, attempts)
    if payload["claimed_by"] is not None:
        _check_claim(runtime, booking, payload, is_there=is_there or found.remote_id == remote_id)
    elif answer is not None and answer.kind not in _GONE:
        _leave(runtime, booking, remote_id, f"answered {answer.kind}: {answer.reason or answer.text}"[:500])
    else:
        _record(runtime, booking, remote_id)


def _look_again(runtime: Runtime, booking: Booking, remote_id: str, attempts: int) -> None:
    """The province took the cancellation and carries it out later: it counts only when the order is seen to be gone."""
    is_final = attempts >= jobs.MAX_ATTEMPTS
    if is_final:
        _leave(runtime, booking, remote_id, "taken, and still not cancelled")
    raise ExtraOrderLeft(
        "平台已收下，尚未处理。", "The platform took it and has not acted yet.", is_final=is_final
    )


def _check_claim(runtime: Runtime, booking: Booking, payload: Mapping[str, Any], *, is_there: bool) -> None:
    """An answer named the order: one that the province has is cancelled next, one that it has not is a mix-up."""
    remote_id, kind, now = payload["remote_id"], payload["claimed_by"], runtime.clock()
    with runtime.database.write() as session:
        if is_there:
            want(session, booking, remote_id, now=now)
        elif kind not in _GONE:
            told = {"why": "not an order of this booking", "kind": kind, "remote_id": remote_id}
            cases.open_case(
                session, "foreign_answer", booking.province, booking.id, told, now=now, subject=remote_id
            )


def _record(runtime: Runtime, booking: Booking, remote_id: str) -> None:
    now = runtime.clock()
    with runtime.database.write() as session:
        told = {"remote_id": remote_id}
        audit.record(
            session, "system:bookings", "bookings.cancel_extra", f"booking:{booking.id}", told, now=now
        )


def _leave(runtime: Runtime, booking: Booking, remote_id: str, why: str) -> None:
    told = {"remote_id": booking.remote_id, "others": [remote_id], "why": why}
    with runtime.database.write() as session:
        cases.open_case(
            session,
            "duplicate_order",
            booking.province,
            booking.id,
            told,
            now=runtime.clock(),
            subject=remote_id,
        )


def _message(order: BookingOrder, payload: Mapping[str, Any], now: datetime) -> OrderMessage:
    return OrderMessage(
        command="cancel",
        order=replace(order, remote_id=payload["remote_id"]),
        key=payload["key"],
        message_id=payload["message_id"],
        sequence=0,
        deadline=now + _DEADLINE,
        correlation_id=payload["message_id"],
        reason="settled_by_staff",
        note="重复订单，请勿安排。",
    )
