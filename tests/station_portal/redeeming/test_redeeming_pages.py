"""An order's checks, its papers and declaration, the wallet's order and year, claims and programmes, through the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from hub.bookings.models import Booking
from hub.core import audit, sequencer
from hub.core.runtime import Runtime
from hub.identity import queries as identity
from hub.identity import service as accounts
from hub.settlement import rules, service
from hub.settlement.models import OrderRow, RatedLine
from hub.settlement.service import redeeming
from tests.hub.settlement.redeeming import world
from tests.station_portal.booking_stage import CREDIT_CODE
from tests.station_portal.conftest import PASSWORD, browser_of, csrf_of, text_of
from tests.station_portal.test_bookings import Stage, enter, stage, submitted
from tests.station_portal.test_vouchers import page_of, put_programmes

__all__ = ["stage"]

REBATE = "demo-330000-rebate"


def browser(held: Stage, name: str, role: str, **terms: Any) -> httpx.Client:
    """Another person's browser."""
    with held.runtime.database.write() as session:
        accounts.put_account(
            session, name, PASSWORD, role=role, display_name=name, is_demo=True, actor="system:test",
            now=held.runtime.clock(), **{"party_id": None, "province": None, **terms},
        )  # fmt: skip
    opened = OPENED[-1].enter_context(browser_of(held.runtime))
    enter(opened, name)
    return opened


