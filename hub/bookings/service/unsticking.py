"""What the hub's administrator may do about delivery: have it tried now. Nothing here answers for a station."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.bookings.errors import CaseUnknown
from hub.bookings.models import Delivery, Route
from hub.core import audit


def try_now(session: Session, delivery_id: int, *, actor: str, now: datetime) -> None:
    """Make a waiting or dead message due and let the province be called again. Safe to repeat; audited.

    One that may have been acted on stays so: it is asked about, or left to a person again. Raises `CaseUnknown`.
    """
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.state not in {"pending", "unknown", "dead"}:
        raise CaseUnknown(delivery_id)
    if delivery.state == "dead":
        delivery.state = "pending" if delivery.sent_at is None else "unknown"
        delivery.done_at = None
    delivery.due_at = now
    route = session.get(Route, delivery.province)
    if route is not None:
        route.open_until = None
    told = {"kind": delivery.kind, "province": delivery.province}
    audit.record(session, actor, "bookings.try_delivery", f"booking:{delivery.booking_id}", told, now=now)
