"""Two platforms on loopback, one instrument of each in the catalogue, and an enterprise that asks: for real workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

import schemas
from adapters.simulators import serve
from adapters.simulators.desk import Desk
from adapters.simulators.fleet import Fleet
from adapters.simulators.world import World
from hub.availability import service as availability
from hub.availability.models import RulesRow
from hub.bookings.models import Booking, Delivery
from hub.bookings.service import submitting
from hub.bookings.service.submitting import Order, Station
from hub.catalog.models import Instrument
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.settings import Settings
from hub.exchange.models import InboxEntry
from tests.adapters.bookings.platforms import bookable, native_key
from tests.e2e.federation import migrated_database
from tests.hub.bookings.world import ASKER, LI, PARTY, RULES, request

SHANGHAI, JIANGSU = "310000", "320000"
"""One drops a repeated key, the other only answers look-ups."""


@dataclass
class ForwardWorld:
    """The hub's database and the platforms; what is submitted waits until a worker comes."""

    settings: Settings
    database: Database
    fleet: Fleet

    def put_instruments(self) -> None:
        """One instrument of each platform, open round the clock."""
        now = utc_now() - timedelta(days=1)
        with self.database.write() as session:
            for code in (SHANGHAI, JIANGSU):
                held = self._instrument(code)
                session.add(Instrument(**held, created_at=now, changed_at=now))
                session.add(
                    RulesRow(
                        instrument_id=held["id"],
                        version=1,
                        source="hub",
                        valid_from=now,
                        made_by="system:test",
                        made_at=now,
                        document=RULES,
                    )
                )

    def submit(self, province: str, *, seconds_ago: float = 0.0) -> str:
        """Ask the province's station something (a consultation needs no slot); the booking's identifier."""
        now = utc_now() - timedelta(seconds=seconds_ago)
        asked = {**request(province, None), "instrument_id": self._instrument(province)["id"]}
        with self.database.write() as session:
            offer = availability.read_offer(session, ASKER, asked["instrument_id"], now=now)
            station = Station("op-test", "大仪网服务驿站", "platform")
            order = Order(asked, PARTY, ASKER, LI.name, "p-li", station, offer)
            booking, _ = submitting.submit(session, order, LI, now=now)
            return booking.id

    def fail(self, province: str, **plan: Any) -> None:
        """Break the platform (see `adapters.simulators.failures`)."""
        self.fleet.failures[province].set(plan)

    def heal(self, province: str) -> None:
        """The platform works again."""
        self.fleet.failures[province].clear()

    def orders(self, province: str, booking_id: str) -> int:
        """How many orders the platform holds for a booking."""
        desk: Desk = self.fleet.desks()[province]
        return len(desk.mentioning(booking_id))

    def delivery(self, booking_id: str) -> Delivery:
        """The submit of a booking as committed."""
        with self.database.read() as session:
            return session.scalars(select(Delivery).where(Delivery.booking_id == booking_id)).one()

    def recorded_at(self, booking_id: str) -> datetime | None:
        """Since when the hub knows that the platform has it; None as long as it does not."""
        with self.database.read() as session:
            booking = session.get_one(Booking, booking_id)
        delivery = self.delivery(booking_id)
        return delivery.done_at if booking.state == "forwarded" and delivery.state == "delivered" else None

    def ways(self, booking_id: str) -> set[str]:
        """How the platform's words about a booking came: by response, look-up, …"""
        with self.database.read() as session:
            return set(session.scalars(select(InboxEntry.way).where(InboxEntry.subject == booking_id)))

    def _instrument(self, code: str) -> dict[str, object]:
        world = self.fleet.world.province(code)
        native = native_key(world, bookable(world))
        held = schemas.ids.instrument_id(code, native.unit_id, native.internal_number)
        document = {
            "id": held,
            "province": code,
            "unit": {"id": native.unit_id, "name": "某大学分析测试中心（虚构）"},
            "internal_number": native.internal_number,
            "name_zh": "场发射扫描电子显微镜",
            "classification": {"scheme": "most-2006", "code": "010102"},
            "location": {"province": code},
            "sharing_mode": "external",
        }
        return {
            "id": held,
            "province": code,
            "is_listed": True,
            "native_key": held,
            "institution_id": schemas.ids.institution_id(code, native.unit_id),
            "sharing_mode": "external",
            "document": document,
        }


@contextmanager
def forward_world(
    home: Path, provinces: tuple[str, ...] | None = (SHANGHAI, JIANGSU)
) -> Iterator[ForwardWorld]:
    """The world over a fresh database; `provinces` None serves all eleven platforms."""
    with (
        serve.running(World(records=200), home / "simulators", provinces) as fleet,
        migrated_database(home) as url,
    ):
        connections = home / "connections.json"
        serve.write_atomically(connections, fleet.connections())
        settings = Settings(
            home=home, database_url=url, connections=connections, sync_concurrency=2, demo=False
        )
        database = Database(url)
        world = ForwardWorld(settings, database, fleet)
        world.put_instruments()
        try:
            yield world
        finally:
            database.close()
