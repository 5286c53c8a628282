"""A belt of five provinces, each reached in its own way, one enterprise, instruments that are open round the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.availability import service as availability
from hub.availability.models import RulesRow, TariffRow
from hub.availability.rules import Slot
from hub.availability.service import Asker
from hub.bookings.models import Booking, Case, Delivery, Transition
from hub.bookings.service import forwarding, moving, submitting, timers
from hub.bookings.service.acting import Actor
from hub.bookings.service.submitting import Order, Party, Station
from hub.catalog.models import Instrument
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement import rules as settlement_rules
from hub.settlement import service as settlement
from tests.hub.bookings.provinces import FakeProvince
from tests.virtual_clock import VirtualClock

WAYS = {"310000": "native", "320000": "lookup", "340000": "fetch", "360000": "none", "520000": "portal"}
"""Province → how its booking interface keeps one order one: Shanghai, Jiangsu, Anhui, Jiangxi, Guizhou."""

PARTY = Party("en-jiaxing" + "a" * 19, "嘉兴某新材料有限公司", "91330400MA28A3B078", "330402")
ASKER = Asker("account:li", enterprise_id=PARTY.id, is_verified=True, holders=frozenset({PARTY.id}))
LI = Actor("enterprise", "account:li", "enterprise_member")
STATION = Actor("provider", "account:station", "station_staff", acting_as="station")
INSTITUTION = Actor("provider", "account:owner", "institution_manager", acting_as="institution")

RULES: dict[str, Any] = {
    "opening": {
        day: [{"from": "00:00", "to": "24:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
    "open_on_holidays": True,
    "step_minutes": 15,
    "min_minutes": 15,
    "max_minutes": 480,
    "lead_minutes": 60,
    "horizon_days": 60,
    "cancel_minutes": 1440,
    "capacity": 1,
}
TARIFF: dict[str, Any] = {
    "positions": [{"id": "hour", "basis": "reserved_time", "name_zh": "机时费", "outside_fen": 40000}]
}


def instrument_id(province: str, number: int = 1) -> str:
    """An instrument of the world."""
    return schemas.ids.instrument_id(province, "UNIT", f"EM-{number:03}")


def institution_id(province: str) -> str:
    """The institution that owns the province's instruments."""
    return schemas.ids.institution_id(province, "UNIT")


def furnish(
    database: Database, now: datetime, *, instruments: int = 1, tariff: bool = True, **rules: Any
) -> None:
    """Put the world's instruments into the catalogue."""
    with database.write() as session:
        for province in WAYS:
            for number in range(1, instruments + 1):
                held = instrument_id(province, number)
                document = {
                    "id": held,
                    "province": province,
                    "unit": {"id": "UNIT", "name": "某大学分析测试中心（虚构）"},
                    "internal_number": f"EM-{number:03}",
                    "name_zh": "场发射扫描电子显微镜",
                    "classification": {"scheme": "most-2006", "code": "010102"},
                    "location": {"province": province},
                    "sharing_mode": "external",
                }
                session.add(
                    Instrument(
                        id=held,
                        province=province,
                        is_listed=True,
                        native_key=held,
                        institution_id=institution_id(province),
                        sharing_mode="external",
                        created_at=now,
                        changed_at=now,
                        document=document,
                    )
                )
                kept = {"instrument_id": held, "version": 1, "source": "hub", "valid_from": now}
                session.add(RulesRow(**kept, made_by="account:t", made_at=now, document={**RULES, **rules}))
                if tariff:
                    session.add(TariffRow(**kept, made_by="account:t", made_at=now, document=TARIFF))


def request(province: str, slot: Slot | None, *, number: int = 1, **more: Any) -> dict[str, Any]:
    """What the enterprise asks for; machine time with a slot, else a consultation."""
    told: dict[str, Any] = {
        "instrument_id": instrument_id(province, number),
        "service_mode": "consultation" if slot is None else "machine_time",
        "purpose": {"direction": "technology_development", "is_statutory": False, "text": "断口分析"},
        "contact": {"name": "李工", "mobile": "13800000000"},
    }
    if slot is not None:
        told["slot"] = {"start": slot.start.isoformat(), "end": slot.end.isoformat()}
    return {**told, **more}


def order(session: Session, province: str, asked: Mapping[str, Any], now: datetime) -> Order:
    """The enterprise's order for an instrument of the province."""
    channel = "portal" if WAYS[province] == "portal" else "platform"
    station = Station(f"op-{province[:2]}", "大仪网服务驿站", channel)
    offer = availability.read_offer(session, ASKER, asked["instrument_id"], now=now)
    return Order(asked, PARTY, ASKER, "account:li", "p-li", station, offer)


