"""Is this message from the province? Detached JWS (RFC 7515 appendix F), ES256 with its enrolled public keys.

The algorithm is that of the enrolled key, never of the header; the header must name a known key, this province as the
audience and a moment close to now. A message that comes twice is verified twice: whether it was seen is the inbox's
business, by the message's own identity.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from adapters.errors import AuthRejected, SignatureInvalid
from adapters.options import Options

_MOST_HEADER = 4_000
_ALGORITHM, _CURVE = "ES256", "P-256"


class Verifies(Protocol):
    """A scheme that says whether a message is the province's."""

    def verify(
        self, headers: Mapping[str, str], body: bytes, credentials: Mapping[str, str], now: datetime
    ) -> None:
        """Return for a good signature. Raises `SignatureInvalid`; `AuthRejected` when no key is enrolled."""
        ...


@dataclass(frozen=True, slots=True)
class DetachedJws:
    """`header` carries the signature, `keys` names the credential with the JWKS, `seconds` is the allowed skew."""

    header: str
    keys: str
    audience: str
    seconds: float

    def verify(
        self, headers: Mapping[str, str], body: bytes, credentials: Mapping[str, str], now: datetime
    ) -> None:
        """See `Verifies.verify`."""
        token = {name.lower(): value for name, value in headers.items()}.get(self.header.lower(), "")
        protected, _, signature = token.partition("..")
        if not token or len(token) > _MOST_HEADER or not signature or "." in signature:
            raise SignatureInvalid(
                f"缺少签名头 {self.header}", f"the signature header {self.header} is missing"
            )
        head = _header(protected)
        key = self._key(head, credentials)
        payload = base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")
        try:
            lenient = jws.JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)
            jws.deserialize_compact(f"{protected}.{payload}.{signature}", key, registry=lenient)
        except (JoseError, ValueError) as error:
            raise SignatureInvalid("签名与正文不符", "the signature does not fit the content") from error
        if head.get("aud") != self.audience:
            raise SignatureInvalid("签名是给别的省的", "the signature is meant for another province")
        moment = head.get("ts")
        if isinstance(moment, bool) or not isinstance(moment, int | float):
            raise SignatureInvalid("签名没有时间", "the signature has no time")
        if abs(now.timestamp() - moment) > self.seconds:
            raise SignatureInvalid(
                f"签名时间与本平台相差超过 {self.seconds:g} 秒；请校准时钟后重发",
                f"the signature's time is more than {self.seconds:g} seconds off; set the clock and send again",
            )

    def _key(self, head: Mapping[str, Any], credentials: Mapping[str, str]) -> ECKey:
        """The enrolled key the header names. What the header says of the algorithm must be what that key is for."""
        for key in _enrolled(credentials.get(self.keys, ""), self.keys):
            if isinstance(key, ECKey) and key.kid and key.kid == head.get("kid"):
                if key.curve_name != _CURVE or head.get("alg") != _ALGORITHM:
                    raise SignatureInvalid(
                        "签名算法与登记的公钥不符", "the algorithm is not that of the enrolled key"
                    )
                return key
        raise SignatureInvalid("签名用的密钥没有登记", "the signature's key is not enrolled")


def _header(protected: str) -> Mapping[str, Any]:
    try:
        padded = protected + "=" * (-len(protected) % 4)
        head = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        head = None
    if not isinstance(head, dict) or "crit" in head or "b64" in head:
        raise SignatureInvalid("签名头无法识别", "the signature's header cannot be read")
    return head


def _enrolled(text: str, name: str) -> list[Any]:
    try:
        return list(KeySet.import_key_set(orjson.loads(text)).keys)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AuthRejected(
            f"连接配置的 {name} 不是有效的公钥集（JWKS）", f"the connection's {name} is no JWKS"
        ) from error


def compile_signature(options: Options, province: str) -> Verifies:
    """The `signature` section of a callback. Raises `ManifestInvalid`."""
    options.choice("kind", ("detached_jws",))
    scheme = DetachedJws(
        header=options.text("header"),
        keys=options.text("keys"),
        audience=province,
        seconds=options.number("seconds", 300.0),
    )
    options.finish()
    return scheme
