"""One case's papers in one archive: its line, documents, postings and audit entries, each with its hash.

What only the person concerned may see is left out as the specification's audiences say (an auditor sees what a province's
staff see), and so are the audit's private details; `manifest.json` says which documents lost something and gives every
document's own hash, so that what was left out can still be proven by whoever holds the whole.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.core.sequencer import AnnouncedChange
from hub.identity.rules import Principal
from hub.settlement import ledger
from hub.settlement.errors.auditing import SampleUnknown
from hub.settlement.models import (
    Document,
    Entry,
    Hold,
    Payment,
    PaymentItem,
    PaymentLine,
    Posting,
    RatedLine,
    UsageVersion,
)
from hub.settlement.service.auditing.sampling import Sample
from hub.settlement.service.documents import digest

_AUDIENCE: schemas.Audience = "province"
_MOST_ENTRIES = 2_000
_STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every file in the archive: the same case gives the same bytes."""


def case_package(
    session: Session, me: Principal, sample: Sample, line_id: int, *, now: datetime
) -> tuple[str, bytes]:
    """Name and content (ZIP) of the papers of one line of a sample; taking them is audited. Raises `SampleUnknown`."""
    line = session.get(RatedLine, line_id) if line_id in sample.line_ids else None
    if line is None:
        raise SampleUnknown
    held: dict[str, Any] = {"line.json": _line(line)}
    originals: dict[str, Any] = {}
    for name, told, original in _documents(session, line):
        held[name] = told
        originals[name] = original
    usage = _usage(session, line)
    if usage:
        held["usage.json"] = usage
    held["postings.json"] = list(_postings(session, line))
    held["audit.json"] = list(_audit(session, line))
    files = {name: orjson.dumps(told, option=orjson.OPT_INDENT_2) for name, told in held.items()}
    manifest = {
        "line_id": line.id,
        "order_number": line.order_number,
        "sample": {
            "id": sample.id,
            "criteria": sample.criteria.as_document(),
            "seed": sample.seed,
            "until": sample.until.isoformat(),
            "population": sample.population,
        },
        "audience": _AUDIENCE,
        "documents": originals,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
    }
    files["manifest.json"] = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    told = {
        "line": line.id,
        "order": line.order_number,
        "manifest_sha256": hashlib.sha256(files["manifest.json"]).hexdigest(),
    }
    audit.record(session, me.name, "settlement.take_case", f"sample:{sample.id}", told, now=now)
    return f"case-{line.order_number}-{line.id}.zip", _zipped(files)


def _line(line: RatedLine) -> dict[str, Any]:
    names = (
        "usage_id", "usage_version", "reference", "order_number", "visited", "home", "enterprise_id", "institution_id",
        "programme_id", "programme_version", "payer_area", "fee_fen", "voucher_fen", "own_fen", "state", "batch_id",
    )  # fmt: skip
    told = {name: getattr(line, name) for name in names}
    document = schemas.redact("rated-line", line.document, _AUDIENCE)
    return {
        **told,
        "rated_at": line.rated_at.isoformat(),
        "document": document,
        "sha256": digest(line.document),
    }


def _documents(session: Session, line: RatedLine) -> Iterator[tuple[str, Any, Any]]:
    """The order's own documents, and of the pair's and the payer's those that name its batch, order or usage."""
    shared = [f"{kind}:{line.visited}-{line.home}" for kind in ("statement", "credit")]
    if line.payer_area is not None:
        shared.append(f"payment-list:{line.payer_area}")
    mine = or_(
        Document.series.like(f"%:{line.reference}"),
        Document.series.like(f"%:{line.usage_id}"),
        Document.series.in_(shared),
    )
    wanted = {line.batch_id, line.order_number, line.usage_id, line.reference} - {None}
    for row in session.scalars(select(Document).where(mine).order_by(Document.id)):
        if row.series in shared and not _names(row.body, wanted):
            continue
        told = schemas.redact(row.kind, row.body, _AUDIENCE)
        name = f"documents/{row.id.replace('/', '-').replace(':', '_')}.json"
        yield name, told, {"id": row.id, "sha256": row.sha256, "is_whole": told == row.body}


def _names(body: object, wanted: set[Any]) -> bool:
    """Whether a document names one of these anywhere in it."""
    if isinstance(body, Mapping):
        return any(_names(value, wanted) for value in body.values())
    if isinstance(body, list):
        return any(_names(value, wanted) for value in body)
    return isinstance(body, str) and body in wanted


