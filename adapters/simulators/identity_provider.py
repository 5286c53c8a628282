"""A province's OpenID provider (统一身份认证): authorization code with PKCE, discovery, rotating keys, and mischief.

Simulated after OpenID Connect Core 1.0, RFC 7636 (PKCE, S256 only) and RFC 9207 (`iss` in the answer). Its people and
enterprises are synthetic. It signs with `cryptography` alone and shares no code with the client that it is used with.

Routes below its issuer: `/.well-known/openid-configuration`, `/jwks`, `/authorize` (a page on which one chooses who
one is), `/token`. `mischief` holds the names of what it does wrong (see `MISCHIEF`).
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

CODE_SECONDS = 60
TOKEN_SECONDS = 300
_ORDER_BYTES = 32

MISCHIEF = (
    "unavailable",  # every address answers 503
    "discovery_names_another_issuer",
    "discovery_moves_the_token_endpoint",  # to a plain address elsewhere
    "answer_of_another_issuer",
    "answer_without_issuer",
    "answer_with_another_state",
    "deny",
    "token_endpoint_refuses",
    "token_endpoint_answers_html",
    "no_id_token",
    "other_issuer",
    "other_audience",
    "several_audiences",
    "other_nonce",
    "no_nonce",
    "expired",
    "issued_long_ago",
    "no_subject",
    "subject_is_a_list",
    "forged_signature",
    "unsigned",
    "signed_with_the_public_key",
    "key_not_published",
    "other_access_token",
    "garbled",
)


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody who has an account here. `enterprises` is the claim as it is told, whatever it says."""

    subject: str
    name: str
    email: str
    enterprises: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Code:
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    subject: str
    until: float


