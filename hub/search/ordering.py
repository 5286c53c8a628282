"""The order of hits and the pages of each order.

`newest`, `fee` and `distance` are keyset orders over columns: a page begins behind the last row of the page before,
and what cannot be compared (no fee in that unit, no coordinates) comes last in a second phase. `relevance` has no
column; its cursor names the last hit and its rank, and the page begins behind that hit wherever it stands now.
Ranking is paged to its end: the 565,000th hit of a million costs 60 ms and 12 MB for the moment of the call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import Any

import orjson
from tantivy import DocAddress, Order, Query

from hub.core.paging import CursorMalformed, decode_cursor, encode_cursor
from hub.search import columns as c
from hub.search import openings, shares
from hub.search import queries as q
from hub.search.openings import Condition
from hub.search.queries import Shelf
from hub.search.request import Payer, Point, SearchRequest

_EARTH_KM = 6371.0088
_KM_PER_DEGREE = 111.19
_FIRST_RING_KM = 2.0
_LAST_RING_KM = 20_100.0
_MAX_PLACES = 60_000
_MOVED = 200
"""How many ranks up and down the last hit of a page is looked for when it is not where it was."""


Position = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One hit of a page, fetched. `position` is what a cursor needs to go on behind it."""

    id: str
    summary: dict[str, Any]
    position: Position
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Hits in order, and the cursor of the page after them (None at the end)."""

    hits: tuple[Ranked, ...]
    next: str | None


Rows = Callable[[Position | None, Sequence[str]], Iterator[Ranked]]


@dataclass(frozen=True, slots=True)
class Window:
    """When a booking is to begin: in [begin, end), asked at `now`, in local minutes; `kinds` of hours that there are."""

    begin: int
    end: int
    now: int
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What is to be ordered: the documents, the request, and a name for cursors that belong to just this list."""

    shelf: Shelf
    query: Query
    request: SearchRequest
    has_words: bool
    name: str
    window: Window


def read_page(listing: Listing) -> Page:
    """The page that the request asks for. Raises CursorMalformed."""
    request = listing.request
    if request.sort == "distance":
        return _by_distance(listing, request.near or Point(0.0, 0.0))
    if request.sort == "fee" and request.unit:
        return _by_fee(listing, request.unit)
    if request.sort == "own_share" and request.unit:
        return _by_own_share(listing, request.unit)
    if request.sort == "earliest":
        return _by_earliest(listing)
    if request.sort == "newest" or not listing.has_words:
        return _by_newest(listing)
    return _by_relevance(listing)


