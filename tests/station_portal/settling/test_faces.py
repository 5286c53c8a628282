"""How settlement goes to a province and comes back, on the pages of its people; allotments and their comparison."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity import rules as roles
from hub.identity import service as identity
from hub.settlement.service.faces import allotments, cases, comparing, handing
from tests.adapters.settlement.offices import Faced, face
from tests.hub.settlement.faces.homes import word
from tests.hub.settlement.periods import world
from tests.hub.settlement.periods.world import Usage
from tests.station_portal.conftest import copy_of
from tests.station_portal.settling.finance_stage import Enter, _financed, enter, read, send

__all__ = ["_financed", "enter"]

PAGE, ALLOTMENTS = "/staff/settlement/faces", "/staff/allotments"
YUNNAN = "530000"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def provinces(tmp_path: Path) -> Iterator[dict[str, Faced]]:
    held = {code: face(code, tmp_path / code) for code in ("330000", YUNNAN)}
    yield held
    for each in held.values():
        each.spoken.line.end()


@pytest.fixture
def hub(_financed: Runtime, provinces: dict[str, Faced], tmp_path: Path) -> Iterator[Runtime]:
    """A hub whose batches were posted, with two provinces that can be reached."""
    runtime = copy_of(_financed, tmp_path / "home")
    adapters = {**runtime.adapters, **{code: each.adapter for code, each in provinces.items()}}
    runtime = replace(runtime, adapters=adapters)
    for each in provinces.values():
        each.spoken.clock.now = runtime.clock()
    world.furnish(runtime.database)
    for code in ("310000", "420000", YUNNAN):
        with runtime.database.write() as session:
            identity.put_account(
                session, f"finance-{code}", demo_people.PASSWORD, role=roles.PROVINCE_FINANCE, province=code,
                area=code[:2], display_name="省财政（演示）", is_demo=True, actor="system:test", now=runtime.clock(),
            )  # fmt: skip
    yield runtime
    runtime.close()


def paper(hub: Runtime, code: str = YUNNAN) -> int:
    """A statement that waits for a province; the delivery's number."""
    world.posted(hub.database, Usage("u1"))
    handing.plan_new(hub.database, now=hub.clock())
    with hub.database.write() as session:
        row = session.query(handing.PaperDelivery).filter_by(kind="payment-list").one()
        row.province, row.state = code, "waiting"
        return row.id


def test_a_case_is_closed_once_with_what_was_done(hub: Runtime, enter: Enter) -> None:
    with hub.database.write() as session:
        told = {"text": HOSTILE, "error": {"zh": "政策已停用", "en": "the programme has ended"}}
        cases.open_case(session, "paper_refused", "330000", "payment-list:330400/1", told, now=hub.clock())
        number = session.query(cases.FaceCase.id).scalar()
    finance = enter("finance-330000")
    page = finance.get(PAGE).text
    assert HOSTILE not in page
    assert "省级系统拒收清单或对账单" in read(finance, PAGE)
    assert "政策已停用" in page
    refused = send(finance, PAGE, f"{PAGE}/cases", case=number, text=" 好 ")
    assert (refused.status_code, "请填写处理说明" in refused.text, " 好 " in refused.text) == (
        422,
        True,
        True,
    )
    assert (
        send(enter("finance-310000"), PAGE, f"{PAGE}/cases", case=number, text="不是我的").status_code == 404
    )
    assert send(finance, PAGE, f"{PAGE}/cases", case=number, text="已电话核实").status_code == 303
    assert send(finance, PAGE, f"{PAGE}/cases", case=number, text="再来一次").status_code == 404
    assert "省级系统拒收清单或对账单" not in read(finance, PAGE)


