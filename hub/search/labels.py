"""What facet values are called, from the specification's code lists. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import schemas
from hub.search.columns import class_levels
from hub.search.request import UNKNOWN, FacetValue, Lang
from hub.search.rules import CODE_LISTS

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


def label(facet: str, code: str, lang: Lang) -> str:
    """The name of a facet value; the code itself when nothing names it."""
    if code == UNKNOWN:
        return _UNKNOWN[lang]
    if facet in _YES_NO:
        zh, en = _YES_NO[facet][code]
        return zh if lang == "zh" else en
    codes = schemas.codes(CODE_LISTS[facet])
    if code not in codes:
        return code
    return codes[code].zh if lang == "zh" else codes[code].en


def parent(facet: str, code: str) -> str | None:
    """The province of a city, the class above a class; None otherwise."""
    if facet not in {"city", "class"} or code == UNKNOWN:
        return None
    codes = schemas.codes(CODE_LISTS[facet])
    return (codes[code].parent or None) if code in codes else None


def facet_values(
    facet: str, counts: Mapping[str, int], selected: Iterable[str], lang: Lang
) -> tuple[FacetValue, ...]:
    """The values of a facet as a page shows them. Selected ones are there even when their count is zero.

    Classes below level 1 appear once something above or beside them is selected.
    """
    chosen = frozenset(selected)
    codes = dict.fromkeys((*counts, *chosen))
    if facet == "class":
        path = {level for code in chosen for level in class_levels(code)}
        codes = {
            code: None
            for code in codes
            if code in chosen or (above := parent(facet, code)) is None or above in path
        }
    values = [
        FacetValue(code, label(facet, code, lang), counts.get(code, 0), code in chosen, parent(facet, code))
        for code in codes
    ]
    if facet in _IN_LIST_ORDER:
        order = (
            {code: at for at, code in enumerate((*schemas.codes(CODE_LISTS[facet]), UNKNOWN))}
            if facet in CODE_LISTS
            else {}
        )
        return tuple(
            sorted(values, key=lambda value: (order.get(value.code, 0), value.code != "true", value.code))
        )
    return tuple(sorted(values, key=lambda value: (value.code == UNKNOWN, -value.count, value.code)))
