"""Bookings for a calendar: the file of one, and the feed under a secret address that its owner can renew or take away."""

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.bookings import queries, wire
from hub.bookings.errors import FeedUnknown
from hub.bookings.models import Booking, CalendarFeed
from hub.core import audit
from hub.core.db import insert
from hub.identity import queries as identity
from hub.identity.errors import NotAllowed
from hub.identity.rules import Principal, may_enter, token_hash

ACTION = "booking.keep_calendar"
MEDIA_TYPE = wire.CALENDAR


def made_at(session: Session, principal: Principal) -> datetime | None:
    """Since when the present address of the principal's feed is good; None when there is none."""
    grant_id = identity.present_grant(session, principal)
    held = None if grant_id is None else queries.feed_of(session, grant_id=grant_id)
    return None if held is None else held.made_at


def renew(session: Session, principal: Principal, *, now: datetime) -> str:
    """A new secret for the principal's feed; the old address is dead. It is told once and kept only as a hash.

    Raises `NotAllowed` for who holds no grant of a booking's side.
    """
    grant_id = _grant(session, principal)
    token = token_urlsafe(32)
    values = {"token_hash": token_hash(token), "made_at": now}
    statement = insert(session, CalendarFeed).values(grant_id=grant_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["grant_id"], set_=values))
    audit.record(session, principal.name, "bookings.renew_calendar", f"grant:{grant_id}", now=now)
    return token


def stop(session: Session, principal: Principal, *, now: datetime) -> None:
    """Take the address away. Safe to repeat."""
    grant_id = _grant(session, principal)
    session.execute(delete(CalendarFeed).where(CalendarFeed.grant_id == grant_id))
    audit.record(session, principal.name, "bookings.stop_calendar", f"grant:{grant_id}", now=now)


def read(session: Session, token: str, *, public_url: str, now: datetime) -> bytes:
    """The feed that a token opens, as long as its grant lives and its role may have one. Raises `FeedUnknown`."""
    held = queries.feed_of(session, token_hash=token_hash(token))
    principal = None if held is None else identity.principal_of_grant(session, held.grant_id)
    if principal is None or not may_enter(principal, ACTION):
        raise FeedUnknown
    rows = queries.feed_rows(session, principal, now=now)
    return wire.calendar(rows, name="江仪汇预约", public_url=public_url)


def one(booking: Booking, *, public_url: str) -> bytes:
    """A booking that the caller may see, as a file for a calendar."""
    return wire.calendar([booking], name=f"预约 {booking.number}", public_url=public_url)


def _grant(session: Session, principal: Principal) -> int:
    grant_id = identity.present_grant(session, principal)
    if grant_id is None:
        raise NotAllowed(principal.name, ACTION, "-")
    return grant_id
