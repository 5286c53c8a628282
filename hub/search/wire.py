"""A catalogue document → the fields of the index. The only place of search that knows the specification's names.

Pure: the same document always gives the same fields. What is stored is what a result card shows; it is public by
construction (named fields only, numbers and addresses of persons masked), whatever the document holds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import orjson

import schemas
from hub.search import columns as c
from hub.search import openings
from hub.search import weights as w
from hub.search.feed import Availability, IndexDocument
from hub.search.request import UNKNOWN, Kind

_EPOCH = date(1970, 1, 1).toordinal()
_SNIPPET = 300
_MAX_LISTED = 12
_SHARED = ("external", "internal")

Document = Mapping[str, Any]
Facets = dict[str, c.Codes]


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one document of the index of its kind; `values` goes to the index as it is."""

    kind: Kind
    id: str
    values: dict[str, Any]


def instrument_fields(entry: IndexDocument) -> Fields:
    """An instrument with its institution and its service items folded in."""
    doc, items = entry.document, entry.service_items
    facets = _instrument_facets(doc, entry.institution)
    facets["mode"] = _modes(doc, items) or (UNKNOWN,)
    for scope in ("cma", "cnas"):
        facets[scope] = (_flag(any(item.get(scope) for item in items)),)
    # A kept tariff is what a quote is made from; without one it is the service items.
    fees = _lowest_fees(items) if entry.fees is None else entry.fees
    values = _values(doc["id"], _half(doc), facets)
    words = _instrument_words(doc, items)
    values[c.text_field(_half(doc))] = words.joined()
    values[c.SUGGEST] = words.suggestions()
    values[c.MODELS] = w.model_suggestions(doc["model"]) if doc.get("model") else []
    marks, available = _availability(entry)
    values[c.DOC] = _instrument_summary(entry, facets, fees, available)
    values[c.NEWEST] = _days(doc.get("commissioned_on")) << 32 | _mixed(doc["id"])
    values[c.TAG] += marks
    values[c.TAG] += [c.seat_tag(area) for area in c.class_levels(_seat(doc))]
    if doc.get("original_value_fen") is not None:
        values[c.VALUE] = doc["original_value_fen"]
    _add_place(values, doc.get("location", {}))
    _add_fees(values, doc["id"], fees)
    return _fields("instrument", values)


def service_fields(item: Document, entry: IndexDocument) -> Fields:
    """A service item of an instrument; its sharing, place and class are the instrument's."""
    instrument = entry.document
    facets = _instrument_facets(instrument, entry.institution)
    facets["mode"] = _one(item.get("service_mode"))
    for scope in ("cma", "cnas"):
        facets[scope] = (_flag(item.get(scope, False)),)
    unit = instrument.get("unit", {}).get("name")
    words = w.WeightedWords()
    words.add_name(item["name"], w.NAME, "n")
    words.add_name(instrument["name_zh"], w.SERVICE)
    words.add_name(unit, w.SERVICE)
    for text in (item.get("method"), item.get("condition"), *item.get("standards", ())):
        words.add_text(text, w.SERVICE)
    words.add_place(instrument.get("location", {}))
    values = _values(item["id"], _half(instrument), facets)
    values[c.text_field(_half(instrument))] = words.joined()
    values[c.SUGGEST] = words.suggestions()
    values[c.NEWEST] = _mixed(item["id"])
    values[c.DOC] = _shown(
        {
            "standards": [w.public(text) for text in item.get("standards", ())],
            "charging_unit": item.get("charging_unit"),
            "fee_fen": item.get("fee_fen"),
            "cma": bool(item.get("cma")),
            "cnas": bool(item.get("cnas")),
            "instrument_id": instrument["id"],
            **_where(instrument),
        },
        name=item["name"],
        method=item.get("method"),
        instrument_name=instrument["name_zh"],
        unit=unit,
    )
    values[c.TAG].append(c.parent_tag(instrument["id"]))
    _add_place(values, instrument.get("location", {}))
    _add_fees(values, item["id"], _lowest_fees([item]))
    return _fields("service", values)


