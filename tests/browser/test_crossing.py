"""A booking across provinces, played by everybody in it: by 上海, which answers on its own platform, and by 贵州, in the portal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.core.clock import SHANGHAI as BEIJING
from tests.browser import crossing
from tests.browser.chromium import Visitor
from tests.browser.crossing import GUIZHOU, SHANGHAI, Crossing, enter, fill, find, reads, submit

pytestmark = pytest.mark.browser

Arrive = Callable[[str], Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossing]:
    with crossing.opened(tmp_path_factory.mktemp("crossing")) as running:
        yield running


@pytest.fixture
def arrive(browser: Browser, hub: Crossing) -> Iterator[Arrive]:
    """Opens a window for somebody who signs in; at the end none of their pages may have complained."""
    made: list[Visitor] = []

    def come(username: str, **wishes: Any) -> Page:
        visitor = Visitor(browser, hub.base, **wishes)
        made.append(visitor)
        visitor.page.set_default_timeout(10_000)
        enter(visitor.page, hub.base, username)
        return visitor.page

    yield come
    faults = [fault for visitor in made for fault in visitor.faults]
    for visitor in made:
        visitor.close()
    assert faults == []


def take_from_queue(page: Page, base: str, name: str) -> None:
    """From the desk to the one booking that waits."""
    page.goto(f"{base}/staff")
    page.get_by_role("link", name="1 项预约待办理").click()
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url("**/bookings/bk-*")


def give(page: Page, command: str) -> None:
    """Give a command by its button, and confirm it where the page asks for more first."""
    summary = page.locator("details.command summary").filter(has_text=re.compile(f"^{command}$"))
    if summary.count():
        summary.click()
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^(确认：)?{command}$")).click()
    expect(page.locator(".notice.ok")).to_be_visible()


def download(page: Page) -> bytes:
    """The report, as the browser keeps it."""
    with page.expect_download() as got:
        page.get_by_role("button", name="下载").click()
    return got.value.path().read_bytes()


def complete_and_rate(page: Page) -> None:
    """The enterprise's last two steps."""
    give(page, "确认完成")
    page.get_by_label("5 星").check()
    page.get_by_label("评语").fill("当天出结果")
    page.get_by_role("button", name="保存评价").click()
    reads(page, "评价已保存")
    reads(page, "当天出结果")


def test_from_jiaxing_to_shanghai_and_back(hub: Crossing, arrive: Arrive) -> None:
    """上海 receives the booking on its own platform, serves it there, and says so by signed callbacks."""
    hub.read_calendars()
    name = hub.instrument(SHANGHAI).name
    enterprise = arrive("jiaxing-member")
    find(enterprise, hub.base, SHANGHAI, name)
    start = fill(enterprise)
    reads(enterprise, "合计")
    booking = submit(enterprise)
    reads(enterprise, "正在送往服务驿站")
    hub.forward()
    hub.forward()
    [order] = hub.desk.under(booking)
    assert order.period is not None
    assert order.period.start == start
    enterprise.reload()
    reads(enterprise, "等待答复")
    take_from_queue(arrive("station-310000"), hub.base, name)

    hub.desk.accept(order.number)
    hub.call_back()
    enterprise.reload()
    reads(enterprise, "服务方已受理")
    hub.clock.now = order.period.start
    hub.desk.begin(order.number)
    hub.call_back()
    enterprise = arrive("jiaxing-member")  # days have passed, the session is over
    enterprise.goto(f"{hub.base}/bookings/{booking}")
    reads(enterprise, "正在服务")
    hub.clock.now = order.period.end
    hub.desk.finish(order.number)
    hub.desk.deliver_report(order.number)
    hub.call_back()
    enterprise.reload()
    reads(enterprise, "报告已交付")
    assert order.number.encode() in download(enterprise)
    complete_and_rate(enterprise)
    for step in ("提交", "受理", "上机登记", "下机登记", "交付报告", "确认完成"):
        reads(enterprise, step)


def test_guizhou_works_in_the_portal(hub: Crossing, arrive: Arrive, tmp_path: Path) -> None:
    """No interface: the station finds the booking in its queue and dispatches it; the institution serves and delivers."""
    instrument = hub.instrument(GUIZHOU)
    owner, name = hub.put_owner(GUIZHOU, instrument), instrument.name
    enterprise = arrive("jiaxing-member")
    find(enterprise, hub.base, GUIZHOU, name)
    start = fill(enterprise)
    booking = submit(enterprise)
    assert hub.sent(booking) == 0
    reads(enterprise, "等待答复")
    station = arrive(f"station-{GUIZHOU}")
    take_from_queue(station, hub.base, name)
    give(station, "派给管理单位")
    institution = arrive(owner)
    take_from_queue(institution, hub.base, name)
    give(institution, "受理")
    enterprise.reload()
    reads(enterprise, "服务方已受理")

    hub.clock.now = start
    institution, enterprise = arrive(owner), arrive("jiaxing-member")
    for page in (institution, enterprise):
        page.goto(f"{hub.base}/bookings/{booking}")
    give(institution, "上机登记")
    summary = institution.locator("details.command summary", has_text="下机登记")
    summary.click()
    began = institution.get_by_label("实际开始").first.input_value()
    assert datetime.fromisoformat(began).replace(tzinfo=BEIJING) == start
    summary.click()
    give(institution, "下机登记")
    file = tmp_path / "检测报告.pdf"
    file.write_bytes(b"%PDF-1.7 synthetic")
    institution.set_input_files("input[name=file]", file)
    institution.get_by_role("button", name="上传报告").click()
    reads(institution, "报告已上传")
    give(institution, "交付报告")
    enterprise.reload()
    assert download(enterprise) == b"%PDF-1.7 synthetic"
    complete_and_rate(enterprise)
    institution.reload()
    reads(institution, "当天出结果")
