"""Runs: claiming a resource, writing under the claim, going on after a crash, ending with a verdict.

A claim is void once another holder has taken the run over: every write under it first calls `lock_run`.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.contract import Resource
from hub.core.errors import LeaseLost
from hub.federation import rules
from hub.federation.errors import RunBusy
from hub.federation.models import Checkpoint, Province, Run
from hub.federation.service.provinces import lock_province

LEASE_SECONDS = 20.0
"""A killed run can be taken over after this long, at once by the work item that started it."""

HEARTBEAT_SECONDS = 4.0

MAIN_DOCUMENT = "instrument"
"""What makes a province up to date: its yearly survey may be complete while its instruments are not."""


@dataclass(slots=True)
class Counters:
    """What a run has counted so far; the names are the columns of a run."""

    pages: int = 0
    received: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0
    quarantined: int = 0
    duplicates: int = 0
    unidentified: int = 0
    tombstones: int = 0
    bytes: int = 0
    raw_kept: int = 0


class Order(NamedTuple):
    """Who wants a run and why. `owner` names the work item or process, `actor` the person, key or schedule."""

    trigger: str
    owner: str
    actor: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one run's pages, and where it goes on. `fence` is what makes an older claim void."""

    run_id: int
    fence: int
    province: str
    resource: str
    read_id: int
    read_opened_at: datetime
    cursor: str | None
    started_at: datetime
    counters: Counters = field(compare=False)
    is_taken_over: bool = False
    has_read_ended: bool = False
    attempts: int = 0
    pages_before: int = 0


class PageEnd(NamedTuple):
    """The last part of a page: its cursor, and what the whole page adds to the read."""

    cursor: str
    is_last: bool
    is_full: bool
    declared_total: int | None
    rows: int
    unidentified: int


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


def lock_run(session: Session, claim: Claim) -> Province:
    """Make sure that the claim still holds, and that nobody else writes this province in this transaction.

    Raises `LeaseLost`. Call it first in every transaction of a run.
    """
    province = lock_province(session, claim.province)
    held = session.execute(select(Run.fence, Run.state).where(Run.id == claim.run_id)).one_or_none()
    if held is None or held.fence != claim.fence or held.state != "running":
        raise LeaseLost(f"{claim.province}/{claim.resource}")
    return province


def advance(
    session: Session, claim: Claim, counters: Counters, *, now: datetime, end: PageEnd | None
) -> None:
    """Record progress in the transaction that wrote the records; with `end` the checkpoint moves behind the page.

    Raises `LeaseLost` when the claim is void, so that the caller's transaction is rolled back.
    """
    values: dict[str, Any] = asdict(counters)
    if end is not None:
        values |= {"boundary": asdict(counters), "is_full": end.is_full, "attempts": 0}
        if end.declared_total is not None:
            values["declared_total"] = end.declared_total
    _update_claimed(session, claim, now, **values)
    if end is not None:
        _move_checkpoint(session, claim, end, now)


def renew_lease(session: Session, claim: Claim, *, now: datetime) -> bool:
    """Heartbeat; False when the run was taken over."""
    try:
        _update_claimed(session, claim, now)
    except LeaseLost:
        return False
    return True


def restart_read(session: Session, claim: Claim, *, now: datetime) -> Claim:
    """Forget a cursor that the source no longer understands and read from the start, in the same run."""
    lock_run(session, claim)
    point = _checkpoint(session, claim.province, claim.resource)
    point.cursor = None
    _open_read(point, claim.run_id, now)
    counters = Counters(raw_kept=claim.counters.raw_kept)
    _update_claimed(session, claim, now, read_id=claim.run_id, **asdict(counters))
    return replace(
        claim, read_id=claim.run_id, read_opened_at=now, cursor=None, counters=counters, pages_before=0
    )


def defer_run(session: Session, claim: Claim, *, attempts: int, seconds: float, now: datetime) -> None:
    """Let go of a run that waits for its province; whoever comes then goes on from the last page."""
    _update_claimed(
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
    _update_claimed(
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


def _move_checkpoint(session: Session, claim: Claim, end: PageEnd, now: datetime) -> None:
    values: dict[str, Any] = {
        "cursor": end.cursor,
        "is_read_open": not end.is_last,
        "read_rows": Checkpoint.read_rows + end.rows,
        "read_unidentified": Checkpoint.read_unidentified + end.unidentified,
        "committed_at": now,
    }
    if end.declared_total is not None:
        values["read_declared"] = end.declared_total
    session.execute(
        update(Checkpoint)
        .where(Checkpoint.province == claim.province, Checkpoint.resource == claim.resource)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _update_claimed(session: Session, claim: Claim, now: datetime, **values: Any) -> None:
    values = {"heartbeat_at": now, "lease_until": now + timedelta(seconds=LEASE_SECONDS)} | values
    moved = session.execute(
        update(Run)
        .where(Run.id == claim.run_id, Run.fence == claim.fence, Run.state == "running")
        .values(**values)
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    if moved.first() is None:
        raise LeaseLost(f"{claim.province}/{claim.resource}")
