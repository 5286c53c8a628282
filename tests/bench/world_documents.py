"""The synthetic world as the catalogue holds it after a harvest: merged documents, without the way through a province."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import schemas
from adapters.simulators.world import Instrument, ServiceItem, SurveyRow, Unit, World
from tests.bench.corpus import Document, availability

BELT = 33_817


def documents(count: int) -> Iterator[Document]:
    """The institutions and `count` instruments of the world (a million: the nearest multiple of the belt)."""
    world = (
        World(scale=round(count / BELT))
        if count > BELT
        else World(records=count)
        if count < BELT
        else World()
    )
    for code in world.provinces:
        province = world.province(code)
        institutions = {unit.id: _institution(code, unit) for unit in province.units}
        for held in institutions.values():
            yield Document(held["id"], "institution", held)
        for instrument, survey in province.good():
            yield _entry(code, instrument, survey, institutions[instrument.unit.id])


def _institution(province: str, unit: Unit) -> dict[str, Any]:
    return _without_empty(
        id=schemas.ids.institution_id(province, unit.id),
        province=province,
        unit_id=unit.id,
        name_zh=unit.name,
        name_en=unit.name_en,
        credit_code=unit.credit_code,
        kind=_code("institution_kind", unit.kind),
        location=_location(unit.place),
        cma_certificate=unit.cma_certificate,
        cnas_certificate=unit.cnas_certificate,
    )


def _entry(province: str, instrument: Instrument, survey: SurveyRow, institution: dict[str, Any]) -> Document:
    document_id = schemas.ids.instrument_id(province, instrument.unit.id, instrument.internal_number)
    document = _without_empty(
        id=document_id,
        province=province,
        unit={"id": instrument.unit.id, "name": instrument.unit.name},
        internal_number=instrument.internal_number,
        name_zh=instrument.name,
        name_en=instrument.name_en,
        aliases=list(instrument.aliases),
        classification={"scheme": "most-2006", "code": instrument.class_code},
        manufacturer=instrument.manufacturer,
        model=instrument.model,
        origin_country=instrument.country,
        original_value_fen=instrument.value * 10_000,
        commissioned_on=instrument.commissioned_on.isoformat(),
        sharing_mode=_code("sharing_mode", survey.sharing),
        service_modes=[_code("service_mode", mode) for mode in survey.service_modes],
        running_state=_code("running_state", instrument.running_state),
        technical_indicators=instrument.indicators,
        functions=instrument.functions,
        service_content=instrument.service_content,
        achievements=instrument.achievements,
        disciplines=[discipline.code for discipline in instrument.disciplines],
        department=instrument.department,
        location=_location(instrument.place),
    )
    items = tuple(_item(province, document_id, institution["id"], item) for item in survey.service_items)
    number = zlib.crc32(document_id.encode())
    return Document(
        document_id, "instrument", document, institution, items, availability=availability(number, province)
    )


def _item(province: str, instrument_id: str, institution_id: str, item: ServiceItem) -> dict[str, Any]:
    return _without_empty(
        id=schemas.ids.service_item_id(instrument_id, item.number),
        instrument_id=instrument_id,
        institution_id=institution_id,
        province=province,
        number=item.number,
        name=item.name,
        method=item.method,
        standards=list(item.standards),
        condition=item.condition,
        charging_unit=_code("charging_unit", item.charging_unit),
        fee_fen=item.fee_fen,
        turnaround_days=item.turnaround_days,
        cma=item.cma,
        cnas=item.cnas,
        service_mode=_code("service_mode", item.service_mode),
    )


def _location(place: Any) -> dict[str, Any]:
    return _without_empty(
        province=place.province,
        city=place.city,
        county=place.county,
        address=place.address,
        postcode=place.postcode,
        lon=place.lon,
        lat=place.lat,
    )


@cache
def _code(list_name: str, name: str) -> str:
    """The code of a Chinese name; the world speaks as the provinces do. Raises KeyError."""
    return {code.zh: code.code for code in schemas.codes(list_name).values()}[name]


def _without_empty(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", [], None)}
