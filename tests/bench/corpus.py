"""A made-up catalogue for search: deterministic, any size, with service items and institutions. All of it is synthetic.

Names, makers and models are of the kinds that real catalogues hold; units are plainly invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import schemas
from hub.availability.rules import Opening, Slot, default_rules, merge

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday morning, 09:00 in Shanghai: searches of the corpus are made then."""

ROUND_THE_CLOCK = Opening(
    (((0, 1440),),) * 7, on_holidays=True, step_minutes=15, min_minutes=45, lead_minutes=60
)
EVENINGS = Opening(
    (((18 * 60, 22 * 60),),) * 5 + (((9 * 60, 22 * 60),),) * 2, step_minutes=30, min_minutes=120
)

BELT = (
    "310000",
    "320000",
    "330000",
    "340000",
    "360000",
    "420000",
    "430000",
    "500000",
    "510000",
    "520000",
    "530000",
)
SHARES = (7000, 6500, 5000, 1907, 1500, 2900, 2049, 1700, 3000, 1000, 1261)

# class, names, stem of model numbers, what it measures, abbreviation
KINDS: tuple[tuple[str, tuple[str, ...], str, str, str], ...] = (
    ("010101", ("透射电子显微镜", "场发射透射电子显微镜", "透射电镜"), "JEM-{n}F", "微观形貌与晶格像", "TEM"),
    ("010102", ("扫描电子显微镜", "场发射扫描电子显微镜", "环境扫描电镜"), "GeminiSEM {n}", "表面形貌与微区成分", "SEM"),
    ("010104", ("X射线光电子能谱仪",), "ESCALAB {n}Xi", "表面元素价态", "XPS"),
    ("010201", ("气相色谱质谱联用仪", "三重四极杆气质联用仪"), "TSQ {n}", "挥发性有机物", "GC-MS"),
    ("010201", ("液相色谱质谱联用仪", "超高效液相色谱-质谱联用仪"), "Q Exactive {n}", "代谢物与药物残留", "LC-MS"),
    ("010202", ("电感耦合等离子体质谱仪",), "iCAP RQ-{n}", "痕量金属元素", "ICP-MS"),
    ("010301", ("X射线衍射仪", "X射线粉末衍射仪"), "D{n} ADVANCE", "物相与晶体结构", "XRD"),
    ("010302", ("X射线荧光光谱仪",), "ZSX Primus-{n}", "主量元素含量", "XRF"),
    ("010403", ("原子吸收分光光度计",), "PinAAcle {n}T", "重金属含量", "AAS"),
    ("010409", ("傅里叶变换红外光谱仪", "显微红外光谱仪"), "Nicolet iS{n}", "官能团", "FTIR"),
    ("010410", ("激光共聚焦拉曼光谱仪", "显微拉曼光谱仪"), "inVia-{n}", "分子振动", "Raman"),
    ("010501", ("气相色谱仪",), "{n}A GC", "气体组分", "GC"),
    ("010502", ("高效液相色谱仪", "超高效液相色谱仪"), "LC-{n}AD", "有机物含量", "HPLC"),
    ("010601", ("核磁共振波谱仪", "超导核磁共振波谱仪"), "AVANCE NEO {n}", "分子结构", "NMR"),
    ("010802", ("激光共聚焦显微镜", "激光扫描共聚焦显微镜"), "LSM {n}", "细胞三维成像", "CLSM"),
    ("010803", ("原子力显微镜", "扫描探针显微镜"), "Dimension Icon-{n}", "纳米尺度形貌", "AFM"),
    ("010902", ("差示扫描量热仪",), "DSC {n}F3", "相变温度与热焓", "DSC"),
    ("010903", ("热重分析仪", "同步热分析仪"), "STA {n}", "热稳定性", "TGA"),
    ("011007", ("基因测序仪", "高通量基因测序仪"), "NovaSeq {n}", "全基因组序列", "NGS"),
    ("011012", ("流式细胞仪", "流式细胞分选仪"), "FACSAria-{n}", "细胞表型", "FACS"),
    ("020101", ("万能材料试验机", "电子万能试验机", "疲劳试验机"), "CMT{n}", "拉伸、压缩与弯曲性能", ""),
    ("020102", ("显微硬度计", "洛氏硬度计"), "HV-{n}", "硬度", ""),
    ("020502", ("激光粒度仪", "纳米粒度及电位分析仪"), "Mastersizer {n}", "粒径分布", ""),
    ("020503", ("比表面积及孔径分析仪",), "ASAP {n}", "比表面积", "BET"),
    ("030122", ("双频激光干涉仪",), "XL-{n}", "位移与几何误差", ""),
    ("030906", ("矢量网络分析仪",), "E{n}A", "散射参数", "VNA"),
    ("040103", ("数字示波器",), "DSO-X {n}A", "电压波形", ""),
    ("090202", ("磁共振成像系统",), "MAGNETOM {n}", "活体断层图像", "MRI"),
    ("120302", ("磁控溅射镀膜机", "电子束光刻机", "原子层沉积系统"), "PVD-{n}", "薄膜与微纳结构", ""),
    ("130201", ("GPU服务器", "高性能计算集群"), "HPC-{n}", "数值模拟", ""),
)  # fmt: skip

