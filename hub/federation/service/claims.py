"""The right to write a run's pages: held under a fence, proved in every transaction, lost when another takes over.

A claim is void once another holder has taken the run over: every write under it first calls `lock_run` or `enter_run`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from hub.core.errors import LeaseLost
from hub.federation.models import Checkpoint, Province, Run
from hub.federation.service.provinces import lock_province, record_contact

LEASE_SECONDS = 20.0
"""A killed run can be taken over after this long, at once by the work item that started it."""

HEARTBEAT_SECONDS = 4.0


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


_RUN: Table = Run.__table__  # type: ignore[assignment]
_POINT: Table = Checkpoint.__table__  # type: ignore[assignment]


def _advancing(**more: Any) -> ReturningUpdate[Any]:
    names = (*(each.name for each in fields(Counters)), "heartbeat_at", "lease_until")
    return (
        update(_RUN)
        .where(_RUN.c.id == bindparam("b_run"), _RUN.c.fence == bindparam("b_fence"))
        .where(_RUN.c.state == "running")
        .values({name: bindparam(f"b_{name}") for name in names} | more)
        .returning(_RUN.c.id)
    )


# Built once: every transaction of a harvest runs them, and building one costs ten times as much as running it.
_FENCE = select(_RUN.c.fence, _RUN.c.state).where(_RUN.c.id == bindparam("b_run"))
_ADVANCE = _advancing()
_ADVANCE_PAGE = _advancing(
    boundary=bindparam("b_boundary"),
    is_full=bindparam("b_is_full"),
    attempts=0,
    declared_total=func.coalesce(bindparam("b_declared_total"), _RUN.c.declared_total),
)
_MOVE = (
    update(_POINT)
    .where(_POINT.c.province == bindparam("b_province"), _POINT.c.resource == bindparam("b_resource"))
    .values(
        cursor=bindparam("b_cursor"),
        is_read_open=bindparam("b_is_open"),
        read_rows=_POINT.c.read_rows + bindparam("b_rows"),
        read_unidentified=_POINT.c.read_unidentified + bindparam("b_unidentified"),
        read_declared=func.coalesce(bindparam("b_declared"), _POINT.c.read_declared),
        committed_at=bindparam("b_now"),
    )
)


def lock_run(session: Session, claim: Claim) -> Province:
    """Make sure that the claim still holds, and that nobody else writes this province in this transaction.

    Raises `LeaseLost`. Call it, or `enter_run`, first in every transaction of a run.
    """
    province = lock_province(session, claim.province)
    _check_fence(session, claim)
    return province


def enter_run(session: Session, claim: Claim, *, now: datetime) -> None:
    """`lock_run` for a transaction that writes what the province just told: it also records the contact."""
    record_contact(session, claim.province, now)
    _check_fence(session, claim)


def advance(
    session: Session, claim: Claim, counters: Counters, *, now: datetime, end: PageEnd | None
) -> None:
    """Record progress in the transaction that wrote the records; with `end` the checkpoint moves behind the page.

    Raises `LeaseLost` when the claim is void, so that the caller's transaction is rolled back.
    """
    counted = asdict(counters)
    if end is None:
        _move_on(session, claim, _ADVANCE, now, counted)
        return
    told = counted | {"boundary": counted, "is_full": end.is_full}
    _move_on(session, claim, _ADVANCE_PAGE, now, told | {"declared_total": end.declared_total})
    session.connection().execute(
        _MOVE,
        {
            "b_province": claim.province,
            "b_resource": claim.resource,
            "b_cursor": end.cursor,
            "b_is_open": not end.is_last,
            "b_rows": end.rows,
            "b_unidentified": end.unidentified,
            "b_declared": end.declared_total,
            "b_now": now,
        },
    )


def renew_lease(session: Session, claim: Claim, *, now: datetime) -> bool:
    """Heartbeat; False when the run was taken over."""
    try:
        update_claimed(session, claim, now)
    except LeaseLost:
        return False
    return True


def update_claimed(session: Session, claim: Claim, now: datetime, **values: Any) -> None:
    """Change columns of the run, and renew its lease. Raises `LeaseLost` when the claim is void."""
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


def _check_fence(session: Session, claim: Claim) -> None:
    held = session.connection().execute(_FENCE, {"b_run": claim.run_id}).one_or_none()
    if held is None or held.fence != claim.fence or held.state != "running":
        raise LeaseLost(f"{claim.province}/{claim.resource}")


def _move_on(
    session: Session, claim: Claim, statement: ReturningUpdate[Any], now: datetime, told: Mapping[str, Any]
) -> None:
    values = {f"b_{name}": value for name, value in told.items()}
    values |= {"b_run": claim.run_id, "b_fence": claim.fence}
    values |= {"b_heartbeat_at": now, "b_lease_until": now + timedelta(seconds=LEASE_SECONDS)}
    if session.connection().execute(statement, values).first() is None:
        raise LeaseLost(f"{claim.province}/{claim.resource}")
