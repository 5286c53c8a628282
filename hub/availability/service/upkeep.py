"""What happens to availability by the clock: claims that lapse, versions whose day has come, conflicts that dissolve.

A round looks before it writes: the write lock is for those who have something to do.
"""

from hub.availability import queries
from hub.availability.service import claims, keeping, reservations
from hub.core.runtime import Runtime

BATCH = 200


def let_lapse(runtime: Runtime) -> bool:
    """Let go of held claims and proposed times whose time is up; whether there is more to do at once. Safe to repeat."""
    now = runtime.clock()
    with runtime.database.read() as session:
        if not queries.is_overdue(session, now=now):
            return False
    with runtime.database.write() as session:
        return claims.sweep(session, now=now, limit=BATCH) >= BATCH


def settle(runtime: Runtime) -> bool:
    """Tell of versions whose day has come, and close conflicts that have dissolved. Safe to repeat."""
    now = runtime.clock()
    with runtime.database.read() as session:
        if not queries.is_unsettled(session, now=now):
            return False
    with runtime.database.write() as session:
        keeping.announce_due(session, now=now)
        reservations.retry_conflicts(session, now=now)
    return False
