"""The outbox: leases, fences, keys; work is done at least once and never by two live holders."""

from datetime import timedelta

import pytest

from hub.core import jobs, outbox, relay
from hub.core.db import Database
from hub.core.errors import HubError
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def _enqueue(database: Database, clock: VirtualClock, name: str = "t", **more: object) -> int:
    with database.write() as session:
        return outbox.enqueue(session, name, {"n": 1}, now=clock(), **more)  # type: ignore[arg-type]


def _enqueue_and_raise(database: Database, clock: VirtualClock) -> None:
    with database.write() as session:
        outbox.enqueue(session, "t", {}, now=clock())
        raise ZeroDivisionError


def _send(database: Database, clock: VirtualClock, limit: int = 50) -> list[int]:
    with database.write() as session:
        return [message.id for message in outbox.claim_due(session, "me", limit=limit, now=clock())]


def _claim(database: Database, row: int, clock: VirtualClock, holder: str = "me") -> outbox.Claim | None:
    with database.write() as session:
        return outbox.claim(session, row, holder, now=clock())


def _must_claim(database: Database, row: int, clock: VirtualClock, holder: str = "me") -> outbox.Claim:
    held = _claim(database, row, clock, holder)
    assert held is not None
    return held


def test_a_row_of_a_rolled_back_transaction_was_never_wanted(database: Database, clock: VirtualClock) -> None:
    with pytest.raises(ZeroDivisionError):
        _enqueue_and_raise(database, clock)
    assert _send(database, clock) == []


def test_the_same_key_names_the_same_row(database: Database, clock: VirtualClock) -> None:
    first = _enqueue(database, clock, key="sync:340000:1")
    assert _enqueue(database, clock, key="sync:340000:1") == first
    assert _enqueue(database, clock, key="sync:340000:2") != first
    assert _enqueue(database, clock) != _enqueue(database, clock)


def test_due_rows_are_sent_in_order_and_again_when_nobody_starts_them(
    database: Database, clock: VirtualClock
) -> None:
    later = _enqueue(database, clock, due=clock() + timedelta(seconds=40))
    first, second = _enqueue(database, clock), _enqueue(database, clock)
    assert _send(database, clock, limit=1) == [first]
    assert _send(database, clock) == [second]
    assert _send(database, clock) == []
    clock.advance(outbox.RESEND_SECONDS)
    assert _send(database, clock) == [first, second]
    clock.advance(outbox.RESEND_SECONDS)  # the second distance is longer
    assert _send(database, clock) == []
    clock.advance(outbox.RESEND_SECONDS)
    assert _send(database, clock) == [first, second, later]


