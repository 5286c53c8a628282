"""What the hub must show of the synthetic world, told from its truth and never from a mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import schemas
from adapters.simulators.world import Instrument, SurveyRow, World
from adapters.simulators.world import model as words
from tests.adapters.provinces import truth
from tests.e2e.federation import UNIT_KEYS

EXACT = frozenset(truth.UNIT_KEYS)
"""Provinces whose whole document is told in `truth`; of the others, what every dialect can say is compared."""


def good(world: World) -> Iterator[tuple[str, Instrument, SurveyRow]]:
    """Every good record with its province."""
    for code in world.provinces:
        for instrument, row in world.province(code).good():
            yield code, instrument, row


def unit_of(code: str, instrument: Instrument) -> str:
    """The identifier by which this province's dialect names the unit."""
    return str(getattr(instrument.unit, UNIT_KEYS[code]))


def id_of(code: str, instrument: Instrument) -> str:
    """The hub's identifier of an instrument."""
    return schemas.ids.instrument_id(code, unit_of(code, instrument), instrument.internal_number)


def key_of(code: str, instrument: Instrument) -> str:
    """The key under which the hub keeps the native record."""
    return f"{unit_of(code, instrument)}|{instrument.internal_number}"


def facts_of(instrument: Instrument, row: SurveyRow | None) -> dict[str, Any]:
    """What every dialect, together with the survey, tells of an instrument; without the survey less."""
    told = {
        "name_zh": instrument.name,
        "model": instrument.model,
        "manufacturer": instrument.manufacturer,
        "origin_country": instrument.country,
        "class": instrument.class_code,
        "original_value_fen": instrument.value * 10_000,
        "commissioned_on": instrument.commissioned_on.isoformat(),
        "running_state": words.RUNNING_STATE_CODES[instrument.running_state],
        "disciplines": sorted(item.code for item in instrument.disciplines),
        "city": instrument.place.city,
        "unit": instrument.unit.name,
    }
    return told | (survey_facts(row) if row is not None else dict.fromkeys(SURVEYED))


SURVEYED = ("funding_source", "sharing_mode", "service_modes", "annual")


def survey_facts(row: SurveyRow) -> dict[str, Any]:
    """What the yearly survey adds to an instrument."""
    return {
        "funding_source": words.FUNDING_CODES[row.funding],
        "sharing_mode": words.SHARING_CODES[row.sharing],
        "service_modes": [words.SERVICE_MODE_CODES[mode] for mode in row.service_modes] or None,
        "annual": {
            "year": row.year,
            "effective_hours": row.effective_hours,
            "external_hours": row.external_hours,
        },
    }


def said(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same facts as `facts_of`, read from a document."""
    plain = (
        "name_zh", "model", "manufacturer", "origin_country", "original_value_fen", "commissioned_on",
        "running_state", *SURVEYED,
    )  # fmt: skip
    return {name: document.get(name) for name in plain} | {
        "class": document["classification"]["code"],
        "disciplines": sorted(document.get("disciplines", [])),
        "city": document["location"].get("city"),
        "unit": document["unit"].get("name"),
    }


def items_of(row: SurveyRow) -> list[tuple[Any, ...]]:
    """An instrument's priced services: number, name, unit, fee in fen, CMA, CNAS."""
    return [
        (i.number, i.name, words.CHARGING_UNIT_CODES[i.charging_unit], i.fee_fen, i.cma, i.cnas)
        for i in row.service_items
    ]


def item_said(document: Mapping[str, Any]) -> tuple[Any, ...]:
    """The same of a service-item document."""
    names = ("number", "name", "charging_unit", "fee_fen", "cma", "cnas")
    return tuple(document.get(name) for name in names)


REASONS = {
    words.UNKNOWN_CLASS: {"unknown-class"},
    words.MISSING_NUMBER: {"missing-key"},
    words.IMPOSSIBLE_VALUE: {"too-small", "too-large"},
    words.DUPLICATE_NUMBER: {"duplicate-key"},
}
"""Why a hopeless record is in quarantine."""


def counted(world: World, of: str) -> Counter[Any]:
    """Good records counted by province, sharing, city, class (level 1), country or band."""
    readers: Mapping[str, Any] = {
        "province": lambda code, _i, _r: code,
        "sharing": lambda _c, _i, row: words.SHARING_CODES[row.sharing],
        "city": lambda _c, instrument, _r: instrument.place.city,
        "class": lambda _c, instrument, _r: f"{instrument.class_code[:2]}0000",
        "country": lambda _c, instrument, _r: instrument.country,
        "institution_kind": lambda _c, i, _r: words.UNIT_KIND_CODES[i.unit.kind],
        "band": lambda _c, instrument, _r: _band(instrument.value),
    }
    return Counter(readers[of](*record) for record in good(world))


def _band(value: int) -> str:
    """The price band of a value in 0.01 万元; lower bounds belong to their band."""
    for lower, band in ((80_000, "800+"), (50_000, "500-800"), (20_000, "200-500"), (5_000, "50-200")):
        if value >= lower:
            return band
    return "lt50"
