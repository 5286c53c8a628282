"""What the hub must hold of an instrument, told from the world's truth and from what each dialect is able to carry.

Written from the dialects' descriptions, not from the mappings.
"""

from typing import Any

import schemas
from adapters.simulators.world import Instrument, SurveyRow, Unit
from adapters.simulators.world import model as words

# The identifier of a unit that each platform uses.
UNIT_KEYS = {
    "310000": "id",
    "320000": "credit_code",
    "330000": "credit_code",
    "360000": "id",
    "420000": "id",
    "510000": "id",
}
# Fields of the specification that a dialect has no place for.
MISSING = {
    "310000": set[str](),
    "320000": set[str](),
    "330000": {
        "aliases", "equipment_type", "fee_text", "achievements", "department", "carrier", "service_url", "postcode",
        "coordinates",
    },
    "360000": {"aliases", "coordinates"},
    "420000": set[str](),
    "510000": {"aliases", "coordinates"},
}  # fmt: skip
FULL_ADDRESS = {"310000", "320000"}
ONE_TELEPHONE = {"330000", "360000", "510000"}


def document_of(province: str, instrument: Instrument) -> dict[str, Any]:
    """The whole document, without `source_classification` (see `source_code`)."""
    unit = getattr(instrument.unit, UNIT_KEYS[province])
    missing = MISSING[province]
    document = {
        "id": schemas.ids.instrument_id(province, unit, instrument.internal_number),
        "province": province,
        "unit": {"id": unit, "name": instrument.unit.name},
        "internal_number": instrument.internal_number,
        "name_zh": instrument.name,
        "name_en": instrument.name_en,
        "aliases": list(instrument.aliases),
        "classification": {"scheme": "most-2006", "code": instrument.class_code},
        "manufacturer": instrument.manufacturer,
        "model": instrument.model,
        "origin_country": instrument.country,
        "acquisition_method": words.ACQUISITION_CODES[instrument.acquisition],
        "equipment_type": words.EQUIPMENT_TYPE_CODES[instrument.equipment_type],
        "original_value_fen": instrument.value * 10_000,
        "commissioned_on": instrument.commissioned_on.isoformat(),
        "running_state": words.RUNNING_STATE_CODES[instrument.running_state],
        "technical_indicators": instrument.indicators,
        "functions": instrument.functions,
        "service_content": instrument.service_content,
        "user_notice": instrument.user_notice,
        "fee_text": instrument.fee_text,
        "achievements": instrument.achievements,
        "disciplines": [discipline.code for discipline in instrument.disciplines],
        "department": instrument.department,
        "carrier": _carrier(instrument),
        "location": _location(instrument, missing, province in FULL_ADDRESS),
        "contact": _contact(instrument, province in ONE_TELEPHONE),
        "service_url": instrument.service_url,
        "image_url": instrument.image_url,
        "customs": _customs(province, instrument),
    }
    return {
        name: value for name, value in document.items() if value not in ("", {}, []) and name not in missing
    }


def _carrier(instrument: Instrument) -> dict[str, str]:
    if not instrument.carrier_kind:
        return {}
    return {"kind": words.CARRIER_KIND_CODES[instrument.carrier_kind], "name": instrument.carrier_name}


def _location(instrument: Instrument, missing: set[str], is_full: bool) -> dict[str, Any]:
    place = instrument.place
    location: dict[str, Any] = {
        "province": place.province,
        "city": place.city,
        "address": place.address if is_full else place.street,
    }
    if place.county:
        location["county"] = place.county
    if "postcode" not in missing:
        location["postcode"] = place.postcode
    if "coordinates" not in missing:
        location |= {"lon": place.lon, "lat": place.lat}
    return location


def _contact(instrument: Instrument, is_one: bool) -> dict[str, str]:
    person = instrument.contact
    both = {
        "name": person.name,
        "email": person.email,
        "office_phone": person.office_phone,
        "mobile": person.mobile,
    }
    if is_one:  # the column holds either; which one is the person's choice
        both.pop("office_phone" if instrument.internal_number[-1:] in ("3", "7") else "mobile")
    return both


def _customs(province: str, instrument: Instrument) -> dict[str, Any]:
    customs = instrument.customs
    supervised = customs is not None and customs.supervised
    if province == "330000":  # tells only whether it was imported duty-free once
        return {"supervised": False} if customs is None else {}
    if province == "310000" and customs is None:
        return {}
    found: dict[str, Any] = {"supervised": supervised}
    if customs is not None and (province == "310000" or (supervised and province in ("320000", "510000"))):
        found |= {"declaration_number": customs.declaration_number, "item_number": customs.item_number}
        if province != "510000":
            purposes = [words.CUSTOMS_PURPOSE_CODES[purpose] for purpose in customs.permitted_purposes]
            found |= {"until": customs.until.isoformat(), "permitted_purposes": purposes}
    return found


def survey_of(province: str, row: SurveyRow) -> dict[str, Any]:
    """The survey document of a row."""
    unit = getattr(row.unit, UNIT_KEYS[province])
    items = [
        {
            "number": item.number,
            "name": item.name,
            "method": item.method,
            "standards": list(item.standards),
            "condition": item.condition,
            "charging_unit": words.CHARGING_UNIT_CODES[item.charging_unit],
            "fee_fen": item.fee_fen,
            "turnaround_days": item.turnaround_days,
            "cma": item.cma,
            "cnas": item.cnas,
            "service_mode": words.SERVICE_MODE_CODES[item.service_mode],
        }
        for item in row.service_items
    ]
    document = {
        "id": schemas.ids.instrument_id(province, unit, row.internal_number),
        "province": province,
        "unit": {"id": unit},
        "internal_number": row.internal_number,
        "year": row.year,
        "funding_source": words.FUNDING_CODES[row.funding],
        "sharing_mode": words.SHARING_CODES[row.sharing],
        "service_modes": [words.SERVICE_MODE_CODES[mode] for mode in row.service_modes],
        "annual": {
            "year": row.year,
            "effective_hours": row.effective_hours,
            "external_hours": row.external_hours,
        },
        "service_items": [
            {name: value for name, value in item.items() if value not in ("", [])} for item in items
        ],
    }
    return {name: value for name, value in document.items() if value != []}


def institution_of(province: str, unit: Unit) -> dict[str, Any]:
    """The institution document of a unit."""
    identifier = getattr(unit, UNIT_KEYS[province])
    place, person = unit.place, unit.contact
    location = {
        "province": place.province,
        "city": place.city,
        "county": place.county,
        "address": place.street,
        "postcode": place.postcode,
        "lon": place.lon,
        "lat": place.lat,
    }
    document = {
        "id": schemas.ids.institution_id(province, identifier),
        "province": province,
        "unit_id": identifier,
        "name_zh": unit.name,
        "name_en": unit.name_en,
        "credit_code": unit.credit_code,
        "kind": words.UNIT_KIND_CODES[unit.kind],
        "location": {name: value for name, value in location.items() if value != ""},
        "cma_certificate": unit.cma_certificate,
        "cnas_certificate": unit.cnas_certificate,
        "website": unit.website,
        "contact": {
            "name": person.name,
            "office_phone": person.office_phone,
            "mobile": person.mobile,
            "email": person.email,
        },
    }
    return {name: value for name, value in document.items() if value != ""}
