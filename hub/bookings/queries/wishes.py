"""Who waits for what."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.models import Wish


def wishes_of(
    session: Session, enterprise_id: str, *, before: int | None = None, limit: int = 50
) -> list[Wish]:
    """The enterprise's entries in the waiting list, newest first."""
    query = select(Wish).where(Wish.enterprise_id == enterprise_id).order_by(Wish.id.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(Wish.id < before)))
