"""云南: the 40-column national workbook that staff upload. Written from `dialects/yunnan.md`; synthetic data.

The platform has no interface: `play` signs in at the hub as a member of the province's staff and uploads the file
through the same page a person uses.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import httpx
import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world import Instrument
from adapters.simulators.world.dirt import Render
from adapters.simulators.world.province import ProvinceWorld

PROVINCE = "530000"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NONE = "无"

COLUMNS = (
    "所属单位标识", "所属单位名称", "所在单位仪器内部编号", "仪器设备名称", "英文名称", "所属资源载体类型",
    "所属资源载体内部编号", "所属资源载体名称", "所属单位内部门", "仪器分类编码", "设备来源", "仪器设备类别",
    "原值(万元)", "产地国别", "生产制造商", "建账日期", "规格型号", "主要技术指标", "主要功能", "主要学科领域",
    "主要购置经费来源", "服务内容", "用户须知", "参考收费标准", "预约服务网址", "年总运行机时", "年服务机时",
    "是否在海关监管年限内", "图片", "省", "市", "县", "街道", "联系人", "电话", "电子邮箱", "通讯地址", "邮政编码",
    "运行状态", "典型成果",
)  # fmt: skip


class Yunnan:
    """The province's office: it can export its workbook, and upload it at the hub."""

    province = PROVINCE
    credentials: dict[str, str] = {}  # noqa: RUF012 - the platform hands out none
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self.routes: list[BaseRoute] = [
            Route("/export/workbook.xlsx", self._export),
            *survey_routes(world),
        ]

    def play(self, hub: Hub) -> None:
        """Upload the whole workbook once. Uploading the same file again changes nothing at the hub."""
        with httpx.Client(base_url=hub.url, timeout=60, trust_env=False) as client:
            signed_in = client.post(
                "/api/v1/session", json={"username": hub.username, "password": hub.password}
            )
            signed_in.raise_for_status()
            answer = client.post(
                f"/api/v1/provinces/{PROVINCE}/files",
                data={"resource": "instruments"},
                files={"file": ("yunnan.xlsx", workbook(self._world), XLSX)},
                headers={"X-CSRF-Token": signed_in.json()["csrf_token"]},
            )
            answer.raise_for_status()

    async def _export(self, _request: Request) -> Response:
        return Response(workbook(self._world), media_type=XLSX)


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Yunnan:
    """The office over its world."""
    return Yunnan(world)


def workbook(world: ProvinceWorld) -> bytes:
    """The workbook as the office exports it: a title, the column names, a row an instrument."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("仪器设备")
    sheet.write_string(0, 0, "大型科研仪器设备信息表（合成数据）")
    for column, name in enumerate(COLUMNS):
        sheet.write_string(1, column, name)
    for number, instrument in enumerate(world.instruments(), start=2):
        for column, value in enumerate(row(instrument)):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write_number(number, column, value)
    book.close()
    return out.getvalue()


def row(it: Instrument) -> list[str | float]:
    """One row in the order of `COLUMNS`; 「无」 where there is nothing."""
    ink = Render(it)
    value = ink.value()
    place = it.place
    cells: list[str | float] = [
        it.unit.id,
        it.unit.name,
        it.internal_number,
        ink.text(it.name),
        it.name_en or NONE,
        it.carrier_kind or NONE,
        NONE,
        it.carrier_name or NONE,
        ink.text(it.department) or NONE,
        ink.class_code(),
        it.acquisition,
        it.equipment_type,
        float(value) if re.fullmatch(r"-?[0-9]+\.[0-9]{2}", value) else value,
        it.country_name,
        ink.text(it.manufacturer) or NONE,
        ink.date(it.commissioned_on),
        ink.text(it.model) or NONE,
        it.indicators or NONE,
        it.functions or NONE,
        ",".join(item.name for item in it.disciplines) or NONE,
        NONE,
        it.service_content or NONE,
        it.user_notice or NONE,
        it.fee_text or NONE,
        it.service_url or NONE,
        NONE,
        NONE,
        "是" if it.customs is not None and it.customs.supervised else "否",
        it.image_url or NONE,
        place.province_name,
        place.city_name,
        place.county_name or NONE,
        place.street or NONE,
        it.contact.name,
        f"{it.contact.office_phone}、{it.contact.mobile}",
        it.contact.email,
        place.address,
        place.postcode,
        it.running_state,
        it.achievements or NONE,
    ]
    return cells
