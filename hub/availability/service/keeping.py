"""What institutions and stations keep, and platforms tell: rules, tariffs, closures, trainings. Versions stay.

Every act is audited and announced. Who may act is decided before these are called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.availability import queries, rules
from hub.availability.errors import ClosureUnknown, KeptInvalid, TrainingUnknown, VersionChanged
from hub.availability.models import Calendar, ClosureRow, RulesRow, TariffRow, TrainingRow
from hub.availability.models.keeping import Version
from hub.availability.rules import Closure, HeldClaim, HeldClosure, Slot
from hub.availability.service.announcing import announce
from hub.core import audit, db

Document = Mapping[str, Any]
SWEEP = 200
AHEAD = timedelta(days=400)
"""How far claims are looked for that a repeating closure meets: beyond every horizon."""


def keep_rules(
    session: Session,
    instrument_id: str,
    document: Document,
    *,
    actor: str,
    now: datetime,
    source: str = "hub",
    valid_from: datetime | None = None,
    after: int | None = None,
) -> int:
    """A new version of the instrument's booking rules, from now on or from `valid_from`; its number.

    `document` is a valid booking-rules document. `after` is the version that the writer has seen: `VersionChanged` is
    raised when another has been kept since. Claims that were made before keep their time. Raises `KeptInvalid` for
    rules that contradict themselves, and the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    check_rules(document)
    told = _Kept(RulesRow, instrument_id, document, actor, source, valid_from, after)
    return _keep(session, told, "availability.keep_rules", now=now)


def keep_tariff(
    session: Session,
    instrument_id: str,
    document: Document,
    *,
    actor: str,
    now: datetime,
    source: str = "hub",
    valid_from: datetime | None = None,
    after: int | None = None,
) -> int:
    """A new version of the instrument's tariff, from now on or from `valid_from`; its number.

    `document` is a valid tariff-terms document. Quotes that were given keep theirs. Raises as `keep_rules`.
    """
    check_tariff(document)
    told = _Kept(TariffRow, instrument_id, document, actor, source, valid_from, after)
    return _keep(session, told, "availability.keep_tariff", now=now)


def check_rules(document: Document) -> None:
    """Raise `KeptInvalid` when a valid booking-rules document contradicts itself."""
    _refuse(rules.rules_faults(document))


def check_tariff(document: Document) -> None:
    """Raise `KeptInvalid` when a valid tariff-terms document contradicts itself."""
    _refuse(rules.tariff_faults(document))


def close(
    session: Session,
    subject: str,
    document: Document,
    *,
    actor: str,
    now: datetime,
    instrument_ids: Iterable[str],
    source: str = "hub",
) -> tuple[HeldClosure, list[HeldClaim]]:
    """Close an instrument or an institution (`subject`); the closure, and the live claims that it meets.

    `document` is a valid closure document, `instrument_ids` are those it concerns. Claims are not cancelled: somebody
    must speak with those who booked. Raises `KeptInvalid` for a time that does not run forward.
    """
    closure = read_closure(document)
    row = ClosureRow(
        subject=subject,
        starts_at=closure.slot.start,
        ends_at=closure.slot.end,
        repeat_weeks=closure.repeat_weeks,
        repeat_until=closure.repeat_until,
        reason=closure.reason,
        note=document.get("note"),
        source=source,
        made_by=actor,
        made_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "availability.close", subject, {"closure": row.id}, now=now)
    announce(session, subject, "closed", now=now)
    held = queries.as_closure(row)
    return held, claims_met(session, list(instrument_ids), held.closure, now=now)


def read_closure(document: Document) -> Closure:
    """The closure in a valid closure document. Raises `KeptInvalid` for a time that does not run forward."""
    slot = Slot(*(datetime.fromisoformat(document[name]) for name in ("start", "end")))
    if slot.start >= slot.end:
        raise KeptInvalid([rules.Fault("/end", "order", "结束须晚于开始", "the end must be after the start")])
    until = document.get("repeat_until")
    return Closure(
        slot,
        document["reason"],
        document.get("repeat_weeks", 0),
        None if until is None else date.fromisoformat(until),
    )


def claims_met(
    session: Session, instrument_ids: Sequence[str], closure: Closure, *, now: datetime
) -> list[HeldClaim]:
    """Live claims of these instruments from now on up to `AHEAD` that the closure meets, by start. Reads only."""
    times = list(closure.times(Slot(now, now + AHEAD)))
    if not times:
        return []
    claims = queries.live_claims(session, instrument_ids, Slot(times[0].start, times[-1].end))
    return [claim for claim in claims if any(claim.slot.overlaps(closed) for closed in times)]


