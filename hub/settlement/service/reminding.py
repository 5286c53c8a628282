"""What the clock brings to programmes: reminders before a voucher expires, and grants for what waited for budget."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.core.runtime import Runtime
from hub.identity import queries as identity
from hub.notices import service as notices
from hub.settlement.models import Grant
from hub.settlement.money import yuan
from hub.settlement.queries import budgets
from hub.settlement.service import applications

DAYS_BEFORE = (30, 7, 1)
"""Days before the last day on which the holder is told: once each, and only while something is left."""


def remind_and_release(runtime: Runtime) -> bool:
    """One round; whether there is more to do at once. Safe to repeat and to run anywhere: a notice is sent once."""
    now = runtime.clock()
    with runtime.database.read() as session:
        due = _due(session, now)
        waiting = applications.programmes_waiting(session)
    if due:
        with runtime.database.write() as session:
            remind(session, now=now)
    released = 0
    for programme_id in waiting:
        with runtime.database.write() as session:
            released += applications.release_waiting(session, programme_id, now=now)
    return released > 0


def remind(session: Session, *, now: datetime) -> int:
    """Tell holders whose vouchers are about to expire; how many notices that was. Safe to repeat."""
    told = 0
    for row, days, free in _due(session, now):
        recipients = identity.names_acting(session, party_id=row.holder)
        told += notices.notify(
            session,
            recipients,
            "grant_expiring",
            {"amount": yuan(free), "until": row.valid_until.isoformat()},
            subject=row.id,
            link="/vouchers",
            key=f"grant:{row.id}:{days}",
            now=now,
        )
    return told


def _due(session: Session, now: datetime) -> list[tuple[Grant, int, int]]:
    """Grants to tell about: which step before the end it is, and what is free, in fen."""
    today = budgets.day_after(0, now)
    held = budgets.expiring(session, today, budgets.day_after(max(DAYS_BEFORE), now))
    free = budgets.balances_of(session, held)
    found = []
    for row in held:
        left = (row.valid_until - today).days
        step = min(days for days in DAYS_BEFORE if left <= days)
        found.append((row, step, free[row.id][0]))
    return found
