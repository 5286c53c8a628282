"""The verdict on a client assertion (RFC 7523): who may have made it, for whom, and for how long.

Narrower than the RFC: `iat` and `jti` are required, an assertion lives at most five minutes, and its audience is this
server alone. A client of another server that was talked into signing for us, or a leaked old one, gains nothing.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.identity.rules.jws import Jws, JwsMalformed, read_jws

LONGEST = 4096
"""Characters of an assertion; an ordinary one has about 400."""

LIFETIME = timedelta(seconds=300)
SKEW = timedelta(seconds=30)
"""How far a platform's clock may be off."""

MAX_JTI = 128
_TYPES = {None, "JWT", "jwt", "client-authentication+jwt"}


class AssertionRefused(ValueError):
    """Why an assertion is not accepted, in plain ASCII without quotes (RFC 6749, 5.2)."""


def read_assertion(text: str) -> Jws:
    """An assertion taken apart, unverified. Raises `AssertionRefused`."""
    try:
        jws = read_jws(text, longest=LONGEST)
    except JwsMalformed as fault:
        raise AssertionRefused(f"client_assertion: {fault}") from None
    if jws.header.get("typ") not in _TYPES:
        raise AssertionRefused("client_assertion: typ must be JWT or absent")
    if not isinstance(jws.header.get("kid", ""), str):
        raise AssertionRefused("client_assertion: kid must be text")
    return jws


def check_claims(
    claims: Mapping[str, Any], client_id: str, audiences: Collection[str], now: datetime
) -> datetime:
    """Until when the assertion must be remembered. Raises `AssertionRefused` naming the claim and what it should be."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefused("iss and sub must both be the client_id")
    if _only(claims.get("aud")) not in audiences:
        raise AssertionRefused(f"aud must be {min(audiences, key=len)} and nothing else")
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    if "nbf" in claims and _instant(claims, "nbf") > now + SKEW:
        raise AssertionRefused("nbf lies in the future")
    if issued > now + SKEW:
        raise AssertionRefused("iat lies in the future: check this platform's clock")
    if expires <= now - SKEW:
        raise AssertionRefused("exp has passed: make a new assertion for every request")
    if not timedelta(0) < expires - issued <= LIFETIME:
        raise AssertionRefused(f"exp must be at most {LIFETIME.seconds} seconds after iat")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= MAX_JTI:
        raise AssertionRefused(f"jti must be text of 1 to {MAX_JTI} characters")
    return expires + SKEW


def _only(audience: object) -> object:
    # A list with other servers in it could be spent there and here.
    if isinstance(audience, list):
        return audience[0] if len(audience) == 1 and isinstance(audience[0], str) else None
    return audience if isinstance(audience, str) else None


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise AssertionRefused(f"{name} is required, in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)
