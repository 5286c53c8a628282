"""Calculating a batch: its lines in order, each hashed, all of them summed and kept as a list. Streamed, whatever the size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, cast, collate, func, select
from sqlalchemy.orm import Session

from hub.core.copying import copy_rows
from hub.settlement.errors import TotalsDiffer
from hub.settlement.models import Batch, Calculation, Member, RatedLine
from hub.settlement.rules import periods as rules
from hub.settlement.service.documents import digest
from hub.settlement.service.periods.acting import SYSTEM, Acting, lock, move
from hub.settlement.service.periods.acting import check as check_command

PAGE = 1_000
"""Lines held in memory at a time."""

_MEMBER: Table = Member.__table__  # type: ignore[assignment]
_COLUMNS = rules.ENTRY[:-1]  # the last one, the document's hash, is reckoned
_PAIR = rules.ENTRY.index("visited")  # visited and home stand together, and are the batch's
_KEPT = tuple(name for name in rules.ENTRY if name not in {"visited", "home"})
_NAMES = ("batch_id", "revision", "position", "line_id", *_KEPT, "sha256")
_SUMS = ("lines", "fee_fen", "voucher_fen", "own_fen")


@dataclass(frozen=True, slots=True)
class Calculated:
    """A batch's newest calculation. `is_repeat`: the same came out as before, and nothing was written."""

    batch_id: str
    revision: int
    sha256: str
    lines: int
    is_repeat: bool


def calculate_batch(session: Session, batch_id: str, *, acting: Acting = SYSTEM, now: datetime) -> Calculated:
    """Calculate a batch that was cut. Safe to repeat: a batch that is further on is calculated again and compared.

    Raises `BatchUnknown`, `BatchStateWrong`, `TotalsDiffer`.
    """
    batch = lock(session, batch_id)
    if batch.state != "closing":
        return _again(session, batch, acting, now=now)
    check_command(batch, "calculate", acting, now=now)
    made = keep_calculation(session, batch, acting.name, now=now)
    move(session, batch, "calculate", acting, now=now, detail={"revision": made.revision})
    return made


def recalculate_batch(session: Session, batch_id: str, acting: Acting, *, now: datetime) -> Calculated:
    """Calculate again what was not agreed yet: the same lines give the same bytes. Raises as `calculate_batch`."""
    batch = lock(session, batch_id)
    return _again(session, batch, acting, now=now)


def keep_calculation(session: Session, batch: Batch, actor: str, *, now: datetime) -> Calculated:
    """Calculate the batch as its lines stand; a result that differs from the last is a new revision.

    The caller holds the batch's lock. Raises `TotalsDiffer` when the database's own sums are others.
    """
    if batch.revision and _result(batch, _count(session, batch.id))[1] == batch.sha256:
        return _newest(batch, is_repeat=True)
    revision = batch.revision + 1
    tally = rules.Tally()
    for page in _pages(session, batch.id):
        copy_rows(session, _MEMBER, _NAMES, [_member(batch.id, revision, tally, row) for row in page])
    control_totals(session, batch.id, tally.totals)
    document, sha256 = _result(batch, tally)
    batch.revision, batch.sha256 = revision, sha256
    for name in _SUMS:
        setattr(batch, name, tally.totals[name])
    row = Calculation(
        batch_id=batch.id,
        revision=revision,
        sha256=sha256,
        lines_sha256=tally.lines_sha256,
        document=document,
        calculated_at=now,
        calculated_by=actor,
    )
    session.add(row)
    session.flush()
    return _newest(batch, is_repeat=False)


def control_totals(session: Session, batch_id: str, totals: dict[str, int]) -> None:
    """Compare totals with what the database sums up over the lines themselves. Raises `TotalsDiffer`."""
    sums = (func.coalesce(func.sum(getattr(RatedLine, name)), 0) for name in _SUMS[1:])
    mine = select(func.count(), *sums).where(RatedLine.batch_id == batch_id, RatedLine.state == "batched")
    for name, found in zip(_SUMS, session.execute(mine).one(), strict=True):
        if int(found) != totals[name]:
            raise TotalsDiffer(batch_id, name, totals[name], int(found))


def _again(session: Session, batch: Batch, acting: Acting, *, now: datetime) -> Calculated:
    check_command(batch, "recalculate", acting, now=now)
    made = keep_calculation(session, batch, acting.name, now=now)
    if not made.is_repeat:
        move(session, batch, "recalculate", acting, now=now, detail={"revision": made.revision})
    return made


def _newest(batch: Batch, *, is_repeat: bool) -> Calculated:
    assert batch.sha256 is not None, "it was calculated"
    return Calculated(batch.id, batch.revision, batch.sha256, batch.lines, is_repeat)


def _result(batch: Batch, tally: rules.Tally) -> tuple[dict[str, Any], str]:
    assert batch.cutoff_at is not None, "it was cut"
    document = rules.calculation(batch.period_id, batch.visited, batch.home, batch.cutoff_at, tally)
    return document, digest(document)


def _count(session: Session, batch_id: str) -> rules.Tally:
    """The lines counted and hashed, nothing kept."""
    tally = rules.Tally()
    for page in _pages(session, batch_id):
        for row in page:
            tally.add(dict(zip(rules.ENTRY, row[1:], strict=True)))
    return tally


def _pages(session: Session, batch_id: str) -> Iterator[Sequence[Any]]:
    """The batch's lines by usage, a page at a time, out of a cursor that stays at the server.

    By code points, whatever the database's own order of letters is: the list is the same everywhere.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    order = "BINARY" if is_sqlite else "C"
    columns = (getattr(RatedLine, name) for name in _COLUMNS)
    document: ColumnElement[str] = cast(RatedLine.document, Text)
    if not is_sqlite:  # PostgreSQL hashes by itself: the documents need not come here
        document = func.encode(func.sha256(func.convert_to(document, "UTF8")), "hex")
    mine = (
        select(RatedLine.id, *columns, document)
        .where(RatedLine.batch_id == batch_id, RatedLine.state == "batched")
        .order_by(collate(RatedLine.usage_id, order))
        .execution_options(yield_per=PAGE)
    )
    for page in session.execute(mine).partitions(PAGE):
        yield [(*row[:-1], rules.document_hash(row[-1])) for row in page] if is_sqlite else page


def _member(
    batch_id: str, revision: int, tally: rules.Tally, row: Sequence[Any]
) -> tuple[str | int | None, ...]:
    """The row of a list's line; `row` is the line's number and then what its entry says."""
    line_id, *told = row
    sha256 = tally.add(dict(zip(rules.ENTRY, told, strict=True)))
    return (batch_id, revision, tally.lines, line_id, *told[:_PAIR], *told[_PAIR + 2 :], sha256)
