"""A platform gets a token, uses it, asks about it and ends it; what it gets is verified by another library."""

import dataclasses
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable

import httpx
import pytest
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jwt import JWT
from sqlalchemy import select

from hub.app import create_app
from hub.core.audit import AuditEntry
from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.models import AccessToken, SpentAssertion
from hub.identity.service import platforms
from tests.hub.identity.oauth.conftest import Enrol
from tests.hub.identity.oauth.platform_client import ISSUER, PlatformClient, new_key
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

ORDINARY = "catalogue:310000 availability:310000 bookings:310000 usage:310000 settlement:310000"

INSIDE = "digest_invalid"
"""What a request is answered that passed the door: it sends no digest."""


def _push(client: httpx.Client, headers: dict[str, str], province: str = "310000") -> httpx.Response:
    return client.post(f"/api/v1/sync/{province}/digests", json={}, headers=headers)


def _claims(client: httpx.Client, text: str) -> dict[str, object]:
    keys = JWKSet.from_json(client.get("/oauth/jwks").text)
    token = JWT(expected_type="JWS", algs=["ES256"], check_claims={"iss": ISSUER})
    token.leeway = 10**12  # the clock of the tests stands in its own time
    token.deserialize(text, keys)
    assert json.loads(token.header)["typ"] == "at+jwt"
    claims: dict[str, object] = json.loads(token.claims)
    return claims


@pytest.mark.parametrize("curve", ["P-256", "Ed25519"])
def test_a_platform_signs_in_and_its_token_opens_its_own_province(
    client: httpx.Client, enrol: Enrol, clock: VirtualClock, curve: str
) -> None:
    platform = enrol(key=new_key(curve))
    answer = platform.ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 300, ORDINARY)
    claims = _claims(client, told["access_token"])
    now = int(clock().timestamp())
    assert claims == {
        "iss": ISSUER,
        "aud": f"{ISSUER}/api/v1",
        "sub": platform.id,
        "client_id": platform.id,
        "scope": ORDINARY,
        "iat": now,
        "exp": now + 300,
        "jti": claims["jti"],
    }
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert _push(client, headers).json()["code"] == INSIDE
    assert _push(client, headers, "340000").json()["code"] == "other_province"


def test_fully_specified_algorithm_names_are_understood(enrol: Enrol) -> None:
    """RFC 9864 calls EdDSA on this curve `Ed25519`; newer clients send that, older ones RFC 8037's name."""
    platform = enrol(key=new_key("Ed25519"))
    _, payload, _ = platform.assertion().split(".")
    renamed = urlsafe_b64encode(b'{"alg":"Ed25519","kid":"k1"}').rstrip(b"=").decode()
    raw = platform.key.get_op_key("sign").sign(f"{renamed}.{payload}".encode())
    signature = urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert platform.ask(assertion=f"{renamed}.{payload}.{signature}").status_code == 200


def test_the_scope_is_what_was_asked_for_or_nothing(client: httpx.Client, enrol: Enrol) -> None:
    platform = enrol(scopes=["catalogue", "bookings"])
    assert platform.ask().json()["scope"] == "catalogue:310000 bookings:310000"
    assert platform.ask(scope="bookings:310000").json()["scope"] == "bookings:310000"
    headers = platform.bearer("bookings:310000")
    assert _push(client, headers).json()["code"] == "not_allowed"
    for asked in (
        "usage:310000",
        "catalogue:320000",
        "catalogue",
        "catalogue:310000 usage:310000",
        "*",
        "catalogue:310000  bookings:310000",
        " ".join(["catalogue:310000"] * 21),
        "目录:310000",
    ):
        answer = platform.ask(scope=asked)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), asked


def test_a_token_ends_with_its_time(
    client: httpx.Client, platform: PlatformClient, clock: VirtualClock
) -> None:
    headers = platform.bearer()
    clock.advance(299)
    assert _push(client, headers).json()["code"] == INSIDE
    clock.advance(1)
    assert _push(client, headers).json()["code"] == "key_unknown"


