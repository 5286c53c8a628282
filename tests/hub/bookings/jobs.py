"""Durable jobs of bookings done by hand: what the worker's tasks do, without a worker.

What mirrors a payment is done too and not told: every move of a booking with a fee brings one about. Nobody's mail is
carried here: a message to be delivered is taken for delivered, and not told either.
"""

from sqlalchemy import select

from hub.bookings.service import extras, fetching, paid, reports
from hub.core import jobs
from hub.core.outbox import OutboxRow
from hub.notices.service import DELIVER_TASK
from hub.settlement.service.payments import CHANGED_TASK
from tests.hub.bookings.world import World


def work(world: World) -> list[str]:
    """Do every job that is due, once; how each ended."""
    still_open = (OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None))
    with world.database.read() as session:
        due = select(OutboxRow.id, OutboxRow.task_name).where(*still_open, OutboxRow.due_at <= world.clock())
        rows = session.execute(due.order_by(OutboxRow.id)).all()
    ended = [(name, _perform(world, row_id, name)) for row_id, name in rows]
    return [how for name, how in ended if name not in {CHANGED_TASK, DELIVER_TASK}]


def _perform(world: World, row_id: int, name: str) -> str:
    act = {
        fetching.FETCH_TASK: lambda job: fetching.fetch(world.runtime, job.payload, job.attempts),
        extras.EXTRA_TASK: lambda job: extras.cancel(world.runtime, job.payload, job.attempts),
        DELIVER_TASK: lambda _job: None,
        CHANGED_TASK: lambda job: paid.mirror(world.database, job.payload["reference"], now=world.clock()),
        reports.SCAN_TASK: lambda job: _scan(world, job.payload["report_id"]),
    }[name]
    return jobs.perform(world.database, row_id, act, clock=world.clock)


def _scan(world: World, report_id: int) -> None:
    assert world.runtime.scanner is not None
    reports.scan_report(world.database, world.runtime.home / "reports", world.runtime.scanner, report_id)
    with world.database.write() as session:
        fetching.hand_over_scanned(session, report_id, now=world.clock())