def test_a_province_takes_its_signed_file_and_that_is_the_receipt(hub: Runtime, enter: Enter) -> None:
    number = paper(hub)
    finance = enter(f"finance-{YUNNAN}")
    assert "待本省收取" in read(finance, PAGE)
    signature = send(finance, PAGE, f"{PAGE}/file", paper=number, part="signature")
    assert (signature.status_code, signature.text.count("..")) == (200, 1)
    assert "待本省收取" in read(finance, PAGE)
    content = send(finance, PAGE, f"{PAGE}/file", paper=number)
    assert content.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(content.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "已送达" in read(finance, PAGE)
    assert send(enter("finance-310000"), PAGE, f"{PAGE}/file", paper=number).status_code == 404


def test_a_paper_without_a_file_is_confirmed_by_a_person(hub: Runtime, enter: Enter) -> None:
    number = paper(hub, "420000")
    finance = enter("finance-420000")
    assert send(finance, PAGE, f"{PAGE}/file", paper=number).status_code == 404
    answer = send(finance, PAGE, f"{PAGE}/receipt", paper=number)
    assert answer.status_code == 303
    assert "已登记本省收到该文件" in read(finance, answer.headers["location"])


def upload(client: httpx.Client, content: bytes, name: str = "回执.csv") -> httpx.Response:
    return send(client, PAGE, f"{PAGE}/results", files={"file": (name, content, "text/csv")})


def test_an_uploaded_result_file_is_met_row_by_row_or_not_at_all(hub: Runtime, enter: Enter) -> None:
    finance = enter(f"finance-{YUNNAN}")
    assert "回执文件无法读取" in upload(finance, b"\xff\xfe\x00").text
    assert upload(finance, "清单编号,行编号\r\n".encode("utf-8-sig")).status_code == 422
    head = "清单编号,行编号,状态,金额(元),兑付日期,凭证编号,未兑付原因\r\n"
    answer = upload(
        finance, (head + "payment-list:530000/1,L-9,已兑付,1.00,2026-04-01,PZ1,\r\n").encode("utf-8-sig")
    )
    assert answer.status_code == 303
    page = read(finance, answer.headers["location"])
    assert "共 1 行" in page
    assert "兑付结果指向他人的清单或不存在的行" in page
    assert upload(enter("finance-330000"), b"x").status_code == 422


def test_who_may_not_see_is_told_so(hub: Runtime, enter: Enter) -> None:
    member = enter("jiaxing-manager")
    assert member.get(PAGE).status_code == 403
    assert member.get(ALLOTMENTS).status_code == 403
    city = enter("finance-3304")
    assert city.get(PAGE).status_code == 403
    assert city.get(ALLOTMENTS).status_code == 200


def test_differences_are_shown_line_by_line_to_home_finance_and_staff(
    hub: Runtime, enter: Enter, provinces: dict[str, Faced]
) -> None:
    finance = enter("finance-330000")
    assert "还没有对账" in read(finance, ALLOTMENTS)
    with hub.database.write() as session:
        allotments.hear(session, "330000", word(500_000), way="pull", now=hub.clock())
    purse = provinces["330000"].office.purse
    purse.grant("x", 600_000)
    purse.allot("ED-1", 499_900, holder="x", programme="JXKJQ", until="2026-12-31")
    purse.allot("ED-2", 100, holder="x", programme="JXKJQ", until="2026-12-31")
    port = provinces["330000"].port
    assert comparing.compare(hub, "330000", port) == "differing"
    for person in (finance, enter("finance-3304")):
        page = read(person, ALLOTMENTS)
        assert "不一致" in page
        assert "¥5,000.00" in page
        assert "¥4,999.00" in page
        assert "对方没有这笔划拨" not in page
        assert "本平台没有这笔划拨" in page
    assert "ED-1" not in read(enter("finance-310000"), ALLOTMENTS)
    assert "额度对账不一致" in read(finance, PAGE)
    assert "额度对账不一致" in read(finance, "/notices")
    english = finance.get(ALLOTMENTS, headers={"Accept-Language": "en"}, cookies={"lang": "en"}).text
    assert "ED-1" in english
