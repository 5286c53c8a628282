"""Short-lived links to files: signed, for one file and one reader, worth nothing when altered or over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from hub.bookings.errors.reports import LinkRefused

LIFE = timedelta(minutes=5)
TYPE = "report-link+jwt"

Sign = Callable[[Mapping[str, Any], str], str]
"""Claims and type → compact JWS by the hub's key that signs now."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens, for whom, on which side of the booking."""

    report_id: int
    reader: str
    side: str


def make_link(sign: Sign, link: Link, *, now: datetime) -> str:
    """The token of a link that is good for five minutes."""
    until = int((now + LIFE).timestamp())
    return sign({"report": link.report_id, "sub": link.reader, "side": link.side, "exp": until}, TYPE)


def read_link(keys: Mapping[str, ECKey], token: str, *, now: datetime) -> Link:
    """What the link opens. `keys` are the hub's public keys by `kid`. Raises `LinkRefused`."""
    claims = read_claims(keys, token, TYPE, now=now)
    try:
        return Link(claims["report"], claims["sub"], claims["side"])
    except KeyError as fault:
        raise LinkRefused from fault


def read_claims(keys: Mapping[str, ECKey], token: str, kind: str, *, now: datetime) -> Mapping[str, Any]:
    """The claims of a link of this kind (its `typ`) that is not over. Raises `LinkRefused`."""
    if len(token) > 2000:
        raise LinkRefused

    def key_of(held: Any) -> ECKey:
        header = held.headers()
        if header.get("typ") != kind or header.get("kid") not in keys:
            raise LinkRefused
        return keys[header["kid"]]

    try:
        claims: Mapping[str, Any] = jwt.decode(token, key_of, algorithms=["ES256"]).claims
        until = datetime.fromtimestamp(claims["exp"], UTC)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise LinkRefused from fault
    if until <= now:
        raise LinkRefused
    return claims
