"""Usage that programs tell: a province's platform, and sensors that speak through it. The number at the source is the key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.errors import BookingUnknown
from hub.bookings.models import Booking
from hub.bookings.service import moving, people, usages
from hub.bookings.service.acting import Actor
from hub.bookings.service.effects import used, using
from hub.bookings.service.usages import Done
from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement.errors.usage import UsageInvalid, UsageTooEarly
from hub.settlement.service import usage as settlement
from hub.settlement.service.usage import By, Told

SERVED = frozenset({"service_done", "report_delivered", "completed"})
_TOLD_BY = frozenset({"platform", "sensor"})


def push(session: Session, principal: Principal, body: Mapping[str, Any], *, now: datetime) -> Done:
    """A platform or a sensor of its province tells what was used. Safe to repeat: the number at the source is the key.

    A booking in service is checked out by it. Raises `BookingUnknown`, access refusals, `UsageInvalid` (422),
    `UsageConflict` (422: other content under the same number), `UsageTooEarly` and `UsageRefused` (409).
    """
    told = _told(body)
    booking = _booking_of(session, principal, body)
    identity.allow(
        session,
        principal,
        "usage.push",
        Subject(station_province=booking.province, name=f"booking:{booking.id}"),
        now=now,
    )
    actor = Actor.platform(booking.province)
    known = settlement.known(session, booking.province, told)
    if known is not None:
        return Done(usages.document(session, principal, known, now=now), is_replayed=True)
    if booking.state != "in_service" and booking.state not in SERVED:
        raise UsageTooEarly(booking.state)
    if not booking.fee_fen:
        raise UsageInvalid(
            "/reference",
            "该预约没有约定费用，无须报送使用记录。",
            "No fee was agreed for this booking; there is no usage to keep.",
        )
    if booking.state == "in_service":
        booking.document = {
            **booking.document,
            **({"usage": dict(told.used)} if told.used else {}),
            using.TOLD: using.told_document(told),
        }
        moving.move(session, booking, "check_out", actor, moving.Given(has_usage=True), now=now)
    else:
        record_more(session, booking, told, actor, now=now)
    usage = settlement.lock_order(session, booking.id)
    assert usage is not None, "a served booking with a fee has its usage"
    noted = {"version": usage.version, "external_id": told.external_id, "source": told.source}
    audit.record(session, principal.name, "usage.push", f"usage:{usage.id}", noted, now=now)
    return Done(usages.document(session, principal, usage, now=now))


def record_more(session: Session, booking: Booking, told: Told, actor: Actor, *, now: datetime) -> None:
    """Another source tells more of a locked booking that was served: another version while the enterprise has not spoken.

    Raises `UsageRefused` afterwards, `UsageConflict`, `UsageInvalid`.
    """
    settlement.record_usage(
        session,
        used.recording_of(booking),
        told,
        used.price_of(session, booking),
        By("platform", actor.name),
        recipients=people.of_enterprise(booking),
        now=now,
    )


def _booking_of(session: Session, principal: Principal, body: Mapping[str, Any]) -> Booking:
    """The province's booking that the push names, locked."""
    reference, remote_id = body.get("reference"), body.get("remote_id")
    if reference is None and remote_id is None:
        raise UsageInvalid(
            "/reference", "请填写预约标识或平台订单号。", "Name the booking or the platform's order."
        )
    mine = select(Booking.id).where(Booking.province == principal.province)
    if reference is not None:
        mine = mine.where(Booking.id == reference)
    if remote_id is not None:
        mine = mine.where(Booking.remote_id == remote_id)
    booking_id = session.scalar(mine)
    if booking_id is None:
        raise BookingUnknown(str(reference or remote_id))
    return moving.lock(session, booking_id)


def _told(body: Mapping[str, Any]) -> Told:
    if body["source"] not in _TOLD_BY:
        raise UsageInvalid(
            "/source", "平台只能以 platform 或 sensor 为来源。", "A platform tells as platform or as sensor."
        )
    if not body.get("used") and not body.get("intervals"):
        raise UsageInvalid(
            "/used", "请填写使用情况或运行时段。", "Tell what was used, or the running intervals."
        )
    return Told(
        body["source"],
        body["external_id"],
        body.get("used", {}),
        tuple(body.get("intervals", ())),
        tuple(body.get("evidence", ())),
    )
