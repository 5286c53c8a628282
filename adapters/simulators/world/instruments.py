"""From numbers to a record: what one instrument is, and what its owner reports of it in the survey.

Records are made in blocks, each from its own random numbers (`roster.Blocks`), so a world of a million can be read
from anywhere.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import yaml

from adapters.simulators.world.belt import DATA, Cell
from adapters.simulators.world.dirt import pick_styles
from adapters.simulators.world.kinds import Kind, Product, Service, kinds_by_name, pick_kind
from adapters.simulators.world.model import Contact, Customs, Instrument, ServiceItem, SurveyRow, Unit

SURVEY_YEAR = 2025
SUPERVISION_YEARS = 3  # 海关监管年限 of duty-free scientific equipment
TODAY = date(2026, 11, 1)
PURPOSES = (
    ("科学研究", "教学"),
    ("科学研究", "科技开发", "教学"),
    ("科学研究", "科技开发", "教学", "经海关批准的对外开放服务"),
)
STATES = ("正常", "偶有故障", "待机", "待修", "故障频繁", "远程服务中")
STATE_BOUNDS = (0.88, 0.93, 0.96, 0.98, 0.99)
NUMBER_STYLES = ("{year}{index:07d}", "YQ{year}-{index:07d}", "S{index:07d}{short:02d}")


@lru_cache(maxsize=1)
def _phrases() -> Any:
    return yaml.safe_load((DATA / "phrases.yaml").read_text(encoding="utf-8"))


def write_number(unit: Unit, year: int, index: int) -> str:
    """The 单位内部编号 in the unit's own style, at most 14 characters; it holds the index, so it is unique."""
    style = NUMBER_STYLES[int(unit.id[0], 16) % len(NUMBER_STYLES)]
    return style.format(year=year, index=index, short=year % 100)


def read_number(number: str) -> int | None:
    """The index written into an internal number, or None when this is no number of ours."""
    digits = number[7:] if number.startswith("YQ") else number[1:8] if number.startswith("S") else number[4:]
    return int(digits) if len(digits) == 7 and digits.isascii() and digits.isdigit() else None


def make_instrument(
    unit: Unit,
    people: Sequence[Contact],
    *,
    cell: Cell,
    value: int,
    index: int,
    modified: datetime,
    rng: Random,
) -> Instrument:
    """The instrument with this index. `cell` and `value` are the belt's; everything else is invented."""
    random = rng.random
    kind, product = pick_kind(cell.class_code, cell.country, value, rng)
    year = SURVEY_YEAR - int(22 * random() ** 1.4)
    commissioned = date(year, 1 + int(random() * 12), 1 + int(random() * 28))
    number = write_number(unit, year, index)
    department, carrier_kind, carrier_name = _belonging(kind.class_code, random)
    state = random()
    phrases = _phrases()
    return Instrument(
        unit=unit,
        internal_number=number,
        name=kind.name,
        name_en=kind.name_en,
        aliases=kind.aliases,
        class_code=kind.class_code,
        class_name=kind.class_name,
        manufacturer=product.maker,
        model=product.model,
        country=product.country,
        country_name=product.country_name,
        acquisition=_acquisition(product, random()),
        equipment_type="通用" if kind.class_code[:2] in ("01", "02", "03") else "专用",
        value=value,
        commissioned_on=commissioned,
        running_state=STATES[bisect(STATE_BOUNDS, state)],
        indicators=kind.indicators[int(random() * len(kind.indicators))],
        functions=kind.functions,
        service_content=kind.service_content,
        user_notice=phrases["notices"][int(random() * len(phrases["notices"]))],
        fee_text=kind.fee_text,
        achievements=_achievements(random),
        disciplines=kind.disciplines[: 1 + int(random() * len(kind.disciplines))],
        department=department,
        carrier_kind=carrier_kind,
        carrier_name=carrier_name,
        place=unit.place,
        contact=people[int(random() * len(people))],
        service_url=f"{unit.website}share/{number}",
        image_url=f"{unit.website}image/{number}.jpg" if random() < 0.4 else "",
        customs=_customs(unit, product, commissioned, rng),
        modified=modified,
        dirt=pick_styles(kind.class_code, rng),
    )


