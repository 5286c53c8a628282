"""Takes the pictures of `docs/screens`: `python -m tests.browser.screens [--base URL --password …]`.

Without `--base` the small synthetic world is served; with it a running demo is photographed, signed in as its
administrator. Every picture has at most 256 colours and 300 KB, or the command fails.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal
from tests.station_portal.conftest import PASSWORD, build

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
LIMIT = 300_000
TALL = (1440, 1500)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file, the page, and what happens before it is taken."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    theme: str = "light"
    language: str = "zh-CN"
    is_staff: bool = False
    act: Callable[[Page], None] | None = None


def type_pinyin(page: Page) -> None:
    """The beginning of a search, with suggestions open."""
    page.locator("#q").press_sequentially("smdj", delay=60)
    page.wait_for_selector("#suggestions [role=option]")


def ask_release(page: Page) -> None:
    """The question before held deletions are released, when there are any."""
    links = page.locator("[data-dialog^=release-]")
    if links.count():
        links.first.click()


SHOTS = (
    Shot("01-home", "/", TALL),
    Shot("02-home-dark", "/?p=420000", TALL, "dark"),
    Shot("03-home-english", "/?p=310000#map", language="en-GB"),
    Shot("04-suggestions", "/", (1440, 700), act=type_pinyin),
    Shot("05-search", "/search?q=smdj&province=310000&province=420000", (1440, 1100)),
    Shot("06-search-fee", "/search?q=XRD&sort=fee&unit=sample&quantity=3&open=any", (1440, 1000), "dark"),
    Shot("07-instrument", "INSTRUMENT", (1440, 1200)),
    Shot("08-station", "/stations/420000", (1440, 1000)),
    Shot("09-province", "TROUBLED", (1440, 1200)),
    Shot("10-statistics", "/statistics", (1440, 1200)),
    Shot("11-upload", "/staff/upload", is_staff=True),
    Shot("12-held-deletions", "/staff/deletions", is_staff=True, act=ask_release),
    Shot("13-quarantine", "/staff/quarantine", is_staff=True),
    Shot("14-phone-home", "/#map", PHONE),
    Shot("15-phone-search", "/search?q=smdj", PHONE),
    Shot("16-phone-instrument", "INSTRUMENT", PHONE, "dark"),
)


def take(browser: Browser, base: str, shot: Shot, password: str) -> int:
    """Take one picture; its bytes."""
    visitor = Visitor(browser, base, size=shot.size, theme=shot.theme, language=shot.language)
    try:
        if shot.is_staff:
            visitor.sign_in("admin", password)
        page = visitor.go_live(address(visitor, shot.path))
        page.wait_for_timeout(400)
        if shot.act is not None:
            shot.act(page)
            page.wait_for_timeout(200)
        target = FOLDER / f"{shot.name}.png"
        visitor.picture(target)
        return target.stat().st_size
    finally:
        visitor.close()


def address(visitor: Visitor, path: str) -> str:
    """The path itself, or the first instrument with certified services, or a province whose data are cached."""
    if path == "INSTRUMENT":
        page = visitor.go("/search?q=SEM&cma=true&cnas=true").content()
        found = re.findall(r"/instruments/[0-9]{2}-[a-z2-7]{12}", page)
        return found[0] if found else "/search"
    if path == "TROUBLED":
        rows = visitor.go("/provinces").locator("tbody tr", has=visitor.page.locator(".badge.bad"))
        link = rows.first.locator("th a").get_attribute("href") if rows.count() else None
        return link or "/provinces/420000"
    return path


@contextmanager
def served() -> Iterator[str]:
    """The small world, served."""
    with tempfile.TemporaryDirectory() as folder:
        portal = Portal(build(Path(folder)))
        portal.start()
        try:
            yield portal.base
        finally:
            portal.stop()


def photograph(base: str, password: str) -> list[str]:
    """All pictures; names of those that are too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_large = []
    with chromium.started() as browser:
        for shot in SHOTS:
            size = take(browser, base, shot, password)
            print(f"{shot.name:24s} {size / 1000:6.0f} KB", file=sys.stderr)
            if size > LIMIT:
                too_large.append(shot.name)
    return too_large


def main() -> int:
    """The command line; 1 when a picture is larger than 300 KB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", help="address of a running demo, e.g. http://127.0.0.1:8000")
    parser.add_argument("--password", default=PASSWORD, help="password of its account `admin`")
    options = parser.parse_args()
    if options.base:
        too_large = photograph(options.base.rstrip("/"), options.password)
    else:
        with served() as base:
            too_large = photograph(base, options.password)
    if too_large:
        print(f"larger than {LIMIT // 1000} KB: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