OPENED: list[ExitStack] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Whoever comes to a test leaves with it."""
    with ExitStack() as stack:
        OPENED.append(stack)
        yield
        OPENED.pop()


def enterprise_of(runtime: Runtime) -> str:
    with runtime.database.read() as session:
        found = identity.enterprise_by_code(session, CREDIT_CODE)
    assert found is not None
    return found.id


def completed(held: Stage, *, channel: str = "portal", is_related: bool | None = False) -> str:
    """A booking that was submitted, used, paid, invoiced and rated: its identifier."""
    path = submitted(held)
    reference = path.rpartition("/")[2]
    now = held.runtime.clock()
    with held.runtime.database.write() as session:
        booking = session.get_one(Booking, reference)
        fee = booking.fee_fen or 0
        service.capture_used(session, reference, fee, now=now)
        row = session.get_one(OrderRow, reference)
        if is_related is not None:
            row.facts = {**row.facts, "is_related": is_related}
        sides = {"enterprise_id": booking.enterprise_id, "institution_id": booking.institution_id}
        shares = {"fee_fen": fee, "voucher_fen": row.voucher_fen, "own_fen": fee - row.voucher_fen}
        world.put_usage(session, reference, **sides, fee_fen=fee)
        more = {"visited": booking.province, "order_number": booking.number, "rated_at": now}
        world.put_line(session, reference, **sides, **shares, **more)
        paid = {
            "fee_fen": fee,
            "voucher_fen": row.voucher_fen,
            "owed_fen": shares["own_fen"],
            "paid_fen": shares["own_fen"],
        }
        world.put_payment(session, reference, **sides, **paid)
        world.put_invoice(session, reference, shares["own_fen"])
        world.tell_all(session, reference, now)
        world.put_form(session, reference)
        redeeming.tell(session, reference, "booked", channel, at=now)
        redeeming.settle_order(session, reference, now=now)
    return reference


def send(held: httpx.Client, page: str, path: str, **fields: Any) -> httpx.Response:
    files = fields.pop("files", None)
    data = {"csrf_token": csrf_of(held.get(page).text), **fields}
    return held.post(path, data=data, files=files)


def test_an_order_shows_its_checks_to_its_sides_and_its_payer(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage)
    bureau = browser(stage, "bureau", "bureau_staff", area="3304")
    for each in (stage.enterprise, bureau):
        told = page_of(each, f"/orders/{order}")
        assert "可无感直兑：全程在线，不需要材料" in told
        assert "在平台预约 满足 在平台上预约" in told
    link = r'<a href="/usage/us-[^"]+">使用记录</a>'
    assert re.search(link, stage.enterprise.get(f"/orders/{order}").text), (
        "from a verdict to what it was read from"
    )
    assert not re.search(link, bureau.get(f"/orders/{order}").text), "an office is told the words alone"
    assert stage.stranger.get(f"/orders/{order}").status_code == 403
    assert "无感直兑" in page_of(stage.enterprise, "/vouchers")


def test_papers_are_handed_in_looked_through_and_agreed(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage, channel="counter")
    page = f"/orders/{order}"
    bureau = browser(stage, "bureau", "bureau_staff", area="3304")
    assert "尚不能兑付" in page_of(stage.enterprise, page)
    wrong = send(stage.enterprise, page, f"{page}/papers", kind="invoice", files={"file": ("a.exe", b"MZ")})
    assert wrong.status_code == 422
    assert "只收 PDF、PNG 或 JPEG 文件" in text_of(wrong.text)
    assert 'value="invoice" selected' in wrong.text, "what was chosen stays"
    for kind in ("order_form", "invoice", "bank_receipt", "result_proof"):
        files = {"file": (f"{kind}.pdf", b"%PDF-1.7 " + kind.encode())}
        assert send(stage.enterprise, page, f"{page}/papers", kind=kind, files=files).status_code == 303
    waiting = page_of(bureau, "/staff/papers")
    assert "4" in waiting
    refused = send(bureau, page, f"{page}/papers/1", do="refuse")
    assert refused.status_code == 422
    assert "不予通过须写明理由" in text_of(refused.text)
    assert send(bureau, page, f"{page}/papers/1", do="refuse", reason="缺盖章").status_code == 303
    assert "退回理由：缺盖章" in page_of(stage.enterprise, page)
    again = {"file": ("again.pdf", b"%PDF-1.7 stamped")}
    send(stage.enterprise, page, f"{page}/papers", kind="order_form", files=again)
    for number in (2, 3, 4, 5):
        assert send(bureau, page, f"{page}/papers/{number}", do="agree").status_code == 303
    assert "材料齐全，可以结算" in page_of(bureau, page)
    given = bureau.get(f"{page}/papers/5")
    assert (given.content, given.headers["content-type"]) == (b"%PDF-1.7 stamped", "application/pdf")
    assert bureau.get("/orders/bk-other/papers/5").status_code == 404
    assert "没有待审的材料" in page_of(bureau, "/staff/papers")


def test_an_auditor_opens_an_order_and_its_papers_and_changes_nothing(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage, channel="counter")
    page = f"/orders/{order}"
    files = {"file": ("a.pdf", b"%PDF-1.7 invoice")}
    assert send(stage.enterprise, page, f"{page}/papers", kind="invoice", files=files).status_code == 303
    auditor = browser(stage, "auditor", "auditor", area="3304")
    told = page_of(auditor, page)
    assert ("尚不能兑付" in told, "结算审计" in told) == (True, True)
    assert auditor.get(page).text.count('method="post"') == page_of_forms(auditor)
    assert auditor.get(f"{page}/papers/1").content == b"%PDF-1.7 invoice"
    assert send(auditor, page, f"{page}/papers/1", do="agree").status_code == 403
    with stage.runtime.database.write() as session:
        audit.settle_counted(session, now=stage.runtime.clock() + timedelta(minutes=5))
    while sequencer.number_once(stage.runtime.database, now=stage.runtime.clock()):
        pass
    with stage.runtime.database.read() as session:
        looked = {
            each.subject
            for each in audit.read_entries(session, limit=500)
            if each.action == "identity.auditor_read"
        }
    assert {page, f"{page}/papers/1"} <= looked
    elsewhere = browser(stage, "auditor-52", "auditor", area="52")
    assert elsewhere.get(page).status_code == 403
    assert elsewhere.get(f"{page}/papers/1").status_code == 403


def page_of_forms(reader: httpx.Client) -> int:
    """The forms of every page's frame."""
    return reader.get("/about").text.count('method="post"')


