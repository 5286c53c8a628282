"""Reads of the federation: provinces' state, runs, quarantine, worklist, held deletions, files."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.federation.models import (
    Checkpoint,
    Digest,
    File,
    Hold,
    HoldItem,
    Province,
    Quarantined,
    Raw,
    Record,
    Run,
    UnmappedValue,
)

SHOWN_HOLDS = (
    "open", "releasing", "released", "undoing", "undone", "discarded", "returned", "superseded", "applied",
)  # fmt: skip


class Source(NamedTuple):
    """Where a document comes from: which record, how old, made by which mapping."""

    province: str
    resource: str
    native_key: str
    raw_hash: str
    mapping_version: str
    seen_at: datetime
    modified_at: datetime | None
    is_stale: bool
    withdrawn_at: datetime | None
    raw_run: int
    raw_number: int


def provinces(session: Session) -> dict[str, Province]:
    """Every connected province's state, by code."""
    return {row.code: row for row in session.scalars(select(Province))}


def runs(
    session: Session,
    province: str,
    *,
    resource: str | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[Run]:
    """A province's runs, newest first; `before` is the last run number of the page before."""
    query = select(Run).where(Run.province == province).order_by(Run.id.desc()).limit(limit)
    if resource is not None:
        query = query.where(Run.resource == resource)
    if before is not None:
        query = query.where(Run.id < before)
    return list(session.scalars(query))


def run_by_id(session: Session, run_id: int) -> Run | None:
    """One run."""
    return session.get(Run, run_id)


def latest_runs(session: Session, province: str | None = None) -> dict[tuple[str, str], Run]:
    """The newest run of every resource, by (province, resource)."""
    newest = select(func.max(Run.id)).group_by(Run.province, Run.resource)
    if province is not None:
        newest = newest.where(Run.province == province)
    return {
        (row.province, row.resource): row for row in session.scalars(select(Run).where(Run.id.in_(newest)))
    }


def active_runs(session: Session) -> list[Run]:
    """Runs that are running or waiting, by province."""
    return list(session.scalars(select(Run).where(Run.state != "finished").order_by(Run.province, Run.id)))


def checkpoints(session: Session, province: str) -> dict[str, Checkpoint]:
    """Where reading stands, by resource."""
    rows = session.scalars(select(Checkpoint).where(Checkpoint.province == province))
    return {row.resource: row for row in rows}


def sources_of(session: Session, subjects: Iterable[str]) -> dict[str, list[Source]]:
    """The native records behind these documents, by subject; several resources may tell about one."""
    found: dict[str, list[Source]] = {}
    rows = session.execute(
        select(
            Record.subject,
            Record.province,
            Record.resource,
            Record.native_key,
            Record.raw_hash,
            Record.mapping_version,
            Record.seen_at,
            Record.modified_at,
            Record.is_stale,
            Record.withdrawn_at,
            Record.raw_run,
            Record.raw_number,
        ).where(Record.subject.in_(list(subjects)))
    )
    for subject, *rest in rows:
        found.setdefault(subject, []).append(Source(*rest))
    return found


def stale_subjects(session: Session, subjects: Sequence[str]) -> set[str]:
    """Of these documents, those shown from an older read than the last."""
    query = select(Record.subject).where(Record.subject.in_(list(subjects)), Record.is_stale)
    return set(session.scalars(query))


def quarantined(
    session: Session,
    province: str | None = None,
    *,
    state: str = "open",
    resource: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[Quarantined]:
    """Quarantined records by number."""
    query = (
        select(Quarantined)
        .where(Quarantined.state == state, Quarantined.id > after)
        .order_by(Quarantined.id)
        .limit(limit)
    )
    if province is not None:
        query = query.where(Quarantined.province == province)
    if resource is not None:
        query = query.where(Quarantined.resource == resource)
    return list(session.scalars(query))


def quarantined_by_id(session: Session, item_id: int) -> Quarantined | None:
    """One quarantined record."""
    return session.get(Quarantined, item_id)


def quarantine_counts(session: Session) -> dict[str, int]:
    """Open quarantined records by province."""
    query = (
        select(Quarantined.province, func.count())
        .where(Quarantined.state == "open")
        .group_by(Quarantined.province)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def worklist(session: Session, province: str | None = None, *, limit: int = 200) -> list[UnmappedValue]:
    """Code values that no table knows, the most frequent first."""
    query = (
        select(UnmappedValue)
        .where(UnmappedValue.resolved_at.is_(None))
        .order_by(UnmappedValue.occurrences.desc(), UnmappedValue.code_table, UnmappedValue.value)
        .limit(limit)
    )
    if province is not None:
        query = query.where(UnmappedValue.province == province)
    return list(session.scalars(query))


def holds(
    session: Session,
    province: str | None = None,
    *,
    states: Sequence[str] = SHOWN_HOLDS,
    before: int | None = None,
    limit: int = 50,
) -> list[Hold]:
    """Sets of deletions, newest first."""
    query = select(Hold).where(Hold.state.in_(states)).order_by(Hold.id.desc()).limit(limit)
    if province is not None:
        query = query.where(Hold.province == province)
    if before is not None:
        query = query.where(Hold.id < before)
    return list(session.scalars(query))


def hold_by_id(session: Session, hold_id: int) -> Hold | None:
    """One set of deletions."""
    return session.get(Hold, hold_id)


def hold_items(session: Session, hold_id: int, *, after: str = "", limit: int = 50) -> list[HoldItem]:
    """Records of a set of deletions, by key."""
    query = (
        select(HoldItem)
        .where(HoldItem.hold_id == hold_id, HoldItem.native_key > after)
        .order_by(HoldItem.native_key)
        .limit(limit)
    )
    return list(session.scalars(query))


def open_holds(session: Session) -> dict[str, int]:
    """Records held back from deletion, by province."""
    query = select(Hold.province, func.sum(Hold.count)).where(Hold.state == "open").group_by(Hold.province)
    return {province: int(count) for province, count in session.execute(query)}


def files(session: Session, province: str, *, before: int | None = None, limit: int = 20) -> list[File]:
    """Uploaded files, newest first."""
    query = select(File).where(File.province == province).order_by(File.id.desc()).limit(limit)
    if before is not None:
        query = query.where(File.id < before)
    return list(session.scalars(query))


def digests(session: Session, province: str, *, limit: int = 20) -> list[Digest]:
    """Period digests, newest first."""
    query = select(Digest).where(Digest.province == province).order_by(Digest.id.desc()).limit(limit)
    return list(session.scalars(query))


def raw_payload(session: Session, run_id: int, number: int) -> bytes | None:
    """A kept payload as the province sent it; None when it was retired. Its audience is the province."""
    row = session.execute(
        select(Raw.first, Raw.count, Raw.content)
        .where(Raw.run_id == run_id, Raw.first <= number)
        .order_by(Raw.first.desc())
        .limit(1)
    ).one_or_none()
    if row is None or number >= row.first + row.count:
        return None
    lengths, whole = zlib.decompress(row.content).split(b"\n", 1)
    sizes = orjson.loads(lengths)
    start = sum(sizes[: number - row.first])
    return whole[start : start + sizes[number - row.first]]


def run_progress(run: Run, now: datetime) -> dict[str, Any]:
    """How far a run is: rows, declared total, share done, rows a second, seconds since the last sign of life."""
    seconds = max(((run.finished_at or now) - run.started_at).total_seconds(), 0.001)
    share = min(1.0, run.received / run.declared_total) if run.declared_total else None
    rate = run.received / seconds
    left = None
    if run.state != "finished" and run.declared_total and rate > 0:
        left = max(0.0, (run.declared_total - run.received) / rate)
    return {
        "received": run.received,
        "declared_total": run.declared_total,
        "share": share,
        "rows_per_second": round(rate, 1),
        "seconds": round(seconds, 1),
        "seconds_left": None if left is None else round(left, 1),
        "seconds_since_progress": round(max(0.0, (now - run.heartbeat_at).total_seconds()), 1),
    }
