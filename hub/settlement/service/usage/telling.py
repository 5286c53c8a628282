"""Telling the enterprise about a usage, and keeping by which channels it was really queued.

Silence confirms only after two notices by two channels. The inbox is one channel; mail, SMS and robots are others. What
counts is a row that waits to be sent or was sent; one that failed for good counts no longer.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.core import db, working_time
from hub.core.clock import SHANGHAI
from hub.notices import queries as notice_queries
from hub.notices import service as notices
from hub.notices.rules import is_clean
from hub.settlement.models import Usage, UsageNotice
from hub.settlement.money import yuan
from hub.settlement.rules import usages as rules

INBOX = "inbox"


def begin(session: Session, usage: Usage, recipients: Iterable[str], *, now: datetime) -> None:
    """A version waits for the enterprise: the first notice, and when the next step is due."""
    periods = rules.periods_of(usage.visited, now)
    usage.confirm_by = working_time.due(usage.visited, now, periods.silence_days)
    usage.timer_at = working_time.due(usage.visited, now, periods.remind_days)
    _tell(session, usage, "usage_asked", recipients, 1, now=now)


def remind(session: Session, usage: Usage, recipients: Iterable[str], *, now: datetime) -> None:
    """The second notice; again on later days while no second channel could be used.

    The enterprise then still has what is left of its days: silence never confirms at once after a late notice.
    """
    told = list(recipients)
    number = 1 + (
        session.scalar(
            select(func.max(UsageNotice.number)).where(
                UsageNotice.usage_id == usage.id, UsageNotice.version == usage.version
            )
        )
        or 0
    )
    has_way = any(notice_queries.contacts(session, recipient) for recipient in told)
    if number <= 2 or has_way:
        _tell(session, usage, "usage_reminded", told, number, now=now)
    periods = rules.periods_of(usage.visited, now)
    if is_told_twice(session, usage):
        left = max(1, periods.silence_days - periods.remind_days)
        usage.confirm_by = max(
            usage.confirm_by or now, working_time.due(usage.visited, now, left) if number > 2 else now
        )
        usage.timer_at = usage.confirm_by
    else:
        next_day = working_time.due(usage.visited, now, 1)
        is_before = usage.confirm_by is not None and now < usage.confirm_by
        usage.timer_at = usage.confirm_by if is_before else next_day


def is_told_twice(session: Session, usage: Usage) -> bool:
    """Whether two notices about the present version went by two channels, as far as is known now."""
    rows = session.scalars(
        select(UsageNotice).where(UsageNotice.usage_id == usage.id, UsageNotice.version == usage.version)
    ).all()
    live = [
        (row.number, row.channel)
        for row in rows
        if row.channel == INBOX or row.channel in notice_queries.ways_out(session, row.recipient, row.key)
    ]
    return rules.is_told_twice(live)


def tell(
    session: Session,
    usage: Usage,
    template: str,
    recipients: Iterable[str],
    *,
    until: datetime | None = None,
    now: datetime,
) -> None:
    """Tell people what happened to a usage; once for each of its revisions."""
    _notify(
        session, usage, template, recipients, f"{usage.id}:{usage.revision}:{template}", until=until, now=now
    )


def _tell(
    session: Session, usage: Usage, template: str, recipients: Iterable[str], number: int, *, now: datetime
) -> None:
    key = f"{usage.id}:{usage.version}:{number}"
    told = sorted(set(recipients))
    _notify(session, usage, template, told, key, until=usage.confirm_by, now=now)
    for recipient in told:
        for channel in [INBOX, *notice_queries.ways_out(session, recipient, key)]:
            session.execute(
                db.insert(session, UsageNotice)
                .values(
                    usage_id=usage.id,
                    version=usage.version,
                    number=number,
                    recipient=recipient,
                    channel=channel,
                    key=key,
                    queued_at=now,
                )
                .on_conflict_do_nothing()
            )


def _notify(
    session: Session,
    usage: Usage,
    template: str,
    recipients: Iterable[str],
    key: str,
    *,
    until: datetime | None,
    now: datetime,
) -> None:
    values = {
        "number": usage.order_number,
        "instrument": str(usage.facts["instrument"].get("name", ""))[:40],
        "amount": yuan(usage.fee_fen),
        "state": schemas.codes("usage_state")[usage.state].zh,
        "until": "—" if until is None else f"{until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    }
    notices.notify(
        session,
        recipients,
        template,
        {name: value if is_clean(value) else "—" for name, value in values.items()},
        subject=f"usage:{usage.id}",
        link=f"/usage/{usage.id}",
        key=key,
        now=now,
    )
