"""The outbox: work that must happen, kept in the database under leases.

A row is written in the transaction that wants the work. The relay claims due rows and sends a broker message
that carries only the row's id; the task that receives it *performs* the row under a lease with heartbeat.
Messages may be lost or arrive twice, processes may die: the row decides. Work is therefore done at least once,
and never by two live holders at the same time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Index, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core.clock import utc_now
from hub.core.db import Base, insert, skip_locked

SYNC, FORWARD, CONTROL = "sync", "forward", "control"
QUEUES = (SYNC, FORWARD, CONTROL)
"""Slow provinces fill `sync`; talking with them about bookings has `forward`; what must wait for nobody is `control`."""

RESEND_SECONDS = 15.0
"""A message that nobody started is sent again after this long, then at growing distances."""

LEASE_SECONDS = 15.0
"""A killed worker's row comes back after at most this long."""

KEEP_DONE = timedelta(days=7)


class OutboxRow(Base):
    """One piece of work. Open while `done_at` and `failed_at` are null."""

    __tablename__ = "core_outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    queue: Mapped[str]
    key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sends: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


Index(
    "ix_core_outbox_open",
    OutboxRow.due_at,
    OutboxRow.id,
    sqlite_where=OutboxRow.done_at.is_(None) & OutboxRow.failed_at.is_(None),
    postgresql_where=OutboxRow.done_at.is_(None) & OutboxRow.failed_at.is_(None),
)


class Message(NamedTuple):
    """What the relay tells the broker: which task, which row, which queue."""

    id: int
    task_name: str
    queue: str


class Claim(NamedTuple):
    """A row that this process may perform until its lease ends."""

    id: int
    task_name: str
    payload: dict[str, Any]
    fence: int
    attempts: int


class Backlog(NamedTuple):
    """The outbox's health: open rows, rows that failed for good, seconds the oldest due row has waited."""

    open: int
    failed: int
    oldest_due_seconds: float


def enqueue(
    session: Session,
    task_name: str,
    payload: Mapping[str, Any],
    *,
    queue: str = CONTROL,
    due: datetime | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> int:
    """Want a task done, in the caller's transaction; the row's id.

    With a `key` it is safe to repeat: the same key names the same row, as long as the row is kept
    (a week after it was done), and a second call changes nothing.
    """
    if queue not in QUEUES:
        raise ValueError(f"no such queue: {queue!r}")
    at = now or utc_now()
    row = {
        "task_name": task_name,
        "payload": dict(payload),
        "queue": queue,
        "key": key,
        "created_at": at,
        "due_at": due or at,
    }
    added: int | None = session.scalar(
        insert(session, OutboxRow)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxRow.id)
    )
    if added is not None:
        return added
    return session.scalars(select(OutboxRow.id).where(OutboxRow.key == key)).one()


def has_due(session: Session, now: datetime) -> bool:
    """Whether the relay would find something to send."""
    return session.scalar(select(OutboxRow.id).where(*_sendable(now)).limit(1)) is not None


def claim_due(session: Session, holder: str, *, limit: int = 50, now: datetime) -> list[Message]:
    """Claim due rows for sending; each is sent again later if nobody starts it. Several relays may run at once."""
    chosen = skip_locked(
        session,
        select(OutboxRow.id).where(*_sendable(now)).order_by(OutboxRow.due_at, OutboxRow.id).limit(limit),
    )
    again = now + timedelta(seconds=RESEND_SECONDS)
    rows = session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(chosen.scalar_subquery()))
        .values(holder=f"relay {holder}", lease_until=again, sends=OutboxRow.sends + 1)
        .returning(OutboxRow.id, OutboxRow.task_name, OutboxRow.queue, OutboxRow.sends, OutboxRow.due_at)
        .execution_options(synchronize_session=False)
    ).all()
    for row in rows:
        if row.sends > 1:  # the queue is long, not dead: do not fill it with copies
            later = now + timedelta(seconds=min(RESEND_SECONDS * 2 ** min(row.sends - 1, 10), 600.0))
            _set(session, OutboxRow.id == row.id, lease_until=later)
    return [
        Message(row.id, row.task_name, row.queue)
        for row in sorted(rows, key=lambda row: (row.due_at, row.id))
    ]


