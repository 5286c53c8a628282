"""Money, clicked by everybody it concerns: from a completed order to the redeemed voucher and the sealed statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import settling
from tests.browser.chromium import Visitor
from tests.browser.crossing import enter
from tests.browser.settling import PDF, Stage, press, says, send, sums, unfold, wallet
from tests.browser.test_crossing import give

pytestmark = pytest.mark.browser

Arrive = Callable[[str], Page]


@pytest.fixture
def area() -> str:
    """Where the enterprise is at home."""
    return settling.JIAXING


@pytest.fixture
def stage(tmp_path: Path, area: str) -> Iterator[Stage]:
    with settling.opened(tmp_path / "settling", area) as held:
        yield held


@pytest.fixture
def arrive(browser: Browser, stage: Stage) -> Iterator[Arrive]:
    """Everybody's window, kept; who comes back after a long time signs in again. None of their pages may have complained."""
    made: dict[str, Visitor] = {}
    entered: dict[str, datetime] = {}

    def come(username: str, **wishes: Any) -> Page:
        now = stage.world.clock()
        if username not in made:
            made[username] = Visitor(browser, stage.base, **wishes)
            made[username].page.set_default_timeout(15_000)
        if entered.get(username) != now:
            made[username].context.clear_cookies()
            enter(made[username].page, stage.base, username)
            entered[username] = now
        return made[username].page

    yield come
    faults = [fault for visitor in made.values() for fault in visitor.faults]
    for visitor in made.values():
        visitor.close()
    assert faults == []


def pay(stage: Stage, arrive: Arrive, booking: str, yuan: str = "400.03") -> None:
    """The own share: the enterprise transfers it and hands in the proof, the institution finds it and enters its invoice."""
    address = f"{stage.base}/payments/pm-{booking.removeprefix('bk-')}"
    li = arrive("li")
    li.goto(address)
    says(li, f"应付 ¥{yuan}")
    li.get_by_role("radio", name=re.compile("银行转账")).check()
    press(li, "去付款")
    says(li, "转账信息")
    li.locator("#proof").set_input_files([PDF])
    press(li, "提交凭证")
    owner = arrive("owner")
    owner.goto(f"{stage.base}/bookings/{booking}/order-form")
    press(owner, "确认")
    says(owner, "您这一方已确认")
    owner.goto(address)
    owner.get_by_label("到账金额（元）").fill(yuan)
    press(owner, "确认到账")
    says(owner, "已付清")
    unfold(owner, "登记发票")
    form = owner.locator("form[action$='/invoices']")
    cents = round(float(yuan) * 100)
    net = round(cents / 1.06)
    number = re.sub(r"\D", "", stage.number_of(booking)).zfill(20)[-20:]
    told = {
        "number": number,
        "gross_fen": yuan,
        "net_fen": f"{net / 100:.2f}",
        "vat_fen": f"{(cents - net) / 100:.2f}",
    }
    for name, text in told.items():
        form.locator(f"[name={name}]").fill(text)
    form.locator("[name=issued_on]").fill(f"{stage.world.clock():%Y-%m-%d}")
    with owner.expect_navigation():
        form.get_by_role("button").last.click()
    says(owner, number)
    li.reload()
    says(li, "已付清")


def rate(stage: Stage, arrive: Arrive, booking: str) -> None:
    li = arrive("li")
    li.goto(f"{stage.base}/bookings/{booking}")
    li.get_by_label("5 星").check()
    li.get_by_label("评语").fill("当天出结果（合成）")
    li.get_by_role("button", name="保存评价").click()
    says(li, "评价已保存")


def put_account(stage: Stage, arrive: Arrive) -> None:
    """The institution's bank account, entered by one and agreed to by another."""
    owner = arrive("owner")
    owner.goto(f"{stage.base}/staff/payees")
    owner.locator("#account_name").fill("某大学（虚构）")
    owner.locator("#bank_name").fill("某银行上海某支行（虚构）")
    owner.locator("#account_number").fill("6222 0000 0000 0001")
    press(owner, "提交审核")
    finance = arrive("shanghai")
    finance.goto(f"{stage.base}/staff/payees")
    press(finance, "核对无误，启用")
    says(finance, "使用中")


