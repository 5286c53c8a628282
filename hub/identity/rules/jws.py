"""Compact JWS (RFC 7515), read strictly: what it says, and whether a key that we hold has signed it.

The algorithm is the key's. A header's `alg` is only compared with it, and keys that a header brings along are ignored.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

ALGORITHMS: Mapping[str, tuple[str, ...]] = {"ES256": ("ES256",), "EdDSA": ("EdDSA", "Ed25519")}
"""An enrolled key's algorithm → the values of `alg` that mean it (RFC 7518, RFC 8037; `Ed25519` is RFC 9864's name)."""

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_PRIMITIVES = {"ES256": "ES256", "EdDSA": "Ed25519"}  # joserfc's name of each


class JwsMalformed(ValueError):
    """This is no compact JWS with a JSON object in it."""


@dataclass(frozen=True, slots=True)
class Jws:
    """What a compact JWS says, unverified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


def read_jws(text: str, *, longest: int) -> Jws:
    """Take a compact JWS apart. Raises `JwsMalformed` with a sentence in plain ASCII."""
    if len(text) > longest:
        raise JwsMalformed(f"longer than {longest} characters")
    parts = text.split(".")
    if len(parts) != 3 or not all(_SEGMENT.fullmatch(part) for part in parts):
        raise JwsMalformed("not three base64url segments")
    header, claims = _json_object(parts[0], "header"), _json_object(parts[1], "payload")
    if "crit" in header or header.get("b64") is False:
        raise JwsMalformed("critical extensions are not supported")
    return Jws(header, claims, f"{parts[0]}.{parts[1]}".encode(), _octets(parts[2], "signature"))


def is_signed_by(jws: Jws, jwk: Mapping[str, str], algorithm: str) -> bool:
    """Whether the key has signed this, by the key's own algorithm (`ES256` or `EdDSA`) and under its name."""
    if jws.header.get("alg") not in ALGORITHMS[algorithm]:
        return False
    key = _public_key(jwk["kty"], jwk["crv"], jwk["x"], jwk.get("y"))
    return bool(JWSRegistry.algorithms[_PRIMITIVES[algorithm]].verify(jws.signing_input, jws.signature, key))


@lru_cache(maxsize=256)
def _public_key(kty: str, crv: str, x: str, y: str | None) -> ECKey | OKPKey:
    if kty == "EC":
        return ECKey.import_key({"kty": kty, "crv": crv, "x": x, "y": y or ""})
    return OKPKey.import_key({"kty": kty, "crv": crv, "x": x})


def _json_object(segment: str, name: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(_octets(segment, name))
    except orjson.JSONDecodeError:
        raise JwsMalformed(f"the {name} is not JSON") from None
    if not isinstance(found, dict):
        raise JwsMalformed(f"the {name} is not a JSON object")
    return found


def _octets(segment: str, name: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise JwsMalformed(f"the {name} is not base64url") from None
