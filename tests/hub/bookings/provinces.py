"""Provinces in memory: stateful platforms behind the booking contract, with orders that can be counted.

Each keeps what it was told like a real platform of its kind: `native` drops a repeated key, `lookup` and `none` take every
submit for a new order. A fault plan decides what the line does with one call.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from adapters.contract import Answer, AnswerPage, BookingOrder, OrderMessage, ReportFacts, Slot
from adapters.errors import AdapterError, Malformed, OutcomeUnknown, Refused, Unreachable, Unsupported
from tests.virtual_clock import VirtualClock

WORDS = {
    "accept": "accepted",
    "reject": "rejected",
    "offer": "proposed",
    "consent": "agreed",
    "object": "declined",
    "check_in": "in_service",
    "check_out": "done",
    "deliver": "report",
}
"""What the platforms can be told of their station's work in the portal, and what they answer."""

CAPABILITIES = {
    "native": {"submit", "cancel", "propose", "reply", "callback", "report", "signed", *WORDS},
    "lookup": {"submit", "cancel", "propose", "reply", "lookup", "feed", *WORDS},
    "none": {"submit", "cancel", "propose", "reply", "callback"},
    "fetch": {"submit", "cancel", "propose", "reply", "fetch", "callback", *WORDS},
}
AFTER = {
    "accept": {"received"},
    "reject": {"received"},
    "offer": {"received", "accepted"},
    "check_in": {"accepted"},
    "check_out": {"in_service"},
    "deliver": {"done"},
}
OPEN = {"received", "accepted", "in_service", "done"}


@dataclass
class Held:
    """One order as the platform holds it."""

    booking_id: str
    remote_id: str
    key: str
    state: str = "received"
    sequence: int = 0
    slot: Slot | None = None
    answer_due: datetime | None = None
    answers: list[Answer] = field(default_factory=list)
    reports: list[ReportFacts] = field(default_factory=list)


