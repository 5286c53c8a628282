"""Accepting bookings and bringing them to provinces: 8 clients at once, the hub's own share of a forward, a long backlog.

The web is what a user installs: one process over SQLite, two over PostgreSQL (one a core), called over HTTP. The clients
are threads of this process, and what they cost is part of what they wait for. PostgreSQL is durable (`fsync`).
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import migrations
from hub.availability import service as availability
from hub.availability.service import Asker, Slot
from hub.bookings.models import Booking, Delivery
from hub.bookings.service import forwarding
from hub.core.bulk import insert_rows
from hub.core.db import Database
from hub.core.settings import Settings
from hub.exchange.models import Conversation, SealedMessage
from tests.bench import search_peer
from tests.bench.measures import Measure, at_most, missing, told
from tests.faults.hub_processes import HubProcesses, free_port, hub_processes
from tests.hub.bookings import people, world

CLIENTS, WARM, ASKED, BACKLOG, ROUNDS = 8, 120, 600, 5_000, 3
PROVINCE = "310000"


@dataclass
class Clients:
    """Eight clients that submit one after the other, each as fast as it is answered, shared out over the webs."""

    addresses: list[str]
    headers: dict[str, str]
    bodies: list[dict[str, Any]]
    milliseconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Share the bodies out and wait for all."""
        threads = [threading.Thread(target=self._one, args=(at,)) for at in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, at: int) -> None:
        # The leanest client there is: it shares the cores with what is measured.
        connection = HTTPConnection(self.addresses[at % len(self.addresses)], timeout=30)
        try:
            for number in range(at, len(self.bodies), CLIENTS):
                key = {"Idempotency-Key": f"bench-booking-{number:06}", "Content-Type": "application/json"}
                content = orjson.dumps(self.bodies[number])
                begun = time.perf_counter()
                connection.request("POST", "/api/v1/bookings", content, {**self.headers, **key})
                answer = connection.getresponse()
                told = answer.read()
                took = (time.perf_counter() - begun) * 1000
                assert answer.status == 201, told
                if number >= WARM:  # until every connection has its statements prepared
                    self.milliseconds.append(took)
        finally:
            connection.close()


class Round(NamedTuple):
    """What one round found: milliseconds, and seconds of the long backlog where it was one."""

    p95: float
    p50: float
    web_cpu: float
    forward_cpu: float
    own: float
    drain: float | None


def measure(folder: Path) -> list[Measure]:
    """Everything on SQLite; on PostgreSQL, where there is one, all but the long backlog."""
    found: list[Round] = []
    for number in range(ROUNDS):
        home = folder / f"embedded-{number}"
        home.mkdir(parents=True)
        found.append(_round(f"sqlite:///{home / 'hub.db'}", home, webs=1, backlog=0 if number else BACKLOG))
    rows = _rows("SQLite", found, goal=150)
    found = []
    for number in range(1 if search_peer.is_given() else ROUNDS):  # a given one is not emptied between rounds
        home = folder / f"server-{number}"
        home.mkdir()
        with search_peer.postgresql(is_durable=True) as peer:
            if peer is None:
                return [*rows, missing("bookings on PostgreSQL")]
            found.append(_round(peer, home, webs=2, backlog=0))
    return [*rows, *_rows("PostgreSQL", found, goal=80)]


def _rows(name: str, found: Sequence[Round], *, goal: int) -> list[Measure]:
    rows = [
        at_most(f"accepted, 8 clients, p95, {name}", [each.p95 for each in found], "ms", goal),
        told(f"accepted, 8 clients, p50, {name}", [each.p50 for each in found], "ms"),
        told(f"accepted, CPU of the web, {name}", [each.web_cpu for each in found], "ms"),
        told(f"forward, CPU with its province in memory, {name}", [each.forward_cpu for each in found], "ms"),
        at_most(f"forward, the hub's own share, p50, {name}", [each.own for each in found], "ms", 10),
    ]
    drains = [each.drain for each in found if each.drain is not None]
    return (
        [*rows, told(f"drain of {BACKLOG:,} forwards by one hand, {name}", drains, "s")] if drains else rows
    )


