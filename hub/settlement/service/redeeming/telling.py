"""What settlement is told of an order by those who own the facts. It never reads upward."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import db
from hub.settlement.models.redeeming import Told

Thing = Literal["booked", "completed", "dispute", "report", "rating", "money", "looked"]


def tell(
    session: Session,
    reference: str,
    thing: Thing,
    state: str,
    *,
    at: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Keep the newest word about one thing of an order; `state` in the words of its owner, `evidence` to look it up by.

    Safe to repeat; an older word than the one that is kept changes nothing.
    """
    values = {"state": state, "evidence": dict(evidence or {}), "at": at}
    added = db.insert(session, Told).values(reference=reference, name=thing, **values)
    session.execute(
        added.on_conflict_do_update(index_elements=["reference", "name"], set_=values, where=Told.at <= at)
    )


def told_of(session: Session, reference: str) -> dict[str, Told]:
    """Everything that was told of an order, by thing."""
    mine = select(Told).where(Told.reference == reference).execution_options(populate_existing=True)
    return {row.name: row for row in session.scalars(mine)}


def note_money(session: Session, reference: str, programme_id: str, *, now: datetime) -> None:
    """The voucher's share of the order has reached its payee. Safe to repeat: the first time counts."""
    added = db.insert(session, Told).values(
        reference=reference, name="money", state=programme_id, evidence={}, at=now
    )
    session.execute(added.on_conflict_do_nothing(index_elements=["reference", "name"]))
