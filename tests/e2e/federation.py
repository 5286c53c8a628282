"""A whole federation on loopback: eleven simulated platforms, the hub's own web, and the work that flows between.

Everything is the real thing through its real entrances; only Celery is left out: what it would run is run in place
(`Federation.work`), and the sequencer and the index follower live in threads of this process instead of the
control worker's. `tests/faults` has the real processes.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from celery import Celery
from sqlalchemy import func, select, text

from adapters.simulators import serve
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World
from hub import migrations, wiring, worker
from hub.catalog.service import sync
from hub.core import broker, relay, sequencer
from hub.core.db import Database
from hub.core.loops import Loops
from hub.core.runtime import Runtime
from hub.core.sequencer import AnnouncedChange
from hub.core.settings import Settings
from hub.identity import service as identity
from hub.search import follower
from station_portal.app import create_app

PASSWORD = "federation-test-2026"
ACTOR = "system:test"
TOPIC = "catalog"
POSTGRESQL = os.environ.get("HUB_TEST_DATABASE_URL", "")

# Which attribute of a unit each dialect identifies it by (see the dialects' descriptions).
UNIT_KEYS = {
    "310000": "id",
    "320000": "credit_code",
    "330000": "credit_code",
    "340000": "id",
    "360000": "id",
    "420000": "id",
    "430000": "short_code",
    "500000": "credit_code",
    "510000": "id",
    "520000": "credit_code",
    "530000": "id",
}


@contextmanager
def migrated_database(home: Path) -> Iterator[str]:
    """The URL of a database that the migrations made: a file under `home`, or a schema of its own on PostgreSQL."""
    if not POSTGRESQL:
        url = f"sqlite:///{home / 'hub.db'}"
        _migrate(url)
        yield url
        return
    name = f"e2e_{os.getpid()}_{time.monotonic_ns()}"
    admin = Database(POSTGRESQL, pool=1)
    with admin.write() as session:
        session.execute(text(f"CREATE SCHEMA {name}"))
    try:
        url = f"{POSTGRESQL}{'&' if '?' in POSTGRESQL else '?'}options=-csearch_path%3D{name}"
        _migrate(url)
        yield url
    finally:
        with admin.write() as session:
            session.execute(text(f"DROP SCHEMA {name} CASCADE"))
        admin.close()


def _migrate(url: str) -> None:
    database = Database(url, pool=1)
    migrations.upgrade(database)
    database.close()


@dataclass
class Federation:
    """A running federation. `fleet` is None when the simulators run in a process of their own."""

    fleet: Fleet | None
    settings: Settings
    runtime: Runtime
    app: Celery
    web: Any
    url: str
    client: httpx.Client
    keys: dict[str, str] = field(default_factory=dict)

    # --- what a province's platform and staff do ---------------------------------------------------------------

    def key_of(self, province: str) -> str:
        """The platform key that the hub handed to this province."""
        if province not in self.keys:
            with self.runtime.database.write() as session:
                self.keys[province] = identity.issue_key(
                    session, province, label="test", actor=ACTOR, now=self.runtime.clock()
                )
        return self.keys[province]

    def put_account(self, username: str, role: str, province: str | None = None) -> str:
        """An account for a person; its user name."""
        with self.runtime.database.write() as session:
            identity.put_account(
                session,
                username,
                PASSWORD,
                role=role,
                province=province,
                is_demo=True,
                actor=ACTOR,
                now=self.runtime.clock(),
            )
        return username

    def hub_of(self, province: str) -> Hub:
        """What this province's simulator is told of the hub: address, key, an account of its staff."""
        staff = self.put_account(f"staff-{province}", "province_staff", province)
        return Hub(self.url, self.key_of(province), staff, PASSWORD)

    @contextmanager
    def signed_in(self, username: str) -> Iterator[httpx.Client]:
        """A client with this person's session; it sends the CSRF token by itself."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as client:
            answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 201, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            yield client

    def play(self) -> None:
        """安徽 pushes, 云南's staff upload, 重庆 drops its file: each through the hub's own entrance."""
        assert self.fleet is not None
        failed = self.fleet.play({code: self.hub_of(code) for code in self.fleet.actors()})
        assert failed == {}
        self.work()

    # --- what the hub's processes do ---------------------------------------------------------------------------

    def sync(self, province: str, *, is_full: bool = False) -> list[sync.RunEnd]:
        """Read everything of a province now, as when a person asks."""
        return sync.sync_province(self.runtime, province, "manual", actor=ACTOR, wants_full=is_full)

    def harvest(self, provinces: Iterable[str], *, is_full: bool = False) -> dict[str, list[sync.RunEnd]]:
        """Read these provinces one after the other."""
        return {code: self.sync(code, is_full=is_full) for code in provinces}

    def work(self) -> int:
        """Do what waits in the outbox, until nothing is due; how many deliveries that were."""
        return relay.drain(
            self.runtime.database,
            lambda message: broker.perform_message(self.app, message),
            clock=self.runtime.clock,
        )

    def settle(self, seconds: float = 60.0) -> int:
        """Wait until everything that was written is numbered and searchable; the change number."""
        self.work()
        until = time.monotonic() + seconds
        while True:
            last = self._last_number()
            if last is not None and self._searchable() >= last:
                return last
            assert time.monotonic() < until, f"not searchable within {seconds} s: {last}"
            time.sleep(0.02)

    def _last_number(self) -> int | None:
        with self.runtime.database.read() as session:
            waiting = select(func.count()).where(AnnouncedChange.number.is_(None))
            return None if session.scalar(waiting) else sequencer.last_number(session, TOPIC)

    def _searchable(self) -> int:
        index = self.runtime.index
        return int(index.snapshot().number) if index.is_ready else -1

    # --- what anybody may ask ----------------------------------------------------------------------------------

    def get(self, path: str, **params: Any) -> Any:
        """The JSON answer of a public GET; it must be a success."""
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, f"{answer.status_code} {answer.url}\n{answer.text[:2000]}"
        return answer.json()

    def every(self, path: str, client: httpx.Client | None = None, **params: Any) -> list[dict[str, Any]]:
        """All items of a list, page after page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            answer = (client or self.client).get(path, params=params | ({"cursor": cursor} if cursor else {}))
            assert answer.status_code == 200, f"{answer.status_code} {answer.url}\n{answer.text[:2000]}"
            page = answer.json()
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items


