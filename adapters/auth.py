"""How requests to a province prove who asks: `httpx.Auth` classes, built from the manifest's `auth` section.

Tokens live in memory only. A scheme that holds one can `forget` it, so that the next request logs in again; who
decides that a token has lapsed is the caller, because some platforms say so inside a 200 answer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import parse_qsl, urljoin

import httpx
import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from adapters.contract import Connection
from adapters.errors import AuthRejected, Throttled, Unreachable
from adapters.options import Options, fault

Flow = Generator[httpx.Request, httpx.Response, None]
_EARLY_SECONDS = 30.0  # a token is renewed this long before it ends, so that none ends on its way
_KINDS = ("none", "basic", "static_token", "login_token", "client_credentials", "hmac")


class NoAuth(httpx.Auth):
    """Anybody may ask."""


class StaticToken(httpx.Auth):
    """One header with a token that does not change."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Add the header."""
        request.headers[self._header] = self._value
        yield request


class TokenAuth(httpx.Auth, ABC):
    """Ask for a token when there is none or it is about to end, then send it in a header.

    Subclasses make the request for the token. Raises `AuthRejected` when the platform gives none, `Unreachable` or
    `Throttled` when it cannot answer now.
    """

    def __init__(self, answer: TokenAnswer, header: str, prefix: str, clock: Callable[[], float]) -> None:
        self._answer = answer
        self._header = header
        self._prefix = prefix
        self._clock = clock
        self._token: str | None = None
        self._ends: float | None = None

    @abstractmethod
    def token_request(self) -> httpx.Request:
        """The request that asks for a token."""

    def forget(self) -> None:
        """Drop the token; the next request asks for a new one."""
        self._token = None

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Ask for a token first if need be, then send the request with it."""
        token = self._token  # once: another thread may forget it at any time
        if token is None or (self._ends is not None and self._clock() >= self._ends):
            response = yield self.token_request()
            token = self._keep(response)
        request.headers[self._header] = f"{self._prefix}{token}"
        yield request

    def _keep(self, response: httpx.Response) -> str:
        response.read()
        token, seconds = self._answer.read(response)
        self._ends = None if seconds is None else self._clock() + max(seconds - _EARLY_SECONDS, seconds / 2)
        self._token = token
        return token


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """Where token and life time stand in the answer (JMESPath)."""

    token: str
    expires_in: str

    def read(self, response: httpx.Response) -> tuple[str, float | None]:
        """Token and seconds it lives, None when the answer does not say."""
        status = response.status_code
        if status in (429, 503):
            raise Throttled("登录接口请稍后再试", "the login asks to wait", _seconds(response))
        if status >= 500:
            raise Unreachable(f"登录接口出错（HTTP {status}）", f"the login failed (HTTP {status})")
        try:
            body = orjson.loads(response.content)
            token, seconds = jmespath.search(self.token, body), jmespath.search(self.expires_in, body)
        except (orjson.JSONDecodeError, JMESPathError):
            token, seconds = None, None
        if status >= 300 or not isinstance(token, str) or not token:
            raise AuthRejected(
                f"平台没有给出令牌（HTTP {status}）；请核对接入账号和密码",
                f"the platform gave no token (HTTP {status}); check the account of this connection",
            )
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
        return token, float(seconds) if is_number else None


def _seconds(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


class LoginToken(TokenAuth):
    """User name and password for a token."""

    def __init__(self, request: Callable[[], httpx.Request], answer: TokenAnswer, **how: Any) -> None:
        super().__init__(answer, **how)
        self._request = request

    def token_request(self) -> httpx.Request:
        """The log-in call."""
        return self._request()


@dataclass(frozen=True, slots=True)
class HmacNames:
    """Names of the four parameters (or headers) of a signed request."""

    key: str
    time: str
    nonce: str
    sign: str


class HmacSigned(httpx.Auth):
    """Every request signed over its sorted parameters, application key, time and nonce included."""

    requires_request_body = True

    def __init__(
        self,
        key: str,
        secret: str,
        *,
        names: HmacNames,
        algorithm: str = "sha256",
        joiner: str = "&",
        pair: str = "=",
        in_headers: bool = False,
        millis: bool = False,
        upper: bool = False,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._key = key
        self._secret = secret.encode("utf-8")
        self._names = names
        self._algorithm = algorithm
        self._joiner, self._pair = joiner, pair
        self._in_headers, self._millis, self._upper = in_headers, millis, upper
        self._now, self._nonce = now, nonce

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Add key, time, nonce and signature to the query, or as headers."""
        names = self._names
        moment = self._now()
        extra = {
            names.key: self._key,
            names.time: str(int(moment * 1000) if self._millis else int(moment)),
            names.nonce: self._nonce(),
        }
        extra[names.sign] = self.signature({**request_parameters(request), **extra})
        if self._in_headers:
            request.headers.update(extra)
        else:
            request.url = request.url.copy_merge_params(extra)
        yield request

    def signature(self, parameters: Mapping[str, str]) -> str:
        """HMAC of `k=v&k=v`, sorted by name in byte order; empty values and the signature itself left out."""
        named = sorted(
            (k.encode("utf-8"), k, v) for k, v in parameters.items() if v and k != self._names.sign
        )
        text = self._joiner.join(f"{name}{self._pair}{value}" for _, name, value in named)
        digest = hmac.new(self._secret, text.encode("utf-8"), self._algorithm).hexdigest()
        return digest.upper() if self._upper else digest