@dataclass
class IdentityProvider:
    """One running provider. `clock` gives seconds since 1970; `asked` counts requests by the end of their address."""

    id: str
    province: str
    issuer: str
    name_zh: str
    name_en: str
    people: Sequence[Registered]
    client_id: str = "jiangyihui"
    client_secret: str = "synthetic-client-secret"
    clock: Callable[[], float] = time.time
    mischief: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._codes: dict[str, _Code] = {}
        self.asked: Counter[str] = Counter()
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on; the one before stays published."""
        self._kid = f"{self.id}-{len(self._keys) + 1}"
        self._keys[self._kid] = ec.generate_private_key(ec.SECP256R1())

    def partner(self) -> dict[str, Any]:
        """What the hub's operator writes down about this provider."""
        return {
            "id": self.id,
            "province": self.province,
            "issuer": self.issuer,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "algorithms": ["ES256"],
        }

    @property
    def routes(self) -> list[BaseRoute]:
        """What it answers, mounted at its issuer."""
        return [
            Route("/.well-known/openid-configuration", self._guarded(self._discovery)),
            Route("/jwks", self._guarded(self._jwks)),
            Route("/authorize", self._guarded(self._ask_who), methods=["GET"]),
            Route("/authorize", self._guarded(self._answer), methods=["POST"]),
            Route("/token", self._guarded(self._token), methods=["POST"]),
        ]

    def _guarded(self, serve: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.asked[request.url.path.rpartition("/")[2]] += 1
            if "unavailable" in self.mischief:
                return Response("维护中", 503)
            response: Response = await serve(request)
            return response

        return answer

    async def _discovery(self, _: Request) -> Response:
        issuer = "https://other.example" if "discovery_names_another_issuer" in self.mischief else self.issuer
        token = f"{self.issuer}/token"
        if "discovery_moves_the_token_endpoint" in self.mischief:
            token = "http://198.51.100.7/token"
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": token,
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, _: Request) -> Response:
        hidden = self._kid if "key_not_published" in self.mischief else None
        return JSONResponse({"keys": [_jwk(kid, key) for kid, key in self._keys.items() if kid != hidden]})

    async def _ask_who(self, request: Request) -> Response:
        asked = dict(request.query_params)
        problem = self._problem(asked)
        if problem:
            return Response(problem, 400)
        hidden = "".join(
            f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items()
        )
        buttons = "".join(
            f'<p><button name="subject" value="{escape(person.subject)}">{escape(person.name)}</button></p>'
            for person in self.people
        )
        return HTMLResponse(
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(self.name_zh)}</title>'
            f"<h1>{escape(self.name_zh)}（模拟）</h1><p>人员与企业均为合成数据。请选择登录身份：</p>"
            f'<form method="post">{hidden}{buttons}<p><button name="subject" value="">取消</button></p></form></html>'
        )

    async def _answer(self, request: Request) -> Response:
        asked = {name: str(value) for name, value in (await request.form()).items()}
        problem = self._problem(asked)
        if problem:
            return Response(problem, 400)
        subject = asked.get("subject", "")
        told = {"state": asked["state"], "iss": self.issuer}
        if subject not in {person.subject for person in self.people} or "deny" in self.mischief:
            told["error"] = "access_denied"
        else:
            told["code"] = self._new_code(asked, subject)
        if "answer_of_another_issuer" in self.mischief:
            told["iss"] = "https://other.example"
        if "answer_without_issuer" in self.mischief:
            del told["iss"]
        if "answer_with_another_state" in self.mischief:
            told["state"] = secrets.token_urlsafe(16)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", 303)

    async def _token(self, request: Request) -> Response:
        posted = {name: str(value) for name, value in (await request.form()).items()}
        if "token_endpoint_answers_html" in self.mischief:
            return HTMLResponse("<h1>502</h1>")
        if "token_endpoint_refuses" in self.mischief:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if not self._is_client(request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401)
        code = self._codes.pop(posted.get("code", ""), None)  # once
        if code is None or not self._fits(code, posted):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(24)
        told = {"access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        if "no_id_token" not in self.mischief:
            told["id_token"] = self._id_token(code, access_token)
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _problem(self, asked: dict[str, str]) -> str:
        back = urlsplit(asked.get("redirect_uri", ""))
        is_known = back.hostname in ("127.0.0.1", "localhost", "hub.test") and back.path.startswith(
            "/sign-in/return/"
        )
        if asked.get("client_id") != self.client_id or not is_known:
            return "客户端未登记"
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return "仅支持 OpenID 授权码方式"
        if (
            asked.get("code_challenge_method") != "S256"
            or not asked.get("code_challenge")
            or not asked.get("state")
        ):
            return "缺少 PKCE 或 state"
        return ""

    def _new_code(self, asked: dict[str, str], subject: str) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            asked["client_id"],
            asked["redirect_uri"],
            asked["code_challenge"],
            asked.get("nonce", ""),
            subject,
            self.clock() + CODE_SECONDS,
        )
        return code

    def _is_client(self, header: str) -> bool:
        expected = f"{self.client_id}:{self.client_secret}"
        kind, _, text = header.partition(" ")
        return kind.lower() == "basic" and secrets.compare_digest(b64decode(text), expected.encode())

    def _fits(self, code: _Code, posted: dict[str, str]) -> bool:
        challenge = _base64url(sha256(posted.get("code_verifier", "").encode()).digest())
        return (
            posted.get("grant_type") == "authorization_code"
            and posted.get("redirect_uri") == code.redirect_uri
            and secrets.compare_digest(challenge, code.challenge)
            and self.clock() <= code.until
        )

    def _id_token(self, code: _Code, access_token: str) -> str:
        person = next(person for person in self.people if person.subject == code.subject)
        now = int(self.clock())
        half = sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": person.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": code.nonce,
            "at_hash": _base64url(half),
            "name": person.name,
            "email": person.email,
            "email_verified": True,
            "enterprises": list(person.enterprises),
        }
        self._spoil(claims, now)
        return self._sign(claims)

    def _spoil(self, claims: dict[str, Any], now: int) -> None:
        spoilt: dict[str, dict[str, Any]] = {
            "other_issuer": {"iss": "https://other.example"},
            "other_audience": {"aud": "somebody-else"},
            "several_audiences": {"aud": [self.client_id, "somebody-else"], "azp": self.client_id},
            "other_nonce": {"nonce": "another"},
            "expired": {"iat": now - 700, "exp": now - 400},
            "issued_long_ago": {"iat": now - 86_400, "exp": now + 86_400},
            "subject_is_a_list": {"sub": ["a", "b"]},
            "other_access_token": {"at_hash": _base64url(bytes(16))},
        }
        for name in self.mischief & spoilt.keys():
            claims.update(spoilt[name])
        if "no_nonce" in self.mischief:
            del claims["nonce"]
        if "no_subject" in self.mischief:
            del claims["sub"]

    def _sign(self, claims: dict[str, Any]) -> str:
        key = self._keys[self._kid]
        header = {"alg": "ES256", "kid": self._kid, "typ": "JWT"}
        if "unsigned" in self.mischief:
            return f"{_part({**header, 'alg': 'none'})}.{_part(claims)}."
        if "signed_with_the_public_key" in self.mischief:
            return _signed_with_public_key({**header, "alg": "HS256"}, claims, _jwk(self._kid, key))
        if "forged_signature" in self.mischief:
            key = ec.generate_private_key(ec.SECP256R1())
        signed = f"{_part(header)}.{_part(claims)}"
        r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        text = f"{signed}.{_base64url(r.to_bytes(_ORDER_BYTES) + s.to_bytes(_ORDER_BYTES))}"
        return text[:40] + "~" + text[41:] if "garbled" in self.mischief else text


def _signed_with_public_key(header: dict[str, Any], claims: dict[str, Any], public: dict[str, str]) -> str:
    signed = f"{_part(header)}.{_part(claims)}"
    made = hmac.new(orjson.dumps(public), signed.encode(), sha256).digest()
    return f"{signed}.{_base64url(made)}"


def _jwk(kid: str, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _base64url(numbers.x.to_bytes(_ORDER_BYTES)),
        "y": _base64url(numbers.y.to_bytes(_ORDER_BYTES)),
        "kid": kid,
        "use": "sig",
        "alg": "ES256",
    }


def _part(value: dict[str, Any]) -> str:
    return _base64url(orjson.dumps(value))


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
