"""How an order's own share stands, for whoever goes on from there."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement.models import Attempt, Payment


@dataclass(frozen=True, slots=True)
class Standing:
    """In fen. `state` is one of the machine `payment`; `is_settled`: nothing is outstanding, nothing has to go back.

    `channels` are those by which the money came, in order.
    """

    payment_id: str
    reference: str
    state: str
    owed_fen: int
    paid_fen: int
    refunded_fen: int
    outstanding_fen: int
    due_on: date | None
    paid_at: datetime | None
    is_settled: bool
    payment_due: str
    channels: tuple[str, ...] = ()


def standing(session: Session, reference: str) -> Standing | None:
    """How the order's own share stands; None when nothing was ever owed for it. Reads only."""
    row = session.scalar(select(Payment).where(Payment.reference == reference))
    if row is None:
        return None
    mine = select(Attempt.channel).where(
        Attempt.payment_id == row.id, Attempt.state == "paid", Attempt.is_surplus.is_(False)
    )
    channels = tuple(dict.fromkeys(session.scalars(mine.order_by(Attempt.settled_at, Attempt.number))))
    net = row.paid_fen - row.refunded_fen
    return Standing(
        row.id,
        row.reference,
        row.state,
        row.owed_fen,
        row.paid_fen,
        row.refunded_fen,
        max(0, row.owed_fen - net),
        row.due_on,
        row.paid_at,
        row.state in {"none", "paid", "partly_refunded", "refunded"} and net == row.owed_fen,
        row.payment_due,
        channels,
    )
