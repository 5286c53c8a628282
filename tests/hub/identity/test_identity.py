"""Accounts, sessions, throttle, keys, and what the access table lets pass."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Form, UploadFile
from sqlalchemy import select

from hub.app import create_app
from hub.core import audit, sequencer
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity import access, queries, rules, service
from hub.identity.access import Principal
from hub.identity.errors import AccountInvalid, CredentialsRefused, SignInThrottled
from hub.identity.models import Account, Person, PlatformKey, SignedInSession
from tests.in_process import InProcess
from tests.second_factor import NO_KEYS
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

PASSWORD = "正确的-password-1"
ADDRESS = "203.0.113.7"

router = APIRouter()


@router.get("/t/staff/{code}")
def staff_page(code: str, principal: Annotated[Principal, access.action("catalog.read_raw")]) -> str:
    return f"{code} {principal.name}"


@router.post("/t/admin", dependencies=[access.action("booking.unstick")])
def admin_only() -> str:
    return "done"


@router.post("/api/t/push/{code}")
def push(code: str, principal: Annotated[Principal, access.action("catalog.push")]) -> str:
    return principal.name


@router.post("/t/form", dependencies=[access.action("session.use")])
def take_form(note: Annotated[str, Form()]) -> str:
    return note


@router.post("/t/upload", dependencies=[access.action("session.use")])
def take_file(file: UploadFile) -> int:
    return len(file.file.read())


@router.get("/t/who", dependencies=[access.public])
def who(principal: access.CurrentPrincipal) -> str:
    return principal.name if principal else "nobody"


@pytest.fixture
def people(database: Database, clock: VirtualClock) -> None:
    with database.write() as session:
        for username, role, province in (
            ("admin", "hub_admin", None),
            ("anhui", "province_staff", "340000"),
            ("yunnan", "province_staff", "530000"),
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


@pytest.fixture
def client(runtime: Runtime, people: None) -> Iterator[httpx.Client]:
    app = create_app(runtime)
    app.include_router(router)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as held:
        yield held


def _sign_in(client: httpx.Client, username: str) -> dict[str, str]:
    """Sign in; the headers that changes need."""
    answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 201
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


def _actions(database: Database, clock: VirtualClock) -> list[str]:
    """The audit so far, what was counted in this minute included."""
    with database.write() as session:
        audit.settle_counted(session, now=clock.advance(60))
    sequencer.number_once(database)
    with database.read() as session:
        return [entry.action for entry in audit.read_entries(session)]


def test_sign_in_show_and_sign_out(client: httpx.Client, database: Database, clock: VirtualClock) -> None:
    assert client.get("/api/v1/session").json()["code"] == "sign_in_needed"
    answer = client.post("/api/v1/session", json={"username": " Anhui ", "password": PASSWORD})
    assert answer.json()["province"] == "340000"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/api/v1/session").json()["name"] == "account:anhui"
    assert client.get("/t/who").json() == "account:anhui"
    kept = dict(client.cookies)
    headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
    assert client.delete("/api/v1/session", headers=headers).status_code == 204
    assert client.get("/t/who").json() == "nobody"
    # the server has ended it: the old cookie is worth nothing
    assert client.get("/api/v1/session", cookies=kept).status_code == 401
    assert _actions(database, clock)[-2:] == ["identity.sign_in", "identity.sign_out"]


def test_tokens_and_passwords_are_kept_as_hashes_only(client: httpx.Client, database: Database) -> None:
    _sign_in(client, "admin")
    token = client.cookies["hub_session"]
    with database.read() as session:
        held = session.scalars(select(SignedInSession)).one()
        account = session.scalars(select(Account).where(Account.username == "admin")).one()
    assert all(part not in held.key_hash + held.secret_hash for part in token.split("."))
    assert account.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"username": "admin"},
        {"username": "admin", "password": 1},
        {"username": "", "password": "x"},
        "x",
    ],
)
def test_a_malformed_sign_in_is_refused(client: httpx.Client, body: object) -> None:
    answer = client.post("/api/v1/session", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid")


def test_wrong_name_and_wrong_password_look_the_same(
    client: httpx.Client, database: Database, clock: VirtualClock
) -> None:
    answers = [
        client.post("/api/v1/session", json={"username": name, "password": "wrong"})
        for name in ("admin", "nobody")
    ]
    told = [{**a.json(), "request_id": ""} for a in answers]
    assert told[0] == told[1]
    assert {a.status_code for a in answers} == {401}
    # of nobody known there is nothing to write down
    assert _actions(database, clock).count("identity.refuse_sign_in") == 1


def test_a_switched_off_account_is_out_at_once(client: httpx.Client, database: Database) -> None:
    _sign_in(client, "anhui")
    with database.write() as session:
        session.scalars(select(Person).where(Person.name == "account:anhui")).one().is_active = False
    assert client.get("/api/v1/session").status_code == 401


def test_sessions_end_after_their_time_and_on_demand(
    client: httpx.Client, database: Database, clock: VirtualClock
) -> None:
    _sign_in(client, "anhui")
    clock.advance(rules.SESSION_LIFE.total_seconds() - 1)
    assert client.get("/api/v1/session").status_code == 200
    clock.advance(2)
    assert client.get("/api/v1/session").status_code == 401
    _sign_in(client, "anhui")
    with database.write() as session:
        service.end_sessions_of(session, "anhui", actor="account:admin", now=clock())
    assert client.get("/api/v1/session").status_code == 401


def test_roles_and_provinces(client: httpx.Client, database: Database, clock: VirtualClock) -> None:
    headers = _sign_in(client, "anhui")
    assert client.get("/t/staff/340000").json() == "340000 account:anhui"
    refused = client.get("/t/staff/530000")
    assert (refused.status_code, refused.json()["code"]) == (403, "other_province")
    assert client.post("/t/admin", headers=headers).json()["code"] == "not_allowed"
    headers = _sign_in(client, "admin")
    assert client.get("/t/staff/530000").status_code == 200
    assert client.post("/t/admin", headers=headers).json() == "done"
    # refusals are kept although the refused requests changed nothing
    assert _actions(database, clock).count("identity.refuse") == 2


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": ""}])
def test_a_change_without_the_pages_token_is_refused(
    client: httpx.Client, database: Database, clock: VirtualClock, headers: dict[str, str]
) -> None:
    _sign_in(client, "admin")
    answer = client.post("/t/admin", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert _actions(database, clock)[-1] == "identity.refuse"


def test_another_sessions_token_does_not_help(client: httpx.Client) -> None:
    other = _sign_in(client, "yunnan")
    _sign_in(client, "admin")
    assert client.post("/t/admin", headers=other).json()["code"] == "csrf_refused"


def test_a_request_from_another_site_is_refused_even_with_the_token(client: httpx.Client) -> None:
    headers = _sign_in(client, "admin")
    assert client.post("/t/admin", headers={**headers, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/t/admin", headers={**headers, "Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_forms_and_uploads_carry_the_token_as_a_field(client: httpx.Client) -> None:
    token = _sign_in(client, "anhui")["X-CSRF-Token"]
    assert client.post("/t/form", data={"note": "备注", "csrf_token": token}).json() == "备注"
    assert client.post("/t/form", data={"note": "备注"}).status_code == 403
    assert (
        client.post("/t/upload", data={"csrf_token": token}, files={"file": b"x" * 100_000}).json() == 100_000
    )
    assert client.post("/t/upload", data={"csrf_token": "no"}, files={"file": b"x"}).status_code == 403
    assert client.post("/t/upload", data={}, files={"csrf_token": b"x", "file": b"x"}).status_code == 403


def _guess(database: Database, clock: VirtualClock, username: str = "anhui", address: str = ADDRESS) -> str:
    try:
        service.sign_in(database, username, "wrong", address=address, keys=NO_KEYS, now=clock())
    except CredentialsRefused:
        return "refused"
    except SignInThrottled as fact:
        return f"wait {fact.retry_after}"
    return "in"


@pytest.mark.usefixtures("people")
def test_guessing_is_slowed_down(database: Database, clock: VirtualClock) -> None:
    assert [_guess(database, clock) for _ in range(6)] == ["refused"] * 5 + ["wait 30"]
    with pytest.raises(SignInThrottled):  # the right password is not even looked at
        service.sign_in(database, "anhui", PASSWORD, address=ADDRESS, keys=NO_KEYS, now=clock())
    clock.advance(30)
    assert [_guess(database, clock), _guess(database, clock)] == ["refused", "wait 60"]
    # somebody else, and the same person from elsewhere, are not held up
    assert _guess(database, clock, "yunnan") == "refused"
    service.sign_in(database, "anhui", PASSWORD, address="198.51.100.9", keys=NO_KEYS, now=clock())
    clock.advance(16 * 60)
    assert _guess(database, clock) == "refused"


@pytest.mark.usefixtures("people")
def test_success_gives_the_count_back(database: Database, clock: VirtualClock) -> None:
    for _ in range(rules.ADDRESS_POLICY.allowed + 1):  # a whole institute behind one address
        service.sign_in(database, "anhui", PASSWORD, address=ADDRESS, keys=NO_KEYS, now=clock())
    assert [_guess(database, clock) for _ in range(4)] == ["refused"] * 4
    service.sign_in(database, "anhui", PASSWORD, address=ADDRESS, keys=NO_KEYS, now=clock())
    assert _guess(database, clock) == "refused"


@pytest.mark.usefixtures("people")
def test_one_address_cannot_try_many_names(database: Database, clock: VirtualClock) -> None:
    outcomes = [_guess(database, clock, f"name{n}") for n in range(31)]
    assert outcomes == ["refused"] * 30 + ["wait 30"]
    assert _guess(database, clock, "anhui", "198.51.100.9") == "refused"


@pytest.mark.usefixtures("people")
def test_throttling_is_told_with_the_time_to_wait(client: httpx.Client) -> None:
    for _ in range(5):
        client.post("/api/v1/session", json={"username": "anhui", "password": "wrong"})
    answer = client.post("/api/v1/session", json={"username": "anhui", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert answer.json()["retry_after"] == 30


@pytest.mark.usefixtures("people")
def test_what_has_expired_is_forgotten(database: Database, clock: VirtualClock) -> None:
    service.sign_in(database, "anhui", PASSWORD, address=ADDRESS, keys=NO_KEYS, now=clock())
    clock.advance(25 * 3600)
    with database.write() as session:
        service.forget_expired(session, now=clock())
    with database.read() as session:
        assert session.scalars(select(SignedInSession)).all() == []


def _key(database: Database, clock: VirtualClock, province: str = "340000") -> str:
    with database.write() as session:
        return service.issue_key(session, province, actor="system:test", now=clock())


def test_a_platform_key_opens_its_own_province_only(
    client: httpx.Client, database: Database, clock: VirtualClock
) -> None:
    text = _key(database, clock)
    key_id = text.split(".")[2]
    headers = {"Authorization": f"Bearer {text}"}
    assert client.post("/api/t/push/340000", headers=headers).json() == f"key:340000.{key_id}"
    assert client.post("/api/t/push/530000", headers=headers).json()["code"] == "other_province"
    # a key is not a person: it signs nobody in
    assert client.post("/t/admin", headers=headers).status_code == 401
    with database.read() as session:
        held = session.scalars(select(PlatformKey)).one()
    assert text.split(".")[3] not in held.secret_hash


@pytest.mark.parametrize("change", ["secret", "id", "province", "prefix", "short", "long", "foreign"])
def test_an_altered_key_is_unknown(
    client: httpx.Client, database: Database, clock: VirtualClock, change: str
) -> None:
    prefix, province, key_id, secret = _key(database, clock).split(".")
    text = {
        "secret": f"{prefix}.{province}.{key_id}.{secret[:-1]}A!",
        "id": f"{prefix}.{province}.0000000000.{secret}",
        "province": f"{prefix}.530000.{key_id}.{secret}",
        "prefix": f"xyz.{province}.{key_id}.{secret}",
        "short": "x",
        "long": "jyh." + "x" * 500,
        "foreign": "jyh.340000.\xe4.\xe4",
    }[change]
    for code in ("340000", "530000"):
        answer = client.post(
            f"/api/t/push/{code}", headers={"Authorization": f"Bearer {text}".encode("latin-1")}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


def test_a_revoked_key_is_out_at_once(client: httpx.Client, database: Database, clock: VirtualClock) -> None:
    text = _key(database, clock)
    with database.write() as session:
        assert service.revoke_key(session, text.split(".")[2], actor="account:admin", now=clock())
        assert not service.revoke_key(session, text.split(".")[2], actor="account:admin", now=clock())
        assert not service.revoke_key(session, "nothing", actor="account:admin", now=clock())
    assert client.post("/api/t/push/340000", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    with database.read() as session:
        assert [key.province for key in queries.list_keys(session, "340000")] == ["340000"]
        assert queries.list_keys(session, "530000") == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"username": "A"}, "username"),
        ({"username": "有"}, "username"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "role"),
        ({"role": "province_staff"}, "province"),
        ({"province": "340000"}, "province"),
        ({"role": "province_staff", "province": "34"}, "province"),
    ],
)
def test_accounts_are_checked(
    database: Database, clock: VirtualClock, changed: dict[str, str], field: str
) -> None:
    wanted = {"username": "new", "password": PASSWORD, "role": "hub_admin", "province": None, **changed}
    with pytest.raises(AccountInvalid) as raised, database.write() as session:
        service.put_account(session, **wanted, actor="system:test", now=clock())  # type: ignore[arg-type]
    assert raised.value.field == field


def test_a_key_needs_a_province_and_a_known_scope(database: Database, clock: VirtualClock) -> None:
    for province, scope in (("34", "sync"), ("340000", "everything")):
        with pytest.raises(AccountInvalid), database.write() as session:
            service.issue_key(session, province, scope=scope, actor="system:test", now=clock())


def test_an_access_entry_must_be_known() -> None:
    with pytest.raises(KeyError, match="burn"):
        access.action("catalog.burn")


def test_cookies_are_secure_off_loopback(runtime: Runtime, people: None) -> None:
    import dataclasses

    app = create_app(dataclasses.replace(runtime, has_secure_cookies=True))
    with httpx.Client(transport=InProcess(app), base_url="https://hub.test") as client:
        answer = client.post("/api/v1/session", json={"username": "admin", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-hub_session=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert client.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("failures", [1, 4, 5, 6, 30])
def test_the_pause_never_shrinks_within_a_window(failures: int) -> None:
    now = VirtualClock()()
    policy = rules.PAIR_POLICY
    state = rules.ThrottleState(0, now, None)
    pauses = []
    for _ in range(failures):
        state = rules.count_attempt(state, policy, now)
        pauses.append(rules.blocked_seconds(state, now))
    assert pauses == sorted(pauses)
    assert max(pauses) <= policy.longest / timedelta(seconds=1)
