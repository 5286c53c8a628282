"""Where people land, and the own account: identities, sessions, password, second factor."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity.models import SecondFactor
from hub.identity.service import second_factors
from tests.second_factor import code_at
from tests.station_portal.conftest import csrf_of, text_of
from tests.station_portal.people.conftest import Enter, browser, read, send


def test_where_people_land(enter: Enter, hub: Runtime) -> None:
    for username, place in (("jiaxing-manager", "/account"), ("bureau-3304", "/staff")):
        client = browser(hub)
        answer = client.post("/sign-in", data={"username": username, "password": demo_people.PASSWORD})
        assert answer.headers["location"] == place


@pytest.mark.parametrize(
    ("username", "sees", "does_not"),
    [
        ("bureau-3304", ["企业核实与变更"], ["上传数据文件", "人员与驿站", "审计记录"]),
        ("auditor", ["企业核实与变更", "审计记录"], ["人员与驿站", "上传数据文件"]),
        ("auditor-33", ["企业核实与变更"], ["人员与驿站"]),
        ("station-310000", [], ["企业核实与变更", "人员与驿站", "上传数据文件", "审计记录"]),
        ("staff-530000", ["上传数据文件", "人员与驿站"], ["审计记录"]),
    ],
)
def test_a_workspace_shows_what_the_role_may(
    enter: Enter, hub: Runtime, username: str, sees: list[str], does_not: list[str]
) -> None:
    if username.startswith("staff-"):
        client = browser(hub)
        client.post("/sign-in", data={"username": username, "password": "a-long-enough-password"})
    else:
        client = enter(username)
    page = read(client, "/staff")
    assert [words for words in sees if words not in page] == []
    assert [words for words in does_not if words in page] == []


def test_switching_what_one_acts_as(enter: Enter) -> None:
    client = enter("jiaxing-manager")
    page = client.get("/organisation").text
    assert "嘉兴秀洲" in text_of(page)
    number = re.search(r'name="grant" value="(\d+)"', page)
    assert number is not None
    assert send(client, "/organisation", "/account/act", grant=number.group(1)).status_code == 303
    page = client.get("/organisation").text
    assert "湖州吴兴" in text_of(page)
    assert "生成邀请链接" not in page
    refused = client.post(
        "/organisation/invitations", data={"csrf_token": csrf_of(page), "role": "enterprise_member"}
    )
    assert refused.status_code == 403


def test_ending_another_session(enter: Enter) -> None:
    mine, other = enter("jiaxing-manager"), enter("jiaxing-manager")
    page = mine.get("/account").text
    handle = re.search(r'name="handle" value="([0-9a-f]{16})"', page)
    assert handle is not None
    assert send(mine, "/account", "/account/sessions/end", handle=handle.group(1)).status_code == 303
    assert other.get("/account").headers["location"] == "/sign-in?next=/account"
    assert mine.get("/account").status_code == 200


def test_changing_the_password(enter: Enter, hub: Runtime) -> None:
    mine, other = enter("jiaxing-manager"), enter("jiaxing-manager")
    new = "another-long-password"
    for old, wanted, status in (
        ("wrong", new, 401),
        (demo_people.PASSWORD, "short", 422),
        (demo_people.PASSWORD, new, 303),
    ):
        answer = send(mine, "/account", "/account/password", old=old, new=wanted)
        assert answer.status_code == status
    assert mine.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    client = browser(hub)
    for password, status in ((demo_people.PASSWORD, 401), (new, 303)):
        told = {"username": "jiaxing-manager", "password": password}
        assert client.post("/sign-in", data=told).status_code == status


def test_a_second_factor_from_the_account(enter: Enter, hub: Runtime) -> None:
    client = enter("jiaxing-member")
    send(client, "/account", "/account/second-factor")
    with hub.database.read() as session:
        secret = second_factors.secret_of(session.scalars(select(SecondFactor)).one(), hub.sealing)
    assert secret[:4] in client.get("/account").text
    assert send(client, "/account", "/account/second-factor/code", code="000000").status_code == 401
    done = send(client, "/account", "/account/second-factor/code", code=code_at(hub.clock(), secret))
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert "剩余 10 个恢复码" in read(client, "/account")
    again = send(client, "/account", "/account/recovery-codes", code=code_at(hub.clock(), secret))
    assert again.status_code == 401, "the same code twice"
    hub.clock.advance(30)  # type: ignore[attr-defined]
    renewed = send(client, "/account", "/account/recovery-codes", code=code_at(hub.clock(), secret))
    assert set(re.findall(r"<code>([a-z2-7-]{19})</code>", renewed.text)).isdisjoint(
        re.findall(r"<code>([a-z2-7-]{19})</code>", done.text)
    )
