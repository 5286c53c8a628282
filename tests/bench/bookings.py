"""Accepting bookings and bringing them to provinces: 8 clients at once, the hub's own share of a forward, a long backlog."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from hub import models
from hub.app import create_app
from hub.availability import service as availability
from hub.availability.service import Asker, Slot
from hub.bookings.service import forwarding
from hub.core.db import Database
from tests.bench import search_peer
from tests.hub.bookings import people, world
from tests.in_process import InProcess

CLIENTS, ASKED, BACKLOG = 8, 400, 5_000
PROVINCE = "310000"


@dataclass
class Measured:
    """One measure: values in `unit`, the goal in words and whether it was met."""

    name: str
    values: list[float]
    unit: str
    goal: str = ""
    is_met: bool | None = None


@dataclass
class Clients:
    """Eight clients that submit one after the other, each as fast as it is answered."""

    app: Any
    headers: dict[str, str]
    bodies: list[dict[str, Any]]
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Share the bodies out and wait for all."""
        threads = [threading.Thread(target=self._one, args=(at,)) for at in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, at: int) -> None:
        with httpx.Client(transport=InProcess(self.app), base_url="http://hub.test") as client:
            for number in range(at, len(self.bodies), CLIENTS):
                headers = {**self.headers, "Idempotency-Key": f"bench-booking-{number:06}"}
                begun = time.perf_counter()
                answer = client.post("/api/v1/bookings", json=self.bodies[number], headers=headers)
                took = time.perf_counter() - begun
                assert answer.status_code == 201, answer.text
                if number >= 5 * CLIENTS:  # the first ones compile statements
                    self.seconds.append(took)


def measure(folder: Path) -> list[Measured]:
    """Everything on SQLite, and the accepting on PostgreSQL where there is one."""
    found = _on("SQLite", f"sqlite:///{folder / 'bookings.db'}", folder, goal=150)
    with search_peer.postgresql() as url:
        if url is None:
            return [*found, Measured("bookings on PostgreSQL: missing", [0.0], "")]
        return [*found, *_on("PostgreSQL", url, folder, goal=80)]


def _on(name: str, url: str, folder: Path, *, goal: int) -> list[Measured]:
    database = Database(url)
    models.METADATA.create_all(database.engine)
    try:
        held, took = _accept(database, folder)
        p95 = statistics.quantiles(took, n=20)[18] * 1000
        accepted = Measured(
            f"booking accepted, 8 clients, p95, {name}", [p95], "ms", f"≤ {goal}", p95 <= goal
        )
        return [accepted, *_forward(held, name)]
    finally:
        database.close()


def _accept(database: Database, folder: Path) -> tuple[world.World, list[float]]:
    now = datetime.now(UTC)
    world.furnish(database, now, instruments=10)
    cast = people.settle(database, now, PROVINCE)
    held = world.World.over(database, _Now(), folder)  # type: ignore[arg-type]
    app = create_app(held.runtime)
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
    clients = Clients(app, cast.li.headers(), bodies)
    clients.run()
    return held, clients.seconds


def _forward(held: world.World, name: str) -> list[Measured]:
    """What the hub itself needs for a forward, and how long a backlog of 5,000 takes with one worker."""
    own: list[float] = []
    begun = time.perf_counter()
    count = _drain(held, own.append)
    while count < BACKLOG:
        for _ in range(min(500, BACKLOG - count)):
            held.submit(PROVINCE)
        count += _drain(held, own.append)
    forwarded = sum(own)
    p50 = statistics.median(own) * 1000
    return [
        Measured(f"forward, the hub's own share, p50, {name}", [p50], "ms", "≤ 10", p50 <= 10),
        Measured(f"drain of {count:,} forwards by one hand, {name}", [forwarded], "s"),
        Measured(f"  with what filled the backlog, {name}", [time.perf_counter() - begun], "s"),
    ]


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
        note(time.perf_counter() - answered + called - begun)
        count += 1


class _Now:
    """The real clock where a world wants one."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)
