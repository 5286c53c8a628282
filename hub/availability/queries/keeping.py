"""Rules, tariffs and closures in force."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Select, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from hub.availability import rules
from hub.availability.models import ClosureRow, Conflict, RulesRow, TariffRow, TrainingRow
from hub.availability.models.keeping import Version
from hub.availability.rules import BookingRules, Closure, HeldClosure, HeldTraining, HeldVersion, Slot
from hub.availability.rules.slots import Source
from hub.catalog import queries as catalog
from hub.catalog.errors import InstrumentUnknown, InstrumentWithdrawn
from hub.catalog.queries import Owner
from hub.core.clock import SHANGHAI
from hub.core.db import UtcDateTime, table_of


def owner(session: Session, instrument_id: str) -> Owner:
    """Whose the instrument is. Raises the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`."""
    held = catalog.owners(session, [instrument_id]).get(instrument_id)
    if held is None:
        raise InstrumentUnknown(instrument_id)
    if held.withdrawn_at is not None:
        raise InstrumentWithdrawn(instrument_id, held.withdrawn_at)
    return held


def owner_or_none(session: Session, instrument_id: str) -> Owner | None:
    """Whose the instrument is; None when it is unknown or withdrawn."""
    held = catalog.owners(session, [instrument_id]).get(instrument_id)
    return None if held is None or held.withdrawn_at is not None else held


def booking_rules(session: Session, instrument_id: str, *, now: datetime) -> BookingRules:
    """The rules in force: the instrument's own newest version, else the dated defaults of its province.

    Raises the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    return rules_in_force(session, {instrument_id: owner(session, instrument_id)}, now=now)[instrument_id]


def rules_in_force(
    session: Session, owners: Mapping[str, Owner], *, now: datetime
) -> dict[str, BookingRules]:
    """The rules in force of each of these instruments."""
    own = _in_force(session, RulesRow, list(owners), now)
    today = now.astimezone(SHANGHAI).date()
    return {
        name: rules.rules_of(
            own[name].document, held.province, today, version=own[name].version, source=own[name].source
        )
        if name in own
        else rules.default_rules(held.province, today)
        for name, held in owners.items()
    }


def tariffs_in_force(
    session: Session, instrument_ids: Sequence[str], *, now: datetime
) -> dict[str, HeldVersion]:
    """The kept tariffs in force; instruments without one are absent."""
    return _in_force(session, TariffRow, instrument_ids, now)


def terms_in_force(
    session: Session, instrument_id: str, held: Owner, *, now: datetime
) -> tuple[BookingRules, HeldVersion | None]:
    """The rules and the kept tariff in force of one instrument, in one read."""
    found = {row.kind: row for row in session.execute(_TERMS, {"instrument": instrument_id, "now": now})}
    own, tariff = found.get("rules"), found.get("tariff")
    today = now.astimezone(SHANGHAI).date()
    return (
        rules.default_rules(held.province, today)
        if own is None
        else rules.rules_of(own.document, held.province, today, version=own.version, source=own.source),
        None if tariff is None else _as_version(tariff),
    )


def trainings(session: Session, institution_id: str) -> list[HeldTraining]:
    """The trainings that the institution certifies and has not taken back, the newest first."""
    mine = select(TrainingRow).where(
        TrainingRow.institution_id == institution_id, TrainingRow.removed_at.is_(None)
    )
    rows = session.scalars(mine.order_by(TrainingRow.made_at.desc(), TrainingRow.holder))
    return [HeldTraining(row.code, row.holder, row.valid_until, row.made_at) for row in rows]


def training_codes(session: Session, institution_id: str, *, now: datetime) -> list[tuple[str, str]]:
    """The trainings that the rules in force of the institution's instruments ask for: (code, name), by code."""
    ids = catalog.instrument_ids_of(session, [institution_id])
    asked = (held.document.get("training") for held in _in_force(session, RulesRow, ids, now).values())
    return sorted({(each["code"], each["name_zh"]) for each in asked if each is not None})


def rules_versions(session: Session, instrument_id: str) -> list[HeldVersion]:
    """Every kept version of the instrument's rules, newest first."""
    return _versions(session, RulesRow, instrument_id)


def tariff_versions(session: Session, instrument_id: str) -> list[HeldVersion]:
    """Every kept version of the instrument's tariff, newest first."""
    return _versions(session, TariffRow, instrument_id)


def is_unsettled(session: Session, *, now: datetime) -> bool:
    """Whether a version's day has come that nobody was told of, or a conflict is open."""
    versions = [
        select(table.version).where(table.valid_from <= now, table.announced_at.is_(None))
        for table in (RulesRow, TariffRow)
    ]
    conflict = select(Conflict.id).where(Conflict.state == "open")
    return any(session.scalar(query.limit(1)) is not None for query in (*versions, conflict))


def closures(session: Session, instrument_id: str, window: Slot) -> list[Closure]:
    """The closures of the instrument and of its institution that may touch the window."""
    owners = catalog.owners(session, [instrument_id])
    return closures_of(session, owners, window).get(instrument_id, [])


def closures_of(session: Session, owners: Mapping[str, Owner], window: Slot) -> dict[str, list[Closure]]:
    """Per instrument its own closures and those of its institution."""
    units = {held.institution_id for held in owners.values() if held.institution_id is not None}
    by_subject: dict[str, list[Closure]] = defaultdict(list)
    for held in held_closures(session, [*owners, *units], window):
        by_subject[held.subject].append(held.closure)
    return {
        name: by_subject.get(name, []) + by_subject.get(held.institution_id or "", [])
        for name, held in owners.items()
    }


def held_closures(session: Session, subjects: Sequence[str], window: Slot) -> list[HeldClosure]:
    """Closures of these instruments or institutions that may touch the window, by start."""
    asked = {"subjects": list(subjects), "start": window.start, "end": window.end}
    return [as_closure(row) for row in session.execute(_CLOSURES, asked)]


_CLOSURE = table_of(ClosureRow)
_CLOSURES = (
    select(_CLOSURE)
    .where(
        _CLOSURE.c.subject.in_(bindparam("subjects", expanding=True)),
        _CLOSURE.c.removed_at.is_(None),
        _CLOSURE.c.starts_at < bindparam("end", type_=UtcDateTime()),
        or_(_CLOSURE.c.ends_at > bindparam("start", type_=UtcDateTime()), _CLOSURE.c.repeat_weeks > 0),
    )
    .order_by(_CLOSURE.c.starts_at, _CLOSURE.c.id)
)


def as_closure(row: ClosureRow | Row[Any]) -> HeldClosure:
    """The row as a value."""
    slot = Slot(row.starts_at, row.ends_at)
    closure = Closure(slot, row.reason, row.repeat_weeks, row.repeat_until)
    return HeldClosure(row.id, row.subject, closure, row.note, row.source, row.made_by, row.made_at)


def _in_force(
    session: Session, table: type[Version], ids: Sequence[str], now: datetime
) -> dict[str, HeldVersion]:
    newest = (
        select(table.instrument_id, func.max(table.version).label("version"))
        .where(table.instrument_id.in_(ids), table.valid_from <= now)
        .group_by(table.instrument_id)
        .subquery()
    )
    rows = session.scalars(
        select(table).join(
            newest,
            (table.instrument_id == newest.c.instrument_id) & (table.version == newest.c.version),
        )
    )
    return {row.instrument_id: _as_version(row) for row in rows}


def _newest(mapped: type[Version], kind: str) -> Select[Any]:
    table = table_of(mapped)
    other = table.alias()
    due = (other.c.instrument_id == bindparam("instrument")) & (other.c.valid_from <= _NOW)
    return select(
        literal(kind).label("kind"),
        table.c.instrument_id,
        table.c.version,
        table.c.source,
        table.c.valid_from,
        table.c.made_by,
        table.c.made_at,
        table.c.document,
    ).where(
        table.c.instrument_id == bindparam("instrument"),
        table.c.version == select(func.max(other.c.version)).where(due).scalar_subquery(),
    )


_NOW = bindparam("now", type_=UtcDateTime())
_TERMS = union_all(_newest(RulesRow, "rules"), _newest(TariffRow, "tariff"))


def _versions(session: Session, table: type[Version], instrument_id: str) -> list[HeldVersion]:
    rows = session.scalars(
        select(table).where(table.instrument_id == instrument_id).order_by(table.version.desc())
    )
    return [_as_version(row) for row in rows]


def _as_version(row: Any) -> HeldVersion:
    return HeldVersion(
        row.instrument_id,
        row.version,
        cast(Source, row.source),
        row.valid_from,
        row.made_by,
        row.made_at,
        row.document,
    )