@contextmanager
def federation(
    world: World,
    home: Path,
    provinces: Iterable[str] | None = None,
    changes: Callable[[Fleet], Mapping[str, Any]] = lambda _: {},
) -> Iterator[Federation]:
    """A federation over this world, its simulators in a thread of this process.

    `changes` gives fields of the runtime that shall differ, once the fleet's addresses are known.
    """
    home.mkdir(parents=True, exist_ok=True)
    with serve.running(world, home / "simulators", provinces) as fleet, migrated_database(home) as url:
        connections = home / "connections.json"
        serve.write_atomically(connections, fleet.connections())
        with over(settings_of(home, url, connections), fleet, **changes(fleet)) as running:
            yield running


def settings_of(home: Path, database_url: str, connections: Path) -> Settings:
    """The embedded default with this database."""
    return Settings(home=home, database_url=database_url, connections=connections, broker_url="", demo=True)


@contextmanager
def over(settings: Settings, fleet: Fleet | None = None, **changes: Any) -> Iterator[Federation]:
    """The hub's part of a federation over a migrated database. `changes` replace fields of the runtime."""
    with ExitStack() as stack:
        runtime = replace(wiring.build_runtime(settings), **changes)
        stack.callback(runtime.close)
        app = worker.create_celery(settings)
        app.runtime = runtime
        loops = Loops()
        stack.callback(loops.close)
        database = runtime.database
        loops.start("sequencer", lambda: sequencer.number_once(database) == sequencer.BATCH, seconds=0.02)
        loops.start_follower("index", lambda stop: follower.follow(runtime, stop))
        web = create_app(replace(wiring.build_runtime(settings), **changes))
        url = stack.enter_context(served(web))
        client = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=30))
        yield Federation(fleet, settings, runtime, app, web, url, client)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The application behind uvicorn on a loopback port, with its start-up and shutdown; its address."""
    held = serve.listen()
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, log_config=None, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the web ended while it started"
            assert time.monotonic() < until, "the web did not start"
            time.sleep(0.01)
        yield serve.address(held)
    finally:
        server.should_exit = True
        thread.join(10)
        held.close()


def counts_by(rows: Iterable[Mapping[str, Any]], name: str) -> dict[Any, int]:
    """How many rows have each value of a field."""
    counts: dict[Any, int] = {}
    for row in rows:
        counts[row.get(name)] = counts.get(row.get(name), 0) + 1
    return counts