class FakeProvince:
    """One platform. `fault` is asked before each call: None, or the name of what happens to it."""

    def __init__(self, code: str, way: str, clock: VirtualClock) -> None:
        self.code, self.way, self.clock = code, way, clock
        self.orders: list[Held] = []
        self.delayed: list[OrderMessage] = []
        self.fault: Callable[[str], str | None] = lambda _kind: None
        self.calls: list[str] = []
        self.seals: list[str] = []
        self.files: dict[str, bytes | AdapterError] = {}

    def adapter(self) -> Any:
        """What the hub sees of it."""
        idempotency = self.way if self.way in {"native", "lookup"} else "none"
        return SimpleNamespace(
            bookings=None if self.way == "portal" else self,
            settlement=None,
            manifest=SimpleNamespace(idempotency=idempotency),
        )

    settle_seconds = 0.0
    cancels_by_number = True
    acts_later = False
    is_signed = False

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset(CAPABILITIES[self.way]) | ({"signed"} if self.is_signed else set())

    def send(self, message: OrderMessage, seal: Any = None) -> Answer:
        """One attempt, over a line that may fail; signed where the platform takes signatures."""
        if "signed" in self.capabilities and seal is not None:
            self.seals.append(seal(message.key.encode(), {"message_id": message.message_id}))
        self.calls.append(message.command)
        fault = self.fault(message.command)
        if fault == "refused_connection":
            raise Unreachable("连不上", "connection refused")
        if fault == "request_lost":
            raise OutcomeUnknown("超时", "timed out; the request never arrived")
        if fault == "request_delayed":
            self.delayed.append(message)
            raise OutcomeUnknown("超时", "timed out; the request is still on its way")
        if fault == "refused":
            raise Refused("参数错误", "the platform says no")
        answer = self.act(message)
        if fault == "duplicated":  # the line delivers the request twice
            answer = self.act(message)
        if fault in {"answer_lost", "reset_in_body"}:
            raise OutcomeUnknown("连接中断", "broken off after the request was acted on")
        if fault == "foreign_answer":
            others = [held for held in self.orders if held.booking_id != message.order.id]
            if others:
                return self.answer(others[0], others[0].state)
        return answer

    def lookup(self, order: BookingOrder) -> Answer:
        """What is held under the hub's reference."""
        self.calls.append("lookup")
        if "lookup" not in self.capabilities:
            raise Unsupported("没有查询接口", "no look-up")
        if self.fault("lookup") in {"request_lost", "refused_connection", "answer_lost"}:
            raise Unreachable("超时", "timed out")
        held = self.meant(order)
        if held is None:
            return Answer("not_found", f"lookup-{order.id}", booking_id=order.id, at=self.clock())
        others = [
            other.remote_id
            for other in self.orders
            if other.booking_id == order.id and other is not held and other.state in OPEN
        ]
        return replace(held.answers[-1], duplicate_ids=tuple(others))

    def feed(self, cursor: str | None) -> Iterator[AnswerPage]:
        """Every answer since the cursor, a number of answers."""
        everything = [answer for held in self.orders for answer in held.answers]
        everything.sort(key=lambda answer: int(answer.message_id.rsplit("-", 1)[1]))
        seen = int(cursor or 0)
        yield AnswerPage(tuple(everything[seen:]), str(len(everything)), is_last=True)

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Answer, ...]:
        raise Unsupported("测试直接给出答复", "tests hand answers over as they are")

    def availability(self, instrument: Any, start: Any, end: Any) -> Any:
        raise Unsupported("不提供", "not offered")

    def report(self, order: BookingOrder, report: Any) -> bytes:
        """The bytes that lie under a report's number; what they must be is checked as the real adapters do."""
        self.calls.append("report")
        held = self.files[report.remote_id]
        if isinstance(held, AdapterError):
            raise held
        if report.sha256 is not None and hashlib.sha256(held).hexdigest() != report.sha256:
            raise Malformed("报告与摘要不符", "the report does not fit its digest")
        return held

    def write(self, message: OrderMessage) -> dict[str, Any]:
        """The message in the platform's own words."""
        return {"command": message.command, "reference": message.order.id, "key": message.key}

    def act(self, message: OrderMessage) -> Answer:
        """What the platform does with a message that has arrived."""
        held = self.meant(message.order)
        if message.command == "submit":
            if held is not None and self.way in {"native", "fetch"} and held.key == message.key:
                return held.answers[0]
            held = Held(message.order.id, f"{self.code[:2]}R{len(self.orders) + 1:05}", message.key)
            held.slot, held.answer_due = message.order.slot, message.order.answer_due
            self.orders.append(held)
            return self.answer(held, "received")
        if held is None:
            if message.command == "cancel":
                raise Refused("查无此单", "no such order")
            raise Refused("查无此单", "no such order")
        if message.command == "cancel":
            if held.state in {"in_service", "done"}:
                return self.answer(held, "cancel_refused", reason="service_begun")
            if self.acts_later:
                self.delayed.append(message)
                return replace(held.answers[-1], kind="received")
            if held.state != "cancelled":
                held.state = "cancelled"
            return self.answer(held, "cancelled")
        if message.command == "agree":
            self.move(held, message)
            return self.answer(held, "agreed")
        if message.command in WORDS:
            return self.note(held, message)
        return self.answer(held, "received")

    def note(self, held: Held, message: OrderMessage) -> Answer:
        """What the station did in the portal; what is so already stays, what contradicts is surely not done."""
        command, kind = message.command, WORDS[message.command]
        if command == "offer":
            if held.state not in AFTER[command]:
                raise Refused("现状不能改期", "cannot be moved now")
            slot = message.slot
            return self.answer(held, "proposed", slot=slot, proposal_id=f"P{message.sequence}")
        if command == "consent":
            self.move(held, message)
        elif command in AFTER and held.state != kind:
            if held.state not in AFTER[command]:
                raise Refused("与现状矛盾", f"cannot {command} an order that is {held.state}")
            held.state = "done" if kind == "report" else kind
        if message.report is not None and message.report not in held.reports:
            held.reports.append(message.report)
        more = {"reason": "instrument_down"} if kind == "rejected" else {}
        return self.answer(held, kind, **more, **({"report": message.report} if message.report else {}))

    def move(self, held: Held, message: OrderMessage) -> None:
        """Other terms hold from now on; an order that is being served, or over, is not moved any more."""
        if held.state not in AFTER["offer"]:
            raise Refused("现状不能改期", "cannot be moved now")
        held.slot, held.state = message.slot or held.slot, "accepted"

    def meant(self, order: BookingOrder) -> Held | None:
        """The order that is named by the platform's own number, else the first live one under the hub's reference."""
        mine = [held for held in self.orders if held.booking_id == order.id]
        live = [held for held in mine if held.state in OPEN]
        named = [held for held in mine if held.remote_id == order.remote_id]
        return next(iter(named or live or mine), None)

    def find(self, booking_id: str) -> Held | None:
        """The first order under the hub's reference."""
        return next((held for held in self.orders if held.booking_id == booking_id), None)

    def under(self, booking_id: str) -> int:
        """How many orders lie under the hub's reference: one more than one is a duplicate."""
        return sum(held.booking_id == booking_id for held in self.orders)

    def answer(self, held: Held, kind: Any, **facts: Any) -> Answer:
        """An answer as the platform gives it, numbered within its order."""
        held.sequence += 1
        serial = sum(len(order.answers) for order in self.orders) + 1
        made = Answer(
            kind,
            f"{self.code[:2]}-{held.remote_id}-{serial}",
            booking_id=held.booking_id,
            remote_id=held.remote_id,
            sequence=held.sequence,
            at=self.clock(),
            raw=f"{kind} {held.remote_id} {held.sequence}".encode(),
            **facts,
        )
        held.answers.append(made)
        return made

    def decide(self, booking_id: str, kind: str, **facts: Any) -> Answer:
        """The platform's staff decide something; the answer that will be sent to the hub."""
        held = self.find(booking_id)
        assert held is not None
        states = {"accepted": "accepted", "rejected": "rejected", "cancelled": "cancelled"}
        states |= {"in_service": "in_service", "done": "done", "report": "done"}
        held.state = states.get(kind, held.state)
        return self.answer(held, kind, **facts)
