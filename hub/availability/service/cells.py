"""The slot guard. Nothing else writes cells.

A claim takes one row for each cell of its time, in ascending order; the primary key (instrument, cell, lane) lets
one of two contenders pass, on SQLite and on PostgreSQL alike. Lanes are places, not machines: a claim may stand in
different lanes of neighbouring cells, so a time is free exactly when each of its cells has fewer claims than
the instrument has lanes.

The grid of an instrument only gets finer (30 → 15 → 5 minutes), by splitting every row: rules may change their
step in either direction and all earlier claims stay guarded.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from hub.availability.models import Calendar, Cell
from hub.availability.rules.grid import Grid
from hub.core import db
from hub.core.db import InsertOnBoth, table_of

Lanes = Mapping[int, Mapping[int, str]]
"""Per cell the lanes that are taken, each with its claim."""


_CELL, _CALENDAR = table_of(Cell), table_of(Calendar)
_TAKEN = select(_CELL.c.cell, _CELL.c.lane, _CELL.c.claim_id).where(
    _CELL.c.instrument_id == bindparam("instrument"),
    _CELL.c.cell >= bindparam("first"),
    _CELL.c.cell <= bindparam("last"),
)
# Shared: claims do not wait for each other here, only for a change of the grid. A grid that is too coarse is not
# locked yet: two that both shared it would wait for each other to refine it.
_FINE_ENOUGH = (
    select(_CALENDAR.c.cell_minutes)
    .where(
        _CALENDAR.c.instrument_id == bindparam("instrument"), _CALENDAR.c.cell_minutes <= bindparam("step")
    )
    .with_for_update(read=True)
)
_FREE_CELLS = InsertOnBoth(_CELL, lambda made: made.on_conflict_do_nothing().returning(_CELL.c.cell))

_BACK = delete(_CELL).where(
    _CELL.c.claim_id == bindparam("claim"),
    _CELL.c.instrument_id == bindparam("instrument"),
    _CELL.c.cell.in_(bindparam("cells", expanding=True)),
)


class CellTaken(Exception):
    """All lanes of `cell` are taken; `claims` by these."""

    def __init__(self, cell: int, claims: frozenset[str]) -> None:
        super().__init__(cell)
        self.cell = cell
        self.claims = claims


def hold_grid(session: Session, instrument_id: str, step_minutes: int, *, now: datetime) -> Grid:
    """The instrument's grid, at least as fine as `step_minutes`; nobody changes it before this transaction ends."""
    minutes = session.scalar(_FINE_ENOUGH, {"instrument": instrument_id, "step": step_minutes})
    if minutes is not None:
        return Grid(instrument_id, minutes)
    known = select(Calendar.cell_minutes).where(Calendar.instrument_id == instrument_id)
    shared = known.with_for_update(read=True)
    if session.scalar(known) is None:
        first = db.insert(session, Calendar).values(
            instrument_id=instrument_id, cell_minutes=step_minutes, changed_at=now, pull_failures=0
        )
        session.execute(first.on_conflict_do_nothing())
    else:
        _refine(session, instrument_id, step_minutes)
    minutes = session.scalars(shared).one()
    if step_minutes < minutes:  # another wrote the first row meanwhile, with a coarser step
        _refine(session, instrument_id, step_minutes)
        minutes = step_minutes
    return Grid(instrument_id, minutes)


def grid_of(session: Session, instrument_id: str) -> Grid:
    """The grid of an instrument that has been claimed, as it stands; nobody changes it before this transaction ends."""
    known = select(Calendar.cell_minutes).where(Calendar.instrument_id == instrument_id)
    return Grid(instrument_id, session.scalars(known.with_for_update(read=True)).one())


