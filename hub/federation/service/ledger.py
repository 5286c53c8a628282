"""The ledger of native records and their raw payloads: what was last seen of each, word for word.

Everything here is bulk: one statement for a page's keys, one for its rows.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core.db import insert
from hub.federation.models import Quarantined, Raw, Record
from hub.federation.service.runs import Claim, Counters

IN_LIMIT = 1000
"""Names in one IN list; both databases take more, statements of one length are cached better."""

_RECORD: Table = Record.__table__  # type: ignore[assignment]
_RAW: Table = Raw.__table__  # type: ignore[assignment]


class Known(NamedTuple):
    """What the ledger holds of one record."""

    subject: str
    raw_hash: str
    mapping_version: str
    seen_read: int
    modified_at: datetime | None
    is_stale: bool
    is_withdrawn: bool
    raw_run: int
    raw_number: int


class Seen(NamedTuple):
    """A record that was mapped now. `payload` is compressed already; without one the raw is kept under `raw_at`."""

    native_key: str
    subject: str
    raw_hash: str
    modified_at: datetime | None
    payload: bytes | None
    size: int
    raw_at: tuple[int, int] | None = None


class Payload(NamedTuple):
    """A compressed payload to keep; the key is None when the record does not say who it is."""

    native_key: str | None
    raw_hash: str
    content: bytes
    size: int


def pieces(values: Iterable[str], size: int = IN_LIMIT) -> Iterator[list[str]]:
    """The values in lists of at most `size`."""
    held = list(values)
    for start in range(0, len(held), size):
        yield held[start : start + size]


def known_records(session: Session, province: str, resource: str, keys: Sequence[str]) -> dict[str, Known]:
    """What the ledger holds of these keys; unknown ones are absent."""
    found: dict[str, Known] = {}
    for some in pieces(keys):
        rows = session.execute(
            select(
                Record.native_key,
                Record.subject,
                Record.raw_hash,
                Record.mapping_version,
                Record.seen_read,
                Record.modified_at,
                Record.is_stale,
                Record.withdrawn_at.is_not(None),
                Record.raw_run,
                Record.raw_number,
            ).where(*_in_resource(province, resource), Record.native_key.in_(some))
        )
        found.update((key, Known(*rest)) for key, *rest in rows)
    return found


def touch_records(
    session: Session, claim: Claim, keys: Sequence[str], *, now: datetime, keeps_stale: bool = False
) -> None:
    """Mark records as seen in this read, and as fresh again (unless only their key was delivered)."""
    fresh: dict[str, Any] = {} if keeps_stale else {"is_stale": False}
    _update(session, claim.province, claim.resource, keys, seen_read=claim.read_id, seen_at=now, **fresh)


def mark_superseded(session: Session, claim: Claim, keys: Sequence[str], *, now: datetime) -> None:
    """Records whose newest delivery was refused: they were seen, and what is shown of them is older."""
    _update(
        session, claim.province, claim.resource, keys, seen_read=claim.read_id, seen_at=now, is_stale=True
    )


def put_records(
    session: Session,
    claim: Claim,
    mapping_version: str,
    seen: Sequence[Seen],
    counters: Counters,
    *,
    now: datetime,
) -> None:
    """Write what is known of mapped records and keep their payloads. A key occurs once."""
    if not seen:
        return
    fresh_raw = [Payload(s.native_key, s.raw_hash, s.payload, s.size) for s in seen if s.payload is not None]
    numbers = iter(keep_payloads(session, claim, fresh_raw, counters, now=now))
    rows = [
        {
            "province": claim.province,
            "resource": claim.resource,
            "native_key": s.native_key,
            "subject": s.subject,
            "raw_hash": s.raw_hash,
            "mapping_version": mapping_version,
            "seen_read": claim.read_id,
            "seen_at": now,
            "modified_at": s.modified_at,
            "is_stale": False,
            "withdrawn_at": None,
        }
        | dict(zip(("raw_run", "raw_number"), s.raw_at or (claim.run_id, next(numbers)), strict=True))
        for s in seen
    ]
    statement = insert(session, _RECORD)
    fresh = statement.excluded
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["province", "resource", "native_key"],
            set_={name: fresh[name] for name in _UPDATED},
        ),
        rows,
    )


def keep_payloads(
    session: Session, claim: Claim, payloads: Sequence[Payload], counters: Counters, *, now: datetime
) -> list[int]:
    """Keep payloads under the next numbers of this run, and give these numbers."""
    rows: list[Mapping[str, Any]] = []
    for payload in payloads:
        counters.raw_kept += 1
        rows.append(
            {
                "run_id": claim.run_id,
                "number": counters.raw_kept,
                "province": claim.province,
                "resource": claim.resource,
                "native_key": payload.native_key,
                "raw_hash": payload.raw_hash,
                "size": payload.size,
                "kept_at": now,
                "payload": payload.content,
            }
        )
    if rows:
        session.connection().execute(_RAW.insert(), rows)
    return list(range(counters.raw_kept - len(rows) + 1, counters.raw_kept + 1))


def compress(raw: bytes) -> bytes:
    """A payload as it is kept. Level 1: three quarters of the gain for a quarter of the time."""
    return zlib.compress(raw, 1)


def read_raw(session: Session, run_id: int, number: int) -> bytes | None:
    """A kept payload as the province sent it; None when it was retired."""
    packed = session.scalar(select(Raw.payload).where(Raw.run_id == run_id, Raw.number == number))
    return None if packed is None else zlib.decompress(packed)


def count_live(session: Session, province: str, resource: str) -> int:
    """Records of a resource that are not withdrawn."""
    where = (*_in_resource(province, resource), Record.withdrawn_at.is_(None))
    return session.scalar(select(func.count()).where(*where)) or 0


def absent_records(
    session: Session, province: str, resource: str, reads: Sequence[int], *, after: str = "", limit: int = 250
) -> list[tuple[str, str]]:
    """Live records seen in none of these reads, as `(key, subject)` by key."""
    rows = session.execute(
        select(Record.native_key, Record.subject)
        .where(
            *_in_resource(province, resource),
            Record.native_key > after,
            Record.withdrawn_at.is_(None),
            Record.seen_read.not_in(reads),
        )
        .order_by(Record.native_key)
        .limit(limit)
    )
    return [(row.native_key, row.subject) for row in rows]


def count_absent(session: Session, province: str, resource: str, reads: Sequence[int]) -> int:
    """How many live records were seen in none of these reads."""
    where = (
        *_in_resource(province, resource),
        Record.withdrawn_at.is_(None),
        Record.seen_read.not_in(reads),
    )
    return session.scalar(select(func.count()).where(*where)) or 0


def set_withdrawn(
    session: Session, province: str, resource: str, keys: Sequence[str], at: datetime | None
) -> None:
    """Withdraw records, or with None bring them back."""
    _update(session, province, resource, keys, withdrawn_at=at, is_stale=False)


def set_stale(session: Session, province: str, resource: str, keys: Sequence[str], *, is_stale: bool) -> None:
    """Mark records as shown from an older read, or clear the mark."""
    _update(session, province, resource, keys, is_stale=is_stale)


def retire_raw(session: Session, *, before: datetime, limit: int = 500) -> int:
    """Forget payloads older than `before` that no record and no open quarantine points at; how many. Safe to repeat."""
    is_current = (
        select(Record.native_key)
        .where(
            Record.province == Raw.province,
            Record.resource == Raw.resource,
            Record.native_key == Raw.native_key,
            Record.raw_run == Raw.run_id,
            Record.raw_number == Raw.number,
        )
        .exists()
    )
    is_quarantined = (
        select(Quarantined.id)
        .where(
            Quarantined.province == Raw.province,
            Quarantined.resource == Raw.resource,
            Quarantined.raw_hash == Raw.raw_hash,
            Quarantined.state == "open",
        )
        .exists()
    )
    old = session.execute(
        select(Raw.run_id, Raw.number)
        .where(Raw.kept_at < before, ~or_(is_current, is_quarantined))
        .order_by(Raw.run_id, Raw.number)
        .limit(limit)
    ).all()
    if old:
        session.connection().execute(
            _RAW.delete().where(_RAW.c.run_id == bindparam("r"), _RAW.c.number == bindparam("n")),
            [{"r": row.run_id, "n": row.number} for row in old],
        )
    return len(old)


_UPDATED = (
    "subject",
    "raw_hash",
    "mapping_version",
    "seen_read",
    "seen_at",
    "modified_at",
    "is_stale",
    "withdrawn_at",
    "raw_run",
    "raw_number",
)


def _in_resource(province: str, resource: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Record.province == province, Record.resource == resource


def _update(session: Session, province: str, resource: str, keys: Sequence[str], **values: Any) -> None:
    for some in pieces(keys):
        session.execute(
            update(Record)
            .where(*_in_resource(province, resource), Record.native_key.in_(some))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
