"""The use cases of search: find, suggest, count for the map. Reads only; every call sees one state of the index.

The calls take 0.3–5 ms at the belt's 33,817 instruments and may be made on the event loop; above 100,000 documents
make them in the thread pool.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from tantivy import Query

import schemas
from hub.search import columns as c
from hub.search import labels, openings
from hub.search.counting import Counts, count, halves_wanted
from hub.search.hits import Shown, order_notes
from hub.search.index import SearchIndex, Snapshot
from hub.search.marking import Marker
from hub.search.ordering import Listing, Window, places_within, read_page
from hub.search.payers import payers_of
from hub.search.plan import Plan
from hub.search.queries import Shelf, Wanted, either, half_query
from hub.search.request import (
    FILTERS,
    Group,
    Kind,
    Lang,
    MapCounts,
    MapPlace,
    SearchRequest,
    SearchResult,
    Suggestion,
)
from hub.search.resolve import relaxed_note, resolve
from hub.search.rules import check, understand
from hub.search.suggesting import suggestions

__all__ = ["map_counts", "payers_of", "search", "suggest"]

_GROUP_SIZE = 3
_GROUP_FILTERS = ("province", "city")


def search(index: SearchIndex, request: SearchRequest, *, now: datetime) -> SearchResult:
    """The answer to a request that is made now: what is free, and when, is reckoned from there.

    Raises FilterUnknown, SearchParameterInvalid or CursorMalformed, each naming the parameter, and
    IndexNotReady before the first build. No text typed raises anything. Safe to repeat.
    """
    started = time.perf_counter()
    check(request)
    snapshot = index.snapshot()
    shelf = snapshot.shelves[request.kind]
    window = _window(snapshot, shelf, request, now)
    wanted = _wanted(snapshot, shelf, request, window)
    columns = c.COLUMNS if request.with_facets else ()
    counts = _counts(snapshot, shelf, wanted, request, columns)
    if counts.total_any == 0 and len(wanted.plan.clauses) > 1:
        wanted = replace(wanted, plan=_relaxed(snapshot, shelf, request, wanted.plan))
        counts = _counts(snapshot, shelf, wanted, request, columns)
    query = _listed(shelf, wanted, request)
    listing = Listing(shelf, query, request, bool(wanted.plan.clauses), _list_name(request), window)
    page = read_page(listing)
    shown = Shown(snapshot, request, Marker(wanted.plan.needles()), window)
    hits = tuple(shown.hit(row) for row in page.hits)
    return SearchResult(
        total=counts.total,
        total_open=counts.total_open,
        total_any=counts.total_any,
        items=hits,
        facets=_facets(counts, request) if request.with_facets else {},
        explanations=(*wanted.plan.explanations, *order_notes(listing, counts.total, hits)),
        groups=_groups(shown) if _has_groups(request, wanted.plan) else (),
        next=page.next,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        index_number=snapshot.number,
    )


def suggest(index: SearchIndex, text: str, lang: Lang = "zh", limit: int = 8) -> tuple[Suggestion, ...]:
    """What the typed beginning may become. Raises IndexNotReady; any text is fine."""
    snapshot = index.snapshot()
    shelf = snapshot.shelves["instrument"]
    key = ("suggest", text[:200], lang, limit)
    return snapshot.cache.get(key, lambda: suggestions(shelf, text, lang, limit))


def map_counts(index: SearchIndex, request: SearchRequest, *, now: datetime) -> MapCounts:
    """Instruments by province and city under the filters of a request; raises what `search` raises.

    Counts of provinces ignore the filter on provinces (the map is that filter), cities likewise; cities are those of
    the chosen provinces, or all.
    """
    check(request)
    snapshot = index.snapshot()
    shelf = snapshot.shelves[request.kind]
    wanted = _wanted(snapshot, shelf, request, _window(snapshot, shelf, request, now))
    counts = _counts(snapshot, shelf, wanted, request, (c.AREA,))
    if counts.total_any == 0 and len(wanted.plan.clauses) > 1:
        wanted = replace(wanted, plan=_relaxed(snapshot, shelf, request, wanted.plan))
        counts = _counts(snapshot, shelf, wanted, request, (c.AREA,))
    return MapCounts(
        total=counts.total,
        provinces=_map_places("province", counts, request),
        cities=_map_places("city", counts, request),
        index_number=snapshot.number,
    )


def _window(snapshot: Snapshot, shelf: Shelf, request: SearchRequest, now: datetime) -> Window:
    """When a booking is to begin; the kinds of hours that there are only if they decide something."""
    kinds: tuple[str, ...] = ()
    if request.asks_for_time or request.sort == "earliest":
        kinds = snapshot.cache.get(("hours", shelf.kind), lambda: tuple(sorted(shelf.kinds_of_hours())))
    begin = 0 if request.free_from is None else openings.minute_of(request.free_from)
    end = openings.NEVER if request.free_to is None else openings.minute_of(request.free_to)
    return Window(begin, end, openings.minute_of(now), kinds)


def _wanted(snapshot: Snapshot, shelf: Shelf, request: SearchRequest, window: Window) -> Wanted:
    plan = snapshot.cache.get(("plan", shelf.kind, request.q), lambda: resolve(understand(request.q), shelf))
    filters = {
        name: tuple(sorted(set(request.filters[name])))
        for name in sorted(request.filters)
        if request.filters[name]
    }
    places = None
    near, radius = request.near, request.radius_km
    if near is not None and radius is not None:
        key = ("places", shelf.kind, near, radius)
        places = snapshot.cache.get(key, lambda: places_within(shelf, near, radius))
    free = None
    if request.asks_for_time:
        free = openings.free_between(window.kinds, window.begin, window.end, window.now)
    return Wanted(plan, filters, places, free)


def _counts(
    snapshot: Snapshot, shelf: Shelf, wanted: Wanted, request: SearchRequest, columns: Iterable[c.Column]
) -> Counts:
    asked = tuple(columns)
    key = (
        "counts",
        shelf.kind,
        wanted.plan.key,
        tuple(wanted.filters.items()),
        wanted.places,
        wanted.openings,
        request.open,
        tuple(column.name for column in asked),
    )
    return snapshot.cache.get(key, lambda: count(shelf, wanted, request, asked))


def _listed(shelf: Shelf, wanted: Wanted, request: SearchRequest) -> Query:
    """The documents of the list itself, ready to be ranked."""
    halves = halves_wanted(wanted.filters, request)
    return either([half_query(shelf.schema, half, wanted, is_ranked=True) for half in halves])


def _relaxed(snapshot: Snapshot, shelf: Shelf, request: SearchRequest, plan: Plan) -> Plan:
    """The plan with fewer words, if it is the words that find nothing; the same plan if it is the filters."""
    return snapshot.cache.get(("relaxed", shelf.kind, request.q), lambda: _relax(shelf, request, plan))


def _relax(shelf: Shelf, request: SearchRequest, plan: Plan) -> Plan:
    def finds_something(candidate: Plan) -> bool:
        return count(shelf, Wanted(candidate, {}), request, ()).total_any > 0

    if finds_something(plan):
        return plan
    words = len(plan.clauses)
    for minimum in range(words - 1, (words - 1) // 2, -1):
        relaxed = plan.relaxed(minimum)
        if finds_something(relaxed):
            return replace(relaxed, explanations=(*plan.explanations, relaxed_note(plan, minimum)))
    return plan


def _list_name(request: SearchRequest) -> str:
    """A name for the list of this request, so that its cursors fit no other."""
    asked = [
        request.kind,
        request.q,
        sorted((name, sorted(values)) for name, values in request.filters.items() if values),
        request.open,
        [request.near.lon, request.near.lat] if request.near and request.radius_km else None,
        request.radius_km,
        request.free_from,
        request.free_to,
    ]
    return sha256(orjson.dumps(asked)).hexdigest()[:16]


def _facets(counts: Counts, request: SearchRequest) -> dict[str, Any]:
    return {
        name: labels.facet_values(name, counts.facets[name], request.filters.get(name, ()), request.lang)
        for name in FILTERS
    }


def _has_groups(request: SearchRequest, plan: Plan) -> bool:
    return (
        request.kind == "instrument" and request.cursor is None and bool(plan.clauses) and not plan.is_relaxed
    )


def _groups(shown: Shown) -> tuple[Group, ...]:
    """Institutions and services for the same words, wherever and whenever they may be free."""
    request = shown.request
    filters = {name: request.filters[name] for name in _GROUP_FILTERS if request.filters.get(name)}
    bare = replace(
        request, filters=filters, free_from=None, free_to=None, sort="relevance", limit=_GROUP_SIZE
    )
    kinds: tuple[Kind, ...] = ("institution", "service")
    found = (_group(replace(shown, request=replace(bare, kind=kind))) for kind in kinds)
    return tuple(group for group in found if group.total)


def _group(shown: Shown) -> Group:
    snapshot, request = shown.snapshot, shown.request
    shelf = snapshot.shelves[request.kind]
    wanted = _wanted(snapshot, shelf, replace(request, near=None), shown.window)
    if wanted.plan.is_impossible or len(wanted.plan.clauses) < len(understand(request.q).pieces):
        return Group(request.kind, 0, ())
    listing = Listing(shelf, _listed(shelf, wanted, request), request, True, "", shown.window)
    total = _counts(snapshot, shelf, wanted, request, ()).total
    rows = read_page(listing).hits if total else ()
    return Group(request.kind, total, tuple(shown.hit(row) for row in rows))


def _map_places(facet: str, counts: Counts, request: SearchRequest) -> tuple[MapPlace, ...]:
    codes = schemas.codes("province" if facet == "province" else "area")
    selected = frozenset(request.filters.get(facet, ()))
    places = []
    for value in labels.facet_values(facet, counts.facets[facet], selected, request.lang):
        place = codes.get(value.code)
        attributes: Mapping[str, str] = place.attributes if place else {}
        lon, lat = (float(attributes[name]) if attributes.get(name) else None for name in ("lon", "lat"))
        places.append(
            MapPlace(value.code, value.label, value.count, value.is_selected, value.parent, lon, lat)
        )
    return tuple(places)
