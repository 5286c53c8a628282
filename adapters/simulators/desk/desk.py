"""Orders at one platform: taking them, and what its staff do with them. Atomic calls; safe from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from adapters.simulators.desk import almanac
from adapters.simulators.desk.mischief import Mischief
from adapters.simulators.desk.model import (
    ACCEPTED,
    AGREED,
    BEGUN,
    BROKEN,
    BY_CLIENT,
    BY_PLATFORM,
    CANCELLED,
    CLOSED,
    CREATED,
    DECLINED,
    DONE,
    FAILED,
    IN_SERVICE,
    LIVE,
    MACHINE,
    NO_PROPOSAL,
    NO_SHOW,
    NO_SUCH_ORDER,
    NOT_SHARED,
    OCCUPIED,
    OPEN,
    OUTSIDE,
    PAST,
    PENDING,
    PROPOSED,
    REJECTED,
    REPORTED,
    RETURNED,
    SAMPLES,
    UNKNOWN,
    Declined,
    Delivery,
    Order,
    Period,
    Proof,
    Proposal,
    Report,
    Usage,
    Wanted,
    run_log,
)
from adapters.simulators.desk.teller import Teller
from adapters.simulators.world.province import ProvinceWorld

_PROPOSAL_STANDS = timedelta(hours=48)
_UNUSABLE = ("待修", "待报废")
_HOLDING = (ACCEPTED, SAMPLES, IN_SERVICE)


class Assistant(Protocol):
    """Staff that decide by themselves."""

    def act(self, desk: Desk) -> None: ...


class Keeper(Protocol):
    """Where a desk's orders outlive its process."""

    def keep(self, order: Order, what: str) -> None: ...
    def keep_memory(self, name: str, value: Any) -> None: ...


def _wall() -> datetime:
    return datetime.now(UTC)


