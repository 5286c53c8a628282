"""What people do on the pages, with and without scripts, with a keyboard and with an input method."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from hub.federation.models import Run
from tests.browser.chromium import PHONE, Visitor
from tests.browser.conftest import Portal
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


def asked(visitor: Visitor, path: str) -> list[str]:
    """Addresses under `path` that the page asks for from now on."""
    found: list[str] = []
    visitor.page.on("request", lambda request: found.append(request.url) if path in request.url else None)
    return found


def test_typing_pinyin_finds_at_once_and_keeps_the_cursor(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/search")
    page.locator("#q").press_sequentially("smdj", delay=60)
    page.wait_for_url("**/search?q=smdj")
    expect(page.locator("#count")).to_contain_text("smdj")
    expect(page.locator(".hit mark").first).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "q"
    page.go_back()
    page.wait_for_url("**/search")
    expect(page.locator("#count")).not_to_contain_text("smdj")


def test_ticking_a_facet_filters_and_keeps_the_focus(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/search?open=any")
    before = page.locator("#count b").inner_text()
    box = page.locator('input[name=province][value="420000"]')
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**province=420000**")
    expect(page.locator("#count b")).not_to_have_text(before)
    assert page.evaluate("document.activeElement.value") == "420000"
    expect(page.locator('input[name=province][value="420000"]')).to_be_checked()
    page.locator(".chip").first.click()
    page.wait_for_url("**/search?open=any")
    expect(page.locator('input[name=province][value="420000"]')).not_to_be_checked()
    expect(page.locator("#count b")).to_have_text(before)


def test_the_small_map_is_the_province_filter(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/search?q=XRD&open=any")
    page.locator('.facet-map a[data-code="420000"]').click()
    page.wait_for_url("**province=420000**")
    expect(page.locator('input[name=province][value="420000"]')).to_be_checked()
    expect(page.locator('.facet-map a[data-code="420000"]')).to_have_attribute("aria-current", "true")


def test_an_input_method_is_not_interrupted(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/search")
    searches = asked(visitor, "/search")
    keyboard = visitor.context.new_cdp_session(page)
    page.locator("#q").focus()
    for text in ("s", "sao", "sao'miao"):
        keyboard.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
        page.wait_for_timeout(300)
    assert searches == []
    keyboard.send("Input.insertText", {"text": "扫描"})
    expect(page.locator("#count")).to_contain_text("扫描")
    assert all("sao" not in address for address in searches)


def test_suggestions_by_keyboard(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/")
    field = page.locator("#q")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.press_sequentially("smdj", delay=40)
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    chosen = page.locator('#suggestions [aria-selected="true"]')
    expect(chosen).to_have_count(1)
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert visitor.violations() == []
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions [role=option]")).to_have_count(0)
    field.press_sequentially(" ")
    field.press("Backspace")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")


def test_the_map_by_keyboard(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator('.map-card .belt:not(.upright) a[data-code="420000"]').focus()
    walk = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        walk.append(page.evaluate("document.activeElement.dataset.code"))
    assert walk == ["340000", "330000", "360000", "420000"] or walk[0] == "340000"
    page.locator('.map-card .belt:not(.upright) a[data-code="310000"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map-panel h3")).to_have_text("上海")
    assert page.url.endswith("/")
    expect(page.locator('.belt:not(.upright) a[data-code="310000"]')).to_have_attribute(
        "aria-current", "true"
    )


def test_the_map_counts_change_with_its_filter(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/?p=420000")
    tile = page.locator('.map-card .belt:not(.upright) a[data-code="420000"] .count')
    expect(tile).to_have_text("27")
    page.locator(".map-filter input[value=any]").check(force=True)
    expect(tile).to_have_text("45")
    assert "open=any" in page.url
    expect(page.locator("#map-panel h3")).to_have_text("湖北")


def test_theme_and_language_stay_and_keep_the_page(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/search?q=smdj&province=420000")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-choice]").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.locator("#q").fill("XRD")
    page.wait_for_url("**q=XRD**")
    page.get_by_role("link", name="English").click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "q=XRD" in page.url
    assert "province=420000" in page.url
    page.goto(visitor.base + "/help")
    expect(page.locator("h1")).to_have_text("Help")


def test_everything_can_be_read_without_scripts(visit: Visit) -> None:
    visitor = visit(scripts=False)
    page = visitor.go("/")
    page.fill("#q", "smdj")
    page.click(".searchbox button")
    expect(page.locator("#count")).to_contain_text("smdj")
    page.locator('input[name=province][value="420000"]').check()
    page.locator("noscript button, aside button").last.click()
    expect(page.locator(".chip")).to_have_count(1)
    page.locator(".hit h3 a").first.click()
    expect(page.locator("#booking")).to_be_visible()
    page.goto(visitor.base + "/")
    page.locator('.belt:not(.upright) a[data-code="330000"]').click()
    expect(page.locator("#map-panel h3")).to_have_text("浙江")
    page.get_by_role("link", name="服务驿站").last.click()


def test_filters_on_a_phone_open_and_stay_open(visit: Visit) -> None:
    visitor = visit(size=PHONE)
    page = visitor.go("/search?q=smdj&open=any")
    expect(page.locator("#facets")).to_be_hidden()
    page.locator("[data-open-facets]").click()
    expect(page.locator("#facets")).to_be_visible()
    page.locator('input[name=province][value="420000"]').check()
    page.wait_for_url("**province=420000**")
    expect(page.locator("#facets")).to_be_visible()


def test_the_map_on_a_phone_is_large_enough_to_read(visit: Visit) -> None:
    visitor = visit(size=PHONE)
    page = visitor.go("/")
    expect(page.locator(".belt.upright")).to_be_visible()
    expect(page.locator(".map-card .belt:not(.upright)")).to_be_hidden()
    heights = page.locator(".belt.upright .count").evaluate_all(
        "texts => texts.map(text => text.getBoundingClientRect().height)"
    )
    assert len(heights) == 11
    assert min(heights) >= 12


def test_a_live_run_moves_and_can_be_paused(visit: Visit, portal: Portal) -> None:
    runtime = portal.runtime
    with runtime.database.write() as session:
        run = Run(
            province=world.UPLOADS, resource="survey", document_name="instrument-survey", direction="pull", trigger="schedule",
            actor="test", state="running", mapping_version="1-aaaaaaaa", owner="test", lease_until=runtime.clock() + timedelta(hours=1),
            heartbeat_at=runtime.clock(), started_at=runtime.clock() - timedelta(seconds=10), declared_total=200, received=50, created=50,
        )  # fmt: skip
        session.add(run)
        session.flush()
        run_id = run.id
    try:
        visitor = visit()
        page = visitor.go_live(f"/provinces/{world.UPLOADS}")
        bar = page.locator("#live-runs progress")
        assert bar.evaluate("bar => bar.value / bar.max") == 0.25
        assert visitor.violations() == []
        _advance(portal, run_id, received=150)
        expect(page.locator("#live-runs")).to_contain_text("150 / 200", timeout=6000)
        assert bar.evaluate("bar => bar.value / bar.max") == 0.75
        page.locator("[data-pause]").click()
        expect(page.locator("[data-pause]")).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(300)
        still = asked(visitor, "/live")
        page.wait_for_timeout(2600)
        assert still == []
        page.locator("[data-pause]").click()
        _advance(
            portal, run_id, received=200, state="finished", verdict="complete", finished_at=runtime.clock()
        )
        expect(page.locator("#live-runs")).to_contain_text("当前没有进行中的同步", timeout=6000)
    finally:
        _advance(portal, run_id, state="finished", verdict="complete", finished_at=runtime.clock())


def _advance(portal: Portal, run_id: int, **values: object) -> None:
    with portal.runtime.database.write() as session:
        session.execute(update(Run).where(Run.id == run_id).values(**values))


def test_a_dangerous_step_is_confirmed_by_its_name(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin", PASSWORD)
    page = visitor.go("/staff/deletions")
    link = page.locator("[data-dialog^=release-]").first
    link.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("放行删除“湖南")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert "confirm=" not in page.url
    link.click()
    dialog.get_by_role("link", name="取消").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_upload_shows_what_is_wrong_in_place(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.sign_in(f"staff-{world.UPLOADS}", PASSWORD)
    page = visitor.go("/staff/upload")
    empty = tmp_path / "空.xlsx"
    empty.write_bytes(b"")
    page.set_input_files("#file", empty)
    page.locator("form[data-upload] button").click()
    expect(page.locator("#errors")).to_contain_text("文件是空的")
    assert page.title().startswith("错误：")
    good = tmp_path / "十二月.xlsx"
    good.write_text('{"unit":"U1","number":"N1","name":"合成仪器","yuan":900000}\n')
    page.set_input_files("#file", good)
    page.locator("form[data-upload] button").click()
    page.wait_for_url("**told=received**")
    expect(page.locator("main")).to_contain_text("十二月.xlsx")
    # The browser itself reports a form that was answered 422.
    visitor.faults = [fault for fault in visitor.faults if "422" not in fault]


def test_signing_out_ends_the_session(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin", PASSWORD)
    visitor.page.locator(".acting summary").click()
    visitor.page.get_by_role("button", name="退出").click()
    visitor.page.wait_for_url(re.compile(r"/$"))
    visitor.go("/staff")
    assert "/sign-in" in visitor.page.url
