"""How long the first harvest of all eleven takes to searchable, beside the floor: the same records in one loop.

The hub runs as the embedded default in this process (one reader, sequencer and index follower in threads, its own
web for what is pushed and uploaded); the simulators run in a process of their own, whose CPU is subtracted because a
real province's platform costs the hub nothing. The floor maps, validates, inserts and indexes the very same native
records without network, ledger, checkpoints, quarantine or change numbers.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from adapters.contract import NativePage, ProvinceAdapter, Pulled, Resource
from adapters.simulators import anhui, chongqing, yunnan
from adapters.simulators.serve import HUB, write_atomically
from adapters.simulators.world import World
from hub.catalog import rules
from hub.catalog.service import sync
from hub.core.settings import Settings
from hub.search.folder import IndexFolder
from hub.search.writer import IndexWriter
from tests.bench.corpus import Document
from tests.e2e.federation import PASSWORD, UNIT_KEYS, Federation, migrated_database, over, settings_of
from tests.e2e.processes import simulators, wait_for

ACTORS = ("340000", "500000", "530000")


@dataclass(frozen=True)
class Timing:
    """Wall seconds of the hub's work, the simulators' CPU seconds in it, and what was shown in the end."""

    wall: float
    simulators: float
    instruments: int

    @property
    def own(self) -> float:
        """Seconds without the simulators' own CPU."""
        return self.wall - self.simulators


@dataclass(frozen=True)
class Harvests:
    """One run: the first harvest, an unchanged second one, and the floor of the first."""

    first: Timing
    again: Timing
    floor: float


def measure(home: Path, *arguments: str) -> Harvests:
    """Harvest twice and run the floor once; `arguments` go to the simulators (for example `--records 2000`)."""
    with simulators(home / "demo", *arguments) as connections, migrated_database(home) as url:
        settings = settings_of(home, url, connections)
        with over(settings) as running:
            first = _timed(running, connections, lambda: _first(running, home / "demo" / HUB))
            again = _timed(running, connections, lambda: _again(running))
        return Harvests(first, again, floor(settings, home / "floor", _world(arguments)))


def _world(arguments: Iterable[str]) -> World:
    words = list(arguments)
    return World(records=int(words[words.index("--records") + 1])) if "--records" in words else World()


def _cpu(connections: Path) -> float:
    base = next(iter(json.loads(connections.read_bytes()).values()))["base_url"].rsplit("/", 1)[0]
    answer = httpx.get(f"{base}/_control/cpu", trust_env=False).raise_for_status()
    return float(answer.json()["cpu_seconds"])


def _timed(running: Federation, connections: Path, work: Any) -> Timing:
    cpu, begun = _cpu(connections), time.perf_counter()
    work()
    running.settle(600)
    wall = time.perf_counter() - begun
    count = running.get("/api/v1/instruments", open="any")["total"]
    return Timing(wall, _cpu(connections) - cpu, count)


def _first(running: Federation, told: Path) -> None:
    hubs = {code: running.hub_of(code) for code in ACTORS}
    keys = {
        code: {"platform_key": hub.platform_key, "username": hub.username, "password": PASSWORD}
        for code, hub in hubs.items()
    }
    write_atomically(told, {"url": running.url, "provinces": keys})
    for code in sorted(UNIT_KEYS, key=lambda code: code == "500000"):  # its file has been dropped by then
        running.sync(code)
        running.work()
    wait_for(lambda: running.work() or _is_delivered(running), 300)


def _is_delivered(running: Federation) -> bool:
    pushed = running.get("/api/v1/provinces/340000/runs", resource="instruments", limit=1)["items"]
    uploaded = running.get("/api/v1/provinces/530000/runs", resource="instruments", limit=1)["items"]
    is_pushed = bool(pushed) and pushed[0]["trigger"] == "digest" and pushed[0]["state"] == "finished"
    return is_pushed and bool(uploaded) and uploaded[0]["state"] == "finished"


def _again(running: Federation) -> None:
    """Everything that can be read again, from the start; a platform that pushes does not push what is unchanged."""
    for code in UNIT_KEYS:
        sync.sync_province(running.runtime, code, "manual", actor="system:bench", wants_full=True)


# --- the floor --------------------------------------------------------------------------------------------------


def floor(settings: Settings, folder: Path, world: World) -> float:
    """Seconds to map, validate, insert and index all native records in one loop."""
    folder.mkdir(parents=True)
    seconds = 0.0
    with _stores(folder) as (database, writer), over(settings) as running:
        for code, adapter in running.runtime.adapters.items():
            pages = {resource: list(_pages(adapter, resource, world)) for resource in adapter.resources()}
            begun = time.perf_counter()
            _load(adapter, pages, database, writer)
            seconds += time.perf_counter() - begun
            del pages, code
        begun = time.perf_counter()
        database.commit()
        writer.commit(1)
        return seconds + time.perf_counter() - begun


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
