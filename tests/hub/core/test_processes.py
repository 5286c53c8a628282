"""Several processes on one database: nothing is missed, nothing is locked, nothing dies with its holder."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.core import audit, jobs, outbox, relay, sequencer
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.lease import Lease
from hub.core.loops import Loops
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

# One clean process imports everything once and is forked from: quicker than importing in each child.
FRESH = multiprocessing.get_context("forkserver")
FRESH.set_forkserver_preload([__name__])


def _write_changes(url: str, name: str, transactions: int, rows: int, faults: Any) -> None:
    """Announce rows in transactions that stay open for a while, so that they commit in another order than they began."""
    database = Database(url)
    chance = random.Random(name)
    try:
        for n in range(transactions):
            with database.write() as session:
                sequencer.announce_all(session, "catalog", [(f"{name}-{n}-{k}", None) for k in range(rows)])
                time.sleep(chance.random() * 0.01)
            time.sleep(0.002)
    except BaseException as fault:
        faults.put(f"{name}: {type(fault).__name__}: {fault}")
    finally:
        database.close()


def _run_web(url: str, name: str, requests: int, faults: Any) -> None:
    """What a web process does: several threads that read first and then write a booking's worth of rows."""
    database = Database(url)

    def serve(thread: int) -> None:
        try:
            for n in range(requests):
                with database.read() as session:
                    session.scalar(select(outbox.OutboxRow.id).limit(1))
                with database.write() as session:
                    held = session.scalars(select(Lease).where(Lease.name == "slot")).one_or_none()
                    if held is not None:
                        session.execute(
                            update(Lease).where(Lease.name == "slot").values(fence=Lease.fence + 1)
                        )
                    outbox.enqueue(session, "nobody.does_it", {"n": n}, due=utc_now() + timedelta(days=1))
                    audit.record(session, "account:x", "test.book", f"{name}-{thread}-{n}")
        except BaseException as fault:
            faults.put(f"{name}: {type(fault).__name__}: {fault}")

    threads = [threading.Thread(target=serve, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


def _hold_for_ever(url: str, row: int, started: Any) -> None:
    def act(_: jobs.Job) -> None:
        started.set()
        time.sleep(60)

    jobs.perform(Database(url), row, act, clock=VirtualClock())


def _start(*works: tuple[Callable[..., None], tuple[Any, ...]]) -> list[Any]:
    processes = [FRESH.Process(target=target, args=args) for target, args in works]
    for process in processes:
        process.start()
    return processes


def _all(faults: Any) -> list[str]:
    found = []
    while not faults.empty():
        found.append(faults.get())
    return found


@pytest.mark.parametrize("transactions", [30, pytest.param(3000, marks=pytest.mark.soak)])
def test_a_follower_sees_every_row_of_four_writers_once(
    transactions: int, database: Database, database_url: str
) -> None:
    faults = FRESH.Queue()
    writers = _start(*((_write_changes, (database_url, f"w{n}", transactions, 10, faults)) for n in range(4)))
    loops = Loops()
    for _ in range(2):  # two sequencers at once: the lease lets one work
        loops.start("sequencer", lambda: sequencer.number_once(database) == sequencer.BATCH, seconds=0.005)
    seen: list[sequencer.Change] = []
    rows = 4 * transactions * 10
    until = time.monotonic() + max(60, transactions / 10)
    while len(seen) < rows and time.monotonic() < until:
        with database.read() as session:
            seen += sequencer.read_after(session, "catalog", seen[-1].number if seen else 0, 100)
        time.sleep(0.002)
    for writer in writers:
        writer.join()
    loops.close()
    assert _all(faults) == []
    assert [row.number for row in seen] == list(range(1, rows + 1))
    assert {row.subject for row in seen} == {
        f"w{w}-{n}-{k}" for w in range(4) for n in range(transactions) for k in range(10)
    }
    with database.read() as session:
        assert sequencer.verify_chain(session, "catalog").broken_at is None
        assert sequencer.overdue(session, utc_now()) == 0


def test_two_webs_two_harvests_and_the_relay_never_meet_a_lock(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.add(Lease(name="slot", holder="x", until=utc_now(), fence=0))
    faults = FRESH.Queue()
    processes = _start(
        (_run_web, (database_url, "web1", 15, faults)),
        (_run_web, (database_url, "web2", 15, faults)),
        (_write_changes, (database_url, "harvest1", 10, 300, faults)),
        (_write_changes, (database_url, "harvest2", 10, 300, faults)),
    )
    loops = Loops()
    local: list[str] = []

    def guarded(step: Callable[[], int]) -> Callable[[], int]:
        def run() -> int:
            try:
                return step()
            except BaseException as fault:
                local.append(f"{type(fault).__name__}: {fault}")
                raise

        return run

    loops.start("sequencer", guarded(lambda: sequencer.number_once(database)), seconds=0.02)
    loops.start("relay", guarded(lambda: relay.relay_once(database, lambda _: None)), seconds=0.02)
    with database.write() as session:
        for n in range(20):
            outbox.enqueue(session, "relayed", {"n": n})
    for process in processes:
        process.join()
    while sequencer.number_once(database):
        pass
    loops.close()
    assert _all(faults) + local == []
    with database.read() as session:
        assert sequencer.last_number(session, "catalog") == 2 * 10 * 300
        assert sequencer.last_number(session, "audit") == 2 * 3 * 15
        assert audit.verify(session).broken_at is None
        assert session.get_one(Lease, "slot").fence == 2 * 3 * 15


def test_what_a_killed_process_held_is_taken_over(
    database: Database, database_url: str, clock: VirtualClock
) -> None:
    with database.write() as session:
        row = outbox.enqueue(session, "t", {}, now=clock())
    started = FRESH.Event()
    (process,) = _start((_hold_for_ever, (database_url, row, started)))
    assert started.wait(30)
    assert jobs.perform(database, row, lambda _: None, clock=clock) is jobs.Outcome.SKIPPED
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    clock.advance(outbox.LEASE_SECONDS + jobs.HEARTBEAT_SECONDS)
    sent: list[outbox.Message] = []
    assert relay.relay_once(database, sent.append, clock=clock) == 1
    assert sent[0].id == row
    assert jobs.perform(database, row, lambda _: None, clock=clock) is jobs.Outcome.DONE


def test_a_database_does_not_cross_a_fork(database: Database) -> None:
    """Two children once shared one inherited connection and hung."""
    with database.read():
        pass
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with database.read():
                code = 2
        except RuntimeError:
            code = 0
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