def distance_km(one: Point, other: Point) -> float:
    """Great-circle distance."""
    lat_a, lat_b = math.radians(one.lat), math.radians(other.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def places_within(shelf: Shelf, near: Point, radius_km: float) -> tuple[str, ...]:
    """The coordinates in the index that lie within a circle."""
    counted = _places(shelf, _box(shelf, near, radius_km))
    return tuple(place for place in counted if distance_km(near, _point(place)) <= radius_km)


def _by_relevance(listing: Listing) -> Page:
    request, depth, last_id = listing.request, 0, ""
    searcher = listing.shelf.searcher
    if request.cursor is not None:
        depth, last_id = decode_cursor(f"relevance:{listing.name}", request.cursor, (int, str))
        # A cursor is no secret: whatever number somebody puts into one, nothing beyond the index is asked for.
        depth = max(0, min(depth, searcher.num_docs))
    # One hit before the page shows whether the list still stands as it was; one behind, whether there is more.
    first = max(0, depth - 1)
    found = searcher.search(listing.query, depth - first + request.limit + 1, count=False, offset=first).hits
    if depth and (not found or fetch(listing.shelf, found[0][1])[0] != last_id):
        depth = _rank_behind(listing, last_id, depth)
        first = depth
        found = searcher.search(listing.query, request.limit + 1, count=False, offset=first).hits
    wanted = found[depth - first :]
    hits = tuple(
        Ranked(*fetch(listing.shelf, address), position=(depth + at + 1,))
        for at, (_, address) in enumerate(wanted[: request.limit])
    )
    if len(wanted) <= request.limit:
        return Page(hits, None)
    return Page(hits, encode_cursor(f"relevance:{listing.name}", [hits[-1].position[0], hits[-1].id]))


def _rank_behind(listing: Listing, last_id: str, depth: int) -> int:
    """The rank behind the last hit that was shown, if documents changed in between; else the rank it had."""
    first = max(0, depth - _MOVED)
    found = listing.shelf.searcher.search(listing.query, 2 * _MOVED, count=False, offset=first).hits
    for at in sorted(range(len(found)), key=lambda at: abs(first + at - depth)):
        if fetch(listing.shelf, found[at][1])[0] == last_id:
            return first + at + 1
    return depth


def _by_column(listing: Listing, order_name: str, types: tuple[Any, ...], rows: Rows) -> Page:
    """A page of a keyset order: `rows` goes on behind a position; equal positions are told apart by identifier."""
    request, name = listing.request, f"{order_name}:{listing.name}"
    position: Position | None = None
    seen: list[str] = []
    if request.cursor is not None:
        *held, seen = decode_cursor(name, request.cursor, (*types, list))
        position = tuple(held)
    hits = tuple(islice(rows(position, seen), request.limit + 1))
    if len(hits) <= request.limit:
        return Page(hits, None)
    hits = hits[: request.limit]
    last = hits[-1].position
    same = [hit.id for hit in hits if hit.position == last]
    return Page(hits, encode_cursor(name, [*last, [*seen, *same] if last == position else same]))


def _by_newest(listing: Listing) -> Page:
    def rows(position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        return _newest(listing, listing.query, (), position, seen)

    return _by_column(listing, "newest", (int,), rows)


def _by_fee(listing: Listing, unit: str) -> Page:
    priced = q.tagged(listing.shelf.schema, c.fee_tag(unit))

    def rows(position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        if position is None or position[0] == 0:
            order = _Order(c.fee_field(unit), Order.Asc, (0,))
            yield from _keyset(listing, q.both(listing.query, priced), order, position, seen)
            position, seen = None, ()
        yield from _newest(listing, q.but_not(listing.query, priced), (1,), position, seen)

    return _by_column(listing, f"fee:{unit}", (int, int), rows)


def _by_own_share(listing: Listing, unit: str) -> Page:
    """By what vouchers leave to pay. Groups of documents for which the same programmes pay are each in the order of their
    fee, and merged by own share, so that the whole result is in order and only a page of it is read.
    """
    request, schema = listing.request, listing.shelf.schema
    priced = q.tagged(schema, c.fee_tag(unit))
    payers = request.payers if request.kind == "instrument" else ()
    held = shares.groups(schema, payers, unit)
    asked = sha256(repr((request.quantity, [_named(each) for each in payers])).encode()).hexdigest()[:12]

    def of_group(number: int, position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        group = held[number]
        begin = _group_begin(group, number, position, request.quantity)
        if begin is None:
            return
        query = (
            q.both(listing.query, priced)
            if group.query is None
            else q.both(listing.query, priced, group.query)
        )
        order = _Order(c.fee_field(unit), Order.Asc, ())
        for hit in _keyset(
            listing, query, order, (begin,), seen if position and position[2] == number else ()
        ):
            total = shares.total_of(hit.position[0] >> 24, request.quantity)
            own = shares.shares_of(group.payers, total).own_fen
            yield replace(hit, position=(0, own, number, hit.position[0]))

    def rows(position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        if position is None or position[0] == 0:
            streams = [of_group(number, position, seen) for number in range(len(held))]
            yield from merge(*streams, key=lambda hit: hit.position)
            position, seen = None, ()
        yield from _newest(listing, q.but_not(listing.query, priced), (1, 0, 0), position, seen)

    return _by_column(listing, f"own_share:{unit}:{asked}", (int, int, int, int), rows)


def _named(payer: Payer) -> str:
    """A payer in one word: what is in it decides the order."""
    facts = (
        payer.programme_id,
        payer.places,
        payer.classes,
        payer.min_value_fen,
        sorted(payer.service_modes),
    )
    return repr((*facts, payer.rate_bp, payer.limit_fen))


_LARGEST = (1 << 62) - 1
"""What a key never reaches: a cursor is no secret, and whatever somebody puts into one stays a number of the column."""


def _group_begin(group: shares.Group, number: int, position: Position | None, quantity: float) -> int | None:
    """The key from which a group goes on behind a position; None when nothing of it can be there."""
    if position is None:
        return 0
    _, own, at, key = position
    if number == at:
        return max(0, min(int(key), _LARGEST))
    fee = shares.least_fee(group.payers, quantity, own, is_above=number < at)
    return None if fee is None else fee << 24


def _by_distance(listing: Listing, near: Point) -> Page:
    schema = listing.shelf.schema

    def rows(position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        if position is None or position[0] == 0:
            behind = (position[1], position[2]) if position else (-1.0, "")
            for metres, place in _places_by_distance(listing, near, behind):
                here = q.both(listing.query, q.at_places(schema, [place]))
                is_resumed = position is not None and (metres, place) == behind
                found = _newest(listing, here, (0, metres, place), position if is_resumed else None, seen)
                yield from (replace(hit, distance_km=metres / 1000) for hit in found)
            position, seen = None, ()
        unplaced = q.but_not(listing.query, q.tagged(schema, c.PLACED))
        yield from _newest(listing, unplaced, (1, 0.0, ""), position, seen)

    return _by_column(listing, f"distance:{near.lon}:{near.lat}", (int, (int, float), str, int), rows)


def _by_earliest(listing: Listing) -> Page:
    """By the half hour of the earliest free start. All pages of a list are reckoned from the moment of the first."""
    schema, window = listing.shelf.schema, listing.window
    name = f"earliest:{window.begin}:{window.end}"

    def is_left(
        hours: tuple[str, ...], met: tuple[Condition, ...], not_all_of: tuple[Condition, ...]
    ) -> bool:
        query = q.both(listing.query, q.still_free(schema, hours, met, not_all_of))
        return bool(listing.shelf.searcher.search(query, 1, count=False).hits)

    def rows(position: Position | None, seen: Sequence[str]) -> Iterator[Ranked]:
        asked = window.now if position is None else _moment(position[0], window.now)
        if position is None or position[1] == 0:
            reached = 0 if position is None else position[2]
            steps = openings.turns(window.kinds, window.begin, window.end, asked, is_left)
            for unit, turns in steps:
                if unit < reached:
                    continue
                here = q.both(listing.query, q.earliest_in(schema, turns))
                is_resumed = position is not None and unit == reached
                yield from _newest(listing, here, (asked, 0, unit), position if is_resumed else None, seen)
            position, seen = None, ()
        open_at_all = openings.free_between(window.kinds, window.begin, window.end, asked)
        without = q.but_not(listing.query, q.free(schema, open_at_all))
        yield from _newest(listing, without, (asked, 1, 0), position, seen)

    return _by_column(listing, name, (int, int, int, int), rows)


def _moment(asked: int, now: int) -> int:
    """The moment from which a cursor's list is reckoned. Raises CursorMalformed for one that is not of today."""
    if not now - openings.DAY <= asked <= now:
        raise CursorMalformed
    return asked


@dataclass(frozen=True, slots=True)
class _Order:
    """A column, its direction, and what stands before its value in a position."""

    column: str
    direction: Order
    before: Position


def _newest(
    listing: Listing, query: Query, before: Position, position: Position | None, seen: Sequence[str]
) -> Iterator[Ranked]:
    return _keyset(listing, query, _Order(c.NEWEST, Order.Desc, before), position, seen)


def _keyset(
    listing: Listing, query: Query, order: _Order, position: Position | None, seen: Sequence[str]
) -> Iterator[Ranked]:
    """Hits behind a position, as many as one page can need; those of `seen` stand exactly at it."""
    after = position[-1] if position else None
    if after is not None:
        lower, upper = (None, after) if order.direction == Order.Desc else (after, None)
        query = q.both(query, q.with_column(listing.shelf.schema, order.column, lower, upper))
    most = listing.request.limit + 1 + len(seen)
    found = listing.shelf.searcher.search(
        query, most, count=False, order_by_field=order.column, order=order.direction
    )
    for key, address in found.hits:
        document_id, summary = fetch(listing.shelf, address)
        if key != after or document_id not in seen:
            yield Ranked(document_id, summary, (*order.before, key))


def _places_by_distance(
    listing: Listing, near: Point, from_: tuple[float, str]
) -> Iterator[tuple[float, str]]:
    """(metres, coordinates) of places with hits, nearest first, from the given one on, ring by ring."""
    told = from_
    is_first = True
    radius = max(_FIRST_RING_KM, from_[0] / 1000 * 1.1)
    while True:
        ring = _places(listing.shelf, q.both(listing.query, _box(listing.shelf, near, radius)))
        ordered = sorted((round(distance_km(near, _point(place)) * 1000, 1), place) for place in ring)
        for distance, place in ordered:
            # Only what is surely nearer than anything outside the box.
            if distance > radius * 1000 and radius < _LAST_RING_KM:
                break
            if (distance, place) > told or (is_first and (distance, place) == told):
                yield distance, place
                told, is_first = (distance, place), False
        if radius >= _LAST_RING_KM:
            return
        radius = min(radius * 3, _LAST_RING_KM)


def _places(shelf: Shelf, query: Query) -> dict[str, int]:
    asked = {"p": {"terms": {"field": c.PLACE, "size": _MAX_PLACES, "segment_size": _MAX_PLACES}}}
    buckets = shelf.searcher.aggregate(query, asked)["p"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _box(shelf: Shelf, near: Point, radius_km: float) -> Query:
    """A box of degrees around a circle, a little too large rather than too small."""
    reach = radius_km / _KM_PER_DEGREE * 1.01
    south, north = max(-90.0, near.lat - reach), min(90.0, near.lat + reach)
    narrowest = math.cos(math.radians(min(89.9, max(abs(south), abs(north)))))
    wide = reach / narrowest
    if wide >= 180 or abs(near.lon) + wide > 180:
        return q.in_box(shelf.schema, -180.0, 180.0, south, north)
    return q.in_box(shelf.schema, near.lon - wide, near.lon + wide, south, north)


def _point(place: str) -> Point:
    lon, lat = place.split(",")
    return Point(float(lon), float(lat))


def fetch(shelf: Shelf, address: DocAddress) -> tuple[str, dict[str, Any]]:
    """Identifier and summary of a found document."""
    document = shelf.searcher.doc(address)
    return str(document.get_first(c.ID)), orjson.loads(document[c.DOC][0])
