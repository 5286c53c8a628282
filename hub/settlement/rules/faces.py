"""What to do next with a paper that has to reach a province, and when. Pure.

A paper that may have arrived is never simply sent again: it is asked about, and only proof of absence, or a province for
which the same paper again is harmless, allows another send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Step = Literal["send", "ask", "person"]

QUIET = timedelta(seconds=45)
"""How long after a send its absence proves nothing: the request may still be on its way."""

PATIENCE = timedelta(hours=24)
"""After this long without a known outcome a person is told; asking goes on."""

DEADLINE = timedelta(days=3)
"""When a paper should have been acknowledged."""

TROUBLE = 5
"""After so many attempts that surely had no effect a person is told; trying goes on."""

_FIRST_ASK = timedelta(seconds=5)
_LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paper that waits: when it may have gone out, and what its province can do."""

    sent_at: datetime | None
    can_ask: bool
    idempotent: bool


def next_step(waiting: Waiting) -> Step:
    """Send it, ask first, or leave it to a person."""
    if waiting.sent_at is None:
        return "send"
    if waiting.can_ask:
        return "ask"
    return "send" if waiting.idempotent else "person"


def is_absent(sent_at: datetime, asked_at: datetime, settle_seconds: float) -> bool:
    """Whether "not found" at `asked_at` shows that what was sent at `sent_at` will never arrive."""
    return asked_at >= sent_at + max(QUIET, timedelta(seconds=settle_seconds))


def next_ask(lookups: int, sent_at: datetime, now: datetime, settle_seconds: float) -> datetime:
    """When to ask (again): soon, once more when absence begins to prove something, then ever more rarely."""
    pause = min(_FIRST_ASK * 3 ** min(lookups, 6), _LONGEST)
    proof = sent_at + max(QUIET, timedelta(seconds=settle_seconds))
    return proof if now < proof < now + pause else now + pause


def next_send(attempts: int, now: datetime, asked_seconds: float | None = None) -> datetime:
    """When to try again what surely had no effect."""
    if asked_seconds is not None:
        return now + timedelta(seconds=min(max(asked_seconds, 1.0), 3600.0))
    return now + min(timedelta(seconds=float(2 ** min(attempts, 12))), _LONGEST)


def next_read(failures: int, now: datetime, every: timedelta) -> datetime:
    """When to read a province again; after failures ever more rarely, at most six hours apart."""
    pause: timedelta = min(every * 2 ** min(failures, 6), timedelta(hours=6))
    return now + pause
