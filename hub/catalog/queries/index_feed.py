"""What search reads: numbered changes, and documents with everything that is searched through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from hub.catalog.models import Institution, Instrument, ServiceItem
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


def changes_since(session: Session, number: int, limit: int = 1000) -> list[sequencer.Change]:
    """The catalogue's changes above `number`, in order, without gaps; `subject` is the record's identifier."""
    return sequencer.read_after(session, TOPIC, number, limit)


def documents_for_index(session: Session, ids: Sequence[str]) -> list[IndexDocument]:
    """The listed records with these identifiers, in any order; what is absent is gone."""
    found: list[IndexDocument] = []
    for start in range(0, len(ids), PIECE):
        some = list(ids[start : start + PIECE])
        found += _instruments(session, _listed_instruments().where(Instrument.id.in_(some)))
        found += _institutions(session, _listed_institutions().where(Institution.id.in_(some)))
    return found


def iterate_documents(session: Session, *, after_id: str = "", limit: int = PIECE) -> list[IndexDocument]:
    """All listed records by identifier from behind `after_id`, at most `limit`; empty at the end."""
    names = union_all(
        select(Instrument.id).where(Instrument.is_listed, Instrument.id > after_id),
        select(Institution.id).where(Institution.is_listed, Institution.id > after_id),
    ).subquery()
    ids = list(session.scalars(select(names.c.id).order_by(names.c.id).limit(limit)))
    # In the database's own order of texts, or the next piece would begin somewhere else.
    place = {identifier: number for number, identifier in enumerate(ids)}
    return sorted(documents_for_index(session, ids), key=lambda held: place[held.id])


def instrument_ids_of_institution(session: Session, institution_id: str) -> list[str]:
    """The listed instruments of an institution, by identifier."""
    return list(
        session.scalars(
            select(Instrument.id)
            .where(Instrument.is_listed, Instrument.institution_id == institution_id)
            .order_by(Instrument.id)
        )
    )


def _listed_instruments() -> Select[Any]:
    columns = (Instrument.id, Instrument.document, Instrument.changed_at, Instrument.institution_id)
    return select(*columns).where(Instrument.is_listed)


def _listed_institutions() -> Select[Any]:
    columns = (Institution.id, Institution.document, Institution.changed_at)
    return select(*columns).where(Institution.is_listed)


def _instruments(session: Session, query: Select[Any]) -> list[IndexDocument]:
    rows = session.execute(query).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    units = {row.institution_id for row in rows if row.institution_id is not None}
    institutions = {
        row.id: row.document
        for row in session.execute(_listed_institutions().where(Institution.id.in_(units)))
    }
    items: dict[str, list[Mapping[str, Any]]] = {}
    for instrument_id, document in session.execute(
        select(ServiceItem.instrument_id, ServiceItem.document).where(ServiceItem.instrument_id.in_(ids))
    ):
        items.setdefault(instrument_id, []).append(document)
    stale = federation.stale_subjects(session, ids)
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


def _institutions(session: Session, query: Select[Any]) -> list[IndexDocument]:
    rows = session.execute(query).all()
    stale = federation.stale_subjects(session, [row.id for row in rows]) if rows else set()
    return [
        IndexDocument(row.id, "institution", row.document, row.changed_at, is_stale=row.id in stale)
        for row in rows
    ]