def _round(url: str, home: Path, *, webs: int, backlog: int) -> Round:
    database = Database(url)
    migrations.upgrade(database)
    try:
        held, took, cpu = _accept(database, home, webs)
        own: list[float] = []
        begun = time.process_time()
        count = _drain(held, own.append)
        forward_cpu = (time.process_time() - begun) / count * 1000
        p50 = statistics.median(took)
        found = Round(_p95(took), p50, cpu, forward_cpu, statistics.median(own), None)
        if not backlog:
            return found
        _pile_up(held, backlog)
        at = time.perf_counter()
        count = _drain(held, own.append)
        assert count == backlog
        return found._replace(drain=time.perf_counter() - at)
    finally:
        database.close()


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def _accept(database: Database, home: Path, webs: int) -> tuple[world.World, list[float], float]:
    """Milliseconds of each answer, and of the webs' CPU for each booking."""
    now = datetime.now(UTC)
    world.furnish(database, now, instruments=10)
    cast = people.settle(database, now, PROVINCE)
    held = world.World.over(database, _Now(), home)  # type: ignore[arg-type]
    bodies = _bodies(database, cast, now)
    with _webs(database.url, home, webs) as (processes, addresses):
        clients = Clients(addresses, cast.li.headers(), bodies)
        begun = processes.cpu_seconds()
        clients.run()
        return held, clients.milliseconds, (processes.cpu_seconds() - begun) / ASKED * 1000


def _bodies(database: Database, cast: people.Cast, now: datetime) -> list[dict[str, Any]]:
    """Submits of so many different hours, each with its quote."""
    base = now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=3)
    principal = cast.li.principal
    holders = frozenset({principal.party_id or "", principal.person_id or ""})
    asker = Asker(principal.name, enterprise_id=principal.party_id, is_verified=True, holders=holders)
    bodies = []
    for number in range(ASKED):
        start = base + timedelta(hours=number // 10)
        asked = world.request(PROVINCE, Slot(start, start + timedelta(hours=1)), number=number % 10 + 1)
        with database.write() as session:
            quote = availability.quote(session, asker, asked["instrument_id"], asked, now=now)
        bodies.append({"command": "submit", "request": {**asked, "quote_id": quote.id}})
    return bodies


@contextmanager
def _webs(url: str, home: Path, count: int) -> Iterator[tuple[HubProcesses, list[str]]]:
    """Running web processes and their addresses."""
    connections = home / "connections.json"
    connections.write_text("{}")
    settings = Settings(home=home, database_url=url, connections=connections, broker_url="", demo=True)
    with hub_processes(settings) as processes:
        addresses = []
        for number in range(count):
            port = free_port()
            processes.start(f"web{number}", "web", "--port", str(port), HUB_DEMO="1")
            addresses.append(f"127.0.0.1:{port}")
        for address in addresses:
            processes.wait(lambda address=address: _answers(address), 60)  # type: ignore[misc]
        yield processes, addresses


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _pile_up(held: world.World, count: int) -> None:
    """A backlog: one submitted question, copied with everything that waits to be forwarded, under names of its own."""
    first = held.submit(PROVINCE)
    tables = (Booking, Conversation, SealedMessage, Delivery)
    with held.database.write() as session:
        rows = [_row_about(session, table, first) for table in tables]
        for table, row in zip(tables, rows, strict=True):
            copies = [_copy(row, first, number) for number in range(1, count)]
            insert_rows(table.__table__, tuple(copies[0])).run(session, copies)  # type: ignore[arg-type]


def _row_about(session: Session, table: Any, booking_id: str) -> dict[str, Any]:
    column = {Booking: Booking.id, Delivery: Delivery.booking_id}.get(table)
    mine = select(table.__table__).where((table.subject if column is None else column) == booking_id)
    return dict(session.execute(mine).mappings().one())


def _copy(row: dict[str, Any], booking_id: str, number: int) -> dict[str, Any]:
    """The row of another booking: identifiers, number and keys are told apart by a suffix, wherever they stand."""
    copied = (
        json.loads(json.dumps(row["body"]).replace(booking_id, f"{booking_id}-{number}"))
        if "body" in row
        else None
    )
    own = {"id", "number", "key", "message_id", "subject", "booking_id", "correlation_id"}
    told = {
        name: f"{value}-{number}" if name in own and isinstance(value, str) else value
        for name, value in row.items()
    }
    if copied is not None:
        told["body"] = copied
    if isinstance(row.get("id"), int):
        del told["id"]  # the database numbers it
    return told


def _drain(held: world.World, note: Callable[[float], None]) -> int:
    known = forwarding.ways(held.runtime)
    count = 0
    while True:
        begun = time.perf_counter()
        found = forwarding.claim_next(held.database, known, "bench", now=held.clock())
        if not isinstance(found, forwarding.Held):
            return count
        forwarding.mark_leaving(held.database, found, now=held.clock())
        called = time.perf_counter()
        heard = forwarding.call(known[found.province], found)
        answered = time.perf_counter()
        forwarding.record(held.database, known[found.province], found, heard, now=held.clock())
        note((time.perf_counter() - answered + called - begun) * 1000)
        count += 1


class _Now:
    """The real clock where a world wants one."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)