def institution_fields(entry: IndexDocument) -> Fields:
    """An institution. It is in the open half always: nothing about it is booked."""
    doc = entry.document
    location = doc.get("location", {})
    facets: Facets = dict.fromkeys(c.COLUMN_OF, (UNKNOWN,))
    facets |= {
        "province": (doc["province"],),
        "city": _one(location.get("city")),
        "sharing": ("external",),
        "institution_kind": _one(doc.get("kind")),
        "cma": (_flag(bool(doc.get("cma_certificate"))),),
        "cnas": (_flag(bool(doc.get("cnas_certificate"))),),
        "institution": (doc["id"],),
    }
    words = w.WeightedWords()
    words.add_name(doc["name_zh"], w.NAME, "u")
    words.add_name(doc.get("name_en"), w.ALIAS)
    words.add_code("institution_kind", doc.get("kind"))
    words.add_place(location)
    values = _values(doc["id"], c.OPEN, facets)
    values[c.text_field(c.OPEN)] = words.joined()
    values[c.SUGGEST] = words.suggestions()
    values[c.NEWEST] = _mixed(doc["id"])
    values[c.DOC] = _shown(
        {"institution_kind": doc.get("kind"), **_where(doc)},
        name_zh=doc["name_zh"],
        name_en=doc.get("name_en"),
    )
    _add_place(values, location)
    return _fields("institution", values)


def _instrument_facets(doc: Document, institution: Document | None) -> Facets:
    location = doc.get("location", {})
    return {
        "province": (doc["province"],),
        "city": _one(location.get("city")),
        "class": c.class_levels(doc.get("classification", {}).get("code", "")),
        "band": _one(_band(doc.get("original_value_fen"))),
        "country": _one(doc.get("origin_country")),
        "sharing": _one(doc.get("sharing_mode")),
        "institution_kind": _one((institution or {}).get("kind")),
        "discipline": tuple(doc.get("disciplines", ())) or (UNKNOWN,),
        "institution": (_institution_id(doc["province"], doc["unit"]["id"]),),
    }


def _instrument_words(doc: Document, items: Iterable[Document]) -> w.WeightedWords:
    code = doc.get("classification", {}).get("code", "")
    words = w.WeightedWords()
    words.add_name(doc["name_zh"], w.NAME, "n")
    words.add_name(doc.get("name_en"), w.ALIAS)
    for alias in doc.get("aliases", ()):
        words.add_name(alias, w.ALIAS, "a")
    words.add_class(code)
    words.add_model(doc.get("model"))
    words.add_name(doc.get("manufacturer"), w.MAKER)
    words.add_name(doc.get("unit", {}).get("name"), w.UNIT, "u")
    for item in items:
        words.add_name(item["name"], w.SERVICE)
        for text in (item.get("method"), *item.get("standards", ())):
            words.add_text(text, w.SERVICE)
    words.add_place(doc.get("location", {}))
    for name in ("functions", "technical_indicators", "service_content", "department", "achievements"):
        words.add_text(doc.get(name))
    return words


def _instrument_summary(
    entry: IndexDocument, facets: Facets, fees: Mapping[str, int], available: dict[str, Any] | None
) -> bytes:
    doc, items = entry.document, entry.service_items
    standards = dict.fromkeys(text for item in items for text in item.get("standards", ()))
    priced = [{"unit": unit, "fee_fen": fees[unit]} for unit in c.CHARGING_UNITS if unit in fees]
    return _shown(
        {
            "aliases": [w.public(alias) for alias in doc.get("aliases", ())],
            "institution_id": facets["institution"][0],
            **_where(doc),
            "class": doc.get("classification", {}).get("code"),
            "sharing_mode": doc.get("sharing_mode"),
            "running_state": doc.get("running_state"),
            "service_modes": [mode for mode in facets["mode"] if mode != UNKNOWN],
            "cma": facets["cma"] == ("true",),
            "cnas": facets["cnas"] == ("true",),
            "customs_supervised": bool(doc.get("customs", {}).get("supervised")),
            "original_value_fen": doc.get("original_value_fen"),
            "commissioned_on": doc.get("commissioned_on"),
            "fees": priced,
            "services": len(items),
            "service_names": [w.public(item["name"]) for item in items[:_MAX_LISTED]],
            "standards": [w.public(text) for text in list(standards)[:_MAX_LISTED]],
            "is_stale": entry.is_stale,
            "updated_at": entry.updated_at,
            "availability": available,
            "seat": _seat(doc),
        },
        name_zh=doc["name_zh"],
        name_en=doc.get("name_en"),
        model=doc.get("model"),
        manufacturer=doc.get("manufacturer"),
        unit=doc.get("unit", {}).get("name"),
        functions=(doc.get("functions") or "")[:_SNIPPET],
    )


def _availability(entry: IndexDocument) -> tuple[list[str], dict[str, Any] | None]:
    """The terms of opening hours and taken times, and what the next free slot of a hit is worked out from."""
    known = _bookable(entry)
    if known is None:
        return [], None
    hours, busy = openings.write_hours(known.opening), openings.write_busy(known.busy)
    facts = {"hours": hours, "busy": busy, "as_of": known.as_of, "source": known.source}
    return [c.hours_tag(hours), *openings.marks_of(hours, busy)], facts


