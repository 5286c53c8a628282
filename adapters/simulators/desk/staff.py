"""Staff of a simulated platform who decide by themselves after a while: mostly yes, sometimes another time, rarely no.

Whatever they do about an order depends on the seed and the order's number alone, so a run can be played again.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from adapters.simulators.desk import almanac
from adapters.simulators.desk.desk import Desk
from adapters.simulators.desk.model import (
    ACCEPTED,
    BY_CLIENT,
    BY_PLATFORM,
    DONE,
    IN_SERVICE,
    MACHINE,
    NO_OPERATOR,
    PENDING,
    PROPOSED,
    SAMPLES,
    TEST,
    UNFIT,
    Declined,
    Order,
    Period,
)

_STEP = timedelta(minutes=30)
_STEPS_AHEAD = 14 * 48


class Staff:
    """`accept` and `move` are shares of a hundred; the rest is refused. Times in seconds.

    A machine-time booking is confirmed and then waits for its day. An entrusted test goes on by itself: samples come,
    the test runs, usage and report follow, each after another `work_seconds`.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        accept: int = 84,
        move: int = 10,
        least_seconds: float = 2.0,
        most_seconds: float = 8.0,
        work_seconds: float = 15.0,
    ) -> None:
        self._seed = seed
        self._accept, self._move = accept, move
        self._least, self._most, self._work = least_seconds, most_seconds, work_seconds

    def act(self, desk: Desk) -> None:
        """Everything that is due by the desk's clock."""
        now = desk.clock()
        for order in desk.orders():
            if order.updated + self._pause(order) <= now:
                self._handle(desk, order)

    def _pause(self, order: Order) -> timedelta:
        share = self._dice(order, "pause") / 100
        seconds = self._least + share * (self._most - self._least)
        return timedelta(seconds=seconds if order.state in (PENDING, PROPOSED) else self._work)

    def _handle(self, desk: Desk, order: Order) -> None:
        if order.state == PENDING:
            self._decide(desk, order)
        elif order.state == PROPOSED:
            self._answer(desk, order)
        elif order.mode == TEST and order.state == ACCEPTED:
            desk.receive_samples(order.number)
        elif order.mode == TEST and order.state == SAMPLES:
            desk.begin(order.number)
        elif order.mode == TEST and order.state == IN_SERVICE:
            desk.finish(order.number, hours=2.0, fee_fen=20_000)
        elif order.mode == TEST and order.state == DONE:
            desk.deliver_report(order.number)

    def _decide(self, desk: Desk, order: Order) -> None:
        dice = self._dice(order, "decision")
        may_move = order.mode == MACHINE
        if dice < (self._accept if may_move else self._accept + self._move):
            desk.accept(order.number)
            return
        if dice < self._accept + self._move:
            later = self._later(desk, order)
            if later is not None:
                desk.propose(order.number, later, BY_PLATFORM, "该时段操作人员另有安排，建议改到此时段")
                return
        reason, words = (
            (NO_OPERATOR, "该时段没有操作人员") if order.mode == MACHINE else (UNFIT, "样品不符合本仪器要求")
        )
        desk.reject(order.number, reason, words)

    def _answer(self, desk: Desk, order: Order) -> None:
        """A proposal of the client's: mostly yes. The platform's own waits for the client."""
        if order.proposal is None or order.proposal.by != BY_CLIENT:
            return
        agrees = self._dice(order, "proposal") < self._accept
        try:
            desk.decide(order.number, order.proposal.number, BY_PLATFORM, agrees=agrees)
        except Declined:  # taken meanwhile
            desk.decide(order.number, order.proposal.number, BY_PLATFORM, agrees=False)

    def _later(self, desk: Desk, order: Order) -> Period | None:
        """The next time of the same length that the instrument is free, at most two weeks on."""
        if order.period is None:
            return None
        rules = almanac.rules_of(order.instrument)
        for step in range(1, _STEPS_AHEAD):
            period = Period(order.period.start + step * _STEP, order.period.end + step * _STEP)
            if almanac.is_open(rules, period) and desk.is_bookable(order.instrument, period, order.number):
                return period
        return None

    def _dice(self, order: Order, purpose: str) -> int:
        """0–99."""
        text = f"{self._seed}|{order.number}|{order.version}|{purpose}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 100
