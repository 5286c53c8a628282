"""Reading a province: its resources in order, each one run, page by page, with no transaction open while it is called."""

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from adapters.contract import NativePage, ProvinceAdapter, Resource
from adapters.errors import AdapterError, Malformed, Refused
from hub.catalog.service import deletions, pages, sorting
from hub.catalog.service.watch import Watch
from hub.core.db import Database
from hub.core.ids import holder_name
from hub.core.runtime import Runtime
from hub.federation import rules
from hub.federation.errors import ProvinceUnknown, RunBusy, SyncDeferred
from hub.federation.service import claims, provinces, runs

log = logging.getLogger(__name__)

Step = Callable[[str], object]
"""Called between steps with the step's name; whatever it raises ends the work as a crash would."""

PULLED = frozenset({"pull", "drop"})
_SILENT = frozenset({"unreachable", "throttled", "auth-rejected"})
"""Errors after which the province's other resources need not be tried."""

WRITE_PAUSE = 0.005
"""Seconds that every page leaves the write lock of SQLite to others."""


class RunEnd(NamedTuple):
    """How one resource fared. `verdict` is None when it was not read; `why` is what stopped the reading."""

    resource: str
    run_id: int | None
    verdict: rules.Verdict | None
    why: str = ""


def sync_province(
    runtime: Runtime,
    province: str,
    trigger: str = "schedule",
    *,
    actor: str = "system:schedule",
    owner: str | None = None,
    wants_full: bool = False,
    step: Step = lambda _name: None,
) -> list[RunEnd]:
    """Read what is due of a province (everything, when a person asked), going on where a killed run stopped.

    Safe to repeat at any time and from several processes: a resource that another one reads is passed over.
    Raises `ProvinceUnknown`, and `SyncDeferred` (retryable, with the seconds) when the province could not be
    read now and the run goes on later from its last page.
    """
    adapter = runtime.adapters.get(province)
    if adapter is None:
        raise ProvinceUnknown(province)
    order = runs.Order(trigger, owner or holder_name(), actor)
    is_asked = trigger != "schedule"
    wanted = _wanted(runtime, adapter, order.owner, is_asked=is_asked)
    if not wanted or not _may_call(runtime, adapter, is_asked=is_asked):
        return []
    ends = []
    for resource in wanted:
        end = _sync_resource(runtime, adapter, resource, order, wants_full=wants_full, step=step)
        ends.append(end)
        if end.why in _SILENT:
            break
    return ends


def pause_for(database: Database) -> Callable[[], None]:
    """What to do between two short write transactions: on SQLite, let others have the lock."""
    if database.is_sqlite:
        return lambda: time.sleep(WRITE_PAUSE)
    return lambda: None