def request_parameters(request: httpx.Request) -> dict[str, str]:
    """All parameters of a request: its query, a form, or the top level of a JSON body."""
    parameters = dict(request.url.params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/x-www-form-urlencoded":
        parameters |= dict(parse_qsl(request.content.decode("utf-8"), keep_blank_values=True))
    elif kind == "application/json" and request.content:
        body = orjson.loads(request.content)
        if isinstance(body, dict):
            parameters |= {name: _as_text(value) for name, value in body.items() if value is not None}
    return parameters


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode("utf-8")


def build_auth(written: Mapping[str, Any], connection: Connection, clock: Callable[[], float]) -> httpx.Auth:
    """The scheme the manifest names, with this connection's credentials.

    `clock` is monotonic, in seconds. Raises `ManifestInvalid` for a fault in the section, `AuthRejected` when the
    connection lacks a credential the scheme needs.
    """
    options = Options(written, "manifest.auth")
    kind = options.choice("kind", _KINDS)
    auth = _BUILDERS[kind](options, connection, clock)
    options.finish()
    return auth


def _credential(connection: Connection, name: str) -> str:
    value = connection.credentials.get(name)
    if not value:
        raise AuthRejected(f"连接配置缺少 {name}", f"the connection lacks the credential {name}")
    return value


def _none(_options: Options, _connection: Connection, _clock: Callable[[], float]) -> httpx.Auth:
    return NoAuth()


def _basic(_options: Options, connection: Connection, _clock: Callable[[], float]) -> httpx.Auth:
    return httpx.BasicAuth(_credential(connection, "username"), _credential(connection, "password"))


def _static(options: Options, connection: Connection, _clock: Callable[[], float]) -> httpx.Auth:
    header, prefix = options.text("header", "Authorization"), options.text("prefix", "Bearer ")
    return StaticToken(header, prefix + _credential(connection, "token"))


def _address(connection: Connection, path: str) -> str:
    return urljoin(connection.base_url.rstrip("/") + "/", path.lstrip("/"))


def _login(options: Options, connection: Connection, clock: Callable[[], float]) -> httpx.Auth:
    url = _address(connection, options.text("path"))
    method = options.choice("method", ("POST", "GET"), "POST")
    form = {
        options.text("username_field", "username"): _credential(connection, "username"),
        options.text("password_field", "password"): _credential(connection, "password"),
    }

    def request() -> httpx.Request:
        if method == "GET":
            return httpx.Request("GET", url, params=form)
        return httpx.Request("POST", url, json=form)

    return LoginToken(
        request,
        TokenAnswer(options.text("token", "token"), options.text("expires_in", "expires_in")),
        header=options.text("header", "Authorization"),
        prefix=options.text("prefix", ""),
        clock=clock,
    )


def _client_credentials(options: Options, connection: Connection, clock: Callable[[], float]) -> httpx.Auth:
    url = _address(connection, options.text("path"))
    identity, secret = _credential(connection, "client_id"), _credential(connection, "client_secret")
    form = {"grant_type": "client_credentials"}
    if "scope" in options:
        form["scope"] = options.text("scope")
    headers = {"accept": "application/json"}
    if options.flag("in_body", False):
        form |= {"client_id": identity, "client_secret": secret}
    else:
        headers["authorization"] = "Basic " + base64.b64encode(f"{identity}:{secret}".encode()).decode(
            "ascii"
        )
    return LoginToken(
        lambda: httpx.Request("POST", url, data=form, headers=headers),
        TokenAnswer("access_token", "expires_in"),
        header="Authorization",
        prefix="Bearer ",
        clock=clock,
    )


def _hmac(options: Options, connection: Connection, _clock: Callable[[], float]) -> httpx.Auth:
    algorithm = options.text("algorithm", "sha256")
    if algorithm not in hashlib.algorithms_guaranteed:
        raise fault("manifest.auth.algorithm", "没有这种摘要算法", "is no digest algorithm", algorithm)
    return HmacSigned(
        _credential(connection, "app_key"),
        _credential(connection, "app_secret"),
        names=HmacNames(
            key=options.text("key_param", "appKey"),
            time=options.text("time_param", "timestamp"),
            nonce=options.text("nonce_param", "nonce"),
            sign=options.text("sign_param", "sign"),
        ),
        algorithm=algorithm,
        joiner=options.text("joiner", "&"),
        pair=options.text("pair", "="),
        in_headers=cast(
            Literal["params", "headers"], options.choice("place", ("params", "headers"), "params")
        )
        == "headers",
        millis=options.choice("time_unit", ("s", "ms"), "s") == "ms",
        upper=options.flag("upper", False),
    )


_BUILDERS: Mapping[str, Callable[[Options, Connection, Callable[[], float]], httpx.Auth]] = {
    "none": _none,
    "basic": _basic,
    "static_token": _static,
    "login_token": _login,
    "client_credentials": _client_credentials,
    "hmac": _hmac,
}

# The credentials each kind needs, for the check and for the person who writes a connection.
CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("username", "password"),
    "static_token": ("token",),
    "login_token": ("username", "password"),
    "client_credentials": ("client_id", "client_secret"),
    "hmac": ("app_key", "app_secret"),
}
