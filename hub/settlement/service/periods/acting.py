"""Commands on a batch: who may give which in which state, and the record of each. The machine is published data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.settlement.errors import (
    BatchChanged,
    BatchStateWrong,
    BatchUnknown,
    ReviewNotOver,
    WordsMissing,
)
from hub.settlement.models import Batch, BatchEvent

MACHINE = "settlement-batch"
_STAFF = frozenset({"visited_staff", "home_staff"})
_LEAST_WORDS, _MOST_WORDS = 2, 1000


@dataclass(frozen=True, slots=True)
class Acting:
    """Who commands: the principal's name, the side (list `settlement_batch_side`), and the version that was read.

    `version` None: not asked.
    """

    name: str
    side: str
    version: int | None = None


SYSTEM = Acting("system:settlement", "system")


@dataclass(frozen=True, slots=True)
class Moved:
    """A batch after a command."""

    batch_id: str
    state: str
    version: int
    revision: int
    sha256: str | None


def lock(session: Session, batch_id: str) -> Batch:
    """The batch, nobody else acting on it before this transaction ends. Raises `BatchUnknown`."""
    mine = select(Batch).where(Batch.id == batch_id).with_for_update()
    found = session.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise BatchUnknown(batch_id)
    return found


def check(batch: Batch, command: str, acting: Acting, *, now: datetime) -> str:
    """The state that the command leads to. Raises `BatchChanged`, `BatchStateWrong`, `ReviewNotOver`."""
    if acting.version is not None and acting.version != batch.version:
        raise BatchChanged(batch.version)
    row = schemas.machine(MACHINE).find(batch.state, command, acting.side)
    if row is None:
        raise BatchStateWrong(command, batch.state)
    if acting.side in _STAFF and (batch.review_until is None or now < batch.review_until):
        raise ReviewNotOver(batch.review_until)
    return batch.state if row.target == "$same" else row.target


def move(
    session: Session,
    batch: Batch,
    command: str,
    acting: Acting,
    *,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> Moved:
    """Carry the state over and keep the event; the caller holds the batch's lock."""
    target = check(batch, command, acting, now=now)
    source, batch.state = batch.state, target
    batch.version += 1
    event = BatchEvent(
        batch_id=batch.id,
        number=batch.version,
        command=command,
        actor=acting.name,
        side=acting.side,
        source=source,
        target=target,
        sha256=batch.sha256,
        detail=detail or {},
        at=now,
    )
    session.add(event)
    session.flush()
    told = {"from": source, "to": target, "version": batch.version}
    audit.record(session, acting.name, f"batch.{command}", f"batch:{batch.id}", told, now=now)
    return moved(batch)


def moved(batch: Batch) -> Moved:
    """The batch as a command leaves it."""
    return Moved(batch.id, batch.state, batch.version, batch.revision, batch.sha256)


def words(text: str, field: str, zh: str, en: str) -> str:
    """A reason in words, trimmed. Raises `WordsMissing`."""
    told = text.strip()
    if not _LEAST_WORDS <= len(told) <= _MOST_WORDS:
        raise WordsMissing(field, zh, en)
    return told


def code_of(list_name: str, code: str, field: str) -> str:
    """A code of the list. Raises `WordsMissing` naming the field."""
    if code not in schemas.codes(list_name):
        raise WordsMissing(field, f"代码（{list_name} 代码表）", f"a code of the list {list_name}")
    return code
