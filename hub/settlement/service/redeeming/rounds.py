"""Lines that wait are looked at again by the clock: whatever has happened since, the line follows within the hour."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from hub.core import due
from hub.core.runtime import Runtime
from hub.settlement.models import RatedLine
from hub.settlement.models.redeeming import Told
from hub.settlement.service.redeeming.checking import OURS, settle_order
from hub.settlement.service.redeeming.telling import tell

AGAIN = timedelta(hours=1)


def recheck(runtime: Runtime, *, size: int = due.PAGE) -> int:
    """Check the orders that were not looked at for an hour; how many those were. Each in a transaction of its own.

    Safe to repeat and to run anywhere at once: an order that two rounds check gets the same verdict twice.
    """
    now = runtime.clock()

    def check_alone(reference: str) -> None:
        with runtime.database.write() as session:
            settle_order(session, reference, now=now)
            tell(session, reference, "looked", "checked", at=now)

    return due.act_on_due(runtime.database, _due(now), (RatedLine.reference,), check_alone, size=size)


def late(session: Session, now: datetime) -> int:
    """How many orders should have been looked at long before this instant."""
    rows = _due(now - due.LATE).where(RatedLine.rated_at <= now - due.LATE)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _due(now: datetime) -> Select[str]:
    """Orders with a line that is not taken by a period yet and that nobody looked at since something happened, or for long."""
    looked, news = aliased(Told), aliased(Told)
    newer = select(news.reference).where(
        news.reference == RatedLine.reference, news.name != "looked", news.at > looked.at
    )
    return (
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
        .distinct()
    )
