"""Celery tasks: each takes one outbox row and calls a service."""

import functools
from typing import Any

from celery import shared_task

from hub.core import jobs, outbound
from hub.core.runtime import Runtime
from hub.identity.service.cases import DECIDED_TASK
from hub.notices import service

_SECONDS = 10.0
_BYTES = 65_536


@shared_task(bind=True, name=service.DELIVER_TASK)  # type: ignore[untyped-decorator]
def deliver(self: Any, row_id: int) -> str:
    """Send one notice over one channel: `{delivery_id}`."""
    runtime: Runtime = self.app.runtime
    return jobs.perform(
        runtime.database,
        row_id,
        lambda job: service.deliver(
            runtime.database,
            runtime.senders,
            job.payload["delivery_id"],
            public_url=runtime.public_url,
            clock=runtime.clock,
        ),
        clock=runtime.clock,
    )


@shared_task(bind=True, name=service.PUSH_TASK)  # type: ignore[untyped-decorator]
def push(self: Any, row_id: int) -> str:
    """One turn of a webhook: `{webhook_id}`."""
    runtime: Runtime = self.app.runtime
    new_client = functools.partial(
        outbound.client, timeout=_SECONDS, max_seconds=_SECONDS, max_bytes=_BYTES, allow=runtime.webhook_hosts
    )
    return jobs.perform(
        runtime.database,
        row_id,
        lambda job: service.push_events(
            runtime.database, new_client, job.payload["webhook_id"], clock=runtime.clock
        ),
        clock=runtime.clock,
    )


@shared_task(bind=True, name=DECIDED_TASK)  # type: ignore[untyped-decorator]
def tell_decided_case(self: Any, row_id: int) -> str:
    """An office has decided about an enterprise: `{case_id}`. Whom it concerns is told."""
    runtime: Runtime = self.app.runtime

    def act(job: jobs.Job) -> None:
        with runtime.database.write() as session:
            service.tell_decided_case(session, job.payload["case_id"], now=runtime.clock())

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)
