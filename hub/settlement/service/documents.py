"""Issuing documents: validated, numbered without gaps, chained within their series, and never changed afterwards."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core import db
from hub.settlement.models import Document, Series


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that stands. `id` is `<series>/<number>`."""

    id: str
    kind: str
    series: str
    number: int
    sha256: str
    body: Mapping[str, Any]
    issued_at: datetime


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the canonical form of RFC 8785: what signatures and chains speak of."""
    return hashlib.sha256(rfc8785.dumps(dict(body))).hexdigest()


def issue(session: Session, kind: str, series: str, body: Mapping[str, Any], *, now: datetime) -> Issued:
    """Issue the next document of a series, in the caller's transaction. `number` and `previous_sha256` join the body.

    Not safe to repeat: the caller knows whether it has issued already. Two transactions that issue in one series wait for
    each other. A body that is no valid document of `kind` is a fault of the program: ValueError.
    """
    number = _next(session, series)
    last = None if number == 1 else session.get_one(Document, f"{series}/{number - 1}")
    whole = {**body, "number": number}
    if last is not None:
        whole["previous_sha256"] = last.sha256
    if not schemas.is_valid(kind, whole):  # the quick verdict: a payment list may name thousands of orders
        problems = schemas.problems(kind, whole)
        raise ValueError(f"no valid {kind}: {problems[0].pointer} {problems[0].en}")
    row = Document(
        id=f"{series}/{number}",
        kind=kind,
        series=series,
        number=number,
        sha256=digest(whole),
        previous_sha256=None if last is None else last.sha256,
        body=whole,
        issued_at=now,
    )
    session.add(row)
    session.flush()
    return _issued(row)


def find(session: Session, document_id: str) -> Issued | None:
    """The document `<series>/<number>`."""
    row = session.get(Document, document_id)
    return None if row is None else _issued(row)


def series_of(session: Session, series: str) -> list[Issued]:
    """Every document of a series, in order."""
    mine = select(Document).where(Document.series == series).order_by(Document.number)
    return [_issued(row) for row in session.scalars(mine)]


def _next(session: Session, series: str) -> int:
    """The number after the last; the series is this transaction's until it ends."""
    added = db.insert(session, Series).values(name=series, issued=1)
    mine = added.on_conflict_do_update(index_elements=["name"], set_={"issued": Series.issued + 1})
    number: int | None = session.scalar(mine.returning(Series.issued))
    assert number is not None, "it was there, or is now"
    return number


def _issued(row: Document) -> Issued:
    return Issued(row.id, row.kind, row.series, row.number, row.sha256, row.body, row.issued_at)
