"""Reservations that were made elsewhere: on a province's platform, or by a local user at the instrument.

They become external claims. One that meets taken cells is kept without cells and opens a conflict, a case for a
person: the hub cannot undo what the province has promised, and does not break what it has promised itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability.errors import ClaimUnknown, ConflictUnknown
from hub.availability.models import Claim, Conflict
from hub.availability.rules import BookingRules, HeldConflict, Slot, Taken
from hub.availability.rules.grid import step_for
from hub.availability.service import cells, keeping
from hub.availability.service.announcing import announce
from hub.availability.service.cells import CellTaken
from hub.core import audit, db

SWEEP = 100


@dataclass(frozen=True, slots=True)
class Reservation:
    """A time that somebody else has taken. `key` names it at its source; `label` is what staff wrote about it."""

    key: str
    slot: Slot
    label: str | None = None


def external_id(source: str, instrument_id: str, key: str) -> str:
    """The name of an external claim: the same reservation read twice is one claim."""
    return "ext-" + sha256(f"{source}\n{instrument_id}\n{key}".encode()).hexdigest()[:26]


def put_reservations(
    session: Session,
    instrument_id: str,
    reservations: Iterable[Reservation],
    *,
    source: str,
    actor: str,
    now: datetime,
    replace: Slot | None = None,
) -> Taken:
    """Keep these reservations of one instrument; those that are over are passed over. Safe to repeat.

    With `replace` the source tells everything it has in that time: what it no longer names is let go. `source` is
    `platform` or `local`. Raises the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    booking_rules = queries.booking_rules(session, instrument_id, now=now)
    wanted = {external_id(source, instrument_id, one.key): one for one in reservations if one.slot.end > now}
    held = _held(session, instrument_id, source, list(wanted), replace)
    done = Taken()
    # First everything leaves its old place: what came or moved within one reading may need it.
    for row in held.values():
        if row.id not in wanted and row.state == "external" and row.ends_at > now:
            _let_go(session, row, now=now)
            done.removed.append(row.id)
    placed: list[Claim] = []
    for name, one in sorted(wanted.items(), key=lambda pair: pair[1].slot):
        known = held.get(name)
        if known is not None and known.state == "external" and (known.starts_at, known.ends_at) == one.slot:
            known.label = one.label
            done.unchanged += 1
            continue
        is_new = known is None or known.state != "external"
        placed.append(_write(session, known, name, instrument_id, one, source=source, actor=actor, now=now))
        (done.added if is_new else done.moved).append(name)
    for row in placed:
        _guard(session, row, booking_rules, done, now=now)
    if source == "local":
        keeping.touch_calendar(session, instrument_id, now=now)
        if done.is_change:  # what platforms tell all day is in their claims, each with who told it
            told = {"added": len(done.added), "moved": len(done.moved), "removed": len(done.removed)}
            audit.record(session, actor, "availability.keep_reservations", instrument_id, told, now=now)
    if done.is_change:
        announce(session, instrument_id, "external", now=now)
    return done


def free_reservation(
    session: Session, claim_id: str, instrument_id: str, *, actor: str, now: datetime
) -> None:
    """A local reservation is over or was a mistake. Safe to repeat. Raises `ClaimUnknown` for any other claim."""
    row = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if row is None or row.source != "local" or row.instrument_id != instrument_id:
        raise ClaimUnknown(claim_id)
    if row.state == "external":
        _let_go(session, row, now=now)
        audit.record(
            session, actor, "availability.free_reservation", instrument_id, {"claim": claim_id}, now=now
        )
        announce(session, instrument_id, "external", now=now)


def drop_reservations(
    session: Session, instrument_id: str, keys: Iterable[str], *, source: str, now: datetime
) -> list[str]:
    """Let go of a source's reservations by their keys; which were there. Safe to repeat, in any order."""
    names = [external_id(source, instrument_id, key) for key in keys]
    gone = []
    for row in _held(session, instrument_id, source, names, None).values():
        if row.state == "external":
            _let_go(session, row, now=now)
            gone.append(row.id)
    return gone


