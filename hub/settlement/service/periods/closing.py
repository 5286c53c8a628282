"""Cutting a period: which lines are in it and which are in the next. A line is taken by one conditional update, once.

Whoever confirms a usage at the same moment either committed before the cut saw the line, then it is in this period, or
after, then the next cut takes it: every cut takes all that is ready and was rated before its cut-off, however long ago.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from hub.settlement.errors import CutoffNotReached, PeriodUnknown
from hub.settlement.models import Batch, Period, RatedLine
from hub.settlement.service.periods.acting import SYSTEM, Acting, move


@dataclass(frozen=True, slots=True)
class Closed:
    """What was cut: the batches, and how many lines each took (those without lines are left out)."""

    batches: tuple[str, ...]
    lines: dict[str, int]


def close_period(
    session: Session, period_id: str, *, visited: str | None = None, acting: Acting = SYSTEM, now: datetime
) -> Closed:
    """Cut the period's open batches, or only those of one visited province. Safe to repeat and to run twice at once.

    Raises `PeriodUnknown`, `CutoffNotReached`.
    """
    period = session.get(Period, period_id)
    if period is None:
        raise PeriodUnknown(period_id)
    if now < period.cutoff_at:
        raise CutoffNotReached(period_id, period.cutoff_at)
    open_ones = select(Batch).where(Batch.period_id == period_id, Batch.state == "open")
    if visited is not None:
        open_ones = open_ones.where(Batch.visited == visited)
    locked = open_ones.order_by(Batch.id).with_for_update().execution_options(populate_existing=True)
    batches = session.scalars(locked).all()
    if not batches:
        return Closed((), {})
    for batch in batches:
        batch.cutoff_at = period.cutoff_at
    taken = _cut(session, period, sorted({batch.visited for batch in batches}))
    for batch in batches:
        batch.lines = taken.get(batch.id, 0)
        move(session, batch, "close", acting, now=now, detail={"lines": batch.lines})
    still = select(func.count()).where(Batch.period_id == period_id, Batch.state == "open")
    if not session.scalar(still):
        period.closed_at = now
    return Closed(tuple(batch.id for batch in batches), taken)


def _cut(session: Session, period: Period, visited: list[str]) -> dict[str, int]:
    """Put what is ready into the batches; how many lines each took."""
    mine = (
        update(RatedLine)
        .where(
            RatedLine.state == "ready",
            RatedLine.batch_id.is_(None),
            RatedLine.rated_at < period.cutoff_at,
            RatedLine.visited.in_(visited),
        )
        .values(
            state="batched",
            batch_id=literal(f"{period.id}.") + RatedLine.visited + "-" + RatedLine.home,
        )
        .execution_options(synchronize_session=False)
    )
    changed = session.execute(mine)
    if not changed.rowcount:  # type: ignore[attr-defined]
        return {}
    counted = (
        select(RatedLine.batch_id, func.count())
        .join(Batch, Batch.id == RatedLine.batch_id)
        .where(Batch.period_id == period.id, Batch.visited.in_(visited), RatedLine.state == "batched")
        .group_by(RatedLine.batch_id)
    )
    return Counter({batch_id: count for batch_id, count in session.execute(counted) if batch_id is not None})
