"""Ordered logs that are numbered after the commit.

A transaction *announces* rows without a number. One process at a time *numbers* what has become visible,
without gaps per topic, and chains each row to the one before by SHA-256. Followers read by number and
therefore never jump over a row whose transaction was still open when a later one committed.

Change numbers, the audit and every other chained log use this table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Index, Table, UniqueConstraint, bindparam, event, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core import bulk, lease
from hub.core.clock import utc_now
from hub.core.db import Base, Database
from hub.core.ids import holder_name

BATCH = 500
"""Rows numbered in one transaction: about 10 ms of the write lock on SQLite."""

FAULT_SECONDS = 5.0
"""A visible row that is still without a number after this long is a fault of the sequencer."""

_ANNOUNCED = ("topic", "subject", "payload", "announced_at")
_GATHERED = "hub.core.sequencer"
"""Where a session keeps what `gathered` has not written yet."""

_LEASE = "sequencer"
_LEASE_SECONDS = 2.0
_ORIGIN = bytes(32)


class AnnouncedChange(Base):
    """One announced row; `number`, `previous_hash` and `hash` are null until the sequencer has seen it."""

    __tablename__ = "core_change"
    __table_args__ = (
        UniqueConstraint("topic", "number"),
        Index("ix_core_change_topic_subject", "topic", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any] | None]
    announced_at: Mapped[datetime]
    number: Mapped[int | None]
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]


_CHANGE: Table = AnnouncedChange.__table__  # type: ignore[assignment]

# Built once: the loop that numbers asks twenty times a second whether there is anything to do.
_IS_WAITING = select(_CHANGE.c.id).where(_CHANGE.c.number.is_(None)).limit(1)
_WAITING = (
    select(_CHANGE.c.id, _CHANGE.c.topic, _CHANGE.c.subject, _CHANGE.c.payload, _CHANGE.c.announced_at)
    .where(_CHANGE.c.number.is_(None))
    .order_by(_CHANGE.c.id)
    .limit(bindparam("most"))
)

Index(
    "ix_core_change_unnumbered",
    AnnouncedChange.id,
    sqlite_where=AnnouncedChange.number.is_(None),
    postgresql_where=AnnouncedChange.number.is_(None),
)


_REFUSED = {
    "rewrite": ("UPDATE OF id, topic, subject, payload, announced_at", ""),
    "renumber": ("UPDATE", "WHEN (OLD.number IS NOT NULL)"),
    "delete": ("DELETE", ""),
}
"""Only the numbering writes to a row that was announced, and only once."""

_SQLITE = """
CREATE TRIGGER core_change_no_{name} BEFORE {verb} ON core_change FOR EACH ROW {when}
BEGIN SELECT RAISE(ABORT, 'core_change is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''this table is append-only'' USING ERRCODE = ''restrict_violation''; END'
"""
_POSTGRESQL = """
CREATE TRIGGER core_change_no_{name} BEFORE {verb} ON core_change FOR EACH ROW {when}
EXECUTE FUNCTION core_refuse_change()
"""
_POSTGRESQL_TRUNCATE = """
CREATE TRIGGER core_change_no_truncate BEFORE TRUNCATE ON core_change
FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()
"""


@event.listens_for(_CHANGE, "after_create")
def _guard(_table: Table, connection: Connection, **_: Any) -> None:
    """Make the log append-only, as the migrations do; what the tables' owner changes nevertheless `verify_chain` finds."""
    is_sqlite = connection.dialect.name == "sqlite"
    refused = [
        (_SQLITE if is_sqlite else _POSTGRESQL).format(name=name, verb=verb, when=when)
        for name, (verb, when) in _REFUSED.items()
    ]
    for statement in refused if is_sqlite else [_POSTGRESQL_FUNCTION, *refused, _POSTGRESQL_TRUNCATE]:
        connection.exec_driver_sql(statement)


class ChainHead(Base):
    """The last number and hash of a topic; also what shows that a chain's end was cut off."""

    __tablename__ = "core_chain_head"

    topic: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[bytes]


class Change(NamedTuple):
    """One numbered row of a topic."""

    number: int
    topic: str
    subject: str
    payload: dict[str, Any] | None
    announced_at: datetime
    hash: bytes
    previous_hash: bytes | None = None


class ChainVerdict(NamedTuple):
    """What checking a whole chain found; `broken_at` is the first number that does not fit, `why` says how."""

    checked: int
    broken_at: int | None
    why: str


Inspect = Callable[[Sequence[Change]], tuple[int, str] | None]
"""A look at a page of rows: the number of one that is wrong and how, or None."""


def announce(
    session: Session,
    topic: str,
    subject: str,
    payload: Mapping[str, Any] | None = None,
    *,
    now: datetime | None = None,
) -> None:
    """Put one row into the log, in the caller's transaction. It gets its number after the commit."""
    announce_all(session, topic, [(subject, payload)], now=now)


def announce_all(
    session: Session,
    topic: str,
    changes: Iterable[tuple[str, Mapping[str, Any] | None]],
    *,
    now: datetime | None = None,
) -> None:
    """Like `announce`, for many rows in one statement; they are numbered in the given order."""
    at = now or utc_now()
    rows = [
        {"topic": topic, "subject": subject, "payload": payload, "announced_at": at}
        for subject, payload in changes
    ]
    if gathers(session):
        session.info[_GATHERED].extend(rows)
    else:
        bulk.insert_rows(_CHANGE, _ANNOUNCED).run(session, rows)


def gathers(session: Session) -> bool:
    """Whether announcements wait for the end of a `gathered` block; in a savepoint, which may be rolled back, none does."""
    return _GATHERED in session.info and not session.in_nested_transaction()


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """Write what is announced meanwhile in one statement at the end; nothing where the block raises.

    Only for a block whose transaction ends when it raises. Within a savepoint announcements are written at once.
    """
    waiting: list[dict[str, Any]] = []
    session.info[_GATHERED] = waiting
    try:
        yield
    finally:
        del session.info[_GATHERED]
    bulk.insert_rows(_CHANGE, _ANNOUNCED).run(session, waiting)


def announcement(insert: Callable[[Any], postgresql.Insert]) -> postgresql.Insert:
    """The INSERT of one row, for `hub.core.together`: its values are those of `announced`."""
    names = ("topic", "subject", "payload", "announced_at")
    return insert(_CHANGE).values({name: bindparam(f"v_change_{name}") for name in names})


def announced(topic: str, subject: str, payload: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What `announcement` writes; it gets its number after the commit, like every row."""
    return {
        "v_change_topic": topic,
        "v_change_subject": subject,
        "v_change_payload": payload,
        "v_change_announced_at": now,
    }


def number_once(database: Database, *, limit: int = BATCH, now: datetime | None = None) -> int:
    """Number up to `limit` visible rows; how many it numbered. Safe to repeat and to run anywhere at once.

    Zero means that nothing waits or that another process holds the lease. An idle call only reads.
    """
    with database.read() as session:
        if session.connection().scalar(_IS_WAITING) is None:
            return 0
    with database.write() as session:
        at = now or utc_now()
        if lease.take(session, _LEASE, holder_name(), seconds=_LEASE_SECONDS, now=at) is None:
            return 0
        return _number(session, limit)


def read_after(session: Session, topic: str, number: int, limit: int = 1000) -> list[Change]:
    """The topic's rows with a number above `number`, in order, at most `limit`."""
    rows = session.execute(
        select(
            AnnouncedChange.number,
            AnnouncedChange.topic,
            AnnouncedChange.subject,
            AnnouncedChange.payload,
            AnnouncedChange.announced_at,
            AnnouncedChange.hash,
            AnnouncedChange.previous_hash,
        )
        .where(AnnouncedChange.topic == topic, AnnouncedChange.number > number)
        .order_by(AnnouncedChange.number)
        .limit(limit)
    )
    return [Change(*row) for row in rows]


def last_number(session: Session, topic: str) -> int:
    """The topic's highest number; 0 when nothing was numbered yet."""
    return session.scalar(select(ChainHead.number).where(ChainHead.topic == topic)) or 0


def overdue(session: Session, now: datetime) -> int:
    """How many visible rows have waited longer than `FAULT_SECONDS` for their number (0 is healthy)."""
    limit = now - timedelta(seconds=FAULT_SECONDS)
    waiting = select(func.count()).where(
        AnnouncedChange.number.is_(None), AnnouncedChange.announced_at < limit
    )
    return session.scalar(waiting) or 0


def verify_chain(
    session: Session, topic: str, *, page: int = 1000, inspect: Inspect | None = None
) -> ChainVerdict:
    """Recompute the topic's chain from its first row: any edit, removal or cut end is found.

    `inspect` sees the rows page by page once they fit, and may name one that is wrong for a reason of its own.
    """
    number, previous = 0, _ORIGIN
    while rows := read_after(session, topic, number, page):
        for row in rows:
            if row.number != number + 1:
                return ChainVerdict(number, number + 1, "missing")
            if row.previous_hash != previous or row.hash != _chained(previous, row):
                return ChainVerdict(number, row.number, "altered")
            number, previous = row.number, row.hash
        found = inspect(rows) if inspect is not None else None
        if found is not None:
            return ChainVerdict(found[0] - 1, *found)
    head = session.get(ChainHead, topic)
    # Without its head a chain that was cut would look whole.
    if (head.number, head.hash) != (number, previous) if head is not None else number > 0:
        return ChainVerdict(number, number + 1, "cut off")
    return ChainVerdict(number, None, "")


def head_of(session: Session, topic: str) -> tuple[int, bytes]:
    """The last number and hash of a topic; (0, 32 zero bytes) before its first row."""
    head = session.get(ChainHead, topic)
    return (0, _ORIGIN) if head is None else (head.number, head.hash)


def _number(session: Session, limit: int) -> int:
    rows = session.connection().execute(_WAITING, {"most": limit}).all()
    if not rows:
        return 0
    heads = {head.topic: (head.number, head.hash) for head in session.scalars(select(ChainHead))}
    numbered: list[tuple[int, bytes, bytes, int]] = []
    for row_id, topic, subject, payload, announced_at in rows:
        number, previous = heads.get(topic, (0, _ORIGIN))
        chained = _chained(previous, Change(number + 1, topic, subject, payload, announced_at, b""))
        numbered.append((number + 1, previous, chained, row_id))
        heads[topic] = (number + 1, chained)
    for topic, (number, chained) in heads.items():
        session.merge(ChainHead(topic=topic, number=number, hash=chained))
    # By the driver: a harvest numbers a hundred thousand rows, and building parameters costs more than the update.
    mark = "?" if session.get_bind().dialect.paramstyle == "qmark" else "%s"
    session.connection().exec_driver_sql(
        f"UPDATE core_change SET number = {mark}, previous_hash = {mark}, hash = {mark} WHERE id = {mark}",  # noqa: S608
        numbered,
    )
    return len(rows)


def _chained(previous: bytes, change: Change) -> bytes:
    told = [change.topic, change.number, change.subject, change.payload, change.announced_at.isoformat()]
    return sha256(previous + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()
