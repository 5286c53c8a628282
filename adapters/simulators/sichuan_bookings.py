"""四川's orders: taken with a receipt, carried out later, told by a feed. Section 4 of `dialects/sichuan.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import (
    Declined,
    Delivery,
    Desk,
    Order,
    Period,
    Step,
    Wanted,
    almanac,
    model,
    note,
)
from adapters.simulators.desk.hubs import HEADER, HubKeys
from adapters.simulators.desk.speaking import (
    Owners,
    clock,
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

PROCESSING = timedelta(seconds=1)
STATES = {
    model.PENDING: "waiting",
    model.ACCEPTED: "booked",
    model.REJECTED: "refused",
    model.PROPOSED: "changing",
    model.CANCELLED: "cancelled",
    model.SAMPLES: "sample",
    model.IN_SERVICE: "serving",
    model.NO_SHOW: "absent",
    model.DONE: "finished",
    model.REPORTED: "reported",
}
CAUSES = {
    model.OCCUPIED: "busy_time",
    model.CLOSED: "closed",
    model.OUTSIDE: "not_open",
    model.PAST: "past",
    model.BROKEN: "broken",
    model.UNFIT: "sample",
    model.NO_OPERATOR: "staff",
    model.INCOMPLETE: "papers",
    model.NOT_SHARED: "private",
    model.UNKNOWN: "no_instrument",
    model.BEGUN: "begun",
    model.NO_PROPOSAL: "no_change",
}
_PROOFS = {
    model.RUN_LOG: "log",
    model.SENSOR_LOG: "sensor",
    model.SIGNED_SHEET: "sheet",
    model.PHOTO: "photo",
}
_KINDS = {"machine": model.MACHINE, "test": model.TEST, "consult": model.ADVICE}
_BY = {model.BY_PLATFORM: "platform", model.BY_CLIENT: "user"}
_OUTCOMES = {model.AGREED: "agree", model.DECLINED: "disagree"}
STEPS = {
    "station-book": model.ACCEPTED,
    "station-refuse": model.REJECTED,
    "station-change": model.OFFERED,
    "station-agree": model.CONSENTED,
    "station-disagree": model.OBJECTED,
    "station-sample": model.SAMPLES,
    "station-serve": model.IN_SERVICE,
    "station-absent": model.NO_SHOW,
    "station-finish": model.DONE,
    "station-report": model.REPORTED,
}
_ACTIONS = ("cancel", "change", "agree", "disagree", *STEPS)
_MOST = 500


class Refusal(Exception):
    """A request that is not taken."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message


@dataclass(frozen=True, slots=True)
class Taken:
    """Something the platform said it received, and when it will look at it."""

    receipt: str
    due: datetime
    reference: str
    action: str
    given: dict[str, Any]