TESTS: tuple[tuple[str, str, str], ...] = (
    ("室温拉伸试验", "金属材料拉伸试验方法", "GB/T 228.1-2021"),
    ("微观形貌观察", "扫描电镜分析方法通则", "JY/T 0584-2020"),
    ("重金属含量测定", "电感耦合等离子体质谱法", "GB 5009.268-2016"),
    ("物相分析", "多晶体X射线衍射方法通则", "JY/T 0587-2020"),
    ("残留农药检测", "气相色谱-质谱法", "GB 23200.113-2018"),
    ("粒径分布测定", "激光衍射法", "GB/T 19077-2016"),
    ("比表面积测定", "静态容量法", "GB/T 19587-2017"),
    ("显微硬度测试", "维氏硬度试验", "GB/T 4340.1-2009"),
    ("蛋白质鉴定", "液质联用法", "SN/T 3926-2014"),
    ("热重分析", "热重法", "GB/T 27761-2011"),
    ("细胞周期检测", "流式细胞术", "YY/T 0588-2017"),
    ("红外光谱定性", "衰减全反射法", "GB/T 6040-2019"),
)
MAKERS = (
    ("日立", "JP"), ("日本电子", "JP"), ("赛默飞世尔", "US"), ("安捷伦", "US"), ("布鲁克", "DE"), ("蔡司", "DE"),
    ("岛津", "JP"), ("珀金埃尔默", "US"), ("沃特世", "US"), ("牛津仪器", "GB"), ("国仪量子", "CN"), ("聚光科技", "CN"),
    ("上海精密科学", "CN"), ("钢研纳克", "CN"), ("国产试制", "CN"),
)  # fmt: skip
WORDS = ("高分辨", "台式", "全自动", "便携式", "研究级", "", "", "", "", "")
UNITS = (
    ("理工大学", "university"), ("师范大学", "university"), ("医科大学", "university"), ("材料研究所", "research_institute"),
    ("农业科学院", "research_institute"), ("计量测试研究院", "research_institute"), ("检测技术有限公司", "enterprise"),
    ("精密制造股份有限公司", "enterprise"), ("公共检测中心", "other"),
)  # fmt: skip
FIELDS = ("生物医药", "现代农业", "新材料", "先进制造", "环境保护", "集成电路", "新能源", "食品安全")
CHARGING = ("hour", "sample", "item", "time", "package", "day")


@dataclass(frozen=True)
class Availability:
    """When an instrument can be booked, as search is told it."""

    opening: Opening
    busy: tuple[Slot, ...] = ()
    as_of: datetime | None = None
    source: str = "default"


@dataclass(frozen=True)
class Document:
    """A catalogue document as the follower is given it."""

    id: str
    kind: str
    document: dict[str, Any]
    institution: dict[str, Any] | None = None
    service_items: tuple[dict[str, Any], ...] = field(default=())
    updated_at: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    is_stale: bool = False
    fees: dict[str, int] | None = None
    availability: Availability | None = None


