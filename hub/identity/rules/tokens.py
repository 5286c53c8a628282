"""Secrets as text: how they are kept and compared, and the parts of a platform key."""

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256


def new_id(prefix: str) -> str:
    """A fresh identifier: the prefix, a hyphen and 26 base32 characters (128 random bits)."""
    return f"{prefix}-{b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"


def token_hash(token: str) -> str:
    """How a token with full randomness is kept: a plain SHA-256 needs no salt and no slowness here."""
    return sha256(token.encode()).hexdigest()


def csrf_token(cookie: str) -> str:
    """The token that pages of this session carry. It cannot be turned back into the cookie.

    Made of the part of the cookie that stays, so that a form opened before the rest rotated can still be sent.
    """
    return hmac.new(cookie.partition(".")[0].encode(), b"csrf", sha256).hexdigest()[:32]


def is_csrf_token(cookie: str, given: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(csrf_token(cookie).encode(), given.encode())


_FAMILIES = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def browser_family(agent: str) -> str:
    """The family of a browser, of what it says of itself; `-` for other programs."""
    return next((name for mark, name in _FAMILIES if mark in agent), "-")


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
