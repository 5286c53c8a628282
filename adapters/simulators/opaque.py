"""Opaque tokens a platform signs: a cursor or a resumption token that a client can only hand back as it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import orjson

_MARK = 12  # bytes of the signature that travel in the token


class Tampered(Exception):
    """The token is not one this platform made."""


def seal(secret: bytes, *values: int | str) -> str:
    """A URL-safe token over `values`, signed with the platform's secret. Equal values give an equal token."""
    body = orjson.dumps(values)
    return base64.urlsafe_b64encode(_mark(secret, body) + body).decode().rstrip("=")


def unseal(secret: bytes, token: str) -> list[int | str]:
    """The values of a token. Raises `Tampered` for anything `seal` did not make with this secret."""
    try:
        content = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise Tampered(token) from error
    mark, body = content[:_MARK], content[_MARK:]
    if not hmac.compare_digest(mark, _mark(secret, body)):
        raise Tampered(token)
    values: list[int | str] = orjson.loads(body)
    return values


def _mark(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).digest()[:_MARK]