def test_only_one_live_holder_performs_a_row(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    _send(database, clock)
    held = _must_claim(database, row, clock)
    assert held.payload == {"n": 1}
    assert _claim(database, row, clock, "other") is None
    assert _send(database, clock) == []


def test_a_dead_holder_is_replaced_and_its_late_end_is_void(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    dead = _must_claim(database, row, clock, "dead")
    clock.advance(outbox.LEASE_SECONDS)
    assert _send(database, clock) == [row]
    alive = _must_claim(database, row, clock, "alive")
    assert alive.fence == dead.fence + 1
    with database.write() as session:
        assert not outbox.prolong(session, dead, now=clock())
        assert not outbox.finish(session, dead, now=clock())
        assert not outbox.retry_later(session, dead, "x", due=clock())
        assert not outbox.give_up(session, dead, "x", now=clock())
        assert outbox.finish(session, alive, now=clock())
    assert _claim(database, row, clock) is None


def test_a_heartbeat_keeps_a_row(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    held = _must_claim(database, row, clock)
    for _ in range(3):
        clock.advance(outbox.LEASE_SECONDS - 1)
        with database.write() as session:
            assert outbox.prolong(session, held, now=clock())
        assert _claim(database, row, clock, "other") is None


def test_perform_does_the_work_once(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    done: list[dict[str, int]] = []
    outcomes = [
        jobs.perform(database, row, lambda job: done.append(job.payload), clock=clock) for _ in range(2)
    ]
    assert outcomes == [jobs.Outcome.DONE, jobs.Outcome.SKIPPED]
    assert done == [{"n": 1}]


class Flaky(Exception):
    retry_after = 30


def _raise(fault: Exception) -> None:
    raise fault


def test_a_fault_puts_the_row_back_after_the_distance_it_asks_for(
    database: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    row = _enqueue(database, clock)
    assert jobs.perform(database, row, lambda _: _raise(Flaky()), clock=clock) is jobs.Outcome.RETRY
    clock.advance(29)
    assert jobs.perform(database, row, lambda _: None, clock=clock) is jobs.Outcome.SKIPPED
    clock.advance(1)
    assert _send(database, clock) == [row]
    assert jobs.perform(database, row, lambda _: None, clock=clock) is jobs.Outcome.DONE


def test_a_final_fault_waits_for_a_person(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    fault = HubError("no", "不行", "no")
    assert jobs.perform(database, row, lambda _: _raise(fault), clock=clock) is jobs.Outcome.FAILED
    with database.read() as session:
        assert outbox.backlog(session, clock()) == outbox.Backlog(0, 1, 0.0)
        assert session.get_one(outbox.OutboxRow, row).last_error == "HubError: no: no"


def test_tries_are_bounded(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    outcomes = []
    for _ in range(jobs.MAX_ATTEMPTS):
        outcomes.append(jobs.perform(database, row, lambda _: _raise(RuntimeError("down")), clock=clock))
        clock.advance(1000)
    assert outcomes == [jobs.Outcome.RETRY] * (jobs.MAX_ATTEMPTS - 1) + [jobs.Outcome.FAILED]


def test_a_job_learns_that_it_was_taken_over(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)

    def act(job: jobs.Job) -> None:
        clock.advance(outbox.LEASE_SECONDS + 1)
        assert _claim(database, row, clock, "other") is not None
        assert job.lost.wait(5)
        job.check()

    assert jobs.perform(database, row, act, clock=clock, heartbeat=0.01) is jobs.Outcome.LOST


def test_release_all_lets_work_resume_at_once(database: Database, clock: VirtualClock) -> None:
    row = _enqueue(database, clock)
    _must_claim(database, row, clock, "dead")
    with database.write() as session:
        assert outbox.release_all(session) == 1
    assert _send(database, clock) == [row]


def test_done_rows_are_forgotten_after_a_week(database: Database, clock: VirtualClock) -> None:
    row, _open = _enqueue(database, clock), _enqueue(database, clock)
    jobs.perform(database, row, lambda _: None, clock=clock)
    for days, gone in ((6.9, 0), (0.2, 1), (0, 0)):
        clock.advance(days * 86_400)
        with database.write() as session:
            assert outbox.purge_done(session, now=clock()) == gone


def test_pauses_grow_and_are_bounded() -> None:
    assert max(jobs.pause_before(1) for _ in range(50)) <= 2.5
    assert max(jobs.pause_before(40) for _ in range(50)) <= 900.5
    assert jobs.pause_before(1, Flaky()) == 30


def test_drain_runs_what_is_due_and_what_that_makes_due(database: Database, clock: VirtualClock) -> None:
    _enqueue(database, clock, "first")
    later = _enqueue(database, clock, "later", due=clock() + timedelta(seconds=60))
    ran: list[str] = []

    def perform(message: outbox.Message) -> None:
        def act(_: jobs.Job) -> None:
            ran.append(message.task_name)
            if message.task_name == "first":
                _enqueue(database, clock, "second")

        jobs.perform(database, message.id, act, clock=clock)

    assert relay.drain(database, perform, clock=clock) == 2
    assert ran == ["first", "second"]
    clock.advance(60)
    assert relay.drain(database, perform, clock=clock) == 1
    assert ran[-1] == "later"
    assert _claim(database, later, clock) is None
