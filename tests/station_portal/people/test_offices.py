"""People of offices and stations, and the audit's page."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hub.cli import demo_people
from hub.core import audit, sequencer
from hub.core.runtime import Runtime
from hub.identity import queries, rules
from hub.identity.models import Grant, SecondFactor
from tests.second_factor import set_up
from tests.station_portal.conftest import text_of
from tests.station_portal.people.conftest import Enter, admin_of, browser, invite, person_id, read, send


def test_the_administrator_helps_with_a_lost_phone(hub: Runtime) -> None:
    set_up(hub.database, hub.sealing, "station-310000", now=hub.clock())
    admin = admin_of(hub)
    them = person_id(hub, "station-310000")
    assert send(admin, "/staff/people", f"/staff/people/{them}/second-factor").status_code == 303
    with hub.database.read() as session:
        assert session.get(SecondFactor, them) is None


def test_switching_off_ends_at_once(enter: Enter, hub: Runtime) -> None:
    client, admin = enter("station-310000"), admin_of(hub)
    them = person_id(hub, "station-310000")
    for on, status in (("false", 303), ("true", 200)):
        assert send(admin, "/staff/people", f"/staff/people/{them}/switch", on=on).status_code == 303
        assert client.get("/staff").status_code == status


def test_nobody_helps_or_switches_themselves(hub: Runtime) -> None:
    admin = admin_of(hub)
    me = person_id(hub, "admin")
    for action in ("second-factor", "switch"):
        assert send(admin, "/staff/people", f"/staff/people/{me}/{action}").status_code == 403


def test_a_provinces_staff_reach_their_own_people_only(hub: Runtime) -> None:
    client = browser(hub)
    client.post("/sign-in", data={"username": "staff-530000", "password": "a-long-enough-password"})
    page = read(client, "/staff/people")
    assert "云南驿站" in page
    assert "上海驿站" not in page
    foreign, own = person_id(hub, "station-310000"), person_id(hub, "station-530000")
    assert send(client, "/staff/people", f"/staff/people/{foreign}/switch").status_code == 403
    with hub.database.read() as session:
        grants = {name: queries.grants_of(session, who)[0].id for name, who in (("f", foreign), ("o", own))}
    assert send(client, "/staff/people", f"/staff/people/grants/{grants['f']}/end").status_code == 403
    assert send(client, "/staff/people", f"/staff/people/grants/{grants['o']}/end").status_code == 303
    assert send(client, "/staff/people", "/staff/stations/530000", name="x").status_code == 403
    token = invite(client, "/staff/people", role="bureau_staff", area="5301", note="昆明")
    assert "科技主管部门" in text_of(browser(hub).get(f"/invitations/{token}").text)
    refused = send(client, "/staff/people", "/staff/people/invitations", role="bureau_staff", area="3304")
    assert refused.status_code in (403, 422)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "station_staff", "province": "310000"}, "驿站工作人员 · 上海"),
        ({"role": "city_finance", "area": "3304", "province": "330000"}, "市级财政"),
        ({"role": "auditor", "area": "33"}, "审计员 · 浙江"),
        ({"role": "auditor"}, "审计员 · 长江经济带"),
        ({"role": "hub_admin"}, "枢纽管理员"),
    ],
)
def test_the_administrator_invites_every_office(hub: Runtime, fields: dict[str, str], words: str) -> None:
    token = invite(admin_of(hub), "/staff/people", **fields)
    assert words in text_of(browser(hub).get(f"/invitations/{token}").text)


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "bureau_staff", "province": "330000"},
        {"role": "city_finance", "area": "33", "province": "330000"},
        {"role": "institution_manager", "party": "nonsense"},
        {"role": "station_staff"},
    ],
)
def test_a_wrong_invitation_is_said_beside_the_form(hub: Runtime, fields: dict[str, str]) -> None:
    answer = send(admin_of(hub), "/staff/people", "/staff/people/invitations", **fields)
    assert (answer.status_code, "<title>错误：" in answer.text) == (422, True)


def test_another_operator_for_a_station(enter: Enter, hub: Runtime) -> None:
    client, admin = enter("station-310000"), admin_of(hub)
    code = demo_people.schemas.uscc.complete("91310000MA2026999")
    wrong = send(admin, "/staff/people", "/staff/stations/310000", name="新机构", credit_code="x")
    assert wrong.status_code == 422
    done = send(admin, "/staff/people", "/staff/stations/310000", name="新机构（合成）", credit_code=code)
    assert done.status_code == 303
    assert "新机构（合成）" in read(admin, "/staff/people")
    assert client.get("/staff").status_code == 403, "the staff of the one before are out"
    with hub.database.read() as session:
        ended = session.scalars(
            select(Grant).where(Grant.role == rules.STATION_STAFF, Grant.ended_at.is_not(None))
        )
        assert len(ended.all()) == 1


def test_the_audit_on_its_page(enter: Enter, hub: Runtime) -> None:
    client = enter("auditor")
    with hub.database.write() as session:
        audit.record(session, "system:retention", "audit.erase_due", "audit", now=hub.clock())
    while sequencer.number_once(hub.database):
        pass
    page = read(client, "/staff/audit")
    assert "系统（到期清除） system:retention" in " ".join(page.split())
    assert "The hub (retention)" in read(client, "/staff/audit?lang=en")
    client.get("/staff/audit?lang=zh")
    assert "登录 identity.sign_in" in " ".join(page.split())
    assert "testclient" not in page
    older = re.search(r"/staff/audit\?before=\d+", client.get("/staff/audit").text)
    assert older is not None
    assert "identity." in read(client, older.group(0))
    assert enter("auditor-33").get("/staff/audit").status_code == 403
    assert enter("auditor-33").get("/api/v1/audit/entries").status_code == 403
    assert enter("bureau-3304").get("/staff/audit").status_code == 403