def documents(count: int, *, seed: int = 1) -> Iterator[Document]:
    """Institutions first (one for about twenty instruments), then `count` instruments with their service items."""
    rng = random.Random(seed)
    cities = {province: schemas.codes("area").children(province) for province in BELT}
    institutions = [_institution(rng, number, cities) for number in range(max(11, count // 20))]
    for held in institutions:
        yield Document(held["id"], "institution", held)
    for number in range(count):
        held = institutions[rng.randrange(len(institutions))]
        yield _instrument(rng, number, held)


def _institution(rng: random.Random, number: int, cities: dict[str, Any]) -> dict[str, Any]:
    province = rng.choices(BELT, SHARES)[0]
    city = rng.choice(cities[province])
    ending, kind = rng.choice(UNITS)
    unit_id = f"U{number:06d}"
    stem = city.zh.removesuffix("市").removesuffix("区")
    document = {
        "id": schemas.ids.institution_id(province, unit_id),
        "province": province,
        "unit_id": unit_id,
        "name_zh": f"{stem}第{number % 97 + 1}{ending}（合成）",
        "kind": kind,
        "location": {
            "province": province,
            "city": city.code,
            "lon": round(float(city.attributes["lon"]) + rng.uniform(-0.2, 0.2), 4),
            "lat": round(float(city.attributes["lat"]) + rng.uniform(-0.2, 0.2), 4),
        },
    }
    if rng.random() < 0.4:
        document["cma_certificate"] = f"{number:012d}"
    return document


def _instrument(rng: random.Random, number: int, unit: dict[str, Any]) -> Document:
    code, names, model, measures, abbreviation = rng.choice(KINDS)
    maker, country = rng.choice(MAKERS)
    name = rng.choice(WORDS) + rng.choice(names)
    province, internal = unit["province"], f"N{number:07d}"
    instrument_id = schemas.ids.instrument_id(province, unit["unit_id"], internal)
    domain = rng.choice(FIELDS)
    document: dict[str, Any] = {
        "id": instrument_id,
        "province": province,
        "unit": {"id": unit["unit_id"], "name": unit["name_zh"]},
        "internal_number": internal,
        "name_zh": name,
        "classification": {"scheme": "most-2006", "code": code},
        "manufacturer": maker,
        "model": model.format(n=rng.randint(1, 99) * 100),
        "origin_country": country,
        "original_value_fen": int(rng.choice((4, 15, 35, 65, 120)) * rng.uniform(0.6, 1.4) * 10_000_000),
        "commissioned_on": f"{rng.randint(2004, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        "technical_indicators": f"测量范围 0.1—{rng.randint(2, 90)} μm，分辨率优于 {rng.uniform(0.5, 9):.1f} nm，重复性 {rng.uniform(0.1, 2):.2f}%。",
        "functions": f"该{name}主要用于{measures}的分析，服务{domain}领域的样品测试、方法开发与失效分析。",
        "disciplines": sorted(
            {rng.choice(("140", "150", "180", "350", "430", "510")) for _ in range(rng.randint(1, 3))}
        ),
        "location": unit["location"],
    }
    if abbreviation and rng.random() < 0.3:
        document["name_en"] = f"{abbreviation} system {number % 7}"
    items: tuple[dict[str, Any], ...] = ()
    if rng.random() < 0.92:
        document["sharing_mode"] = rng.choices(("external", "internal", "none"), (48, 44, 8))[0]
        items = tuple(
            _item(rng, instrument_id, at + 1) for at in range(rng.choices((0, 1, 2, 3), (30, 40, 20, 10))[0])
        )
    if rng.random() < 0.03:
        document["location"] = {"province": province}
    known = availability(number, province)
    return Document(instrument_id, "instrument", document, unit, items, availability=known)


def availability(number: int, province: str) -> Availability:
    """Three of five instruments tell nothing and have the province's default hours; the others tell what is taken."""
    if number % 5 < 3:
        return Availability(default_rules(province, NOW.date()).opening)
    rng = random.Random(number)
    opening = rng.choice((default_rules(province, NOW.date()).opening, ROUND_THE_CLOCK, EVENINGS))
    busy = []
    for _ in range(rng.choice((0, 1, 8, 30))):
        start = NOW + timedelta(minutes=15 * rng.randrange(4 * 24 * 21))
        busy.append(Slot(start, start + timedelta(minutes=15 * rng.choice((1, 4, 10, 16, 96)))))
    if rng.random() < 0.1:
        busy.append(Slot(NOW, NOW + timedelta(days=rng.choice((2, 10, 400)))))
    source = rng.choice(("hub", "platform"))
    return Availability(opening, tuple(merge(busy)), NOW - timedelta(minutes=number % 90), source)


def _item(rng: random.Random, instrument_id: str, number: int) -> dict[str, Any]:
    name, method, standard = rng.choice(TESTS)
    return {
        "id": schemas.ids.service_item_id(instrument_id, number),
        "instrument_id": instrument_id,
        "number": number,
        "name": name,
        "method": method,
        "standards": [standard],
        "charging_unit": rng.choice(CHARGING),
        "fee_fen": rng.randint(1, 500) * 1000,
        "service_mode": rng.choice(("machine_time", "entrusted_test", "consultation")),
        "cma": rng.random() < 0.3,
        "cnas": rng.random() < 0.2,
    }