def _postings(session: Session, line: RatedLine) -> Iterator[dict[str, Any]]:
    """Every posting of the line, its order's holds and its batch, with its place in the chain."""
    holds = session.scalars(select(Hold.id).where(Hold.reference == line.reference)).all()
    exact = [f"{kind}:{line.usage_id}.{line.usage_version}" for kind in ("rate", "unrate")]
    exact += [f"{kind}:{held}" for held in holds for kind in ("hold", "capture", "release")]
    exact.append(f"credit:{line.usage_id}.{line.usage_version}")
    if line.batch_id is not None:
        exact.append(f"post:{line.batch_id}")
    exact += [f"{kind}:{name}" for name in _payment_lines(session, line) for kind in ("redeem", "unredeem")]
    paid = [
        Posting.reference.startswith(f"{kind}:{name}.", autoescape=True)
        for name in session.scalars(select(Payment.id).where(Payment.reference == line.reference))
        for kind in ("paid", "refund")
    ]
    rows = session.execute(
        select(Posting.id, Posting.reference, Posting.kind, Posting.posted_at)
        .where(or_(Posting.reference.in_(exact), *paid))
        .order_by(Posting.id)
    ).all()
    links = session.execute(
        select(AnnouncedChange.subject, AnnouncedChange.number, AnnouncedChange.hash).where(
            AnnouncedChange.topic == ledger.TOPIC,
            AnnouncedChange.subject.in_([row.reference for row in rows]),
        )
    )
    chained = {subject: (number, link) for subject, number, link in links}
    for row in rows:
        number, link = chained.get(row.reference, (None, None))
        entries = session.execute(
            select(Entry.source_id, Entry.target_id, Entry.fen)
            .where(Entry.posting_id == row.id)
            .order_by(Entry.line)
        )
        yield {
            "reference": row.reference,
            "kind": row.kind,
            "posted_at": row.posted_at.isoformat(),
            "entries": [[source, target, fen] for source, target, fen in entries],
            "number": number,
            "hash": None if link is None else link.hex(),
        }


def _payment_lines(session: Session, line: RatedLine) -> Sequence[str]:
    """The lines of payment lists that paid, or were to pay, this line's voucher share."""
    item = session.get(PaymentItem, f"line:{line.id}")
    if item is None:
        return ()
    return session.scalars(select(PaymentLine.id).where(PaymentLine.root_id == item.root_id)).all()


def _usage(session: Session, line: RatedLine) -> list[dict[str, Any]]:
    """Every version of the usage, as a province's staff may see it."""
    rows = session.scalars(
        select(UsageVersion).where(UsageVersion.usage_id == line.usage_id).order_by(UsageVersion.number)
    )
    return [
        {
            "version": row.number,
            "sha256": row.sha256,
            "document": schemas.redact("usage", row.document, _AUDIENCE),
        }
        for row in rows
    ]


def _audit(session: Session, line: RatedLine) -> Iterator[dict[str, Any]]:
    """What the audit holds of the order, usage and batch; private details stay where they are."""
    about = [
        f"{kind}{name}"
        for name in (line.reference, line.usage_id, line.batch_id)
        if name is not None
        for kind in ("", "booking:", "order:", "usage:", "payment:", "batch:")
    ]
    rows = session.execute(
        select(
            AnnouncedChange.number,
            AnnouncedChange.announced_at,
            AnnouncedChange.subject,
            AnnouncedChange.payload,
            AnnouncedChange.hash,
        )
        .where(AnnouncedChange.topic == audit.TOPIC, AnnouncedChange.subject.in_(about))
        .order_by(AnnouncedChange.id)
        .limit(_MOST_ENTRIES)
    )
    for number, at, subject, payload, link in rows:
        told = payload or {}
        yield {
            "number": number,
            "hash": None if link is None else link.hex(),
            "at": at.isoformat(),
            "actor": told.get("actor", ""),
            "action": told.get("action", ""),
            "subject": subject,
            "detail": _masked(told.get("detail", {})),
        }


def _masked(value: Any) -> Any:
    """Without mobile numbers and mail addresses that somebody wrote where they do not belong."""
    if isinstance(value, Mapping):
        return {name: _masked(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_masked(held) for held in value]
    return schemas.mask(value) if isinstance(value, str) else value


def _zipped(files: Mapping[str, bytes]) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()
