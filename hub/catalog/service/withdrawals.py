"""Taking records out of the catalogue and bringing them back. What is withdrawn keeps its facts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.catalog import rules
from hub.catalog.errors import DocumentUnsupported
from hub.catalog.models import Institution, Instrument
from hub.catalog.service import apply


def withdraw(session: Session, document_name: str, subjects: Sequence[str], *, now: datetime) -> None:
    """Take these records out: no list, page or feed shows them. Announced; safe to repeat.

    Without its main record an instrument disappears; without its survey row it loses what the survey filled.
    """
    _set_withdrawn(session, document_name, subjects, now, now)


def restore(session: Session, document_name: str, subjects: Sequence[str], *, now: datetime) -> None:
    """Bring withdrawn records back as they were. Announced; safe to repeat."""
    _set_withdrawn(session, document_name, subjects, None, now)


def announce_stale(session: Session, document_name: str, subjects: Sequence[str], *, now: datetime) -> None:
    """Tell followers that these records are shown from an older read now (or no longer)."""
    kind = "institution" if document_name == "institution" else "instrument"
    apply.announce(session, [apply.change(subject, kind, apply.PUT) for subject in subjects], now=now)


def _set_withdrawn(
    session: Session, document_name: str, subjects: Sequence[str], at: datetime | None, now: datetime
) -> None:
    if document_name == "institution":
        _set_institutions(session, subjects, at, now)
        return
    role = rules.ROLES.get(document_name)
    if role is None:
        raise DocumentUnsupported(document_name)
    province = {
        row.id: row.province
        for row in session.execute(
            select(Instrument.id, Instrument.province).where(Instrument.id.in_(subjects))
        )
    }
    batch, done = apply.Batch(), apply.Applied()
    gone: list[str] = []
    for instrument_id, before in apply.load_instruments(session, subjects).items():
        told = apply.Instruction(
            instrument_id,
            province[instrument_id],
            before.native_key,
            before.facts,
            at if role == "main" else before.withdrawn_at,
            at if role == "survey" else before.survey_withdrawn_at,
        )
        row, items = apply.instrument_row(told, now=now)
        batch.sort(row, items, before)
        if before.is_listed and not row["is_listed"]:
            gone.append(instrument_id)
    batch.write(session, done)
    _hide(session, gone, now)
    done.changes += [apply.change(instrument_id, "instrument", apply.WITHDRAW) for instrument_id in gone]
    apply.announce(session, done.changes, now=now)


def _hide(session: Session, gone: Sequence[str], now: datetime) -> None:
    if not gone:
        return
    session.execute(
        update(Instrument)
        .where(Instrument.id.in_(gone))
        .values(is_listed=False, changed_at=now, content_hash=None, items_hash=None)
        .execution_options(synchronize_session=False)
    )
    apply.replace_items(session, gone, [])


def _set_institutions(session: Session, subjects: Sequence[str], at: datetime | None, now: datetime) -> None:
    changed = session.scalars(
        update(Institution)
        .where(Institution.id.in_(subjects), Institution.is_listed.is_not(at is None))
        .values(is_listed=at is None, withdrawn_at=at, changed_at=now)
        .returning(Institution.id)
        .execution_options(synchronize_session=False)
    ).all()
    action = apply.PUT if at is None else apply.WITHDRAW
    apply.announce(session, [apply.change(i, "institution", action) for i in changed], now=now)
