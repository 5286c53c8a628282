"""Counts of a search: totals and every facet, each facet without its own filter. Exact.

A packed column is counted once without any filter on its facets; which of its keys pass which filters is decided
here. So the default search is two passes (open half: everything; the other half: one column), and each further
column with a filter adds one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tantivy import Query

from hub.search import columns as c
from hub.search.queries import Filters, Shelf, Wanted, half_query
from hub.search.request import SearchRequest

_MAX_KEYS = 60_000
"""Keys of one column; beyond Tantivy's own limit of buckets a count would be refused, not wrong."""

Keys = dict[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals, and code → number of documents for every facet (values that occur; the page adds selected ones)."""

    total: int
    total_open: int
    total_any: int
    facets: Mapping[str, Mapping[str, int]]


def halves_wanted(filters: Filters, request: SearchRequest) -> tuple[str, ...]:
    """The halves the list itself may come from."""
    chosen = filters.get("sharing")
    if chosen:
        return tuple(
            half
            for half, is_wanted in ((c.OPEN, "external" in chosen), (c.REST, set(chosen) != {"external"}))
            if is_wanted
        )
    return (c.OPEN,) if request.open == "external" else c.HALVES


def count(
    shelf: Shelf, wanted: Wanted, request: SearchRequest, columns: Sequence[c.Column] = c.COLUMNS
) -> Counts:
    """The counts of a search, with the facets of these columns. The totals come from `TERMS`, which is always read.

    Filters are those of `wanted`; of the request only `open` and an explicit sharing filter are read.
    """
    wanted_columns = tuple(dict.fromkeys((c.TERMS, *columns)))
    gathered: dict[str, Keys] = {column.name: {} for column in wanted_columns}
    listed = halves_wanted(wanted.filters, request)
    for half in c.HALVES:
        counted = wanted_columns if half in listed else (c.TERMS,)
        for group, without in _passes(counted, wanted.filters):
            query = half_query(shelf.schema, half, wanted, without=without)
            _gather(shelf, query, group, gathered)
    effective = dict(wanted.filters)
    if "sharing" not in effective and request.open == "external":
        effective["sharing"] = ("external",)
    facets: dict[str, Mapping[str, int]] = {}
    for column in wanted_columns:
        for facet in column.facets:
            facets[facet] = _per_code(column, gathered[column.name], facet, effective)
    by_sharing = facets["sharing"]
    terms = gathered[c.TERMS.name]
    return Counts(
        total=sum(number for _, number in _passing(c.TERMS, terms, effective)),
        total_open=by_sharing.get("external", 0),
        total_any=sum(by_sharing.values()),
        facets=facets,
    )


def _passes(columns: Sequence[c.Column], filters: Filters) -> list[tuple[list[c.Column], tuple[str, ...]]]:
    """Which columns are counted together, and without which filters."""
    unfiltered: list[c.Column] = []
    passes: list[tuple[list[c.Column], tuple[str, ...]]] = []
    for column in columns:
        own = tuple(name for name in column.facets if filters.get(name))
        if own:
            passes.append(([column], own))
        else:
            unfiltered.append(column)
    if unfiltered:
        passes.append((unfiltered, ()))
    return passes


def _gather(shelf: Shelf, query: Query, columns: Iterable[c.Column], gathered: Mapping[str, Keys]) -> None:
    asked = {
        column.name: {"terms": {"field": column.name, "size": _MAX_KEYS, "segment_size": _MAX_KEYS}}
        for column in columns
    }
    answer = shelf.searcher.aggregate(query, asked)
    for name, found in answer.items():
        keys = gathered[name]
        for bucket in found["buckets"]:
            key = bucket["key"]
            keys[key] = keys.get(key, 0) + bucket["doc_count"]


def _per_code(column: c.Column, keys: Keys, facet: str, filters: Filters) -> Mapping[str, int]:
    if column.is_plain:
        return keys
    own = column.facets.index(facet)
    counts: dict[str, int] = {}
    for parts, number in _passing(column, keys, filters, except_for=facet):
        for code in parts[own]:
            counts[code] = counts.get(code, 0) + number
    return counts


def _passing(
    column: c.Column, keys: Keys, filters: Filters, except_for: str = ""
) -> Iterator[tuple[tuple[c.Codes, ...], int]]:
    """The parts and numbers of the keys that pass the filters on this column."""
    conditions = [
        (at, frozenset(filters[name]))
        for at, name in enumerate(column.facets)
        if name != except_for and filters.get(name)
    ]
    unpack = column.unpack
    for key, number in keys.items():
        parts = unpack(key)
        for at, allowed in conditions:
            if allowed.isdisjoint(parts[at]):
                break
        else:
            yield parts, number
