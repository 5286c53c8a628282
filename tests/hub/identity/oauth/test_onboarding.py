"""From an invitation to a platform: the one-time token is exchanged once and then dead."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from hub.core.audit import AuditEntry
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity import service
from hub.identity.errors import InvitationRefused, PlatformInvalid, PlatformUnknown
from hub.identity.models import Platform, PlatformInvitation
from hub.identity.service import platforms
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

PASSWORD = "a-long-enough-password"
SHANGHAI, ANHUI = "310000", "340000"


@pytest.fixture
def sign_in(client: httpx.Client, database: Database, clock: VirtualClock) -> Callable[[str], dict[str, str]]:
    """Sign a person in; the headers that changes need."""
    with database.write() as session:
        for username, role, province in (
            ("admin", "hub_admin", None),
            ("shanghai", "province_staff", SHANGHAI),
        ):
            service.put_account(
                session,
                username,
                PASSWORD,
                role=role,
                province=province,
                is_demo=True,
                actor="system:test",
                now=clock(),
            )

    def enter(username: str) -> dict[str, str]:
        answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        return {"X-CSRF-Token": answer.json()["csrf_token"]}

    return enter


def _invite(runtime: Runtime, province: str = SHANGHAI, **wanted: object) -> platforms.Invited:
    with runtime.database.write() as session:
        return platforms.invite_platform(
            session,
            province,
            actor="system:test",
            now=runtime.clock(),
            **wanted,  # type: ignore[arg-type]
        )


def _join(client: httpx.Client, token: str, key: object = None) -> httpx.Response:
    given = public_half(new_key()) if key is None else key
    return client.post("/api/v1/platforms", json={"token": token, "public_key": given})


def test_staff_invite_their_own_provinces_platform_and_see_it_join(
    client: httpx.Client, sign_in: Callable[[str], dict[str, str]]
) -> None:
    headers = sign_in("shanghai")
    body = {"province": SHANGHAI, "name": "上海研发公共服务平台", "scopes": ["catalogue", "keys"]}
    invited = client.post("/api/v1/platforms/invitations", json=body, headers=headers)
    assert invited.status_code == 201
    assert invited.headers["cache-control"] == "no-store"
    assert client.post("/api/v1/platforms/invitations", json=body).json()["code"] == "csrf_refused"
    other = client.post("/api/v1/platforms/invitations", json=body | {"province": ANHUI}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (403, "other_party")
    key = new_key("Ed25519", kid=None)
    joined = _join(client, invited.json()["token"], public_half(key))
    assert joined.status_code == 201
    told = joined.json()
    assert (told["province"], told["scope"]) == (SHANGHAI, "catalogue:310000 keys:310000")
    assert told["kid"] == key.thumbprint()
    listed = client.get("/api/v1/platforms", params={"province": SHANGHAI}).json()
    (platform,), (invitation,) = listed["platforms"], listed["invitations"]
    assert (platform["id"], platform["name"]) == (told["client_id"], "上海研发公共服务平台")
    assert [held["kid"] for held in platform["keys"]] == [told["kid"]]
    assert invitation["platform_id"] == told["client_id"]
    assert "token" not in str(invitation)
    assert client.get("/api/v1/platforms", params={"province": ANHUI}).json()["code"] == "other_party"
    assert client.get(f"/api/v1/platforms/{told['client_id']}").json() == platform


def test_nobody_else_invites(client: httpx.Client) -> None:
    body = {"province": SHANGHAI}
    assert client.post("/api/v1/platforms/invitations", json=body).status_code == 401
    assert client.get("/api/v1/platforms", params={"province": SHANGHAI}).status_code == 401


def test_a_platform_sees_itself_and_no_list(client: httpx.Client, platform: PlatformClient) -> None:
    headers = platform.bearer("keys:310000")
    assert client.get(f"/api/v1/platforms/{platform.id}", headers=headers).json()["id"] == platform.id
    answer = client.get("/api/v1/platforms", params={"province": SHANGHAI}, headers=headers)
    assert answer.json()["code"] == "other_platform"
    assert client.get(f"/api/v1/platforms/{platform.id}", headers=platform.bearer()).status_code == 403
    invite = client.post("/api/v1/platforms/invitations", json={"province": SHANGHAI}, headers=headers)
    assert invite.status_code == 401  # no right of a program: only people are asked


def test_the_token_is_kept_as_a_hash_only(runtime: Runtime) -> None:
    invited = _invite(runtime)
    with runtime.database.read() as session:
        held = session.get(PlatformInvitation, invited.id)
        assert held is not None
        assert invited.token.split(".")[2] not in held.token_hash


def test_a_second_exchange_is_refused_and_audited(
    client: httpx.Client, runtime: Runtime, audited: Callable[[], list[AuditEntry]]
) -> None:
    invited = _invite(runtime)
    assert _join(client, invited.token).status_code == 201
    answer = _join(client, invited.token)
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_used")
    assert "一次性令牌" in answer.json()["zh"]
    last = audited()[-1]
    assert (last.actor, last.action) == (f"invitation:{invited.id}", "identity.refuse")
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Platform)) == 1


def test_of_eight_exchanges_at_once_one_wins(runtime: Runtime) -> None:
    invited = _invite(runtime)
    keys = [public_half(new_key()) for _ in range(8)]
    together = threading.Barrier(8)
    outcomes: list[str] = []

    def join(key: object) -> None:
        together.wait()
        try:
            with runtime.database.write() as session:
                platforms.enrol_platform(session, invited.token, public_key=key, now=runtime.clock())
            outcomes.append("in")
        except InvitationRefused as fact:
            outcomes.append(fact.code)

    threads = [threading.Thread(target=join, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"in": 1, "invitation_used": 7}
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Platform)) == 1


@pytest.mark.parametrize("key", ["no key", {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {}, 7, None, ["x"]])
def test_a_bad_key_does_not_burn_the_token(client: httpx.Client, runtime: Runtime, key: object) -> None:
    invited = _invite(runtime)
    refused = client.post("/api/v1/platforms", json={"token": invited.token, "public_key": key})
    assert refused.status_code == 422, refused.text
    assert _join(client, invited.token).status_code == 201


def test_a_token_dies_with_its_time_or_when_it_is_withdrawn(
    client: httpx.Client, runtime: Runtime, clock: VirtualClock, sign_in: Callable[[str], dict[str, str]]
) -> None:
    first, second = _invite(runtime, lifetime=timedelta(hours=1)), _invite(runtime)
    clock.advance(3600)
    assert _join(client, first.token).json()["code"] == "invitation_expired"
    headers = sign_in("shanghai")
    for _ in range(2):  # safe to repeat
        assert client.delete(f"/api/v1/platforms/invitations/{second.id}", headers=headers).status_code == 204
    answer = _join(client, second.token)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_expired")
    other = _invite(runtime, ANHUI)
    refused = client.delete(f"/api/v1/platforms/invitations/{other.id}", headers=headers)
    assert refused.json()["code"] == "other_party"
    missing = client.delete("/api/v1/platforms/invitations/000000000000", headers=headers)
    assert missing.json()["code"] == "platform_unknown"


@pytest.mark.parametrize("change", ["secret", "id", "prefix", "short", "long", "foreign", "NUL"])
def test_an_altered_token_is_unknown(client: httpx.Client, runtime: Runtime, change: str) -> None:
    prefix, name, secret = _invite(runtime).token.split(".")
    other = _invite(runtime).token.split(".")
    token = {
        "secret": f"{prefix}.{name}.{other[2]}",
        "id": f"{prefix}.{other[1]}.{secret}",
        "prefix": f"jyh.{name}.{secret}",
        "short": f"{prefix}.{name}.{secret[:-1]}",
        "long": f"{prefix}.{name}.{secret}A",
        "foreign": f"{prefix}.{name}.{secret[:-1]}令",
        "NUL": f"{prefix}.{name}.{secret[:-1]} ",
    }[change]
    answer = _join(client, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "invitation_unknown")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"province": "31"}, "province"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"lifetime": timedelta(minutes=59)}, "hours"),
        ({"lifetime": timedelta(days=15)}, "hours"),
    ],
)
def test_invitations_are_checked(runtime: Runtime, wanted: dict[str, object], field: str) -> None:
    with pytest.raises(PlatformInvalid) as raised:
        _invite(runtime, **wanted)  # type: ignore[arg-type]
    assert raised.value.field == field


def test_a_platform_that_lost_its_keys_gets_back_in(
    client: httpx.Client, runtime: Runtime, platform: PlatformClient, clock: VirtualClock
) -> None:
    """Same name, same rights, a new key; whoever has the lost key is shut out by the staff."""
    again = _invite(runtime, platform_id=platform.id)
    platform.key = new_key(kid="k2")
    joined = _join(client, again.token, public_half(platform.key))
    assert joined.json()["client_id"] == platform.id
    assert platform.ask().status_code == 200
    with runtime.database.write() as session:
        platforms.revoke_platform(session, platform.id, actor="account:admin", now=clock())
        platforms.revoke_platform(session, platform.id, actor="account:admin", now=clock())
    with pytest.raises(PlatformUnknown):
        _invite(runtime, platform_id=platform.id)
    with pytest.raises(PlatformUnknown), runtime.database.write() as session:
        platforms.revoke_platform(session, "pf-310000-0000000000", actor="account:admin", now=clock())


def test_an_invitation_from_before_the_platform_was_stopped_opens_nothing(
    client: httpx.Client, runtime: Runtime, platform: PlatformClient, clock: VirtualClock
) -> None:
    again = _invite(runtime, platform_id=platform.id)
    with runtime.database.write() as session:
        platforms.revoke_platform(session, platform.id, actor="account:admin", now=clock())
    assert _join(client, again.token).json()["code"] == "platform_unknown"


def test_staff_stop_a_platform(
    client: httpx.Client, platform: PlatformClient, sign_in: Callable[[str], dict[str, str]]
) -> None:
    bearer = platform.bearer("keys:310000")
    assert client.delete(f"/api/v1/platforms/{platform.id}", headers=bearer).status_code == 401
    headers = sign_in("shanghai")
    assert client.delete(f"/api/v1/platforms/{platform.id}", headers=headers).status_code == 204
    assert client.get(f"/api/v1/platforms/{platform.id}").json()["revoked_at"]
    assert platform.ask().json()["error"] == "invalid_client"
    body = {"province": SHANGHAI, "platform_id": "\0"}
    answer = client.post("/api/v1/platforms/invitations", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "platform_unknown")
    unknown = client.delete("/api/v1/platforms/pf-310000-0000000000", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "platform_unknown")
