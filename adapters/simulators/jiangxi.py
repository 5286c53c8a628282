"""江西: SOAP 1.1 as Apache CXF speaks it, the payload a JSON document inside a string (observed shape).

Written from `dialects/jiangxi.md` and `dialects/instruService.wsdl`. The query reads return-code table A, the push
table B; the two contradict each other, as the observed ones do.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.changelog import changes_since
from adapters.simulators.desk import desk_of
from adapters.simulators.jiangxi_bookings import OrderService
from adapters.simulators.jiangxi_settling import SettleService
from adapters.simulators.jiangxi_soap import (
    INS_CODE,
    TABLE_A,
    TABLE_B,
    Fault,
    Returned,
    envelope,
    escaped,
    fault,
    json_object,
    outcome,
    read_call,
    whole,
    xml,
)
from adapters.simulators.national import national_fields
from adapters.simulators.purse import office_of
from adapters.simulators.simulator import Platform
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.model import Instrument
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written, with_list

PROVINCE = "360000"
NAMESPACE = "http://instru.server.ws.com/"
PAGE, LARGEST_PAGE = 200, 500
INSTRUMENTS = "4"
TIME = "%Y-%m-%d %H:%M:%S"

_CLASS_CODE = re.compile(r"[0-9]{6}")
_WSDL = (Path(__file__).parent / "dialects" / "instruService.wsdl").read_text(encoding="utf-8")


class InstruService:
    """The two operations. What is pushed waits for approval and never shows in queries."""

    def __init__(self, world: ProvinceWorld, address: str) -> None:
        self._world = world
        self._wsdl = _WSDL.replace('"@ADDRESS@"', quoteattr(address))
        self._remembered: tuple[object, list[Instrument]] | None = None
        self._written = Written(lambda instrument: escaped(orjson.dumps(_row(instrument))))
        self.pushed: dict[tuple[str, str], dict[str, Any]] = {}

    async def describe(self, request: Request) -> Response:
        """`GET …?wsdl`"""
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return Response(
                "<html><body>No binding operation info while invoking unknown method</body></html>", 404
            )
        return xml(self._wsdl)

    async def call(self, request: Request) -> Response:
        """`POST`: one operation in a SOAP envelope."""
        self._world.tick()
        try:
            operation, arguments = read_call(await request.body(), NAMESPACE)
            answer = {"queryInstru": self._query, "instruInfo": self._push}[operation](arguments)
        except (Fault, KeyError) as error:
            return xml(fault(str(error)), 500)
        return Response(envelope(operation, answer, NAMESPACE), media_type="text/xml; charset=utf-8")

    def _query(self, arguments: dict[str, str]) -> bytes:
        try:
            _check_unit(arguments)
            parameters = json_object(arguments.get("queryParam", ""), not_json="201", no_object="202")
            if arguments.get("instruType") != INSTRUMENTS:
                raise Returned("202", "instruType 只支持 4")
            number = whole(parameters, "pageNum", 1, 10**9)
            size = whole(parameters, "pageSize", PAGE, LARGEST_PAGE)
            since = _time(parameters.get("startTime"))
        except Returned as returned:
            return outcome(returned, TABLE_A)
        start = (number - 1) * size
        if since is None:
            total, found = self._world.total, self._world.page(start, size)
        else:
            changed = self._changed(since)
            total, found = len(changed), changed[start : start + size]
        head = {"code": "100", "msg": TABLE_A["100"], "total": total, "pageNum": number, "pageSize": size}
        return with_list(head, "instruList", map(self._written, found))

    def _changed(self, since: datetime) -> list[Instrument]:
        """Everything written since; kept while nothing moves, for the question's next pages."""
        question = (since, self._world.last_sequence, self._world.total)
        if self._remembered is None or self._remembered[0] != question:
            changes = changes_since(self._world, since)
            self._remembered = (question, [c.instrument for c in changes if c.instrument is not None])
        return self._remembered[1]

    def _push(self, arguments: dict[str, str]) -> bytes:
        try:
            _check_unit(arguments)
            record = json_object(arguments.get("instruList", ""), not_json="202", no_object="201")
            return outcome(Returned(self._take(record)), TABLE_B)
        except Returned as returned:
            return outcome(returned, TABLE_B)

    def _take(self, record: dict[str, Any]) -> str:
        for name in ("insCode", "innerId", "cname", "achievement"):
            if not str(record.get(name) or ""):
                raise Returned("101", f"{name} 不能为空，没有请填「无」")
        if _CLASS_CODE.fullmatch(str(record.get("instrCategory") or "")) is None:
            raise Returned("203", "instrCategory 应为六位数字")
        key = (str(record["insCode"]), str(record["innerId"]))
        held = self.pushed.get(key)
        if held is not None and str(held.get("auditStatus", "0")) == "0":
            raise Returned("0", "已提交，待审核期间的重复推送不受理")
        self.pushed[key] = record
        return "100" if held is None or str(record.get("auditStatus", "0")) == "-1" else "1"


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Platform:
    """The platform over this world; the WSDL names its address."""
    del folder
    path = "/cxf/instruService"
    service = InstruService(world, base_url.rstrip("/") + path)
    routes = (
        Route(path, service.describe, methods=["GET"]),
        Route(path, service.call, methods=["POST"]),
        *OrderService(desk_of(world), base_url.rstrip("/") + "/cxf/orderService").routes,
        *SettleService(office_of(world)).routes,
        *survey_routes(world),
    )
    return Platform(PROVINCE, routes, {"ins_code": INS_CODE})


def _check_unit(arguments: dict[str, str]) -> None:
    if arguments.get("insCode") != INS_CODE:
        raise Returned("200")


def _time(text: Any) -> datetime | None:
    if text in (None, ""):
        return None
    try:
        return datetime.strptime(f"{text}+0800", f"{TIME}%z")
    except ValueError:
        raise Returned("202", "startTime 应为 yyyy-MM-dd HH:mm:ss") from None


def _row(instrument: Instrument) -> dict[str, str]:
    """One instrument under the national keys; what has no value is 「无」."""
    fields = {key: value or "无" for key, value in national_fields(instrument).items()}
    fields["updateTime"] = instrument.modified.strftime(TIME)
    return fields
