"""Reading instruments' calendars from the provinces' platforms. No transaction is open while a province is called.

Which instruments: those whose turn it is, then those that were never read. What was booked here is read again soon, the
rest once a day. A province whose circuit breaker is open is left alone.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

import schemas
from adapters.contract import NativeKey, ProvinceAdapter, RemoteAvailability
from adapters.errors import AdapterError
from hub.availability import queries, rules
from hub.availability.models import Calendar, Claim, ClosureRow, RulesRow, TariffRow
from hub.availability.models.keeping import Version
from hub.availability.rules import Fault, Slot
from hub.availability.service import keeping
from hub.availability.service.announcing import announce
from hub.availability.service.reservations import Reservation, put_reservations
from hub.catalog import queries as catalog
from hub.core import db, outbox
from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.federation import rules as federation_rules
from hub.federation.service import provinces

log = logging.getLogger(__name__)

PULL_TASK = "availability.pull_province"
AHEAD = timedelta(days=60)
OFTEN = timedelta(minutes=15)
"""How often a calendar is read in which the hub has bookings to come."""

SELDOM = timedelta(days=1)
AT_ONCE = 10
"""Calendars of one province in one task: a minute's work for a slow platform."""

_FIRST_PAUSE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=6)
_ACTOR = "system:availability"


def schedule_pulls(runtime: Runtime) -> list[str]:
    """Want the calendars read that are due, one task for a province and minute; their provinces. Safe to repeat."""
    now = runtime.clock()
    with runtime.database.read() as session:
        due = [
            code
            for code, adapter in runtime.adapters.items()
            if is_pulled(adapter)
            and not _is_left_alone(session, code, now)
            and not _is_waiting(session, code)
            and due_instruments(session, code, now=now)
        ]
    if due:
        with runtime.database.write() as session:
            for code in due:
                _ask(session, code, f"{now:%Y%m%dT%H%M}", now)
    return due


def is_pulled(adapter: ProvinceAdapter | None) -> bool:
    """Whether the province's platform tells calendars."""
    return (
        adapter is not None
        and adapter.bookings is not None
        and "availability" in adapter.bookings.capabilities
    )


def due_instruments(session: Session, province: str, *, now: datetime, limit: int = AT_ONCE) -> list[str]:
    """Instruments of the province to be read now: the longest due first, then any that were never read."""
    mine = Calendar.instrument_id.startswith(f"{province[:2]}-")
    due = select(Calendar.instrument_id).where(mine, Calendar.pull_due_at <= now)
    found = list(session.scalars(due.order_by(Calendar.pull_due_at).limit(limit)))
    if len(found) < limit:
        known = select(Calendar.instrument_id).where(mine, Calendar.pull_due_at.is_not(None))
        found += catalog.external_instruments(session, province, besides=known, limit=limit - len(found))
    return found


def pull_province(runtime: Runtime, province: str) -> int:
    """Read the calendars of a province that are due; how many were read. Safe to repeat.

    A fault of the connection ends the round: the next calendar would fail alike, and the next round comes soon.
    """
    adapter = runtime.adapters[province]
    with runtime.database.read() as session:
        names = due_instruments(session, province, now=runtime.clock())
    read = 0
    for instrument_id in names:
        try:
            pull_instrument(runtime, adapter, instrument_id)
            read += 1
        except AdapterError as fault:
            log.warning("calendar of %s: %s", instrument_id, fault)
            if fault.fault == "network" or fault.retryable:
                break
    return read


def pull_instrument(runtime: Runtime, adapter: ProvinceAdapter, instrument_id: str) -> None:
    """Read one instrument's calendar and keep it. Raises the adapter's errors; a failure is kept with its next try."""
    port, now = adapter.bookings, runtime.clock()
    with runtime.database.read() as session:
        held = catalog.find_instrument(session, instrument_id)
    if port is None or held is None or held.withdrawn_at is not None:
        return
    key = NativeKey(held.document["unit"]["id"], held.document["internal_number"])
    window = Slot(now, now + AHEAD)
    try:
        told = port.availability(key, window.start, window.end)
    except AdapterError as fault:
        with runtime.database.write() as session:
            _keep_failure(session, instrument_id, fault, now=runtime.clock())
        raise
    with runtime.database.write() as session:
        take_calendar(session, instrument_id, told, window, now=runtime.clock())


