"""Time: one function for "now", passed as a value to services and as a callable to processes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC. Tests pass a virtual one."""

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which every time is shown; storage is always UTC."""


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def day_of(instant: datetime) -> date:
    """The day that an instant belongs to where it is read: in Shanghai, eight hours ahead of storage."""
    return instant.astimezone(SHANGHAI).date()