def test_what_was_not_declared_is_declared_on_the_order(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage, is_related=None)
    boss = browser(stage, "boss", "enterprise_manager", party_id=enterprise_of(stage.runtime))
    page = f"/orders/{order}"
    assert "尚未声明是否关联单位" in page_of(boss, page)
    empty = send(boss, page, f"{page}/declaration")
    assert empty.status_code == 422
    assert send(boss, page, f"{page}/declaration", is_related="no").status_code == 303
    assert "可无感直兑" in page_of(boss, page)


def test_the_holder_chooses_the_order_of_use_without_scripts(stage: Stage) -> None:
    put_programmes(stage, fen=3_000)
    holder = enterprise_of(stage.runtime)
    boss = browser(stage, "boss", "enterprise_manager", party_id=holder)
    now = stage.runtime.clock()
    with stage.runtime.database.write() as session:
        told = service.Allotment("JX-2", "demo-330400-voucher", holder, 9_000, date(2026, 12, 31))
        service.allot(session, told, actor="system:test", now=now)

    def amounts() -> list[int]:
        text = page_of(boss, "/vouchers").partition("使用顺序")[2].partition("收支明细")[0]
        return sorted((30, 90), key=lambda fen: text.index(f"¥{fen}"))

    first = amounts()
    page = boss.get("/vouchers").text
    last = page.rpartition('name="grant" value="')[2].partition('"')[0]
    answer = boss.post("/vouchers/order", data={"csrf_token": csrf_of(page), "grant": last, "move": "up"})
    assert answer.status_code == 303
    assert amounts() == first[::-1]
    strange = boss.post("/vouchers/order", data={"csrf_token": csrf_of(page), "grant": "vg-x", "move": "up"})
    assert strange.status_code == 303
    assert amounts() == first[::-1]
    assert stage.enterprise.post("/vouchers/order", data={}).status_code == 403


def test_the_year_s_statement_adds_up(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage)
    year = stage.runtime.clock().year
    with stage.runtime.database.read() as session:
        line = session.scalars(select(RatedLine).where(RatedLine.reference == order)).one()
    told = page_of(stage.enterprise, f"/vouchers/{year}")
    assert line.order_number in told
    assert f'href="/bookings/{order}"' in stage.enterprise.get(f"/vouchers/{year}").text
    assert line.fee_fen == line.voucher_fen + line.own_fen
    assert f"{year} 年对账" in told
    assert "这一年没有计价的订单" in page_of(stage.enterprise, f"/vouchers/{year - 1}")
    assert "这一年没有计价的订单" in page_of(stage.stranger, f"/vouchers/{year}")
    assert stage.enterprise.get("/vouchers/1").status_code in {400, 404, 422}
    wallet = page_of(stage.enterprise, "/vouchers")
    assert "收支明细" in wallet
    assert "扣用 –" in wallet or "扣用" in wallet


@pytest.fixture
def rebates(stage: Stage) -> Stage:
    """The demo's Anhui rebate, as if it were Zhejiang's, with a budget; and an order that was paid."""
    put_programmes(stage)
    now = stage.runtime.clock()
    document = dict(next(each for each in rules.demo() if each["id"] == "demo-340000-rebate"))
    terms = {**document["terms"], "window": {"until": "2030-12-31"}}
    terms.pop("min_value_fen")
    document |= {"id": REBATE, "area": "330000", "name_zh": "浙江租用补助（演示）", "terms": terms}
    with stage.runtime.database.write() as session:
        service.put_programme(session, document, actor="system:test", now=now)
        service.fund(session, REBATE, now.year, 1_000_000, reference="1", actor="system:test", now=now)
    completed(stage)
    return stage


