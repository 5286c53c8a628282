"""What does not go by itself: open cases, dead messages, how each province's interface is doing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.bookings.models import Booking, Case, Delivery, Route


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that waits for a person or for the province, with its booking."""

    delivery: Delivery
    booking: Booking


@dataclass(frozen=True, slots=True)
class RouteState:
    """One province's interface: open messages by state, those it had no word for, its circuit."""

    province: str
    pending: int
    unknown: int
    waiting: int
    dead: int
    skipped: int
    failures: int
    open_until: datetime | None
    last_success_at: datetime | None
    feed_read_at: datetime | None
    refused_signatures: int
    refused_at: datetime | None


def cases(
    session: Session,
    *,
    province: str | None = None,
    state: str = "open",
    before: int | None = None,
    limit: int = 50,
) -> list[Case]:
    """Cases of one province or of all, newest first."""
    query = select(Case).where(Case.state == state).order_by(Case.id.desc()).limit(limit)
    if province is not None:
        query = query.where(Case.province == province)
    if before is not None:
        query = query.where(Case.id < before)
    return list(session.scalars(query))


def dead_deliveries(
    session: Session, *, province: str | None = None, before: int | None = None, limit: int = 50
) -> list[Dead]:
    """Messages whose outcome is unknown or that are left to a person, newest first."""
    query = (
        select(Delivery, Booking)
        .join(Booking, Booking.id == Delivery.booking_id)
        .where(Delivery.state.in_(("unknown", "dead")))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    if province is not None:
        query = query.where(Delivery.province == province)
    if before is not None:
        query = query.where(Delivery.id < before)
    return [Dead(*row) for row in session.execute(query)]


def route_board(session: Session) -> list[RouteState]:
    """Every province that was ever told something, by code."""
    counts: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(Delivery.province, Delivery.state, func.count())
        .where(Delivery.state.in_(("pending", "unknown", "waiting", "dead", "skipped")))
        .group_by(Delivery.province, Delivery.state)
    )
    for province, state, count in rows:
        counts.setdefault(province, {})[state] = count
    routes = {route.province: route for route in session.scalars(select(Route))}
    return [
        _route_state(province, counts.get(province, {}), routes.get(province))
        for province in sorted({*counts, *routes})
    ]


def _route_state(province: str, counts: dict[str, int], route: Route | None) -> RouteState:
    return RouteState(
        province,
        counts.get("pending", 0),
        counts.get("unknown", 0),
        counts.get("waiting", 0),
        counts.get("dead", 0),
        counts.get("skipped", 0),
        0 if route is None else route.failures,
        None if route is None else route.open_until,
        None if route is None else route.last_success_at,
        None if route is None else route.feed_read_at,
        0 if route is None else route.refused_signatures,
        None if route is None else route.refused_at,
    )
