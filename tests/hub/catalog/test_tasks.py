"""Tasks as the workers run them, and several workers at once."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from celery import Celery
from sqlalchemy import func, select

from adapters.errors import Throttled
from hub.catalog import tasks
from hub.catalog.models import Instrument, ServiceItem
from hub.catalog.service import deletions, schedule, sync
from hub.core import outbox
from hub.core.jobs import Outcome
from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import Run
from tests.hub.catalog.fake_province import PROVINCE, FakeProvince, instrument_body, survey_body

pytestmark = pytest.mark.database


@pytest.fixture
def app(hub: Runtime) -> Iterator[Celery]:
    """A Celery application whose tasks run here, over the runtime."""
    held = Celery("test", broker="memory://")
    held.runtime = hub
    held.set_default()
    held.finalize()
    yield held
    held.close()


def perform(app: Celery, row: int | None, name: str = tasks.sync_province.name) -> Any:
    arguments = [] if row is None else [row]
    return app.tasks[name].apply(args=arguments, throw=True).get()


def rows(hub: Runtime) -> list[OutboxRow]:
    with hub.database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def listed(hub: Runtime) -> int:
    with hub.database.read() as session:
        return session.scalar(select(func.count()).where(Instrument.is_listed)) or 0


def test_what_is_due_is_put_into_the_outbox_once(hub: Runtime, app: Celery) -> None:
    assert perform(app, None, "catalog.schedule_due_syncs") == [PROVINCE]
    hub.clock.advance(5)
    assert perform(app, None, "catalog.schedule_due_syncs") == []  # it waits in the outbox already
    row = next(row for row in rows(hub) if row.task_name == "catalog.sync_province")
    assert perform(app, row.id) == Outcome.DONE
    assert listed(hub) == 10
    assert perform(app, None, "catalog.schedule_due_syncs") == []  # nothing is due
    hub.clock.advance(600)
    assert perform(app, None, "catalog.schedule_due_syncs") == [PROVINCE]


def test_a_province_that_asks_to_wait_gets_its_row_again_later(
    hub: Runtime, fake: FakeProvince, app: Celery
) -> None:
    fake.fail_on_page[5] = Throttled("请稍候", "please wait", retry_after=40)
    schedule.schedule_due_syncs(hub)
    row = next(row.id for row in rows(hub) if row.task_name == "catalog.sync_province")
    assert perform(app, row) == Outcome.RETRY
    assert perform(app, row) == Outcome.SKIPPED
    hub.clock.advance(41)
    assert perform(app, row) == Outcome.DONE
    assert listed(hub) == 10
    with hub.database.read() as session:
        assert queries.active_runs(session) == []


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(
    hub: Runtime, fake: FakeProvince, app: Celery
) -> None:
    schedule.schedule_due_syncs(hub)
    row = next(row.id for row in rows(hub) if row.task_name == "catalog.sync_province")

    class Killed(BaseException):
        pass

    fake.fail_on_page[6] = Killed()
    with pytest.raises(Killed):
        perform(app, row)
    assert perform(app, row) == Outcome.SKIPPED  # the dead one's lease still runs
    hub.clock.advance(outbox.LEASE_SECONDS + 1)
    assert perform(app, row) == Outcome.DONE
    with hub.database.read() as session:
        runs = session.scalars(select(Run).order_by(Run.id)).all()
        assert [(run.resource, run.takeovers, run.verdict) for run in runs] == [
            ("institutions", 0, "complete"), ("survey", 0, "complete"), ("instruments", 1, "complete"),
        ]  # fmt: skip
    assert listed(hub) == 10


def test_a_row_from_the_command_line_reads_everything(hub: Runtime, app: Celery) -> None:
    with hub.database.write() as session:
        row = outbox.enqueue(
            session, "catalog.sync_province", {"province": PROVINCE}, queue="sync", now=hub.clock()
        )
    assert perform(app, row) == Outcome.DONE
    assert listed(hub) == 10


def test_a_province_nobody_installed_fails_for_good(hub: Runtime, app: Celery) -> None:
    with hub.database.write() as session:
        row = outbox.enqueue(
            session, "catalog.sync_province", {"province": "990000"}, queue="sync", now=hub.clock()
        )
    assert perform(app, row) == Outcome.FAILED


def test_a_decision_is_carried_out_by_its_task(hub: Runtime, fake: FakeProvince, app: Celery) -> None:
    sync.sync_province(hub, PROVINCE)
    fake.is_empty = True
    sync.sync_province(hub, PROVINCE, "manual", wants_full=True)
    with hub.database.read() as session:
        hold = next(h for h in queries.holds(session, PROVINCE) if h.resource == "instruments")
    with hub.database.write() as session:
        deletions.decide_hold(session, hold.id, "release", actor="account:admin", now=hub.clock())
    row = next(row.id for row in rows(hub) if row.task_name == deletions.APPLY_TASK)
    assert perform(app, row, deletions.APPLY_TASK) == Outcome.DONE
    assert listed(hub) == 0


def test_two_workers_at_one_province_lose_and_double_nothing(hub: Runtime, fake: FakeProvince) -> None:
    for number in range(10, 60):
        fake.put(instrument_body(f"N{number}"))
        fake.put(survey_body(f"N{number}"), resource="survey")
    start = threading.Barrier(3)
    faults: list[BaseException] = []

    def work(owner: str) -> None:
        try:
            start.wait()
            for _ in range(2):
                sync.sync_province(hub, PROVINCE, "manual", owner=owner)
        except BaseException as fault:
            faults.append(fault)

    other = FakeProvince(manifest=replace(fake.manifest, province="530000"))
    other.held = fake.held
    hub.adapters["530000"] = other  # type: ignore[index]

    def work_elsewhere() -> None:
        try:
            start.wait()
            sync.sync_province(hub, "530000", "manual")
        except BaseException as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=work, args=("one",)),
        threading.Thread(target=work, args=("two",)),
        threading.Thread(target=work_elsewhere),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert listed(hub) == 120
    with hub.database.read() as session:
        assert queries.active_runs(session) == []
        assert {run.verdict for run in session.scalars(select(Run))} == {"complete"}
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == 120
        shared = session.scalar(select(func.count()).where(Instrument.sharing_mode == "external"))
        assert shared == 120  # whichever came first, main record or survey row
