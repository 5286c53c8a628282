"""Pure rules about signatures: who signs what, what a signature says, and whether a key made it.

A signature is a detached JWS (RFC 7515, appendix F): the payload is the document in the canonical form of RFC 8785, the
protected header binds it to one document and one side. Algorithms are found by the *enrolled key's* algorithm; the
header's `alg` is only compared with it. Another algorithm (SM2 with SM3, GB/T 32918) joins `ALGORITHMS` by name: that one
entry says which keys are of it and how a signature is checked.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from hub.identity.rules import jws
from hub.identity.rules.public_keys import PublicKey, read_public_key, refuse_private
from hub.settlement.rules.deadlines import deadline_of

HUB = "hub"
"""The hub as a side."""

SIGNATURE, RECEIPT = "settlement-signature+jws", "settlement-receipt+jws"
"""`typ`: a receipt never passes for a signature."""

LONGEST = 4_000

SKEW = timedelta(minutes=5)
"""By how much the clock of a signing machine may be off."""

Grade = Literal["signed", "acknowledged", "waiting", "overdue"]
Verify = Callable[[Mapping[str, Any], bytes, bytes], bool]
ReadKey = Callable[[Mapping[str, Any]], Mapping[str, str] | None]

_SIDES: Mapping[str, tuple[str, ...]] = {
    "statement": ("visited", "home"),
    "credit": ("visited", "home"),
    "payment-list": ("payer_area",),
}
"""Kind of document → the members that name the sides which sign it."""

STAMPED = frozenset(_SIDES)
"""Kinds of documents that are time-stamped."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How a key signs. `names` are the values of `alg` that mean it; `verify(jwk, message, signature)`.

    `read(jwk)` gives the members that make a public key of this algorithm, None for a key of another kind; it raises
    `PublicKeyRefused` for one that is no good. Without it keys are those that platforms sign in with.
    """

    names: tuple[str, ...]
    verify: Verify
    read: ReadKey | None = None


@dataclass(frozen=True, slots=True)
class Detached:
    """What a detached JWS says, unverified. `protected` is its first segment as it was sent."""

    header: Mapping[str, Any]
    protected: str
    signature: bytes

    def signing_input(self, payload: bytes) -> bytes:
        """What the key signed, for this payload."""
        return f"{self.protected}.".encode() + base64.urlsafe_b64encode(payload).rstrip(b"=")


class DetachedMalformed(ValueError):
    """This is no detached JWS with the members that a signature needs."""


def _by_joserfc(name: str) -> Verify:
    def verify(jwk: Mapping[str, Any], message: bytes, signature: bytes) -> bool:
        held = jws.Jws({"alg": name}, {}, message, signature)
        return jws.is_signed_by(held, jwk, name)

    return verify


ALGORITHMS: MutableMapping[str, Algorithm] = {
    name: Algorithm(names, _by_joserfc(name)) for name, names in jws.ALGORITHMS.items()
}
"""An enrolled key's algorithm → how it signs."""


def sides_of(kind: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """The sides that sign a document, six-digit areas, each once; none for kinds that nobody signs."""
    named = (body.get(member) for member in _SIDES.get(kind, ()))
    return tuple(dict.fromkeys(side for side in named if isinstance(side, str)))


def signed_kinds() -> frozenset[str]:
    """Kinds of documents that sides sign."""
    return frozenset(_SIDES)


def signing_members() -> dict[str, list[str]]:
    """Member of a document that names a side → the kinds of documents that have it."""
    members = dict.fromkeys(member for members in _SIDES.values() for member in members)
    return {member: [kind for kind, held in _SIDES.items() if member in held] for member in members}


def read_detached(text: str) -> Detached:
    """Take a detached JWS apart. Raises `DetachedMalformed` with a sentence in plain ASCII."""
    if len(text) > LONGEST:
        raise DetachedMalformed(f"longer than {LONGEST} characters")
    parts = text.strip().split(".")
    if len(parts) != 3 or parts[1]:
        raise DetachedMalformed("not <header>..<signature>")
    try:
        header = orjson.loads(_octets(parts[0]))
    except orjson.JSONDecodeError:
        raise DetachedMalformed("the header is not JSON") from None
    if not isinstance(header, dict):
        raise DetachedMalformed("the header is not a JSON object")
    if "crit" in header or "b64" in header:
        raise DetachedMalformed("critical extensions are not supported")
    for name in ("alg", "kid", "typ", "document", "side"):
        if not isinstance(header.get(name), str):
            raise DetachedMalformed(f"the header has no {name}")
    if not isinstance(header.get("iat"), int) or isinstance(header["iat"], bool):
        raise DetachedMalformed("the header has no iat")
    return Detached(header, parts[0], _octets(parts[2]))


def read_key(given: object) -> PublicKey:
    """A side's public key, JWK or PEM text, by the algorithm that it is of; its name is its thumbprint.

    Raises `PublicKeyRefused` (identity): a private key was sent, or none that an algorithm takes.
    """
    if isinstance(given, dict):
        refuse_private(given)
        for algorithm, held in ALGORITHMS.items():
            found = None if held.read is None else held.read(given)
            if found is not None:
                name = thumbprint(found)
                return PublicKey(name, algorithm, dict(found), name)
    return read_public_key(given)


def means(alg: str, algorithm: str) -> bool:
    """Whether a header's `alg` is the algorithm of the enrolled key."""
    held = ALGORITHMS.get(algorithm)
    return held is not None and alg in held.names


def is_signed(detached: Detached, payload: bytes, jwk: Mapping[str, Any], algorithm: str) -> bool:
    """Whether the key has signed the payload, by the key's own algorithm."""
    if not means(detached.header["alg"], algorithm):
        return False
    return ALGORITHMS[algorithm].verify(jwk, detached.signing_input(payload), detached.signature)


def is_plausible(iat: int, *, issued_at: datetime, now: datetime) -> bool:
    """Whether the time of signing lies between issue and now, give or take a clock's error."""
    try:
        at = datetime.fromtimestamp(iat, UTC)
    except (OverflowError, ValueError, OSError):
        return False
    return issued_at - SKEW <= at <= now + SKEW


def sign_by(side: str, issued_at: datetime) -> datetime:
    """Until when a side should have signed; then the document stays open and is shown as overdue."""
    return deadline_of("sign_document", f"{side[:2]}0000", issued_at).after(issued_at)


def grade(kinds: set[str], side: str, *, issued_at: datetime, now: datetime) -> Grade:
    """How far a side's word goes, from the kinds of what it gave. A receipt is no consent."""
    if "signed" in kinds:
        return "signed"
    if "acknowledged" in kinds:
        return "acknowledged"
    return "overdue" if now > sign_by(side, issued_at) else "waiting"


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: the name by which people compare a key, SHA-256 in base64url."""
    told = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def side_of_area(area: str) -> str:
    """A prefix of an area code as the six digits that documents name."""
    return area.ljust(6, "0")


def _octets(segment: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    try:
        found = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise DetachedMalformed("not base64url") from None
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != segment:
        raise DetachedMalformed("not canonical base64url")
    return found
