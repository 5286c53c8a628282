"""The worker processes: Celery over the outbox, and the loops that keep the hub moving.

`hub worker sync` calls provinces, in processes; `hub worker control` does everything that must not wait for a
slow province, in threads, and hosts sequencer, relay, index follower and housekeeping. Nothing here opens an engine
at import or before a fork.
"""

import logging
import os
import platform
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import billiard  # type: ignore[import-untyped]
from celery import Celery, signals
from celery.exceptions import WorkerShutdown

from hub import wiring
from hub.availability import tasks as availability_tasks  # noqa: F401 - a worker must know every task
from hub.availability.service import pulls, upkeep
from hub.bookings import tasks as bookings_tasks  # noqa: F401 - a worker must know every task
from hub.bookings.service import forgetting, points, scheduling
from hub.bookings.service.lanes import Lanes
from hub.catalog import tasks as catalog_tasks
from hub.core import audit, broker, memory, outbox, relay, sequencer
from hub.core.loops import Loops
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.identity import service as identity
from hub.identity import tasks as identity_tasks  # noqa: F401 - a worker must know every task
from hub.identity.service import audit_heads, platforms
from hub.identity.service import cases as identity_cases
from hub.notices import service as notices
from hub.notices import tasks as notices_tasks  # noqa: F401 - a worker must know every task
from hub.search import follower
from hub.settlement.service import payments, periods, redeeming, signatures, timestamps
from hub.settlement.service.faces import working as faces
from hub.settlement.service.reminding import remind_and_release
from hub.settlement.service.upkeep import end_grants

Build = Callable[[Settings], Runtime]
"""Builds what a process runs on; tests give a smaller one."""

log = logging.getLogger(__name__)

SCHEDULE = {"schedule-due-syncs": (catalog_tasks.schedule_due_syncs.name, timedelta(seconds=5))}
"""What beat asks for; the work itself is decided in the database."""

SEQUENCE_SECONDS = 0.05
RELAY_SECONDS = 0.2
HOUSEKEEPING_SECONDS = 60.0
RETENTION_SECONDS = 3600.0
WEBHOOK_SECONDS = 0.5
KEEP_NOTICES = timedelta(days=730)
CONTROL_THREADS = 4
FORWARD_THREADS = 4
CLOCK_SECONDS = 2.0
FEED_SECONDS = 10.0
VOUCHER_SECONDS = 600.0
PERIOD_SECONDS = 30.0
PAYMENT_SECONDS = 5.0
CALENDAR_SECONDS = 30.0
REDEEMING_SECONDS = 30.0
SIGNATURE_SECONDS = 10.0
TIME_STAMP_SECONDS = 10.0


def create_celery(settings: Settings) -> Celery:
    """The Celery application with every task, without a runtime."""
    return broker.new_celery(settings.broker, settings.home, schedule=SCHEDULE)


def run_sync(settings: Settings, build: Build = wiring.build_runtime) -> None:
    """Serve the queue `sync` with `HUB_SYNC_CONCURRENCY` processes until told to stop."""
    app = create_celery(settings)

    def open_runtime(**_: Any) -> None:
        # In the child, after the fork: two children once shared one inherited connection and hung.
        try:
            app.runtime = build(settings)
        except Exception:
            # Celery would log this and let the child take tasks that it cannot do.
            log.critical("this worker cannot be set up and ends", exc_info=True)
            os.kill(os.getppid(), signal.SIGTERM)
            raise
        memory.keep_for_good()

    def close_runtime(**_: Any) -> None:
        app.runtime.close()

    signals.worker_process_init.connect(open_runtime, weak=False)
    signals.worker_process_shutdown.connect(close_runtime, weak=False)
    _serve(app, outbox.SYNC, pool="prefork", concurrency=settings.sync_concurrency)


def run_control(settings: Settings, build: Build = wiring.build_runtime) -> None:
    """Serve the queue `control` with threads and run the loops until told to stop."""
    app = create_celery(settings)
    runtime = build(settings)  # nothing forks here
    app.runtime = runtime
    memory.keep_for_good()
    loops = start_loops(app, runtime)
    try:
        _serve(app, outbox.CONTROL, pool="threads", concurrency=CONTROL_THREADS)
    finally:
        loops.close()
        runtime.close()


def run_forward(settings: Settings, build: Build = wiring.build_runtime) -> None:
    """Bring bookings and settlement to provinces: lanes for messages, the queue `forward` for order feeds, loops for papers,
    redemptions, allotments and the nightly comparison, until told to stop.
    """
    app = create_celery(settings)
    runtime = build(settings)  # nothing forks here
    app.runtime = runtime
    memory.keep_for_good()
    if settings.crash_at:
        points.die_at(settings.crash_at)
    loops = Loops()
    Lanes(runtime, hands=settings.forward_hands).start(loops)
    loops.start("papers", lambda: faces.hand_over(runtime), seconds=faces.HAND_OVER_SECONDS)
    loops.start("redemptions", lambda: faces.read(runtime), seconds=faces.READ_SECONDS)
    loops.start("comparison", lambda: faces.compare(runtime), seconds=faces.COMPARE_SECONDS)
    loops.start("overdue", lambda: faces.name_overdue(runtime), seconds=faces.OVERDUE_SECONDS)
    try:
        _serve(app, outbox.FORWARD, pool="threads", concurrency=FORWARD_THREADS)
    finally:
        loops.close()
        runtime.close()