def take(session: Session, grid: Grid, claim_id: str, cells: Sequence[int], *, capacity: int) -> None:
    """Take these ascending cells for the claim, all or none; those it has already are left alone. Safe to repeat.

    Raises `CellTaken`. Waits for a contender that has not committed yet.
    """
    for _ in range(capacity * len(cells) + 1):  # each round that is lost has seen one more place go
        places = _choose(taken(session, grid, cells), claim_id, cells, capacity)
        if not places or _write(session, grid, claim_id, places, capacity):
            return
    raise CellTaken(cells[0], frozenset())


def taken(session: Session, grid: Grid, cells: Sequence[int]) -> Lanes:
    """Who has which lane in these cells (ascending, contiguous)."""
    if not cells:
        return {}
    asked = {"instrument": grid.instrument_id, "first": cells[0], "last": cells[-1]}
    rows = session.execute(_TAKEN, asked)
    lanes: dict[int, dict[int, str]] = {}
    for cell, lane, claim_id in rows:
        lanes.setdefault(cell, {})[lane] = claim_id
    return lanes


def free(session: Session, claim_id: str, *, keep: tuple[Grid, Iterable[int]] | None = None) -> None:
    """Free the claim's cells, but for the `keep` ones. Safe to repeat."""
    gone = delete(Cell).where(Cell.claim_id == claim_id)
    if keep is not None:
        grid, cells = keep
        gone = gone.where(Cell.instrument_id == grid.instrument_id, Cell.cell.not_in(list(cells)))
    session.execute(gone)


def _choose(lanes: Lanes, claim_id: str, cells: Sequence[int], capacity: int) -> list[tuple[int, int]]:
    """For each cell that the claim lacks its lowest free lane.

    Always the lowest: contenders for the last place must meet in one row, also while claims from before a cut in
    capacity still stand in lanes that no longer exist.
    """
    places = []
    for cell in cells:
        held = lanes.get(cell, {})
        if claim_id in held.values():
            continue
        if len(held) >= capacity:
            raise CellTaken(cell, frozenset(held.values()))
        places.append((cell, next(lane for lane in range(capacity) if lane not in held)))
    return places


def _write(
    session: Session, grid: Grid, claim_id: str, places: Sequence[tuple[int, int]], capacity: int
) -> bool:
    """Insert all rows or none; False when a contender was faster in one of them."""
    rows = [
        {"instrument_id": grid.instrument_id, "cell": cell, "lane": lane, "claim_id": claim_id}
        for cell, lane in places
    ]
    if capacity > 1:
        # A savepoint of the connection: the session has nothing in hand that would have to be put back.
        attempt = session.connection().begin_nested()
        is_whole = len(session.execute(_FREE_CELLS.on(session), rows).all()) == len(rows)
        attempt.commit() if is_whole else attempt.rollback()
        return is_whole
    # One place only: who loses a cell here looks once more and gives up, and never waits with these in hand.
    written = session.scalars(_FREE_CELLS.on(session), rows).all()
    if len(written) == len(rows):
        return True
    session.execute(_BACK, {"claim": claim_id, "instrument": grid.instrument_id, "cells": list(written)})
    return False


def _refine(session: Session, instrument_id: str, minutes: int) -> None:
    """Split every cell of the instrument. Exact, because each length divides the longer ones."""
    calendar = Calendar.instrument_id == instrument_id
    before = session.scalars(select(Calendar.cell_minutes).where(calendar).with_for_update()).one()
    if before <= minutes:
        return
    finer = update(Calendar).where(calendar).values(cell_minutes=minutes)
    session.execute(finer.execution_options(synchronize_session=False))
    rows = session.execute(
        delete(Cell).where(Cell.instrument_id == instrument_id).returning(Cell.cell, Cell.lane, Cell.claim_id)
    ).all()
    parts = before // minutes
    split = [
        {"instrument_id": instrument_id, "cell": cell * parts + part, "lane": lane, "claim_id": claim_id}
        for cell, lane, claim_id in sorted(rows)
        for part in range(parts)
    ]
    if split:
        session.execute(insert(Cell.__table__), split)  # type: ignore[arg-type]
