"""The inbox and its settings: what is new is counted, what is wrong with a form is said beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub.core.runtime import Runtime
from hub.notices import service
from hub.notices.senders.folder import FolderSender
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD, browser_of, csrf_of, text_of

ME = f"staff-{world.MANY}"
VALUES = {
    "number": "31-20260105-AB12CD",
    "instrument": "扫描电镜",
    "when": "1月8日 9:00",
    "until": "1月7日 17:00",
}


@pytest.fixture
def hub(own_world: Runtime, tmp_path: Path) -> Runtime:
    return replace(own_world, senders={"mail": FolderSender(tmp_path / "mail")})


@pytest.fixture
def me(hub: Runtime) -> Iterator[httpx.Client]:
    with browser_of(hub) as client:
        assert client.post("/sign-in", data={"username": ME, "password": PASSWORD}).status_code == 303
        yield client


def tell(hub: Runtime, count: int) -> None:
    with hub.database.write() as session:
        for number in range(count):
            service.notify(
                session,
                [f"account:{ME}"],
                "booking_submitted",
                VALUES,
                subject="bk-1",
                link="/staff",
                key=f"k{number}",
                now=hub.clock(),
            )


def test_an_empty_inbox_says_what_will_come(me: httpx.Client) -> None:
    assert "还没有消息" in text_of(me.get("/notices").text)


def test_what_is_new_is_counted_until_it_is_read(hub: Runtime, me: httpx.Client) -> None:
    tell(hub, 32)
    page = me.get("/notices").text
    assert "消息，32 条未读" in page
    assert page.count('class="new"') == 30
    older = me.get("/notices", params={"cursor": page.split("/notices?cursor=")[1].split('"')[0]}).text
    assert older.count('class="new"') == 2
    opened = me.get("/notices/32")
    assert (opened.status_code, opened.headers["location"]) == (303, "/staff")
    assert "消息，31 条未读" in me.get("/notices").text
    me.post("/notices/read", data={"csrf_token": csrf_of(page), "up_to": "32"})
    assert "没有未读消息" in text_of(me.get("/notices").text)
    assert me.get("/notices/999").status_code == 404


def test_contacts_hours_and_webhooks_are_kept(me: httpx.Client) -> None:
    token = csrf_of(me.get("/account/notices").text)

    def send(path: str, **fields: str) -> httpx.Response:
        return me.post(f"/account/notices{path}", data={"csrf_token": token, **fields})

    assert send("/contacts", channel="mail", address="staff@example.org").status_code == 303
    assert "st***@example.org" in me.get("/account/notices").text
    assert send("/hours", lang="en", quiet_start="20:00", quiet_end="07:30").status_code == 303
    assert 'value="07:30"' in me.get("/account/notices").text
    made = send("/webhooks", url="https://example.org/hook").text
    assert "whsec_" in made
    again = me.get("/account/notices").text
    assert "whsec_" not in again
    hook = again.split('name="webhook_id" value="')[1].split('"')[0]
    assert send("/webhooks/replay", webhook_id=hook, after="0").status_code == 303
    assert send("/webhooks/end", webhook_id=hook).status_code == 303
    assert send("/contacts/remove", channel="mail").status_code == 303
    assert "只有站内消息" in me.get("/account/notices").text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/contacts", {"channel": "mail", "address": "nobody"}, "该渠道不接受这一地址"),
        ("/contacts", {"channel": "sms", "address": "13800000000"}, "没有该通知渠道"),
        ("/hours", {"lang": "zh", "quiet_start": "25:00", "quiet_end": "x"}, "22:00 的格式"),
        ("/hours", {"lang": "fr", "quiet_start": "20:00", "quiet_end": "08:00"}, "语言应为"),
        ("/webhooks", {"url": "http://169.254.169.254/"}, "请填写 https 地址"),
        ("/webhooks/replay", {"webhook_id": "wh-1", "after": "-1"}, "整数"),
        ("/webhooks/replay", {"webhook_id": "wh-1", "after": "0"}, "没有标识为"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(
    me: httpx.Client, path: str, fields: dict[str, str], said: str
) -> None:
    token = csrf_of(me.get("/account/notices").text)
    refused = me.post(f"/account/notices{path}", data={"csrf_token": token, **fields})
    assert refused.status_code == 422
    assert said in text_of(refused.text)
    assert "<title>错误：" in refused.text