def run_beat(settings: Settings) -> None:
    """Send the periodic messages until told to stop."""
    app = create_celery(settings)
    app.Beat(max_interval=1, loglevel=settings.log_level, redirect_stdouts=False).run()


def start_loops(app: Celery, runtime: Runtime) -> Loops:
    """Sequencer, relay, housekeeping and the index follower."""
    loops = Loops()
    database = runtime.database
    loops.start(
        "sequencer",
        lambda: sequencer.number_once(database) == sequencer.BATCH,
        seconds=SEQUENCE_SECONDS,
    )
    loops.start(
        "relay",
        lambda: relay.relay_once(
            database, lambda message: broker.send_message(app, message), clock=runtime.clock
        ),
        seconds=RELAY_SECONDS,
    )
    loops.start(
        "webhooks", lambda: notices.wake_webhooks(database, now=runtime.clock()), seconds=WEBHOOK_SECONDS
    )
    loops.start("deadlines", lambda: scheduling.run_clock(runtime), seconds=CLOCK_SECONDS)
    loops.start("feeds", lambda: scheduling.schedule_feeds(runtime) is None, seconds=FEED_SECONDS)
    loops.start("claims", lambda: upkeep.let_lapse(runtime), seconds=CLOCK_SECONDS)
    loops.start("payments", lambda: payments.run_due(runtime), seconds=PAYMENT_SECONDS)
    loops.start("vouchers", lambda: end_grants(runtime), seconds=VOUCHER_SECONDS)
    loops.start("periods", lambda: periods.run_due(runtime), seconds=PERIOD_SECONDS)
    loops.start("signatures", lambda: signatures.sign_issued(runtime), seconds=SIGNATURE_SECONDS)
    loops.start("timestamps", lambda: timestamps.stamp_due(runtime), seconds=TIME_STAMP_SECONDS)
    loops.start("programmes", lambda: remind_and_release(runtime), seconds=VOUCHER_SECONDS)
    loops.start("redeeming", lambda: redeeming.recheck(runtime), seconds=REDEEMING_SECONDS)
    loops.start("conflicts", lambda: upkeep.settle(runtime), seconds=CALENDAR_SECONDS)
    loops.start("calendars", lambda: pulls.schedule_pulls(runtime) is None, seconds=CALENDAR_SECONDS)
    loops.start("retention", lambda: forgetting.forget_old(runtime), seconds=RETENTION_SECONDS)
    loops.start("housekeeping", lambda: keep_house(runtime), seconds=HOUSEKEEPING_SECONDS)
    if runtime.index is not None:
        loops.start_follower("index", lambda stop: follower.follow(runtime, stop))
    return loops


def keep_house(runtime: Runtime) -> bool:
    """Forget what nobody needs any more, in small pieces; whether there is more to forget."""
    with runtime.database.write() as session:
        gone = outbox.purge_done(session, now=runtime.clock())
        identity.forget_expired(session, now=runtime.clock())
        audit.settle_counted(session, now=runtime.clock())
        gone += audit.erase_due(session, now=runtime.clock())
        identity_cases.erase_documents(session, now=runtime.clock())
        platforms.forget_spent(session, now=runtime.clock())
        gone += notices.forget_old(session, before=runtime.clock() - KEEP_NOTICES)
    audit_heads.sign_due_head(runtime)
    return gone > 0


def _serve(app: Celery, queue: str, *, pool: str, concurrency: int) -> None:
    broker.declare(app)

    def end_now(_number: int, _frame: object) -> None:
        # Celery looks for its own mark only every two seconds, and a pool of processes waits for running tasks.
        # The outbox makes a quick end safe: what was running comes back when its lease ends.
        if pool != "prefork":
            raise WorkerShutdown(0)
        for child in billiard.active_children():
            os.kill(child.pid, signal.SIGKILL)
        os._exit(0)

    def listen(**_: Any) -> None:
        signal.signal(signal.SIGTERM, end_now)

    signals.worker_ready.connect(listen, weak=False)
    worker = app.Worker(
        hostname=f"{queue}@{platform.node()}",
        queues=[queue],
        pool=pool,
        concurrency=concurrency,
        optimization="fair",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=logging.getLevelName(logging.getLogger().level),
        quiet=True,
    )
    worker.start()
    if worker.exitcode:
        log.warning("worker %s ended with %s", queue, worker.exitcode)
