"""Valid documents into rows, a page at a time: one SELECT for the page's identifiers, one statement for its rows.

Equal content is a touch: no catalogue row is written and nothing is announced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.orm import Session

from adapters.contract import Pulled
from hub.catalog import rules, wire
from hub.catalog.errors import DocumentUnsupported
from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.core import bulk, sequencer

TOPIC = "catalog"
"""Change numbers of the catalogue: subject is the identifier, payload says its kind and what happened."""

PUT, WITHDRAW = "put", "withdraw"

_INSTRUMENT: Table = Instrument.__table__  # type: ignore[assignment]
_INSTITUTION: Table = Institution.__table__  # type: ignore[assignment]
_ITEM: Table = ServiceItem.__table__  # type: ignore[assignment]

Change = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Applied:
    """What a page did. `collided` are records whose identifier belongs to another native key already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    verdicts: dict[str, str] = field(default_factory=dict)
    collided: list[Pulled] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class Held(NamedTuple):
    """What the catalogue holds of one instrument. Withdrawn facts are kept and not shown."""

    native_key: str
    is_listed: bool
    content_hash: str | None
    items_hash: str | None
    facts: rules.Facts
    withdrawn_at: datetime | None
    survey_withdrawn_at: datetime | None


def apply_page(
    session: Session, province: str, document_name: str, pulled: Sequence[Pulled], *, now: datetime
) -> Applied:
    """Merge valid documents of one kind into the catalogue, in the caller's transaction, and announce what changed.

    The caller holds the province (`lock_run`). Safe to repeat: the second time everything is unchanged.
    Raises `DocumentUnsupported` for a kind that the catalogue does not keep.
    """
    apply = _APPLIERS.get(document_name)
    if apply is None:
        raise DocumentUnsupported(document_name)
    done = Applied()
    if pulled:
        apply(session, province, pulled, done, now)
        announce(session, done.changes, now=now)
    return done


def announce(session: Session, changes: Sequence[Change], *, now: datetime) -> None:
    """Announce catalogue changes in the caller's transaction."""
    if changes:
        sequencer.announce_all(session, TOPIC, changes, now=now)


def change(subject: str, kind: str, action: str) -> Change:
    """One announcement."""
    return subject, {"kind": kind, "action": action}


_HELD = select(
    *(
        _INSTRUMENT.c[name]
        for name in (
            "id", "native_key", "is_listed", "content_hash", "items_hash", "main", "survey", "withdrawn_at",
            "survey_withdrawn_at",
        )
    )
).where(_INSTRUMENT.c.id.in_(bindparam("ids", expanding=True)))  # fmt: skip


