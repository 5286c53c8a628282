"""`kill -9` of `hub worker forward`, and a queue `sync` full of slow provinces: real processes, real platforms on loopback."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from sqlalchemy import func, select

from hub import wiring, worker
from hub.bookings.service import forwarding
from hub.catalog.service import schedule
from hub.core import broker, outbox, relay
from hub.core.clock import utc_now
from hub.core.loops import Loops
from hub.federation.models import Run
from tests.faults.forward_world import JIANGSU, SHANGHAI, ForwardWorld, forward_world
from tests.faults.hub_processes import HubProcesses, hub_processes

pytestmark = [pytest.mark.long, pytest.mark.database, pytest.mark.timeout(120)]

ORDERS = "/yy/create"
"""Where 江苏's platform takes orders."""
LEASE = forwarding.LEASE_SECONDS
NEXT_SECONDS = 2.0
WITHOUT_RESTART_SECONDS = 15.0
START_SECONDS = 40.0
POLL = 1.0
"""A lane that has nothing to do looks ten times a second; the rest is for a busy machine."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ForwardWorld]:
    with forward_world(tmp_path) as held:
        yield held


@pytest.fixture
def processes(world: ForwardWorld) -> Iterator[HubProcesses]:
    with hub_processes(world.settings) as held:
        yield held


def start(processes: HubProcesses, name: str) -> Popen[bytes]:
    """A forward worker that has reported ready."""
    process = processes.start(name, "worker", "forward")
    log = processes.settings.home / f"{name}.log"
    processes.wait(lambda: b" ready." in log.read_bytes(), START_SECONDS)
    return process


def within(processes: HubProcesses, is_so: Callable[[], Any], seconds: float, *, since: float) -> None:
    """It is so at the latest `seconds` after the instant `since` of the monotonic clock."""
    processes.wait(is_so, since + seconds - time.monotonic())


def leave_behind(world: ForwardWorld, *, has_called: bool, seconds_ago: float) -> str:
    """A booking as a worker leaves it that was killed so long ago: before it called, or before it wrote down the answer."""
    booking = world.submit(JIANGSU, seconds_ago=seconds_ago)
    runtime = wiring.build_runtime(world.settings)
    try:
        known, then = forwarding.ways(runtime), utc_now() - timedelta(seconds=seconds_ago)
        held = forwarding.claim_next(world.database, known, "dead", now=then)
        assert isinstance(held, forwarding.Held)
        assert held.booking_id == booking
        if has_called:
            assert forwarding.mark_leaving(world.database, held, now=then)
            assert forwarding.call(known[JIANGSU], held).answer is not None
        return booking
    finally:
        runtime.close()


def test_a_new_worker_takes_up_what_waits_and_what_a_dead_one_held(
    world: ForwardWorld, processes: HubProcesses
) -> None:
    unsent = leave_behind(world, has_called=False, seconds_ago=LEASE - 3)
    sent = leave_behind(world, has_called=True, seconds_ago=LEASE - 3)
    following = world.submit(SHANGHAI)
    start(processes, "forward")
    ready = time.monotonic()

    within(processes, lambda: world.recorded_at(following), NEXT_SECONDS, since=ready)
    for held in (unsent, sent):
        within(processes, lambda one=held: world.recorded_at(one), LEASE, since=ready)  # type: ignore[misc]
        assert world.orders(JIANGSU, held) == 1
    assert world.ways(unsent) == {"response"}, "nothing had left: it was simply sent"
    assert world.ways(sent) == {"lookup"}, "it may have been acted on: the platform was only asked"


@pytest.mark.soak
@pytest.mark.parametrize("is_other_alive", [False, True], ids=["a new worker", "a second one alive"])
def test_kill_9_with_calls_under_way(
    world: ForwardWorld, processes: HubProcesses, is_other_alive: bool
) -> None:
    """The platform has acted on every request and is slow to say so when the worker that sent them dies."""
    workers = [start(processes, "first")]
    if is_other_alive:
        workers.append(start(processes, "second"))
    world.fail(JIANGSU, late_seconds=30.0, only=ORDERS)
    held = [world.submit(JIANGSU) for _ in range(forwarding.CAP)]
    processes.wait(lambda: all(world.orders(JIANGSU, one) for one in held), 10)
    holder = world.delivery(held[0]).holder or ""
    victim = next(process for process in workers if str(process.pid) in holder)
    lost = [one for one in held if world.delivery(one).holder == holder]
    processes.kill(victim)
    world.heal(JIANGSU)
    killed = time.monotonic()
    following = world.submit(SHANGHAI)
    if not is_other_alive:
        start(processes, "second")
    ready = time.monotonic()
    within(processes, lambda: world.recorded_at(following), NEXT_SECONDS, since=ready)
    for one in lost:
        within(processes, lambda one=one: world.delivery(one).fence > 1, LEASE + POLL, since=killed)  # type: ignore[misc]
    for one in lost:
        within(processes, lambda one=one: world.recorded_at(one), WITHOUT_RESTART_SECONDS, since=killed)  # type: ignore[misc]
        assert (world.orders(JIANGSU, one), world.ways(one)) == (1, {"lookup"})


@pytest.mark.soak
def test_a_forward_starts_while_eleven_slow_provinces_fill_the_queue_sync(tmp_path: Path) -> None:
    with forward_world(tmp_path, None) as world, hub_processes(world.settings) as processes:
        start(processes, "forward")
        for code in world.fleet.failures:
            world.fail(code, slow_seconds=5.0)
        processes.start("sync", "worker", "sync")
        app = worker.create_celery(world.settings)
        runtime = wiring.build_runtime(world.settings)
        for code in runtime.adapters:
            with world.database.write() as session:
                schedule.request_sync(session, runtime, code, actor="system:test", wants_full=True)
        loops = Loops()
        loops.start(
            "relay",
            lambda: relay.relay_once(world.database, lambda it: broker.send_message(app, it)),
            seconds=0.1,
        )
        try:
            processes.wait(lambda: reads(world) == (world.settings.sync_concurrency, 11), START_SECONDS)
            for province in (SHANGHAI, JIANGSU):
                booking = world.submit(province)
                asked = time.monotonic()
                within(processes, lambda one=booking: world.delivery(one).sent_at, 1.0, since=asked)  # type: ignore[misc]
            assert reads(world) == (world.settings.sync_concurrency, 11), "the queue is no longer full"
        finally:
            loops.close()
            runtime.close()


def reads(world: ForwardWorld) -> tuple[int, int]:
    """How many reads of provinces run, and how many have been asked for and not ended."""
    open_reads = select(func.count()).where(
        outbox.OutboxRow.task_name == "catalog.sync_province", outbox.OutboxRow.done_at.is_(None)
    )
    running = select(func.count()).where(Run.state == "running")
    with world.database.read() as session:
        return session.scalar(running) or 0, session.scalar(open_reads) or 0
