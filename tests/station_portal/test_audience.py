"""What a visitor must never see: personal numbers, other people's raw records, or markup from a province."""

import re

import httpx
import pytest

from hub.core.runtime import Runtime
from tests.station_portal import world
from tests.station_portal.conftest import hrefs_of

HIDDEN = (world.MOBILE, world.MAIL)


def crawl(client: httpx.Client, start: tuple[str, ...], limit: int = 130) -> dict[str, str]:
    """Pages reached by links from `start`, whatever their status."""
    waiting, pages = list(start), {}
    while waiting and len(pages) < limit:
        path = waiting.pop(0)
        if path in pages or path.startswith(("/static/", "/search?")):
            continue
        pages[path] = client.get(path).text
        waiting += sorted(
            link.partition("#")[0] for link in hrefs_of(pages[path]) if link.partition("#")[0] not in pages
        )
    return pages


@pytest.fixture(scope="module")
def everything(reader: httpx.Client) -> dict[str, str]:
    searches = tuple(f"/search?province={code}&open=any&sort=newest" for code in world.CODES)
    pages = {path: reader.get(path).text for path in searches}
    found = [link for page in pages.values() for link in hrefs_of(page) if link.startswith("/instruments/")]
    return pages | crawl(reader, ("/", "/stations", "/provinces", *sorted(found)[::5]))


def test_planted_numbers_are_on_no_public_page(everything: dict[str, str], small_world: Runtime) -> None:
    assert len([path for path in everything if path.startswith("/instruments/")]) > 20
    assert len([path for path in everything if path.startswith("/institutions/")]) > 5
    for path, page in everything.items():
        for plant in HIDDEN:
            assert plant not in page, (path, plant)


def test_the_plants_are_really_in_the_catalogue(small_world: Runtime) -> None:
    database = (small_world.home / "hub.db").read_bytes()
    wal = small_world.home / "hub.db-wal"
    held = database + (wal.read_bytes() if wal.exists() else b"")
    assert all(plant.encode() in held for plant in HIDDEN)


def test_suggestions_and_search_do_not_give_them_away(reader: httpx.Client) -> None:
    for words in (*HIDDEN, "张老师"):
        found = reader.get("/search", params={"q": words, "open": "any"}).text.partition('class="hits"')[2]
        offered = reader.get("/search/suggest", params={"q": words}).text
        for plant in HIDDEN:
            assert plant not in found.partition("</ol>")[0]
            assert plant not in offered


def test_markup_from_a_province_is_text(everything: dict[str, str]) -> None:
    shown = [path for path, page in everything.items() if "alert(1)" in page]
    assert any(path.startswith("/instruments/") for path in shown)
    assert any(path.startswith("/search") for path in shown)
    for path, page in everything.items():
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "onerror=alert" not in re.sub(r"&lt;img src=x onerror=alert\(2\)&gt;", "", page), path


def test_hostile_words_of_a_visitor_are_text(reader: httpx.Client) -> None:
    for path in ("/search", "/search/suggest", "/sign-in"):
        page = reader.get(path, params={"q": world.HOSTILE, "next": '/"><script>alert(1)</script>'}).text
        assert "<script>alert" not in page


def test_public_quarantine_has_reasons_but_no_keys_and_no_values(reader: httpx.Client) -> None:
    page = reader.get(f"/provinces/{world.MANY}").text
    assert "/classification" in page
    assert "BAD" not in page
    assert "ZZ 99" not in page
