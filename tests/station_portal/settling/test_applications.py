"""An application through the pages: filled in, given back for papers, approved by two people, seen by both sides."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest

from hub.core.runtime import Runtime
from tests.station_portal.conftest import text_of
from tests.station_portal.settling.programme_stage import (
    GUIZHOU,
    PDF,
    Stage,
    inputs_of,
    put_stage,
    stage,
)

__all__ = ["stage"]

ANSWERS = {
    "a-founded_on": "2015-06-01",
    "a-industry": "新材料",
    "a-staff_count": "86",
    "a-contact_name": "李（合成）",
    "a-contact_phone": "0851-80000000",
    "a-legal_person_name": "王（合成）",
    "a-bank_name": "合成银行",
    "a-account_name": "贵阳合成",
    "a-account_number": "6222000000000000",
    "a-technology_field": "高温合金",
    "a-intended_use": "断口与成分分析\n第二行",
    "fen": "40,000",
}


def begun(stage: Stage, **changes: str) -> str:
    """The page of a draft."""
    form = inputs_of(stage.page("guiyang", f"/applications/new?programme={GUIZHOU}"), "/applications")
    told = form | ANSWERS | changes
    answer = stage.post("guiyang", "/applications", told)
    assert answer.status_code == 303, text_of(answer.text)
    again = stage.post("guiyang", "/applications", told)
    assert again.headers["location"] == answer.headers["location"]
    return answer.headers["location"].partition("?")[0]


def upload(stage: Stage, page: str, *kinds: str) -> None:
    for kind in kinds or ("business_licence", "use_plan"):
        answer = stage.post(
            "guiyang", f"{page}/papers", {"kind": kind}, files={"file": ("a.pdf", PDF + kind.encode())}
        )
        assert answer.status_code == 303, text_of(answer.text)


def submit(stage: Stage, page: str) -> None:
    form = inputs_of(stage.page("guiyang", page), page) | {"do": "submit"}
    answer = stage.post("guiyang", page, form)
    assert answer.status_code == 303, text_of(answer.text)
    assert stage.post("guiyang", page, form).status_code == 303  # pressed twice


def handed_in(stage: Stage) -> str:
    page = begun(stage)
    upload(stage, page)
    submit(stage, page)
    return page


def decide(stage: Stage, who: str, page: str, do: str, **fields: object) -> int:
    text = stage.page(who, f"/staff{page}")
    revision = re.search(r'name="revision" value="(\d+)"', text)
    told = {"do": do, "revision": "" if revision is None else revision[1], **fields}
    return stage.post(who, f"/staff{page}", told).status_code


def test_from_the_list_of_programmes_to_the_granted_voucher(stage: Stage) -> None:
    offers = text_of(stage.page("guiyang", "/applications"))
    assert "贵州省科技创新券（演示） 演示 每家企业每年限一次。" in offers
    assert "贵州省科技创新券" in offers
    page = begun(stage)
    draft = text_of(stage.page("guiyang", page))
    assert "缺少的材料 营业执照 使用计划" in draft
    assert "贵阳合成新材料有限公司" in draft
    upload(stage, page)
    submit(stage, page)
    standing = text_of(stage.page("guiyang", page))
    assert "待初审" in standing
    assert "审核队列第 1 位（共 1 件）" in standing
    assert "6222000000000000" in standing
    queue = text_of(stage.page("first", "/staff/applications"))
    assert "贵阳合成新材料有限公司" in queue
    assert "1 件待办理" in text_of(stage.page("first", "/staff"))
    assert decide(stage, "first", page, "approve", approved_fen="30000") == 303
    mine = text_of(stage.page("first", f"/staff{page}"))
    assert "您已初审，须由他人复审" in mine
    assert "复审通过并发放" not in mine
    assert decide(stage, "first", page, "confirm") == 422
    assert "初审：first（合成），核定 ¥30,000.00。" in text_of(stage.page("second", f"/staff{page}"))
    assert decide(stage, "second", page, "confirm") == 303
    assert "已发放" in text_of(stage.page("guiyang", page))
    assert "¥30,000.00" in text_of(stage.page("guiyang", "/vouchers"))


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(stage: Stage) -> None:
    form = inputs_of(stage.page("guiyang", f"/applications/new?programme={GUIZHOU}"), "/applications")
    answer = stage.post(
        "guiyang", "/applications", form | ANSWERS | {"a-staff_count": "很多 <b>", "fen": "九万"}
    )
    assert answer.status_code == 422
    told = text_of(answer.text)
    assert "「员工人数」应为整数" in told
    assert "请填写申领金额" in told
    assert 'href="#a-staff_count"' in answer.text
    assert 'value="很多 &lt;b&gt;"' in answer.text
    assert 'value="2015-06-01"' in answer.text


def test_what_is_missing_at_submitting_is_listed_with_its_place(stage: Stage) -> None:
    page = begun(stage, **{"a-bank_name": ""})
    form = inputs_of(stage.page("guiyang", page), page) | {"do": "submit"}
    answer = stage.post("guiyang", page, form)
    assert answer.status_code == 422
    assert "请填写「开户行」" in text_of(answer.text)
    assert "缺少材料：使用计划" in text_of(answer.text)
    assert 'href="#a-bank_name"' in answer.text
    assert 'href="#papers"' in answer.text
    assert "草稿" in text_of(stage.page("guiyang", page))


def test_missing_papers_are_named_to_the_applicant_and_can_be_handed_in(stage: Stage) -> None:
    page = handed_in(stage)
    assert decide(stage, "first", page, "ask_papers", reason="请补合同") == 422
    assert (
        decide(stage, "first", page, "ask_papers", missing=["contract", "use_plan"], reason="使用计划未盖章")
        == 303
    )
    told = text_of(stage.page("guiyang", page))
    assert "待补材料" in told
    assert "缺少的材料 使用计划 合作意向或合同" in told
    assert "主管部门意见：使用计划未盖章" in told
    upload(stage, page, "contract", "use_plan")
    submit(stage, page)
    assert "待初审" in text_of(stage.page("guiyang", page))


def test_a_file_of_another_kind_is_refused_on_the_page(stage: Stage) -> None:
    page = begun(stage)
    answer = stage.post("guiyang", f"{page}/papers", {"kind": "use_plan"}, files={"file": ("a.exe", b"MZ")})
    assert answer.status_code == 422
    assert "请上传 PDF、JPEG 或 PNG 文件。" in text_of(answer.text)
    assert stage.post("guiyang", f"{page}/papers", {"kind": "use_plan"}).status_code == 422


def test_papers_and_pages_are_for_the_two_sides(stage: Stage) -> None:
    page = handed_in(stage)
    paper = re.search(rf'href="({page}/papers/\d+)"', stage.page("guiyang", page))
    assert paper is not None
    for who, status in (
        ("guiyang", 200),
        ("first", 200),
        ("jiaxing", 403),
        ("elsewhere", 403),
        ("bureau", 403),
    ):
        answer = stage[who].get(paper[1])
        assert answer.status_code == status, who
        if status == 200:
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.content.startswith(PDF)
    for who in ("elsewhere", "bureau"):
        assert stage[who].get(f"/staff{page}").status_code == 403
        assert decide_blindly(stage, who, page) == 403
    assert stage["jiaxing"].get(page).status_code == 403


def test_the_office_takes_its_list_away_with_notes_on_the_columns(stage: Stage) -> None:
    handed_in(stage)
    assert "导出列说明" in text_of(stage.page("first", "/staff/applications"))
    answer = stage["first"].get("/staff/applications?format=xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    rows = list(book.worksheets[0].values)
    assert (len(rows), rows[1][3]) == (3, "贵阳合成新材料有限公司")
    assert (rows[0][6], rows[2][0], rows[2][6]) == ("申领金额（元）", "合计", rows[1][6])
    notes = list(book["列说明"].values)
    assert [title for title, _ in notes] == list(rows[0])
    assert all(note for _, note in notes)
    told = stage["first"].get("/staff/applications?format=csv").content.decode()
    assert "贵阳合成新材料有限公司" in told
    for personal in (ANSWERS["a-contact_name"], ANSWERS["a-contact_phone"]):
        assert personal not in told, "what an application says of persons stays in it"
    assert "贵阳合成" not in stage["elsewhere"].get("/staff/applications?format=csv").content.decode()
    for who in ("guiyang", "jiaxing"):
        assert stage[who].get("/staff/applications").status_code == 403, "an applicant reads nobody else's"
        assert stage[who].get("/staff/applications?format=csv").status_code == 403


def decide_blindly(stage: Stage, who: str, page: str) -> int:
    return stage.post(who, f"/staff{page}", {"do": "approve", "approved_fen": "1"}).status_code


def test_where_the_home_system_is_master_the_page_says_where_to_go(stage: Stage) -> None:
    text = text_of(stage.page("jiaxing", "/applications"))
    assert "由嘉兴市科技创新券系统（演示）审核发放，这里只登记并转交。" in text
    form = inputs_of(
        stage.page("jiaxing", "/applications/new?programme=demo-330400-voucher"), "/applications"
    )
    short = {
        name: ANSWERS[name]
        for name in ("a-contact_name", "a-contact_phone", "a-technology_field", "a-intended_use", "fen")
    }
    made = stage.post("jiaxing", "/applications", form | short)
    page = made.headers["location"].partition("?")[0]
    stage.post("jiaxing", f"{page}/papers", {"kind": "business_licence"}, files={"file": ("a.pdf", PDF)})
    form = inputs_of(stage.page("jiaxing", page), page) | {"do": "submit"}
    assert stage.post("jiaxing", page, form).status_code == 303
    shown = text_of(stage.page("bureau", f"/staff{page}"))
    assert "登记已转交" in shown
    assert "初审通过" not in shown
    assert decide(stage, "bureau", page, "hand_over", reference="JX-18") == 303
    assert "编号 JX-18" in text_of(stage.page("jiaxing", page))


def test_a_refusal_is_read_with_its_reason(stage: Stage) -> None:
    page = handed_in(stage)
    assert decide(stage, "first", page, "refuse", reason="") == 422
    assert decide(stage, "first", page, "refuse", reason="与支持方向不符") == 303
    assert "主管部门意见：与支持方向不符" in text_of(stage.page("guiyang", page))


def test_without_budget_it_waits_and_says_so(own_world: Runtime) -> None:
    from contextlib import ExitStack

    from tests.station_portal.conftest import PASSWORD, browser_of

    enterprise_id = put_stage(own_world, budget_fen=0)
    with ExitStack() as stack:
        browsers = {
            name: stack.enter_context(browser_of(own_world)) for name in ("guiyang", "first", "second")
        }
        for name, browser in browsers.items():
            browser.post("/sign-in", data={"username": name, "password": PASSWORD})
        held = Stage(own_world, browsers, enterprise_id)
        page = handed_in(held)
        assert decide(held, "first", page, "approve", approved_fen="30000") == 303
        assert decide(held, "second", page, "confirm") == 303
        told = text_of(held.page("guiyang", page))
    assert "复审通过，等待预算" in told
    assert "等待预算，第 1 位（共 1 件）" in told
    assert "预算到位后按排队次序自动发放" in told


def test_withdrawing(stage: Stage) -> None:
    page = handed_in(stage)
    assert stage.post("guiyang", page, {"do": "withdraw"}).status_code == 303
    assert "已撤回" in text_of(stage.page("guiyang", page))
    assert begun(stage) != page


@pytest.mark.parametrize("path", ["/applications", "/applications/new?programme=demo-520000-voucher"])
def test_the_pages_speak_english(stage: Stage, path: str) -> None:
    answer = stage["guiyang"].get(
        path, params={"lang": "en"} | ({"programme": GUIZHOU} if "new" in path else {})
    )
    assert not re.search(
        "[一-鿿]", text_of(answer.text).replace("贵阳合成新材料有限公司", "").replace("合成路 1 号", "")
    )
