"""The yearly 国家科技基础条件资源调查 of one province as an HTTP service (simulated). Described in `SURVEY.md`.

No protocol of the real survey is public; its questions are. Every province answers it here in the same form, beside
its own dialect, because the observed dialects do not carry what only the survey asks. All data is synthetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.world.instruments import SURVEY_YEAR
from adapters.simulators.world.model import ServiceItem, SurveyRow, Unit
from adapters.simulators.world.province import ProvinceWorld

PAGE, LARGEST_PAGE = 500, 2000

Rows = Callable[[int, int], list[dict[str, Any]]]


class Refusal(Exception):
    """A request the service refuses: status, code, sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Survey:
    """The survey service of one province. It has no state of its own: it tells what the world knows."""

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world

    async def units(self, request: Request) -> Response:
        """`GET /survey/{year}/units.{form}`"""
        units = self._world.units if self._world.survey_total else ()
        return self._answer(
            request, len(units), lambda start, size: [unit_row(u) for u in units[start : start + size]]
        )

    async def instruments(self, request: Request) -> Response:
        """`GET /survey/{year}/instruments.{form}`"""
        rows = self._world.survey_rows
        return self._answer(
            request,
            self._world.survey_total,
            lambda start, size: [instrument_row(r) for r in rows(start, size)],
        )

    def _answer(self, request: Request, total: int, rows: Rows) -> Response:
        try:
            _check_year(request.path_params["year"])
            page = _number(request, "page", 1, 1_000_000)
            size = _number(request, "size", PAGE, LARGEST_PAGE)
        except Refusal as refusal:
            body = {"错误码": refusal.code, "说明": refusal.message}
            return Response(orjson.dumps(body), refusal.status, media_type="application/json")
        found = rows((page - 1) * size, size)
        headers = {"X-Total-Count": str(total)}
        if request.url.path.endswith(".ndjson"):
            lines = b"".join(orjson.dumps(row) + b"\n" for row in found)
            return Response(lines, headers=headers, media_type="application/x-ndjson")
        answer = {"调查年度": SURVEY_YEAR, "总数": total, "页码": page, "每页条数": size, "数据": found}
        return Response(orjson.dumps(answer), headers=headers, media_type="application/json")


def survey_routes(world: ProvinceWorld) -> Sequence[Route]:
    """The survey's routes, to be mounted beside a province's own."""
    survey = Survey(world)
    return tuple(
        Route(f"/survey/{{year}}/{sheet}.{form}", handler, methods=["GET"])
        for sheet, handler in (("units", survey.units), ("instruments", survey.instruments))
        for form in ("ndjson", "json")
    )


def _check_year(text: str) -> None:
    if text not in ("latest", str(SURVEY_YEAR)):
        raise Refusal(404, "NO_SUCH_YEAR", f"只有 {SURVEY_YEAR} 年度的调查数据，也可写 latest")


def _number(request: Request, name: str, usual: int, largest: int) -> int:
    text = request.query_params.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= largest):
        raise Refusal(400, "BAD_PARAMETER", f"{name} 应为 1—{largest} 的整数")
    return int(text)


def unit_row(unit: Unit) -> dict[str, Any]:
    """One row of the units' sheet. What is not known is left out."""
    place, contact = unit.place, unit.contact
    row = {
        "所属单位标识": unit.id,
        "统一社会信用代码": unit.credit_code,
        "单位代码": unit.short_code,
        "单位名称": unit.name,
        "英文名称": unit.name_en,
        "单位性质": unit.kind,
        "省级行政区": place.province_name,
        "市级行政区": place.city_name,
        "县级行政区": place.county_name,
        "街道门牌": place.street,
        "邮政编码": place.postcode,
        "经度": place.lon,
        "纬度": place.lat,
        "网站": unit.website,
        "检验检测机构资质认定证书编号": unit.cma_certificate,
        "实验室认可证书编号": unit.cnas_certificate,
        "联系人": contact.name,
        "办公电话": contact.office_phone,
        "手机": contact.mobile,
        "电子邮箱": contact.email,
    }
    return {name: value for name, value in row.items() if value != ""}


def instrument_row(row: SurveyRow) -> dict[str, Any]:
    """One row of the instruments' sheet."""
    return {
        "调查年度": row.year,
        "所属单位标识": row.unit.id,
        "统一社会信用代码": row.unit.credit_code,
        "单位代码": row.unit.short_code,
        "单位性质": row.unit.kind,
        "单位内部编号": row.internal_number,
        "主要购置经费来源": row.funding,
        "共享模式": row.sharing,
        "服务方式": list(row.service_modes),
        "年有效工作机时": row.effective_hours,
        "年对外服务机时": row.external_hours,
        "检测服务项目": [_item(item) for item in row.service_items],
    }


def _item(item: ServiceItem) -> dict[str, Any]:
    return {
        "序号": item.number,
        "项目名称": item.name,
        "检测方法": item.method,
        "依据标准": list(item.standards),
        "检测条件": item.condition,
        "计费单位": item.charging_unit,
        "收费标准（元）": f"{item.fee_fen // 100}.{item.fee_fen % 100:02d}",
        "出具结果天数": item.turnaround_days,
        "CMA范围内": "是" if item.cma else "否",
        "CNAS范围内": "是" if item.cnas else "否",
        "服务方式": item.service_mode,
    }