def agree(stage: Stage, arrive: Arrive, batch: str) -> None:
    """上海 hands the batch over, 浙江 agrees to it, and it is posted."""
    shanghai = arrive("shanghai")
    shanghai.goto(f"{stage.base}/staff/settlement/batches/{batch}")
    press(shanghai, "提交复核")
    zhejiang = arrive("zhejiang")
    zhejiang.goto(f"{stage.base}/staff/settlement/batches/{batch}")
    press(zhejiang, "同意这一版核算")
    stage.later(days=3)


def open_list(stage: Stage, arrive: Arrive) -> Page:
    """The payment list of 嘉兴, at its finance office."""
    jiaxing = arrive("jiaxing")
    jiaxing.goto(f"{stage.base}/staff/settlement/payments")
    jiaxing.get_by_role("link", name=re.compile("^pl-")).first.click()
    return jiaxing


def record(page: Page, yuan: str, reference: str) -> None:
    """Record a payment with its proof."""
    unfold(page, "登记付款")
    form = page.locator("form[action$='/paid']").first
    form.locator("[name=bank_reference]").fill(reference)
    form.locator("[name=amount]").fill(yuan)
    form.locator("input[type=file]").set_input_files([PDF])
    with page.expect_navigation():
        form.locator("button").click()
    says(page, reference)


def seal(stage: Stage, arrive: Arrive, batch: str) -> Page:
    shanghai = arrive("shanghai")
    shanghai.goto(f"{stage.base}/staff/settlement/batches/{batch}")
    press(shanghai, "确认收款并封存")
    says(shanghai, "封存散列")
    shanghai.get_by_role("link", name="核对").click()
    says(shanghai, "全部一致")
    return shanghai


def complete(stage: Stage, arrive: Arrive, booking: str) -> None:
    """The enterprise looks at what was used and says that the service is done."""
    li = arrive("li")
    li.goto(f"{stage.base}/bookings/{booking}")
    says(li, "服务已完成")
    give(li, "确认完成")
    says(li, "已完成")
    assert stage.world.state(booking) == "completed"


def test_from_the_served_order_to_the_sealed_statement(stage: Stage, arrive: Arrive) -> None:
    booking = stage.serve()
    complete(stage, arrive, booking)
    pay(stage, arrive, booking)
    rate(stage, arrive, booking)
    put_account(stage, arrive)
    assert stage.settle(booking) == "seamless"
    batch = stage.cut()
    agree(stage, arrive, batch)
    jiaxing = open_list(stage, arrive)
    says(jiaxing, "某大学（虚构）")
    says(jiaxing, "共 ¥400.03，待付 ¥400.03")
    assert abs(stage.owed()) == 40_003
    record(jiaxing, "400.03", "HUI-2026-0001")
    says(jiaxing, "共 ¥400.03，待付 ¥0.00")
    assert stage.owed() == 0
    assert sums(seal(stage, arrive, batch)) == ["1", "¥800.06", "¥400.03", "¥400.03"]
    assert wallet(arrive("li"), stage.base) == {
        "获得": "¥10,000.00", "可用": "¥9,599.97", "预占": "¥0.00", "已用": "¥400.03",
    }  # fmt: skip


def return_line(stage: Stage, page: Page, batch: str, booking: str) -> None:
    """Home finance sends one line back with a code and its words."""
    page.goto(f"{stage.base}/staff/settlement/batches/{batch}")
    row = page.locator("tr[id^=line-]").filter(has_text=stage.number_of(booking))
    row.locator("summary").click()
    row.locator("select").select_option("evidence_missing")
    row.locator("textarea").fill("缺少仪器日志（合成）")
    send(row.locator("form"))
    says(page, "退回的行")


def mend(stage: Stage, page: Page, booking: str) -> None:
    """The institution finds what came back, and adds the evidence that was asked for."""
    page.goto(f"{stage.base}/usage?view=returned")
    page.get_by_role("link", name=stage.number_of(booking)).click()
    says(page, "缺少使用证据：缺少仪器日志（合成）")
    unfold(page, "更正或补充证据")
    form = page.locator("form[action$='/commands/amend']")
    form.locator("[name=reason]").select_option("returned_mended")
    form.locator("[name=files]").set_input_files(
        {"name": "日志.log", "mimeType": "text/plain", "buffer": "10:00 开机\n12:00 关机\n".encode()}
    )
    send(form)
    says(page, "新的版本已保存")


def confirm(stage: Stage, page: Page, booking: str) -> None:
    """The enterprise looks at the new version and confirms it."""
    page.goto(f"{stage.base}/usage/{stage.usage_of(booking)}")
    says(page, "第 2 版")
    press(page, "确认使用记录")
    says(page, "¥400.03")


