"""上海's order interface: native idempotency, signed callbacks. Written from section 5 of `dialects/shanghai.md`."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import Declined, Desk, Order, Period, Step, Wanted, almanac, model, note
from adapters.simulators.desk.hubs import HubKeys
from adapters.simulators.desk.speaking import (
    Owners,
    clock,
    filled,
    iso,
    json_answer,
    object_of,
    period_of,
    question_of,
    read_iso,
    told_report,
)
from adapters.simulators.simulator import Hub

CODE = "310000"
KEY_ID = "sgst-2026"
STATUS = {
    model.PENDING: "PENDING",
    model.ACCEPTED: "CONFIRMED",
    model.REJECTED: "REFUSED",
    model.PROPOSED: "MOVE_PENDING",
    model.CANCELLED: "CANCELED",
    model.SAMPLES: "SPECIMEN_IN",
    model.IN_SERVICE: "RUNNING",
    model.NO_SHOW: "ABSENT",
    model.DONE: "FINISHED",
    model.REPORTED: "REPORTED",
}
REASONS = {
    model.OCCUPIED: "SLOT_OCCUPIED",
    model.CLOSED: "SLOT_CLOSED",
    model.OUTSIDE: "OUT_OF_HOURS",
    model.PAST: "TIME_PASSED",
    model.UNKNOWN: "NO_RESOURCE",
    model.NOT_SHARED: "NOT_OPEN",
    model.BROKEN: "OUT_OF_SERVICE",
    model.UNFIT: "SPECIMEN_UNFIT",
    model.NO_OPERATOR: "NO_OPERATOR",
    model.INCOMPLETE: "INCOMPLETE",
    model.BEGUN: "ALREADY_BEGUN",
    model.NO_PROPOSAL: "NO_PROPOSAL",
}
STEPS = {
    "CONFIRM": model.ACCEPTED,
    "REFUSE": model.REJECTED,
    "MOVE": model.OFFERED,
    "AGREE": model.CONSENTED,
    "DECLINE": model.OBJECTED,
    "SPECIMEN_IN": model.SAMPLES,
    "RUN": model.IN_SERVICE,
    "ABSENT": model.NO_SHOW,
    "FINISH": model.DONE,
    "REPORT": model.REPORTED,
}
_TYPES = {"MACHINE": model.MACHINE, "TEST": model.TEST, "ADVICE": model.ADVICE}
_UNITS = {"机时": "HOUR", "样品": "SPECIMEN", "项目": "ITEM", "次": "TIME", "套餐": "PACKAGE", "天": "DAY"}
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Answer = tuple[int, dict[str, Any], dict[str, str]]


class Problem(Exception):
    """A request that is not carried out, in the words of the error table."""

    def __init__(self, status: int, error: str, words: str, **more: str) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error, "error_description": words, **more}


class Signer:
    """The platform's signing key. It is made from its name, so that a restarted simulator keeps it; synthetic."""

    def __init__(self, key_id: str = KEY_ID) -> None:
        seed = int.from_bytes(hashlib.sha256(f"synthetic {key_id}".encode()).digest(), "big")
        self.key_id = key_id
        self._key = ec.derive_private_key(seed % (_ORDER_OF_P256 - 1) + 1, ec.SECP256R1())

    def public(self) -> dict[str, str]:
        """The public key as a JWK."""
        numbers = self._key.public_key().public_numbers()
        x, y = (_b64(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "kid": self.key_id, "use": "sig", "alg": "ES256", "x": x, "y": y}

    def sign(self, body: bytes, seconds: int, **more: Any) -> str:
        """A detached JWS over the body; `more` are further members of its header, or others than usual."""
        head = {"alg": "ES256", "kid": self.key_id, "aud": CODE, "ts": seconds, "nonce": secrets.token_hex(8)}
        protected = _b64(orjson.dumps({**head, **more}))
        signed = f"{protected}.{_b64(body)}".encode("ascii")
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return f"{protected}..{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


class Orders:
    """The order interface over one desk; `check` judges the token of a request and answers when it does not hold."""

    def __init__(self, desk: Desk, check: Callable[[Request], Response | None]) -> None:
        self._desk, self._check = desk, check
        self._owners = Owners(desk.world)
        self.signer = Signer()
        self.hub_keys = HubKeys(CODE)
        one = "/api/v2/orders/{number}"
        self.routes = (
            Route("/api/v2/orders", self._guarded(self._submit), methods=["POST"]),
            Route("/api/v2/orders", self._guarded(self._find), methods=["GET"]),
            Route(f"{one}/cancel", self._guarded(self._cancel), methods=["POST"]),
            Route(f"{one}/proposals", self._guarded(self._propose), methods=["POST"]),
            Route(f"{one}/proposals/{{proposal}}", self._guarded(self._decide), methods=["POST"]),
            Route(f"{one}/steps", self._guarded(self._note), methods=["POST"]),
            Route(f"{one}/report", self._guarded(self._report), methods=["GET"]),
            Route("/api/v2/instruments/{key:path}/calendar", self._guarded(self._calendar), methods=["GET"]),
        )

    def _guarded(self, answer: Callable[[Request, bytes], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = self._check(request)
            if refused is not None:
                return refused
            if self._desk.mischief.take("throttle"):
                return _json(
                    429, {"error": "too_many", "error_description": "请稍后再试"}, {"Retry-After": "2"}
                )
            body = await request.body()
            why = self.hub_keys.objection(request.headers.get("x-hub-signature", ""), body)
            if why and request.method == "POST":
                return _json(400, {"error": "bad_signature", "error_description": why})
            try:
                if request.method == "POST":
                    return self._once(request, body, answer)
                found = answer(request, body)
                return found if isinstance(found, Response) else _json(*found)
            except Problem as problem:
                return _json(problem.status, problem.body)

        return endpoint

    def _once(self, request: Request, body: bytes, answer: Callable[[Request, bytes], Answer]) -> Response:
        """Native idempotency: the first answer under a key is the answer for ever."""
        key = request.headers.get("idempotency-key", "")
        if not (8 <= len(key) <= 128 and key.isascii() and key.isprintable()):
            raise Problem(400, "key_required", "Idempotency-Key 应为 8—128 个可见字符")
        digest = hashlib.sha256(request.url.path.encode() + b"\n" + body).hexdigest()
        name = f"key|{key}"
        held = self._desk.memory.get(name)
        if held is not None:
            if held["digest"] != digest:
                raise Problem(422, "key_reused", "同一 Idempotency-Key 的正文不同")
            return _json(held["status"], held["body"], {"Idempotent-Replayed": "true"})
        try:
            status, content, headers = answer(request, body)
        except Declined as declined:
            status, content, headers = 409, _declined(declined), {}
        self._desk.remember(name, {"digest": digest, "status": status, "body": content})
        return _json(status, content, headers)

    def _submit(self, _request: Request, body: bytes) -> Answer:
        given = _object(body)
        who = given.get("applicant") or {}
        if not (filled(given, "clientRef", "resourceKey", "serviceType") and filled(who, "org", "uscc")):
            raise Problem(400, "invalid_order", "缺少必填项")
        mode = _TYPES.get(given["serviceType"])
        if mode is None:
            raise Problem(400, "invalid_order", "serviceType 应为 MACHINE、TEST 或 ADVICE")
        unit, _, number = str(given["resourceKey"]).partition(":")
        wanted = Wanted(given["clientRef"], self._owners.key(unit, number), mode, _period(given), given)
        return 201, self.written(self._desk.place(wanted)), {}

    def _find(self, request: Request, _body: bytes) -> Answer:
        self._desk.settle()
        found = self._desk.under(request.query_params.get("clientRef", ""))
        return 200, {"items": [self.written(order) for order in found]}, {}

    def _cancel(self, request: Request, body: bytes) -> Answer:
        given = _object(body)
        number = self._known(request)
        order = self._desk.cancel(number, str(given.get("reason", "")), str(given.get("remark", "")))
        return 200, self.written(order), {}

    def _propose(self, request: Request, body: bytes) -> Answer:
        given = _object(body)
        period = _period(given)
        if period is None:
            raise Problem(400, "invalid_order", "缺少 period")
        order = self._desk.propose(self._known(request), period, words=str(given.get("remark", "")))
        return 202, self.written(order), {}

    def _decide(self, request: Request, body: bytes) -> Answer:
        decision = _object(body).get("decision")
        if decision not in ("AGREE", "DECLINE"):
            raise Problem(400, "invalid_order", "decision 应为 AGREE 或 DECLINE")
        proposal, agrees = request.path_params["proposal"], decision == "AGREE"
        order = self._desk.decide(self._known(request), proposal, model.BY_CLIENT, agrees=agrees)
        return 200, self.written(order), {}

    def _note(self, request: Request, body: bytes) -> Answer:
        given = _object(body)
        what = STEPS.get(str(given.get("step")))
        if what is None:
            raise Problem(400, "invalid_order", f"step 应为 {'、'.join(STEPS)}")
        used = given.get("usage") or {}
        step = Step(
            what,
            str(given.get("reason", "")),
            str(given.get("remark", "")),
            _period(given),
            used.get("hours"),
            int(used.get("costCents", 0)),
            told_report(given.get("report") or {}, "id", "name", "sha256"),
        )
        return 200, self.written(note(self._desk, self._known(request), step)), {}

    def _report(self, request: Request, _body: bytes) -> Response:
        report = self._desk.order(self._known(request)).report
        if report is None or report.digest:
            raise Problem(404, "no_order", "还没有报告，或报告在接入方")
        return Response(report.content, media_type="application/pdf")

    def _known(self, request: Request) -> str:
        number = str(request.path_params["number"])
        try:
            return self._desk.order(number).number
        except Declined:
            raise Problem(404, "no_order", f"没有订单 {number}") from None

    def _calendar(self, request: Request, _body: bytes) -> Answer:
        unit, _, number = request.path_params["key"].partition(":")
        key = self._owners.key(unit, number)
        row = self._desk.world.survey_row(key)
        if row is None:
            raise Problem(404, "no_resource", "没有这台仪器")
        try:
            asked = question_of(
                read_iso(request.query_params.get("from")), read_iso(request.query_params.get("to"))
            )
        except ValueError as error:
            raise Problem(400, "invalid_order", f"from、to：{error}") from None
        rules = almanac.rules_of(key)
        hours = {"from": clock(rules.opens), "to": clock(rules.closes)}
        lines = [
            {"unit": _UNITS[p.unit], "outside": p.outside_fen, "inside": p.inside_fen, "item": p.item, "condition": p.condition}
            for p in almanac.prices_of(row)
        ]  # fmt: skip
        return 200, {
            "asOf": iso(self._desk.clock()),
            "busy": [
                {**_span(period), **({} if order is None else {"orderNo": order.number, "clientRef": order.reference})}
                for period, order in self._desk.busy(key, asked.start, asked.end)
            ],
            "closed": [
                {**_span(period), "why": words} for period, words in self._desk.closures(key, asked.start, asked.end)
            ],
            "rules": {
                "version": "1",
                "open": [{"weekday": day + 1, **hours} for day in rules.weekdays],
                "slotMinutes": rules.slot_minutes,
                "longestMinutes": rules.longest_minutes,
                "leadMinutes": rules.lead_minutes,
                "cancelMinutes": rules.cancel_minutes,
                "capacity": rules.capacity,
                "training": rules.training,
                "operator": rules.operator,
            },
            "tariff": {
                "version": almanac.TARIFF_VERSION,
                "from": almanac.VALID_FROM.isoformat(),
                "lines": lines,
                "least": almanac.minimum_fen(row),
            },
        }, {}  # fmt: skip

    def written(self, order: Order, reference: str | None = None) -> dict[str, Any]:
        """An order in the platform's words."""
        unit, number = self._owners.names(order.instrument)
        written: dict[str, Any] = {
            "orderNo": order.number,
            "clientRef": self._desk.told_reference(order) if reference is None else reference,
            "clientNo": order.facts.get("clientNo"),
            "resourceKey": f"{unit}:{number}",
            "status": STATUS[order.state],
            "version": order.version,
            "updatedAt": iso(order.updated),
            "period": None if order.period is None else _span(order.period),
            "reason": REASONS.get(order.reason, order.reason),
            "words": order.words,
        }
        if order.proposal is not None:
            it = order.proposal
            written["proposal"] = {
                "id": it.number, "by": it.by.upper(), "period": _span(it.period), "until": iso(it.until),
                **({"outcome": it.outcome.upper()} if it.outcome else {}),
            }  # fmt: skip
        if order.usage is not None:
            used = order.usage
            written["usage"] = {
                "id": used.number, "from": iso(used.start), "to": iso(used.end), "hours": used.hours, "costCents": used.fee_fen,
                "evidence": [
                    {"type": each.kind.upper(), "name": each.name, "sha256": each.sha256} for each in used.proofs
                ],
            }  # fmt: skip
        if order.report is not None:
            file = order.report
            written["report"] = {
                "id": file.number, "name": file.name, "sha256": file.sha256,
                **({} if file.digest else {"size": file.size, "type": "application/pdf"}),
            }  # fmt: skip
        return {name: value for name, value in written.items() if value not in (None, "")}

    def callback(self, delivery: Any) -> bytes:
        """The body of the callback that tells one delivery."""
        return orjson.dumps(
            {
                "messageId": delivery.message,
                "occurredAt": iso(delivery.at),
                "order": self.written(delivery.order, delivery.reference),
            }
        )

    def attend(self, hub: Hub) -> None:
        """Send the callbacks that the hub has not taken yet, oldest first; stops at the first that is not taken."""
        with httpx.Client(base_url=hub.url, timeout=20, trust_env=False, verify=False) as client:
            self.hub_keys.learn(client)
            for delivery in self._desk.deliveries(self._desk.memory.get("told", 0)):
                body = self.callback(delivery)
                signature = self.signer.sign(body, int(self._desk.clock().timestamp()))
                client.post(
                    f"/api/v1/provinces/{CODE}/bookings/answers",
                    content=body,
                    headers={"Content-Type": "application/json", "X-Sgst-Signature": signature},
                ).raise_for_status()
                self._desk.remember("told", delivery.position)


def _json(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return json_answer(content, status, headers)


def _object(body: bytes) -> dict[str, Any]:
    return object_of(body, Problem(400, "invalid_order", "请求体应为 JSON 对象"))


def _period(given: Mapping[str, Any]) -> Period | None:
    span = given.get("period")
    if span is None:
        return None
    try:
        return period_of(read_iso(span["from"]), read_iso(span["to"]))
    except (KeyError, TypeError, ValueError):
        raise Problem(400, "invalid_order", "period 应为 {from, to}，带时区") from None


def _span(period: Period) -> dict[str, str]:
    return {"from": iso(period.start), "to": iso(period.end)}


def _declined(declined: Declined) -> dict[str, str]:
    return {
        "error": "order_refused",
        "reason": REASONS.get(declined.reason, declined.reason.upper()),
        "error_description": declined.words,
    }
