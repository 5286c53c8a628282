"""Takes the pictures of `docs/screens`: `python -m tests.browser.screens`.

A demo is started for it, harvested and played in: a province breaks, an enterprise books. Every picture has at most 256
colours and 300 KB, or the command fails.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from hub.cli.demo_people import PASSWORD
from tests.browser import chromium, crossing
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.e2e.demo import Demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
LIMIT = 300_000
TALL = (1440, 1500)
EMPTIED = "430000"
ENTERPRISE, STATION = "jiaxing-member", f"station-{crossing.GUIZHOU}"
CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file, the page (a name in capitals stands for an address found on the way), what happens before."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    theme: str = "light"
    language: str = "zh-CN"
    reader: str = ""
    act: Callable[[Page], object] | None = None


def type_pinyin(page: Page) -> None:
    """The beginning of a search, with suggestions open."""
    page.locator("#q").press_sequentially("smdj", delay=60)
    page.wait_for_selector("#suggestions [role=option]")


def ask_release(page: Page) -> None:
    """The question before held deletions are released."""
    page.locator("[data-dialog^=release-]").first.click()


SHOTS = (
    Shot("01-home", "/", TALL),
    Shot("02-home-dark", "/?p=420000", TALL, "dark"),
    Shot("03-home-english", "/?p=310000#map", language="en-GB"),
    Shot("04-suggestions", "/", (1440, 700), act=type_pinyin),
    Shot("05-search", "/search?q=smdj&province=310000&province=420000", (1440, 1100)),
    Shot("06-search-fee", "/search?q=XRD&sort=fee&unit=sample&quantity=3&open=any", (1440, 1000), "dark"),
    Shot("07-instrument", "INSTRUMENT", (1440, 1200)),
    Shot("08-station", "/stations/420000", (1440, 1000)),
    Shot("09-province", f"/provinces/{EMPTIED}", (1440, 1200)),
    Shot("10-statistics", "/statistics", (1440, 1200)),
    Shot("11-upload", "/staff/upload", reader="admin"),
    Shot("12-held-deletions", "/staff/deletions", reader="admin", act=ask_release),
    Shot("13-quarantine", "/staff/quarantine", reader="admin"),
    Shot("14-phone-home", "/#map", PHONE),
    Shot("15-phone-search", "/search?q=smdj", PHONE),
    Shot("16-phone-instrument", "INSTRUMENT", PHONE, "dark"),
    Shot("17-book", "FORM", (1440, 1300), reader=ENTERPRISE, act=crossing.fill),
    Shot("18-booking", "BOOKING", (1440, 1000), reader=ENTERPRISE),
    Shot("19-queue", "/bookings?view=queue", reader=STATION),
    Shot("20-board", "BOARD", reader=STATION),
    Shot("21-station-desk", "/staff", reader=STATION),
    Shot("22-phone-booking", "BOOKING", PHONE, "dark", reader=ENTERPRISE),
)


def prepare(browser: Browser, demo: Demo) -> dict[str, str]:
    """Break a province, book in 上海 and in 贵州; the addresses that the pictures need."""
    demo.break_province(EMPTIED, {"nothing": True})
    visitor = Visitor(browser, demo.url)
    try:
        page = visitor.go("/search?q=SEM&cma=true&cnas=true")
        places = {"INSTRUMENT": re.findall(r"/instruments/[0-9]{2}-[a-z2-7]{12}", page.content())[0]}
        crossing.enter(page, demo.url, ENTERPRISE)
        for _ in range(3):
            _, _, at = book(visitor, crossing.GUIZHOU)
        places["BOARD"] = f"/staff/board?day={at:%Y-%m-%d}&show=busy"
        places["FORM"], places["BOOKING"], _ = book(visitor, crossing.SHANGHAI)
        # The simulated platform's staff take some seconds.
        page.wait_for_timeout(12_000)
        return places
    finally:
        visitor.close()


def book(visitor: Visitor, province: str) -> tuple[str, str, datetime]:
    """Book the first instrument of a province that its rules let an enterprise use itself; form, booking and time."""
    page = visitor.go(f"/search?province={province}&q=扫描电镜&mode=machine_time")
    found = list(dict.fromkeys(re.findall(r"/instruments/[0-9]{2}-[a-z2-7]{12}", page.content())))
    for address in found[:CANDIDATES]:
        visitor.go(address)
        page.wait_for_timeout(2_000)  # a look has the platform's calendar read
        visitor.go(f"{address}/book")
        if "目前还不能预约" in page.inner_text("main") or not page.get_by_label("自主上机").count():
            continue
        at = crossing.fill(page)
        if page.get_by_role("button", name="提交预约").is_visible():
            return f"{address}/book", f"/bookings/{crossing.submit(page)}", at
    raise RuntimeError(f"nothing to book in {province}")


def take(browser: Browser, base: str, shot: Shot, places: dict[str, str]) -> int:
    """Take one picture; its bytes."""
    visitor = Visitor(browser, base, size=shot.size, theme=shot.theme, language=shot.language)
    try:
        if shot.reader:
            visitor.sign_in(shot.reader, PASSWORD)
        page = visitor.go_live(places.get(shot.path, shot.path))
        page.wait_for_timeout(400)
        if shot.act is not None:
            shot.act(page)
            page.wait_for_timeout(200)
        expect(page.locator("h1")).to_be_visible()
        target = FOLDER / f"{shot.name}.png"
        visitor.picture(target)
        return target.stat().st_size
    finally:
        visitor.close()


def main() -> int:
    """The command; 1 when a picture is larger than 300 KB."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_large = []
    with tempfile.TemporaryDirectory() as folder, chromium.started() as browser:
        demo = Demo(Path(folder) / "home")
        try:
            demo.fill()
            places = prepare(browser, demo)
            for shot in SHOTS:
                size = take(browser, demo.url, shot, places)
                print(f"{shot.name:24s} {size / 1000:6.0f} KB", file=sys.stderr)
                if size > LIMIT:
                    too_large.append(shot.name)
        finally:
            demo.stop()
    if too_large:
        print(f"larger than {LIMIT // 1000} KB: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
