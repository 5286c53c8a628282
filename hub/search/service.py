"""The use cases of search: find, suggest, count for the map. Reads only; every call sees one state of the index.

The calls take 0.3–5 ms at the belt's 33,817 instruments and may be made on the event loop; above 100,000 documents
make them in the thread pool.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson
from tantivy import Query

import schemas
from hub.search import columns as c
from hub.search import labels
from hub.search.counting import Counts, count, halves_wanted
from hub.search.index import SearchIndex, Snapshot
from hub.search.marking import Marker
from hub.search.ordering import Listing, Ranked, distance_km, places_within, read_page
from hub.search.plan import Plan
from hub.search.queries import Shelf, Wanted, both, either, half_query, tagged
from hub.search.request import (
    FILTERS,
    Explanation,
    Fee,
    Group,
    Hit,
    Kind,
    Lang,
    MapCounts,
    MapPlace,
    Point,
    SearchRequest,
    SearchResult,
    Suggestion,
)
from hub.search.resolve import relaxed_note, resolve
from hub.search.rules import check, understand
from hub.search.suggesting import suggestions

_GROUP_SIZE = 3
_GROUP_FILTERS = ("province", "city")


def search(index: SearchIndex, request: SearchRequest) -> SearchResult:
    """The answer to a request.

    Raises FilterUnknown, SearchParameterInvalid, CursorMalformed or PagedTooDeep, each naming the parameter, and
    IndexNotReady before the first build. No text typed raises anything. Safe to repeat.
    """
    started = time.perf_counter()
    check(request)
    snapshot = index.snapshot()
    shelf = snapshot.shelves[request.kind]
    wanted = _wanted(snapshot, shelf, request)
    columns = c.COLUMNS if request.with_facets else ()
    counts = _counts(snapshot, shelf, wanted, request, columns)
    if counts.total_any == 0 and len(wanted.plan.clauses) > 1:
        wanted = replace(wanted, plan=_relaxed(snapshot, shelf, request, wanted.plan))
        counts = _counts(snapshot, shelf, wanted, request, columns)
    query = _listed(shelf, wanted, request)
    page = read_page(Listing(shelf, query, request, bool(wanted.plan.clauses), _list_name(request)))
    marker = Marker(needle for clause in wanted.plan.clauses for needle in clause.needles)
    return SearchResult(
        total=counts.total,
        total_open=counts.total_open,
        total_any=counts.total_any,
        items=tuple(_hit(snapshot, request, marker, row) for row in page.hits),
        facets=_facets(counts, request) if request.with_facets else {},
        explanations=(*wanted.plan.explanations, *_order_notes(shelf, query, request, counts.total)),
        groups=_groups(snapshot, request, marker) if _has_groups(request, wanted.plan) else (),
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


def map_counts(index: SearchIndex, request: SearchRequest) -> MapCounts:
    """Instruments by province and city under the filters of a request; raises what `search` raises.

    Counts of provinces ignore the filter on provinces (the map is that filter), cities likewise; cities are those of
    the chosen provinces, or all.
    """
    check(request)
    snapshot = index.snapshot()
    shelf = snapshot.shelves[request.kind]
    wanted = _wanted(snapshot, shelf, request)
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


def _wanted(snapshot: Snapshot, shelf: Shelf, request: SearchRequest) -> Wanted:
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
    return Wanted(plan, filters, places)


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
    ]
    return sha256(orjson.dumps(asked)).hexdigest()[:16]


def _facets(counts: Counts, request: SearchRequest) -> dict[str, Any]:
    return {
        name: labels.facet_values(name, counts.facets[name], request.filters.get(name, ()), request.lang)
        for name in FILTERS
    }


def _hit(snapshot: Snapshot, request: SearchRequest, marker: Marker, row: Ranked) -> Hit:
    summary = row.summary
    distance = row.distance_km
    if distance is None and request.near is not None and "lon" in summary:
        distance = round(distance_km(request.near, Point(summary["lon"], summary["lat"])), 4)
    if request.kind == "institution":
        summary = summary | _instruments_of(snapshot, row.id)
    return Hit(row.id, request.kind, summary, marker.mark(summary), distance, _fee(summary, request))


def _fee(summary: Mapping[str, Any], request: SearchRequest) -> Fee | None:
    if request.unit is None:
        return None
    fees = {fee["unit"]: fee["fee_fen"] for fee in summary.get("fees", ())}
    if summary.get("charging_unit") == request.unit and "fee_fen" in summary:
        fees[request.unit] = summary["fee_fen"]
    if request.unit not in fees:
        return None
    fee = fees[request.unit]
    return Fee(request.unit, fee, request.quantity, math.floor(fee * request.quantity + 0.5))


def _instruments_of(snapshot: Snapshot, institution_id: str) -> dict[str, int]:
    """How many instruments an institution has, and how many can be booked from outside."""
    searcher = snapshot.shelves["instrument"].searcher
    open_, rest = (searcher.doc_freq(c.TAG, c.tag(half, "institution", institution_id)) for half in c.HALVES)
    return {"instruments": open_ + rest, "open_instruments": open_}


def _order_notes(shelf: Shelf, query: Query, request: SearchRequest, total: int) -> list[Explanation]:
    notes = []
    if request.sort == "fee" and request.unit is not None:
        without = total - _number_tagged(shelf, query, c.fee_tag(request.unit))
        unit = schemas.codes("charging_unit")[request.unit]
        if without:
            notes.append(
                Explanation(
                    "incomparable",
                    f"有 {without} 条没有按“{unit.zh}”计费，无法比较，排在最后。",
                    f"{without} have no fee by {unit.en.lower()} and cannot be compared; they come last.",
                )
            )
    if request.sort == "distance":
        without = total - _number_tagged(shelf, query, c.PLACED)
        if without:
            notes.append(
                Explanation(
                    "unlocated",
                    f"有 {without} 条没有坐标，排在最后。",
                    f"{without} have no coordinates; they come last.",
                )
            )
    return notes


def _number_tagged(shelf: Shelf, query: Query, tag: str) -> int:
    return shelf.count(both(query, tagged(shelf.schema, tag)))


def _has_groups(request: SearchRequest, plan: Plan) -> bool:
    return (
        request.kind == "instrument" and request.cursor is None and bool(plan.clauses) and not plan.is_relaxed
    )


def _groups(snapshot: Snapshot, request: SearchRequest, marker: Marker) -> tuple[Group, ...]:
    filters = {name: request.filters[name] for name in _GROUP_FILTERS if request.filters.get(name)}
    kinds: tuple[Kind, ...] = ("institution", "service")
    found = (_group(snapshot, replace(request, kind=kind, filters=filters), marker) for kind in kinds)
    return tuple(group for group in found if group.total)


def _group(snapshot: Snapshot, request: SearchRequest, marker: Marker) -> Group:
    shelf = snapshot.shelves[request.kind]
    wanted = _wanted(snapshot, shelf, replace(request, near=None))
    if wanted.plan.is_impossible or len(wanted.plan.clauses) < len(understand(request.q).pieces):
        return Group(request.kind, 0, ())
    query = _listed(shelf, wanted, request)
    listing = Listing(shelf, query, replace(request, sort="relevance", limit=_GROUP_SIZE), True, "")
    total = _counts(snapshot, shelf, wanted, request, ()).total
    rows = read_page(listing).hits if total else ()
    return Group(request.kind, total, tuple(_hit(snapshot, request, marker, row) for row in rows))


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
