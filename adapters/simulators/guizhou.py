"""贵州: the 34-column pinyin-initial table as XLSX, whole each time. Written from `dialects/guizhou.md`; synthetic."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.simulators.simulator import Platform
from adapters.simulators.survey import survey_routes
from adapters.simulators.world import Instrument
from adapters.simulators.world.dirt import DATE_SERIAL, VALUE_FULL_WIDTH, VALUE_UNIT, Render, excel_serial
from adapters.simulators.world.province import ProvinceWorld

PROVINCE = "520000"
USERNAME, PASSWORD = "gzdy-export", "gz-simulated-password"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS = (
    "yqbh", "flbm", "nbbh", "zwmc", "ywmc", "xhgg", "jszb", "csyjly", "zyyt", "zyfjgn", "rzqk", "sccs", "cdgb",
    "yqyz", "qyrq", "szdwmc", "sysmc", "afdz", "yzbm", "lxr", "dh", "dzyj", "sfgx", "yqzt", "kfjsap", "cksfbz",
    "fwtjnf", "nfwjs", "nfwsr", "zmyh", "yycg", "yqtp", "bz", "dwdm",
)  # fmt: skip

Cell = str | int | float


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Platform:
    """The province's export page over its world."""
    table = _Table(world)
    routes: list[BaseRoute] = [
        Route("/gzdy/export/dxyqxxb.xlsx", table.export),
        *survey_routes(world),
    ]
    return Platform(PROVINCE, routes, {"username": USERNAME, "password": PASSWORD})


class _Table:
    """Makes the workbook anew only when the world moved."""

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._state: tuple[int, int] | None = None
        self._content = b""

    async def export(self, request: Request) -> Response:
        """The whole table; 401 without the account."""
        wanted = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != wanted:
            return Response("未登录", 401, {"WWW-Authenticate": 'Basic realm="gzdy"'})
        state = (self._world.last_sequence, self._world.total)
        if state != self._state:
            self._content, self._state = self._workbook(), state
        return Response(self._content, media_type=XLSX)

    def _workbook(self) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(
            out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet("大型仪器信息表")
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name)
        for number, instrument in enumerate(self._world.instruments(), start=1):
            for column, value in enumerate(row(instrument, number)):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(number, column, value)
                else:
                    sheet.write_number(number, column, value)
        book.close()
        return out.getvalue()


def row(it: Instrument, number: int) -> list[Cell]:
    """One row in the order of `COLUMNS`. A leading zero of the class code is lost, as spreadsheets do."""
    ink = Render(it)
    plain_number = not {VALUE_UNIT, VALUE_FULL_WIDTH} & set(it.dirt)
    code = ink.class_code()
    serial = DATE_SERIAL in it.dirt
    return [
        f"GZ{number:06d}",
        int(code) if code.isascii() and code.isdigit() else code,
        it.internal_number,
        ink.text(it.name),
        it.name_en,
        ink.text(it.model),
        it.indicators,
        "；".join(item.name for item in it.disciplines),
        it.functions,
        it.service_content,
        "",
        ink.text(it.manufacturer),
        it.country_name,
        it.value / 100 if plain_number else ink.value(),
        excel_serial(it.commissioned_on) if serial else ink.date(it.commissioned_on),
        it.unit.name,
        ink.text(it.department),
        it.place.address,
        it.place.postcode,
        it.contact.name,
        f"{it.contact.office_phone}/{it.contact.mobile}",
        it.contact.email,
        "",
        it.running_state,
        "",
        it.fee_text,
        "",
        "",
        "",
        "",
        it.achievements,
        it.image_url,
        it.user_notice,
        it.unit.credit_code,
    ]
