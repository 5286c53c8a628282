"""A platform's standing at the hub: it enrols once with a one-time token, then signs in by itself for short tokens.

Written from the hub's published interface (RFC 6749, RFC 7523 `private_key_jwt`). The platform makes its own key and
keeps it in its own folder. A platform that cannot sign is invited as such, is given a secret instead, and keeps that.

    with httpx.Client(base_url=hub.url, auth=enrolment.at(hub)) as client: …

What was handed out the old way, a platform key, is used as it is.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from adapters.simulators.simulator import Hub

FILE = "hub-access.json"
"""Where a simulator keeps its standing, inside its own folder; whoever invites looks whether it is there."""

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 60
_EARLY = 30.0
_TIMEOUT = httpx.Timeout(20.0).as_dict()

Steps = Generator[httpx.Request, httpx.Response]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the platform keeps: its name at the hub, and its key as PEM text or its secret."""

    client_id: str
    kid: str = ""
    key: str = ""
    secret: str = ""


class Enrolment:
    """One platform's standing in `folder`. Safe from several threads; `clock` tells seconds since 1970."""

    def __init__(
        self, folder: Path, *, can_sign: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = folder / FILE
        self._can_sign = can_sign
        self._clock = clock
        self._lock = threading.RLock()
        self._spent: set[str] = set()
        self._token: tuple[str, float] | None = None

    def at(self, hub: Hub) -> httpx.Auth:
        """How requests to this hub say who asks."""
        return _Auth(self, hub)

    def is_invited(self, hub: Hub) -> bool:
        """Whether this platform can get a token: it has enrolled before, or may do so now."""
        return bool(hub.invitation) or self._file.exists()

    def forget_token(self) -> None:
        """The next request asks for another token."""
        with self._lock:
            self._token = None

    def token(self, hub: Hub) -> Generator[httpx.Request, httpx.Response, str]:
        """The requests that lead to a token, then the token. Raises `httpx.HTTPStatusError` for a refusal."""
        with self._lock:
            if self._token is not None and self._clock() < self._token[1]:
                return self._token[0]
            standing = self._kept()
            if standing is None:
                standing = yield from self._enrol(hub)
            answer = yield from self._ask(hub, standing)
            if answer.status_code in (400, 401) and hub.invitation and hub.invitation not in self._spent:
                standing = yield from self._enrol(hub)  # the hub knows it no longer, and has invited it again
                answer = yield from self._ask(hub, standing)
            answer.raise_for_status()
            told = answer.json()
            self._token = (str(told["access_token"]), self._clock() + float(told["expires_in"]) - _EARLY)
            return self._token[0]

    def _enrol(self, hub: Hub) -> Generator[httpx.Request, httpx.Response, Standing]:
        """Exchange the one-time token. A token is tried once: the hub takes it no second time."""
        self._spent.add(hub.invitation)
        key, kid = Ed25519PrivateKey.generate(), f"key-{secrets.token_hex(4)}"
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        named = {"kid": kid, "public_key": public} if self._can_sign else {}
        answer = yield _request(
            "POST", f"{hub.url}/api/v1/platforms", json={"token": hub.invitation, **named}
        )
        answer.raise_for_status()
        told = answer.json()
        if self._can_sign:
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            standing = Standing(told["client_id"], kid=kid, key=pem)
        else:
            standing = Standing(told["client_id"], secret=told["client_secret"])
        self._keep(standing)
        return standing

    def _ask(self, hub: Hub, standing: Standing) -> Generator[httpx.Request, httpx.Response, httpx.Response]:
        found = yield _request("GET", f"{hub.url}/.well-known/oauth-authorization-server")
        found.raise_for_status()
        form, headers = {"grant_type": "client_credentials"}, {}
        if standing.key:
            assertion = _assertion(standing, found.json()["issuer"], int(self._clock()))
            form |= {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
        else:
            pair = f"{standing.client_id}:{standing.secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return (yield _request("POST", f"{hub.url}/oauth/token", data=form, headers=headers))

    def _kept(self) -> Standing | None:
        try:
            return Standing(**json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return None

    def _keep(self, standing: Standing) -> None:
        """Whole or not at all, and readable by its owner only."""
        draft = self._file.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(standing), file)
        draft.replace(self._file)


class _Auth(httpx.Auth):
    """Adds the token; one that the hub no longer takes is replaced once."""

    requires_response_body = True

    def __init__(self, enrolment: Enrolment, hub: Hub) -> None:
        self._enrolment, self._hub = enrolment, hub

    def auth_flow(self, request: httpx.Request) -> Steps:
        """See `httpx.Auth.auth_flow`."""
        if self._hub.platform_key:
            request.headers["Authorization"] = f"Bearer {self._hub.platform_key}"
            yield request
            return
        for is_last in (False, True):
            token = yield from self._enrolment.token(self._hub)
            request.headers["Authorization"] = f"Bearer {token}"
            answer = yield request
            if answer.status_code != 401 or is_last:
                return
            self._enrolment.forget_token()


def _assertion(standing: Standing, audience: str, now: int) -> str:
    """A one-minute assertion, signed with EdDSA."""
    head = {"alg": "EdDSA", "kid": standing.kid}
    claims = {
        "iss": standing.client_id,
        "sub": standing.client_id,
        "aud": audience,
        "iat": now,
        "exp": now + _SECONDS,
        "jti": secrets.token_hex(16),
    }
    signed = f"{_b64(json.dumps(head).encode())}.{_b64(json.dumps(claims).encode())}"
    key = _private(standing.key)
    return f"{signed}.{_b64(key.sign(signed.encode()))}"


def _request(method: str, address: str, **content: Any) -> httpx.Request:
    return httpx.Request(method, address, extensions={"timeout": _TIMEOUT}, **content)


def _private(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