def take_calendar(
    session: Session, instrument_id: str, told: RemoteAvailability, window: Slot, *, now: datetime
) -> None:
    """Keep what the platform told about the window. Safe to repeat. What people keep here outranks the platform.

    Raises the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    has_changed = _take_rules(session, instrument_id, told, now=now)
    has_changed |= _take_tariff(session, instrument_id, told, now=now)
    has_changed |= _take_closures(session, instrument_id, told, window, now=now)
    own = queries.names_of_bookings(session, instrument_id)
    reservations = [Reservation(name, slot) for name, slot in rules.reservation_keys(told.busy, own).items()]
    taken = put_reservations(
        session, instrument_id, reservations, source="platform", actor=_ACTOR, now=now, replace=window
    )
    before = session.scalar(select(Calendar.pulled_at).where(Calendar.instrument_id == instrument_id))
    values = {
        "pulled_at": min(told.as_of, now),
        "pull_due_at": now + (OFTEN if _has_bookings(session, instrument_id, now) else SELDOM),
        "pull_failures": 0,
        "pull_error": None,
    }
    _keep_calendar(session, instrument_id, values, now=now)
    if not taken.is_change and (has_changed or before is None or now - before >= OFTEN):
        announce(session, instrument_id, "read", now=now)


def freshen(runtime: Runtime, session: Session, instrument_id: str) -> None:
    """Somebody looks at this calendar: if it is old it is read at once. What is shown now is not waited for."""
    now, province = runtime.clock(), f"{instrument_id[:2]}0000"
    if not is_pulled(runtime.adapters.get(province)):
        return
    if is_stale(queries.calendar(session, instrument_id), now=now):
        with runtime.database.write() as writing:
            _keep_calendar(writing, instrument_id, {"pull_due_at": now}, now=now)
            if not (_is_left_alone(writing, province, now) or _is_waiting(writing, province)):
                _ask(writing, province, f"{now:%Y%m%dT%H%M%S}", now)


def is_stale(calendar: Calendar | None, *, now: datetime) -> bool:
    """Whether somebody who looks at the calendar should have it read: it is old, and nobody has asked for it yet."""
    if calendar is None:
        return True
    is_old = calendar.pulled_at is None or calendar.pulled_at < now - OFTEN
    is_asked = calendar.pull_due_at is not None and calendar.pull_due_at <= now
    return is_old and not is_asked and calendar.pull_failures == 0


def _ask(session: Session, province: str, round_name: str, now: datetime) -> None:
    key = f"availability:{province}:{round_name}"
    outbox.enqueue(session, PULL_TASK, {"province": province}, queue=outbox.SYNC, key=key, now=now)


def _is_waiting(session: Session, province: str) -> bool:
    """Whether the task before is still to be done: a slow province must not fill the queue."""
    open_rows = select(OutboxRow.id).where(
        OutboxRow.key.startswith(f"availability:{province}:", autoescape=True),
        OutboxRow.done_at.is_(None),
        OutboxRow.failed_at.is_(None),
    )
    return session.scalar(open_rows.limit(1)) is not None


def _is_left_alone(session: Session, province: str, now: datetime) -> bool:
    return federation_rules.passage(provinces.breaker_of(session, province), now) == "open"


def _has_bookings(session: Session, instrument_id: str, now: datetime) -> bool:
    mine = select(Claim.id).where(
        Claim.instrument_id == instrument_id, Claim.state.in_(("held", "confirmed")), Claim.ends_at > now
    )
    return bool(session.scalar(select(exists(mine))))


def _newest(session: Session, table: type[Version], instrument_id: str) -> Version | None:
    mine = select(table).where(table.instrument_id == instrument_id).order_by(table.version.desc())
    return session.scalar(mine.limit(1))


def _take_rules(session: Session, instrument_id: str, told: RemoteAvailability, *, now: datetime) -> bool:
    newest = _newest(session, RulesRow, instrument_id)
    if told.rules is None or (newest is not None and newest.source != "platform"):
        return False
    base = queries.booking_rules(session, instrument_id, now=now).document
    document = rules.rules_document(told.rules, base)
    if newest is not None and newest.document == document:
        return False
    if not _can_keep("booking-rules", document, rules.rules_faults, instrument_id):
        return False
    keeping.keep_rules(session, instrument_id, document, actor=_ACTOR, now=now, source="platform")
    return True


def _take_tariff(session: Session, instrument_id: str, told: RemoteAvailability, *, now: datetime) -> bool:
    newest = _newest(session, TariffRow, instrument_id)
    if told.tariff is None or (newest is not None and newest.source != "platform"):
        return False
    terms = rules.tariff_terms(told.tariff)
    if newest is not None and newest.document == terms:
        return False
    if not _can_keep("tariff-terms", terms, rules.tariff_faults, instrument_id):
        return False
    keeping.keep_tariff(session, instrument_id, terms, actor=_ACTOR, now=now, source="platform")
    return True


def _take_closures(
    session: Session, instrument_id: str, told: RemoteAvailability, window: Slot, *, now: datetime
) -> bool:
    """The platform's closures of the window, those that it no longer tells taken back; whether there was a change."""
    wanted = {
        Slot(one.slot.start, one.slot.end): one.text[:200]
        for one in told.closures
        if one.slot.end > window.start
    }
    rows = session.scalars(
        select(ClosureRow).where(
            ClosureRow.subject == instrument_id,
            ClosureRow.source == "platform",
            ClosureRow.removed_at.is_(None),
            ClosureRow.starts_at < window.end,
            ClosureRow.ends_at > window.start,
        )
    ).all()
    known = {Slot(row.starts_at, row.ends_at): row for row in rows}
    for slot in known.keys() - wanted.keys():
        known[slot].removed_at, known[slot].removed_by = now, _ACTOR
    for slot in wanted.keys() - known.keys():
        session.add(
            ClosureRow(
                subject=instrument_id, starts_at=slot.start, ends_at=slot.end, reason="other", note=wanted[slot] or None,
                source="platform", made_by=_ACTOR, made_at=now,
            )
        )  # fmt: skip
    return known.keys() != wanted.keys()


