"""Requests about enterprises: verification, move, the yearly check."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity.models import Case, Person
from hub.identity.service import enterprises
from tests.station_portal.conftest import text_of
from tests.station_portal.people.conftest import Enter, read, send

PDF = b"%PDF-1.7 synthetic"


def claim(client: httpx.Client, **changed: object) -> httpx.Response:
    fields: dict[str, object] = {
        "credit_code": " 91330400ma2026777m ",
        "name": "新企业（合成）",
        "area": "330402",
        "address": "南湖区 7 号",
        "files": {"document": ("执照.pdf", PDF)},
    }
    return send(client, "/enterprise/claim", "/enterprise/claim", **(fields | changed))


def test_an_enterprise_from_request_to_booking_rights(enter: Enter, hub: Runtime) -> None:
    code = demo_people.schemas.uscc.complete("91330400MA2026777")
    client = enter("huzhou-manager")
    assert claim(client, credit_code=f" {code.lower()} ").status_code == 303
    assert "待办理" in read(client, "/account")
    bureau = enter("bureau-3304")
    page = bureau.get("/staff/cases").text
    assert code in text_of(page)
    document = re.search(r"/staff/cases/documents/\d+", page)
    assert document is not None
    held = bureau.get(document.group(0))
    assert held.content == PDF
    assert held.headers["content-disposition"].startswith("attachment")
    assert held.headers["x-content-type-options"] == "nosniff"
    assert enter("bureau-310115").get(document.group(0)).status_code == 403
    action = re.search(r'action="(/staff/cases/case-[a-z2-7]+)/confirm"', page)
    assert action is not None
    assert send(bureau, "/staff/cases", f"{action.group(1)}/confirm", note="已核").status_code == 303
    again = send(bureau, "/staff/cases", f"{action.group(1)}/refuse")
    assert (again.status_code, "已办结" in again.text) == (409, True)
    assert "企业管理员 · 新企业" in read(client, "/account")


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"credit_code": "91330400MA20267770"}, 422, "末位校验"),
        ({"area": ""}, 422, "市或区县"),
        ({"files": {"document": ("x.pdf", b"MZ")}}, 422, "PDF、JPEG 或 PNG"),
        ({"credit_code": demo_people.ENTERPRISE[1]}, 409, "已有管理员"),
    ],
)
def test_a_refused_request_keeps_its_input(
    enter: Enter, hub: Runtime, changed: dict[str, object], status: int, words: str
) -> None:
    code = demo_people.schemas.uscc.complete("91330400MA2026777")
    answer = claim(enter("huzhou-manager"), **({"credit_code": code} | changed))
    assert (answer.status_code, words in text_of(answer.text)) == (status, True)
    assert 'value="新企业（合成）"' in answer.text
    with hub.database.read() as session:
        assert session.scalars(select(Case)).all() == [], "request and document, both or neither"


def test_a_move_from_page_to_page(enter: Enter) -> None:
    client = enter("jiaxing-manager")
    assert (
        send(client, "/organisation", "/organisation/move", area="310115", address="张江路").status_code
        == 303
    )
    refused = send(client, "/organisation", "/organisation/move", area="330400")
    assert refused.status_code == 422
    for office in ("bureau-3304", "bureau-310115"):
        bureau = enter(office)
        page = bureau.get("/staff/cases").text
        action = re.search(r'action="(/staff/cases/case-[a-z2-7]+/confirm)"', page)
        assert action is not None
        assert send(bureau, "/staff/cases", action.group(1)).status_code == 303
    assert "浦东新区" in read(client, "/organisation")


def test_the_yearly_check_on_the_page(enter: Enter, hub: Runtime) -> None:
    hub.clock.advance(366 * 86_400)  # type: ignore[attr-defined]
    assert "核实已过期" in read(enter("jiaxing-manager"), "/organisation")
    bureau = enter("bureau-3304")
    action = re.search(r'action="(/staff/rechecks/en-[a-z2-7]+)"', bureau.get("/staff/cases").text)
    assert action is not None
    assert send(bureau, "/staff/cases", action.group(1)).status_code == 303
    assert "没有到期的企业" in read(bureau, "/staff/cases")
    assert "已核实" in read(enter("jiaxing-manager"), "/organisation")


def test_an_auditor_sees_cases_and_decides_none(enter: Enter, hub: Runtime) -> None:
    with hub.database.write() as session:
        person = session.scalars(select(Person).where(Person.name == "account:huzhou-manager")).one()
        given = rules_claim()
        case = enterprises.request_verification(session, person, given, now=hub.clock())
    client = enter("auditor-33")
    page = client.get("/staff/cases").text
    assert given.name in text_of(page)
    assert "/confirm" not in page
    assert send(client, "/staff/cases", f"/staff/cases/{case.id}/confirm").status_code == 403


def rules_claim() -> enterprises.Claim:
    code = demo_people.schemas.uscc.complete("91330400MA2026778")
    return enterprises.Claim(code, "另一新企业（合成）", "330402", "", authorised=False)


def test_an_office_says_why_it_refuses_and_the_asker_reads_it(enter: Enter) -> None:
    client = enter("huzhou-manager")
    code = demo_people.schemas.uscc.complete("91330400MA2026777")
    assert claim(client, credit_code=code).status_code == 303
    bureau = enter("bureau-3304")
    action = re.search(r'action="(/staff/cases/(case-[a-z2-7]+)/refuse)"', bureau.get("/staff/cases").text)
    assert action is not None
    for fields, place in (
        ({"note": "请补交营业执照"}, "reason"),
        ({"reason": "documents_missing", "note": " "}, "note"),
    ):
        answer = send(bureau, "/staff/cases", action.group(1), **fields)
        assert answer.status_code == 422
        assert f'href="#{place}-{action.group(2)}"' in answer.text
        assert "<details open>" in answer.text
    assert 'value="documents_missing" selected' in answer.text
    done = send(
        bureau, "/staff/cases", action.group(1), reason="documents_missing", note="缺营业执照 <b>副本</b>"
    )
    assert done.status_code == 303
    page = client.get("/account").text
    assert "材料不全" in page
    assert "缺营业执照 &lt;b&gt;副本&lt;/b&gt;" in page