def resolve_conflict(
    session: Session, conflict_id: int, resolution: str, *, actor: str, now: datetime
) -> HeldConflict:
    """A person has settled a conflict with the province or the local user: `resolution` says how, in a line.

    The external reservation is guarded from now on, when the others have made room; else it stays as it is, agreed to.
    Safe to repeat. Raises `ConflictUnknown`.
    """
    row = session.get(Conflict, conflict_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ConflictUnknown(conflict_id)
    if row.state == "open":
        _close(row, actor, resolution, now=now)
        claim = session.get_one(Claim, row.claim_id)
        if claim.state == "external" and not claim.is_guarded:
            booking_rules = queries.booking_rules(session, row.instrument_id, now=now)
            claim.is_guarded = _takes_cells(session, claim, booking_rules, now=now) is None
        audit.record(
            session, actor, "availability.resolve_conflict", row.instrument_id, {"conflict": row.id}, now=now
        )
        announce(session, row.instrument_id, "external", now=now)
        session.flush()
    return queries.conflict(session, conflict_id)


def retry_conflicts(session: Session, *, now: datetime) -> int:
    """Guard external reservations whose place has become free, and close their conflicts; how many. Safe to repeat."""
    waiting = (
        select(Conflict)
        .join(Claim, Claim.id == Conflict.claim_id)
        .where(Conflict.state == "open", Claim.is_guarded.is_(False), Claim.state == "external")
        .order_by(Conflict.id)
        .limit(SWEEP)
    )
    closed = 0
    for row in session.scalars(waiting).all():
        claim = session.get_one(Claim, row.claim_id)
        owner = queries.owner_or_none(session, row.instrument_id)
        if claim.ends_at <= now or owner is None:
            _close(row, "system:availability", "reservation is over", now=now)
            closed += 1
            continue
        booking_rules = queries.rules_in_force(session, {row.instrument_id: owner}, now=now)[
            row.instrument_id
        ]
        if _takes_cells(session, claim, booking_rules, now=now) is None:
            claim.is_guarded = True
            _close(row, "system:availability", "place became free", now=now)
            announce(session, row.instrument_id, "external", now=now)
            closed += 1
    return closed


def _held(
    session: Session, instrument_id: str, source: str, names: Sequence[str], replace: Slot | None
) -> dict[str, Claim]:
    """The source's claims with these names, and with `replace` all of that time; locked, in the order of names."""
    mine: list[ColumnElement[bool]] = [Claim.id.in_(names)]
    if replace is not None:
        mine.append(
            and_(
                Claim.instrument_id == instrument_id,
                Claim.source == source,
                Claim.state == "external",
                Claim.starts_at < replace.end,
                Claim.ends_at > replace.start,
            )
        )
    locked = select(Claim).where(or_(*mine)).order_by(Claim.id).with_for_update()
    rows = session.scalars(locked.execution_options(populate_existing=True))
    return {row.id: row for row in rows}


def _write(
    session: Session,
    row: Claim | None,
    name: str,
    instrument_id: str,
    one: Reservation,
    *,
    source: str,
    actor: str,
    now: datetime,
) -> Claim:
    if row is None:
        made = db.insert(session, Claim.__table__).values(
            id=name, instrument_id=instrument_id, state="external", starts_at=one.slot.start, ends_at=one.slot.end,
            is_guarded=False, source=source, external_key=one.key[:200], made_by=actor, created_at=now, changed_at=now,
        )  # fmt: skip
        session.execute(made.on_conflict_do_nothing())
        row = session.get_one(Claim, name, with_for_update=True, populate_existing=True)
    else:
        cells.free(session, name)
    row.state, row.starts_at, row.ends_at = "external", *one.slot
    row.label, row.changed_at, row.is_guarded = one.label, now, False
    session.flush()
    return row


def _guard(session: Session, row: Claim, booking_rules: BookingRules, done: Taken, *, now: datetime) -> None:
    """Take the reservation's cells; where they are taken, open a conflict or leave the one that is open."""
    others = _takes_cells(session, row, booking_rules, now=now)
    row.is_guarded = others is None
    opened = session.scalar(select(Conflict).where(Conflict.claim_id == row.id, Conflict.state == "open"))
    if others is None:
        if opened is not None:
            _close(opened, "system:availability", "place became free", now=now)
        return
    if opened is None:
        opened = Conflict(
            instrument_id=row.instrument_id, claim_id=row.id, others=[], state="open", opened_at=now
        )
        session.add(opened)
    opened.others = sorted(others)
    session.flush()
    done.conflicts.append(queries.conflict(session, opened.id))


def _takes_cells(
    session: Session, row: Claim, booking_rules: BookingRules, *, now: datetime
) -> set[str] | None:
    """Take the claim's cells; None when it has them, else the claims that are in its way."""
    slot = Slot(row.starts_at, row.ends_at)
    step = step_for(slot, booking_rules.opening.step_minutes)
    grid = cells.hold_grid(session, row.instrument_id, step, now=now)
    wanted = grid.cells(slot)
    try:
        cells.take(session, grid, row.id, wanted, capacity=booking_rules.capacity)
    except CellTaken:
        lanes = cells.taken(session, grid, wanted)
        return {
            name for cell in lanes.values() if len(cell) >= booking_rules.capacity for name in cell.values()
        } - {row.id}
    return None


def _let_go(session: Session, row: Claim, *, now: datetime) -> None:
    cells.free(session, row.id)
    row.state, row.changed_at = "released", now
    mine = select(Conflict).where(Conflict.claim_id == row.id, Conflict.state == "open")
    for opened in session.scalars(mine):
        _close(opened, "system:availability", "reservation is gone", now=now)


def _close(row: Conflict, actor: str, resolution: str, *, now: datetime) -> None:
    row.state, row.resolved_at, row.resolved_by, row.resolution = "resolved", now, actor, resolution
