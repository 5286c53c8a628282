"""What search reads: numbered changes, and documents with everything that is searched through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, Table, bindparam, select, union_all
from sqlalchemy.orm import Session

from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.catalog.queries.listing import is_listed
from hub.core import sequencer
from hub.federation import queries as federation

TOPIC = "catalog"
PIECE = 1000


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A listed record: its merged document and, for instruments, its institution's document and service items."""

    id: str
    kind: str
    document: Mapping[str, Any]
    updated_at: datetime
    institution: Mapping[str, Any] | None = None
    service_items: Sequence[Mapping[str, Any]] = field(default=())
    is_stale: bool = False


def last_change_number(session: Session) -> int:
    """The highest change number of the catalogue; 0 before the first change."""
    return sequencer.last_number(session, TOPIC)


def documents_for_index(session: Session, ids: Sequence[str]) -> list[IndexDocument]:
    """The listed records with these identifiers, in any order; what is absent is gone."""
    found: list[IndexDocument] = []
    for start in range(0, len(ids), PIECE):
        some = list(ids[start : start + PIECE])
        found += _instruments(session, some)
        found += _institutions(session, some)
    return found


def iterate_documents(session: Session, *, after_id: str = "", limit: int = PIECE) -> list[IndexDocument]:
    """All listed records by identifier from behind `after_id`, at most `limit`; empty at the end."""
    names = union_all(
        select(Instrument.id).where(is_listed(Instrument), Instrument.id > after_id),
        select(Institution.id).where(is_listed(Institution), Institution.id > after_id),
    ).subquery()
    ids = list(session.scalars(select(names.c.id).order_by(names.c.id).limit(limit)))
    # In the database's own order of texts, or the next piece would begin somewhere else.
    place = {identifier: number for number, identifier in enumerate(ids)}
    return sorted(documents_for_index(session, ids), key=lambda held: place[held.id])


def instrument_ids_of(session: Session, institution_ids: Sequence[str]) -> list[str]:
    """The listed instruments of these institutions, by identifier."""
    found: list[str] = []
    for start in range(0, len(institution_ids), PIECE):
        some = list(institution_ids[start : start + PIECE])
        found += session.connection().execute(_DEPENDANTS, {"ids": some}).scalars()
    return sorted(found)


def _instruments(session: Session, ids: list[str]) -> list[IndexDocument]:
    rows = _rows(session, _LISTED_INSTRUMENTS, ids)
    if not rows:
        return []
    units = {row.institution_id for row in rows if row.institution_id is not None}
    institutions = {row.id: row.document for row in _rows(session, _LISTED_INSTITUTIONS, list(units))}
    found = [row.id for row in rows]
    items: dict[str, list[Mapping[str, Any]]] = {}
    for item in _rows(session, _ITEMS, found):
        items.setdefault(item.instrument_id, []).append(item.document)
    stale = federation.stale_subjects(session, found)
    return [
        IndexDocument(
            row.id,
            "instrument",
            row.document,
            row.changed_at,
            institutions.get(row.institution_id),
            tuple(sorted(items.get(row.id, ()), key=lambda item: int(item["number"]))),
            row.id in stale,
        )
        for row in rows
    ]


def _institutions(session: Session, ids: list[str]) -> list[IndexDocument]:
    rows = _rows(session, _LISTED_INSTITUTIONS, ids)
    stale = federation.stale_subjects(session, [row.id for row in rows]) if rows else set()
    return [
        IndexDocument(row.id, "institution", row.document, row.changed_at, is_stale=row.id in stale)
        for row in rows
    ]


def _rows(session: Session, query: Select[Any], ids: list[str]) -> Sequence[Row[Any]]:
    # The connection, not the session: a harvest reads every record here, and the ORM's way costs half as much again.
    return session.connection().execute(query, {"ids": ids}).all() if ids else []


_INSTRUMENT: Table = Instrument.__table__  # type: ignore[assignment]
_INSTITUTION: Table = Institution.__table__  # type: ignore[assignment]
_ITEM: Table = ServiceItem.__table__  # type: ignore[assignment]
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)

_LISTED_INSTRUMENTS = select(
    _INSTRUMENT.c.id, _INSTRUMENT.c.document, _INSTRUMENT.c.changed_at, _INSTRUMENT.c.institution_id
).where(is_listed(Instrument), _INSTRUMENT.c.id.in_(_IDS))
_LISTED_INSTITUTIONS = select(_INSTITUTION.c.id, _INSTITUTION.c.document, _INSTITUTION.c.changed_at).where(
    is_listed(Institution), _INSTITUTION.c.id.in_(_IDS)
)
_ITEMS = select(_ITEM.c.instrument_id, _ITEM.c.document).where(_ITEM.c.instrument_id.in_(_IDS))
_DEPENDANTS = select(_INSTRUMENT.c.id).where(is_listed(Instrument), _INSTRUMENT.c.institution_id.in_(_IDS))