@contextmanager
def beating(runtime: Runtime, claim: claims.Claim, every: float = claims.HEARTBEAT_SECONDS) -> Iterator[None]:
    """Keep the run's lease alive from a thread while a province is slow; dies with the process, as it must."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(every):
            try:
                with runtime.database.write() as session:
                    if not claims.renew_lease(session, claim, now=runtime.clock()):
                        return
            except Exception:  # the next beat may still come in time; a lost lease is found by its fence
                log.exception("heartbeat of run %d", claim.run_id)

    thread = threading.Thread(target=beat, name=f"run-{claim.run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wanted(runtime: Runtime, adapter: ProvinceAdapter, owner: str, *, is_asked: bool) -> list[Resource]:
    pulled = [resource for resource in adapter.resources() if resource.direction in PULLED]
    if is_asked:
        return pulled
    now = runtime.clock()
    with runtime.database.read() as session:
        return [r for r in pulled if runs.is_due(session, adapter.province, r, now, owner)]


def _may_call(runtime: Runtime, adapter: ProvinceAdapter, *, is_asked: bool) -> bool:
    with runtime.database.read() as session:
        breaker = provinces.breaker_of(session, adapter.province)
    way = rules.passage(breaker, runtime.clock())
    if way == "closed":
        return True
    if way == "open" and not is_asked:
        return False
    try:
        adapter.probe()
    except AdapterError as error:
        with runtime.database.write() as session:
            row = provinces.lock_province(session, adapter.province)
            provinces.record_failure(row, error, runtime.clock())
        return False
    with runtime.database.write() as session:
        provinces.record_contact(session, adapter.province, runtime.clock())
    return True


def _sync_resource(
    runtime: Runtime,
    adapter: ProvinceAdapter,
    resource: Resource,
    order: runs.Order,
    *,
    wants_full: bool,
    step: Step,
) -> RunEnd:
    version = adapter.mapping_version(resource)
    try:
        with runtime.database.write() as session:
            claim = runs.claim_run(
                session,
                adapter.province,
                resource,
                order,
                mapping_version=version,
                now=runtime.clock(),
                wants_full=wants_full,
            )
    except RunBusy:
        return RunEnd(resource.name, None, None, "busy")
    step("claimed")
    source = sorting.Source(adapter, resource, claim, version)
    with beating(runtime, claim):
        source, error = _read(runtime, source, step)
        step("read")
        ending = deletions.Ending(
            source.claim, resource, version, None if error is None else rules.error_reason(error)
        )
        rest = pause_for(runtime.database)

        def pause() -> None:
            step("settled")
            rest()

        ended = deletions.end_run(runtime.database, ending, clock=runtime.clock, pause=pause)
    return RunEnd(resource.name, ended.run_id, ended.verdict, "" if error is None else error.code)


def _read(runtime: Runtime, source: sorting.Source, step: Step) -> tuple[sorting.Source, AdapterError | None]:
    """Read to the last page; the error that stopped it, if any. Raises `SyncDeferred` when the run waits."""
    if source.claim.has_read_ended:
        return source, None
    try:
        return _read_restarting(runtime, source, step), None
    except AdapterError as error:
        _record_failure(runtime, source, error)
        return source, error


def _read_restarting(runtime: Runtime, source: sorting.Source, step: Step) -> sorting.Source:
    counted = source.claim.counters.pages
    try:
        _read_pages(runtime, source, step)
    except (Malformed, Refused):
        is_fresh = source.claim.counters.pages > counted
        if source.claim.cursor is None or is_fresh:
            raise
        # the source no longer understands the stored cursor: an expired token, a rebuilt feed
        with runtime.database.write() as session:
            claim = runs.restart_read(session, source.claim, now=runtime.clock())
        source = sorting.Source(source.adapter, source.resource, claim, source.mapping_version)
        _read_pages(runtime, source, step)
    return source


def _read_pages(runtime: Runtime, source: sorting.Source, step: Step) -> None:
    watch = Watch(source.adapter.manifest.limits, runtime.clock().timestamp())
    pause = pause_for(runtime.database)
    for page in source.adapter.pages(source.resource, source.claim.cursor):
        step("page")
        watch.check(page, runtime.clock().timestamp())
        take_page(runtime, source, page, step=step, pause=pause)
        if page.is_last:
            return
    raise Malformed("来源平台没有给出最后一页", "the platform never gave a last page")


def take_page(
    runtime: Runtime,
    source: sorting.Source,
    page: NativePage,
    *,
    step: Step,
    pause: Callable[[], None],
) -> list[pages.Verdict]:
    """Sort and write one page; the verdict on each of its records."""
    entries = sorting.sort_page(runtime.database, source, page)
    written: list[pages.Verdict] = []
    for verdicts in pages.write_page(
        runtime.database, source, page, entries, counters=source.claim.counters, now=runtime.clock()
    ):
        written += verdicts
        step("written")
        pause()
    return written


def _record_failure(runtime: Runtime, source: sorting.Source, error: AdapterError) -> None:
    """Tell the province's breaker; defer the run when trying again later can help."""
    claim = source.claim
    now = runtime.clock()
    has_moved = claim.counters.pages > claim.pages_before
    attempt = 1 if has_moved else claim.attempts + 1
    seconds = rules.pause_before_retry(error, attempt, random.random())
    with runtime.database.write() as session:
        province = claims.lock_run(session, claim)
        provinces.record_failure(province, error, now)
        if seconds is None:
            return
        runs.defer_run(session, claim, attempts=attempt, seconds=seconds, now=now)
    raise SyncDeferred(claim.province, math.ceil(seconds), error.zh, error.en)