def test_a_token_ends_when_its_platform_ends_it(client: httpx.Client, platform: PlatformClient) -> None:
    token = platform.token()
    assert platform.ask("/oauth/revoke", token=token, token_type_hint="whatever").status_code == 200
    assert _push(client, {"Authorization": f"Bearer {token}"}).status_code == 401
    for nothing in (token, "x", "jyh.310000.x.y"):  # what is no live token needs no ending
        answer = platform.ask("/oauth/revoke", token=nothing)
        assert (answer.status_code, answer.json()) == (200, {})


def test_a_token_ends_when_its_platform_is_stopped(
    client: httpx.Client, platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    headers = platform.bearer()
    with runtime.database.write() as session:
        platforms.revoke_platform(session, platform.id, actor="account:admin", now=clock())
    assert _push(client, headers).json()["code"] == "key_unknown"
    assert platform.ask().json()["error"] == "invalid_client"


def test_a_platform_asks_about_its_own_tokens_only(
    platform: PlatformClient, enrol: Enrol, clock: VirtualClock
) -> None:
    token = platform.token("catalogue:310000")
    told = platform.ask("/oauth/introspect", token=token).json()
    now = int(clock().timestamp())
    assert told == {
        "active": True,
        "client_id": platform.id,
        "sub": platform.id,
        "scope": "catalogue:310000",
        "token_type": "Bearer",
        "iss": ISSUER,
        "iat": now,
        "exp": now + 300,
        "jti": told["jti"],
    }
    other = enrol("320000")
    assert other.ask("/oauth/introspect", token=token).json() == {"active": False}
    assert other.ask("/oauth/revoke", token=token).json()["error"] == "invalid_grant"
    assert platform.ask("/oauth/introspect", token=token).json()["active"]
    clock.advance(301)
    assert platform.ask("/oauth/introspect", token=token).json() == {"active": False}


def test_both_ask_for_a_token_and_for_authentication(client: httpx.Client, platform: PlatformClient) -> None:
    for path in ("/oauth/introspect", "/oauth/revoke"):
        assert platform.ask(path).json()["error"] == "invalid_request"
        answer = client.post(path, data={"token": platform.token()})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def _forged(text: str, change: str, platform: PlatformClient, client: httpx.Client) -> str:
    head, payload, signature = text.split(".")
    if change == "signature":
        return f"{head}.{payload}.{'A' * len(signature)}"
    if change == "other token's payload":
        return f"{head}.{platform.token('usage:310000').split('.')[1]}.{signature}"
    if change == "assertion":
        return platform.assertion()
    if change == "assertion that calls itself a token":
        return platform.assertion(header={"typ": "at+jwt"}, aud=f"{ISSUER}/api/v1", iss=ISSUER)
    if change == "kid with NUL":
        return platform.assertion(header={"typ": "at+jwt", "kid": "\0"}, aud=f"{ISSUER}/api/v1", iss=ISSUER)
    if change == "hub's kid":
        kid = client.get("/oauth/jwks").json()["keys"][0]["kid"]
        return platform.assertion(header={"typ": "at+jwt", "kid": kid}, aud=f"{ISSUER}/api/v1", iss=ISSUER)
    return change


@pytest.mark.parametrize(
    "change",
    [
        "signature",
        "other token's payload",
        "assertion",
        "assertion that calls itself a token",
        "kid with NUL",
        "hub's kid",
        "a.b.c",
        "..",
        "x" * 6000,
    ],
)
def test_a_forged_token_opens_nothing(client: httpx.Client, platform: PlatformClient, change: str) -> None:
    text = _forged(platform.token(), change, platform, client)
    answer = _push(client, {"Authorization": f"Bearer {text}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


def test_another_hubs_token_opens_nothing(platform: PlatformClient, runtime: Runtime) -> None:
    """Same database and key, other address: a copy of the hub for testing must not make tokens for the real one."""
    copied = dataclasses.replace(runtime, public_url="https://hub.example.cn")
    with httpx.Client(transport=InProcess(create_app(copied)), base_url=ISSUER) as other:
        assert _push(other, platform.bearer()).status_code == 401


def test_a_platform_that_cannot_sign_uses_the_secret_it_was_given(
    client: httpx.Client, runtime: Runtime, clock: VirtualClock, platform: PlatformClient
) -> None:
    with runtime.database.write() as session:
        invited = platforms.invite_platform(
            session, "360000", may_use_secret=True, actor="system:test", now=clock()
        )
    refused = client.post("/api/v1/platforms", json={"token": invited.token, "public_key": "x"})
    assert refused.json()["field"] == "public_key"
    joined = client.post("/api/v1/platforms", json={"token": invited.token}).json()
    assert joined["auth_method"] == "client_secret_basic"
    name, secret = joined["client_id"], joined["client_secret"]
    form = {"grant_type": "client_credentials"}
    answer = client.post("/oauth/token", data=form, auth=(name, secret))
    assert answer.json()["scope"].startswith("catalogue:360000")
    for auth in (
        (name, secret + "x"),
        (name, ""),
        ("nobody", secret),
        (platform.id, secret),
        (platform.id, ""),
    ):
        answer = client.post("/oauth/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"] == 'Basic realm="hub"'
    answer = client.post("/oauth/token", data={**form, "client_id": name, "client_secret": secret})
    assert answer.json()["error"] == "invalid_request"
    with runtime.database.read() as session:
        held = queries.platform_by_id(session, name)
        assert held is not None
        assert secret not in str(held.secret_hash)


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic /w==", "Basic YQ==", "Basic \xff", "Digest x"]
)
def test_a_malformed_basic_header_is_refused_in_words(client: httpx.Client, value: str) -> None:
    headers = {"Authorization": value.encode("latin-1")}
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_signing_in_is_audited_and_a_failed_one_too(
    platform: PlatformClient, audited: Callable[[], list[AuditEntry]], client: httpx.Client
) -> None:
    platform.token("catalogue:310000")
    platform.ask(assertion=platform.assertion(aud="https://elsewhere.example"))
    platform.ask(assertion=platform.assertion(iss="pf-990000-0000000000", sub="pf-990000-0000000000"))
    name = f"platform:{platform.id}"
    told = [(entry.action, entry.detail) for entry in audited() if entry.actor == name][-2:]
    assert told[0] == ("platform.sign_in", {"scopes": ["catalogue"], "kid": "k1"})
    assert told[1][0] == "identity.refuse"
    assert told[1][1]["reason"].startswith("platform.sign_in ")


def test_what_has_expired_is_forgotten_and_nothing_else(
    platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    used = platform.assertion()
    platform.ask(assertion=used)
    clock.advance(89)  # the assertion is within the skew: it must still be known as spent
    _forget(runtime, clock)
    assert "used before" in platform.ask(assertion=used).json()["error_description"]
    clock.advance(1)
    _forget(runtime, clock)
    assert "exp has passed" in platform.ask(assertion=used).json()["error_description"]
    with runtime.database.read() as session:
        assert session.scalars(select(SpentAssertion)).all() == []
        assert len(session.scalars(select(AccessToken)).all()) == 1
    clock.advance(2 * 86400)
    _forget(runtime, clock)
    with runtime.database.read() as session:
        assert session.scalars(select(AccessToken)).all() == []


def _forget(runtime: Runtime, clock: VirtualClock) -> None:
    with runtime.database.write() as session:
        platforms.forget_spent(session, now=clock())


def test_the_key_set_is_public_and_holds_no_secret(platform: PlatformClient, client: httpx.Client) -> None:
    platform.token()
    answer = client.get("/oauth/jwks")
    assert answer.headers["cache-control"] == "public, max-age=900"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert not JWK(**key).has_private
