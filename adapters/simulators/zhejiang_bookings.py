"""浙江's orders: the push fields' style, no idempotency, changes by asking the list. Section 5 of `dialects/zhejiang.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import Declined, Desk, Order, Period, Wanted, almanac, model
from adapters.simulators.desk.speaking import (
    WEEKDAYS,
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
    yuan,
)

NOTHING = "无"
REFUSED = 601
_BASE = "/external-serve/appointmnet"
_MOST = 200
STATES = {
    model.PENDING: "待审核",
    model.ACCEPTED: "已通过",
    model.REJECTED: "已驳回",
    model.PROPOSED: "改期中",
    model.CANCELLED: "已取消",
    model.SAMPLES: "样品已接收",
    model.IN_SERVICE: "服务中",
    model.NO_SHOW: "爽约",
    model.DONE: "已完成",
    model.REPORTED: "报告已上传",
}
REASONS = {
    model.OCCUPIED: "时段冲突",
    model.CLOSED: "停机维护",
    model.OUTSIDE: "非开放时间",
    model.BROKEN: "仪器故障",
    model.UNFIT: "样品不符",
    model.NO_OPERATOR: "无操作人员",
    model.INCOMPLETE: "材料不全",
    model.NOT_SHARED: "非共享",
    model.UNKNOWN: "仪器不存在",
    model.PAST: "时间已过",
    model.BEGUN: "不可取消",
    model.NO_PROPOSAL: "不可改期",
    model.NO_SUCH_ORDER: "订单不存在",
}
_MODES = {"上机": model.MACHINE, "委托": model.TEST, "咨询": model.ADVICE}
_BY = {model.BY_PLATFORM: "平台", model.BY_CLIENT: "用户"}
_OUTCOMES = {model.AGREED: "同意", model.DECLINED: "不同意", "": NOTHING}


class Refusal(Exception):
    """An answer whose code is not 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Appointments:
    """The order interface over one desk. `check` judges the token and answers when it has lapsed."""

    def __init__(self, desk: Desk, check: Callable[[Request], Response | None]) -> None:
        self._desk, self._check = desk, check
        self._owners = Owners(desk.world, "credit_code")
        answers: Mapping[str, Callable[[dict[str, Any]], Any]] = {
            "order-save": self._save,
            "order-cancle": self._cancel,
            "order-change": self._change,
            "order-confirm": self._confirm,
            "order-list": self._list,
            "calendar": self._calendar,
            "report-file": self._report,
            "report-save": self._take_report,
        }
        self.routes = tuple(
            Route(f"{_BASE}/{name}", self._guarded(answer), methods=["POST"])
            for name, answer in answers.items()
        )

    def _guarded(self, answer: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = self._check(request)
            if refused is not None:
                return refused
            try:
                if self._desk.mischief.take("throttle"):
                    raise Refusal(429, "请求过多，请稍后再试")
                found = answer(_object(await request.body()))
                return (
                    found
                    if isinstance(found, Response)
                    else json_answer({"code": 200, "msg": "操作成功", **found})
                )
            except Declined as declined:
                words = REASONS.get(declined.reason, declined.reason)
                return json_answer({"code": REFUSED, "msg": f"{words}：{declined.words}"})
            except Refusal as refusal:
                return json_answer({"code": refusal.code, "msg": refusal.message})

        return endpoint

    def _save(self, given: dict[str, Any]) -> dict[str, Any]:
        needed = (
            "thirdOrderCode",
            "companyId",
            "assetCode",
            "servicingType",
            "serviceEnterprise",
            "serviceEnterpriseCode",
        )
        if not filled(given, *needed):
            raise Refusal(400, "缺少必填项")
        mode = _MODES.get(str(given["servicingType"]))
        if mode is None:
            raise Refusal(400, "servicingType 应为 上机、委托或咨询")
        key = self._owners.key(given["companyId"], given["assetCode"])
        wanted = Wanted(str(given["thirdOrderCode"]), key, mode, _period(given), given)
        return {"data": self.written(self._desk.place(wanted))}

    def _cancel(self, given: dict[str, Any]) -> dict[str, Any]:
        reason, words = (str(given.get(name, "")) for name in ("cancleReason", "cancleRemark"))
        return {"data": self.written(self._desk.cancel(str(given.get("orderCode", "")), reason, words))}

    def _change(self, given: dict[str, Any]) -> dict[str, Any]:
        period = _period(given)
        if period is None:
            raise Refusal(400, "缺少 startTime、endTime")
        words = str(given.get("changeRemark", ""))
        return {
            "data": self.written(self._desk.propose(str(given.get("orderCode", "")), period, words=words))
        }

    def _confirm(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("result") not in ("同意", "不同意"):
            raise Refusal(400, "result 应为 同意 或 不同意")
        order = self._desk.decide(
            str(given.get("orderCode", "")),
            str(given.get("changeId", "")),
            model.BY_CLIENT,
            agrees=given["result"] == "同意",
        )
        return {"data": self.written(order)}

    def _list(self, given: dict[str, Any]) -> dict[str, Any]:
        """By our reference, or everything written since a time; the world has no events, only states."""
        self._desk.settle()
        if filled(given, "thirdOrderCode"):
            found = self._desk.under(str(given["thirdOrderCode"]))
            return {"total": len(found), "rows": [self.written(order) for order in found]}
        number, size = given.get("pageNum", 1), given.get("pageSize", 100)
        if type(number) is not int or type(size) is not int or number < 1 or not 1 <= size <= _MOST:
            raise Refusal(400, f"pageNum 从 1 开始，pageSize 应为 1—{_MOST}")
        try:
            since = read_plain(given["updateTimeStart"]) if filled(given, "updateTimeStart") else None
        except ValueError:
            raise Refusal(400, "updateTimeStart 应为 yyyy-MM-dd HH:mm:ss") from None
        latest = {d.order.number: d for d in self._desk.deliveries(0, 10**9)}
        told = [d for d in latest.values() if since is None or d.order.updated >= since]
        told.sort(key=lambda d: (d.order.updated, d.position))
        rows = [self.written(d.order, d.reference) for d in told[(number - 1) * size : number * size]]
        return {"total": len(told), "rows": rows}

    def _report(self, given: dict[str, Any]) -> Response:
        report = self._desk.order(str(given.get("orderCode", ""))).report
        if report is None or report.digest:
            raise Declined(model.NO_SUCH_ORDER, "还没有报告，或报告在接入方")
        return Response(report.content, media_type="application/pdf")

    def _take_report(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the client's own portal has handed over; kept beside the order whatever its state."""
        report = told_report(given, "reportCode", "reportName", "reportDigest")
        if report is None:
            raise Refusal(400, "缺少 reportCode、reportDigest")
        number = str(given.get("orderCode", ""))
        return {"data": self.written(self._desk.take_report(number, report, waits_for_service=False))}

    def _calendar(self, given: dict[str, Any]) -> dict[str, Any]:
        key = self._owners.key(given.get("companyId", ""), given.get("assetCode", ""))
        row = self._desk.world.survey_row(key)
        if row is None:
            raise Declined(model.UNKNOWN, "没有这台仪器")
        try:
            asked = question_of(read_plain(given.get("startTime")), read_plain(given.get("endTime")))
        except ValueError as error:
            raise Refusal(400, f"startTime、endTime：{error}") from None
        rules, desk = almanac.rules_of(key), self._desk
        hours = {"openTime": clock(rules.opens), "closeTime": clock(rules.closes)}
        busy = [
            {
                **_span(period),
                "orderCode": order.number if order else NOTHING,
                "thirdOrderCode": order.reference if order else NOTHING,
            }
            for period, order in desk.busy(key, asked.start, asked.end)
        ]
        prices = [
            {"unit": p.unit, "outPrice": yuan(p.outside_fen), "inPrice": yuan(p.inside_fen), "itemName": p.item, "condition": p.condition or NOTHING}
            for p in almanac.prices_of(row)
        ]  # fmt: skip
        return {
            "data": {
                "queryTime": plain(desk.clock()),
                "busyList": busy,
                "closeList": [
                    {**_span(period), "remark": words}
                    for period, words in desk.closures(key, asked.start, asked.end)
                ],
                "rule": {
                    "versionNo": "1",
                    "openList": [{"week": WEEKDAYS[day], **hours} for day in rules.weekdays],
                    "unitMinute": rules.slot_minutes,
                    "maxMinute": rules.longest_minutes,
                    "aheadMinute": rules.lead_minutes,
                    "cancleMinute": rules.cancel_minutes,
                    "capacity": rules.capacity,
                    "needTrain": "是" if rules.training else "否",
                    "needOperator": "是" if rules.operator else "否",
                },
                "price": {
                    "versionNo": almanac.TARIFF_VERSION,
                    "startDate": almanac.VALID_FROM.isoformat(),
                    "lowest": yuan(almanac.minimum_fen(row)),
                    "list": prices,
                },
            }
        }

    def written(self, order: Order, reference: str | None = None) -> dict[str, Any]:
        """An order in the platform's fields; what has no value is 「无」."""
        unit, number = self._owners.names(order.instrument)
        change, facts = order.proposal, facts_as_text(order)
        row = {
            "orderCode": order.number,
            "thirdOrderCode": self._desk.told_reference(order) if reference is None else reference,
            "companyId": unit,
            "assetCode": number,
            "orderStatus": STATES[order.state],
            "versionNo": str(order.version),
            "startTime": plain(order.period.start) if order.period else "",
            "endTime": plain(order.period.end) if order.period else "",
            "updateTime": plain(order.updated),
            "refuseReason": REASONS.get(order.reason, order.reason),
            "refuseRemark": order.words,
            "changeId": facts["change"],
            "changeStart": facts["change_start"],
            "changeEnd": facts["change_end"],
            "changeBy": _BY[change.by] if change else "",
            "changeDeadline": facts["change_until"],
            "changeResult": _OUTCOMES[change.outcome] if change else "",
            "realStart": facts["used_start"],
            "realEnd": facts["used_end"],
            "serviceDate": facts["used_hours"],
            "serviceCost": facts["used_fee"],
            "recordCode": facts["used"],
            "recordDigest": facts["used_log"],
            "reportCode": facts["file"],
            "reportName": facts["file_name"],
            "reportSize": facts["file_size"],
            "reportDigest": facts["file_digest"],
        }
        return {name: value or NOTHING for name, value in row.items()}


def _object(body: bytes) -> dict[str, Any]:
    return object_of(body, Refusal(400, "请求体应为 JSON 对象"))


def _period(given: Mapping[str, Any]) -> Period | None:
    try:
        return plain_period(given, "startTime", "endTime")
    except ValueError:
        raise Refusal(400, "startTime、endTime 应为 yyyy-MM-dd HH:mm:ss，且先后有序") from None


def _span(period: Period) -> dict[str, str]:
    return {"startTime": plain(period.start), "endTime": plain(period.end)}
