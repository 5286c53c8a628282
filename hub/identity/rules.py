"""Pure decisions about who may do what: principals, tokens, throttling."""

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

HUB_ADMIN, PROVINCE_STAFF = "hub_admin", "province_staff"
ROLES = (HUB_ADMIN, PROVINCE_STAFF)
KEY_SCOPES = ("sync",)

SESSION_LIFE = timedelta(hours=12)

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
PROVINCE = re.compile(r"[1-9][0-9]0000")
MIN_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: an account or a platform key.

    `name` identifies it in the audit (`account:admin`, `key:340000.k3f9`); `entry` is its line of the access table
    (`session:hub_admin`, `session:province_staff`, `key:sync`).
    """

    kind: Literal["account", "key"]
    name: str
    display_name: str
    role: str
    province: str | None

    @property
    def entry(self) -> str:
        """The line of the access table that this principal satisfies."""
        return f"session:{self.role}" if self.kind == "account" else f"key:{self.role}"

    @property
    def is_hub_admin(self) -> bool:
        """Whether this is an administrator of the whole hub."""
        return self.kind == "account" and self.role == HUB_ADMIN

    def may_act_for(self, province: str) -> bool:
        """Whether this principal may change things of the province: its own people and platform, and hub admins."""
        return self.is_hub_admin or self.province == province

    def may_pass(self, entries: Collection[str]) -> bool:
        """Whether one of the entries of an access table line lets this principal pass."""
        return self.entry in entries or (self.kind == "account" and "session" in entries)


def token_hash(token: str) -> str:
    """How a token with full randomness is kept: a plain SHA-256 needs no salt and no slowness here."""
    return sha256(token.encode()).hexdigest()


def csrf_token(session_token: str) -> str:
    """The token that pages of this session carry. It cannot be turned back into the cookie."""
    return hmac.new(session_token.encode(), b"csrf", sha256).hexdigest()[:32]


def is_csrf_token(session_token: str, given: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(csrf_token(session_token).encode(), given.encode())


@dataclass(frozen=True, slots=True)
class PlatformKeyText:
    """The parts of a platform key: `jyh.<province>.<id>.<secret>`."""

    province: str
    id: str
    secret: str

    def __str__(self) -> str:
        return f"jyh.{self.province}.{self.id}.{self.secret}"


def parse_key(text: str) -> PlatformKeyText | None:
    """The parts of a key's text; None when it is not one."""
    parts = text.split(".")
    if len(text) > 200 or len(parts) != 4 or parts[0] != "jyh" or not text.isascii():
        return None
    return PlatformKeyText(*parts[1:])


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """After `allowed` failures within `window`, each further one blocks for `first_block`, doubling up to `longest`."""

    allowed: int
    window: timedelta
    first_block: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)


PAIR_POLICY = ThrottlePolicy(5, timedelta(minutes=15))
ADDRESS_POLICY = ThrottlePolicy(30, timedelta(minutes=15))
# High, so that a stranger cannot keep an administrator out by failing under their name from elsewhere.
ACCOUNT_POLICY = ThrottlePolicy(100, timedelta(hours=1))


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
