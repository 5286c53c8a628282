"""Time as the transports see it: waiting, jitter and clocks, handed in so that tests wait for nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pacing:
    """`sleep` in seconds, `spread(low, high)` uniformly random, `clock` monotonic seconds, `now` aware UTC.

    A failed call is tried `attempts` times in all. The wait before try n is a random part of
    `first_wait × 2ⁿ⁻¹`, at most `longest_wait` (full jitter); a platform that asks for longer than
    `patience` seconds is left alone, and the caller is told how long.
    """

    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[float, float], float] = random.uniform
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 20.0
    patience: float = 60.0

    def wait_before(self, attempt: int) -> float:
        """Seconds to wait before try number `attempt` + 1."""
        return self.spread(0.0, min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)))
