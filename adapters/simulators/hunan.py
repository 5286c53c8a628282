"""湖南: XML files harvested by URL. Written from `dialects/hunan.md`; synthetic data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.simulators.simulator import Platform
from adapters.simulators.survey import survey_routes
from adapters.simulators.world import Instrument, Unit
from adapters.simulators.world.dirt import Render
from adapters.simulators.world.province import ProvinceWorld

PROVINCE = "430000"

STATES = {
    "正常": "1",
    "偶有故障": "2",
    "故障频繁": "3",
    "待修": "4",
    "待报废": "5",
    "待机": "6",
    "远程服务中": "7",
}
UNIT_TYPES = {"高校": "10", "科研院所": "20", "企业": "30"}
COUNTRY_NUMBERS = {
    "US": "0840", "CN": "0156", "DE": "0276", "JP": "0392", "GB": "0826", "FR": "0250", "CH": "0756", "NL": "0528",
    "SE": "0752", "IT": "0380", "CA": "0124", "AU": "0036", "KR": "0410", "AT": "0040", "DK": "0208", "FI": "0246",
    "CZ": "0203", "ES": "0724", "BE": "0056", "IL": "0376", "SG": "0702", "RU": "0643", "NO": "0578", "IN": "0356",
}  # fmt: skip

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Platform:
    """The province's XML files over its world. `base_url` and `folder` are not needed: URLs in the files are relative."""
    files = _Files(world)
    routes: list[BaseRoute] = [
        Route("/cers/Platform.xml", files.platform),
        Route("/cers/{school}/Instrus.xml", files.instruments),
        Route("/cers/{school}/ShareEffect.xml", files.effect),
        *survey_routes(world),
    ]
    return Platform(PROVINCE, routes, {})


class _Files:
    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._by_unit: dict[str, list[Instrument]] = {}
        self._state: tuple[int, int] | None = None
        self._bodies: dict[str, str] = {}

    async def platform(self, _request: Request) -> Response:
        """The platform file: one `Platform` a unit, with the URLs of its files."""
        parts = "".join(_platform(unit) for unit in self._world.units)
        return _xml(f"<Platforms>{parts}</Platforms>")

    async def instruments(self, request: Request) -> Response:
        """One unit's instruments; 404 for a code nobody has."""
        school = request.path_params["school"]
        unit = self._unit(school)
        if unit is None:
            return Response("no such school", 404)
        return _xml(f"<Instrus>{''.join(self._rows(school))}</Instrus>")

    async def effect(self, request: Request) -> Response:
        """One unit's yearly hours: LSNUSEDHRS 教学, RSCHUSEDHRS 科研, SERUSEDHRS 社会服务."""
        school = request.path_params["school"]
        unit = self._unit(school)
        if unit is None:
            return Response("no such school", 404)
        self._refresh()
        return _xml(f"<ShareEffect>{''.join(self._effects(school))}</ShareEffect>")

    def _unit(self, school: str) -> Unit | None:
        return next((unit for unit in self._world.units if unit.short_code == school), None)

    def _rows(self, school: str) -> Iterator[str]:
        self._refresh()
        for instrument in self._by_unit.get(school, ()):
            yield _instru(instrument)

    def _effects(self, school: str) -> Iterator[str]:
        for instrument in self._by_unit.get(school, ()):
            row = self._world.survey_row(instrument.key)
            if row is None:
                continue
            research = row.effective_hours - row.external_hours
            yield (
                f"<Instru><InnerID>{escape(instrument.internal_number)}</InnerID><YEAR>{row.year}</YEAR>"
                f"<LSNUSEDHRS>0</LSNUSEDHRS><RSCHUSEDHRS>{research}</RSCHUSEDHRS>"
                f"<SERUSEDHRS>{row.external_hours}</SERUSEDHRS></Instru>"
            )

    def _refresh(self) -> None:
        state = (self._world.last_sequence, self._world.total)
        if state == self._state:
            return
        by_unit: dict[str, list[Instrument]] = {}
        for instrument in self._world.instruments():
            by_unit.setdefault(instrument.unit.short_code, []).append(instrument)
        self._by_unit, self._state = by_unit, state


def _xml(body: str) -> Response:
    return Response(_HEAD + body, media_type="application/xml")


def _platform(unit: Unit) -> str:
    code = unit.short_code
    return _element(
        "Platform",
        {
            "SchoolCode": code,
            "SchoolName": unit.name,
            "SchoolTypeCode": UNIT_TYPES.get(unit.kind, "90"),
            "PlatformDescXmlURL": f"/cers/{code}/Desc.xml",
            "InstrusShareXmlURL": f"/cers/{code}/Instrus.xml",
            "InstrusShareEffectXmlURL": f"/cers/{code}/ShareEffect.xml",
        },
    )


def _instru(it: Instrument) -> str:
    ink = Render(it)
    yuan = it.value * 100
    return _element(
        "Instru",
        {
            "SchoolCode": it.unit.short_code,
            "InnerID": it.internal_number,
            "ClassificationCode": ink.class_code(),
            "CHNName": ink.text(it.name),
            "ENGName": it.name_en,
            "Alias": "、".join(it.aliases),
            "Model": ink.text(it.model),
            "TechParameter": it.indicators,
            "ApplicationArea": it.functions,
            "ApplicationCode": ",".join(item.code for item in it.disciplines),
            "Manufacturer": ink.text(it.manufacturer),
            "ManuCountryCode": COUNTRY_NUMBERS.get(it.country, it.country_name),
            "PriceRMB": f"{yuan}.00",
            "ServiceDate": ink.date(it.commissioned_on),
            "ImageURL": it.image_url,
            "Organization": ink.text(it.department),
            "GroupID": it.carrier_name,
            "Location": it.place.address,
            "ZIPCode": it.place.postcode,
            "ContactPerson": it.contact.name,
            "Telephone": f"{it.contact.office_phone};{it.contact.mobile}",
            "Email": it.contact.email,
            "ServiceCharge": it.fee_text,
            "ServiceUsers": it.user_notice,
            "ServiceAchievements": it.achievements,
            "State": STATES[it.running_state],
            "URL": it.service_url,
            "UpdateDate": f"{it.modified:%Y-%m-%dT%H:%M:%S}",
            "OtherInfo": it.service_content,
        },
    )


def _element(name: str, fields: dict[str, str]) -> str:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items() if value)
    return f"<{name}>{inner}</{name}>"
