"""How long a session lives and how its cookie rotates."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from hub.identity.rules.tokens import token_hash

SESSION_LIFE = timedelta(hours=12)
ROTATES_AFTER = timedelta(minutes=15)
GRACE = timedelta(seconds=60)
"""How long the previous secret still works: for what was under way when the next one was first used."""


@dataclass(frozen=True, slots=True)
class CookieText:
    """The parts of a session cookie: `<key>.<secret>`."""

    key: str
    secret: str

    def __str__(self) -> str:
        return f"{self.key}.{self.secret}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the server knows of a session's secrets: the hashes of the present, the previous and the offered one."""

    present: str
    previous: str | None
    offered: str | None
    rotated_at: datetime


Verdict = Literal["good", "offered", "stolen", "unknown"]


def parse_cookie(text: str | None) -> CookieText | None:
    """The parts of a cookie's text; None when it is not one."""
    if not text or len(text) > 200 or not text.isascii():
        return None
    key, dot, secret = text.partition(".")
    return CookieText(key, secret) if dot and key and secret else None


def judge_secret(held: Secrets, secret: str, now: datetime) -> Verdict:
    """What a presented secret is: good, the one on offer, or a previous one used too late (somebody kept a copy)."""
    given = token_hash(secret)
    if hmac.compare_digest(given, held.present):
        return "good"
    if held.offered is not None and hmac.compare_digest(given, held.offered):
        return "offered"
    if held.previous is not None and hmac.compare_digest(given, held.previous):
        return "good" if now - held.rotated_at <= GRACE else "stolen"
    return "unknown"


def is_due(held: Secrets, now: datetime) -> bool:
    """Whether it is time to offer the next secret."""
    return now - held.rotated_at >= ROTATES_AFTER


def close_box(secret: str, offered: bytes) -> str:
    """The offered secret (32 octets) as only the holder of the present one can read it. One offer for each secret."""
    return bytes(a ^ b for a, b in zip(offered, _pad(secret), strict=True)).hex()


def open_box(secret: str, box: str) -> str:
    """The offered secret as text."""
    return offered_text(bytes(a ^ b for a, b in zip(bytes.fromhex(box), _pad(secret), strict=True)))


def offered_text(octets: bytes) -> str:
    """A secret of 32 octets as it stands in the cookie."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _pad(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"offer", sha256).digest()
