"""江西's booking service: SOAP, no reference of ours, two return-code tables. Section 5 of `dialects/jiangxi.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import Declined, Desk, Order, Period, Wanted, model
from adapters.simulators.desk.speaking import Owners, filled, period_of, plain, question_of, read_plain, yuan
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

NAMESPACE = "http://order.server.ws.com/"
_WSDL = (Path(__file__).parent / "dialects" / "orderService.wsdl").read_text(encoding="utf-8")
_MOST, _LONGEST_REMARK = 100, 200
NOTHING = "无"
STATUS = {
    model.PENDING: "0",
    model.ACCEPTED: "1",
    model.REJECTED: "2",
    model.PROPOSED: "3",
    model.CANCELLED: "4",
    model.SAMPLES: "5",
    model.IN_SERVICE: "6",
    model.NO_SHOW: "7",
    model.DONE: "8",
    model.REPORTED: "9",
}
REASONS = {
    model.OCCUPIED: "1",
    model.CLOSED: "2",
    model.OUTSIDE: "3",
    model.BROKEN: "4",
    model.UNFIT: "5",
    model.NO_OPERATOR: "6",
    model.INCOMPLETE: "7",
    model.NOT_SHARED: "8",
    "用户取消": "9",
}
WORDS = {
    model.OCCUPIED: "时段冲突",
    model.CLOSED: "停机维护",
    model.OUTSIDE: "非开放时间",
    model.PAST: "时间已过",
    model.BROKEN: "仪器故障",
    model.NOT_SHARED: "非共享",
    model.UNKNOWN: "没有此仪器",
    model.BEGUN: "不能取消",
    model.NO_SUCH_ORDER: "没有此订单",
}
_MODES = {"上机": model.MACHINE, "委托": model.TEST, "咨询": model.ADVICE}


class OrderService:
    """The four operations over one desk. Commands answer by table B, questions by table A."""

    def __init__(self, desk: Desk, address: str) -> None:
        self._desk = desk
        self._owners = Owners(desk.world)
        self._wsdl = _WSDL.replace('"@ADDRESS@"', quoteattr(address))
        self._operations: Mapping[
            str, tuple[Mapping[str, str], Callable[[dict[str, Any]], dict[str, Any]]]
        ] = {
            "submitOrder": (TABLE_B, self._submit),
            "cancelOrder": (TABLE_B, self._cancel),
            "queryOrder": (TABLE_A, self._query),
            "queryCalendar": (TABLE_A, self._calendar),
        }
        path = "/cxf/orderService"
        self.routes = (
            Route(path, self._describe, methods=["GET"]),
            Route(path, self._call, methods=["POST"]),
        )

    async def _describe(self, request: Request) -> Response:
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return Response("<html><body>No binding operation info</body></html>", 404)
        return xml(self._wsdl)

    async def _call(self, request: Request) -> Response:
        self._desk.world.tick()
        if self._desk.mischief.take("throttle"):
            return Response("busy", 429, {"Retry-After": "2"})
        try:
            operation, arguments = read_call(await request.body(), NAMESPACE)
            table, answer = self._operations[operation]
        except (Fault, KeyError) as error:
            return xml(fault(str(error)), 500)
        not_json, no_object = ("201", "202") if table is TABLE_A else ("202", "201")
        try:
            if arguments.get("insCode") != INS_CODE:
                raise Returned("200")
            given = json_object(arguments.get("param", ""), not_json=not_json, no_object=no_object)
            content = escaped(orjson.dumps({"code": "100", "msg": table["100"], **answer(given)}))
        except Returned as returned:
            content = outcome(returned, table)
        except Declined as declined:
            code = "101" if table is TABLE_B else "202"
            content = outcome(Returned(code, WORDS.get(declined.reason, declined.words)), table)
        return Response(envelope(operation, content, NAMESPACE), media_type="text/xml; charset=utf-8")

    def _submit(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(given, "insCode", "innerId", "orderType", "applyUnit", "applyCode"):
            raise Returned("101", "缺少必填项")
        mode = _MODES.get(str(given["orderType"]))
        if mode is None:
            raise Returned("203", "orderType 应为 上机、委托或咨询")
        if len(str(given.get("remark", ""))) > _LONGEST_REMARK:
            raise Returned("203", "remark 超过 200 字")
        key = self._owners.key(given["insCode"], given["innerId"])
        # There is no field for another side's number: the desk knows the order by what its remark says.
        reference = str(given.get("remark", ""))
        order = self._desk.place(Wanted(reference, key, mode, _period(given, "203"), given))
        return {"orderNo": order.number}

    def _cancel(self, given: dict[str, Any]) -> dict[str, Any]:
        order = self._desk.cancel(str(given.get("orderNo", "")), "用户取消", str(given.get("reason", "")))
        return {"orderNo": order.number}

    def _query(self, given: dict[str, Any]) -> dict[str, Any]:
        self._desk.settle()
        number, size = whole(given, "pageNum", 1, 10**9), whole(given, "pageSize", 50, _MOST)
        created, changed = _span_asked(given)
        if changed is None:
            found = [
                (order, order.reference)
                for order in self._desk.orders()
                if created is None or created.start <= order.created < created.end
            ]
        else:
            latest = {d.order.number: (d.order, d.reference) for d in self._desk.deliveries(0, 10**9)}
            found = [entry for entry in latest.values() if entry[0].updated >= changed]
            found.sort(key=lambda entry: entry[0].updated)
        unit = str(given.get("insCode") or "")
        if unit:
            found = [entry for entry in found if self._owners.names(entry[0].instrument)[0] == unit]
        rows = [
            self.written(order, reference) for order, reference in found[(number - 1) * size : number * size]
        ]
        return {"total": len(found), "pageNum": number, "pageSize": size, "orderList": rows}

    def _calendar(self, given: dict[str, Any]) -> dict[str, Any]:
        key = self._owners.key(given.get("insCode", ""), given.get("innerId", ""))
        if self._desk.world.survey_row(key) is None:
            raise Declined(model.UNKNOWN, "没有此仪器")
        try:
            asked = question_of(read_plain(given.get("startTime")), read_plain(given.get("endTime")))
        except ValueError as error:
            raise Returned("202", f"startTime、endTime：{error}") from None
        return {
            "serverTime": plain(self._desk.clock()),
            "busyList": [
                {**_span(period), "orderNo": order.number if order else NOTHING}
                for period, order in self._desk.busy(key, asked.start, asked.end)
            ],
            "closeList": [
                {**_span(period), "text": words}
                for period, words in self._desk.closures(key, asked.start, asked.end)
            ],
        }

    def written(self, order: Order, remark: str) -> dict[str, str]:
        """An order in the platform's words; what has no value is 「无」."""
        unit, number = self._owners.names(order.instrument)
        moved = order.proposal.period if order.proposal and not order.proposal.outcome else None
        used = order.usage
        row = {
            "orderNo": order.number,
            "insCode": unit,
            "innerId": number,
            "status": STATUS[order.state],
            "startTime": plain(order.period.start) if order.period else "",
            "endTime": plain(order.period.end) if order.period else "",
            "newStart": plain(moved.start) if moved else "",
            "newEnd": plain(moved.end) if moved else "",
            "createTime": plain(order.created),
            "updateTime": plain(order.updated),
            "reason": REASONS.get(order.reason, "10") if order.reason else "",
            "reasonText": order.words,
            "remark": remark,
            "usedHours": f"{used.hours:g}" if used else "",
            "usedFee": yuan(used.fee_fen) if used else "",
            "usedLog": used.proofs[0].sha256 if used and used.proofs else "",
            "reportName": order.report.name if order.report else "",
        }
        return {name: value or NOTHING for name, value in row.items()}


def _span_asked(given: Mapping[str, Any]) -> tuple[Period | None, Any]:
    """Times of submission, and the time of change from which on."""
    try:
        changed = read_plain(given["updateStart"]) if filled(given, "updateStart") else None
        if not filled(given, "createStart") and not filled(given, "createEnd"):
            return None, changed
        return period_of(read_plain(given.get("createStart")), read_plain(given.get("createEnd"))), changed
    except ValueError:
        raise Returned("202", "时间应为 yyyy-MM-dd HH:mm:ss，且先后有序") from None


def _period(given: Mapping[str, Any], code: str) -> Period | None:
    if not filled(given, "startTime") and not filled(given, "endTime"):
        return None
    try:
        return period_of(read_plain(given.get("startTime")), read_plain(given.get("endTime")))
    except ValueError:
        raise Returned(code, "startTime、endTime 应为 yyyy-MM-dd HH:mm:ss，且先后有序") from None


def _span(period: Period) -> dict[str, str]:
    return {"startTime": plain(period.start), "endTime": plain(period.end)}
