"""Performing an outbox row: claim, heartbeat, act, record the end.

Every Celery task of the hub receives one outbox id and does nothing but call `perform`.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from hub.core import outbox
from hub.core.clock import Clock, utc_now
from hub.core.db import Database
from hub.core.errors import LeaseLost
from hub.core.ids import holder_name

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
MAX_ATTEMPTS = 12
"""About an hour of growing distances; then the row waits for a person."""

_LONGEST_PAUSE = 900.0


class Outcome(StrEnum):
    """How one delivery of a row ended."""

    DONE = "done"
    SKIPPED = "skipped"  # finished, not due, or in another's hands
    RETRY = "retry"
    FAILED = "failed"
    LOST = "lost"  # taken over while working


class Job:
    """A held outbox row: its payload, its fence, and whether it is still ours."""

    def __init__(self, held: outbox.Claim) -> None:
        self.id = held.id
        self.payload: dict[str, Any] = held.payload
        self.fence = held.fence
        self.attempts = held.attempts
        self.lost = threading.Event()

    def check(self) -> None:
        """Raise `LeaseLost` once another process has taken the row over. Call it between pages."""
        if self.lost.is_set():
            raise LeaseLost(f"outbox {self.id}")


def perform(
    database: Database,
    row_id: int,
    act: Callable[[Job], object],
    *,
    clock: Clock = utc_now,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> Outcome:
    """Do the row's work once, under its lease, and record how it ended. Never raises for the work's own faults.

    `act` opens its own transactions. An exception with `retryable = False` fails the row for good; any other
    puts it back with growing, jittered distances, or after its `retry_after` seconds. Safe to repeat:
    a second delivery of a row that is done or in live hands is skipped.
    """
    with database.write() as session:
        held = outbox.claim(session, row_id, holder_name(), now=clock())
    if held is None:
        return Outcome.SKIPPED
    job = Job(held)
    stop = threading.Event()
    beat = threading.Thread(
        target=_beat,
        args=(database, held, job),
        kwargs={"stop": stop, "clock": clock, "heartbeat": heartbeat},
        name=f"heartbeat-{held.id}",
        daemon=True,
    )
    beat.start()
    try:
        act(job)
    except LeaseLost:
        log.warning("outbox %d (%s) was taken over; dropped", held.id, held.task_name)
        return Outcome.LOST
    except Exception as fault:
        # A fact with a code (a province is down, a run is busy) is news; anything else is a bug and shows its place.
        is_bug = getattr(fault, "code", None) is None
        log.warning(
            "outbox %d (%s) attempt %d: %r", held.id, held.task_name, held.attempts, fault, exc_info=is_bug
        )
        return _record_fault(database, held, fault, clock)
    finally:
        stop.set()
        beat.join()
    with database.write() as session:
        return Outcome.DONE if outbox.finish(session, held, now=clock()) else Outcome.LOST


def pause_before(attempt: int, fault: BaseException | None = None) -> float:
    """Seconds before attempt `attempt + 1`: what the fault asks for, else full jitter under a growing bound."""
    asked = getattr(fault, "retry_after", None)
    if asked is not None:
        return max(1.0, float(asked))
    bound = min(_LONGEST_PAUSE, 2.0 ** min(attempt, 12))
    return 0.5 + random.random() * bound


def _record_fault(database: Database, held: outbox.Claim, fault: Exception, clock: Clock) -> Outcome:
    text = f"{type(fault).__name__}: {fault}"
    is_final = not getattr(fault, "retryable", True) or held.attempts >= MAX_ATTEMPTS
    with database.write() as session:
        now = clock()
        if is_final:
            kept = outbox.give_up(session, held, text, now=now)
        else:
            pause = timedelta(seconds=pause_before(held.attempts, fault))
            kept = outbox.retry_later(session, held, text, due=now + pause)
    if not kept:
        return Outcome.LOST
    return Outcome.FAILED if is_final else Outcome.RETRY


def _beat(
    database: Database,
    held: outbox.Claim,
    job: Job,
    *,
    stop: threading.Event,
    clock: Clock,
    heartbeat: float,
) -> None:
    while not stop.wait(heartbeat):
        begun = time.monotonic()
        try:
            with database.write() as session:
                if not outbox.prolong(session, held, now=clock()):
                    job.lost.set()
                    return
        except Exception:  # the next beat may still come in time; a lost lease is found by its fence
            log.exception("heartbeat of outbox %d", held.id)
        took = time.monotonic() - begun
        if took > outbox.LEASE_SECONDS / 3:
            log.warning(
                "heartbeat of outbox %d took %.1f s: the database or this machine is overloaded",
                held.id,
                took,
            )