def _can_keep(
    name: str,
    document: Mapping[str, Any],
    faults_of: Callable[[Mapping[str, Any]], list[Fault]],
    instrument_id: str,
) -> bool:
    """Whether the platform's words make a valid document; what does not is left where it was, and logged."""
    found = [f"{problem.pointer} {problem.en}" for problem in schemas.problems(name, document)]
    found = found or [f"{fault.pointer} {fault.en}" for fault in faults_of(document)]
    if not found:
        return True
    log.warning("%s of %s from its platform cannot be kept: %s", name, instrument_id, "; ".join(found[:3]))
    return False


def _keep_failure(session: Session, instrument_id: str, fault: AdapterError, *, now: datetime) -> None:
    failures = 1 + (
        session.scalar(select(Calendar.pull_failures).where(Calendar.instrument_id == instrument_id)) or 0
    )
    values = {
        "pull_failures": failures,
        "pull_due_at": now + min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE),
        "pull_error": {"code": fault.code, "zh": fault.zh[:500], "en": fault.en[:500]},
    }
    _keep_calendar(session, instrument_id, values, now=now)


def _keep_calendar(session: Session, instrument_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
    session.execute(
        db.insert(session, Calendar.__table__)
        .values(
            instrument_id=instrument_id,
            cell_minutes=30,
            changed_at=now,
            **{"pull_failures": 0} | dict(values),
        )
        .on_conflict_do_update(index_elements=["instrument_id"], set_=dict(values))
    )
