"""Runs: claiming a resource, going on after a crash, waiting for a province, ending with a verdict."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import Resource
from hub.federation import rules
from hub.federation.errors import RunBusy
from hub.federation.models import Checkpoint, Province, Run
from hub.federation.service.claims import LEASE_SECONDS, Claim, Counters, lock_run, update_claimed
from hub.federation.service.provinces import lock_province

MAIN_DOCUMENT = "instrument"
"""What makes a province up to date: its yearly survey may be complete while its instruments are not."""


class Order(NamedTuple):
    """Who wants a run and why. `owner` names the work item or process, `actor` the person, key or schedule."""

    trigger: str
    owner: str
    actor: str


def claim_run(
    session: Session,
    province: str,
    resource: Resource,
    order: Order,
    *,
    mapping_version: str,
    now: datetime,
    is_delivery: bool = False,
    wants_full: bool = False,
) -> Claim:
    """Start a run, or take over one whose holder is dead, with its cursor and counters.

    A delivery (upload, pushed batch) is a read of its own and leaves the cursor alone. Raises `RunBusy` while
    another holder's lease is alive. Safe to repeat with the same owner: its own run is taken over at once.
    """
    lock_province(session, province)
    active = session.scalar(
        select(Run).where(Run.province == province, Run.resource == resource.name, Run.state != "finished")
    )
    point = _checkpoint(session, province, resource.name)
    if active is not None:
        _check_free(active, order, now)
        if not is_delivery:
            return _take_over(active, point, order, mapping_version, now)
        _abandon(session, active, now)
    run = Run(
        province=province,
        resource=resource.name,
        document_name=resource.document_name,
        direction=resource.direction,
        trigger=order.trigger,
        actor=order.actor,
        state="running",
        mapping_version=mapping_version,
        owner=order.owner,
        fence=1,
        lease_until=now + timedelta(seconds=LEASE_SECONDS),
        heartbeat_at=now,
        started_at=now,
        reasons=[],
        boundary=asdict(Counters()),
    )
    session.add(run)
    session.flush()
    goes_on = point.is_read_open and not is_delivery and not wants_full
    if not (goes_on and rules.may_continue_read(point.read_started_at, now)):
        has_new_mapping = point.full_read_mapping not in {None, mapping_version}
        is_full = rules.needs_full_read(resource, point.full_read_at, now, has_new_mapping=has_new_mapping)
        if not is_delivery and (is_full or wants_full):
            point.cursor = None
        _open_read(point, run.id, now)
    run.read_id = point.read_id
    return _as_claim(run, point, Counters(), is_taken_over=False)


def restart_read(session: Session, claim: Claim, *, now: datetime) -> Claim:
    """Forget a cursor that the source no longer understands and read from the start, in the same run."""
    lock_run(session, claim)
    point = _checkpoint(session, claim.province, claim.resource)
    point.cursor = None
    _open_read(point, claim.run_id, now)
    counters = Counters(raw_kept=claim.counters.raw_kept)
    update_claimed(session, claim, now, read_id=claim.run_id, **asdict(counters))
    return replace(
        claim, read_id=claim.run_id, read_opened_at=now, cursor=None, counters=counters, pages_before=0
    )


def defer_run(session: Session, claim: Claim, *, attempts: int, seconds: float, now: datetime) -> None:
    """Let go of a run that waits for its province; whoever comes then goes on from the last page."""
    update_claimed(
        session,
        claim,
        now,
        state="waiting",
        attempts=attempts,
        resume_at=now + timedelta(seconds=seconds),
        lease_until=now,
    )


def finish_run(
    session: Session,
    claim: Claim,
    verdict: rules.Verdict,
    reasons: list[rules.Reason],
    *,
    now: datetime,
    due_at: datetime | None = None,
    error: rules.Reason | None = None,
    has_ended: bool = True,
    is_delivery: bool = False,
    **counts: int,
) -> None:
    """End a run with its verdict. A full read that ended becomes the one that later reads are compared with."""
    update_claimed(
        session,
        claim,
        now,
        state="finished",
        finished_at=now,
        resume_at=None,
        lease_until=now,
        verdict=verdict,
        reasons=rules.as_documents(reasons),
        error=None if error is None else error._asdict(),
        **counts,
    )
    point = _checkpoint(session, claim.province, claim.resource)
    point.due_at = due_at
    if is_delivery:
        point.is_read_open = False
    is_full, mapping, document_name = session.execute(
        select(Run.is_full, Run.mapping_version, Run.document_name).where(Run.id == claim.run_id)
    ).one()
    if has_ended and is_full and verdict != "partial":
        point.full_read_at = now
        point.full_read_id = point.read_id
        point.full_read_mapping = mapping
        if verdict == "complete" or point.full_read_rows is None:
            point.full_read_rows = point.read_rows
            point.full_read_unidentified = point.read_unidentified
    if verdict == "complete" and document_name == MAIN_DOCUMENT:
        province = session.get_one(Province, claim.province)
        province.last_complete_at = now


def read_point(session: Session, province: str, resource: str) -> Checkpoint:
    """The checkpoint as it stands in this transaction."""
    return _checkpoint(session, province, resource)


def is_due(session: Session, province: str, resource: Resource, now: datetime, owner: str = "") -> bool:
    """Whether a scheduled resource wants a run now: by its schedule, or because a run of it was left behind.

    A run of the same owner (a work item that is delivered again) was left behind whatever its lease says.
    """
    if resource.schedule_seconds is None:
        return False
    left = session.execute(
        select(Run.state, Run.owner, Run.lease_until, Run.resume_at).where(
            Run.province == province, Run.resource == resource.name, Run.state != "finished"
        )
    ).one_or_none()
    if left is not None:
        since = left.resume_at if left.state == "waiting" else left.lease_until
        is_mine = left.state == "running" and left.owner == owner
        return is_mine or since is None or since <= now
    due = session.execute(
        select(Checkpoint.due_at).where(Checkpoint.province == province, Checkpoint.resource == resource.name)
    ).one_or_none()
    return due is None or due.due_at is None or due.due_at <= now


def _check_free(run: Run, order: Order, now: datetime) -> None:
    if run.state == "waiting" or run.lease_until <= now or run.owner == order.owner:
        return
    left = max(1, int((run.lease_until - now).total_seconds()) + 1)
    raise RunBusy(run.province, run.resource, left)


def _abandon(session: Session, run: Run, now: datetime) -> None:
    why = rules.Reason("abandoned", "处理中断，已由新的报送取代", "broken off, replaced by a new delivery")
    run.state, run.verdict, run.finished_at = "finished", "partial", now
    run.reasons = rules.as_documents([why])
    run.fence += 1
    session.flush()  # the new run may only be inserted once this one is no longer active


def _take_over(run: Run, point: Checkpoint, order: Order, mapping_version: str, now: datetime) -> Claim:
    counters = Counters(**run.boundary)
    counters.raw_kept = run.raw_kept
    was_dead = run.state == "running"
    run.state, run.owner = "running", order.owner
    run.fence += 1
    run.takeovers += was_dead
    run.mapping_version = mapping_version
    run.heartbeat_at = now
    run.resume_at = None
    run.lease_until = now + timedelta(seconds=LEASE_SECONDS)
    return _as_claim(run, point, counters, is_taken_over=True)


def _as_claim(run: Run, point: Checkpoint, counters: Counters, *, is_taken_over: bool) -> Claim:
    return Claim(
        run_id=run.id,
        fence=run.fence,
        province=run.province,
        resource=run.resource,
        read_id=point.read_id,
        read_opened_at=point.read_started_at or run.started_at,
        cursor=point.cursor,
        started_at=run.started_at,
        counters=counters,
        is_taken_over=is_taken_over,
        has_read_ended=not point.is_read_open,
        attempts=run.attempts,
        pages_before=counters.pages,
    )


def _checkpoint(session: Session, province: str, resource: str) -> Checkpoint:
    point = session.get(Checkpoint, (province, resource))
    if point is None:
        point = Checkpoint(province=province, resource=resource, read_id=0, is_read_open=False)
        point.read_rows = point.read_unidentified = 0
        session.add(point)
        session.flush()
    return point


def _open_read(point: Checkpoint, run_id: int, now: datetime) -> None:
    point.read_id = run_id
    point.is_read_open = True
    point.read_started_at = now
    point.read_rows = 0
    point.read_unidentified = 0
    point.read_declared = None
