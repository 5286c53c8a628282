"""A week of local reservations, pasted or uploaded: what would happen, row by row, and then doing just that."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability.errors import PreviewChanged
from hub.availability.rules import (
    STEPS,
    Fault,
    HeldClaim,
    Mode,
    Preview,
    PreviewedRow,
    Row,
    RowState,
    Slot,
    Taken,
    instrument_named,
)
from hub.availability.rules.grid import Grid
from hub.availability.service.reservations import Reservation, external_id, put_reservations
from hub.catalog import queries as catalog
from hub.core import audit
from hub.core.clock import SHANGHAI

SOURCE = "local"

FINEST = Grid("", STEPS[0])
"""Reservations that were made elsewhere keep their times to five minutes."""


def instruments_by_number(session: Session, institution_id: str) -> dict[str, str]:
    """The institution's listed instruments by their number inside the unit."""
    found: dict[str, str] = {}
    after = ""
    while page := catalog.instruments(session, institution_id=institution_id, after=after, limit=500):
        found |= {held.document["internal_number"]: held.id for held in page}
        after = page[-1].id
    return found


def preview_upload(
    session: Session,
    rows: Sequence[Row],
    instruments: Mapping[str, str],
    *,
    default: str | None = None,
    mode: Mode = "add",
    now: datetime,
) -> Preview:
    """What these rows would do. Reads only.

    `instruments` are those that rows may name, by number; rows that name none are for `default`. Without a default an
    event of a calendar names its instrument by one of its properties (`Row.names`). What is wrong with a row is told in
    it; the others stand.
    """
    told = [_placed(row, instruments, default, now) for row in rows]
    by_instrument: dict[str, list[int]] = {}
    for number, one in enumerate(told):
        if one.state == "new" and one.instrument_id is not None:
            by_instrument.setdefault(one.instrument_id, []).append(number)
    released: list[HeldClaim] = []
    for _, numbers in sorted(by_instrument.items()):
        released += _judge(session, told, numbers, mode=mode, now=now)
    return Preview(tuple(told), tuple(released), mode, _digest(told, released, mode))


def import_upload(
    session: Session, preview: Preview, digest: str, *, actor: str, now: datetime
) -> dict[str, Taken]:
    """Do what the preview says, if it is the one that was shown; per instrument what came of it.

    `preview` is made anew from the same content in this transaction. Safe to repeat: the same reservations are the same
    claims. Raises `PreviewChanged`.
    """
    if preview.digest != digest:
        raise PreviewChanged
    kept: dict[str, list[Reservation]] = {}
    for one in preview.rows:
        slot = one.row.slot
        if one.instrument_id is not None and slot is not None and one.state not in {"over", "fault"}:
            kept.setdefault(one.instrument_id, []).append(Reservation(one.row.key, slot, one.row.label))
    done: dict[str, Taken] = {}
    for instrument_id, reservations in sorted(kept.items()):
        days = _days([one.slot for one in reservations])
        done[instrument_id] = put_reservations(
            session,
            instrument_id,
            reservations,
            source=SOURCE,
            actor=actor,
            now=now,
            replace=days if preview.mode == "replace" else None,
        )
        told = {"added": len(done[instrument_id].added), "removed": len(done[instrument_id].removed)}
        audit.record(session, actor, "availability.import_reservations", instrument_id, told, now=now)
    return done


def _placed(row: Row, instruments: Mapping[str, str], default: str | None, now: datetime) -> PreviewedRow:
    if row.fault is not None or row.slot is None:
        return PreviewedRow(row, "fault", fault=row.fault)
    instrument_id = default if row.instrument is None else instruments.get(row.instrument)
    if instrument_id is None and row.instrument is None and row.names:
        meant = instrument_named(row.names, instruments)
        if len(meant) > 1:
            both = "、".join(meant)
            fault = Fault(
                "", "several-instruments", f"同时写了几台仪器：{both}", f"several instruments: {both}"
            )
            return PreviewedRow(row, "fault", fault=fault)
        instrument_id = instruments[meant[0]] if meant else None
    if instrument_id is None:
        named = row.instrument or "、".join(text for group in row.names for text in group)
        fault = Fault(
            "", "unknown-instrument", f"没有编号为「{named}」的仪器", f"there is no instrument {named!r}"
        )
        return PreviewedRow(row, "fault", fault=fault)
    return PreviewedRow(row, "over" if row.slot.end <= now else "new", instrument_id)


def _judge(
    session: Session, told: list[PreviewedRow], numbers: Sequence[int], *, mode: Mode, now: datetime
) -> list[HeldClaim]:
    """Set the state of one instrument's rows; the claims that would be let go."""
    instrument_id = told[numbers[0]].instrument_id or ""
    capacity = queries.booking_rules(session, instrument_id, now=now).capacity
    wanted = {
        external_id(SOURCE, instrument_id, row.key): (number, row, slot)
        for number in numbers
        if (slot := (row := told[number].row).slot) is not None
    }
    days = _days([slot for _, _, slot in wanted.values()])
    held = {claim.id: claim for claim in queries.live_claims(session, [instrument_id], days)}
    released = [
        claim
        for claim in held.values()
        if mode == "replace" and claim.source == SOURCE and claim.id not in wanted and claim.slot.end > now
    ]
    gone = {claim.id for claim in released} | wanted.keys()
    others = [claim for claim in held.values() if claim.id not in gone and claim.is_guarded]
    for name, (number, row, slot) in sorted(wanted.items(), key=lambda pair: pair[1][2]):
        known = held.get(name)
        meets = _met(slot, others, capacity)
        state: RowState = "new" if known is None else "known" if known.slot == slot else "moved"
        told[number] = PreviewedRow(row, "conflict" if meets else state, instrument_id, tuple(meets))
        others.append(
            HeldClaim(name, instrument_id, "external", slot, None, None, None, True, SOURCE, row.label)
        )
    return released


def _met(slot: Slot, claims: Sequence[HeldClaim], capacity: int) -> list[HeldClaim]:
    """The claims in the way of one more: those over an instant at which no lane is left."""
    times = {
        claim.id: [FINEST.outline(time) for time in (claim.slot, claim.proposed) if time is not None]
        for claim in claims
    }
    mine = FINEST.outline(slot)
    starts = {mine.start} | {time.start for held in times.values() for time in held if time.overlaps(mine)}
    full = [
        over
        for at in starts
        if mine.start <= at < mine.end
        and len(over := {name for name, held in times.items() if any(t.start <= at < t.end for t in held)})
        >= capacity
    ]
    names = set().union(*full)
    return [claim for claim in claims if claim.id in names]


def _days(slots: Sequence[Slot]) -> Slot:
    """The whole local days that these times lie on."""
    first = (
        min(slot.start for slot in slots)
        .astimezone(SHANGHAI)
        .replace(hour=0, minute=0, second=0, microsecond=0)
    )
    last = max(slot.end for slot in slots).astimezone(SHANGHAI)
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0)
    return Slot(first, midnight if midnight == last else midnight + timedelta(days=1))


def _digest(rows: Sequence[PreviewedRow], released: Sequence[HeldClaim], mode: Mode) -> str:
    told = [
        [one.row.number, one.row.key, one.state, one.instrument_id, [claim.id for claim in one.meets]]
        for one in rows
    ]
    return sha256(orjson.dumps([mode, told, sorted(claim.id for claim in released)])).hexdigest()[:32]
