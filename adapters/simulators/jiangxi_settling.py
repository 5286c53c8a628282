"""江西's settlement service: SOAP, one list a reference, two return-code tables. Section 6 of `dialects/jiangxi.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk.speaking import filled, plain
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
from adapters.simulators.purse import Line, Office
from adapters.simulators.purse.office import BOUNCED, PAID, fen, yuan

NAMESPACE = "http://settle.server.ws.com/"
NOTHING = "无"
_STATES = {PAID: "1", BOUNCED: "2", "frozen": "9"}
_REASONS = {"account_wrong": "1", "account_closed": "2", "name_mismatch": "3", "bank_refused": "4"}


class SettleService:
    """The three operations over one office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._operations: Mapping[
            str, tuple[Mapping[str, str], Callable[[dict[str, Any]], dict[str, Any]]]
        ] = {
            "submitPayList": (TABLE_B, self._submit),
            "queryPayList": (TABLE_A, self._query),
            "queryPayResult": (TABLE_A, self._results),
        }
        self.routes = (Route("/cxf/settleService", self._call, methods=["POST"]),)

    async def _call(self, request: Request) -> Response:
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
            content = outcome(returned, table)  # type: ignore[arg-type]
        return Response(envelope(operation, content, NAMESPACE), media_type="text/xml; charset=utf-8")

    def _submit(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(given, "outListNo", "listType", "digest", "amount"):
            raise Returned("101", "缺少必填项")
        try:
            lines = [
                Line(
                    str(row["outLineNo"]),
                    fen(row["amount"]),
                    str(row.get("payee", "")),
                    str(row.get("account", "")),
                )
                for row in given.get("lineList") or []
            ]
            total = fen(given["amount"])
        except (KeyError, TypeError, ValueError):
            raise Returned("203", "lineList") from None
        if str(given["listType"]) == "1" and total != sum(line.fen for line in lines):
            raise Returned("101", "合计与明细不符")
        if self._office.under(str(given["outListNo"])):
            raise Returned("101", "清单已存在")
        taken = self._office.take(str(given["outListNo"]), str(given["digest"]), total, lines)
        return {"listNo": taken.number}

    def _query(self, given: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "listNo": each.number,
                "outListNo": each.reference,
                "digest": each.digest,
                "amount": yuan(each.fen),
                "receiveTime": plain(each.at),
            }
            for each in self._office.under(str(given.get("outListNo", "")))
        ]
        return {"listArray": rows}

    def _results(self, given: dict[str, Any]) -> dict[str, Any]:
        after = str(given.get("fromSeq", "0"))
        if not after.isdecimal():
            raise Returned("202", "fromSeq")
        rows = [
            {
                "seq": each.position,
                "outListNo": each.reference,
                "outLineNo": each.line,
                "state": _STATES[each.state],
                "amount": yuan(each.fen),
                "payDate": each.paid_on if each.state == PAID else NOTHING,
                "voucherNo": each.proof or NOTHING,
                "reason": _REASONS.get(each.reason, NOTHING),
                "time": plain(each.at),
            }
            for each in self._office.results(int(after), whole(given, "pageSize", 100, 500))
        ]
        return {"resultArray": rows}
