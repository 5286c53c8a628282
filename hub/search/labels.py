"""What facet values are called, from the specification's code lists. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import schemas
from hub.search.columns import class_levels
from hub.search.request import FILTER_NAMES, UNKNOWN, FacetValue, Lang

_UNKNOWN = {"zh": "未知", "en": "Unknown"}
_YES_NO = {
    "cma": {
        "true": ("有 CMA 资质项目", "Within CMA scope"),
        "false": ("无 CMA 资质项目", "Not within CMA scope"),
    },
    "cnas": {
        "true": ("有 CNAS 认可项目", "Within CNAS scope"),
        "false": ("无 CNAS 认可项目", "Not within CNAS scope"),
    },
}
_IN_LIST_ORDER = ("band", "sharing", "cma", "cnas")
"""Facets whose values have an order of their own; the others are shown by count."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What is shown of a code, and where it stands in its list."""

    label: str
    parent: str | None
    rank: int


@lru_cache(maxsize=65_536)
def _named(facet: str, code: str, lang: Lang) -> _Named:
    if code == UNKNOWN:
        return _Named(_UNKNOWN[lang], None, 0)
    if facet in _YES_NO:
        zh, en = _YES_NO[facet][code]
        return _Named(zh if lang == "zh" else en, None, 0 if code == "true" else 1)
    code_list = FILTER_NAMES[facet].code_list
    if code_list is None or code not in schemas.codes(code_list):
        return _Named(code, None, 0)
    codes = schemas.codes(code_list)
    held = codes[code]
    rank = list(codes).index(code) if facet in _IN_LIST_ORDER else 0
    parent = held.parent if facet in {"city", "class"} else None
    return _Named(held.zh if lang == "zh" else held.en, parent or None, rank)


def facet_values(
    facet: str, counts: Mapping[str, int], selected: Iterable[str], lang: Lang
) -> tuple[FacetValue, ...]:
    """The values of a facet as a page shows them. Selected ones are there even when their count is zero.

    Classes below level 1 appear once something above or beside them is selected. A code that no list names is shown
    as it is.
    """
    chosen = frozenset(selected)
    path = {level for code in chosen for level in class_levels(code)} if facet == "class" else frozenset()
    ranked: list[tuple[int, int, FacetValue]] = []
    for code in dict.fromkeys((*counts, *chosen)) if chosen else counts:
        named, count = _named(facet, code, lang), counts.get(code, 0)
        if facet == "class" and named.parent and named.parent not in path and code not in chosen:
            continue
        # What is unknown comes last in any order.
        rank = named.rank if facet in _IN_LIST_ORDER else -count
        value = FacetValue(code, named.label, count, code in chosen, named.parent)
        ranked.append((1 if code == UNKNOWN else 0, rank, value))
    ranked.sort(key=lambda row: (row[0], row[1], row[2].code))
    return tuple(value for _, _, value in ranked)
