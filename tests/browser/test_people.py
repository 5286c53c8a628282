"""People in a real Chromium: switching what one acts as by keyboard, an invitation from link to membership, pages of offices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hub.cli import demo_people
from hub.identity import queries
from hub.identity import service as identity
from hub.identity.models import Person
from hub.identity.rules.enterprises import Claim
from hub.identity.service import cases, enterprises, platforms
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal
from tests.second_factor import code_at
from tests.station_portal.conftest import PASSWORD

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module", autouse=True)
def _people(portal: Portal) -> None:
    """The demo's people, on the portal's clock; a new administrator without a second factor; something to decide."""
    runtime = portal.runtime
    demo_people.put_offices(runtime.database, demo_people.belt(), clock=runtime.clock)
    now = runtime.clock()
    with runtime.database.write() as session:
        identity.put_account(session, "newcomer", PASSWORD, role="hub_admin", actor="t", now=now)
        account = queries.account_named(session, "unverified-manager")
        assert account is not None
        person = session.get_one(Person, account.person_id)
        name, code, _ = demo_people.UNVERIFIED
        claim = Claim(code, name, "330402", "南湖区合成路 9 号", authorised=True)
        case = enterprises.request_verification(session, person, claim, now=now)
        cases.add_document(session, case, "营业执照.pdf", b"%PDF-1.7", now=now)
        platforms.invite_platform(session, "310000", name="上海大仪网（合成）", actor="t", now=now)


def enter(visitor: Visitor, username: str, password: str = demo_people.PASSWORD) -> None:
    visitor.go("/sign-in")
    visitor.page.fill("#username", username)
    visitor.page.fill("#password", password)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def check(visitor: Visitor) -> None:
    """The present page fits its window, and axe finds nothing."""
    assert visitor.overflow() <= 0, visitor.page.url
    assert visitor.violations() == [], visitor.page.url


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
        ("huzhou-manager", ("/enterprise/claim",)),
        ("admin", ("/staff/people", "/staff/platforms", "/staff/audit")),
    ],
)
def test_pages_of_every_role(
    visit: Visit, username: str, paths: tuple[str, ...], size: tuple[int, int], theme: str
) -> None:
    visitor = visit(size=size, theme=theme)
    enter(visitor, username, PASSWORD if username == "admin" else demo_people.PASSWORD)
    for path in paths:
        visitor.go(path)
        check(visitor)


def test_a_request_with_something_wrong_keeps_what_was_typed(visit: Visit) -> None:
    visitor = visit(size=PHONE)
    enter(visitor, "huzhou-manager")
    page = visitor.go("/enterprise/claim")
    page.fill("#credit_code", "91330400MA2026777X")
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.locator("main form button").first.click()
    expect(page.locator("#errors")).to_be_visible()
    assert page.input_value("#credit_code") == "91330400MA2026777X"
    check(visitor)
    visitor.faults = [fault for fault in visitor.faults if "422" not in fault]


def test_setting_up_a_second_factor(visit: Visit) -> None:
    """From the account: the QR code, or a link to the app on the same phone."""
    visitor = visit(size=PHONE, theme="dark")
    enter(visitor, "jiaxing-member")
    page = visitor.go("/account")
    page.get_by_role("button", name="启用动态验证码").click()
    expect(page.locator(".qr svg")).to_be_visible()
    link = page.get_by_role("link", name="在本机的验证器应用中打开").get_attribute("href") or ""
    assert link.startswith("otpauth://totp/")
    check(visitor)


def test_the_first_sign_in_of_staff(visit: Visit, portal: Portal) -> None:
    """Password, second factor, recovery codes, workspace: all by keyboard."""
    visitor = visit()
    enter(visitor, "newcomer", PASSWORD)
    page = visitor.page
    expect(page.locator(".qr svg")).to_be_visible()
    check(visitor)
    secret = page.locator(".qr code").inner_text().replace(" ", "")
    page.keyboard.type(code_at(portal.runtime.clock(), secret))
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    check(visitor)
    page.get_by_role("link", name="我已保存，继续").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff")
