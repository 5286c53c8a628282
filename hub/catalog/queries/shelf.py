"""Single records and lists. Lists go by identifier: the last one of a page is where the next begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from hub.catalog.errors import InstitutionUnknown, InstrumentUnknown
from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.core.db import table_of

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeldInstrument:
    """An instrument as the catalogue holds it. A withdrawn one keeps its last document."""

    id: str
    province: str
    institution_id: str | None
    document: Document
    created_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldInstitution:
    """An institution as the catalogue holds it."""

    id: str
    province: str
    document: Document
    created_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None


def find_instrument(session: Session, instrument_id: str) -> HeldInstrument | None:
    """The instrument, withdrawn or not; None when the catalogue never showed it."""
    found = instruments_by_ids(session, [instrument_id])
    return found[0] if found else None


def instrument(session: Session, instrument_id: str) -> HeldInstrument:
    """The instrument, withdrawn or not. Raises `InstrumentUnknown`."""
    held = find_instrument(session, instrument_id)
    if held is None:
        raise InstrumentUnknown(instrument_id)
    return held


def instruments_by_ids(session: Session, ids: Sequence[str]) -> list[HeldInstrument]:
    """These instruments, withdrawn or not, in any order; unknown ones are absent."""
    rows = session.execute(_held_instruments().where(Instrument.id.in_(ids)))
    return [HeldInstrument(*row) for row in rows]


def instruments(
    session: Session,
    *,
    province: str | None = None,
    institution_id: str | None = None,
    after: str = "",
    limit: int = 50,
) -> list[HeldInstrument]:
    """Listed instruments by identifier."""
    query = (
        _held_instruments()
        .where(Instrument.is_listed, Instrument.id > after)
        .order_by(Instrument.id)
        .limit(limit)
    )
    if province is not None:
        query = query.where(Instrument.province == province)
    if institution_id is not None:
        query = query.where(Instrument.institution_id == institution_id)
    return [HeldInstrument(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an instrument is: its province and institution; `withdrawn_at` once it left the list."""

    province: str
    institution_id: str | None
    withdrawn_at: datetime | None


def owners(session: Session, ids: Sequence[str]) -> dict[str, Owner]:
    """Whose these instruments are, withdrawn or not; unknown ones are absent. Reads no document."""
    rows = session.execute(
        select(Instrument.id, Instrument.province, Instrument.institution_id, Instrument.withdrawn_at).where(
            Instrument.id.in_(ids), Instrument.document.is_not(None)
        )
    )
    return {row.id: Owner(row.province, row.institution_id, row.withdrawn_at) for row in rows}


def external_instruments(session: Session, province: str, *, besides: Select[Any], limit: int) -> list[str]:
    """Listed instruments of the province that are shared with others and that `besides` does not name, by identifier."""
    return list(
        session.scalars(
            select(Instrument.id)
            .where(
                Instrument.is_listed,
                Instrument.province == province,
                Instrument.sharing_mode == "external",
                Instrument.id.not_in(besides),
            )
            .order_by(Instrument.id)
            .limit(limit)
        )
    )


def find_institution(session: Session, institution_id: str) -> HeldInstitution | None:
    """The institution, withdrawn or not; None when the catalogue never showed it."""
    found = institutions_by_ids(session, [institution_id])
    return found[0] if found else None


def institution(session: Session, institution_id: str) -> HeldInstitution:
    """The institution, withdrawn or not. Raises `InstitutionUnknown`."""
    held = find_institution(session, institution_id)
    if held is None:
        raise InstitutionUnknown(institution_id)
    return held


def instrument_and_institution(
    session: Session, instrument_id: str
) -> tuple[HeldInstrument, HeldInstitution | None]:
    """The instrument and the institution that owns it, both withdrawn or not, in one read.

    The second is None when the catalogue never showed it. Raises `InstrumentUnknown`.
    """
    row = session.execute(_WITH_INSTITUTION, {"id": instrument_id}).one_or_none()
    if row is None:
        raise InstrumentUnknown(instrument_id)
    width = len(_INSTRUMENT)
    unit = None if row[width] is None else HeldInstitution(*row[width:])
    return HeldInstrument(*row[:width]), unit


def institutions_by_ids(session: Session, ids: Sequence[str]) -> list[HeldInstitution]:
    """These institutions, withdrawn or not, in any order; unknown ones are absent."""
    rows = session.execute(_held_institutions().where(Institution.id.in_(ids)))
    return [HeldInstitution(*row) for row in rows]


def institutions(
    session: Session,
    *,
    province: str | None = None,
    kind: str | None = None,
    after: str = "",
    limit: int = 50,
) -> list[HeldInstitution]:
    """Listed institutions by identifier; `kind` is a code of the list `institution_kind`, or `unknown`."""
    query = (
        _held_institutions()
        .where(Institution.is_listed, Institution.id > after)
        .order_by(Institution.id)
        .limit(limit)
    )
    if province is not None:
        query = query.where(Institution.province == province)
    if kind is not None:
        query = query.where(Institution.kind.is_(None) if kind == "unknown" else Institution.kind == kind)
    return [HeldInstitution(*row) for row in session.execute(query)]


def service_items(session: Session, instrument_id: str) -> list[Document]:
    """The service items of one instrument, by number."""
    rows = session.scalars(select(ServiceItem.document).where(ServiceItem.instrument_id == instrument_id))
    return sorted(rows, key=lambda item: int(item["number"]))


def services(
    session: Session,
    *,
    province: str | None = None,
    institution_id: str | None = None,
    charging_unit: str | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Document]:
    """Service items of listed instruments, by identifier."""
    query = select(ServiceItem.document).where(ServiceItem.id > after).order_by(ServiceItem.id).limit(limit)
    if province is not None:
        query = query.where(ServiceItem.province == province)
    if institution_id is not None:
        query = query.where(ServiceItem.institution_id == institution_id)
    if charging_unit is not None:
        query = query.where(ServiceItem.charging_unit == charging_unit)
    return list(session.scalars(query))


_INSTRUMENT = (
    Instrument.id,
    Instrument.province,
    Instrument.institution_id,
    Instrument.document,
    Instrument.created_at,
    Instrument.changed_at,
    Instrument.withdrawn_at,
)
_INSTITUTION = (
    Institution.id,
    Institution.province,
    Institution.document,
    Institution.created_at,
    Institution.changed_at,
    Institution.withdrawn_at,
)
_I, _U = table_of(Instrument), table_of(Institution)
_WITH_INSTITUTION = (
    select(*(_I.c[each.key] for each in _INSTRUMENT), *(_U.c[each.key] for each in _INSTITUTION))
    .select_from(_I.outerjoin(_U, _U.c.id == _I.c.institution_id))
    .where(_I.c.id == bindparam("id"), _I.c.document.is_not(None))
)


def _held_instruments() -> Select[Any]:
    return select(*_INSTRUMENT).where(Instrument.document.is_not(None))


def _held_institutions() -> Select[Any]:
    return select(*_INSTITUTION)
