"""The search form: from an address to a search and back. Values that cannot be used are left out and named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import schemas
from hub.core.errors import HubError
from hub.search import service as searching
from hub.search.request import FILTERS, SORTS, Open, Payer, Point, SearchRequest, SearchResult, Sort, is_value
from station_portal.formats import SHANGHAI
from station_portal.i18n import Language

PAGE = 20
MAX_WORDS = 200
MAX_QUANTITY = 10_000.0

PRICED = frozenset({"fee", "own_share"})
"""Orders that compare what a quantity of a charging unit costs."""

Problem = tuple[str, str]
"""The form field and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class FindForm:
    """What the search page's form holds.

    `near` is an area code or `lon,lat` in degrees; `free_from` and `free_to` are dates, the last one included.
    """

    q: str = ""
    open: Open = "external"
    sort: Sort = "relevance"
    unit: str = "sample"
    quantity: str = "1"
    near: str = ""
    near_point: bool = False
    free_from: str = ""
    free_to: str = ""
    cursor: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """The form as query values, without what is the default anyway."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, code) for name in FILTERS for code in self.filters.get(name, ())]
        if self.open != "external":
            pairs.append(("open", self.open))
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        if self.sort in PRICED:
            pairs += [("unit", self.unit), ("quantity", self.quantity)]
        told = (("near", self.near), ("free_from", self.free_from), ("free_to", self.free_to))
        pairs += [(name, value) for name, value in told if value]
        if self.cursor:
            pairs.append(("cursor", self.cursor))
        return pairs

    def address(self, **changes: Any) -> str:
        """The address of this search with some fields changed; it starts on the first page again."""
        pairs = replace(self, **{"cursor": "", **changes}).pairs()
        return "/search" + (f"?{urlencode(pairs)}" if pairs else "")

    def without(self, name: str, code: str) -> str:
        """The address without one value of a filter."""
        rest = tuple(held for held in self.filters.get(name, ()) if held != code)
        return self.address(filters={**self.filters, name: rest})

    def toggled(self, name: str, code: str) -> str:
        """The address with one value of a filter switched."""
        held = self.filters.get(name, ())
        if code in held:
            return self.without(name, code)
        return self.address(filters={**self.filters, name: (*held, code)})


def read_form(pairs: Iterable[tuple[str, str]], language: Language) -> tuple[FindForm, list[Problem]]:
    """The form of an address, and what of it could not be used. Never raises for what a visitor typed."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    problems: list[Problem] = []
    q = _last(given, "q").strip()
    if len(q) > MAX_WORDS:
        problems.append(("q", language("搜索词超过 %(limit)d 个字，已截断", limit=MAX_WORDS)))
        q = q[:MAX_WORDS]
    sort = _sort(_last(given, "sort"), language, problems)
    unit = _last(given, "unit") or "sample"
    if unit not in schemas.codes("charging_unit"):
        problems.append(("unit", language("计费单位“%(value)s”不存在", value=unit[:40])))
        unit = "sample"
    near, is_point = _near(_last(given, "near"), language, problems)
    free_from, free_to = _free(given, language, problems)
    form = FindForm(
        q=q,
        open="any" if _last(given, "open") == "any" else "external",
        sort=sort,
        unit=unit,
        quantity=_quantity(_last(given, "quantity"), language, problems),
        near=near,
        near_point=is_point,
        free_from=free_from,
        free_to=free_to,
        cursor=_last(given, "cursor"),
        filters=_filters(given, language, problems),
    )
    return form, problems


def _last(given: Mapping[str, list[str]], name: str) -> str:
    return given.get(name, [""])[-1]


def _sort(value: str, language: Language, problems: list[Problem]) -> Sort:
    for sort in SORTS:
        if value == sort:
            return sort
    if value:
        problems.append(("sort", language("排序方式“%(value)s”不存在", value=value[:40])))
    return "relevance"


def _quantity(value: str, language: Language, problems: list[Problem]) -> str:
    try:
        number = float(value or 1)
    except ValueError:
        number = math.nan
    if 0 < number <= MAX_QUANTITY:
        return f"{number:g}"
    problems.append(("quantity", language("数量应为大于 0 且不超过 %(limit)d 的数", limit=int(MAX_QUANTITY))))
    return "1"


def _near(value: str, language: Language, problems: list[Problem]) -> tuple[str, bool]:
    if not value:
        return "", False
    if value in schemas.codes("area"):
        return value, False
    if point_of(value) is not None:
        return value, True
    problems.append(("near", language("位置应为城市代码，或“经度,纬度”")))
    return "", False


