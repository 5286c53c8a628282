"""Celery tasks: each takes one outbox row, opens transactions and calls a service."""

from typing import Any

from celery import shared_task

from hub.catalog.service import deletions, deliveries, schedule, sync
from hub.core import jobs
from hub.core.jobs import Job
from hub.core.runtime import Runtime


@shared_task(bind=True, name=schedule.SYNC_TASK)  # type: ignore[untyped-decorator]
def sync_province(self: Any, row_id: int) -> str:
    """Read a province: `{province, trigger, actor, full}`. Its runs belong to this row, so a repeat takes them over."""
    runtime: Runtime = self.app.runtime

    def act(job: Job) -> None:
        told = job.payload
        sync.sync_province(
            runtime,
            told["province"],
            told.get("trigger", "manual"),
            actor=told.get("actor", "system:cli"),
            owner=f"outbox:{job.id}",
            wants_full=bool(told.get("full")),
            step=lambda _name: job.check(),
        )

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)


@shared_task(bind=True, name="catalog.schedule_due_syncs")  # type: ignore[untyped-decorator]
def schedule_due_syncs(self: Any) -> list[str]:
    """Sent by beat: put what is due into the outbox. Running twice is harmless."""
    return schedule.schedule_due_syncs(self.app.runtime)


@shared_task(bind=True, name=deliveries.UPLOAD_TASK)  # type: ignore[untyped-decorator]
def take_upload(self: Any, row_id: int) -> str:
    """Read an uploaded file: `{file_id}`."""
    runtime: Runtime = self.app.runtime

    def act(job: Job) -> None:
        deliveries.take_upload(runtime, job.payload["file_id"], owner=f"outbox:{job.id}")

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)


@shared_task(bind=True, name=deletions.APPLY_TASK)  # type: ignore[untyped-decorator]
def apply_decision(self: Any, row_id: int) -> str:
    """Carry out a person's decision on held deletions: `{hold_id}`."""
    runtime: Runtime = self.app.runtime

    def act(job: Job) -> None:
        deletions.apply_decision(
            runtime.database,
            job.payload["hold_id"],
            clock=runtime.clock,
            pause=sync.pause_for(runtime.database),
        )

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)


@shared_task(bind=True, name=schedule.RETIRE_TASK)  # type: ignore[untyped-decorator]
def retire_old(self: Any, row_id: int) -> str:
    """Forget old payloads that nothing refers to, and old batches."""
    runtime: Runtime = self.app.runtime
    return jobs.perform(
        runtime.database, row_id, lambda _job: schedule.retire_old(runtime), clock=runtime.clock
    )