@dataclass
class World:
    """The hub over one database with five fake provinces under one clock."""

    database: Database
    clock: VirtualClock
    runtime: Runtime
    provinces: dict[str, FakeProvince]
    quotes: dict[tuple[str, Slot], str] | None = None
    """Quotes given already, for worlds that begin at the same instant over one database; None asks anew each time."""

    @classmethod
    def build(cls, database: Database, clock: VirtualClock, home: Path, **options: Any) -> "World":
        """A furnished world."""
        furnish(database, clock(), **options)
        return cls.over(database, clock, home)

    @classmethod
    def over(cls, database: Database, clock: VirtualClock, home: Path) -> "World":
        """A world over a database that is furnished already."""
        provinces = {code: FakeProvince(code, way, clock) for code, way in WAYS.items()}
        runtime = Runtime(home=home, database=database, clock=clock)
        adapters: Any = {code: province.adapter() for code, province in provinces.items()}
        return cls(database, clock, replace(runtime, adapters=adapters), provinces)

    def put_voucher(self, fen: int, revision: int = 1) -> None:
        """The demo's programmes, and an allotment of 嘉兴 for the enterprise; raised or lowered by a higher revision."""
        now = self.clock()
        with self.database.write() as session:
            settlement.load_programmes(session, settlement_rules.demo(), actor="system:test", now=now)
            until = (now + timedelta(days=300)).date()
            told = settlement.Allotment("ZJ-1", "demo-330400-voucher", PARTY.id, fen, until, revision)
            settlement.allot(session, told, actor="platform:330000", now=now)

    def slot(self, day: int = 7, hour: int = 9, hours: float = 2) -> Slot:
        """A slot some days ahead, on the hour in Shanghai (UTC + 8)."""
        base = self.clock().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=day)
        start = base + timedelta(hours=hour - 8)
        return Slot(start, start + timedelta(hours=hours))

    def ask(self, province: str, slot: Slot | None = None, **more: Any) -> dict[str, Any]:
        """A request with its quote, as somebody has it on the screen."""
        asked = request(province, slot, **more)
        if slot is None:
            return asked
        if self.quotes is not None and (province, slot) in self.quotes and not more:
            return {**asked, "quote_id": self.quotes[province, slot]}
        with self.database.write() as session:
            quote = availability.quote(session, ASKER, asked["instrument_id"], asked, now=self.clock())
        if self.quotes is not None and not more:
            self.quotes[province, slot] = quote.id
        return {**asked, "quote_id": quote.id}

    def submit(self, province: str, slot: Slot | None = None, **more: Any) -> str:
        """Ask and submit; the booking's identifier."""
        return self.place(province, self.ask(province, slot, **more))

    def place(self, province: str, asked: Mapping[str, Any]) -> str:
        """Submit a request; the booking's identifier. Raises what refuses it."""
        with self.database.write() as session:
            booking, changed = submitting.submit(
                session, order(session, province, asked, self.clock()), LI, now=self.clock()
            )
            assert changed is None
            return booking.id

    def command(self, booking_id: str, command: str, actor: Actor, **given: Any) -> None:
        """Give a command whose content is ready."""
        with self.database.write() as session:
            booking = moving.lock(session, booking_id)
            moving.move(session, booking, command, actor, moving.Given(**given), now=self.clock())

    def forward(self, times: int = 100) -> int:
        """Let one worker forward until nothing is due; how many it handled."""
        for done in range(times):
            if not forwarding.forward_next(self.runtime, "worker"):
                return done
        return times

    def run_timers(self) -> int:
        """Act on what is overdue."""
        return timers.run_due(self.database, now=self.clock())

    def booking(self, booking_id: str) -> Booking:
        """The booking as committed."""
        with self.database.read() as session:
            return session.get_one(Booking, booking_id)

    def state(self, booking_id: str) -> str:
        """The booking's state as committed."""
        return self.booking(booking_id).state

    def history(self, booking_id: str) -> list[str]:
        """The commands that moved the booking, in order."""
        with self.database.read() as session:
            mine = select(Transition.command).where(Transition.booking_id == booking_id)
            return list(session.scalars(mine.order_by(Transition.revision)))

    def deliveries(self, booking_id: str) -> list[tuple[str, str]]:
        """Kind and state of the booking's messages, in order."""
        with self.database.read() as session:
            mine = select(Delivery).where(Delivery.booking_id == booking_id).order_by(Delivery.sequence)
            return [(row.kind, row.state) for row in session.scalars(mine)]

    def cases(self) -> list[tuple[str, str]]:
        """Kind and state of every case."""
        with self.database.read() as session:
            return [(row.kind, row.state) for row in session.scalars(select(Case).order_by(Case.id))]

    def claim(self, booking_id: str) -> str:
        """The state of the booking's claim; `none` without one."""
        from hub.availability import queries

        with self.database.read() as session:
            held = queries.find_claim(session, booking_id)
            return "none" if held is None else held.state
