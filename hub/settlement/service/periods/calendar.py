"""The calendar of periods: monthly, with one batch for every pair of provinces and one inside each."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit, db
from hub.settlement.errors import BatchStateWrong, PeriodUnknown
from hub.settlement.models import Batch, Period
from hub.settlement.rules import periods as rules


def keep_calendar(session: Session, first: str, count: int, *, now: datetime) -> int:  # noqa: ARG001 - as everywhere
    """Have `count` months from `first` (`YYYY-MM`) on, each with its batches; how many were new. Safe to repeat.

    A cut-off that was set for a period stays. Raises ValueError for what is no month.
    """
    new = 0
    for month in rules.months(first, count):
        made = db.insert(session, Period).values(month._asdict())
        added = session.scalar(made.on_conflict_do_nothing(index_elements=["id"]).returning(Period.id))
        if added is not None:
            new += 1
            _open(session, month.id)
    return new


def set_cutoff(session: Session, period_id: str, at: datetime, *, actor: str, now: datetime) -> None:
    """Say when a period is cut. Raises `PeriodUnknown`; `BatchStateWrong` once one of its batches was cut."""
    period = session.get(Period, period_id)
    if period is None:
        raise PeriodUnknown(period_id)
    cut = session.scalar(
        select(Batch.state).where(Batch.period_id == period_id, Batch.state != "open").limit(1)
    )
    if cut is not None:
        raise BatchStateWrong("set_cutoff", cut)
    period.cutoff_at = at
    told = {"cutoff_at": rules.instant(at)}
    audit.record(session, actor, "settlement.set_cutoff", period_id, told, now=now)


def provinces() -> tuple[str, ...]:
    """The provinces between which is settled: those of the belt."""
    return tuple(code for code, entry in schemas.codes("province").items() if entry.attributes.get("region"))


def _open(session: Session, period_id: str) -> None:
    rows = [
        {
            "id": rules.batch_id(period_id, visited, home),
            "period_id": period_id,
            "visited": visited,
            "home": home,
            "state": "open",
            "version": 1,
            "revision": 0,
            "lines": 0,
            "fee_fen": 0,
            "voucher_fen": 0,
            "own_fen": 0,
        }
        for visited in provinces()
        for home in provinces()
    ]
    session.execute(db.insert(session, Batch).on_conflict_do_nothing(index_elements=["id"]), rows)