def load_instruments(session: Session, ids: Sequence[str]) -> dict[str, Held]:
    """What is held of these instruments."""
    # The connection, not the session: the ORM's way to the same rows costs twice as much.
    rows = session.connection().execute(_HELD, {"ids": list(ids)})
    return {
        row.id: Held(
            row.native_key,
            row.is_listed,
            row.content_hash,
            row.items_hash,
            rules.Facts(row.main, row.survey),
            row.withdrawn_at,
            row.survey_withdrawn_at,
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a row shall be made from: whose facts, and which of them are withdrawn since when."""

    id: str
    province: str
    native_key: str
    facts: rules.Facts
    withdrawn_at: datetime | None = None
    survey_withdrawn_at: datetime | None = None


def instrument_row(told: Instruction, *, now: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row that follows from an instrument's facts, and the rows of its service items."""
    shown = rules.Facts(
        None if told.withdrawn_at else told.facts.main,
        None if told.survey_withdrawn_at else told.facts.survey,
    )
    document = rules.merge(shown)
    row: dict[str, Any] = {
        "id": told.id,
        "province": told.province,
        "native_key": told.native_key,
        "is_listed": document is not None,
        "document": document,
        "main": told.facts.main,
        "survey": told.facts.survey,
        "content_hash": None,
        "items_hash": None,
        "changed_at": now,
        "withdrawn_at": told.withdrawn_at,
        "survey_withdrawn_at": told.survey_withdrawn_at,
    }
    if document is None:
        return row, []
    row |= wire.instrument_columns(document, rules.value_band(document.get("original_value_fen")))
    row["content_hash"] = wire.content_hash(document)
    services = rules.service_items(shown)
    items = wire.item_rows(told.id, row["institution_id"], told.province, services)
    row["items_hash"] = wire.content_hash(services) if services else None
    return row, items


_HIDDEN = ("id", "main", "survey", "withdrawn_at", "survey_withdrawn_at")


def replace_items(session: Session, instrument_ids: Sequence[str], items: Sequence[dict[str, Any]]) -> None:
    """Replace all service items of these instruments."""
    if instrument_ids:
        session.execute(
            delete(ServiceItem)
            .where(ServiceItem.instrument_id.in_(instrument_ids))
            .execution_options(synchronize_session=False)
        )
    _insert(session, _ITEM, items)


def update_instruments(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write instrument rows that exist; every row names the same columns."""
    _update(session, _INSTRUMENT, rows)


def _apply_instruments(
    session: Session, province: str, pulled: Sequence[Pulled], done: Applied, now: datetime
) -> None:
    role = rules.ROLES[pulled[0].document_name]
    page: dict[str, Pulled] = {}
    for record in pulled:
        first = page.get(record.document["id"])
        if first is not None and first.key != record.key:
            done.collided.append(record)
            continue
        page[record.document["id"]] = record
    held = load_instruments(session, list(page))
    batch = Batch(untouched="survey" if role == "main" else "main")
    for instrument_id, record in page.items():
        before = held.get(instrument_id)
        if before is not None and before.native_key != record.key and before.is_listed:
            done.collided.append(record)
            continue
        told = Instruction(
            instrument_id,
            province,
            record.key,
            rules.absorb(before.facts if before else rules.Facts(), role, record.document),
            before.withdrawn_at if before and role == "survey" else None,
            before.survey_withdrawn_at if before and role == "main" else None,
        )
        row, items = instrument_row(told, now=now)
        done.verdicts[record.key] = batch.sort(row, items, before)
    batch.write(session, done)


@dataclass(slots=True)
class Batch:
    """Instrument rows of a page, sorted by what has to be written."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    untouched: str = ""  # facts that this page does not tell, so that they are not written again

    def sort(self, row: dict[str, Any], items: list[dict[str, Any]], before: Held | None) -> str:
        """Decide about one row; the verdict is accepted or unchanged."""
        if before is None:
            row["created_at"] = row["changed_at"]
            (self.inserts if row["is_listed"] else self.waiting).append(row)
            self.items += items
            return "accepted"
        has_same_facts = (row["main"], row["survey"]) == before.facts
        withdrawals = (before.withdrawn_at, before.survey_withdrawn_at)
        is_same_inside = has_same_facts and withdrawals == (row["withdrawn_at"], row["survey_withdrawn_at"])
        if not row["is_listed"]:
            self.hidden += [] if is_same_inside else [{name: row[name] for name in _HIDDEN}]
            self.unchanged += is_same_inside
            return "unchanged" if is_same_inside else "accepted"
        shown = (row["content_hash"], row["items_hash"], True)
        if shown == (before.content_hash, before.items_hash, before.is_listed):
            self.facts += [] if is_same_inside else [{name: row[name] for name in _HIDDEN}]
            self.unchanged += 1
            return "unchanged"
        self.updates.append(row)
        if row["items_hash"] != before.items_hash:
            if before.items_hash is not None:  # otherwise there is nothing to take away
                self.replaced.append(row["id"])
            self.items += items
        return "accepted"

    def write(self, session: Session, done: Applied) -> None:
        """Write everything and count it."""
        for rows in (self.inserts, self.waiting):
            _insert(session, _INSTRUMENT, rows)
        for row in self.updates:
            row.pop(self.untouched, None)
        update_instruments(session, self.updates)
        update_instruments(session, [*self.hidden, *self.facts])
        replace_items(session, self.replaced, self.items)
        done.created += len(self.inserts) + len(self.waiting)
        done.updated += len(self.updates) + len(self.hidden)
        done.unchanged += self.unchanged
        done.changes += [change(row["id"], "instrument", PUT) for row in (*self.inserts, *self.updates)]


def _apply_institutions(
    session: Session, province: str, pulled: Sequence[Pulled], done: Applied, now: datetime
) -> None:
    page: dict[str, Pulled] = {record.document["id"]: record for record in pulled}
    rows = session.execute(
        select(Institution.id, Institution.content_hash, Institution.is_listed).where(
            Institution.id.in_(page)
        )
    )
    held = {row.id: (row.content_hash, row.is_listed) for row in rows}
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for institution_id, record in page.items():
        row = {
            "id": institution_id,
            "province": province,
            "native_key": record.key,
            "is_listed": True,
            "changed_at": now,
            "withdrawn_at": None,
            "content_hash": wire.content_hash(record.document),
            "document": record.document,
            **wire.institution_columns(record.document),
        }
        before = held.get(institution_id)
        if before == (row["content_hash"], True):
            done.unchanged += 1
            done.verdicts[record.key] = "unchanged"
            continue
        (inserts if before is None else updates).append(row)
        done.verdicts[record.key] = "accepted"
    _insert(session, _INSTITUTION, [row | {"created_at": now} for row in inserts])
    _update(session, _INSTITUTION, updates)
    done.created += len(inserts)
    done.updated += len(updates)
    done.changes += [change(row["id"], "institution", PUT) for row in (*inserts, *updates)]


def _insert(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; every one names the same columns."""
    if rows:
        bulk.insert_rows(table, tuple(rows[0])).run(session, rows)


def _update(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Update rows by their `id`; every one names the same columns."""
    if rows:
        bulk.update_rows(table, tuple(name for name in rows[0] if name != "id"), "id").run(session, rows)


_APPLIERS: dict[str, Callable[[Session, str, Sequence[Pulled], Applied, datetime], None]] = {
    "instrument": _apply_instruments,
    "instrument-survey": _apply_instruments,
    "institution": _apply_institutions,
}
