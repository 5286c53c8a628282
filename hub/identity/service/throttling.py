"""Counting attempts before they are looked at, in transactions of their own."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.core.db import Database, insert
from hub.identity import rules
from hub.identity.errors import SignInThrottled
from hub.identity.models import SignInThrottle


def count_attempt(database: Database, policies: Mapping[str, rules.ThrottlePolicy], now: datetime) -> None:
    """Count an attempt under each name; raise `SignInThrottled` while one of them is blocked."""
    with database.write() as session:
        blank = [{"name": name, "failures": 0, "first_at": now} for name in sorted(policies)]
        session.execute(insert(session, SignInThrottle).on_conflict_do_nothing(), blank)
        rows = session.scalars(
            select(SignInThrottle)
            .where(SignInThrottle.name.in_(policies))
            .order_by(SignInThrottle.name)
            .with_for_update()
        ).all()
        blocked = max(rules.blocked_seconds(_state(row), now) for row in rows)
        if not blocked:
            for row in rows:
                counted = rules.count_attempt(_state(row), policies[row.name], now)
                row.failures, row.first_at = counted.failures, counted.first_at
                row.blocked_until = counted.blocked_until
    if blocked:
        raise SignInThrottled(blocked)


def take_back(session: Session, names: Iterable[str], *, forgotten: str | None = None) -> None:
    """The attempt was right: it counts nowhere, and what was counted under `forgotten` is forgotten."""
    session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.name.in_(list(names)), SignInThrottle.failures > 0)
        .values(failures=SignInThrottle.failures - 1, blocked_until=None)
        .execution_options(synchronize_session=False)
    )
    if forgotten is not None:
        session.execute(delete(SignInThrottle).where(SignInThrottle.name == forgotten))


def _state(row: SignInThrottle) -> rules.ThrottleState:
    return rules.ThrottleState(row.failures, row.first_at, row.blocked_until)