class Desk:
    """One platform's order book; `staff` None waits for a test or a person to decide."""

    def __init__(self, world: ProvinceWorld, clock: Callable[[], datetime] = _wall) -> None:
        self.world = world
        self.clock = clock
        self.mischief = Mischief()
        self.staff: Assistant | None = None
        self.chores: list[Callable[[], None]] = []  # what a platform does by itself before it tells anything
        self.keeper: Keeper | None = None
        self.memory: dict[
            str, Any
        ] = {}  # what a platform must not forget: used keys, messages done, what was told
        self._lock = threading.RLock()
        self._orders: dict[str, Order] = {}
        self._numbers: dict[str, list[str]] = {}  # instrument key or reference → numbers, in order of coming
        self._reserved: list[tuple[str, Period]] = []
        self._closed: list[tuple[str, Period, str]] = []
        self._teller = Teller(self.mischief, self._another)

    # -- what the platform's interface is asked -------------------------------------------------------------------

    def place(self, wanted: Wanted) -> Order:
        """Take an order. A second one under the same reference is a second order. Raises `Declined`."""
        with self._lock:
            self._check(wanted.instrument, wanted.mode, wanted.period)
            return self._put(self._new(wanted), CREATED)

    def enter_refused(self, wanted: Wanted, why: Declined) -> Order:
        """Keep an order that could not be taken, for a platform that said "received" before it looked."""
        with self._lock:
            order = replace(self._new(wanted), state=REJECTED, reason=why.reason, words=why.words)
            return self._put(order, REJECTED)

    def note_failure(self, number: str, action: str, why: Declined) -> None:
        """Tell that something asked of an order could not be done; the order stays as it is."""
        with self._lock:
            order = replace(self.order(number), reason=why.reason, words=why.words)
            self._teller.note(order, f"{FAILED} {action}", self.clock())

    def cancel(self, number: str, reason: str, words: str = "") -> Order:
        """The client gives up; a cancelled order stays cancelled. Raises `Declined`."""
        with self._lock:
            order = self.order(number)
            if order.state == CANCELLED:
                return order
            if order.state not in OPEN:
                raise Declined(BEGUN, "服务已开始或订单已结束，不能取消")
            return self._change(order, CANCELLED, state=CANCELLED, reason=reason, words=words)

    def propose(self, number: str, period: Period, by: str = BY_CLIENT, words: str = "") -> Order:
        """Put another time forward; the old one stays until the other side decides. Raises `Declined`."""
        with self._lock:
            order = self.order(number)
            if order.state not in (PENDING, ACCEPTED):
                raise Declined(NO_PROPOSAL, "订单现在的状态不能改期")
            self._check(order.instrument, order.mode, period, besides=number)
            count = f"{number}-{order.version + 1}"
            proposal = Proposal(count, by, period, self.clock() + _PROPOSAL_STANDS)
            return self._change(
                order, PROPOSED, state=PROPOSED, before=order.state, proposal=proposal, words=words
            )

    def decide(self, number: str, proposal: str, by: str, *, agrees: bool) -> Order:
        """The other side's word on a proposal. Raises `Declined` when it no longer stands."""
        with self._lock:
            order = self.order(number)
            open_one = order.proposal
            if (
                order.state != PROPOSED
                or open_one is None
                or open_one.number != proposal
                or open_one.by == by
            ):
                raise Declined(NO_PROPOSAL, "没有等待对方答复的改期")
            if not agrees or open_one.until <= self.clock():
                what = DECLINED if by == BY_PLATFORM else RETURNED
                decided = replace(open_one, outcome=DECLINED)
                return self._change(order, what, state=order.before, proposal=decided)
            self._check(order.instrument, order.mode, open_one.period, besides=number)
            what = AGREED if by == BY_PLATFORM else ACCEPTED
            decided = replace(open_one, outcome=AGREED)
            return self._change(order, what, state=ACCEPTED, period=open_one.period, proposal=decided)

    def order(self, number: str) -> Order:
        """By the platform's number. Raises `Declined`."""
        found = self._orders.get(number)
        if found is None:
            raise Declined(NO_SUCH_ORDER, f"没有订单 {number}")
        return found

    def under(self, reference: str) -> list[Order]:
        """All orders under a reference of the hub; more than one is a booking made twice."""
        with self._lock:
            return [self._orders[number] for number in self._numbers.get(f"ref|{reference}", ())]

    def mentioning(self, text: str) -> list[Order]:
        """All orders whose reference holds a text, for a platform that keeps our reference inside a remark."""
        with self._lock:
            return [order for order in self._orders.values() if text in order.reference]

    def orders(self) -> list[Order]:
        """All orders in the order of their coming."""
        with self._lock:
            return list(self._orders.values())

    # -- what staff do --------------------------------------------------------------------------------------------

    def accept(self, number: str) -> Order:
        """Confirm, or refuse when the time has been taken meanwhile."""
        with self._lock:
            order = self._in(number, PENDING)
            if order.period is not None and not self._is_free(order.instrument, order.period, number):
                return self.reject(number, OCCUPIED, "时段已被其他用户占用")
            return self._change(order, ACCEPTED, state=ACCEPTED)

    def reject(self, number: str, reason: str, words: str = "") -> Order:
        """Refuse a new order, with a reason."""
        with self._lock:
            order = self._in(number, PENDING)
            return self._change(order, REJECTED, state=REJECTED, reason=reason, words=words)

    def withdraw(self, number: str, reason: str, words: str = "") -> Order:
        """The platform itself gives up an order that it had."""
        with self._lock:
            order = self._in(number, *OPEN)
            return self._change(order, CANCELLED, state=CANCELLED, reason=reason, words=words)

    def receive_samples(self, number: str) -> Order:
        """Samples have come."""
        with self._lock:
            return self._change(self._in(number, ACCEPTED), SAMPLES, state=SAMPLES)

    def begin(self, number: str) -> Order:
        """The service begins."""
        with self._lock:
            return self._change(self._in(number, ACCEPTED, SAMPLES), IN_SERVICE, state=IN_SERVICE)

    def miss(self, number: str) -> Order:
        """Nobody came."""
        with self._lock:
            return self._change(self._in(number, ACCEPTED), NO_SHOW, state=NO_SHOW)

    def finish(
        self,
        number: str,
        hours: float | None = None,
        fee_fen: int = 0,
        *,
        proofs: tuple[Proof, ...] | None = None,
    ) -> Order:
        """The service is done; usage is as booked unless told otherwise, and the instrument's log proves it."""
        with self._lock:
            order = self._in(number, IN_SERVICE)
            now = self.clock()
            period = order.period or Period(now - timedelta(hours=1), now)
            used = hours or (period.end - period.start).total_seconds() / 3600
            end = period.start + timedelta(hours=used)
            proofs = (run_log(f"U{number}"),) if proofs is None else proofs
            usage = Usage(f"U{number}", period.start, end, used, fee_fen, proofs)
            return self._change(order, DONE, state=DONE, usage=usage)

    def deliver_report(self, number: str) -> Order:
        """A report lies ready."""
        with self._lock:
            order = self._in(number, DONE)
            report = Report(f"R{number}", f"检测报告-{number}.pdf")
            return self._change(order, REPORTED, state=REPORTED, report=report)

    def take_report(self, number: str, report: Report, *, waits_for_service: bool = True) -> Order:
        """Note a report that lies at the client. The same again changes nothing, nor does an older one. Raises `Declined`.

        Without `waits_for_service` it is kept with any live order, whose state stays unless the service is done.
        """
        with self._lock:
            order = self._in(number, *((DONE, REPORTED) if waits_for_service else LIVE))
            held = order.report
            if held is not None and held.digest and _serial(held) >= _serial(report):
                return order
            state = REPORTED if order.state == DONE else order.state
            return self._change(order, state, state=state, report=report)

    def reserve(self, instrument: str, period: Period) -> None:
        """A local user takes a time at the platform."""
        with self._lock:
            self._reserved.append((instrument, period))

    def close(self, instrument: str, period: Period, words: str) -> None:
        """The instrument is closed for a while."""
        with self._lock:
            self._closed.append((instrument, period, words))

    def remember(self, name: str, value: Any) -> None:
        """Keep something beside the orders; JSON values."""
        with self._lock:
            self.memory[name] = value
            if self.keeper is not None:
                self.keeper.keep_memory(name, value)

    # -- what the platform tells ----------------------------------------------------------------------------------

    def deliveries(self, after: int = 0, limit: int = 200) -> list[Delivery]:
        """What was told after a position, oldest first; staff act first."""
        self.settle()
        with self._lock:
            return self._teller.told(after, limit, self.clock())

    def settle(self) -> None:
        """Let platform and staff do what is due. Safe to repeat."""
        for chore in self.chores:
            chore()
        if self.staff is not None:
            with self._lock:
                self.staff.act(self)

    def told_reference(self, order: Order) -> str:
        """The reference an answer names: the order's own, unless the platform mixes up its bookings."""
        with self._lock:
            return self._another(order) if self.mischief.take("wrong_answer") else order.reference

    def busy(self, instrument: str, start: datetime, end: datetime) -> Iterator[tuple[Period, Order | None]]:
        """Times taken between two instants, by local users (None) or by an order, oldest first."""
        with self._lock:
            found: list[tuple[Period, Order | None]] = [
                (period, None) for period in almanac.local_reservations(instrument, start, end)
            ]
            found += [(period, None) for key, period in self._reserved if key == instrument]
            found += [(held, order) for order, held in self._held(instrument)]
        around = Period(start, end)
        yield from sorted((e for e in found if e[0].overlaps(around)), key=lambda e: e[0].start)

    def closures(self, instrument: str, start: datetime, end: datetime) -> Iterator[tuple[Period, str]]:
        """Times in which nothing can be booked."""
        yield from almanac.closures(instrument, start, end)
        around = Period(start, end)
        yield from ((p, words) for key, p, words in self._closed if key == instrument and p.overlaps(around))

    def is_bookable(self, instrument: str, period: Period, besides: str = "") -> bool:
        """Whether nothing stands in the way of a time, leaving one order out of account."""
        with self._lock:
            is_closed = any(True for _ in self._closed_in(instrument, period))
            return not is_closed and self._is_free(instrument, period, besides)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _new(self, wanted: Wanted) -> Order:
        now = self.clock()
        number = f"{self.world.code[:2]}{now:%y%m%d}{len(self._orders) + 1:06d}"
        return Order(
            number, wanted.reference, wanted.instrument, wanted.mode, wanted.period, wanted.facts, now, now
        )

    def _check(self, key: str, mode: str, period: Period | None, besides: str = "") -> None:
        instrument = self.world.get(key)
        if instrument is None:
            raise Declined(UNKNOWN, "没有这台仪器，或已撤出")
        if not almanac.is_shared(self.world, key):
            raise Declined(NOT_SHARED, "该仪器不对外共享")
        if instrument.running_state in _UNUSABLE:
            raise Declined(BROKEN, f"仪器{instrument.running_state}")
        if period is None:
            if mode == MACHINE:
                raise Declined(OUTSIDE, "上机预约要有时段")
            return
        if period.start <= self.clock():
            raise Declined(PAST, "开始时间已过")
        if not almanac.is_open(almanac.rules_of(key), period):
            raise Declined(OUTSIDE, "不在开放时间内")
        if any(True for _ in self._closed_in(key, period)):
            raise Declined(CLOSED, "该时段停机维护")
        if not self._is_free(key, period, besides):
            raise Declined(OCCUPIED, "时段已被占用")

    def _closed_in(self, key: str, period: Period) -> Iterator[Period]:
        return (p for p, _ in self.closures(key, period.start, period.end) if p.overlaps(period))

    def _is_free(self, key: str, period: Period, besides: str) -> bool:
        taken = sum(
            1
            for _, order in self.busy(key, period.start, period.end)
            if order is None or order.number != besides
        )
        return taken < almanac.rules_of(key).capacity

    def _held(self, key: str) -> Iterator[tuple[Order, Period]]:
        for number in self._numbers.get(f"key|{key}", ()):
            order = self._orders[number]
            holds = order.state in _HOLDING or (order.state == PROPOSED and order.before == ACCEPTED)
            if order.period is not None and holds:
                yield order, order.period

    def _in(self, number: str, *states: str) -> Order:
        order = self.order(number)
        if order.state not in states:
            raise Declined(BEGUN, f"订单 {number} 的状态是 {order.state}，不能这样处理")
        return order

    def _change(self, order: Order, what: str, **changes: Any) -> Order:
        after = {"reason": "", "words": "", **changes}
        return self._put(replace(order, version=order.version + 1, updated=self.clock(), **after), what)

    def _put(self, order: Order, what: str) -> Order:
        self.restore(order, what)
        if self.keeper is not None:
            self.keeper.keep(order, what)
        return order

    def restore(self, order: Order, what: str) -> None:
        """Take a happening as it is: a new one, or one that an earlier process kept."""
        with self._lock:
            if order.number not in self._orders:
                for name in (f"ref|{order.reference}", f"key|{order.instrument}"):
                    self._numbers.setdefault(name, []).append(order.number)
            self._orders[order.number] = order
            self._teller.note(order, what, order.updated)

    def _another(self, order: Order) -> str:
        others = (o.reference for o in reversed(self._orders.values()) if o.reference != order.reference)
        return next(others, f"{order.reference[:-4]}zzzz")


def _serial(report: Report) -> int:
    """The client numbers its reports of one order, from one."""
    return int(report.number) if report.number.isdecimal() else 0


_OF_WORLD: WeakKeyDictionary[ProvinceWorld, Desk] = WeakKeyDictionary()


def desk_of(world: ProvinceWorld) -> Desk:
    """The order book of this province, made at the first call."""
    if world not in _OF_WORLD:
        _OF_WORLD[world] = Desk(world)
    return _OF_WORLD[world]
