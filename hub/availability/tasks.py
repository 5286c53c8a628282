"""Celery tasks of availability: reading the calendars of a province."""

from typing import Any

from celery import shared_task

from hub.availability.service import pulls
from hub.core import jobs
from hub.core.runtime import Runtime


@shared_task(bind=True, name=pulls.PULL_TASK)  # type: ignore[untyped-decorator]
def pull_province(self: Any, row_id: int) -> str:
    """Read the calendars of a province that are due: `{province}`."""
    runtime: Runtime = self.app.runtime
    return jobs.perform(
        runtime.database,
        row_id,
        lambda job: pulls.pull_province(runtime, job.payload["province"]),
        clock=runtime.clock,
    )