def claim(
    session: Session, row_id: int, holder: str, *, now: datetime, seconds: float = LEASE_SECONDS
) -> Claim | None:
    """Take a row for performing; None when it is finished, not yet due, unknown, or in another's live hands."""
    row = session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.id == row_id,
            *_open(),
            OutboxRow.due_at <= now,
            or_(
                OutboxRow.lease_until.is_(None),
                OutboxRow.lease_until <= now,
                OutboxRow.holder.startswith("relay "),
            ),
        )
        .values(
            holder=holder,
            lease_until=now + timedelta(seconds=seconds),
            fence=OutboxRow.fence + 1,
            attempts=OutboxRow.attempts + 1,
        )
        .returning(OutboxRow.id, OutboxRow.task_name, OutboxRow.payload, OutboxRow.fence, OutboxRow.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else Claim(*row)


def prolong(session: Session, held: Claim, *, now: datetime, seconds: float = LEASE_SECONDS) -> bool:
    """Keep a held row; False when it was taken over and this holder must stop."""
    return _set(session, _held(held), lease_until=now + timedelta(seconds=seconds))


def finish(session: Session, held: Claim, *, now: datetime) -> bool:
    """Mark a held row as done; False when it was taken over."""
    return _set(session, _held(held), done_at=now, lease_until=None, holder=None, last_error=None)


def retry_later(session: Session, held: Claim, error: str, *, due: datetime) -> bool:
    """Give a held row back, due again at `due`; False when it was taken over."""
    return _set(
        session, _held(held), due_at=due, lease_until=None, holder=None, sends=0, last_error=error[:2000]
    )


def give_up(session: Session, held: Claim, error: str, *, now: datetime) -> bool:
    """Mark a held row as failed for good: it stays visible until a person looks. False when taken over."""
    return _set(session, _held(held), failed_at=now, lease_until=None, holder=None, last_error=error[:2000])


def release_all(session: Session) -> int:
    """End every lease at once; how many. Only for a supervisor that knows that nobody works any more."""
    result = session.execute(
        update(OutboxRow)
        .where(*_open(), OutboxRow.lease_until.is_not(None))
        .values(lease_until=None, holder=None, sends=0)
        .execution_options(synchronize_session=False)
        .returning(OutboxRow.id)
    )
    return len(result.all())


def purge_done(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Forget rows that were done more than `KEEP_DONE` ago, at most `limit`; how many. Safe to repeat."""
    old = select(OutboxRow.id).where(OutboxRow.done_at < now - KEEP_DONE).limit(limit)
    gone = session.execute(
        delete(OutboxRow)
        .where(OutboxRow.id.in_(old.scalar_subquery()))
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def backlog(session: Session, now: datetime) -> Backlog:
    """How much waits and how long the oldest due row has waited."""
    waiting, oldest = session.execute(select(func.count(), func.min(OutboxRow.due_at)).where(*_open())).one()
    failed = session.scalar(select(func.count()).where(OutboxRow.failed_at.is_not(None))) or 0
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return Backlog(waiting, failed, age)


def _open() -> tuple[Any, ...]:
    return OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None)


def _sendable(now: datetime) -> tuple[Any, ...]:
    return (
        *_open(),
        OutboxRow.due_at <= now,
        or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until <= now),
    )


def _held(held: Claim) -> Any:
    return (OutboxRow.id == held.id) & (OutboxRow.fence == held.fence) & OutboxRow.done_at.is_(None)


def _set(session: Session, where: Any, **values: Any) -> bool:
    changed = session.execute(
        update(OutboxRow)
        .where(where)
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
