"""What to do next with a message that has to reach a province. Pure.

A message that may have been acted on is never simply sent again. A province with native idempotency gets the same
message under the same key; one that can be asked is asked first, and only its proof of absence allows another send; one
that can do neither gets the message once, and then a person finds out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from adapters.contract import Idempotency

Step = Literal["send", "ask", "person", "void"]

QUIET = timedelta(seconds=45)
"""How long after a send its absence proves nothing: the request may still be on its way (requests end after 30 s)."""

_FIRST_ASK = timedelta(seconds=5)
_LONGEST_ASK = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits: `kind` is submit, cancel, propose, agree or decline; `sent_at` when it may have gone out.

    `is_wanted`: the booking still needs it. `can_ask`: the province answers look-ups.
    """

    kind: str
    sent_at: datetime | None
    is_wanted: bool
    idempotency: Idempotency
    can_ask: bool


def next_step(waiting: Waiting) -> Step:
    """Send it (again), ask the province first, leave it to a person, or drop it because it surely had no effect."""
    if waiting.sent_at is None:
        return "send" if waiting.is_wanted else "void"
    if waiting.idempotency == "native" and waiting.is_wanted:
        return "send"
    return "ask" if waiting.can_ask else "person"


def is_proof_of_absence(sent_at: datetime, asked_at: datetime, settle_seconds: float) -> bool:
    """Whether "not found" at `asked_at` shows that what was sent at `sent_at` will never arrive.

    `settle_seconds` is the province's own: how long an order may need there until a look-up finds it.
    """
    return asked_at >= sent_at + max(QUIET, timedelta(seconds=settle_seconds))


def next_ask(lookups: int, sent_at: datetime, now: datetime, settle_seconds: float = 0.0) -> datetime:
    """When to ask (again): soon, once more when absence begins to prove something, then ever more rarely."""
    pause = min(_FIRST_ASK * 3 ** min(lookups, 6), _LONGEST_ASK)
    proof = sent_at + max(QUIET, timedelta(seconds=settle_seconds))
    return proof if now < proof < now + pause else now + pause


def next_send(attempts: int, now: datetime, chance: float, *, asked: float | None = None) -> datetime:
    """When to send again what surely had no effect: what the province asks for, else full jitter under 1, 2, 4 … s.

    `chance` is in [0, 1). A province that asks for more than an hour is asked again after one.
    """
    if asked is not None:
        return now + timedelta(seconds=min(max(asked, 0.5), 3600.0))
    bound = min(timedelta(seconds=2.0 ** min(attempts, 12)), _LONGEST_RETRY)
    return now + timedelta(seconds=0.2) + bound * chance