def _bookable(entry: IndexDocument) -> Availability | None:
    """When an instrument can be booked; None for one that nobody can book (不共享), or whose sharing is not known."""
    return entry.availability if entry.document.get("sharing_mode") in _SHARED else None


def _where(doc: Document) -> dict[str, Any]:
    location = doc.get("location", {})
    return {
        "province": doc["province"],
        "city": location.get("city"),
        "lon": location.get("lon"),
        "lat": location.get("lat"),
    }


def _seat(doc: Document) -> str:
    """The area in which an instrument stands, as finely as it is known: what programmes go by."""
    location = doc.get("location", {})
    return str(location.get("county") or location.get("city") or doc["province"])


def _values(document_id: str, half: str, facets: Facets) -> dict[str, Any]:
    tags = [c.tag(half, name, code) for name, codes in facets.items() for code in codes]
    values: dict[str, Any] = {c.ID: document_id, c.TAG: [c.half_tag(half), *tags]}
    for column in (c.TERMS, c.OWNER, c.AREA, c.DISCIPLINE):
        values[column.name] = c.pack(*(facets[name] for name in column.facets))
    values[c.CLASS.name] = facets["class"][-1]
    values[c.COUNTRY.name] = facets["country"][0]
    return values


def _fields(kind: Kind, values: dict[str, Any]) -> Fields:
    # One text to cut costs the index less than forty values to take over one by one.
    values[c.TAG] = " ".join(values[c.TAG])
    for name in (c.SUGGEST, c.MODELS):
        values[name] = "\n".join(values.get(name, ()))
    return Fields(kind, values[c.ID], values)


def _half(instrument: Document) -> str:
    return c.OPEN if instrument.get("sharing_mode") == "external" else c.REST


def _one(code: str | None) -> c.Codes:
    return (code or UNKNOWN,)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _mixed(document_id: str) -> int:
    """32 bits of the identifier: they put ties into an order that does not change."""
    return zlib.crc32(document_id.encode())


def _modes(doc: Document, items: Iterable[Document]) -> c.Codes:
    served = (item["service_mode"] for item in items if item.get("service_mode"))
    return tuple(sorted({*doc.get("service_modes", ()), *served}))


def _band(value_fen: int | None) -> str | None:
    if value_fen is None:
        return None
    within = [code for lower, code in _bands() if value_fen >= lower]
    return within[-1] if within else None


@cache
def _bands() -> tuple[tuple[int, str], ...]:
    """Lower bound in fen and code, ascending."""
    return tuple(
        (int(band.attributes["lower_fen"]), band.code) for band in schemas.codes("value_band").values()
    )


def _lowest_fees(items: Iterable[Document]) -> dict[str, int]:
    fees: dict[str, int] = {}
    for item in items:
        unit, fee = item.get("charging_unit"), item.get("fee_fen")
        if unit in c.CHARGING_UNITS and fee is not None:
            fees[unit] = min(fee, fees.get(unit, fee))
    return fees


def _add_fees(values: dict[str, Any], document_id: str, fees: Mapping[str, int]) -> None:
    for unit, fee in fees.items():
        values[c.fee_field(unit)] = fee << 24 | _mixed(document_id) & 0xFFFFFF
        values[c.TAG].append(c.fee_tag(unit))


def _add_place(values: dict[str, Any], location: Document) -> None:
    lon, lat = location.get("lon"), location.get("lat")
    if lon is None or lat is None:
        return
    values[c.LON], values[c.LAT] = float(lon), float(lat)
    values[c.PLACE] = f"{lon:.4f},{lat:.4f}"
    values[c.TAG].append(c.PLACED)


def _days(text: str | None) -> int:
    """Days since 1970 of a date, 0 when unknown or earlier: such documents come last among the newest."""
    return max(0, date.fromisoformat(text).toordinal() - _EPOCH) if text else 0


def _shown(facts: dict[str, Any], **texts: str | None) -> bytes:
    """What a result card shows: the facts and texts that are known, texts without personal numbers, as JSON."""
    for name, text in texts.items():
        if text:
            facts[name] = w.public(text)
    return orjson.dumps({name: fact for name, fact in facts.items() if fact is not None and fact != []})


@lru_cache(maxsize=16_384)
def _institution_id(province: str, unit_id: str) -> str:
    return schemas.ids.institution_id(province, unit_id)
