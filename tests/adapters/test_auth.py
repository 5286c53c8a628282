"""Auth schemes against small platforms that check them."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

import httpx
import pytest

from adapters.auth import build_auth
from adapters.contract import Connection
from adapters.errors import AuthRejected, ManifestInvalid, Throttled, Unreachable
from adapters.transports.calls import Call
from tests.adapters.platforms import BASE, Time, site

NAMES = {
    "username": "u",
    "password": "p",
    "client_id": "id",
    "client_secret": "se cret",
    "token": "t0",
    "app_key": "k1",
    "app_secret": "s1",
}


class TokenPlatform:
    """Gives tokens that live for some calls, and refuses old ones the way it likes."""

    def __init__(self, life: int = 10**9, *, in_body: bool = False, expires_in: int | None = None) -> None:
        self.life, self.in_body, self.expires_in = life, in_body, expires_in
        self.issued = 0
        self.left = 0
        self.logins: list[httpx.Request] = []
        self.broken: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/root/login":
            self.logins.append(request)
            if self.broken is not None:
                return self.broken
            self.issued, self.left = self.issued + 1, self.life
            body = {"token": f"T{self.issued}", "access_token": f"T{self.issued}"}
            return httpx.Response(
                200, json=body | ({"expires_in": self.expires_in} if self.expires_in else {})
            )
        good = request.headers.get("authorization", "").endswith(f"T{self.issued}") and self.left > 0
        if not good:
            return httpx.Response(200, json={"code": 401}) if self.in_body else httpx.Response(401)
        self.left -= 1
        return httpx.Response(200, json={"code": 200})


def call(app: TokenPlatform, auth: httpx.Auth, times: int, time: Time | None = None) -> None:
    from adapters.transports.calls import TokenLapsed

    def interpret(received: object) -> None:
        if json.loads(received.content)["code"] == 401:  # type: ignore[attr-defined]
            raise TokenLapsed

    with site(app, auth=auth, time=time).caller() as caller:
        for _ in range(times):
            caller.ask(Call("GET", "/list"), interpret)


def auth_of(time: Time | None = None, **written: object) -> httpx.Auth:
    clock = time or Time()
    return build_auth(written, Connection(BASE, NAMES), lambda: clock.seconds)


@pytest.mark.parametrize("in_body", [True, False])
def test_a_login_token_is_renewed_in_mid_harvest(in_body: bool) -> None:
    platform = TokenPlatform(life=3, in_body=in_body)
    call(platform, auth_of(kind="login_token", path="/login"), 10)
    assert platform.issued == 4
    assert json.loads(platform.logins[0].content) == {"username": "u", "password": "p"}


def test_a_token_is_renewed_before_it_ends_when_the_platform_says_when() -> None:
    time, platform = Time(), TokenPlatform(expires_in=600)
    auth = auth_of(time, kind="client_credentials", path="/login", scope="read")
    call(platform, auth, 2, time)
    assert platform.issued == 1
    time.seconds += 569
    call(platform, auth, 1, time)
    assert platform.issued == 1
    time.seconds += 2
    call(platform, auth, 1, time)
    assert platform.issued == 2


def test_client_credentials_go_as_basic_or_in_the_body() -> None:
    platform = TokenPlatform()
    call(platform, auth_of(kind="client_credentials", path="/login", scope="read"), 1)
    login = platform.logins[0]
    assert parse_qs(login.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["read"]}
    assert base64.b64decode(login.headers["authorization"].removeprefix("Basic ")).decode() == "id:se cret"
    other = TokenPlatform()
    call(other, auth_of(kind="client_credentials", path="/login", in_body=True), 1)
    assert parse_qs(other.logins[0].content.decode())["client_secret"] == ["se cret"]
    assert "authorization" not in other.logins[0].headers


def test_a_token_refused_at_once_is_rejected_and_not_asked_for_ever() -> None:
    platform = TokenPlatform(life=0)
    with pytest.raises(AuthRejected):
        call(platform, auth_of(kind="login_token", path="/login"), 1)
    assert platform.issued == 2


@pytest.mark.parametrize(
    ("broken", "error", "logins"),
    [
        (httpx.Response(200, json={"code": 500, "msg": "密码错误"}), AuthRejected, 1),
        (httpx.Response(401), AuthRejected, 1),
        (httpx.Response(200, content=b"<html>"), AuthRejected, 1),
        (httpx.Response(200, json={"token": 5}), AuthRejected, 1),
        (httpx.Response(500), Unreachable, 4),
        (httpx.Response(503, headers={"retry-after": "2"}), Throttled, 4),
    ],
)
def test_a_login_that_fails(broken: httpx.Response, error: type[Exception], logins: int) -> None:
    platform = TokenPlatform()
    platform.broken = broken
    with pytest.raises(error) as stopped:
        call(platform, auth_of(kind="login_token", path="/login"), 1)
    assert len(platform.logins) == logins
    assert str(stopped.value) != "u"
    assert "密码错误" not in str(stopped.value)


def test_static_token_and_basic() -> None:
    seen: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization", "") or request.headers.get("x-api-key", ""))
        return httpx.Response(200)

    for written in (
        {"kind": "static_token"},
        {"kind": "static_token", "header": "X-Api-Key", "prefix": ""},
        {"kind": "basic"},
        {"kind": "none"},
    ):
        with site(app, auth=auth_of(**written)).caller() as caller:
            caller.ask(Call("GET", "/x"), lambda r: r)
    assert seen == ["Bearer t0", "t0", "Basic " + base64.b64encode(b"u:p").decode(), ""]


class SigningPlatform:
    """Checks the signature by its own computation, from what arrived."""

    def __init__(self, *, headers: bool = False) -> None:
        self.headers = headers
        self.nonces: set[str] = set()
        self.served = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        given = dict(request.headers if self.headers else request.url.params)
        names = (
            ("appkey", "timestamp", "nonce", "sign")
            if self.headers
            else ("appKey", "timestamp", "nonce", "sign")
        )
        parts = dict(request.url.params)
        if request.headers.get("content-type", "").startswith("application/json"):
            body = json.loads(request.content)
            parts |= {
                k: v if isinstance(v, str) else json.dumps(v, separators=(",", ":")) for k, v in body.items()
            }
        if self.headers:
            parts |= {"appKey": given["appkey"], "timestamp": given["timestamp"], "nonce": given["nonce"]}
        parts.pop("sign", None)
        text = "&".join(
            f"{k}={parts[k]}" for k in sorted(parts, key=lambda name: name.encode()) if parts[k] != ""
        )
        expected = hmac.new(b"s1", text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, given[names[3]]) or given["nonce"] in self.nonces:
            return httpx.Response(403)
        self.nonces.add(given["nonce"])
        self.served += 1
        return httpx.Response(200)


@pytest.mark.parametrize("place", ["params", "headers"])
@pytest.mark.parametrize(
    "sent",
    [
        Call("GET", "/x", params={"pageNo": "1", "pageSize": "200", "empty": "", "中文": "值 &="}),
        Call(
            "POST",
            "/x",
            headers={"content-type": "application/json"},
            content=json.dumps({"b": 2, "a": ["x"], "z": "中"}).encode(),
        ),
    ],
)
def test_every_request_is_signed_over_its_sorted_parameters(place: str, sent: Call) -> None:
    platform = SigningPlatform(headers=place == "headers")
    auth = auth_of(kind="hmac", time_unit="ms", place=place)
    with site(platform, auth=auth).caller() as caller:
        for _ in range(3):
            caller.ask(sent, lambda r: r)
    assert platform.served == 3


def test_a_missing_credential_is_named_when_the_first_call_is_made() -> None:
    with pytest.raises(AuthRejected, match="app_secret"):
        build_auth({"kind": "hmac"}, Connection(BASE, {"app_key": "k"}), lambda: 0.0)


@pytest.mark.parametrize(
    "written",
    [
        {"kind": "magic"},
        {},
        {"kind": "basic", "user": "x"},
        {"kind": "hmac", "algorithm": "rot13"},
        {"kind": "login_token"},
    ],
)
def test_a_faulty_section_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(ManifestInvalid):
        build_auth(written, Connection(BASE, NAMES), lambda: 0.0)


def test_credentials_do_not_show_in_the_connection() -> None:
    assert "se cret" not in repr(Connection(BASE, NAMES))
