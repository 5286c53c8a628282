"""Commands that are carried out once: idempotency keys, and the revision that a command was decided on.

A command with the same key and body is carried out once and answered the same. The key is written first and in the
command's own transaction: a second request with it waits for the first one's answer, at most `WAIT_SECONDS`. A command
that is refused leaves no key behind: it had no effect and may be tried again.

Each domain keeps its keys in a table of its own, made with `KeyColumns`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Executable, Table, Update, bindparam, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core import db
from hub.core.errors import HubError

WAIT_SECONDS = 2
_KEY = re.compile(r"[A-Za-z0-9._:-]{16,100}")
_REVISION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_LOCK_NOT_AVAILABLE = "55P03"


class KeyMissing(HubError):
    """A command came without a usable idempotency key."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_missing",
            "缺少 Idempotency-Key 请求头，或其格式不对。",
            "The header Idempotency-Key is missing or malformed.",
            400,
            field="Idempotency-Key",
            hint_zh="请为每次操作随机生成 16—100 个字母、数字或连字符；重试时用同一个。",
            hint_en="Make 16–100 random letters, digits or hyphens for each command; repeat it with the same key.",
        )


class KeyReused(HubError):
    """The same key came with another body."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_reused",
            "此 Idempotency-Key 已用于另一项内容。",
            "This Idempotency-Key was used for something else.",
            422,
            field="Idempotency-Key",
            hint_zh="新的操作请用新的键。",
            hint_en="Use a new key for a new command.",
        )


class StillRunning(HubError):
    """The same command with the same key is being carried out right now."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "command_in_flight",
            "同一操作正在处理，请稍候再试。",
            "The same command is being carried out; try again shortly.",
            409,
            field="Idempotency-Key",
            retry_after=1,
        )


class RevisionMissing(HubError):
    """A command came without the revision that it was decided on."""

    def __init__(self) -> None:
        super().__init__(
            "revision_missing",
            "缺少 If-Match 请求头（所读内容的修订号）。",
            "The header If-Match (the revision that was read) is missing.",
            428,
            field="If-Match",
            hint_zh='请带上读到的修订号，例如 If-Match: "7"。',
            hint_en='Send the revision that you have read, for example If-Match: "7".',
        )


class RevisionStale(HubError):
    """What the command is about has changed since the caller read it."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        super().__init__(
            "revision_stale",
            f"内容已有变化（现为第 {revision} 版），请刷新后重试。",
            f"It has changed (revision {revision}); reload it and decide again.",
            412,
            field="If-Match",
        )


class KeyColumns:
    """Columns of a domain's table of keys: whose key, what was asked under it, and the answer once there is one."""

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    answer: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A key that was taken for this command, or the answer of the one that had it before. `table` is the domain's."""

    table: type[KeyColumns]
    actor: str
    key: str
    replayed: Mapping[str, Any] | None

    def answer(self, session: Session, answer: Mapping[str, Any], **more: Any) -> None:
        """Keep what the command is answered with, and `more` columns of the domain's own."""
        told = {"new_answer": dict(answer), **{f"new_{name}": value for name, value in more.items()}}
        mine = {"by": self.actor, "its_key": self.key}
        session.execute(_answering(_rows(self.table), "answer", *sorted(more)), told | mine)

    def give_back(self, session: Session) -> None:
        """Forget the key: what was asked for was not done, and may be asked again."""
        gone = delete(self.table).where(*_mine(self.table, self.actor, self.key))
        session.execute(gone.execution_options(synchronize_session=False))


def take(
    session: Session,
    table: type[KeyColumns],
    actor: str,
    key: str | None,
    asked: Mapping[str, Any],
    *,
    now: datetime,
) -> Ticket:
    """Take the key for a command; `asked` is everything that makes it this one and no other.

    Raises `KeyMissing`, `KeyReused`, and `StillRunning` when the first one takes longer than `WAIT_SECONDS`.
    """
    if key is None or _KEY.fullmatch(key) is None:
        raise KeyMissing
    body_hash = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    row = {"actor": actor, "key": key, "body_hash": body_hash, "at": now}
    try:
        added = _write(session, _rows(table), row)
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise StillRunning from None
        raise
    if added:
        return Ticket(table, actor, key, None)
    mine = select(table).where(*_mine(table, actor, key))
    held = session.scalars(mine.execution_options(populate_existing=True)).one()
    if held.body_hash != body_hash:
        raise KeyReused
    if held.answer is None:
        raise StillRunning
    return Ticket(table, actor, key, held.answer)


def revision_of(header: str | None) -> int | None:
    """The revision of an If-Match header; None when there is none. Raises `RevisionMissing` for anything else."""
    if header is None:
        return None
    found = _REVISION.fullmatch(header.strip())
    if found is None:
        raise RevisionMissing
    return int(found[1])


def check_revision(read: int | None, present: int) -> None:
    """Refuse a command that was decided on another revision. Raises `RevisionMissing`, `RevisionStale`."""
    if read is None:
        raise RevisionMissing
    if read != present:
        raise RevisionStale(present)


def _mine(table: type[KeyColumns], actor: str, key: str) -> tuple[Any, ...]:
    return (table.actor == actor, table.key == key)


def _rows(table: type[KeyColumns]) -> Table:
    rows: Table = table.__table__  # type: ignore[attr-defined]  # these columns are mixed into mapped classes
    return rows


def _write(session: Session, rows: Table, row: Mapping[str, Any]) -> bool:
    """Write the key; False when it is there already.

    On PostgreSQL the insert waits for a transaction that holds the same key, not longer than `WAIT_SECONDS`. SQLite has
    one writer at a time: whoever comes second already waited for the first to end.
    """
    if session.get_bind().dialect.name == "sqlite":
        return session.scalar(_taking_alone(rows), row) is not None
    patience = {"wait": f"{WAIT_SECONDS}s", "before": db.lock_timeout(session)}
    if session.execute(_taking(rows), {**row, **patience}).first() is not None:
        return True
    session.execute(_AS_BEFORE, {"before": patience["before"]})
    return False


_TAKEN = ("actor", "key", "body_hash", "at")
_AS_BEFORE = text("SELECT set_config('lock_timeout', :before, true)")


@cache
def _taking_alone(rows: Table) -> Executable:
    made = sqlite.insert(rows).on_conflict_do_nothing(index_elements=["actor", "key"])
    return made.returning(rows.c.key)


@cache
def _taking(rows: Table) -> Executable:
    """The insert, less patient while it waits: PostgreSQL reads the source of the rows before it writes one, and gives
    back what was written after that.
    """
    values = [bindparam(name, type_=rows.c[name].type) for name in _TAKEN]
    is_shorter = func.set_config("lock_timeout", bindparam("wait"), True) != ""
    made = postgresql.insert(rows).from_select(_TAKEN, select(*values).where(is_shorter))
    as_before = func.set_config("lock_timeout", bindparam("before"), True)
    return made.on_conflict_do_nothing(index_elements=["actor", "key"]).returning(rows.c.key, as_before)


@cache
def _answering(rows: Table, *names: str) -> Update:
    """Keep these columns for a key."""
    mine = (rows.c.actor == bindparam("by")) & (rows.c.key == bindparam("its_key"))
    return update(rows).where(mine).values({name: bindparam(f"new_{name}") for name in names})
