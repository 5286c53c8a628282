"""Messages for provinces that fetch them: handed out in order until an answer shows that they arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from adapters.contract import BookingPort
from hub.bookings import wire
from hub.bookings.models import Booking, Delivery
from hub.bookings.service import recording, untold
from hub.exchange import service as exchange
from hub.exchange.signing import Sealer


@dataclass(frozen=True, slots=True)
class Handed:
    """A message in the province's own words, inside the hub's envelope; `position` is its place in the list."""

    position: int
    document: Mapping[str, Any]


def hand_out(
    session: Session,
    province: str,
    port: BookingPort,
    *,
    after: int,
    limit: int,
    now: datetime,
    seal: Sealer | None = None,
) -> list[Handed]:
    """What waits for the province behind a position, the oldest first. Safe to repeat: it stays until it was answered.

    `seal` signs each envelope where the dialect has a place for it.

    From now on a message may have been acted on. One that nobody wants any more and that was never handed out is dropped.
    """
    earlier = aliased(Delivery)
    waiting = (
        select(Delivery)
        .where(
            Delivery.province == province,
            Delivery.state == "waiting",
            Delivery.id > after,
            ~exists().where(
                earlier.booking_id == Delivery.booking_id,
                earlier.sequence < Delivery.sequence,
                earlier.state.in_(("pending", "unknown", "waiting")),
                earlier.sent_at.is_(None),
            ),
        )
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update()
    )
    handed = []
    for delivery in session.scalars(waiting).all():
        booking = session.get_one(Booking, delivery.booking_id)
        if delivery.sent_at is None and not recording.is_wanted(session, booking, delivery, now):
            recording.settle(session, delivery, "void", now=now)
            continue
        if not untold.may_go(session, booking, delivery, port, now=now):
            continue
        delivery.sent_at = delivery.sent_at or now
        delivery.attempts += 1
        document = _document(session, port, booking, delivery)
        if seal is not None and "signed" in port.capabilities:
            members = {"aud": province, "message_id": delivery.message_id}
            document = {**document, "signature": seal.seal_document(document, members, now=now)}
            exchange.keep_signature(session, delivery.message_id, document["signature"])
        handed.append(Handed(delivery.id, document))
    return handed


def _document(session: Session, port: BookingPort, booking: Booking, delivery: Delivery) -> Mapping[str, Any]:
    envelope = exchange.envelope(session, delivery.message_id)
    message = wire.order_message(envelope, booking.remote_id, untold.proposal_id(session, delivery))
    return {
        "message_id": envelope.message_id,
        "kind": envelope.kind,
        "sequence": envelope.sequence,
        "deadline": envelope.deadline.isoformat(),
        "correlation_id": envelope.correlation_id,
        "content_hash": envelope.content_hash,
        "body": port.write(message),
    }