def _acquisition(product: Product, draw: float) -> str:
    if draw < 0.94:
        return "购置"
    if product.country == "CN" and draw < 0.97:
        return "研制"
    return "赠送" if draw < 0.985 else "其他"


def _achievements(random: Any) -> str:
    if random() >= 0.06:
        return ""
    text: str = _phrases()["achievements"]
    return text.format(projects=1 + int(random() * 30), papers=3 + int(random() * 80))


def _belonging(class_code: str, random: Any) -> tuple[str, str, str]:
    """Department, and the carrier (资源载体) of the few instruments that belong to one."""
    phrases = _phrases()
    departments = phrases["departments"].get(class_code[:2], phrases["departments"]["default"])
    department = departments[int(random() * len(departments))]
    if random() >= 0.12:
        return department, "", ""
    carriers = list(phrases["carriers"].items())
    kind, names = carriers[int(random() ** 2 * len(carriers))]
    return department, kind, names[int(random() * len(names))]


def _customs(unit: Unit, product: Product, commissioned: date, rng: Random) -> Customs | None:
    """Part of what universities and institutes import is duty-free, and supervised for some years after."""
    if product.country == "CN" or unit.kind == "企业" or rng.random() >= 0.35:
        return None
    imported = commissioned - timedelta(days=20 + int(rng.random() * 160))
    until = date(imported.year + SUPERVISION_YEARS, imported.month, min(imported.day, 28))
    return Customs(
        supervised=until > TODAY,
        until=until,
        declaration_number=f"{unit.place.province[:2]}{int(rng.random() * 90) + 10:02d}{imported.year}1{int(rng.random() * 10**9):09d}",
        item_number=f"{1 + int(rng.random() * 20):02d}",
        imported_on=imported,
        permitted_purposes=PURPOSES[int(rng.random() * len(PURPOSES))],
    )


def make_survey_row(instrument: Instrument, *, cell: Cell, hours: tuple[int, int], rng: Random) -> SurveyRow:
    """What the owner reports in the yearly survey; priced service items exactly when shared externally.

    `instrument` is the record as `make_instrument` made it; `hours` are effective and external.
    """
    kind_of = kinds_by_name()[instrument.name]
    items = _service_items(instrument.unit, kind_of, rng) if cell.sharing == "外部共享" else ()
    return SurveyRow(
        unit=instrument.unit,
        internal_number=instrument.internal_number,
        year=SURVEY_YEAR,
        funding=cell.funding,
        sharing=cell.sharing,
        service_modes=tuple(dict.fromkeys(item.service_mode for item in items)),
        effective_hours=hours[0],
        external_hours=hours[1],
        service_items=items,
    )


def _service_items(unit: Unit, kind: Kind, rng: Random) -> tuple[ServiceItem, ...]:
    """One to four different items; the same item under another condition is another item with another fee."""
    offers = [(service, place) for service in kind.services for place in range(len(service.conditions))]
    count = 1 + int(rng.random() ** 1.3 * 4)
    chosen = sorted({int(rng.random() * len(offers)) for _ in range(count)})
    return tuple(
        _service_item(unit, *offers[offer], number, rng) for number, offer in enumerate(chosen, start=1)
    )


def _service_item(unit: Unit, service: Service, condition: int, number: int, rng: Random) -> ServiceItem:
    low, high = service.fee
    step = 5 if high < 200 else 10 if high < 2_000 else 100
    yuan = round((low + rng.random() * (high - low)) * (1 + 0.15 * condition) / step) * step
    tested = service.mode == "委托检测"
    return ServiceItem(
        number=number,
        name=service.name,
        method=service.method,
        standards=service.standards,
        condition=service.conditions[condition],
        charging_unit=service.charging_unit,
        fee_fen=yuan * 100,
        turnaround_days=max(1, service.days + int(rng.random() * 5) - 2),
        cma=bool(unit.cma_certificate) and tested and rng.random() < 0.7,
        cnas=bool(unit.cnas_certificate) and tested and rng.random() < 0.6,
        service_mode=service.mode,
    )
