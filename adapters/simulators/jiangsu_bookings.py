"""江苏's booking interface: signed, without idempotency, told by a feed of events. Section 5 of `dialects/jiangsu.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import Declined, Desk, Order, Period, Step, Wanted, almanac, model, note
from adapters.simulators.desk.hubs import HEADER, HubKeys
from adapters.simulators.desk.speaking import (
    Owners,
    clock,
    facts_as_text,
    filled,
    json_answer,
    object_of,
    plain,
    plain_period,
    question_of,
    read_plain,
    told_report,
    whole,
    yuan,
)

OK, BAD_PARAMETER, MISSING, NOT_THE_HUBS, TOO_OFTEN = 0, 40001, 40002, 40105, 42901
STATES = {
    model.PENDING: "10",
    model.ACCEPTED: "20",
    model.REJECTED: "30",
    model.PROPOSED: "40",
    model.CANCELLED: "50",
    model.SAMPLES: "60",
    model.IN_SERVICE: "70",
    model.NO_SHOW: "71",
    model.DONE: "80",
    model.REPORTED: "90",
}
CODES = {
    model.UNKNOWN: 41001,
    model.OCCUPIED: 41002,
    model.NOT_SHARED: 41003,
    model.OUTSIDE: 41004,
    model.CLOSED: 41005,
    model.BROKEN: 41006,
    model.PAST: 41007,
    model.BEGUN: 41008,
    model.INCOMPLETE: 40002,
    model.NO_PROPOSAL: 41009,
    model.NO_SUCH_ORDER: 41010,
}
REASONS = {
    model.OCCUPIED: "01",
    model.CLOSED: "02",
    model.OUTSIDE: "03",
    model.BROKEN: "04",
    model.UNFIT: "05",
    model.NO_OPERATOR: "06",
    model.INCOMPLETE: "07",
    model.NOT_SHARED: "08",
}
STEPS = {
    "20": model.ACCEPTED,
    "30": model.REJECTED,
    "40": model.OFFERED,
    "41": model.CONSENTED,
    "42": model.OBJECTED,
    "60": model.SAMPLES,
    "70": model.IN_SERVICE,
    "71": model.NO_SHOW,
    "80": model.DONE,
    "90": model.REPORTED,
}
_MODES = {"1": model.MACHINE, "2": model.TEST, "3": model.ADVICE}
_BY = {model.BY_PLATFORM: "1", model.BY_CLIENT: "2"}
_OUTCOMES = {model.AGREED: "1", model.DECLINED: "0", "": ""}
_UNITS = {"机时": "1", "样品": "2", "项目": "3", "次": "4", "套餐": "5", "天": "6"}
_MOST = 200


class Refusal(Exception):
    """A request answered with another code than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Bookings:
    """The interface over one desk. `check` judges the signature over all parameters; it may answer for itself."""

    def __init__(self, desk: Desk, check: Callable[[Mapping[str, str]], Response | None]) -> None:
        self._desk, self._check = desk, check
        self._owners = Owners(desk.world, "credit_code")
        self.hub_keys = HubKeys(desk.world.code)
        self.routes = (
            Route("/openapi/v1/yy/create", self._guarded(self._create), methods=["POST"]),
            Route("/openapi/v1/yy/cancel", self._guarded(self._cancel), methods=["POST"]),
            Route("/openapi/v1/yy/change", self._guarded(self._change), methods=["POST"]),
            Route("/openapi/v1/yy/confirm", self._guarded(self._confirm), methods=["POST"]),
            Route("/openapi/v1/yy/station", self._guarded(self._note), methods=["POST"]),
            Route("/openapi/v1/yy/query", self._guarded(self._query), methods=["GET"]),
            Route("/openapi/v1/yy/events", self._guarded(self._events), methods=["GET"]),
            Route("/openapi/v1/yy/report", self._guarded(self._report), methods=["GET"]),
            Route("/openapi/v1/yq/rl", self._guarded(self._calendar), methods=["GET"]),
        )

    def _guarded(self, answer: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            try:
                given = _object(body) if request.method == "POST" else dict(request.query_params)
                refused = self._check(
                    {**dict(request.query_params), **{name: _text(value) for name, value in given.items()}}
                )
                if refused is not None:
                    return refused
                why = self.hub_keys.objection(request.headers.get(HEADER, ""), body)
                if why and request.method == "POST":
                    raise Refusal(NOT_THE_HUBS, f"接入方签名：{why}")
                if self._desk.mischief.take("throttle"):
                    raise Refusal(TOO_OFTEN, "请求过于频繁")
                found = answer(given)
                return found if isinstance(found, Response) else _json(OK, "成功", found)
            except Declined as declined:
                return _json(CODES.get(declined.reason, BAD_PARAMETER), declined.words, None)
            except Refusal as refusal:
                return _json(refusal.code, refusal.message, None)

        return endpoint

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(given, "wbdh", "tyshxydm", "yqbh", "fwfs", "sqdw", "sqdm"):
            raise Refusal(MISSING, "缺少必填项")
        mode = _MODES.get(str(given["fwfs"]))
        if mode is None:
            raise Refusal(BAD_PARAMETER, "fwfs 应为 1、2 或 3")
        key = self._owners.key(given["tyshxydm"], given["yqbh"])
        wanted = Wanted(str(given["wbdh"]), key, mode, _period(given), given)
        return self.written(self._desk.place(wanted))

    def _cancel(self, given: dict[str, Any]) -> dict[str, Any]:
        number = str(given.get("yydh", ""))
        return self.written(self._desk.cancel(number, str(given.get("yydm", "")), str(given.get("sm", ""))))

    def _change(self, given: dict[str, Any]) -> dict[str, Any]:
        period = _period(given)
        if period is None:
            raise Refusal(MISSING, "缺少 kssj、jssj")
        return self.written(
            self._desk.propose(str(given.get("yydh", "")), period, words=str(given.get("sm", "")))
        )

    def _confirm(self, given: dict[str, Any]) -> dict[str, Any]:
        if str(given.get("jg")) not in ("0", "1"):
            raise Refusal(BAD_PARAMETER, "jg 应为 1 或 0")
        return self.written(
            self._desk.decide(
                str(given.get("yydh", "")),
                str(given.get("bgxh", "")),
                model.BY_CLIENT,
                agrees=str(given["jg"]) == "1",
            )
        )

    def _note(self, given: dict[str, Any]) -> dict[str, Any]:
        what = STEPS.get(str(given.get("cz")))
        if what is None:
            raise Refusal(BAD_PARAMETER, f"cz 应为 {'、'.join(STEPS)}")
        hours = float(given["sysj"]) if given.get("sysj") else None
        report = told_report(given, "bgwj", "bgmc", "bgzy")
        words = (str(given.get(name, "")) for name in ("yydm", "sm"))
        step = Step(what, *words, _period(given), hours, report=report)
        return self.written(note(self._desk, str(given.get("yydh", "")), step))

    def _query(self, given: dict[str, Any]) -> dict[str, Any]:
        self._desk.settle()
        found = self._desk.under(str(given.get("wbdh", "")))
        return {"total": len(found), "rows": [self.written(order) for order in found]}

    def _events(self, given: dict[str, Any]) -> dict[str, Any]:
        after, size = _whole(given, "afterId", 0, 10**12, least=0), _whole(given, "pageSize", 100, _MOST)
        found = self._desk.deliveries(after, size + 1)
        rows = [
            {"id": d.position, "sjbh": d.message, **self.written(d.order, d.reference)} for d in found[:size]
        ]
        return {"rows": rows, "more": int(len(found) > size)}

    def _report(self, given: dict[str, Any]) -> Response:
        report = self._desk.order(str(given.get("yydh", ""))).report
        if report is None or report.digest:
            raise Declined(model.NO_SUCH_ORDER, "还没有报告，或报告在接入方")
        return Response(report.content, media_type="application/pdf")

    def _calendar(self, given: dict[str, Any]) -> dict[str, Any]:
        key = self._owners.key(given.get("tyshxydm", ""), given.get("yqbh", ""))
        row = self._desk.world.survey_row(key)
        if row is None:
            raise Declined(model.UNKNOWN, "没有这台仪器")
        try:
            asked = question_of(read_plain(given.get("kssj")), read_plain(given.get("jssj")))
        except ValueError as error:
            raise Refusal(BAD_PARAMETER, f"kssj、jssj：{error}") from None
        rules, desk = almanac.rules_of(key), self._desk
        hours = {"ks": clock(rules.opens), "js": clock(rules.closes)}
        return {
            "sj": plain(desk.clock()),
            "zy": [
                {**_span(period), "yydh": order.number if order else "", "wbdh": order.reference if order else ""}
                for period, order in desk.busy(key, asked.start, asked.end)
            ],
            "gb": [{**_span(period), "sm": words} for period, words in desk.closures(key, asked.start, asked.end)],
            "gz": {
                "bb": "1",
                "kf": [{"xq": str(day + 1), **hours} for day in rules.weekdays],
                "dw": rules.slot_minutes,
                "zc": rules.longest_minutes,
                "tq": rules.lead_minutes,
                "qx": rules.cancel_minutes,
                "rl": rules.capacity,
                "px": str(int(rules.training)),
                "cz": str(int(rules.operator)),
            },
            "sf": {
                "bb": almanac.TARIFF_VERSION,
                "qyrq": almanac.VALID_FROM.isoformat(),
                "zd": yuan(almanac.minimum_fen(row)),
                "mx": [
                    {"dw": _UNITS[p.unit], "wb": yuan(p.outside_fen), "nb": yuan(p.inside_fen), "xm": p.item, "tj": p.condition}
                    for p in almanac.prices_of(row)
                ],
            },
        }  # fmt: skip

    def written(self, order: Order, reference: str | None = None) -> dict[str, Any]:
        """An order in the platform's words; what has no value is an empty text."""
        unit, number = self._owners.names(order.instrument)
        change, facts = order.proposal, facts_as_text(order)
        return {
            "yydh": order.number,
            "wbdh": self._desk.told_reference(order) if reference is None else reference,
            "tyshxydm": unit,
            "yqbh": number,
            "zt": STATES[order.state],
            "bbh": str(order.version),
            **(_span(order.period) if order.period else {"kssj": "", "jssj": ""}),
            "gxsj": plain(order.updated),
            "yydm": REASONS.get(order.reason, order.reason),
            "sm": order.words,
            "bgxh": facts["change"],
            "bgks": facts["change_start"],
            "bgjs": facts["change_end"],
            "bgf": _BY[change.by] if change else "",
            "bgqx": facts["change_until"],
            "bgjg": _OUTCOMES[change.outcome] if change else "",
            "syks": facts["used_start"],
            "syjs": facts["used_end"],
            "syjs_xs": facts["used_hours"],
            "syfy": facts["used_fee"],
            "sybh": facts["used"],
            "syrzzy": facts["used_log"],
            "bgwj": facts["file"],
            "bgmc": facts["file_name"],
            "bgdx": facts["file_size"],
            "bgzy": facts["file_digest"],
        }


def _json(code: int, message: str, data: Any) -> Response:
    return json_answer({"code": code, "message": message, "data": data})


def _text(value: Any) -> str:
    """A parameter as it is signed: text as it is, everything else as compact JSON, nothing as an empty text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _object(body: bytes) -> dict[str, Any]:
    return object_of(body, Refusal(BAD_PARAMETER, "请求体应为 JSON 对象"))


def _whole(given: Mapping[str, Any], name: str, default: int, most: int, least: int = 1) -> int:
    try:
        return whole(given.get(name) or default, least=least, most=most)
    except ValueError:
        raise Refusal(BAD_PARAMETER, f"{name} 应为 {least}—{most} 的整数") from None


def _period(given: Mapping[str, Any]) -> Period | None:
    try:
        return plain_period(given, "kssj", "jssj")
    except ValueError:
        raise Refusal(BAD_PARAMETER, "kssj、jssj 应为 yyyy-MM-dd HH:mm:ss，且先后有序") from None


def _span(period: Period) -> dict[str, str]:
    return {"kssj": plain(period.start), "jssj": plain(period.end)}
