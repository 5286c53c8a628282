"""The hub's own keys: made at first use, kept 0600, rotated with overlap, replaced when they are lost or leaked."""

import threading
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest
from joserfc.jws import extract_compact
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from sqlalchemy import select

from hub.app import create_app
from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.models import SigningKey
from hub.identity.service import signing
from tests.hub.identity.oauth.platform_client import PlatformClient
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def _kid(runtime: Runtime, home: Path | None = None) -> str:
    return signing.current_key(runtime.database, home or runtime.home, "token", now=runtime.clock()).kid


def _published(client: httpx.Client) -> list[str]:
    return [key["kid"] for key in client.get("/oauth/jwks").json()["keys"]]


def test_the_private_half_is_a_file_of_this_machine_only(runtime: Runtime, clock: VirtualClock) -> None:
    kid = _kid(runtime)
    (file,) = (runtime.home / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    with runtime.database.read() as session:
        (row,) = session.scalars(select(SigningKey))
        assert row.kid == kid == file.stem
        assert "d" not in row.jwk
    assert _kid(runtime) == kid


def test_a_key_that_starts_with_the_application_is_published_at_once(runtime: Runtime) -> None:
    """Whoever keeps the key set for 15 minutes must not keep an empty one."""
    import asyncio

    app = create_app(runtime)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(start())
    with runtime.database.read() as session:
        assert len(queries.published_keys(session, "token", runtime.clock())) == 1


def test_keys_rotate_with_overlap(
    runtime: Runtime, client: httpx.Client, platform: PlatformClient, clock: VirtualClock
) -> None:
    platform.token()
    first = _published(client)
    clock.advance(signing.ROTATE_AFTER.total_seconds())
    platform.token()
    both = _published(client)
    assert len(both) == 2
    assert both[1:] == first
    assert _kid(runtime) == first[0]  # announced, but not signing yet
    clock.advance(signing.PUBLISHED_AHEAD.total_seconds() - 1)
    last_of_first = platform.token()
    clock.advance(1)
    assert _kid(runtime) == both[0]
    assert platform.ask("/oauth/introspect", token=last_of_first).json()["active"]
    _verify(client, last_of_first)
    _verify(client, platform.token())
    clock.advance(86400)
    assert _published(client) == both[:1]
    clock.advance(signing.ROTATE_AFTER.total_seconds())
    platform.token()
    assert len(_published(client)) == 2
    assert len(list((runtime.home / "keys").iterdir())) == 2  # the oldest private half is gone


def _verify(client: httpx.Client, token: str) -> None:
    jws = JWS()
    jws.allowed_algs = ["ES256"]
    jws.deserialize(token)
    keys = JWKSet.from_json(client.get("/oauth/jwks").text)
    jws.verify(keys.get_key(jws.jose_header["kid"]))


def test_two_machines_have_keys_of_their_own_and_accept_each_others_tokens(
    runtime: Runtime, platform: PlatformClient, tmp_path: Path, client: httpx.Client
) -> None:
    here = platform.token()
    other = replace(runtime, home=tmp_path / "other")
    with httpx.Client(transport=InProcess(create_app(other)), base_url="http://other.test") as second:
        there = replace(platform, http=second)
        token = there.token()
        assert there.ask("/oauth/introspect", token=here).json()["active"]
        assert platform.ask("/oauth/introspect", token=token).json()["active"]
    assert len(_published(client)) == 2
    assert _kid(other) != _kid(runtime)


def test_a_machine_that_lost_its_key_makes_another(runtime: Runtime, platform: PlatformClient) -> None:
    token = platform.token()
    lost = _kid(runtime)
    for file in (runtime.home / "keys").iterdir():
        file.unlink()
    assert _kid(runtime) != lost
    assert platform.ask("/oauth/introspect", token=token).json()["active"]


def test_processes_that_start_at_once_make_one_key(runtime: Runtime) -> None:
    together = threading.Barrier(6)
    kids: list[str] = []

    def start() -> None:
        together.wait()
        kids.append(_kid(runtime))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kids) == 6
    assert len(set(kids)) == 1


@pytest.mark.parametrize("is_compromised", [False, True])
def test_a_key_is_replaced_on_demand(
    runtime: Runtime,
    platform: PlatformClient,
    client: httpx.Client,
    clock: VirtualClock,
    is_compromised: bool,
) -> None:
    token = platform.token()
    made = signing.replace_keys(
        runtime.database,
        runtime.home,
        "token",
        is_compromised=is_compromised,
        actor="system:test",
        now=clock(),
    )
    assert _kid(runtime) == made
    assert len(_published(client)) == (1 if is_compromised else 2)
    assert platform.ask("/oauth/introspect", token=token).json()["active"] is not is_compromised


def test_keys_for_evidence_are_other_keys_and_stay_published(runtime: Runtime, clock: VirtualClock) -> None:
    token_kid = _kid(runtime)
    evidence = signing.current_key(runtime.database, runtime.home, "audit", now=clock())
    assert evidence.kid != token_kid
    signing.replace_keys(
        runtime.database, runtime.home, "audit", is_compromised=True, actor="system:test", now=clock()
    )
    clock.advance(10 * 365 * 86400)
    with runtime.database.read() as session:
        kids = [key.kid for key in queries.published_keys(session, "audit", clock())]
    assert evidence.kid in kids
    jws = JWS()
    jws.allowed_algs = ["ES256"]
    jws.deserialize(evidence.sign({"head": 7}, "audit-head+jwt"))
    assert jws.jose_header == {"alg": "ES256", "kid": evidence.kid, "typ": "audit-head+jwt"}


@pytest.mark.parametrize(("purpose", "typ"), [("audit", "at+jwt"), ("link", "at+jwt"), ("token", "JWT")])
def test_only_a_token_key_signs_tokens_and_only_as_tokens(
    runtime: Runtime, platform: PlatformClient, clock: VirtualClock, purpose: signing.Purpose, typ: str
) -> None:
    """The very claims of a live token, by another key of the hub or as another kind of text, are nothing."""
    claims = orjson.loads(extract_compact(platform.token().encode()).payload)
    forged = signing.current_key(runtime.database, runtime.home, purpose, now=clock()).sign(claims, typ)
    assert platform.ask("/oauth/introspect", token=forged).json() == {"active": False}
    headers = {"Authorization": f"Bearer {forged}"}
    assert platform.http.post("/api/v1/sync/310000/digests", json={}, headers=headers).status_code == 401
