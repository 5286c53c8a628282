"""Answers that were refused at the door because their signature does not hold: nothing was read, each is counted."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.bookings.models import Route
from hub.core.db import insert


def count(session: Session, province: str, *, now: datetime) -> None:
    """One more answer in a province's name was refused; shown with its route."""
    added = insert(session, Route).values(province=province, refused_signatures=1, refused_at=now)
    session.execute(
        added.on_conflict_do_update(
            index_elements=["province"],
            set_={"refused_signatures": Route.refused_signatures + 1, "refused_at": now},
        )
    )
