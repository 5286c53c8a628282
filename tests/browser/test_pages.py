"""Every page in a real Chromium: no violation of WCAG that axe-core finds, no console message, no sideways scroll."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.chromium import DESK, PHONE, Visitor
from tests.browser.conftest import Portal
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]

PUBLIC = (
    "/", "/?p=420000", "/search?q=smdj", "/search?province=420000&open=any&sort=fee&unit=sample&quantity=3",
    "/search?q=zzzzqqqq&province=420000", "INSTRUMENT", "INSTITUTION", "/stations", "/stations/420000", "/provinces",
    f"/provinces/{world.MANY}", f"/provinces/{world.EMPTIED}", f"/provinces/{world.UNREACHABLE}", "/statistics",
    "/about", "/help", "/sign-in", "/problems/run_busy",
)  # fmt: skip
STAFF = (
    "/staff",
    "/staff/upload",
    "/staff/deletions",
    "/staff/quarantine",
    "/staff/platforms",
    "/staff/cases",
    "/staff/people",
    "/staff/audit",
    "/account",
    "/enterprise/claim",
    "QUARANTINED",
    f"/provinces/{world.MANY}",
)
LOOKS = (
    pytest.param(DESK, "light", "zh-CN", id="desk-light"),
    pytest.param(DESK, "dark", "en-GB", id="desk-dark-english"),
    pytest.param(PHONE, "light", "zh-CN", id="phone-light"),
    pytest.param((320, 640), "dark", "en-GB", id="phone-small-dark-english"),
)
CHECKED_ON_PHONES = frozenset(
    {"/", "/search?q=smdj", "INSTRUMENT", "/stations/420000", f"/provinces/{world.MANY}", *STAFF}
)
"""axe-core takes a second a page: all pages at the desk, those with another layout on phones."""


def resolve(visitor: Visitor, path: str) -> str:
    """The address of the first instrument, institution or quarantined record."""
    if path in ("INSTRUMENT", "INSTITUTION"):
        page = visitor.go("/search?province=420000&open=any").content()
        kind = r"/instruments/42-[a-z2-7]{12}" if path == "INSTRUMENT" else r"/institutions/42-u-[a-z2-7]{12}"
        return re.findall(kind, page)[0]
    if path == "QUARANTINED":
        return re.findall(r"/staff/quarantine/[0-9]+", visitor.go("/staff/quarantine").content())[0]
    return path


def check(visitor: Visitor, path: str, size: tuple[int, int]) -> None:
    visitor.go(resolve(visitor, path))
    assert visitor.overflow() <= 0, f"{path} is {visitor.overflow()} px too wide"
    if size == DESK or path in CHECKED_ON_PHONES:
        assert visitor.violations() == [], path


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(visit: Visit, path: str, size: tuple[int, int], theme: str, language: str) -> None:
    check(visit(size=size, theme=theme, language=language), path, size)


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
def test_staff_pages(visit: Visit, size: tuple[int, int], theme: str, language: str) -> None:
    visitor = visit(size=size, theme=theme, language=language)
    visitor.sign_in("admin", PASSWORD)
    for path in STAFF:
        check(visitor, path, size)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_error_pages(visit: Visit, portal: Portal, theme: str) -> None:
    visitor = visit(theme=theme)
    visitor.go("/nowhere")
    assert visitor.violations() == []
    assert "追踪号" in visitor.page.inner_text("main")
    # The browser itself reports a page that answers 404.
    visitor.faults = [fault for fault in visitor.faults if "404" not in fault]


def test_the_open_dialog(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin", PASSWORD)
    page = visitor.go("/staff/deletions")
    page.locator("[data-dialog^=release-]").first.click()
    assert visitor.violations() == []


def test_paper_has_no_controls(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go(resolve(visitor, "INSTRUMENT"))
    page.emulate_media(media="print")
    for hidden in (".top", ".page-tools", ".btn"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.locator("h1").is_visible()
    assert page.locator(".fee").first.is_visible()


def test_pictures_for_documents_are_small(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(size=(1440, 1500), theme="dark")
    visitor.go("/?p=420000")
    visitor.picture(tmp_path / "home.png")
    picture = (tmp_path / "home.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert picture[24:26] == bytes([8, 3])  # eight bits, palette
    assert len(picture) <= 300_000
