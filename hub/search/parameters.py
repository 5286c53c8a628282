"""A search as query parameters: what they are called, what they mean, and how they are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hub.core.clock import SHANGHAI
from hub.search.columns import CHARGING_UNITS, UNCOUNTED_FILTERS
from hub.search.errors import FilterUnknown, SearchParameterInvalid
from hub.search.request import (
    FILTER_NAMES,
    FILTERS,
    KINDS,
    MAX_LIMIT,
    SORTS,
    Kind,
    Lang,
    Open,
    Point,
    SearchRequest,
    Sort,
)

_FILTERS = (*FILTERS, *UNCOUNTED_FILTERS)

_TOLD: Mapping[str, tuple[str, dict[str, Any]]] = {
    "q": ("检索词：中文、拼音、型号、标准号 · words, pinyin, model or standard", {"type": "string"}),
    "open": (
        "external 只看可对外预约（默认），any 全部 · bookable from outside (default), or all",
        {"type": "string", "enum": ["external", "any"]},
    ),
    "near": ("经度,纬度 · longitude,latitude", {"type": "string", "examples": ["121.47,31.23"]}),
    "radius": ("公里，须与 near 同用 · km, with near", {"type": "number", "exclusiveMinimum": 0}),
    "sort": ("排序 · order", {"type": "string", "enum": list(SORTS)}),
    "unit": (
        "计费单位，费用只在同一单位内比较 · charging unit",
        {"type": "string", "enum": list(CHARGING_UNITS)},
    ),
    "quantity": ("数量 · quantity of the charging unit", {"type": "number", "exclusiveMinimum": 0}),
    "free_from": (
        "可约起始不早于此：日期，或带时区的时刻（无时区按北京时间） · a booking may begin from here on: a date, or an "
        "instant (without an offset: Beijing time)",
        {"type": "string", "examples": ["2026-03-02", "2026-03-02T09:00:00+08:00"]},
    ),
    "free_to": (
        "可约起始早于此；日期含当日全天 · a booking begins before this; a date includes the whole day",
        {"type": "string", "examples": ["2026-03-06", "2026-03-06T18:00:00+08:00"]},
    ),
    "limit": ("每页条数 · hits in one page", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
    "cursor": ("上一页的 next · `next` of the page before", {"type": "string"}),
    "kind": ("检索对象 · what to search", {"type": "string", "enum": list(KINDS)}),
    "lang": ("标签语言 · language of labels", {"type": "string", "enum": ["zh", "en"]}),
}


def openapi(*left_out: str) -> dict[str, Any]:
    """The parameters for the OpenAPI document."""
    filters = [
        {
            "name": name,
            "in": "query",
            "description": f"{_named(name)}，可重复或以逗号分隔 · filter, repeated or separated by commas",
            "schema": {"type": "array", "items": {"type": "string"}},
        }
        for name in _FILTERS
    ]
    others = [
        {"name": name, "in": "query", "description": told, "schema": schema}
        for name, (told, schema) in _TOLD.items()
        if name not in left_out
    ]
    return {"parameters": [*others, *filters]}


def _named(name: str) -> str:
    held = FILTER_NAMES.get(name)
    return f"{held.zh} · {held.en}" if held else "单位标识 · identifier of an institution"


def read_request(pairs: Iterable[tuple[str, str]], lang: Lang) -> SearchRequest:
    """The request that query parameters ask for; `lang` unless they name one.

    Raises FilterUnknown for a parameter that does not exist, SearchParameterInvalid for a number that is none.
    Whether codes and ranges make sense is checked by the search itself.
    """
    single: dict[str, str] = {}
    filters: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in _FILTERS:
            filters.setdefault(name, []).extend(part for part in value.split(",") if part)
        elif name in _TOLD:
            single[name] = value
        else:
            raise FilterUnknown(name[:60], None, (*FILTERS, *_TOLD))
    if (asked := single.get("lang", lang)) not in {"zh", "en"}:
        raise SearchParameterInvalid("lang", "lang 可取 zh、en。", "lang is zh or en.")
    return SearchRequest(
        q=single.get("q", ""),
        filters={name: tuple(dict.fromkeys(codes)) for name, codes in filters.items()},
        open=cast(Open, single.get("open", "external")),
        near=_point(single["near"]) if single.get("near") else None,
        radius_km=_number("radius", single["radius"]) if single.get("radius") else None,
        sort=cast(Sort, single.get("sort") or "relevance"),
        unit=single.get("unit") or None,
        quantity=_number("quantity", single["quantity"]) if single.get("quantity") else 1.0,
        free_from=_time("free_from", single["free_from"]) if single.get("free_from") else None,
        free_to=_time("free_to", single["free_to"], days=1) if single.get("free_to") else None,
        limit=_whole("limit", single["limit"]) if single.get("limit") else 20,
        cursor=single.get("cursor") or None,
        lang=cast(Lang, asked),
        kind=cast(Kind, single.get("kind") or "instrument"),
    )


def read_time(text: str, *, days: int = 0) -> datetime | None:
    """The instant that a date (its beginning, or that of `days` later) or a date and time names; None for no time.

    Without an offset it is Beijing time.
    """
    try:
        if len(text) == 10:
            at = datetime.fromisoformat(text) + timedelta(days=days)
        else:
            at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _time(name: str, text: str, *, days: int = 0) -> datetime:
    at = read_time(text, days=days)
    if at is None:
        raise SearchParameterInvalid(
            name,
            f"{name} 应为日期或带时区的时刻，如 2026-03-02 或 2026-03-02T09:00:00+08:00。",
            f"{name} must be a date or an instant with an offset, as in 2026-03-02 or 2026-03-02T09:00:00+08:00.",
        )
    return at


def _point(text: str) -> Point:
    parts = text.split(",")
    if len(parts) == 2:
        return Point(_number("near", parts[0]), _number("near", parts[1]))
    raise SearchParameterInvalid(
        "near",
        "near 应为“经度,纬度”，如 121.47,31.23。",
        "near must be longitude,latitude, as in 121.47,31.23.",
    )


def _number(name: str, text: str) -> float:
    try:
        number = float(text) if text.isascii() else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SearchParameterInvalid(name, f"{name} 应为数字。", f"{name} must be a number.")
    return number


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise SearchParameterInvalid(
            name, f"{name} 应为正整数。", f"{name} must be a whole number above zero."
        )
    return int(text)
