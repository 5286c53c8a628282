"""People in a real Chromium: switching what one acts as by keyboard, an invitation from link to membership, pages of offices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hub.cli import demo_people
from hub.core.clock import utc_now
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def _people(portal: Portal) -> None:
    demo_people.put_offices(portal.runtime.database, demo_people.belt(), clock=utc_now)


def enter(visitor: Visitor, username: str) -> None:
    visitor.go("/sign-in")
    visitor.page.fill("#username", username)
    visitor.page.fill("#password", demo_people.PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_switching_by_keyboard(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size=size)
    enter(visitor, "jiaxing-manager")
    page = visitor.go("/organisation")
    expect(page.locator("h1")).to_contain_text("嘉兴秀洲")
    page.locator(".acting summary").focus()
    page.keyboard.press("Enter")
    assert visitor.overflow() <= 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    visitor.go("/organisation")
    expect(page.locator("h1")).to_contain_text("湖州吴兴")
    expect(page.get_by_role("button", name="生成邀请链接")).to_have_count(0)
    page.locator(".acting summary").click()
    page.get_by_role("button", name="切换为").click()
    page.wait_for_url("**/account")


def test_an_invitation_from_link_to_membership(visit: Visit) -> None:
    manager, guest = visit(), visit(size=PHONE)
    enter(manager, "huzhou-manager")
    page = manager.go("/organisation")
    page.fill("#note", "新同事")
    page.get_by_role("button", name="生成邀请链接").click()
    path = page.input_value("#link").partition("/invitations/")[2]
    joining = guest.go(f"/invitations/{path}")
    expect(joining.locator("main")).to_contain_text("湖州吴兴")
    assert guest.violations() == []
    joining.fill("#name", "新同事（合成）")
    joining.fill("#username", "new-colleague")
    joining.fill("#password", demo_people.PASSWORD)
    joining.get_by_role("button", name="新建账户并接受").click()
    joining.wait_for_url("**/sign-in?next=/account")
    enter(guest, "new-colleague")
    expect(guest.page.locator("main")).to_contain_text("企业成员 · 湖州吴兴")
    manager.go("/organisation")
    expect(page.locator("#members")).to_contain_text("新同事（合成）")
    # the browser itself reports that the used link is gone
    guest.go(f"/invitations/{path}")
    expect(joining.locator("main")).to_contain_text("已使用")
    guest.faults = [fault for fault in guest.faults if "410" not in fault]


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("jiaxing-manager", ("/account", "/organisation")),
        ("bureau-3304", ("/staff", "/staff/cases")),
        ("auditor", ("/staff", "/staff/audit", "/staff/cases")),
        ("station-310000", ("/staff", "/account")),
    ],
)
def test_pages_of_every_role(
    visit: Visit, username: str, paths: tuple[str, ...], size: tuple[int, int], theme: str
) -> None:
    visitor = visit(size=size, theme=theme)
    enter(visitor, username)
    for path in paths:
        visitor.go(path)
        assert visitor.overflow() <= 0, path
        assert visitor.violations() == [], path


def test_setting_up_a_second_factor(visit: Visit) -> None:
    visitor = visit()
    enter(visitor, "jiaxing-member")
    page = visitor.go("/account")
    page.get_by_role("button", name="启用动态验证码").click()
    expect(page.locator(".qr svg")).to_be_visible()
    assert visitor.violations() == []
