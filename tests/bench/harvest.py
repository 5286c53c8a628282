"""How long the first harvest of all eleven takes to searchable, beside the floor: the same records in one loop.

The hub runs as the embedded default does: web, one worker for each queue, the sync worker with its processes, each a
process as `hub demo` starts it; beat's only part, wanting what is due, is done here so that the clock begins then. 安徽
pushes, 云南's staff upload, 重庆 drops, through the real entrances. The simulators are a process of their own, whose CPU
is subtracted because a real province's platform costs the hub nothing.

The floor maps, validates, inserts and indexes the very same native records in one loop, without network, ledger,
checkpoints, quarantine or change numbers. Both are told in wall seconds and in CPU seconds: the hub's processes may use
every core, the loop can use little more than one.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
from sqlalchemy import select

from adapters.contract import NativePage, ProvinceAdapter, Pulled, Resource
from adapters.simulators import anhui, chongqing, yunnan
from adapters.simulators.serve import HUB, write_atomically
from adapters.simulators.world import World
from hub import wiring
from hub.catalog import rules
from hub.catalog.service import schedule
from hub.core import memory, outbox, sequencer
from hub.core.runtime import Runtime
from hub.core.sequencer import AnnouncedChange
from hub.core.settings import Settings
from hub.federation import queries
from hub.identity import service as identity
from hub.search.folder import IndexFolder
from hub.search.writer import IndexWriter
from tests.bench.corpus import Document
from tests.e2e.federation import PASSWORD, migrated_database, settings_of
from tests.e2e.processes import simulators, wait_for
from tests.faults.hub_processes import HubProcesses, free_port, hub_processes

PUSHING, DROPPING, UPLOADING = "340000", "500000", "530000"
ACTOR = "system:bench"
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds of the hub, the simulators' CPU seconds meanwhile, and what was shown in the end."""

    wall: float
    cpu: float
    simulators: float
    instruments: int

    @property
    def own(self) -> float:
        """Wall seconds without the simulators' own CPU."""
        return self.wall - self.simulators


@dataclass(frozen=True)
class Floor:
    """Wall and CPU seconds of the one loop."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Harvests:
    """One run: the first harvest, an unchanged second one, and the floor of the first."""

    first: Timing
    again: Timing
    floor: Floor


def measure(home: Path, *arguments: str) -> Harvests:
    """Harvest twice and run the floor once; `arguments` go to the simulators (for example `--records 2000`)."""
    with simulators(home / "demo", *arguments) as connections, migrated_database(home) as url:
        settings = settings_of(
            home, url, connections
        )  # as the demo is installed: its people need no second factor
        with _hub(settings) as hub:
            first = hub.timed(lambda: hub.harvest_first(home / "demo" / HUB))
            again = hub.timed(hub.harvest_again)
        return Harvests(first, again, floor(settings, home / "floor", _world(arguments)))


def _world(arguments: Iterable[str]) -> World:
    words = list(arguments)
    return World(records=int(words[words.index("--records") + 1])) if "--records" in words else World()


# --- the hub's processes ----------------------------------------------------------------------------------------


@contextmanager
def _hub(settings: Settings) -> Iterator[Running]:
    """The hub's processes, ready for work and with nothing to do."""
    url = f"http://127.0.0.1:{free_port()}"
    runtime = wiring.build_runtime(settings)
    try:
        with hub_processes(settings) as processes, httpx.Client(base_url=url, trust_env=False) as client:
            processes.start("web", "web", "--port", url.rpartition(":")[2], HUB_DEMO="1")
            for queue in outbox.QUEUES:
                processes.start(queue, "worker", queue, HUB_DEMO="1")
            running = Running(runtime, processes, client, settings)
            processes.wait(lambda: running.is_ready, 60)
            yield running
    finally:
        runtime.close()


