"""When instruments are taken or closed, for one page or for a thousand index entries at once.

Absolute facts: nothing here depends on the present instant but the window that is asked for, so that no clock
makes an index stale.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hub.availability import rules
from hub.availability.models import Calendar, Cell
from hub.availability.queries import claims, keeping
from hub.availability.rules import BookingRules, Opening, Slot
from hub.availability.rules.grid import Grid
from hub.availability.rules.slots import Source
from hub.catalog import queries as catalog
from hub.catalog.queries import Owner

TOPIC = "availability"
"""The log of changes; its subjects are instruments, and institutions for what concerns all their instruments."""


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What search needs of one instrument.

    `busy` are ascending, separate intervals in which nobody can book: all lanes taken, or closed. `as_of` is when the
    times were last confirmed (None: nobody has ever told the hub), `source` who tells them. `rules_version` is 0 for
    the dated defaults of the province.
    """

    opening: Opening
    busy: tuple[Slot, ...]
    as_of: datetime | None
    source: Source
    rules_version: int


def index_facts(
    session: Session, instrument_ids: Sequence[str], *, now: datetime, until: datetime
) -> dict[str, IndexFacts]:
    """The facts of these instruments from now on up to `until`; unknown and withdrawn ones are absent. ≤ 1,000 at once."""
    owners = {
        name: held
        for name, held in catalog.owners(session, instrument_ids).items()
        if held.withdrawn_at is None
    }
    in_force = keeping.rules_in_force(session, owners, now=now)
    held = calendars(session, list(owners))
    busy = busy_times(session, owners, in_force, Slot(now, until), known=held)
    facts = {}
    for name, booking_rules in in_force.items():
        as_of, source = freshness(held.get(name), booking_rules)
        facts[name] = IndexFacts(
            booking_rules.opening, tuple(busy[name]), as_of, source, booking_rules.version
        )
    return facts


def freshness(calendar: Calendar | None, booking_rules: BookingRules) -> tuple[datetime | None, Source]:
    """When the times were last confirmed, and by whom they are told."""
    if calendar is not None and calendar.pulled_at is not None:
        return calendar.pulled_at, "platform"
    if calendar is not None and calendar.confirmed_at is not None:
        return calendar.confirmed_at, "hub"
    return None, booking_rules.source


def calendar(session: Session, instrument_id: str) -> Calendar | None:
    """The instrument's calendar row; None while nobody has claimed or read it."""
    return calendars(session, [instrument_id]).get(instrument_id)


def busy_times(
    session: Session,
    owners: Mapping[str, Owner],
    in_force: Mapping[str, BookingRules],
    window: Slot,
    *,
    known: Mapping[str, Calendar] | None = None,
) -> dict[str, list[Slot]]:
    """Per instrument the merged times of the window in which all lanes are taken or nobody may book."""
    held = calendars(session, list(owners)) if known is None else known
    grids = {name: Grid(name, row.cell_minutes) for name, row in held.items() if name in owners}
    capacities = {name: booking_rules.capacity for name, booking_rules in in_force.items()}
    busy: dict[str, list[Slot]] = defaultdict(list, _full_times(session, grids, capacities, window))
    for claim in claims.unguarded(session, list(owners), window):
        busy[claim.instrument_id].append(claim.slot)
    for name, found in keeping.closures_of(session, owners, window).items():
        busy[name] += [away for closure in found for away in closure.times(window)]
    return {name: rules.merge(busy[name]) for name in owners}


def calendars(session: Session, ids: Sequence[str]) -> dict[str, Calendar]:
    """The calendar rows of these instruments; one that nobody has claimed or read has none."""
    rows = session.scalars(select(Calendar).where(Calendar.instrument_id.in_(ids)))
    return {row.instrument_id: row for row in rows}


def _full_times(
    session: Session, grids: Mapping[str, Grid], capacities: Mapping[str, int], window: Slot
) -> dict[str, list[Slot]]:
    """Cells without a free lane as times; one statement for all grids."""
    by_length: dict[int, list[str]] = defaultdict(list)
    for name, grid in grids.items():
        by_length[grid.minutes].append(name)
    if not by_length:
        return {}
    parts = []
    for minutes, names in by_length.items():
        cells = Grid("", minutes).cells(window)
        parts.append(Cell.instrument_id.in_(names) & Cell.cell.between(cells[0], cells[-1]))
    rows = session.execute(
        select(Cell.instrument_id, Cell.cell, func.count())
        .where(or_(*parts))
        .group_by(Cell.instrument_id, Cell.cell)
        .order_by(Cell.instrument_id, Cell.cell)
    )
    full: dict[str, list[Slot]] = defaultdict(list)
    for name, cell, taken in rows:
        if taken >= capacities[name]:
            full[name].append(grids[name].slot_of(cell))
    return full
