"""Keeping programmes: every change is a version of its own, and orders stay with the one they were decided by."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit, db
from hub.settlement import queries, rules
from hub.settlement.errors import ProgrammeInvalid
from hub.settlement.models import ProgrammeRow
from hub.settlement.rules import Programme


def put_programme(session: Session, document: Mapping[str, Any], *, actor: str, now: datetime) -> Programme:
    """Keep a programme as its next version. Safe to repeat: the newest version again is no new one.

    Raises `ProgrammeInvalid` for what the specification or a missing source refuses.
    """
    check_document(document)
    held = queries.find_programme(session, document["id"])
    if held is not None and held.document == document:
        return held
    newest = select(func.max(ProgrammeRow.version)).where(ProgrammeRow.id == document["id"])
    version = (session.scalar(newest) or 0) + 1
    added = session.scalar(
        db.insert(session, ProgrammeRow)
        .values(
            id=document["id"],
            version=version,
            area=document["area"],
            kind=document["kind"],
            valid_from=date.fromisoformat(document["valid_from"]),
            document=dict(document),
            made_by=actor,
            made_at=now,
        )
        .on_conflict_do_nothing(index_elements=["id", "version"])
        .returning(ProgrammeRow.version)
    )
    if added is None:  # somebody else was quicker with another version
        return put_programme(session, document, actor=actor, now=now)
    audit.record(session, actor, "settlement.put_programme", document["id"], {"version": version}, now=now)
    return Programme(version, document)


def load_programmes(
    session: Session, documents: Iterable[Mapping[str, Any]], *, actor: str, now: datetime
) -> int:
    """Keep programmes that nobody has kept yet; how many. One that staff have changed stays as it is."""
    held = set(session.scalars(select(ProgrammeRow.id).distinct()))
    new = [document for document in documents if document["id"] not in held]
    for document in new:
        put_programme(session, document, actor=actor, now=now)
    return len(new)


def check_document(document: Mapping[str, Any]) -> None:
    """Raises `ProgrammeInvalid` for what the specification, a missing source or an unknown area refuses."""
    found = [
        {"pointer": each.pointer, "code": each.code, "zh": each.zh, "en": each.en}
        for each in schemas.problems("programme", dict(document))
    ]
    if not found:
        found = [
            {
                "pointer": f"/terms/{name}",
                "code": "unsourced",
                "zh": f"条款「{name}」与依据不相符：须有依据，且依据所列须为已填条款",
                "en": f"the term {name!r} and the sources do not agree: a term needs a source, and a source its term",
            }
            for name in rules.unsourced(document)
        ]
    area = str(document.get("area", ""))
    if not found and area not in schemas.codes("province") and area not in schemas.codes("area"):
        found = [
            {
                "pointer": "/area",
                "code": "unknown-code",
                "zh": "没有这个地区代码",
                "en": "there is no such area",
            }
        ]
    if found:
        raise ProgrammeInvalid(found)
