"""A province's platform written with jwcrypto, which shares no code with the server: what a vendor would write."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from tests.virtual_clock import VirtualClock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"

ALGORITHMS = {"P-256": "ES256", "Ed25519": "EdDSA"}


def new_key(curve: str = "P-256", kid: str | None = "k1") -> JWK:
    """A key pair as a platform makes it."""
    named = {} if kid is None else {"kid": kid}
    key: JWK = JWK.generate(kty="EC" if curve == "P-256" else "OKP", crv=curve, **named)
    return key


def public_half(key: JWK) -> dict[str, Any]:
    told: dict[str, Any] = key.export_public(as_dict=True)
    return told


def signed(claims: object, key: JWK, header: dict[str, Any]) -> str:
    """Anything, signed."""
    jws = JWS(claims if isinstance(claims, (bytes, str)) else json.dumps(claims))
    jws.allowed_algs = ["ES256", "EdDSA", "HS256"]
    jws.add_signature(key, protected=json.dumps(header))
    text: str = jws.serialize(compact=True)
    return text


@dataclass
class PlatformClient:
    """One platform: its name, the key it signs with, and the hub it speaks to."""

    http: httpx.Client
    clock: VirtualClock
    id: str
    key: JWK
    issuer: str = ISSUER
    header: dict[str, Any] = field(default_factory=dict)

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A good assertion, or one with these claims and header fields changed; None leaves one out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
            **changes,
        }
        curve = self.key.get("crv")
        head = {"alg": ALGORITHMS[curve], "kid": self.key.get("kid"), **self.header, **(header or {})}
        return signed(_without_none(claims), self.key, _without_none(head))

    def form(self, assertion: str | None = None, **fields: str) -> dict[str, str]:
        """The form of a token request."""
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
            **fields,
        }

    def ask(self, path: str = "/oauth/token", assertion: str | None = None, **fields: str) -> httpx.Response:
        """Post the form to an endpoint."""
        return self.http.post(path, data=self.form(assertion, **fields))

    def token(self, scope: str | None = None) -> str:
        """An access token."""
        answer = self.ask(**({} if scope is None else {"scope": scope}))
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["access_token"]
        return text

    def bearer(self, scope: str | None = None) -> dict[str, str]:
        """The header that carries a new access token."""
        return {"Authorization": f"Bearer {self.token(scope)}"}


def _without_none(held: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if value is not None}