@dataclass(frozen=True)
class Running:
    """The running hub, watched through its web, its database and its index."""

    runtime: Runtime
    processes: HubProcesses
    client: httpx.Client
    settings: Settings

    @property
    def is_ready(self) -> bool:
        """Whether the web answers, every worker listens and the empty index is served."""
        try:
            is_up = self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False
        return is_up and self.runtime.index.is_ready and self._listens()

    def _listens(self) -> bool:
        """Whether the sync worker's processes are there and rest."""
        cpu = self.processes.cpu_seconds()
        time.sleep(0.5)
        return self.processes.cpu_seconds() - cpu < 0.1

    def timed(self, work: Callable[[], None]) -> Timing:
        """What `work` cost until all of it was searchable."""
        begun = self.processes.cpu_seconds(), self._simulators(), time.perf_counter()
        work()
        wait_for(self._is_searchable, 120)
        wall = time.perf_counter() - begun[2]
        cpu, simulated = self.processes.cpu_seconds() - begun[0], self._simulators() - begun[1]
        shown = self.client.get("/api/v1/instruments", params={"open": "any"}).raise_for_status().json()
        return Timing(wall, cpu, simulated, shown["total"])

    def harvest_first(self, told: Path) -> None:
        """Want what is due, as beat does every five seconds, and tell the platforms that send by themselves."""
        write_atomically(told, {"url": str(self.client.base_url), "provinces": self._entrances()})
        wait_for(
            lambda: list(told.parent.rglob("cqky_*.zip")), 60
        )  # a month's file lies there before it is due
        schedule.schedule_due_syncs(self.runtime)
        wait_for(lambda: not self._works() and self._is_delivered(), 600)

    def harvest_again(self) -> None:
        """Everything that can be read again, from the start; a platform that pushes does not push what is unchanged."""
        with self.runtime.database.write() as session:
            for code in self.runtime.adapters:
                schedule.request_sync(session, self.runtime, code, actor=ACTOR, wants_full=True)
        wait_for(lambda: not self._works(), 600)

    def _works(self) -> bool:
        """Whether a province is to be read or is being read."""
        time.sleep(POLL_SECONDS)
        row = outbox.OutboxRow
        left = select(row.id).where(row.queue == outbox.SYNC, row.done_at.is_(None), row.failed_at.is_(None))
        with self.runtime.database.read() as session:
            return session.scalar(left.limit(1)) is not None

    def _is_delivered(self) -> bool:
        """Whether every province's instruments were read whole, 安徽's proved by its digest."""
        with self.runtime.database.read() as session:
            newest = queries.latest_runs(session)
        told = [newest.get((code, "instruments")) for code in self.runtime.adapters]
        return all(
            run is not None and run.verdict == "complete" and (run.is_full or run.trigger == "digest")
            for run in told
        )

    def _is_searchable(self) -> bool:
        time.sleep(POLL_SECONDS)
        with self.runtime.database.read() as session:
            if session.scalar(select(AnnouncedChange.id).where(AnnouncedChange.number.is_(None)).limit(1)):
                return False
            return self.runtime.index.snapshot().number >= sequencer.last_number(session, "catalog")

    def _entrances(self) -> dict[str, dict[str, str]]:
        """What a province's platform and staff are given: a key, an account."""
        now, found = self.runtime.clock(), {}
        with self.runtime.database.write() as session:
            for code in (PUSHING, DROPPING, UPLOADING):
                name = f"staff-{code}"
                identity.put_account(
                    session,
                    name,
                    PASSWORD,
                    role="province_staff",
                    province=code,
                    is_demo=True,
                    actor=ACTOR,
                    now=now,
                )
                key = identity.issue_key(session, code, label="bench", actor=ACTOR, now=now)
                found[code] = {"platform_key": key, "username": name, "password": PASSWORD}
        return found

    def _simulators(self) -> float:
        assert self.settings.connections is not None
        told = json.loads(self.settings.connections.read_bytes())
        base = next(iter(told.values()))["base_url"].rsplit("/", 1)[0]
        answer = httpx.get(f"{base}/_control/cpu", trust_env=False).raise_for_status()
        return float(answer.json()["cpu_seconds"])


# --- the floor --------------------------------------------------------------------------------------------------


def floor(settings: Settings, folder: Path, world: World) -> Floor:
    """What mapping, validating, inserting and indexing all native records costs in one loop."""
    folder.mkdir(parents=True)
    runtime = wiring.build_runtime(settings)
    memory.keep_for_good()  # as the hub's workers do
    total = Floor(0.0, 0.0)
    with _stores(folder) as (database, writer):
        for adapter in runtime.adapters.values():
            pages = {resource: list(_pages(adapter, resource, world)) for resource in adapter.resources()}
            total = _more(total, partial(_load, adapter, pages, database, writer))
        total = _more(total, lambda: (database.commit(), writer.commit({"catalog": 1})))
    runtime.close()
    return total


def _more(total: Floor, work: Callable[[], object]) -> Floor:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Floor(total.wall + time.perf_counter() - wall, total.cpu + time.process_time() - cpu)


@contextmanager
def _stores(folder: Path) -> Iterator[tuple[sqlite3.Connection, IndexWriter]]:
    database = sqlite3.connect(folder / "floor.db")
    database.execute("PRAGMA journal_mode=wal")
    database.execute("PRAGMA synchronous=normal")
    database.execute("CREATE TABLE record (name TEXT, id TEXT, document TEXT, PRIMARY KEY (name, id))")
    writer = IndexWriter(IndexFolder(folder / "index").new_generation(), is_new=True)
    try:
        yield database, writer
    finally:
        writer.close()
        database.close()


def _pages(adapter: ProvinceAdapter, resource: Resource, world: World) -> Iterator[NativePage]:
    province = world.province(adapter.province)
    if resource.direction == "push":
        lines = (
            anhui.line("U", number, f"{it.modified:%Y-%m-%d %H:%M:%S}", anhui.record(it))
            for number, it in enumerate(province.instruments(), start=1)
        )
        return adapter.parse(resource, b"\n".join(lines), "all.ndjson")
    if resource.direction == "upload":
        return adapter.parse(resource, yunnan.workbook(province), "all.xlsx")
    if resource.direction == "drop":
        return adapter.parse(resource, chongqing.package(province), "cqky_202611_001.zip")
    return adapter.pages(resource, None)


def _load(
    adapter: ProvinceAdapter,
    pages: dict[Resource, list[NativePage]],
    database: sqlite3.Connection,
    writer: IndexWriter,
) -> None:
    now = datetime.now(UTC)
    documents: dict[str, dict[str, Any]] = {"institution": {}, "instrument-survey": {}, "instrument": {}}
    for resource, read in pages.items():
        held = documents[resource.document_name]
        for page in read:
            for record in page.records:
                mapped = adapter.map(resource, record)
                if isinstance(mapped, Pulled):
                    held.setdefault(mapped.document["id"], mapped.document)
    for name, held in documents.items():
        rows = [(name, id, orjson.dumps(document).decode()) for id, document in held.items()]
        database.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
    units = {(unit["province"], unit["unit_id"]): unit for unit in documents["institution"].values()}
    for unit in units.values():
        writer.put(Document(unit["id"], "institution", unit, updated_at=now))
    for id, main in documents["instrument"].items():
        facts = rules.Facts(main, documents["instrument-survey"].get(id))
        document, unit = rules.merge(facts), units.get((main["province"], main["unit"]["id"]))
        items = tuple(
            {"id": f"{id}-{item['number']}", "instrument_id": id, **item}
            for item in rules.service_items(facts)
        )
        writer.put(Document(id, "instrument", document or {}, unit, items, now))
