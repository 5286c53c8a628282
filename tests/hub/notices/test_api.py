"""Notices over HTTP: mine and nobody else's, and malformed requests that say what is wrong."""

import httpx
import pytest

from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.notices import service
from tests.hub.notices.test_telling import VALUES, Channel

pytestmark = pytest.mark.database

PASSWORD = "a-long-password-2026"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    runtime.senders["mail"] = Channel()  # type: ignore[index]
    return runtime


@pytest.fixture
def me(runtime: Runtime, client: httpx.Client) -> httpx.Client:
    with runtime.database.write() as session:
        identity.put_account(
            session,
            "staff",
            PASSWORD,
            role="province_staff",
            province="310000",
            is_demo=True,
            actor="system:test",
            now=runtime.clock(),
        )
    opened = client.post("/api/v1/session", json={"username": "staff", "password": PASSWORD})
    assert opened.status_code == 201, opened.text
    client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return client


def tell(runtime: Runtime, *keys: str, recipient: str = "account:staff") -> None:
    with runtime.database.write() as session:
        for key in keys:
            service.notify(
                session,
                [recipient],
                "booking_submitted",
                VALUES,
                subject="bk-1",
                link="/b",
                key=key,
                now=runtime.clock(),
            )


def test_strangers_see_nothing(client: httpx.Client) -> None:
    for path in ("/api/v1/notices", "/api/v1/contacts", "/api/v1/webhooks"):
        assert client.get(path).status_code == 401


def test_the_inbox_pages_and_is_read(runtime: Runtime, me: httpx.Client) -> None:
    tell(runtime, "a", "b", "c")
    tell(runtime, "a", recipient="account:other")
    first = me.get("/api/v1/notices", params={"limit": 2, "lang": "en"}).json()
    assert first["items"][0]["title"] == "A booking waits for you"
    rest = me.get("/api/v1/notices", params={"limit": 2, "cursor": first["next"]}).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert me.post("/api/v1/notices/read", json={"up_to": first["items"][1]["id"]}).status_code == 204
    assert [each["is_read"] for each in me.get("/api/v1/notices").json()["items"]] == [False, True, True]
    assert me.post(f"/api/v1/notices/{first['items'][0]['id']}/read").status_code == 204
    assert me.post("/api/v1/notices/999/read").json()["code"] == "notice_unknown"


def test_contacts_are_shortened(me: httpx.Client) -> None:
    assert me.put("/api/v1/contacts/mail", json={"address": "staff@example.org"}).status_code == 204
    told = me.get("/api/v1/contacts").json()
    assert told["channels"] == ["mail"]
    assert told["contacts"][0]["address"] == "st***@example.org"
    asked = {"lang": "en", "quiet_start": "20:30", "quiet_end": "07:00"}
    assert me.put("/api/v1/notice-preference", json=asked).status_code == 204
    assert me.get("/api/v1/contacts").json()["preference"] == asked
    assert me.delete("/api/v1/contacts/mail").status_code == 204
    assert me.get("/api/v1/contacts").json()["contacts"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/api/v1/contacts/mail", {"address": "no"}, "address"),
        ("PUT", "/api/v1/contacts/sms", {"address": "13800000000"}, "channel"),
        ("POST", "/api/v1/webhooks", {"url": "http://169.254.169.254/"}, "url"),
    ],
)
def test_what_is_wrong_is_named(
    me: httpx.Client, method: str, path: str, body: dict[str, str], field: str
) -> None:
    refused = me.request(method, path, json=body)
    assert refused.status_code == 422
    assert refused.json()["field"] == field


def test_a_webhook_shows_its_secret_once(me: httpx.Client) -> None:
    made = me.post("/api/v1/webhooks", json={"url": "https://example.org/hook"}).json()
    assert made["secret"].startswith("whsec_")
    assert made["party"] == "province:310000"
    (held,) = me.get("/api/v1/webhooks").json()["items"]
    assert "secret" not in held
    assert me.post(f"/api/v1/webhooks/{made['id']}/replay", json={"after": 0}).status_code == 204
    assert me.post(f"/api/v1/webhooks/{made['id']}/replay", json={"after": 5}).json()["field"] == "after"
    assert me.delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
    assert me.get("/api/v1/webhooks").json()["items"] == []
