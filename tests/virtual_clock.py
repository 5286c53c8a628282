"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Callable like `hub.core.clock.utc_now`; starts on Monday 2026-01-05 09:00 in Shanghai."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Move on by `seconds`; the new instant."""
        self.now += timedelta(seconds=seconds)
        return self.now
