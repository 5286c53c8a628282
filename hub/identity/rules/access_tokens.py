"""Access tokens as JWT (RFC 9068): what one says, and the verdict on its form. Whether it still lives, the tables say."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.identity.rules.jws import Jws, JwsMalformed, is_signed_by, read_jws

LIFETIME = timedelta(seconds=300)
TYPE = "at+jwt"
LONGEST = 4096

_TYPES = {TYPE, f"application/{TYPE}"}


def audience(issuer: str) -> str:
    """The resource that tokens are for: the hub's API. Not the issuer, so that a token is no assertion."""
    return f"{issuer}/api/v1"


def claims_of(
    issuer: str, platform_id: str, jti: str, scope: str, *, issued_at: datetime, expires_at: datetime
) -> dict[str, Any]:
    """The claims of a new token."""
    return {
        "iss": issuer,
        "aud": audience(issuer),
        "sub": platform_id,
        "client_id": platform_id,
        "scope": scope,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": jti,
    }


def read_token(text: str) -> Jws | None:
    """A token taken apart, unverified; None when it is none."""
    try:
        jws = read_jws(text, longest=LONGEST)
    except JwsMalformed:
        return None
    is_token = jws.header.get("typ") in _TYPES and isinstance(jws.header.get("kid"), str)
    return jws if is_token else None


def jti_of(jws: Jws, jwk: Mapping[str, str], issuer: str, now: datetime) -> str | None:
    """The identifier of a token that this hub signed with this key for its own API and that has not expired."""
    claims = jws.claims
    if not is_signed_by(jws, jwk, "ES256"):
        return None
    if claims.get("iss") != issuer or claims.get("aud") != audience(issuer):
        return None
    expires, jti = claims.get("exp"), claims.get("jti")
    if not isinstance(expires, int) or expires <= now.timestamp():
        return None
    return jti if isinstance(jti, str) else None
