"""Idempotency keys: a command with the same key and body is carried out once and answered the same.

The key is written first and in the command's own transaction: a second request with it waits for the first one's
answer, at most `WAIT_SECONDS`. A command that is refused leaves no key behind: it had no effect and may be tried again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hub.bookings.errors import KeyMissing, KeyReused, StillRunning
from hub.bookings.models import CommandKey
from hub.core.db import insert

WAIT_SECONDS = 2
_KEY = re.compile(r"[A-Za-z0-9._:-]{16,100}")
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A key that was taken for this command, or the answer of the one that had it before."""

    actor: str
    key: str
    replayed: Mapping[str, Any] | None

    def answer(self, session: Session, booking_id: str, answer: Mapping[str, Any]) -> None:
        """Keep what the command is answered with."""
        mine = (CommandKey.actor == self.actor) & (CommandKey.key == self.key)
        done = update(CommandKey).where(mine).values(booking_id=booking_id, answer=dict(answer))
        session.execute(done.execution_options(synchronize_session=False))

    def give_back(self, session: Session) -> None:
        """Forget the key: what was asked for was not done, and may be asked again."""
        mine = (CommandKey.actor == self.actor) & (CommandKey.key == self.key)
        session.execute(delete(CommandKey).where(mine).execution_options(synchronize_session=False))


def take(session: Session, actor: str, key: str | None, asked: Mapping[str, Any], *, now: datetime) -> Ticket:
    """Take the key for a command; `asked` is everything that makes it this one and no other.

    Raises `KeyMissing`, `KeyReused`, and `StillRunning` when the first one takes longer than `WAIT_SECONDS`.
    """
    if key is None or _KEY.fullmatch(key) is None:
        raise KeyMissing
    body_hash = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    row = {"actor": actor, "key": key, "body_hash": body_hash, "at": now}
    try:
        with _patience(session):
            added = session.scalar(
                insert(session, CommandKey)
                .values(**row)
                .on_conflict_do_nothing(index_elements=["actor", "key"])
                .returning(CommandKey.key)
            )
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise StillRunning from None
        raise
    if added is not None:
        return Ticket(actor, key, None)
    mine = select(CommandKey).where(CommandKey.actor == actor, CommandKey.key == key)
    held = session.scalars(mine.execution_options(populate_existing=True)).one()
    if held.body_hash != body_hash:
        raise KeyReused
    if held.answer is None:
        raise StillRunning
    return Ticket(actor, key, held.answer)


# The value before and the new one in one way to the server: a select list is evaluated from left to right.
_SHORTER = text("SELECT current_setting('lock_timeout'), set_config('lock_timeout', :wait, true)")
_AS_BEFORE = text("SELECT set_config('lock_timeout', :before, true)")


class _patience:  # noqa: N801 - reads as a verb where it is used
    """On PostgreSQL the insert waits for a transaction that holds the same key; not longer than `WAIT_SECONDS`.

    SQLite has one writer at a time: whoever comes second already waited for the first to end.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_postgresql = session.get_bind().dialect.name == "postgresql"

    def __enter__(self) -> None:
        if self._is_postgresql:
            self._before = self._session.scalar(_SHORTER, {"wait": f"{WAIT_SECONDS}s"})

    def __exit__(self, kind: object, *_: object) -> None:
        if self._is_postgresql and kind is None:
            self._session.execute(_AS_BEFORE, {"before": self._before})