def credit(stage: Stage, arrive: Arrive, batch: str, booking: str) -> None:
    """After posting 上海 proposes to take an order back, and 浙江 issues the credit document."""
    address = f"{stage.base}/staff/settlement/batches/{batch}"
    shanghai, zhejiang = arrive("shanghai"), arrive("zhejiang")
    shanghai.goto(address)
    row = shanghai.locator("tr[id^=line-]").filter(has_text=stage.number_of(booking))
    row.locator("summary").click()
    row.locator("select").select_option("usage_wrong")
    row.locator("textarea").fill("该次使用另有委托，撤回本行（合成）")
    send(row.locator("form"))
    says(shanghai, "轮到浙江财务")
    zhejiang.goto(address)
    press(zhejiang, "同意并出具")
    zhejiang.get_by_role("link", name=f"credit:{settling.VISITED}-{settling.HOME}/1").click()
    says(zhejiang, "credit:")


def bounce(page: Page) -> None:
    """The payer's bank sent the money back."""
    unfold(page, "登记退回")
    form = page.locator("form[action$='/bounce']").first
    form.locator("select").select_option("account_closed")
    form.locator("textarea").fill("账户已销，待换账户（合成）")
    send(form)


def test_a_returned_line_a_credit_document_and_a_bounced_payment(stage: Stage, arrive: Arrive) -> None:
    mended, taken_back = stage.serve(), stage.serve()
    for booking in (mended, taken_back):
        stage.complete(booking)
        pay(stage, arrive, booking)
        rate(stage, arrive, booking)
        assert stage.settle(booking) == "seamless"
    put_account(stage, arrive)
    batch = stage.cut()
    address = f"{stage.base}/staff/settlement/batches/{batch}"
    shanghai, zhejiang, jiaxing = arrive("shanghai"), arrive("zhejiang"), arrive("jiaxing")
    shanghai.goto(address)
    press(shanghai, "提交复核")
    return_line(stage, zhejiang, batch, mended)
    mend(stage, arrive("owner"), mended)
    confirm(stage, arrive("li"), mended)
    assert stage.settle(mended) == "seamless"
    agree(stage, arrive, batch)
    arrive("zhejiang").goto(address)
    assert sums(zhejiang) == ["2", "¥1,600.12", "¥800.06", "¥800.06"]
    credit(stage, arrive, batch, taken_back)
    open_list(stage, arrive)
    says(jiaxing, "共 ¥800.06，待付 ¥400.03")
    record(jiaxing, "400.03", "HUI-2026-0001")
    assert stage.owed() == 0
    bounce(jiaxing)
    assert abs(stage.owed()) == 40_003, "a payment that came back is owed again"
    says(jiaxing, "账户已销")
    jiaxing.goto(f"{stage.base}/staff/settlement/payments")
    jiaxing.get_by_role("link", name=re.compile("^pl-")).first.click()
    says(jiaxing, "替代退回的")
    says(jiaxing, "待付 ¥400.03")
    says(jiaxing, stage.number_of(mended))
    expect(jiaxing.locator("main")).not_to_contain_text(stage.number_of(taken_back))
    record(jiaxing, "400.03", "HUI-2026-0002")
    seal(stage, arrive, batch)
    assert stage.owed() == 0
    used = wallet(arrive("li"), stage.base)["已用"]
    assert used == "¥800.06", "what was taken back stays captured for the corrected version"


def dispute(stage: Stage, page: Page, booking: str) -> None:
    """The enterprise says that half an hour was idle."""
    page.goto(f"{stage.base}/usage/{stage.usage_of(booking)}")
    says(page, "¥800.06")
    unfold(page, "提出异议")
    form = page.locator("form[action$='/commands/dispute']")
    form.locator("[name=reason]").select_option("idle_charged")
    form.locator("[name=text]").fill("其中半小时空转（合成）")
    send(form)
    says(page, "异议已提交，两省工作人员已收到通知")


def decide(stage: Stage, page: Page, booking: str) -> None:
    """A province's staff: one hour and a half."""
    page.goto(f"{stage.base}/usage?view=disputed")
    page.get_by_role("link", name=stage.number_of(booking)).click()
    says(page, "其中半小时空转（合成）")
    unfold(page, "作出裁定")
    form = page.locator("form[action$='/commands/decide']")
    form.locator("[name=outcome]").select_option("amend")
    form.locator("[name=reason]").select_option("evidence_against")
    form.locator("[name=hours]").fill("1.5")
    send(form)
    says(page, "裁定已记录")


