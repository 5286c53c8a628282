"""Provinces that take bookings, in process: a simulator over a small world, its desk, and the adapter that speaks to it.

`Line` is the way between the two. A test may lose a request on it, lose an answer after the platform has acted, or put
another answer in its place; nothing waits, because the desk's clock is moved by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters.contract import (
    BookingOrder,
    BookingPort,
    Command,
    Connection,
    NativeKey,
    OrderContact,
    OrderItem,
    OrderMessage,
    OrderParty,
    OrderSample,
    Slot,
)
from adapters.engine import DeclarativeAdapter
from adapters.registry import PROVINCES, Province, build_adapter, load_province
from adapters.simulators.desk import Desk, almanac, desk_of
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Simulator
from adapters.simulators.world import World
from adapters.simulators.world.province import ProvinceWorld
from adapters.transports import Pacing
from tests.in_process import InProcess

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)  # a working day, long before the slots of the tests
BASE = "http://platform.test"

# What a platform of the catalogue's dialect calls a unit.
UNIT_NAMES = {"320000": "credit_code", "330000": "credit_code"}


class Clock:
    """One clock for platform and adapter."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Line(httpx.BaseTransport):
    """The way to a platform. `faults` are used up in order, one a request; None lets a request pass.

    `lost` never arrives, `refused` meets nobody who listens, `unanswered` is acted on and not answered, `reset` breaks
    in the middle of the answer, a function makes another answer of the platform's.
    """

    def __init__(self, app: Any) -> None:
        self._inner = InProcess(app)
        self.faults: list[str | Callable[[httpx.Response], httpx.Response] | None] = []
        self.requests: list[httpx.Request] = []
        self.only: str = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        concerns = self.only in request.url.path and "token" not in request.url.path.lower()
        fault = self.faults.pop(0) if self.faults and concerns else None
        if fault == "refused":
            raise httpx.ConnectError("nobody listens", request=request)
        if fault == "lost":
            raise httpx.ReadTimeout("no answer", request=request)
        self.requests.append(request)
        answer = self._inner.handle_request(request)
        if fault == "unanswered":
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "reset":
            raise httpx.RemoteProtocolError("closed in the middle", request=request)
        return fault(answer) if callable(fault) else answer

    def close(self) -> None:
        """Clients come and go; the line stays."""

    def end(self) -> None:
        self._inner.close()


@dataclass
class Spoken:
    """One province: adapter, platform, desk and the line between them."""

    code: str
    adapter: DeclarativeAdapter
    desk: Desk
    world: ProvinceWorld
    simulator: Simulator
    line: Line
    clock: Clock
    province: Province
    orders: int = field(default=0)

    @property
    def port(self) -> BookingPort:
        assert self.adapter.bookings is not None
        return self.adapter.bookings

    @property
    def key(self) -> str:
        """An instrument that outsiders may book and that works."""
        return bookable(self.world)

    @property
    def native(self) -> NativeKey:
        return native_key(self.world, self.key)

    def order(self, **changes: Any) -> BookingOrder:
        """A booking of machine time in a free slot, unless told otherwise."""
        self.orders += 1
        slot = None if changes.get("service_mode", "machine_time") != "machine_time" else self.free_slot()
        row = self.world.survey_row(self.key)
        assert row is not None
        item = row.service_items[0]
        order = BookingOrder(
            id=f"bk-{self.code[:2]}test{self.orders:020d}",
            number=f"33-20261123-T{self.orders:05d}",
            revision=1,
            instrument=self.native,
            instrument_name="扫描电镜",
            service_mode="machine_time",
            submitted_at=self.clock.now,
            enterprise=OrderParty("嘉兴某新材料有限公司", "91330402MA2B000000", "330402"),
            contact=OrderContact("王工", "13900000001", "wang@example.com"),
            slot=slot,
            items=(OrderItem(item.name, 2, "hour", item.fee_fen, item.number),),
            samples=(OrderSample("S-1", "镀膜玻璃", 2, ("corrosive",), "常温", True),),
            purpose="产品质量提升",
            fee_fen=60_050,
            note="请提前预热",
            answer_due=self.clock.now + timedelta(days=2),
        )
        return replace(order, **changes)

    def free_slot(self, skip: int = 0) -> Slot:
        """The first two hours that nothing stands in the way of, at least a week on; `skip` takes a later one."""
        rules = almanac.rules_of(self.key)
        start = (
            (self.clock.now + timedelta(days=7))
            .astimezone(SHANGHAI)
            .replace(hour=9, minute=0, second=0, microsecond=0)
        )
        for step in range(2_000):
            begin = start + timedelta(minutes=30 * step)
            period = almanac.Period(begin, begin + timedelta(hours=2))
            if almanac.is_open(rules, period) and self.desk.is_bookable(self.key, period):
                if skip == 0:
                    return Slot(period.start, period.end)
                skip -= 1
        raise AssertionError("no free slot")

    def message(self, command: Command, order: BookingOrder, **more: Any) -> OrderMessage:
        """A message of its own: key, number and identity follow from what is asked."""
        number = more.pop("number", 1)
        return OrderMessage(
            command=command,
            order=order,
            key=f"key-{order.id}-{command}-{number}",
            message_id=f"m-{order.id}-{command}-{number}",
            sequence=number,
            deadline=self.clock.now + timedelta(days=1),
            correlation_id=f"c-{order.id}",
            **more,
        )

    def submit(self, order: BookingOrder) -> Any:
        return self.port.send(self.message("submit", order))

    def number(self, order: BookingOrder) -> str:
        """The platform's number of the one order it holds for a booking."""
        held = self.desk.mentioning(order.id)
        assert len(held) == 1
        return held[0].number

    def settle(self, seconds: float = 2) -> None:
        """Let a platform that looks later look."""
        self.clock.advance(seconds)
        self.desk.settle()


def bookable(world: ProvinceWorld) -> str:
    """The key of the first good instrument that outsiders may book and that works."""
    for instrument, row in world.good():
        if row.sharing == "外部共享" and instrument.running_state not in ("待修", "待报废"):
            return instrument.key
    raise AssertionError("no instrument to book")


def native_key(world: ProvinceWorld, key: str) -> NativeKey:
    """An instrument as the province's documents name it."""
    unit_id, _, number = key.partition("|")
    unit = next(unit for unit in world.units if unit.id == unit_id)
    return NativeKey(getattr(unit, UNIT_NAMES.get(world.code, "id")), number)


def speak(code: str, folder: Path, world: World | None = None) -> Spoken:
    """A province over a world of its own; end its line after use."""
    world = world or World(records=200)
    fleet = Fleet(world, BASE, folder, [code])
    clock = Clock()
    desk = desk_of(world.province(code))
    desk.clock = clock
    simulator = fleet.simulators[code]
    line = Line(Starlette(routes=[Mount(f"/{code}", routes=list(simulator.routes))]))
    return speaking(code, fleet, line, desk, clock)


@cache
def compiled(code: str) -> Province:
    """A province's folder, read once: nothing in it changes."""
    return load_province(PROVINCES / code)


def speaking(code: str, fleet: Fleet, line: Line, desk: Desk, clock: Clock, **credentials: str) -> Spoken:
    """The adapter of a running platform, over a line."""
    told = fleet.connections()[code]
    province = compiled(code)
    adapter = build_adapter(
        province,
        Connection(told["base_url"], {**told["credentials"], **credentials}),
        lambda **_: httpx.Client(transport=line, trust_env=False),
        Pacing(now=clock),
    )
    world = fleet.world.province(code)
    return Spoken(code, adapter, desk, world, fleet.simulators[code], line, clock, province)
