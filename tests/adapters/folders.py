"""Province folders made for a test: a small REST dialect, whole or spoilt in one place."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

import schemas
from adapters import provinces

MANIFEST: dict[str, Any] = {
    "specification": schemas.VERSION,
    "province": "370000",
    "name": {"zh": "山东省", "en": "Shandong"},
    "short": "鲁",
    "tile": {"col": 6.0, "row": 0},
    "icon": "mountain",
    "platform": {
        "name": {"zh": "山东省仪器平台（演示）", "en": "Shandong platform (demo)"},
        "url": "https://platform.example/",
        "operator": {"zh": "山东演示运营单位", "en": "Demo operator"},
    },
    "station": {
        "name": {"zh": "山东省大仪网服务驿站", "en": "Shandong station"},
        "operator": {"zh": "演示驿站", "en": "Demo station"},
        "address": "济南市演示路1号",
        "lon": 117.0,
        "lat": 36.65,
        "phone": "0531-55500370",
        "hours": "周一至周五 9:00–17:00",
    },
    "dialect": {"kind": "simulated", "zh": "演示", "en": "demo"},
    "idempotency": "none",
    "bookings": {"kind": "sheet", "simulated": True},
    "resources": [
        {
            "name": "instruments",
            "title": {"zh": "仪器", "en": "Instruments"},
            "document": "instrument",
            "direction": "pull",
            "cursor": "page",
            "deletes": "absence",
            "schedule_seconds": 3600,
            "key": {"unit": "unitId", "number": "no"},
            "modified": "changed",
            "deleted": {"from": "gone", "is": [True]},
            "transport": {
                "kind": "rest_json",
                "path": "/list",
                "records": "rows",
                "total": "total",
                "paging": {"kind": "page", "param": "page", "size_param": "size", "size": 2},
            },
        }
    ],
}
MAPPING: dict[str, Any] = {
    "mapping": 1,
    "version": 1,
    "resources": {
        "instruments": {
            "fields": {
                "name_zh": "name",
                "unit.name": "unitName",
                "classification": {"from": "class", "do": [{"classification": {"scheme": "most-2006"}}]},
                "location": {"from": ["province", "city"], "do": ["area"]},
                "running_state": {
                    "from": "state",
                    "do": [{"code": {"list": "running_state", "table": "zt"}}],
                },
                "original_value_fen": {"from": "value", "do": [{"number": {"unit": "万元"}}]},
            }
        }
    },
}
SHEET = Path(provinces.__file__).parent / "520000" / "bookings.yaml"
FACE = SHEET.with_name("settlement.yaml")
"""The sheet of a province without a booking interface."""

VOCABULARY = "table,native,code,note\nzt,好,normal,\n"
README = "# 山东（演示）\n\n模拟 simulated；数据全部为合成。预约以表格送达，结算由平台读取。\n"


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a dotted path replaced; None takes it out."""
    copy = deepcopy(document)
    place: Any = copy
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def write_province(
    folder: Path,
    manifest: dict[str, Any] = MANIFEST,
    mapping: dict[str, Any] = MAPPING,
    vocabulary: str = VOCABULARY,
    readme: str | None = README,
) -> Path:
    """The folder of a province, named by its code."""
    place = folder / str(manifest.get("province", "x"))
    place.mkdir(parents=True)
    (place / "manifest.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    (place / "mapping.yaml").write_text(
        yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    (place / "vocab.csv").write_text(vocabulary, encoding="utf-8")
    (place / "bookings.yaml").write_bytes(SHEET.read_bytes())
    (place / "settlement.yaml").write_bytes(FACE.read_bytes())
    if readme is not None:
        (place / "README.md").write_text(readme, encoding="utf-8")
    return place


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A good record of this dialect."""
    return {
        "unitId": "U1", "no": f"N-{number}", "unitName": "演示大学", "name": f"仪器{number}", "class": "010102",
        "province": "山东省", "city": "济南市", "state": "好", "value": "60.5", "changed": "2026-01-01 00:00:00", **changes,
    }  # fmt: skip
