"""The end of a read: deletions under the guard, the verdict, and a person's decision on what was held.

Every step is safe to repeat, so that a run killed here is finished by whoever takes it over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import Resource
from hub.catalog.service import withdrawals
from hub.core import audit, outbox
from hub.core.clock import Clock
from hub.core.db import Database
from hub.federation import rules
from hub.federation.models import Hold, Run
from hub.federation.service import claims, holds, ledger, provinces, quarantine, runs

RETRY_PARTIAL = timedelta(minutes=5)
APPLY_TASK = "catalog.apply_decision"


class Ended(NamedTuple):
    """How a run ended."""

    run_id: int
    verdict: rules.Verdict
    reasons: list[rules.Reason]


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a run needs: the claim, what was read, and how the reading stopped."""

    claim: claims.Claim
    resource: Resource
    mapping_version: str
    error: rules.Reason | None = None
    is_delivery: bool = False
    delivers_records: bool = True


def end_run(database: Database, ending: Ending, *, clock: Clock, pause: Callable[[], None]) -> Ended:
    """Judge and apply this run's deletions, give the verdict and finish the run.

    Nothing is deleted by absence unless the read was complete and full; whatever the guard stops stays in the
    catalogue, marked stale. Raises `LeaseLost` when the run was taken over.
    """
    facts = _read_facts(database, ending)
    held = _settle(database, ending, "tombstone", clock, pause)
    doubts: list[rules.Reason] = []
    if facts.has_ended and facts.is_full and ending.resource.deletes != "none":
        absent_held, doubts = _delete_absent(database, ending, facts, clock, pause)
        held += absent_held
    verdict, reasons = rules.judge_read(_with_holds(facts, [*held, *doubts]))
    ended = Ended(ending.claim.run_id, verdict, reasons)
    with database.write() as session:
        _finish(session, ending, facts, ended, clock())
    return ended


def decide_hold(
    session: Session, hold_id: int, decision: holds.Decision, *, actor: str, note: str = "", now: datetime
) -> Hold:
    """A person releases held deletions or takes deletions back; audited, and carried out by a task right after.

    Raises `HoldUnknown`, `HoldNotOpen`. Safe to repeat.
    """
    hold = holds.decide(session, hold_id, decision, actor=actor, note=note, now=now)
    audit.record(
        session,
        actor,
        f"catalog.{decision}_deletions",
        f"hold:{hold.id}",
        {"province": hold.province, "resource": hold.resource, "count": hold.count, "note": note},
        now=now,
    )
    if hold.state in {"releasing", "undoing", "discarded"}:
        outbox.enqueue(
            session,
            APPLY_TASK,
            {"hold_id": hold.id},
            queue=outbox.CONTROL,
            key=f"hold:{hold.id}:{hold.state}",
            now=now,
        )
    return hold


def apply_decision(database: Database, hold_id: int, *, clock: Clock, pause: Callable[[], None]) -> str:
    """Carry out what was decided, in short steps; the state that the hold has then. Safe to repeat."""
    with database.read() as session:
        hold = session.get_one(Hold, hold_id)
        document_name = _document_name(session, hold)
    if hold.state == "releasing":
        _apply_items(database, hold_id, document_name, clock, pause)
    elif hold.state == "undoing":
        _undo_items(database, hold_id, document_name, clock, pause)
    elif hold.state == "discarded":
        _mark_items(database, hold_id, document_name, clock, pause, is_stale=False)
    with database.read() as session:
        return session.get_one(Hold, hold_id).state


def next_due(resource: Resource, verdict: rules.Verdict, now: datetime) -> datetime | None:
    """When the resource is read again: on schedule, sooner after a partial read."""
    if resource.schedule_seconds is None:
        return None
    regular = timedelta(seconds=resource.schedule_seconds)
    return now + (min(regular, RETRY_PARTIAL) if verdict == "partial" else regular)


def _read_facts(database: Database, ending: Ending) -> rules.ReadFacts:
    claim = ending.claim
    with database.read() as session:
        run = session.get_one(Run, claim.run_id)
        point = runs.read_point(session, claim.province, claim.resource)
        return rules.ReadFacts(
            is_full=bool(run.is_full),
            has_ended=not point.is_read_open and run.pages > 0,
            received=point.read_rows,
            declared_total=point.read_declared,
            rejected=run.quarantined,
            unidentified=point.read_unidentified,
            last_rows=point.full_read_rows,
            last_unidentified=point.full_read_unidentified,
            is_paged=ending.resource.cursor_family == "page",
            error=ending.error,
        )


def _with_holds(facts: rules.ReadFacts, held: Sequence[rules.Reason]) -> rules.ReadFacts:
    values = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    return rules.ReadFacts(**values | {"held": tuple(held)})


