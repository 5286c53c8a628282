"""Lines that wait are looked at again by the clock: whatever has happened since, the line follows within the hour."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from hub.core.runtime import Runtime
from hub.settlement.models import RatedLine
from hub.settlement.models.redeeming import Told
from hub.settlement.service.redeeming.checking import OURS, settle_order
from hub.settlement.service.redeeming.telling import tell

BATCH = 50
AGAIN = timedelta(hours=1)


def recheck(runtime: Runtime) -> bool:
    """Check the orders that were not looked at for an hour; whether there are more. Each in a transaction of its own.

    Safe to repeat and to run anywhere at once: an order that two rounds check gets the same verdict twice.
    """
    now = runtime.clock()
    with runtime.database.read() as session:
        due = _due(session, now)
    for reference in due:
        with runtime.database.write() as session:
            settle_order(session, reference, now=now)
            tell(session, reference, "looked", "checked", at=now)
    return len(due) == BATCH


def _due(session: Session, now: datetime) -> list[str]:
    """Orders with a line that is not taken by a period yet, those never looked at first, then the longest ago."""
    looked, news = aliased(Told), aliased(Told)
    newer = select(news.reference).where(
        news.reference == RatedLine.reference, news.name != "looked", news.at > looked.at
    )
    mine = (
        select(RatedLine.reference)
        .outerjoin(looked, and_(looked.reference == RatedLine.reference, looked.name == "looked"))
        .where(
            RatedLine.state.in_(OURS),
            or_(
                looked.at.is_(None),
                looked.at <= now - AGAIN,
                newer.exists(),
                RatedLine.rated_at > looked.at,
            ),
        )
        .group_by(RatedLine.reference, looked.at)
        .order_by(looked.at.is_not(None), looked.at, RatedLine.reference)
        .limit(BATCH)
    )
    return list(session.scalars(mine))
