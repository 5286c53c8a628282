"""重庆: a monthly ZIP of GB18030 CSV with a checksum list, dropped into a folder. Written from `dialects/chongqing.md`."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path

from starlette.routing import BaseRoute

from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world import Instrument
from adapters.simulators.world.dirt import VALUE_FULL_WIDTH, Render, full_width
from adapters.simulators.world.province import ProvinceWorld

PROVINCE = "500000"
MEMBER, SUMS = "仪器信息.csv", "SHA256SUMS"
STATES = {
    "正常": "A",
    "待机": "B",
    "远程服务中": "C",
    "偶有故障": "D",
    "故障频繁": "E",
    "待修": "F",
    "待报废": "G",
}

COLUMNS = (
    "统一社会信用代码", "单位名称", "单位内编号", "仪器名称", "英文名称", "分类代码", "规格型号", "生产厂家", "产地",
    "购置日期", "原值（元）", "经费来源代码", "技术指标", "功能", "服务内容", "开放须知", "收费说明", "学科代码",
    "安放区县", "安放街道", "邮编", "经度", "纬度", "联系人", "联系电话", "手机", "邮箱", "运行状态代码", "海关监管",
    "监管截止", "更新时间",
)  # fmt: skip


class Chongqing:
    """The platform that drops one file a month."""

    province = PROVINCE
    credentials: dict[str, str] = {}  # noqa: RUF012 - a folder asks for none

    def __init__(self, world: ProvinceWorld, folder: Path) -> None:
        self._world = world
        self.routes: list[BaseRoute] = list(survey_routes(world))
        self.folder: Path | None = folder
        self._dropped = 0

    def play(self, hub: Hub) -> None:
        """Drop this month's file. The same content again is another file that changes nothing at the hub."""
        self.drop()

    def drop(self, *, damage: str = "") -> Path:
        """Write the next file and return its path.

        `damage` is `wrong_checksum` (the list does not fit), `half` (the ZIP is cut) or empty.
        """
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        self._dropped += 1
        content = package(self._world, wrong_checksum=damage == "wrong_checksum")
        if damage == "half":
            content = content[: len(content) // 2]
        while True:
            path = self.folder / f"cqky_{self._world.now:%Y%m}_{self._dropped:03d}.zip"
            if not path.exists():
                break
            self._dropped += 1
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.rename(path)
        return path


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Chongqing:
    """The platform over its world; `folder` is where it drops."""
    return Chongqing(world, folder)


def package(world: ProvinceWorld, *, wrong_checksum: bool = False) -> bytes:
    """The ZIP as the platform writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(row(instrument) for instrument in world.instruments())
    table = text.getvalue().encode("gb18030")
    digest = hashlib.sha256(table + b"x" if wrong_checksum else table).hexdigest()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, table)
        archive.writestr(SUMS, f"{digest}  {MEMBER}\n".encode())
    return out.getvalue()


def row(it: Instrument) -> list[str]:
    """One row in the order of `COLUMNS`. The value is in 元 here, so only its width can be dirty."""
    ink = Render(it)
    yuan = f"{it.value * 100}.00"
    supervised = it.customs is not None and it.customs.supervised
    return [
        it.unit.credit_code,
        it.unit.name,
        it.internal_number,
        ink.text(it.name),
        it.name_en,
        ink.class_code(),
        ink.text(it.model),
        ink.text(it.manufacturer),
        it.country_name,
        ink.date(it.commissioned_on),
        full_width(yuan) if VALUE_FULL_WIDTH in it.dirt else yuan,
        "",
        it.indicators,
        it.functions,
        it.service_content,
        it.user_notice,
        it.fee_text,
        ";".join(item.code for item in it.disciplines),
        it.place.city_name,
        it.place.street,
        it.place.postcode,
        f"{it.place.lon:.2f}",
        f"{it.place.lat:.2f}",
        it.contact.name,
        it.contact.office_phone,
        it.contact.mobile,
        it.contact.email,
        STATES[it.running_state],
        "Y" if supervised else "N",
        it.customs.until.isoformat() if it.customs is not None and supervised else "",
        f"{it.modified:%Y-%m-%d %H:%M:%S}",
    ]
