"""Bookings by their identifiers, as far as the reader may see them: what stands behind the claims of a board."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.bookings.queries.books import Page, reach
from hub.identity.rules import Principal

MOST = 2_000


def among(session: Session, principal: Principal, ids: Collection[str]) -> Page:
    """Those of these bookings that the principal may see, by identifier; at most `MOST`. Claims carry the same names."""
    if not ids:
        return Page([], None)
    query = select(Booking).where(reach(principal), Booking.id.in_(ids)).order_by(Booking.id).limit(MOST)
    return Page(list(session.scalars(query)), None)
