"""Keeping availability in a real Chromium: the board by keyboard and on a phone, forms, a dropped file, axe in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.availability.service import Reservation
from hub.catalog import queries as catalog
from hub.cli import demo_people
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.identity import queries as people
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal
from tests.station_portal import world

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
PROVINCE = world.MANY


@dataclass(frozen=True)
class Scene:
    """An institution with a full Tuesday: its first instrument is booked, reserved elsewhere, closed and in conflict."""

    instrument_id: str
    institution_id: str
    day: str


@pytest.fixture(scope="module")
def scene(portal: Portal) -> Scene:
    return set_scene(portal.runtime)


def set_scene(runtime: Runtime) -> Scene:
    """Fill the day after the world's today."""
    demo_people.put_offices(runtime.database, [PROVINCE], clock=runtime.clock)
    demo_people.put_institutions(runtime.database, [PROVINCE], clock=runtime.clock)
    now = runtime.clock()
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0) + timedelta(days=1)

    def slot(begin: float, end: float) -> Slot:
        return Slot(midnight + timedelta(hours=begin), midnight + timedelta(hours=end))

    with runtime.database.write() as session:
        account = people.account_named(session, f"institution-{PROVINCE}")
        assert account is not None
        unit = people.grants_of(session, account.person_id)[0].party_id or ""
        ids = [held.id for held in catalog.instruments(session, institution_id=unit, limit=3)]
        _book(session, ids[0], slot(9, 10.5), "a", now)
        _book(session, ids[1], slot(14, 17), "b", now)
        for source, key, time, label in (
            ("local", "x", slot(10, 11), "课题组"),
            ("platform", "y", slot(14, 15.5), None),
            ("local", "z", slot(16, 17), "教学"),
        ):
            one = Reservation(key, time, label)
            availability.put_reservations(session, ids[0], [one], source=source, actor="test", now=now)
        shut = slot(13, 14)
        document = {
            "start": shut.start.isoformat(),
            "end": shut.end.isoformat(),
            "reason": "maintenance",
            "repeat_weeks": 1,
        }
        availability.close(session, ids[0], document, actor="test", now=now, instrument_ids=[ids[0]])
        if not queries.rules_versions(session, ids[1]):
            document = dict(queries.booking_rules(session, ids[1], now=now).document)
            availability.keep_rules(session, ids[1], document, actor="account:test", now=now)
    return Scene(ids[0], unit, f"{midnight:%Y-%m-%d}")


def _book(session: Session, instrument_id: str, slot: Slot, letter: str, now: datetime) -> None:
    claim_id = "bk-" + letter * 26
    until = now + timedelta(days=2)
    availability.claim(session, instrument_id, slot, claim_id=claim_id, until=until, now=now, is_staff=True)
    availability.confirm(session, claim_id, now=now)


def enter(visitor: Visitor, username: str) -> None:
    visitor.sign_in(username, demo_people.PASSWORD)


def pages(scene: Scene) -> dict[str, str]:
    """The pages by name."""
    mine = f"/staff/instruments/{scene.instrument_id}"
    return {
        "board-day": f"/staff/board?view=day&day={scene.day}&show=all",
        "board-week": f"/staff/board?view=week&day={scene.day}&show=all",
        "board-one": f"/staff/board?instrument={scene.instrument_id}&day={scene.day}",
        "rules": f"{mine}/rules",
        "tariff": f"{mine}/tariff",
        "closures": f"{mine}/closures",
        "reservations": f"{mine}/reservations",
        "unit": f"/staff/institutions/{scene.institution_id}/reservations",
        "trainings": f"/staff/institutions/{scene.institution_id}/trainings",
        "conflicts": "/staff/conflicts",
    }


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")])
def test_pages_are_sound_in_both_themes(
    visit: Visit, scene: Scene, size: tuple[int, int], theme: str
) -> None:
    visitor = visit(size=size, theme=theme)
    enter(visitor, f"institution-{PROVINCE}")
    for name, path in pages(scene).items():
        visitor.go(path)
        assert visitor.overflow() <= 0, name
        assert visitor.violations() == [], name


def test_the_board_by_keyboard(visit: Visit, scene: Scene) -> None:
    visitor = visit()
    enter(visitor, f"operator-{PROVINCE}")
    page = visitor.go(pages(scene)["board-day"])
    free = page.locator("tbody", has=page.locator(f'a[href*="{scene.instrument_id}"]')).locator("button.free")
    free.first.focus()
    page.keyboard.press("ArrowRight")
    focused = page.evaluate("() => document.activeElement.closest('td') !== null")
    assert focused
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    free.last.focus()
    hours = free.last.locator("span").text_content() or ""
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("已标为本地占用")
    expect(page.locator(".piece.local", has_text=hours)).to_be_visible()
    assert visitor.violations() == []
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("[role=status]")).to_contain_text("已释放")
    expect(page.locator("button.free", has_text=hours).first).to_be_visible()


def test_a_wrong_form_says_so_beside_its_field(visit: Visit, scene: Scene) -> None:
    visitor = visit(size=PHONE)
    enter(visitor, f"institution-{PROVINCE}")
    page = visitor.go(pages(scene)["rules"])
    page.fill("#opening-sat", "随便")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator("#opening-sat")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#errors a")).to_have_attribute("href", "#opening-sat")
    assert visitor.violations() == []
    visitor.faults = [fault for fault in visitor.faults if "422" not in fault]


def test_a_week_is_pasted_and_kept(visit: Visit, scene: Scene) -> None:
    visitor = visit()
    enter(visitor, f"operator-{PROVINCE}")
    page = visitor.go(pages(scene)["reservations"])
    page.fill("#text", f"{scene.day} 09:30-10:00 组会\n{scene.day} 17:00-17:30 教学")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview-rows")).to_be_visible()
    expect(page.locator("tbody").first).to_contain_text("枢纽预约")
    assert visitor.violations() == []
    page.get_by_role("button", name="按预览保存").click()
    expect(page.locator("[role=status]")).to_contain_text("需要您处理")
    for label in ("组会", "教学"):
        expect(page.locator("#held + ul")).to_contain_text(label)
    page.locator("#held + ul li", has_text="组会").get_by_role("button").click()
    expect(page.locator("[role=status]")).to_contain_text("已释放")


def test_the_board_is_readable_without_scripts(visit: Visit, scene: Scene) -> None:
    visitor = visit(scripts=False, size=PHONE)
    enter(visitor, f"station-{PROVINCE}")
    page = visitor.go(pages(scene)["board-one"])
    text = page.locator("main").inner_text()
    for words in ("09:00–10:30", "平台占用", "本地占用", "停用", "空闲"):
        assert words in text
    assert re.search(r"13:00–14:00\s+停用", text)
    page.get_by_role("link", name="后一周").click()
    expect(page.locator(".board-title")).to_contain_text("2026-01-12")


def test_a_form_survives_a_broken_line(visit: Visit, scene: Scene) -> None:
    visitor = visit()
    enter(visitor, f"institution-{PROVINCE}")
    page = visitor.go(pages(scene)["tariff"])
    page.fill("#p0-outside", "888")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="试算").click()
    expect(page.locator("[data-kept-notice]")).to_contain_text("连接中断")
    visitor.context.set_offline(False)
    visitor.faults.clear()
    visitor.go(pages(scene)["tariff"])
    expect(page.locator("#p0-outside")).to_have_value("888")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("[data-answer]")).to_be_focused()
    expect(page.locator("main")).to_contain_text("¥888")
    assert visitor.violations() == []
