"""Is this message the hub's? Detached JWS, ES256, by the keys that the hub publishes; written from RFC 7515 and 7518.

A platform that has not been given the hub's keys yet verifies nothing.
"""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

import httpx
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from adapters.simulators.simulator import Hub

HEADER = "X-Hub-Signature"
_PATH = "/api/v1/booking-messages/keys"
_EVERY = 60.0


class HubKeys:
    """The hub's public keys as one platform knows them; `audience` is the platform's own province."""

    def __init__(self, audience: str) -> None:
        self._audience = audience
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        self._asked = 0.0

    def take(self, jwks: dict[str, Any]) -> None:
        """Know these keys from now on."""
        self._keys = {one["kid"]: _read(one) for one in jwks["keys"]}

    def learn(self, client: httpx.Client) -> None:
        """Ask the hub for its keys, at most once a minute; a hub that publishes none is left alone."""
        if not self._is_due:
            return
        self._asked = time.monotonic()
        answer = client.get(_PATH)
        if answer.status_code == 200:
            self.take(answer.json())

    def visit(self, hub: Hub) -> None:
        """Ask this hub, when it is time to. Raises `httpx.HTTPError` when it does not answer."""
        if self._is_due:
            with httpx.Client(base_url=hub.url, timeout=20, trust_env=False, verify=False) as client:
                self.learn(client)

    @property
    def _is_due(self) -> bool:
        return not self._asked or time.monotonic() - self._asked >= _EVERY

    def objection(self, token: str, payload: bytes) -> str:
        """Why the signature does not hold; empty when it does, or when no keys are known."""
        if not self._keys:
            return ""
        protected, _, signature = token.partition("..")
        try:
            head = orjson.loads(_decoded(protected))
            raw = _decoded(signature)
        except (binascii.Error, ValueError):
            return "签名无法识别"
        key = self._keys.get(head.get("kid", ""))
        if key is None or head.get("alg") != "ES256" or len(raw) != 64:
            return "签名的密钥或算法不认识"
        signed = f"{protected}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}".encode()
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return "签名与正文不符"
        return "" if head.get("aud") == self._audience else "签名是给别处的"


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _read(jwk: dict[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(_decoded(jwk[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