class OrderService:
    """The order interface over one desk. `check` judges the key of a request and answers when it is wrong."""

    def __init__(self, desk: Desk, check: Callable[[Request], Response | None]) -> None:
        self._desk, self._check = desk, check
        self._owners = Owners(desk.world)
        self.hub_keys = HubKeys(desk.world.code)
        self._waiting: list[Taken] = []
        self._receipts: dict[str, str] = {}  # message of a delivery → the receipt that caused it
        self._count = 0
        desk.chores.append(self._process)
        self.routes = (
            Route("/data/v1/orders", self._guarded(self._submit), methods=["POST"]),
            Route("/data/v1/orders", self._guarded(self._find), methods=["GET"]),
            Route("/data/v1/orders/feed", self._guarded(self._feed), methods=["GET"]),
            Route("/data/v1/orders/{reference}/actions", self._guarded(self._act), methods=["POST"]),
            Route("/data/v1/orders/{reference}/report", self._guarded(self._report), methods=["GET"]),
            Route("/data/v1/instruments/calendar", self._guarded(self._calendar), methods=["GET"]),
        )

    def _guarded(self, answer: Callable[[Request, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = self._check(request)
            if refused is not None:
                return refused
            self._desk.settle()
            body = await request.body()
            try:
                why = self.hub_keys.objection(request.headers.get(HEADER, ""), body)
                if why and request.method == "POST":
                    raise Refusal(400, "BAD_SIGNATURE", why)
                if self._desk.mischief.take("throttle"):
                    raise Refusal(429, "TOO_MANY", "请求过多")
                given = _object(body) if request.method == "POST" else dict(request.query_params)
                found = answer(request, given)
                return found if isinstance(found, Response) else _json(*found)
            except Refusal as refusal:
                headers = {"Retry-After": "2"} if refusal.status == 429 else None
                return _json(refusal.status, {"error": refusal.error, "message": refusal.message}, headers)

        return endpoint

    def _submit(self, _request: Request, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        user = given.get("user") or {}
        if not (
            filled(given, "extNo", "insCode", "innerId", "serviceKind") and filled(user, "name", "creditCode")
        ):
            raise Refusal(400, "BAD_ORDER", "缺少必填项")
        if given["serviceKind"] not in _KINDS:
            raise Refusal(400, "BAD_ORDER", "serviceKind 应为 machine、test 或 consult")
        _period(given)
        return self._take(str(given["extNo"]), "submit", given)

    def _act(self, request: Request, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reference = request.path_params["reference"]
        if given.get("action") not in _ACTIONS:
            raise Refusal(400, "BAD_ORDER", f"action 应为 {'、'.join(_ACTIONS)}")
        under = self._desk.under(reference)
        if not under and not any(t.reference == reference for t in self._waiting):
            raise Refusal(404, "NO_ORDER", f"没有外部单号 {reference}")
        if filled(given, "orderNo") and given["orderNo"] not in [order.number for order in under]:
            raise Refusal(404, "NO_ORDER", f"外部单号 {reference} 下没有订单 {given['orderNo']}")
        _period(given)
        return self._take(reference, given["action"], given)

    def _take(self, reference: str, action: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self._count += 1
        now = self._desk.clock()
        receipt = f"RC{now:%y%m%d%H%M%S}{self._count:06d}"
        self._waiting.append(Taken(receipt, now + PROCESSING, reference, action, given))
        return 202, {"receipt": receipt, "serverTime": plain(now)}

    def _process(self) -> None:
        """Look at what was received and is due, in the order of its coming."""
        now = self._desk.clock()
        due, self._waiting = (
            [t for t in self._waiting if t.due <= now],
            [t for t in self._waiting if t.due > now],
        )
        for taken in due:
            if taken.action == "submit":
                self._place(taken)
            else:
                self._carry_out(taken)

    def _place(self, taken: Taken) -> None:
        given = taken.given
        key = self._owners.key(given["insCode"], given["innerId"])
        wanted = Wanted(taken.reference, key, _KINDS[given["serviceKind"]], _period(given), given)
        try:
            order = self._desk.place(wanted)
            what = model.CREATED
        except Declined as declined:
            order = self._desk.enter_refused(wanted, declined)
            what = model.REJECTED
        self._receipts[f"{order.number}-{order.version}-{what}"] = taken.receipt

    def _carry_out(self, taken: Taken) -> None:
        under = self._desk.under(taken.reference)
        live = [order for order in under if order.is_live] or under
        named = [order for order in under if order.number == taken.given.get("orderNo")]
        if not live:
            return
        number, given, period = (named or live)[0].number, taken.given, _period(taken.given)
        try:
            if taken.action == "cancel":
                self._desk.cancel(number, str(given.get("cause", "")), str(given.get("remark", "")))
            elif taken.action == "change":
                if period is None:
                    raise Declined(model.NO_PROPOSAL, "没有给新时间")
                self._desk.propose(number, period, words=str(given.get("remark", "")))
            elif taken.action in STEPS:
                cause, remark = str(given.get("cause", "")), str(given.get("remark", ""))
                report = told_report(given.get("file") or {}, "no", "name", "sha256")
                step = Step(STEPS[taken.action], cause, remark, period, given.get("hours"), report=report)
                note(self._desk, number, step)
            else:
                agrees, change = taken.action == "agree", str(given.get("changeNo", ""))
                self._desk.decide(number, change, model.BY_CLIENT, agrees=agrees)
        except Declined as declined:
            self._desk.note_failure(number, taken.action, declined)

    def _find(self, _request: Request, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reference = str(given.get("extNo", ""))
        found = [self.written(order) for order in self._desk.under(reference)]
        receipts = [t.receipt for t in self._waiting if t.reference == reference]
        return 200, {"count": len(found), "orders": found, "receipts": receipts}

    def _feed(self, _request: Request, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        after, limit = _whole(given, "after", 0, 10**12, least=0), _whole(given, "limit", 100, _MOST)
        found = self._desk.deliveries(after, limit + 1)
        items = [self._item(delivery) for delivery in found[:limit]]
        last = items[-1]["seq"] if items else after
        return 200, {"items": items, "nextAfter": last, "more": len(found) > limit}

    def _item(self, delivery: Delivery) -> dict[str, Any]:
        item = {"seq": delivery.position, "eventNo": delivery.message}
        if delivery.message in self._receipts:
            item["receipt"] = self._receipts[delivery.message]
        if delivery.what.startswith(model.FAILED):
            item["failed"] = delivery.what.partition(" ")[2]
        return {**item, **self.written(delivery.order, delivery.reference)}

    def _report(self, request: Request, _given: dict[str, Any]) -> Response:
        under = self._desk.under(request.path_params["reference"])
        own = (order.report for order in under if order.report is not None and not order.report.digest)
        report = next(own, None)
        if report is None:
            raise Refusal(404, "NO_ORDER", "还没有报告，或报告在接入方")
        return Response(report.content, media_type="application/pdf")

    def _calendar(self, _request: Request, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = self._owners.key(given.get("insCode", ""), given.get("innerId", ""))
        row = self._desk.world.survey_row(key)
        if row is None:
            raise Refusal(404, "NO_INSTRUMENT", "没有这台仪器")
        try:
            asked = question_of(read_plain(given.get("beginTime")), read_plain(given.get("endTime")))
        except ValueError as error:
            raise Refusal(400, "BAD_TIME", f"beginTime、endTime：{error}") from None
        rules, desk = almanac.rules_of(key), self._desk
        hours = {"from": clock(rules.opens), "to": clock(rules.closes)}
        lines = [
            {"unit": p.unit, "outside": yuan(p.outside_fen), "inside": yuan(p.inside_fen), "item": p.item, "condition": p.condition}
            for p in almanac.prices_of(row)
        ]  # fmt: skip
        return 200, {
            "serverTime": plain(desk.clock()),
            "occupied": [
                {**_span(period), **({"orderNo": order.number, "extNo": order.reference} if order else {})}
                for period, order in desk.busy(key, asked.start, asked.end)
            ],
            "closed": [
                {**_span(period), "cause": words}
                for period, words in desk.closures(key, asked.start, asked.end)
            ],
            "rule": {
                "version": "1",
                "open": [{"weekday": day + 1, **hours} for day in rules.weekdays],
                "unitMinutes": rules.slot_minutes,
                "longestMinutes": rules.longest_minutes,
                "aheadMinutes": rules.lead_minutes,
                "cancelMinutes": rules.cancel_minutes,
                "capacity": rules.capacity,
                "training": "是" if rules.training else "否",
                "operator": "是" if rules.operator else "否",
            },
            "fees": {
                "version": almanac.TARIFF_VERSION,
                "since": almanac.VALID_FROM.isoformat(),
                "lowest": yuan(almanac.minimum_fen(row)),
                "list": lines,
            },
        }

    def written(self, order: Order, reference: str | None = None) -> dict[str, Any]:
        """An order in the platform's words; keys without a value are left out."""
        unit, number = self._owners.names(order.instrument)
        written: dict[str, Any] = {
            "orderNo": order.number,
            "extNo": self._desk.told_reference(order) if reference is None else reference,
            "insCode": unit,
            "innerId": number,
            "state": STATES[order.state],
            "revision": order.version,
            **(_span(order.period) if order.period else {}),
            "updateTime": plain(order.updated),
            "cause": CAUSES.get(order.reason, order.reason),
            "remark": order.words,
        }
        if order.proposal is not None:
            it = order.proposal
            written |= {
                "changeNo": it.number,
                "changeBegin": plain(it.period.start),
                "changeEnd": plain(it.period.end),
                "changeBy": _BY[it.by],
                "changeBefore": plain(it.until),
                "changeResult": _OUTCOMES.get(it.outcome, ""),
            }
        if order.usage is not None:
            used = order.usage
            written["used"] = {
                "no": used.number, "begin": plain(used.start), "end": plain(used.end), "hours": used.hours, "feeYuan": yuan(used.fee_fen),
                "proofs": [{"kind": _PROOFS[each.kind], "sha256": each.sha256} for each in used.proofs],
            }  # fmt: skip
        if order.report is not None:
            file = order.report
            written["file"] = {
                "no": file.number, "name": file.name, "sha256": file.sha256, **({} if file.digest else {"size": file.size}),
            }  # fmt: skip
        return {name: value for name, value in written.items() if value != ""}


def _json(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return json_answer(content, status, headers)


def _object(body: bytes) -> dict[str, Any]:
    return object_of(body, Refusal(400, "BAD_ORDER", "请求体应为 JSON 对象"))


def _whole(given: Mapping[str, Any], name: str, default: int, most: int, least: int = 1) -> int:
    try:
        return whole(given.get(name) or default, least=least, most=most)
    except ValueError:
        raise Refusal(400, "BAD_LIMIT", f"{name} 应为 {least}—{most} 的整数") from None


def _period(given: Mapping[str, Any]) -> Period | None:
    try:
        return plain_period(given, "beginTime", "endTime")
    except ValueError:
        raise Refusal(400, "BAD_TIME", "beginTime、endTime 应为 yyyy-MM-dd HH:mm:ss，且先后有序") from None


def _span(period: Period) -> dict[str, str]:
    return {"beginTime": plain(period.start), "endTime": plain(period.end)}
