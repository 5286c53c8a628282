"""What the province is told: messages sealed and laid out for delivery, in the move's own transaction.

A message is stored before it is sent. Nothing is told to a province without a booking interface: there its station works
in the portal and sees everything.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from hub.bookings import rules, wire
from hub.bookings.models import Booking, Delivery, Proposal
from hub.bookings.rules import MACHINE
from hub.bookings.rules.deciding import is_provider
from hub.bookings.service.acting import Move
from hub.core import bulk
from hub.core.db import table_of
from hub.exchange import service as exchange

_DELIVERY = table_of(Delivery)


_FETCHED = (
    select(_DELIVERY.c.id)
    .where(
        _DELIVERY.c.booking_id == bindparam("booking"),
        _DELIVERY.c.state == "waiting",
        _DELIVERY.c.sent_at.is_not(None),
    )
    .order_by(_DELIVERY.c.id)
)
_SETTLED = ("state", "done_at", "holder", "lease_until", "fence")
_ARRIVED = (
    update(_DELIVERY)
    .where(
        _DELIVERY.c.booking_id == bindparam("booking"),
        _DELIVERY.c.kind == "submit",
        _DELIVERY.c.state.in_(("pending", "unknown", "waiting", "dead")),
    )
    .values(
        state="delivered",
        done_at=bindparam("now"),
        holder=None,
        lease_until=None,
        fence=_DELIVERY.c.fence + 1,
    )
    .returning(_DELIVERY.c.id, _DELIVERY.c.message_id, *(_DELIVERY.c[name] for name in _SETTLED))
)


def tell_province(made: Move) -> None:
    """Tell a province that keeps the order what was done here: by the enterprise, or by its station in the portal.

    What the province said itself is not repeated.
    """
    kind = rules.message_of(made.transition.command, made.actor.side)
    if made.booking.channel != "platform" or kind is None:
        return
    if made.transition.command == "lapse" and not _was_theirs(made):
        return  # our own proposal ran out; a late agreement to it is met as a proposal of theirs
    body: dict[str, Any] = {}
    proposal = _proposed(made) if kind in {"propose", "offer"} else made.proposal
    if proposal is not None:
        body = {
            "slot": _slot(proposal.starts_at, proposal.ends_at),
            "proposal_id": proposal.remote_id,
        }
    if kind == "check_out":
        body = {"usage": made.booking.document.get("usage")}
    elif kind == "deliver":
        body = {"report": {name: made.detail[name] for name in ("version", "sha256") if name in made.detail}}
    number = None if proposal is None else proposal.number
    _lay_out(made, kind, {**body, "reason": made.reason, "note": made.text}, proposal=number)


def undo_remote(made: Move) -> None:
    """Have the province forget the booking, if it may hold it. `undo` says on the booking whether that is still open.

    A submit that surely has not left is dropped, and there is nothing to undo.
    """
    booking = made.booking
    if booking.channel != "platform":
        return
    submit = made.session.scalar(
        select(Delivery).where(Delivery.booking_id == booking.id, Delivery.kind == "submit")
    )
    if submit is None:
        return
    if submit.state == "void":
        return
    if submit.state in {"pending", "waiting"} and submit.sent_at is None and not _is_leased(submit, made.now):
        submit.state, submit.done_at = "void", made.now
        return
    _void_unsent(made)
    booking.undo = "open"
    if not _has_open_cancel(made):
        _lay_out(made, "cancel", {"reason": made.reason, "note": made.text})
    else:
        _hurry_cancel(made)


def stop_undo(made: Move) -> None:
    """The province keeps the booking: it is no longer asked to forget it."""
    made.booking.undo = "none"
    close_cancel(made.session, made.booking, now=made.now)


def close_cancel(session: Session, booking: Booking, *, now: datetime) -> None:
    """No cancellation has to reach the province any more. Safe to repeat."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.booking_id == booking.id,
            Delivery.kind == "cancel",
            Delivery.state.in_(("pending", "unknown", "waiting", "dead")),
        )
        .values(state="delivered", done_at=now, holder=None, lease_until=None, fence=Delivery.fence + 1)
        .execution_options(synchronize_session="fetch")
    )


def arrived(session: Session, booking: Booking, *, now: datetime) -> list[str]:
    """The submit has reached the province, whatever became of the call that carried it; the message, if it is news.

    Safe to repeat.
    """
    found = session.execute(_ARRIVED, {"booking": booking.id, "now": now}).all()
    for row in found:
        held = session.identity_map.get(session.identity_key(Delivery, row.id))
        if held is not None:  # whoever settles the message holds its row: it shows what is written now
            for name in _SETTLED:
                set_committed_value(held, name, getattr(row, name))
    return [row.message_id for row in found]