def _free(given: Mapping[str, list[str]], language: Language, problems: list[Problem]) -> tuple[str, str]:
    """The two dates between which an instrument is to be free; the last one is dropped when it lies before the first."""
    begin, end = (_date(name, _last(given, name), language, problems) for name in ("free_from", "free_to"))
    if begin and end and end < begin:
        problems.append(("free_to", language("空闲时间的截止日期早于开始日期")))
        return begin, ""
    return begin, end


def _date(name: str, value: str, language: Language, problems: list[Problem]) -> str:
    if not value:
        return ""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.max
    if day < date.max and len(value) == len("2026-03-02"):
        return value
    problems.append((name, language("日期“%(value)s”应写作 2026-03-02", value=value[:40])))
    return ""


def _midnight(day: str, *, later: int = 0) -> datetime | None:
    """The beginning of a day in Shanghai, or of one some days later; None for no day."""
    if not day:
        return None
    return datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), SHANGHAI)


def point_of(value: str) -> Point | None:
    """The place of an area code or of `lon,lat`; None for anything else."""
    areas = schemas.codes("area")
    area = areas.get(value)
    if area is not None and not area.attributes["lon"]:
        area = areas[area.parent]  # of most counties only the city's place is known
    lon, _, lat = (f"{area.attributes['lon']},{area.attributes['lat']}" if area else value).partition(",")
    try:
        point = Point(float(lon), float(lat))
    except ValueError:
        return None
    return point if -180 <= point.lon <= 180 and -90 <= point.lat <= 90 else None


def _filters(
    given: Mapping[str, list[str]], language: Language, problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    filters: dict[str, tuple[str, ...]] = {}
    for name in FILTERS:
        wanted = dict.fromkeys(value for value in given.get(name, []) if value)
        known = tuple(code for code in wanted if is_value(name, code))
        for code in wanted:
            if code not in known:
                problems.append((name, language("筛选值“%(value)s”不存在", value=code[:40])))
        if known:
            filters[name] = known
    return filters


def to_request(form: FindForm, language: Language, payers: tuple[Payer, ...] = ()) -> SearchRequest:
    """The search that the form asks for, by somebody with these vouchers."""
    point = point_of(form.near) if form.near else None
    is_by_distance = form.sort == "distance" and point is not None
    sort: Sort = "relevance" if form.sort == "distance" and not is_by_distance else form.sort
    return SearchRequest(
        q=form.q,
        filters=form.filters,
        open=form.open,
        near=point,
        sort=sort,
        unit=form.unit if form.sort in PRICED else None,
        quantity=float(form.quantity),
        free_from=_midnight(form.free_from),
        free_to=_midnight(form.free_to, later=1),
        limit=PAGE,
        cursor=form.cursor or None,
        lang=language.code,
        payers=payers,
    )


EMPTY = SearchResult(0, 0, 0, (), {}, (), (), None, 0.0, -1)
"""The answer while the index is being built for the first time."""


def counted(index: Any, request: SearchRequest, *, now: datetime) -> SearchResult:
    """The answer to a search that is asked for its counts; `EMPTY` before the first build of the index."""
    if index is None or not index.is_ready:
        return EMPTY
    return searching.search(index, request, now=now)


def search(
    index: Any, form: FindForm, language: Language, *, now: datetime, payers: tuple[Payer, ...] = ()
) -> tuple[SearchResult, FindForm, list[Problem]]:
    """The answer to a form, the form as far as it could be used, and what could not.

    A cursor or a value that the search refuses is dropped and named; raises what is not the visitor's doing
    (IndexNotReady).
    """
    try:
        return searching.search(index, to_request(form, language, payers), now=now), form, []
    except HubError as refused:
        if refused.status not in (400, 422):
            raise
        told = language.pick(refused.zh, refused.en)
        if form.cursor:
            usable = replace(form, cursor="")
        else:
            usable = FindForm(q=form.q, open=form.open)
        found = searching.search(index, to_request(usable, language, payers), now=now)
        return found, usable, [(refused.field or "q", told)]


def counts_by_province(
    index: Any, request: SearchRequest, language: Language, *, now: datetime
) -> dict[str, int]:
    """How many documents of a search each province has."""
    found = counted(index, replace(request, lang=language.code), now=now)
    return {value.code: value.count for value in found.facets.get("province", ())}