def test_a_dispute_that_both_provinces_decide(stage: Stage, arrive: Arrive) -> None:
    booking = stage.serve()
    li = arrive("li")
    dispute(stage, li, booking)
    assert wallet(li, stage.base)["预占"] == "¥400.03", "nothing is paid while it is disputed"
    decide(stage, arrive("shanghai-office"), booking)
    li.goto(f"{stage.base}/usage/{stage.usage_of(booking)}")
    says(li, "有异议")
    decide(stage, arrive("zhejiang-office"), booking)
    li.reload()
    says(li, "已按约定的收费标准计价")
    stage.complete(booking)
    assert wallet(li, stage.base) == {
        "获得": "¥10,000.00", "可用": "¥9,699.98", "预占": "¥0.00", "已用": "¥300.02",
    }  # fmt: skip
    pay(stage, arrive, booking, "300.03")
    rate(stage, arrive, booking)
    assert stage.settle(booking) == "seamless"


def claim(stage: Stage, page: Page) -> str:
    """The enterprise applies for the year's rebate; the claim's page."""
    page.goto(f"{stage.base}/claims")
    page.get_by_role("link", name="申请 2026 年").click()
    says(page, "800.06 元 × 20% = 160.01 元")
    press(page, "申请 ¥160.01")
    says(page, "申请已提交，由两人先后审核")
    return page.url.partition("?")[0]


@pytest.mark.parametrize("area", [settling.HEFEI])
def test_a_rebate_of_anhui_that_two_people_agree_to(stage: Stage, arrive: Arrive) -> None:
    booking = stage.serve()
    stage.complete(booking)
    pay(stage, arrive, booking, "800.06")
    rate(stage, arrive, booking)
    stage.settle(booking)
    address = claim(stage, arrive("li"))
    office = arrive("anhui-office")
    office.goto(f"{stage.base}/claims")
    says(office, "¥160.01")
    office.goto(address)
    press(office, "同意 ¥160.01")
    says(office, "一审通过，等待另一人复核")
    second = arrive("anhui-second")
    second.goto(address)
    press(second, "同意 ¥160.01")
    says(second, "已核准，预算已留出")
    stage.cut("340000")
    hefei = arrive("hefei")
    hefei.goto(f"{stage.base}/staff/settlement/payments")
    hefei.get_by_role("link", name=re.compile("^pl-")).first.click()
    says(hefei, "共 ¥160.01，待付 ¥160.01")
    record(hefei, "160.01", "HUI-2026-0101")
    li = arrive("li")
    li.goto(address)
    says(li, "已支付")


EXCLUDED = {
    "related": "属于不予补助的情形：关联单位之间的服务",
    "statutory": "属于不予补助的情形：强制或法定检测",
}


@pytest.mark.parametrize("why", EXCLUDED)
def test_an_order_that_the_rules_exclude_says_why(stage: Stage, arrive: Arrive, why: str) -> None:
    li = arrive("li")
    li.goto(f"{stage.base}/instruments/{settling.INSTRUMENT}/book")
    li.get_by_label("开始时间").select_option(index=1)
    li.get_by_label("服务方向").select_option(label="科技开发")
    li.get_by_label("联系人").fill("李工")
    li.get_by_label("手机").fill("13900000001")
    if why == "related":
        li.get_by_label("是关联单位", exact=True).check()
        li.locator("#relation").select_option("affiliation")
    else:
        li.get_by_label("属于强制检测或法定检测").check()
        li.get_by_label("与管理单位不是关联单位").check()
    li.get_by_role("button", name="计算费用").click()
    expect(li.get_by_role("button", name="重新计算")).to_be_visible()
    li.locator("details.shares summary").click()
    says(li, EXCLUDED[why])
    li.get_by_role("button", name="提交预约").click()
    li.wait_for_url("**/bookings/bk-*")
    says(li, "¥100.01")
    li.locator("details.shares summary").click()
    says(li, EXCLUDED[why])
    assert wallet(li, stage.base) == {
        "获得": "¥10,000.00", "可用": "¥10,000.00", "预占": "¥0.00", "已用": "¥0.00",
    }  # fmt: skip
