"""Celery tasks: each opens transactions and calls a service."""

from datetime import date
from typing import Any

from celery import shared_task

from hub.core import jobs
from hub.core.jobs import Job
from hub.core.runtime import Runtime
from hub.identity.service import audit_heads


@shared_task(bind=True, name=audit_heads.DELIVER_TASK)  # type: ignore[untyped-decorator]
def deliver_audit_head(self: Any, row_id: int) -> str:
    """Send a head of the audit to one province: `{day, province}`."""
    runtime: Runtime = self.app.runtime

    def act(job: Job) -> None:
        audit_heads.deliver_head(runtime, date.fromisoformat(job.payload["day"]), job.payload["province"])

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)
