"""How repeated failures are slowed down."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """After `allowed` failures within `window`, each further one blocks for `first_block`, doubling up to `longest`."""

    allowed: int
    window: timedelta
    first_block: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)


PAIR_POLICY = ThrottlePolicy(5, timedelta(minutes=15))
ADDRESS_POLICY = ThrottlePolicy(30, timedelta(minutes=15))
PROVIDER_POLICY = ThrottlePolicy(30, timedelta(minutes=15))
"""Of sign-ins through one identity provider that were begun from one address and not finished."""
# High, so that a stranger cannot keep an administrator out by failing under their name from elsewhere.
ACCOUNT_POLICY = ThrottlePolicy(100, timedelta(hours=1))


FACTOR_POLICY = ThrottlePolicy(8, timedelta(minutes=15))
"""Of one-time codes: six digits, three of which are good at any moment."""


@dataclass(frozen=True, slots=True)
class ThrottleState:
    """What is remembered under one name."""

    failures: int
    first_at: datetime
    blocked_until: datetime | None


def count_attempt(held: ThrottleState, policy: ThrottlePolicy, now: datetime) -> ThrottleState:
    """The state after one more attempt, counted before the password is looked at.

    Counting first stops twenty guesses at once from slipping past the limit together; success takes it back.
    """
    if now - held.first_at > policy.window:
        held = ThrottleState(0, now, None)
    failures = held.failures + 1
    over = failures - policy.allowed
    if over < 0:
        return ThrottleState(failures, held.first_at, None)
    pause = min(policy.first_block * 2 ** min(over, 20), policy.longest)
    return ThrottleState(failures, held.first_at, now + pause)


def blocked_seconds(held: ThrottleState, now: datetime) -> int:
    """Whole seconds until the next attempt is looked at; 0 when it may be now."""
    if held.blocked_until is None or held.blocked_until <= now:
        return 0
    return max(1, int((held.blocked_until - now).total_seconds() + 0.999))