def test_a_rebate_from_the_choice_of_orders_to_two_approvals(rebates: Stage) -> None:
    year = rebates.runtime.clock().year
    boss = browser(rebates, "boss", "enterprise_manager", party_id=enterprise_of(rebates.runtime))
    assert "浙江租用补助（演示）" in page_of(boss, "/claims")
    path = f"/claims/new?programme={REBATE}&year={year}"
    page = boss.get(path).text
    assert "全年 1 笔合计" in text_of(page)
    fields = dict(pair for pair in _hidden(page.partition('action="/claims/new"')[2]))
    none = boss.post("/claims/new", data=fields | {"do": "apply"})
    assert none.status_code == 422
    assert "请至少选择一个订单" in text_of(none.text)
    stale = boss.post("/claims/new", data=fields | {"do": "apply", "line": "1", "fen": "1"})
    assert stale.status_code == 422
    made = boss.post("/claims/new", data=fields | {"do": "apply", "line": "1"})
    assert made.status_code == 303, text_of(made.text)
    claim = made.headers["location"].partition("?")[0]
    assert (
        boss.post("/claims/new", data=fields | {"do": "apply", "line": "1"})
        .headers["location"]
        .startswith(claim)
    )
    first = browser(rebates, "first", "province_staff", province="330000", area="33")
    second = browser(rebates, "second", "province_staff", province="330000", area="33")
    assert "嘉兴合成新材料有限公司" in page_of(first, "/claims")
    fen = fields["fen"]
    assert send(first, claim, f"{claim}/decision", do="agree", fen=fen).status_code == 303
    same = send(first, claim, f"{claim}/decision", do="agree", fen=fen)
    assert same.status_code == 409
    assert "须由两人分别审核" in text_of(same.text)
    assert send(second, claim, f"{claim}/decision", do="agree", fen=fen).status_code == 303
    assert "已核准，待支付" in page_of(boss, claim)
    assert rebates.stranger.get(claim).status_code == 403
    auditor = browser(rebates, "auditor", "auditor", area="33")
    assert "浙江租用补助（演示）" in page_of(auditor, "/claims")
    assert "已核准，待支付" in page_of(auditor, claim)
    assert send(auditor, claim, f"{claim}/decision", do="refuse", reason="越权").status_code == 403
    assert browser(rebates, "auditor-52", "auditor", area="52").get(claim).status_code == 403


def test_a_claim_is_refused_with_a_reason_or_taken_back(rebates: Stage) -> None:
    year = rebates.runtime.clock().year
    boss = browser(rebates, "boss", "enterprise_manager", party_id=enterprise_of(rebates.runtime))
    office = browser(rebates, "first", "province_staff", province="330000", area="33")

    def applied() -> str:
        page = boss.get(f"/claims/new?programme={REBATE}&year={year}").text
        fields = dict(_hidden(page.partition('action="/claims/new"')[2]))
        answer = boss.post("/claims/new", data=fields | {"do": "apply", "line": "1"})
        return answer.headers["location"].partition("?")[0]

    claim = applied()
    assert send(office, claim, f"{claim}/decision", do="refuse").status_code == 422
    assert send(office, claim, f"{claim}/decision", do="refuse", reason="发票抬头不符").status_code == 303
    assert "发票抬头不符" in page_of(boss, claim)
    claim = applied()
    assert send(boss, claim, f"{claim}/withdraw").status_code == 303
    assert "已撤回" in page_of(boss, "/claims")


def test_a_programme_s_page_tells_terms_sources_and_how_long_the_money_takes(stage: Stage) -> None:
    put_programmes(stage)
    order = completed(stage)
    path = "/programmes/demo-330400-voucher"
    told = page_of(stage.stranger, path)
    assert "还没有已支付的订单" in told
    assert "演示用数值，非现行政策" in told
    with stage.runtime.database.write() as session:
        from datetime import timedelta

        later = stage.runtime.clock() + timedelta(days=12, hours=12)
        redeeming.note_money(session, order, "demo-330400-voucher", now=later)
        redeeming.note_money(session, order, "demo-330400-voucher", now=later + timedelta(days=9))
    assert "12.5 天" in page_of(stage.stranger, path)
    assert "条款不全" in page_of(stage.stranger, "/programmes")
    assert stage.stranger.get("/programmes/nothing").status_code == 404


def _hidden(page: str) -> list[tuple[str, str]]:
    import re

    return re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
