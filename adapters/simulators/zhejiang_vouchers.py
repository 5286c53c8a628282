"""浙江's voucher system: lists without idempotency, results by number, quotas of the home authority. Section 6 of `dialects/zhejiang.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk.speaking import filled, json_answer, object_of, plain
from adapters.simulators.purse import Line, Office, PayList
from adapters.simulators.purse.office import BOUNCED, PAID, fen, yuan

NOTHING = "无"
_BASE = "/external-serve/voucher"
_STATES = {PAID: "已支付", BOUNCED: "已退票", "frozen": "已冻结"}
_REASONS = {
    "account_wrong": "账号错误",
    "account_closed": "账户销户",
    "name_mismatch": "户名不符",
    "bank_refused": "银行拒付",
}
_MOST = 500


class Refusal(Exception):
    """An answer whose code is not 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Vouchers:
    """The voucher interface over one office. `check` judges the token and answers when it has lapsed."""

    def __init__(self, office: Office, check: Callable[[Request], Response | None]) -> None:
        self._office, self._check = office, check
        answers: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "payment-save": self._save,
            "statement-save": self._statement,
            "payment-query": self._query,
            "payment-result": self._results,
            "quota-list": self._quotas,
            "quota-confirm": self._confirm,
            "quota-check": self._figures,
        }
        self.routes = tuple(
            Route(f"{_BASE}/{name}", self._guarded(answer), methods=["POST"])
            for name, answer in answers.items()
        )

    def _guarded(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = self._check(request)
            if refused is not None:
                return refused
            try:
                given = object_of(await request.body(), Refusal(400, "请求体应为 JSON 对象"))
                return json_answer({"code": 200, "msg": "操作成功", **answer(given)})
            except Refusal as refusal:
                return json_answer({"code": refusal.code, "msg": refusal.message})

        return endpoint

    def _save(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(
            given, "thirdListCode", "listDigest", "issueArea", "planCode", "totalFee", "listDetail"
        ):
            raise Refusal(400, "缺少必填项")
        lines = []
        for number, detail in enumerate(given["listDetail"], 1):
            if not filled(detail, "thirdDetailCode", "reciveCompany", "fee"):
                raise Refusal(601, f"第 {number} 行缺少收款单位或金额")
            lines.append(
                Line(
                    str(detail["thirdDetailCode"]),
                    _fen(detail["fee"]),
                    str(detail["reciveCompany"]),
                    str(detail.get("bankAcount", "")),
                )
            )
        total = _fen(given["totalFee"])
        if total != sum(line.fen for line in lines):
            raise Refusal(601, "合计与明细不符")
        code, digest = str(given["thirdListCode"]), str(given["listDigest"])
        taken = self._office.take(code, digest, total, lines, str(given["planCode"]))
        return {"data": _list(taken)}

    def _statement(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(given, "thirdListCode", "listDigest", "totalFee"):
            raise Refusal(400, "缺少必填项")
        code, digest = str(given["thirdListCode"]), str(given["listDigest"])
        return {"data": _list(self._office.take(code, digest, _fen(given["totalFee"]), ()))}

    def _query(self, given: dict[str, Any]) -> dict[str, Any]:
        if not filled(given, "thirdListCode"):
            raise Refusal(400, "缺少 thirdListCode")
        return {"rows": [_list(each) for each in self._office.under(str(given["thirdListCode"]))]}

    def _results(self, given: dict[str, Any]) -> dict[str, Any]:
        after, size = str(given.get("afterId", "0")), str(given.get("pageSize", "100"))
        if not after.isdecimal() or not size.isdecimal() or not 1 <= int(size) <= _MOST:
            raise Refusal(400, f"afterId 为数字，pageSize 应为 1—{_MOST}")
        rows = [
            {
                "id": each.position,
                "thirdListCode": each.reference,
                "thirdDetailCode": each.line,
                "payStatus": _STATES[each.state],
                "payFee": yuan(each.fen),
                "payDate": each.paid_on if each.state == PAID else NOTHING,
                "payCode": each.proof or NOTHING,
                "backReason": _REASONS.get(each.reason, NOTHING),
                "updateTime": plain(each.at),
            }
            for each in self._office.results(int(after), int(size))
        ]
        return {"rows": rows}

    def _quotas(self, _given: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "quotaCode": each.id,
                "planCode": each.programme,
                "companyCode": each.holder,
                "quotaFee": yuan(each.asked),
                "endDate": each.until,
                "versionNo": str(each.revision),
            }
            for each in self._office.purse.waiting()
        ]
        return {"rows": rows}

    def _confirm(self, given: dict[str, Any]) -> dict[str, Any]:
        version = str(given.get("versionNo", ""))
        if not filled(given, "quotaCode", "result") or not version.isdecimal():
            raise Refusal(400, "缺少 quotaCode、versionNo 或 result")
        if given["result"] in ("已执行", "部分执行"):
            self._office.purse.answer(str(given["quotaCode"]), int(version), _fen(given["quotaFee"]))
        return {}

    def _figures(self, _given: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "quotaCode": each.id,
                "planCode": each.programme,
                "quotaFee": yuan(each.reserved),
                "payFee": NOTHING,
                "versionNo": str(each.revision),
            }
            for each in self._office.purse.allotments.values()
        ]
        return {"rows": [*rows, *self._totals()]}

    def _totals(self) -> list[dict[str, str]]:
        """One row a plan: all its quotas, and what was paid out of them."""
        quotas = self._office.purse.allotments.values()
        plans = sorted({each.programme for each in quotas})
        return [
            {
                "quotaCode": NOTHING,
                "planCode": plan,
                "quotaFee": yuan(sum(each.reserved for each in quotas if each.programme == plan)),
                "payFee": yuan(self._office.paid.get(plan, 0)),
                "versionNo": NOTHING,
            }
            for plan in plans
        ]


def _fen(text: Any) -> int:
    try:
        return fen(text)
    except ValueError:
        raise Refusal(400, "金额应为两位小数的元") from None


def _list(taken: PayList) -> dict[str, str]:
    return {
        "listCode": taken.number,
        "thirdListCode": taken.reference,
        "listDigest": taken.digest,
        "totalFee": yuan(taken.fen),
        "listStatus": "已接收",
    }
