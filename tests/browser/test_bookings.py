"""Bookings in a real Chromium: the queue by keyboard, a check-in in two taps on a phone, forms that outlive a broken line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from hub.bookings.service import forwarding
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal
from tests.station_portal import world
from tests.station_portal.booking_stage import Cast, put_cast
from tests.station_portal.conftest import PASSWORD, browser_of, build
from tests.station_portal.test_bookings import Stage, enter, give, submitted

pytestmark = pytest.mark.browser


@dataclass
class Desk:
    """A running portal with bookings: one accepted, one with a proposed time, four that wait for the station: tests
    come in any order, and three of these are answered."""

    portal: Portal
    cast: Cast
    accepted: str
    proposed: str
    waiting: list[str]


def prepared(home: Path) -> Desk:
    """The small world with its bookings, not yet served."""
    runtime = build(home)
    cast = put_cast(runtime)
    with ExitStack() as stack:
        li, station = (stack.enter_context(browser_of(runtime)) for _ in range(2))
        enter(li, "li")
        enter(station, "station")
        stage = Stage(runtime, li, station, li, cast.instrument_id, cast.closed_id)
        pages = [submitted(stage) for _ in range(6)]
        while forwarding.forward_next(runtime, world.MANY):
            pass
        give(station, pages[0], "accept")
        give(
            station,
            pages[1],
            "propose",
            start="2026-01-20T09:00",
            end="2026-01-20T11:00",
            text="改到周二可否？",
        )
    return Desk(Portal(runtime), cast, pages[0], pages[1], pages[2:])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    # In a thread of its own: the driver of the browser keeps an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(prepared, tmp_path_factory.mktemp("bookings")).result()
    held.portal.start()
    yield held
    held.portal.stop()


@pytest.fixture
def portal(desk: Desk) -> Portal:
    """The visitors of this file come to the portal with bookings."""
    return desk.portal


def arrive(visit: Callable[..., Visitor], name: str, **wishes: object) -> Visitor:
    visitor = visit(**wishes)
    visitor.go("/sign-in")
    visitor.page.fill("#username", name)
    visitor.page.fill("#password", PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: "/sign-in" not in url)
    return visitor


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_violations_or_overflows(
    visit: Callable[..., Visitor], desk: Desk, size: tuple[int, int], theme: str
) -> None:
    enterprise, instrument = desk.cast.enterprise_id, desk.cast.instrument_id
    pages = {
        "li": ["/bookings", desk.proposed, f"{desk.accepted}/labels", f"/instruments/{instrument}/book",
               f"/instruments/{desk.cast.closed_id}/book", "/wishes", "/account/calendar"],
        "station": ["/bookings?view=queue", desk.waiting[-1], desk.accepted, "/staff/counter?who=嘉兴",
                    f"/staff/counter?enterprise={enterprise}&q=质谱", f"/staff/counter/{instrument}?enterprise={enterprise}"],
    }  # fmt: skip
    for name, addresses in pages.items():
        visitor = arrive(visit, name, size=size, theme=theme)
        for address in addresses:
            page = visitor.go(address)
            for summary in page.locator("main details > summary:visible").all():
                summary.click()
            assert (address, visitor.violations()) == (address, [])
            assert (address, max(visitor.overflow(), 0)) == (address, 0)


def test_the_queue_is_worked_by_keyboard_alone(visit: Callable[..., Visitor], desk: Desk) -> None:
    visitor = arrive(visit, "station")
    page = visitor.go("/bookings?view=queue&state=forwarded")
    waiting = page.locator("input[name=pick]").count()
    assert waiting >= 3
    page.get_by_label("全选本页").check()
    expect(page.locator("[data-picked]")).to_have_text(f"已选 {waiting} 项")
    page.get_by_label("全选本页").uncheck()
    page.locator("h1").click()
    press(page, "?")
    expect(page.locator("[data-keys]")).to_have_attribute("open", "")
    press(page, "j", "j", "k", "x", "j", "x")
    expect(page.locator("[data-picked]")).to_have_text("已选 2 项")
    press(page, "a")
    expect(page.locator("[data-accept]")).to_be_focused()
    assert page.url.endswith("state=forwarded")  # one key alone does nothing
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text("2 项已办理，0 项未办理")
    page.go_back()
    page.locator("[data-keys] summary").click()
    page.get_by_label("关闭单键操作").check()
    page.locator("h1").click()
    press(page, "j")
    assert page.locator("[data-current]").count() == 0
    page.get_by_label("关闭单键操作").uncheck()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_check_in_takes_two_taps_on_a_phone(visit: Callable[..., Visitor], desk: Desk) -> None:
    visitor = arrive(visit, "station", size=PHONE)
    number = visitor.go(desk.accepted).locator(".under span").first.inner_text()
    page = visitor.go(f"/b/{number}")  # what the code on a label says: the first tap
    button = page.get_by_role("button", name="上机登记")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= PHONE[1]  # in sight without scrolling
    with page.expect_navigation():
        button.click()
    expect(page.locator(".notice.ok")).to_contain_text("已登记上机")
    expect(page.locator(".turn")).to_contain_text("登记下机")


def test_a_proposed_time_is_agreed_to_in_one_click(visit: Callable[..., Visitor], desk: Desk) -> None:
    page = arrive(visit, "li", size=PHONE).go(desk.proposed)
    with page.expect_navigation():
        page.get_by_role("button", name="同意改约", exact=True).click()
    expect(page.locator(".notice.ok")).to_contain_text("已同意改约")


def test_a_form_outlives_a_broken_line_and_goes_with_the_reader(
    visit: Callable[..., Visitor], desk: Desk
) -> None:
    visitor = arrive(visit, "li")
    page = visitor.go(desk.accepted)
    page.get_by_label("写给对方").fill("样品周四寄出")
    page.route("**/notes", lambda route: route.abort())
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-kept-notice]")).to_contain_text("连接中断")
    page.reload()
    expect(page.locator("[data-kept-notice]")).to_contain_text("已恢复")
    expect(page.get_by_label("写给对方")).to_have_value("样品周四寄出")
    page.unroute("**/notes")
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        """The hub gets it and says so; nobody hears."""
        lost.append(route.fetch(max_redirects=0).headers["location"])
        route.abort()

    page.route("**/notes", lose_the_answer, times=1)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-kept-notice]")).to_contain_text("连接中断")
    with page.expect_navigation():
        page.get_by_role("button", name="发送").click()
    assert len(lost) == 1
    expect(page.locator(".thread li")).to_have_count(1)  # sent twice, said once
    expect(page.get_by_label("写给对方")).to_have_value("")
    page.get_by_label("写给对方").fill("还有一句")
    page.locator(".acting summary").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(lambda url: "/bookings/" not in url)
    assert page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('kept:'))") == []
    visitor.faults[:] = [fault for fault in visitor.faults if "ERR_FAILED" not in fault]


def test_the_form_shows_what_the_mode_needs_and_comes_back(visit: Callable[..., Visitor], desk: Desk) -> None:
    visitor = arrive(visit, "li")
    page = visitor.go(f"/instruments/{desk.cast.instrument_id}/book")
    expect(page.get_by_label("开始时间")).to_be_visible()
    page.get_by_label(re.compile("^委托检测")).check()
    expect(page.get_by_label("开始时间")).to_be_hidden()
    page.get_by_label("样品名称").first.fill("镍基合金")
    page.get_by_label(re.compile("^技术咨询")).check()
    expect(page.get_by_label("样品名称").first).to_be_hidden()
    expect(page.get_by_role("button", name="提交咨询")).to_be_visible()
    expect(page.get_by_role("button", name="计算费用")).to_be_hidden()
    page.get_by_label(re.compile("^委托检测")).check()
    page.reload()
    expect(page.get_by_label("样品名称").first).to_have_value("镍基合金")
    expect(page.get_by_label(re.compile("^委托检测"))).to_be_checked()
    page.locator("[data-kept-notice]").get_by_role("button", name="清除").click()
    expect(page.get_by_label("样品名称").first).to_have_value("")


def test_without_scripts_everything_is_there(visit: Callable[..., Visitor], desk: Desk) -> None:
    visitor = arrive(visit, "station", scripts=False)
    page = visitor.go("/bookings?view=queue&state=forwarded")
    page.locator("input[name=pick]").first.check()
    page.locator("[data-refuse] summary").click()
    page.locator("#reason").select_option("instrument_down")
    page.get_by_role("button", name="确认：不受理所选").click()
    expect(page.locator("main")).to_contain_text("1 项已办理，0 项未办理")


def test_labels_print_without_the_page_around_them(
    visit: Callable[..., Visitor], desk: Desk, tmp_path: Path
) -> None:
    visitor = arrive(visit, "li")
    page = visitor.go(f"{desk.accepted}/labels")
    page.emulate_media(media="print")
    expect(page.locator(".sticker").first).to_be_visible()
    for outside in (".top", ".crumbs", "[data-print]"):
        expect(page.locator(outside).first).to_be_hidden()
