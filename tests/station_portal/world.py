"""A small world for the pages: eleven provinces with their real manifests, synthetic content, hostile names.

The content goes the whole way a record goes: fake platform → synchronisation → catalogue → index. Everything in it
is invented; the numbers 1390000xxxx are plants that no public page may show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import schemas
from adapters import provinces
from adapters.contract import Names
from adapters.manifest import load_manifest
from tests.hub.catalog.fake_province import (
    INSTITUTIONS,
    INSTRUMENTS,
    SURVEY,
    UPLOADED,
    FakeProvince,
    institution_body,
    instrument_body,
    survey_body,
)

TITLED = {
    resource.name: replace(resource, title=title)
    for resource, title in (
        (INSTITUTIONS, Names("管理单位", "Institutions")),
        (SURVEY, Names("资源调查（合成）", "Yearly survey (synthetic)")),
        (INSTRUMENTS, Names("仪器设备", "Instruments")),
    )
}
UPLOADED_TITLED = replace(UPLOADED, title=Names("仪器工作簿", "Instrument workbook"))
FOLDERS = Path(provinces.__file__).parent
CODES = tuple(sorted(folder.name for folder in FOLDERS.iterdir() if (folder / "manifest.yaml").is_file()))
MOBILE = "13900001234"
MAIL = "zhang.laoshi@personal.example"
HOSTILE = "<script>alert(1)</script>“扫描”&电镜'\"><img src=x onerror=alert(2)>"
MANY = "420000"
"""The province with enough instruments for two pages of results."""
UPLOADS = "530000"
EMPTIED = "430000"
"""A source that suddenly returns nothing."""
UNREACHABLE = "520000"

KINDS = (
    ("场发射扫描电子显微镜", "010102", "Sigma 500", "US", 235),
    ("电感耦合等离子体质谱仪", "010202", "iCAP RQ", "DE", 168),
    ("X 射线衍射仪", "010301", "SmartLab", "JP", 142),
    ("核磁共振波谱仪", "010601", "AVANCE NEO 400", "CH", 420),
    ("电子万能试验机", "020101", "UTM 5305", "CN", 62),
)
SHARING = ("external", "external", "internal", "external", "none")


def manifest_of(code: str) -> Any:
    """The real manifest of a province."""
    return load_manifest(FOLDERS / code)


def province_of(code: str, size: int) -> FakeProvince:
    """A fake platform of a province with `size` instruments at two institutions, all surveyed."""
    resources = (
        TITLED["institutions"],
        TITLED["survey"],
        UPLOADED_TITLED if code == UPLOADS else TITLED["instruments"],
    )
    fake = FakeProvince(resource_list=resources, page_size=50, manifest=manifest_of(code))
    cities = [city.code for city in schemas.codes("area").where(level="city") if city.parent == code] or [""]
    for unit in ("U1", "U2"):
        fake.put(
            institution_body(unit, name=f"合成大学 {unit}"),
            resource="institutions",
        )
    for number in range(size):
        fake.put(instrument(code, number, cities[number % len(cities)]))
        fake.put(
            survey_body(f"N{number}", unit_of(number), sharing=SHARING[number % 5], items=items(number)),
            resource="survey",
        )
    return fake


def unit_of(number: int) -> str:
    return "U1" if number % 2 else "U2"


def instrument(code: str, number: int, city: str) -> dict[str, Any]:
    """A native instrument of the fake dialect."""
    name, class_code, model, country, value = KINDS[number % len(KINDS)]
    area = schemas.codes("area").get(city)
    location: dict[str, Any] = {"province": code, "address": f"科学大道 {number + 1} 号，联系 {MOBILE}"}
    if area is not None:
        location |= {"city": city, "lon": float(area.attributes["lon"]), "lat": float(area.attributes["lat"])}
    extra: dict[str, Any] = {
        "model": f"{model}-{number}",
        "manufacturer": "合成仪器公司",
        "origin_country": country,
        "location": location,
        "commissioned_on": f"20{10 + number % 15}-05-01",
        "functions": "形貌观察与成分分析。",
        "technical_indicators": "分辨率 1.0 nm（15 kV）。\n放大倍数 20—1,000,000。",
        "user_notice": f"请提前三天联系张老师 {MOBILE}，邮箱 {MAIL}。",
        "running_state": "normal" if number % 7 else "awaiting_repair",
        "service_modes": ["machine_time", "entrusted_test"],
        "disciplines": ["430", "150"],
        "contact": {"name": "张老师", "office_phone": "027-00000000", "mobile": MOBILE, "email": MAIL},
        "service_url": "https://booking.example/i/1",
    }
    if number == 3:
        extra["customs"] = {
            "supervised": True,
            "until": "2030-06-30",
            "permitted_purposes": ["scientific_research"],
        }
    return instrument_body(
        f"N{number}",
        unit_of(number),
        name=HOSTILE if number == 4 else name,
        yuan=value * 10_000,
        **{"class": class_code},
        extra=extra,
    )


def items(number: int) -> list[dict[str, Any]]:
    """Service items of an instrument."""
    return [
        {"number": 1, "name": "微区形貌观察", "method": "二次电子成像", "standards": ["GB/T 17359-2023"], "charging_unit": "sample",
         "fee_fen": 30_000 + 1_250 * number, "turnaround_days": 3, "cma": number % 2 == 0, "cnas": number % 3 == 0, "service_mode": "entrusted_test"},
        {"number": 2, "name": "自主上机", "charging_unit": "hour", "fee_fen": 50_000, "condition": "需通过培训", "service_mode": "machine_time"},
    ]  # fmt: skip


def belt() -> Mapping[str, FakeProvince]:
    """All provinces; one holds enough for a second page, one has an undelivered instrument in quarantine."""
    made = {code: province_of(code, 45 if code == MANY else 6) for code in CODES}
    made[MANY].append(
        {
            "unit": "U1",
            "number": "BAD",
            "name": "分类不明的仪器",
            "yuan": 900_000,
            "bad": "ZZ 99",
            "tel": MOBILE,
        }
    )
    return made
