"""Who is due: turning the schedule into outbox rows. Running twice, or never for a while, is harmless."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import ProvinceAdapter
from hub.catalog.service import sync
from hub.core import audit, outbox
from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.federation import rules
from hub.federation.errors import ProvinceUnknown
from hub.federation.service import deliveries, ledger, provinces, runs

SYNC_TASK = "catalog.sync_province"
RETIRE_TASK = "catalog.retire_old"
KEEP = timedelta(days=180)
"""How long payloads are kept that nothing refers to any more, answers to batches, and the content of uploaded files."""


def schedule_due_syncs(runtime: Runtime) -> list[str]:
    """Want a sync of every province that has something due and may be called; their codes."""
    now = runtime.clock()
    with runtime.database.read() as session:
        due = [code for code, adapter in runtime.adapters.items() if _is_due(session, adapter, now)]
    if not due:
        return []
    with runtime.database.write() as session:
        provinces.ensure_provinces(session, runtime.adapters)
        outbox.enqueue(session, RETIRE_TASK, {}, key=f"retire:{now:%Y%m%d}", now=now)  # once a day
        for code in due:
            payload = {"province": code, "trigger": "schedule", "actor": "system:schedule"}
            key = f"sync:{code}:{now:%Y%m%dT%H%M%S}"
            outbox.enqueue(session, SYNC_TASK, payload, queue=outbox.SYNC, key=key, now=now)
    return due


def retire_old(runtime: Runtime) -> int:
    """Forget old payloads that nothing refers to, old batches and old files' content, in short transactions.

    How many rows that were. Safe to repeat.
    """
    before = runtime.clock() - KEEP
    pause = sync.pause_for(runtime.database)
    gone = 0
    while True:
        with runtime.database.write() as session:
            found = ledger.retire_raw(session, before=before)
            found += deliveries.retire_batches(session, before=before)
            found += deliveries.retire_parts(session, before=before)
        if not found:
            return gone
        gone += found
        pause()


def request_sync(
    session: Session, runtime: Runtime, province: str, *, actor: str, wants_full: bool = False
) -> int:
    """A person wants a province read now; the outbox row's number. Audited. Raises `ProvinceUnknown`."""
    if province not in runtime.adapters:
        raise ProvinceUnknown(province)
    now = runtime.clock()
    payload = {"province": province, "trigger": "manual", "actor": actor, "full": wants_full}
    audit.record(
        session, actor, "catalog.request_sync", f"province:{province}", {"full": wants_full}, now=now
    )
    return outbox.enqueue(session, SYNC_TASK, payload, queue=outbox.SYNC, now=now)


def _is_due(session: Session, adapter: ProvinceAdapter, now: datetime) -> bool:
    pulled = [resource for resource in adapter.resources() if resource.direction in sync.PULLED]
    if not any(runs.is_due(session, adapter.province, resource, now) for resource in pulled):
        return False
    if rules.passage(provinces.breaker_of(session, adapter.province), now) == "open":
        return False
    waiting = select(OutboxRow.id).where(
        OutboxRow.key.startswith(f"sync:{adapter.province}:", autoescape=True),
        OutboxRow.done_at.is_(None),
        OutboxRow.failed_at.is_(None),
    )
    return session.scalar(waiting.limit(1)) is None
