"""`kill -9` of the sync worker in mid-harvest, and everything writing at once: real processes, nothing lost or locked."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from adapters.simulators import anhui, serve
from adapters.simulators.fleet import Fleet
from adapters.simulators.world import World
from hub import wiring
from hub.catalog import queries
from hub.catalog.service import schedule
from hub.core import outbox
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.federation.models import Run
from hub.identity import service as identity
from hub.search.index import SearchIndex
from tests.e2e.federation import migrated_database
from tests.faults.hub_processes import HubProcesses, free_port, hub_processes

pytestmark = [pytest.mark.long, pytest.mark.database, pytest.mark.timeout(240)]

ACTOR = "system:test"
BY_THEMSELVES = frozenset({"340000", "530000"})
"""Provinces whose instruments come by push or upload."""


def _kills(seeds: int) -> list[tuple[int, ...]]:
    """After how many finished runs of some thirty the worker is killed, two to four times."""
    chance = random.Random(9)
    return [tuple(sorted(chance.sample(range(1, 20), chance.randint(2, 4)))) for _ in range(seeds)]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Eleven small platforms that answer slowly."""
    with serve.running(World(records=300), tmp_path / "simulators") as running:
        running.simulators["500000"].drop()  # type: ignore[attr-defined]
        yield running


@pytest.fixture(params=["embedded", pytest.param("service", marks=pytest.mark.services)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, fleet: Fleet) -> Iterator[Settings]:
    """The embedded broker, or the one that HUB_TEST_BROKER_URL names."""
    broker_url = os.environ["HUB_TEST_BROKER_URL"] if request.param == "service" else ""
    connections = tmp_path / "connections.json"
    serve.write_atomically(connections, fleet.connections())
    with migrated_database(tmp_path) as url:
        yield Settings(
            home=tmp_path,
            database_url=url,
            broker_url=broker_url,
            connections=connections,
            sync_concurrency=2,
            demo=False,
        )


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    held = wiring.build_runtime(settings)
    yield held
    held.close()


@pytest.fixture
def processes(settings: Settings) -> Iterator[HubProcesses]:
    with hub_processes(settings) as held:
        yield held


def ask_for_all(runtime: Runtime) -> None:
    for code in runtime.adapters:
        with runtime.database.write() as session:
            schedule.request_sync(session, runtime, code, actor=ACTOR, wants_full=True)


def runs_by_state(database: Database) -> dict[str, int]:
    with database.read() as session:
        rows = session.execute(select(Run.state, func.count()).group_by(Run.state))
        return {row[0]: row[1] for row in rows}


def is_done(database: Database) -> bool:
    """Whether every read that was asked for has ended (other work comes again and again)."""
    waiting = select(func.count()).where(
        outbox.OutboxRow.task_name == "catalog.sync_province",
        outbox.OutboxRow.done_at.is_(None),
        outbox.OutboxRow.failed_at.is_(None),
    )
    with database.read() as session:
        return session.scalar(waiting) == 0


def listed(database: Database) -> dict[str, int]:
    with database.read() as session:
        return queries.counts_by_province(session)[1]


def wanted(fleet: Fleet) -> dict[str, int]:
    worlds = {code: fleet.world.province(code) for code in fleet.world.provinces if code not in BY_THEMSELVES}
    return {code: len(world.expected_keys()) for code, world in worlds.items()}


@pytest.mark.parametrize(
    "kills", [(3,), *(pytest.param(kills, marks=pytest.mark.soak) for kills in _kills(seeds=10))], ids=str
)
def test_kill_9_in_mid_harvest_loses_nothing(
    kills: tuple[int, ...], fleet: Fleet, runtime: Runtime, processes: HubProcesses
) -> None:
    """Killed each time that so many runs have ended and others are half-way: every count is exact in the end."""
    for failures in fleet.failures.values():
        failures.set({"slow_seconds": 0.15})
    database = runtime.database
    processes.start("control", "worker", "control")
    sync = processes.start("sync", "worker", "sync")
    ask_for_all(runtime)
    for finished in kills:
        processes.wait(lambda least=finished: _is_half_way(database, least), 90)  # type: ignore[misc]
        processes.kill(sync)
        assert not is_done(database)
        with database.write() as session:  # as the supervisor does, which knows that the worker is dead
            outbox.release_all(session)
        sync = processes.start("sync", "worker", "sync")
    processes.wait(lambda: is_done(database), 120)

    assert listed(database) == wanted(fleet)
    with database.read() as session:
        runs = session.scalars(select(Run)).all()
    assert {(run.province, run.resource, run.verdict) for run in runs if run.verdict != "complete"} == set()
    assert sum(run.takeovers for run in runs) >= 1
    assert {run.withdrawn for run in runs} == {0}
    processes.wait(lambda: _searchable(runtime) == sum(wanted(fleet).values()), 20)


def _is_half_way(database: Database, finished: int) -> bool:
    states = runs_by_state(database)
    return states.get("finished", 0) >= finished and states.get("running", 0) >= 1


def _searchable(runtime: Runtime) -> int:
    index: SearchIndex = runtime.index
    return index.size() if index.is_ready else -1


def test_everything_that_writes_at_once_meets_no_lock(
    fleet: Fleet, settings: Settings, runtime: Runtime, processes: HubProcesses
) -> None:
    """Two webs taking pushes and sign-ins, two harvests, relay, sequencer and index, all on one database."""
    database = runtime.database
    with database.write() as session:
        key = identity.issue_key(session, "340000", label="test", actor=ACTOR, now=utc_now())
    addresses = []
    for number in (1, 2):
        port = free_port()
        processes.start(f"web{number}", "web", "--port", str(port))
        addresses.append(f"http://127.0.0.1:{port}")
    for address in addresses:
        processes.wait(lambda url=address: _answers(url), 60)  # type: ignore[misc]
    processes.start("control", "worker", "control")
    processes.start("sync", "worker", "sync")
    ask_for_all(runtime)

    lines = [
        anhui.line("U", number, f"{it.modified:%Y-%m-%d %H:%M:%S}", anhui.record(it))
        for number, it in enumerate(fleet.world.province("340000").instruments(), start=1)
    ]
    statuses: list[int] = []
    stop = threading.Event()

    def press(address: str, number: int) -> None:
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            turn = 0
            while not stop.is_set() or turn == 0:
                turn += 1
                pushed = client.post(
                    "/api/v1/sync/340000/batches",
                    params={"resource": "instruments", "batch_id": f"{number}-{turn}"},
                    content=b"\n".join(lines),
                    headers={"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"},
                )
                wrong = client.post("/api/v1/session", json={"username": f"u{turn}", "password": "wrong"})
                seen = client.get("/api/v1/provinces")
                statuses.extend((pushed.status_code, wrong.status_code, seen.status_code))

    threads = [
        threading.Thread(target=press, args=(address, 10 * number + each))
        for number, address in enumerate(addresses)
        for each in (1, 2)
    ]
    for thread in threads:
        thread.start()
    try:
        processes.wait(lambda: is_done(database), 120)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(statuses) > 20
    # 409: a batch while another of the province is at work; 401 and 429: wrong passwords, many of them
    assert set(statuses) <= {200, 401, 409, 429, 503}, sorted(set(statuses))
    assert 200 in statuses
    pushed = {"340000": len(fleet.world.province("340000").expected_keys())}
    assert listed(database) == wanted(fleet) | pushed
    told = processes.logs().lower()
    assert "database is locked" not in told
    assert "deadlock" not in told


def _answers(address: str) -> Any:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
