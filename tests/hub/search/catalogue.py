"""A small catalogue whose every record is there for a reason; see `cases.csv`. All of it is synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import schemas
from tests.bench.corpus import Document

UNITS: dict[str, tuple[str, str, str, str]] = {
    # key: name, kind, province, city
    "jd": ("江东理工大学（合成）", "university", "310000", "310112"),
    "ss": ("苏南材料研究所（合成）", "research_institute", "320000", "320500"),
    "qt": ("钱塘检测技术有限公司（合成）", "enterprise", "330000", "330100"),
    "cd": ("蜀都计量测试研究院（合成）", "research_institute", "510000", "510100"),
    "wh": ("楚江医科大学（合成）", "university", "420000", "420100"),
}

Row = tuple[str, str, str, str, str, str, str, dict[str, Any]]
INSTRUMENTS: tuple[Row, ...] = (
    # number, unit, class, name, model, maker, sharing, more
    ("sem1", "jd", "010102", "场发射扫描电子显微镜", "GeminiSEM 500", "蔡司", "external", {"functions": "金属断口与微观形貌观察"}),
    ("sem2", "ss", "010102", "扫描电镜", "SU8220", "日立", "external", {"functions": "薄膜截面观察"}),
    ("sem3", "qt", "010102", "钨灯丝扫描电子显微镜", "JSM-6510", "日本电子", "internal", {}),
    ("tem1", "jd", "010101", "透射电子显微镜", "JEM-2100F", "日本电子", "external", {}),
    ("cryo", "wh", "010101", "冷冻透射电子显微镜", "Titan Krios G4", "赛默飞世尔", "external", {}),
    ("epma", "cd", "010103", "电子探针显微分析仪", "JXA-8530F", "日本电子", "external", {"functions": "可替代扫描电镜做形貌"}),
    ("xps1", "ss", "010104", "X射线光电子能谱仪", "ESCALAB 250Xi", "赛默飞世尔", "external", {}),
    ("eds1", "cd", "010303", "X射线能谱仪", "X-Max 80", "牛津仪器", "external", {}),
    ("xrd1", "ss", "010301", "X射线粉末衍射仪", "D8 ADVANCE", "布鲁克", "external", {"functions": "物相分析"}),
    ("xrf1", "qt", "010302", "波长色散X射线荧光光谱仪", "ZSX Primus II", "理学", "external", {}),
    ("gcms", "qt", "010201", "气相色谱-质谱联用仪", "GCMS-QP2020", "岛津", "external", {}),
    ("lcms", "wh", "010201", "三重四极杆液质联用仪", "Xevo TQ-S", "沃特世", "external", {}),
    ("icpm", "cd", "010202", "电感耦合等离子体质谱仪", "NexION 350X", "珀金埃尔默", "external", {}),
    ("icpo", "cd", "010405", "电感耦合等离子体发射光谱仪", "Avio 500", "珀金埃尔默", "external", {}),
    ("nmr1", "jd", "010601", "核磁共振波谱仪（600 MHz）", "AVANCE NEO 600", "布鲁克", "external", {}),
    ("mri1", "wh", "090202", "小动物磁共振成像系统", "BioSpec 94/30", "布鲁克", "external", {}),
    ("afm1", "ss", "010803", "原子力显微镜", "Dimension Icon", "布鲁克", "external", {}),
    ("clsm", "wh", "010802", "激光扫描共聚焦显微镜", "LSM 980", "蔡司", "external", {}),
    ("raman", "jd", "010410", "激光共聚焦拉曼光谱仪", "inVia Qontor", "雷尼绍", "external", {}),
    ("ftir", "qt", "010409", "傅立叶变换红外光谱仪", "Nicolet iS50", "赛默飞世尔", "external", {}),
    ("flow", "wh", "011012", "流式细胞分选仪", "FACSAria III", "碧迪", "external", {}),
    ("seq1", "wh", "011007", "高通量基因测序仪", "NovaSeq 6000", "因美纳", "external", {}),
    ("qpcr", "wh", "011011", "实时荧光定量PCR仪", "QuantStudio 5", "赛默飞世尔", "external", {}),
    ("utm1", "cd", "020101", "电子万能材料试验机", "CMT5105", "新三思", "external", {
        "items": [("室温拉伸试验", "金属材料 拉伸试验 第1部分", "GB/T 228.1—2021", "sample", 30000, "true"),
                  ("压缩试验", "金属材料 压缩", "GB/T 7314-2017", "hour", 20000, "")]}),
    ("utm2", "qt", "020101", "疲劳试验机", "MTS 370.10", "美特斯", "external", {
        "items": [("高温拉伸试验", "金属材料 拉伸试验 第2部分", "GB/T 228.2-2015", "sample", 50000, "")]}),
    ("hard", "qt", "020102", "显微维氏硬度计", "HV-1000", "泰明", "none", {}),
    ("psd1", "ss", "020502", "激光粒度分析仪", "Mastersizer 3000", "马尔文", "external", {
        "items": [("粒径分布测定", "激光衍射法", "GB/T 19077-2016", "sample", 10000, "true")]}),
    ("bet1", "ss", "020503", "比表面积及孔径分析仪", "ASAP 2460", "麦克", "external", {}),
    ("vna1", "jd", "030906", "矢量网络分析仪", "N5247B", "是德科技", "external", {}),
    ("cmm1", "cd", "030199", "三坐标测量机", "PRISMO", "蔡司", "external", {}),
    ("ebl1", "jd", "120302", "电子束曝光机", "EBPG5150", "莱思", "internal", {"functions": "微纳结构光刻"}),
    ("print", "qt", "120401", "激光选区熔化设备", "EOS M290", "EOS", "external", {"aliases": ["金属3D打印机"]}),
    ("hpc1", "jd", "130101", "高性能计算集群", "曙光 7000", "曙光", "external", {}),
    ("food", "qt", "011099", "酶联免疫工作站", "Evolis", "伯乐", "external", {
        "functions": "食品中残留农药与兽药的快速筛查，亦可配合气质联用确证"}),
)  # fmt: skip


def documents() -> Iterator[Document]:
    """Institutions and instruments, the instrument numbers being those of `cases.csv`."""
    units = {key: _unit(key, *facts) for key, facts in UNITS.items()}
    for unit in units.values():
        yield Document(unit["id"], "institution", unit)
    for row in INSTRUMENTS:
        yield _instrument(row, units[row[1]])


def identifier(number: str) -> str:
    """The identifier of the instrument with this number."""
    row = next(row for row in INSTRUMENTS if row[0] == number)
    return schemas.ids.instrument_id(UNITS[row[1]][2], row[1], number)


def _unit(key: str, name: str, kind: str, province: str, city: str) -> dict[str, Any]:
    area = schemas.codes("area")[city]
    return {
        "id": schemas.ids.institution_id(province, key),
        "province": province,
        "unit_id": key,
        "name_zh": name,
        "kind": kind,
        "location": {
            "province": province,
            "city": city,
            "lon": float(area.attributes["lon"]),
            "lat": float(area.attributes["lat"]),
        },
    }


def _instrument(row: Row, unit: dict[str, Any]) -> Document:
    number, key, code, name, model, maker, sharing, more = row
    instrument_id = schemas.ids.instrument_id(unit["province"], key, number)
    document = {
        "id": instrument_id,
        "province": unit["province"],
        "unit": {"id": key, "name": unit["name_zh"]},
        "internal_number": number,
        "name_zh": name,
        "model": model,
        "manufacturer": maker,
        "classification": {"scheme": "most-2006", "code": code},
        "sharing_mode": sharing,
        "original_value_fen": 120_000_000,
        "location": unit["location"],
        **{field: value for field, value in more.items() if field != "items"},
    }
    items = tuple(
        {
            "id": schemas.ids.service_item_id(instrument_id, at),
            "instrument_id": instrument_id,
            "institution_id": unit["id"],
            "province": unit["province"],
            "number": at,
            "name": item[0],
            "method": item[1],
            "standards": [item[2]],
            "charging_unit": item[3],
            "fee_fen": item[4],
            "service_mode": "entrusted_test",
            "cma": item[5] == "true",
        }
        for at, item in enumerate(more.get("items", ()), start=1)
    )
    return Document(instrument_id, "instrument", document, unit, items)