def _delete_absent(
    database: Database, ending: Ending, facts: rules.ReadFacts, clock: Clock, pause: Callable[[], None]
) -> tuple[list[rules.Reason], list[rules.Reason]]:
    claim = ending.claim
    reads = [claim.read_id]
    with database.read() as session:
        point = runs.read_point(session, claim.province, claim.resource)
        if rules.needs_second_absence(facts) and point.full_read_id is not None:
            reads.append(point.full_read_id)
        absent = ledger.count_absent(session, claim.province, claim.resource, reads)
    doubts = rules.may_delete_by_absence(facts, absent)
    if doubts:
        return [], [doubt for doubt in doubts if doubt.code != "read_not_complete"]
    after = ""
    while absent:
        with database.write() as session:
            claims.lock_run(session, claim)
            items = ledger.absent_records(session, claim.province, claim.resource, reads, after=after)
            if not items:
                break
            holds.collect(session, claim, "absence", items, now=clock())
        after = items[-1][0]
        pause()
    return _settle(database, ending, "absence", clock, pause), []


def _settle(
    database: Database, ending: Ending, kind: holds.Kind, clock: Clock, pause: Callable[[], None]
) -> list[rules.Reason]:
    """Judge what the run collected and apply it, or mark it stale when it is held; why it is held."""
    claim = ending.claim
    with database.write() as session:
        claims.lock_run(session, claim)
        hold = holds.of_run(session, claim, kind)
        if hold is None:
            return []
        if hold.state == "collecting":
            live = ledger.count_live(session, claim.province, claim.resource)
            holds.judge(session, hold, live, now=clock())
        hold_id, state = hold.id, hold.state
        reasons = [rules.Reason(**told) for told in hold.reasons]
    if state == "applying":
        _apply_items(database, hold_id, ending.resource.document_name, clock, pause)
    elif state == "open":
        _mark_items(database, hold_id, ending.resource.document_name, clock, pause, is_stale=True)
        return reasons
    return []


def _apply_items(
    database: Database, hold_id: int, document_name: str, clock: Clock, pause: Callable[[], None]
) -> None:
    while True:
        with database.write() as session:
            hold = _locked(session, hold_id)
            items = holds.next_items(session, hold_id, "waiting")
            now = clock()
            if not items:
                holds.finish(hold, now=now)
                return
            gone = holds.still_gone(session, hold, [key for key, _ in items])
            withdrawn = [(key, subject) for key, subject in items if key in gone]
            if withdrawn:
                keys, subjects = [key for key, _ in withdrawn], [subject for _, subject in withdrawn]
                withdrawals.withdraw(session, document_name, subjects, now=now)
                ledger.set_withdrawn(session, hold.province, hold.resource, keys, now)
                holds.settle(session, hold_id, keys, "applied")
            holds.settle(session, hold_id, [key for key, _ in items if key not in gone], "returned")
        pause()


def _undo_items(
    database: Database, hold_id: int, document_name: str, clock: Clock, pause: Callable[[], None]
) -> None:
    while True:
        with database.write() as session:
            hold = _locked(session, hold_id)
            items = holds.next_items(session, hold_id, "applied")
            now = clock()
            if not items:
                holds.finish(hold, now=now)
                return
            keys, subjects = [key for key, _ in items], [subject for _, subject in items]
            ledger.set_withdrawn(session, hold.province, hold.resource, keys, None)
            ledger.set_stale(session, hold.province, hold.resource, keys, is_stale=True)
            withdrawals.restore(session, document_name, subjects, now=now)
            holds.settle(session, hold_id, keys, "undone")
        pause()


def _mark_items(
    database: Database,
    hold_id: int,
    document_name: str,
    clock: Clock,
    pause: Callable[[], None],
    *,
    is_stale: bool,
) -> None:
    after = ""
    while True:
        with database.write() as session:
            hold = _locked(session, hold_id)
            items = holds.items_after(session, hold_id, after)
            if not items:
                return
            keys = [key for key, _ in items]
            ledger.set_stale(session, hold.province, hold.resource, keys, is_stale=is_stale)
            withdrawals.announce_stale(session, document_name, [subject for _, subject in items], now=clock())
        after = items[-1][0]
        pause()


def _locked(session: Session, hold_id: int) -> Hold:
    hold = session.get_one(Hold, hold_id)
    provinces.lock_province(session, hold.province)
    return hold


def _document_name(session: Session, hold: Hold) -> str:
    return session.scalars(select(Run.document_name).where(Run.id == hold.run_id)).one()


def _finish(session: Session, ending: Ending, facts: rules.ReadFacts, ended: Ended, now: datetime) -> None:
    claim = ending.claim
    claims.lock_run(session, claim)
    if facts.is_full and ended.verdict == "complete":
        if ending.delivers_records:
            quarantine.resolve_unseen(session, claim, now=now)
            quarantine.resolve_unmapped(session, claim, ending.mapping_version, now=now)
        for hold in holds.open_absences(session, claim.province, claim.resource):
            holds.close_returned(hold, now=now)
    withdrawn, held = holds.count_of_run(session, claim)
    runs.finish_run(
        session,
        claim,
        ended.verdict,
        ended.reasons,
        now=now,
        due_at=next_due(ending.resource, ended.verdict, now),
        error=ending.error,
        has_ended=facts.has_ended,
        is_delivery=ending.is_delivery,
        withdrawn=withdrawn,
        held=held,
    )
