"""The home page with the resource map, and the panel the map opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.web import ReadSession
from hub.identity import access
from hub.search.request import UNKNOWN, SearchRequest, SearchResult
from station_portal import belt, finding, provinces, wording
from station_portal.errors import ProvinceNotShown
from station_portal.frame import CurrentFrame, Frame
from station_portal.i18n import Language

router = APIRouter(dependencies=[access.public], include_in_schema=False)

EXAMPLES = ("扫描电镜", "核磁共振", "ICP-MS", "smdj", "GB/T 228.1", "三坐标测量机")
MOST_CITIES = 19
"""Cells of the honeycomb: a middle and two rings."""
MOST_CLASSES = 4


@router.get("/")
def show_home(frame: CurrentFrame, session: ReadSession) -> Response:
    """Search, eleven stations, the map and the platforms' table."""
    choice = read_choice(frame)
    context = map_context(frame, session, choice)
    return frame.page("home.html", {**context, "examples": EXAMPLES})


@router.get("/map/{province}")
def show_panel(frame: CurrentFrame, session: ReadSession, province: str) -> Response:
    """The panel of one province, for htmx."""
    if province not in frame.runtime.adapters:
        raise ProvinceNotShown(province)
    choice = {**read_choice(frame), "p": province}
    return frame.page("_panel.html", map_context(frame, session, choice))


def read_choice(frame: Frame) -> dict[str, str]:
    """What the map's address chooses; what does not exist is left out."""
    given = frame.request.query_params
    wanted = given.get("class", "")
    return {
        "p": given.get("p", "") if given.get("p", "") in frame.runtime.adapters else "",
        "open": "any" if given.get("open") == "any" else "external",
        "class": wanted if wanted in schemas.codes("instrument_class") else "",
    }


def map_target(choice: Mapping[str, str]) -> Callable[..., str]:
    """Addresses of the map's provinces under its present filters: the page, or the panel alone."""
    kept = [("open", "any")] if choice["open"] == "any" else []
    kept += [("class", choice["class"])] if choice["class"] else []

    def target(code: str, is_panel: bool = False) -> str:
        if is_panel:
            return f"/map/{code}" + (f"?{urlencode(kept)}" if kept else "")
        return f"/?{urlencode([('p', code), *kept])}#map"

    return target


def map_context(frame: Frame, session: Session, choice: Mapping[str, str]) -> dict[str, Any]:
    """The map, its panel and the table under the filters of the address."""
    language = frame.language
    filters = {"class": (choice["class"],)} if choice["class"] else {}
    counted = _search(frame, filters, choice["open"])
    counts = _by_code(counted, "province")
    cards = provinces.gathered(frame.runtime, session, frame.now, language)
    tiles = provinces.places(cards, counts)
    return {
        "provinces": cards,
        "is_building": counted.index_number < 0,
        "totals": provinces.totals(cards),
        "map_totals": {"open": counted.total_open, "any": counted.total_any},
        "scene": belt.scene(tiles),
        "scene_upright": belt.scene(tiles, upright=True),
        "regions": provinces.regions(cards, counts, language),
        "ranked": sorted(tiles, key=lambda tile: (-tile.count, tile.code)),
        "chosen": choice["p"],
        "openness": choice["open"],
        "wanted_class": choice["class"],
        "classes": [
            {"code": entry.code, "label": language.pick(entry.zh, entry.en)}
            for entry in schemas.codes("instrument_class").where(level="1")
        ],
        "map_target": map_target(choice),
        "panel": _panel(frame, cards, choice, filters) if choice["p"] else None,
    }


def _search(frame: Frame, filters: Mapping[str, tuple[str, ...]], openness: str) -> SearchResult:
    request = SearchRequest(
        filters=filters, open="any" if openness == "any" else "external", limit=1, lang=frame.language.code
    )
    return finding.counted(frame.runtime.index, request, now=frame.now)


def _by_code(result: SearchResult, name: str) -> dict[str, int]:
    return {value.code: value.count for value in result.facets.get(name, ())}


def _panel(
    frame: Frame,
    cards: list[provinces.ProvinceCard],
    choice: Mapping[str, str],
    filters: Mapping[str, tuple[str, ...]],
) -> dict[str, Any]:
    inside = _search(frame, {**filters, "province": (choice["p"],)}, choice["open"])
    return {
        "province": next(card for card in cards if card.code == choice["p"]),
        "open": inside.total_open,
        "any": inside.total_any,
        "comb": belt.honeycomb(cities_of(inside, choice["p"], frame.language)),
        "classes": top_classes(inside),
    }


def cities_of(result: SearchResult, province: str, language: Language) -> list[tuple[str, str, int]]:
    """The cities of a province with instruments, most first, as the honeycomb takes them."""
    found = [
        (value.code, wording.short_city(value.label, language), value.count)
        for value in result.facets.get("city", ())
        if value.count and value.parent == province and value.code != UNKNOWN
    ]
    return sorted(found, key=lambda city: -city[2])[:MOST_CITIES]


def top_classes(result: SearchResult) -> list[Any]:
    """The largest classes of the first level."""
    top = [value for value in result.facets.get("class", ()) if value.parent is None and value.count]
    known = [value for value in top if value.code != UNKNOWN]
    return sorted(known, key=lambda value: -value.count)[:MOST_CLASSES]