def answered(session: Session, booking: Booking, kind: str, *, now: datetime) -> list[str]:
    """An answer shows which of the messages that the province fetched have arrived: those. Safe to repeat."""
    shown = []
    for delivery_id in session.scalars(_FETCHED, {"booking": booking.id}).all():
        delivery = session.get_one(Delivery, delivery_id)
        is_refused = kind == "not_noted" and delivery.kind in rules.OF_STATION
        if is_refused or rules.settles(delivery.kind, kind):
            delivery.state, delivery.done_at = "delivered", now
            shown.append(delivery.message_id)
    return shown


def was_told(session: Session, proposal: Proposal) -> bool:
    """Whether the province may know of an open proposal: its own, or one whose message may have left."""
    told = select(Delivery).where(
        Delivery.booking_id == proposal.booking_id,
        Delivery.proposal == proposal.number,
        Delivery.kind.in_(("propose", "offer")),
    )
    message = session.scalar(told.limit(1))
    return message is None or message.sent_at is not None or message.state == "delivered"


def schedule_lookup(made: Move) -> None:
    """The submit may have been acted on: from now on the province is only asked."""
    _set_submit(made, "unknown", due=made.now)


def send_again(made: Move) -> None:
    """The province surely does not hold the booking: the same message may be sent, under the same key."""
    _set_submit(made, "pending", due=made.now, sent_at=None)


def _lay_out(made: Move, kind: str, body: dict[str, Any], *, proposal: int | None = None) -> None:
    booking, session = made.booking, made.session
    told = {name: value for name, value in body.items() if value is not None}
    deadline = _deadline(made, kind)
    sealed = exchange.seal(
        session,
        booking.id,
        kind,
        {"order": wire.order_to_document(booking), **told},
        province=booking.province,
        deadline=deadline,
        now=made.now,
    )
    session.flush()  # the booking may be new
    row = {
        "booking_id": booking.id,
        "message_id": sealed.message_id,
        "province": booking.province,
        "kind": kind,
        "sequence": sealed.sequence,
        "proposal": proposal,
        "state": "pending",
        "due_at": made.now,
        "deadline": deadline,
        "attempts": 0,
        "lookups": 0,
        "fence": 0,
    }
    bulk.insert_rows(_DELIVERY, tuple(row)).run(session, [row])


def _deadline(made: Move, kind: str) -> datetime:
    terms = wire.terms_of(made.booking)
    if kind in {"propose", "offer"} and (proposal := _proposed(made)) is not None:
        return proposal.until
    ends = MACHINE.states[made.booking.state].is_terminal
    return made.now + timedelta(hours=terms.undo_hours if ends else terms.forward_hours)


def _void_unsent(made: Move) -> None:
    """Drop what was still to be said and surely was not: the cancellation makes it pointless."""
    made.session.execute(
        update(Delivery)
        .where(
            Delivery.booking_id == made.booking.id,
            Delivery.kind.not_in(("submit", "cancel")),
            Delivery.state.in_(("pending", "waiting")),
            Delivery.sent_at.is_(None),
            Delivery.holder.is_(None),
        )
        .values(state="void", done_at=made.now)
        .execution_options(synchronize_session=False)
    )


def _has_open_cancel(made: Move) -> bool:
    mine = select(Delivery.id).where(
        Delivery.booking_id == made.booking.id,
        Delivery.kind == "cancel",
        Delivery.state.in_(("pending", "unknown", "waiting")),
    )
    return made.session.scalar(mine.limit(1)) is not None


def _hurry_cancel(made: Move) -> None:
    made.session.execute(
        update(Delivery)
        .where(
            Delivery.booking_id == made.booking.id,
            Delivery.kind == "cancel",
            Delivery.state.in_(("pending", "unknown")),
            Delivery.holder.is_(None),
        )
        .values(due_at=made.now)
        .execution_options(synchronize_session=False)
    )


def _set_submit(made: Move, state: str, *, due: datetime, **values: Any) -> None:
    made.session.execute(
        update(Delivery)
        .where(
            Delivery.booking_id == made.booking.id,
            Delivery.kind == "submit",
            Delivery.state.in_(("pending", "unknown", "dead")),
        )
        .values(state=state, due_at=due, done_at=None, **values)
        .execution_options(synchronize_session="evaluate")  # whoever settles it holds the row
    )


def _is_leased(delivery: Delivery, now: datetime) -> bool:
    return delivery.lease_until is not None and delivery.lease_until > now


def _proposed(made: Move) -> Proposal | None:
    number = made.detail.get("proposal")
    return None if number is None else made.session.get(Proposal, (made.booking.id, number))


def _was_theirs(made: Move) -> bool:
    return made.proposal is not None and is_provider(made.proposal.side)


def _slot(start: datetime | None, end: datetime | None) -> dict[str, str] | None:
    if start is None or end is None:
        return None
    return {"start": start.isoformat(), "end": end.isoformat()}
