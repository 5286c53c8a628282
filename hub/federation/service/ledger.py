"""The ledger of native records and their raw payloads: what was last seen of each, word for word.

Everything here is bulk: one statement for a page's keys, one for its rows.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core import bulk
from hub.federation.models import Quarantined, Raw, Record
from hub.federation.service.claims import Claim, Counters

IN_LIMIT = 1000
"""Names in one IN list; both databases take more, statements of one length are cached better."""

_RECORD: Table = Record.__table__  # type: ignore[assignment]
_WRITTEN = tuple(column.name for column in _RECORD.c)

# Built once: every page of a harvest asks for its keys.
_KNOWN = select(
    _RECORD.c.native_key,
    _RECORD.c.subject,
    _RECORD.c.raw_hash,
    _RECORD.c.mapping_version,
    _RECORD.c.seen_read,
    _RECORD.c.modified_at,
    _RECORD.c.is_stale,
    _RECORD.c.withdrawn_at.is_not(None),
    _RECORD.c.raw_run,
    _RECORD.c.raw_number,
).where(
    _RECORD.c.province == bindparam("b_province"),
    _RECORD.c.resource == bindparam("b_resource"),
    _RECORD.c.native_key.in_(bindparam("b_keys", expanding=True)),
)


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
    """A record that was mapped now; `raw_at` is the run and number under which its payload is kept."""

    native_key: str
    subject: str
    raw_hash: str
    modified_at: datetime | None
    raw_at: tuple[int, int]


class Packed(NamedTuple):
    """Payloads of one transaction, compressed together: they resemble each other, and one row is cheaper than many."""

    content: bytes
    amount: int
    size: int


def pieces(values: Iterable[str], size: int = IN_LIMIT) -> Iterator[list[str]]:
    """The values in lists of at most `size`."""
    held = list(values)
    for start in range(0, len(held), size):
        yield held[start : start + size]


def known_records(session: Session, province: str, resource: str, keys: Sequence[str]) -> dict[str, Known]:
    """What the ledger holds of these keys; unknown ones are absent."""
    found: dict[str, Known] = {}
    place = {"b_province": province, "b_resource": resource}
    for some in pieces(keys):
        rows = session.connection().execute(_KNOWN, {**place, "b_keys": some})
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
    session: Session, claim: Claim, mapping_version: str, seen: Sequence[Seen], *, now: datetime
) -> None:
    """Write what is known of mapped records. A key occurs once."""
    bulk.upsert_rows(_RECORD, _WRITTEN, ("province", "resource", "native_key")).run(
        session,
        [
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
                "raw_run": s.raw_at[0],
                "raw_number": s.raw_at[1],
            }
            for s in seen
        ],
    )


def pack(payloads: Sequence[bytes]) -> Packed | None:
    """Payloads as they are kept: their lengths, then all of them, compressed. Done before the transaction opens."""
    if not payloads:
        return None
    whole = orjson.dumps([len(payload) for payload in payloads]) + b"\n" + b"".join(payloads)
    return Packed(zlib.compress(whole, 1), len(payloads), sum(map(len, payloads)))


def keep_packed(
    session: Session, claim: Claim, packed: Packed, counters: Counters, *, now: datetime
) -> range:
    """Keep packed payloads under the next numbers of this run; the numbers, in order."""
    first = counters.raw_kept + 1
    counters.raw_kept += packed.amount
    session.add(
        Raw(
            run_id=claim.run_id,
            first=first,
            count=packed.amount,
            province=claim.province,
            resource=claim.resource,
            size=packed.size,
            kept_at=now,
            content=packed.content,
        )
    )
    return range(first, first + packed.amount)


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


def retire_raw(session: Session, *, before: datetime, limit: int = 20) -> int:
    """Forget packs older than `before` of which nothing is referred to any more; how many. Safe to repeat."""
    old = session.execute(
        select(Raw.run_id, Raw.first, Raw.count, Raw.province, Raw.resource)
        .where(Raw.kept_at < before, ~_is_referred())
        .order_by(Raw.run_id, Raw.first)
        .limit(limit)
    ).all()
    for row in old:
        session.execute(delete(Raw).where(Raw.run_id == row.run_id, Raw.first == row.first))
    return len(old)


def _is_referred() -> ColumnElement[bool]:
    numbers = (Raw.first, Raw.first + Raw.count - 1)
    by_record = select(Record.native_key).where(
        Record.province == Raw.province,
        Record.resource == Raw.resource,
        Record.raw_run == Raw.run_id,
        Record.raw_number.between(*numbers),
    )
    by_quarantine = select(Quarantined.id).where(
        Quarantined.province == Raw.province,
        Quarantined.resource == Raw.resource,
        Quarantined.raw_run == Raw.run_id,
        Quarantined.raw_number.between(*numbers),
        Quarantined.state == "open",
    )
    return or_(by_record.exists(), by_quarantine.exists())


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