def reopen(session: Session, closure_id: int, subject: str, *, actor: str, now: datetime) -> None:
    """Take a closure back. Safe to repeat. Raises `ClosureUnknown` when the subject has none of this number."""
    row = session.get(ClosureRow, closure_id, with_for_update=True)
    if row is None or row.subject != subject:
        raise ClosureUnknown(closure_id)
    if row.removed_at is None:
        row.removed_at, row.removed_by = now, actor
        audit.record(session, actor, "availability.reopen", subject, {"closure": closure_id}, now=now)
        announce(session, subject, "reopened", now=now)


def certify(
    session: Session,
    institution_id: str,
    code: str,
    holder: str,
    *,
    valid_until: date | None,
    actor: str,
    now: datetime,
) -> None:
    """The institution says that the holder (an enterprise or a person) has had a training. Safe to repeat."""
    values = {"valid_until": valid_until, "made_by": actor, "made_at": now, "removed_at": None}
    made = db.insert(session, TrainingRow.__table__).values(
        institution_id=institution_id, code=code, holder=holder, **values
    )
    session.execute(
        made.on_conflict_do_update(index_elements=["institution_id", "code", "holder"], set_=values)
    )
    audit.record(session, actor, "availability.certify", institution_id, {"code": code}, now=now)


def revoke_training(
    session: Session, institution_id: str, code: str, holder: str, *, actor: str, now: datetime
) -> None:
    """Take a training back. Safe to repeat. Raises `TrainingUnknown` when it never was certified."""
    row = session.get(TrainingRow, (institution_id, code, holder), with_for_update=True)
    if row is None:
        raise TrainingUnknown(code)
    if row.removed_at is None:
        row.removed_at = now
        audit.record(session, actor, "availability.revoke_training", institution_id, {"code": code}, now=now)


def confirm_calendar(session: Session, instrument_id: str, *, actor: str, now: datetime) -> None:
    """Somebody who knows says that the taken times are complete: their age begins anew. Safe to repeat."""
    queries.owner(session, instrument_id)
    touch_calendar(session, instrument_id, now=now)
    audit.record(session, actor, "availability.confirm_calendar", instrument_id, now=now)
    announce(session, instrument_id, "confirmed calendar", now=now)


def touch_calendar(session: Session, instrument_id: str, *, now: datetime) -> None:
    """The instrument's times were told by people now."""
    made = db.insert(session, Calendar.__table__).values(
        instrument_id=instrument_id, cell_minutes=30, changed_at=now, confirmed_at=now, pull_failures=0
    )
    session.execute(made.on_conflict_do_update(index_elements=["instrument_id"], set_={"confirmed_at": now}))


def announce_due(session: Session, *, now: datetime) -> int:
    """Tell followers of versions whose day has come; how many. Safe to repeat."""
    told = 0
    for table in (RulesRow, TariffRow):
        due = (
            select(table.instrument_id)
            .where(table.valid_from <= now, table.announced_at.is_(None))
            .distinct()
            .limit(SWEEP)
        )
        for instrument_id in session.scalars(due).all():
            session.execute(
                update(table)
                .where(
                    table.instrument_id == instrument_id,
                    table.valid_from <= now,
                    table.announced_at.is_(None),
                )
                .values(announced_at=now)
                .execution_options(synchronize_session=False)
            )
            announce(session, instrument_id, "version in force", now=now)
            told += 1
    return told


def _refuse(faults: Sequence[rules.Fault]) -> None:
    if faults:
        raise KeptInvalid(faults)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is about to become a version."""

    table: type[Version]
    instrument_id: str
    document: Document
    actor: str
    source: str
    valid_from: datetime | None
    after: int | None


def _keep(session: Session, told: _Kept, action: str, *, now: datetime) -> int:
    queries.owner(session, told.instrument_id)
    table = told.table
    newest = (
        session.scalar(select(func.max(table.version)).where(table.instrument_id == told.instrument_id)) or 0
    )
    if told.after is not None and told.after != newest:
        raise VersionChanged(newest)
    valid_from = told.valid_from or now
    made = db.insert(session, table.__table__).values(
        instrument_id=told.instrument_id,
        version=newest + 1,
        source=told.source,
        valid_from=valid_from,
        made_by=told.actor,
        made_at=now,
        announced_at=now if valid_from <= now else None,
        document=dict(told.document),
    )
    if session.scalar(made.on_conflict_do_nothing().returning(table.version)) is None:
        raise VersionChanged(newest + 1)
    if told.source == "hub":
        touch_calendar(session, told.instrument_id, now=now)
    audit.record(session, told.actor, action, told.instrument_id, {"version": newest + 1}, now=now)
    if valid_from <= now:
        announce(session, told.instrument_id, "version in force", now=now)
    return newest + 1
