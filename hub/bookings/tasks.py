"""Celery tasks of bookings: order feeds, reports, extra orders. Messages to provinces go by lanes, not by tasks."""

from collections.abc import Callable
from typing import Any

from celery import shared_task

from hub.bookings.service import extras, feeding, fetching, paid, reports, scanning, scheduling
from hub.core import jobs
from hub.core.runtime import Runtime
from hub.settlement.service.payments import CHANGED_TASK


@shared_task(bind=True, name=scheduling.FEED_TASK)  # type: ignore[untyped-decorator]
def read_feed(self: Any, row_id: int) -> str:
    """Read one province's order feed: `{province}`."""
    return _perform(self, row_id, lambda runtime, job: feeding.read_feed(runtime, job.payload["province"]))


@shared_task(bind=True, name=fetching.FETCH_TASK)  # type: ignore[untyped-decorator]
def fetch_report(self: Any, row_id: int) -> str:
    """Fetch a report that a province announced: `{booking_id, remote_id, …}`."""
    return _perform(self, row_id, lambda runtime, job: fetching.fetch(runtime, job.payload, job.attempts))


@shared_task(bind=True, name=extras.EXTRA_TASK)  # type: ignore[untyped-decorator]
def cancel_extra(self: Any, row_id: int) -> str:
    """Cancel an order that a province holds beside the right one: `{booking_id, remote_id, …}`."""
    return _perform(self, row_id, lambda runtime, job: extras.cancel(runtime, job.payload, job.attempts))


@shared_task(bind=True, name=reports.SCAN_TASK)  # type: ignore[untyped-decorator]
def scan_report(self: Any, row_id: int) -> str:
    """Have a report scanned: `{report_id}`. An installation whose scanner was taken away leaves it waiting."""

    def act(runtime: Runtime, job: jobs.Job) -> None:
        if runtime.scanner is None:
            raise scanning.ScannerFailed("no scanner is installed any more")
        report_id = job.payload["report_id"]
        reports.scan_report(runtime.database, runtime.home / "reports", runtime.scanner, report_id)
        with runtime.database.write() as session:
            fetching.hand_over_scanned(session, report_id, now=runtime.clock())

    return _perform(self, row_id, act)


@shared_task(bind=True, name=CHANGED_TASK)  # type: ignore[untyped-decorator]
def mirror_payment(self: Any, row_id: int) -> str:
    """A payment has changed: `{reference}`. Its booking shows it, and the checks before redeeming look again."""
    return _perform(
        self,
        row_id,
        lambda runtime, job: paid.mirror(runtime.database, job.payload["reference"], now=runtime.clock()),
    )


def _perform(task: Any, row_id: int, act: Callable[[Runtime, jobs.Job], object]) -> str:
    runtime: Runtime = task.app.runtime
    return jobs.perform(runtime.database, row_id, lambda job: act(runtime, job), clock=runtime.clock)
