"""Taking in what sides say about documents: signatures, receipts, acknowledgements. Each once, none ever changed.

The hub checks and keeps; it never makes or holds a side's key. Its own signature says which bytes it issued.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import rfc8785
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.core.runtime import Runtime
from hub.identity.service import signing as hub_signing
from hub.settlement.errors import (
    AcknowledgedOther,
    DocumentUnknown,
    SideNotConcerned,
    SignatureAlgorithmOther,
    SignatureExists,
    SignatureKeyRevoked,
    SignatureKeyUnknown,
    SignatureMalformed,
    SignatureOtherDocument,
    SignatureTimeImplausible,
    SignatureWrong,
)
from hub.settlement.models import Document, Signature
from hub.settlement.queries import signing as queries
from hub.settlement.queries.signing import SideKey, grades, waiting_signatures
from hub.settlement.rules import signing as rules

__all__ = [
    "Signer",
    "acknowledge",
    "grades",
    "is_settled",
    "keep_receipt",
    "sign",
    "sign_issued",
    "waiting_signatures",
]

BATCH = 50


@dataclass(frozen=True, slots=True)
class Signer:
    """For which side somebody speaks: `name` is the principal's, `holder` the platform whose keys alone count."""

    side: str
    name: str
    holder: str | None = None


def sign(session: Session, signer: Signer, document_id: str, text: str, *, now: datetime) -> Signature:
    """Keep a side's signature of a document. Safe to repeat with the same JWS.

    Raises `DocumentUnknown`, `SideNotConcerned` and the refusals of signatures (`SignatureMalformed`,
    `SignatureKeyUnknown`, `SignatureKeyRevoked`, `SignatureAlgorithmOther`, `SignatureOtherDocument`,
    `SignatureTimeImplausible`, `SignatureWrong`, `SignatureExists`).
    """
    return _take(session, signer, document_id, text, "signed", now=now)


def keep_receipt(
    session: Session, signer: Signer, document_id: str, text: str, *, now: datetime
) -> Signature:
    """Keep a side's signed receipt: these very bytes arrived. It is no consent. Safe to repeat; raises as `sign` does."""
    return _take(session, signer, document_id, text, "receipt", now=now)


def acknowledge(
    session: Session, signer: Signer, document_id: str, sha256: str, *, now: datetime
) -> Signature:
    """Keep that a person has acknowledged a document by its hash: graded as acknowledged, not signed. Safe to repeat.

    The caller has had the person's second factor a moment ago. Raises `DocumentUnknown`, `SideNotConcerned`,
    `AcknowledgedOther`, and `SignatureExists` when the side has signed.
    """
    document = _document(session, document_id, signer.side)
    if sha256.strip().lower() != document.sha256:
        raise AcknowledgedOther
    said = {row.kind: row for row in queries.signatures_of(session, document.id) if row.side == signer.side}
    if "signed" in said:
        raise SignatureExists(signer.side)
    if "acknowledged" in said:
        return said["acknowledged"]
    return _keep(session, document, signer, "acknowledged", None, now=now)


def is_settled(session: Session, document_id: str, *, now: datetime) -> bool:
    """Whether every side of a document has signed or acknowledged it."""
    told = grades(session, document_id, now=now)
    return bool(told) and all(grade in ("signed", "acknowledged") for grade in told.values())


def sign_issued(runtime: Runtime) -> bool:
    """Sign with the hub's key what was issued and is not signed by it; whether there may be more. Safe to repeat.

    A round looks before it writes; several processes may run it at once.
    """
    now = runtime.clock()
    with runtime.database.read() as session:
        waiting = session.scalars(_unsigned()).all()
    if not waiting:
        return False
    sign_now(runtime, waiting, now=now)
    return len(waiting) >= BATCH


def sign_now(runtime: Runtime, document_ids: Iterable[str], *, now: datetime) -> None:
    """Have the hub's signature on those of these documents that sides sign. Safe to repeat."""
    key = hub_signing.current_key(runtime.database, runtime.home, "message", now=now)
    with runtime.database.write() as session:
        held = session.scalars(
            select(Document).where(
                Document.id.in_(list(document_ids)), Document.kind.in_(rules.signed_kinds())
            )
        ).all()
        for document in held:
            members = {"document": document.id, "side": rules.HUB, "iat": int(now.timestamp())}
            text = key.sign_detached(rfc8785.dumps(document.body), members, rules.SIGNATURE)
            row = {
                "document_id": document.id,
                "side": rules.HUB,
                "kind": "signed",
                "sha256": document.sha256,
                "alg": hub_signing.ALGORITHM,
                "kid": key.kid,
                "jws": text,
                "person": None,
                "at": now,
            }
            session.execute(db.insert(session, Signature).values(row).on_conflict_do_nothing())


def _take(
    session: Session,
    signer: Signer,
    document_id: str,
    text: str,
    kind: Literal["signed", "receipt"],
    *,
    now: datetime,
) -> Signature:
    document = _document(session, document_id, signer.side)
    try:
        detached = rules.read_detached(text)
    except rules.DetachedMalformed as fault:
        raise SignatureMalformed(str(fault)) from None
    header = detached.header
    if header["typ"] != (rules.SIGNATURE if kind == "signed" else rules.RECEIPT):
        raise SignatureMalformed("typ")
    if header["document"] != document.id:
        raise SignatureOtherDocument(header["document"], document.id)
    if header["side"] != signer.side:
        raise SignatureOtherDocument(header["side"], signer.side)
    for row in queries.signatures_of(session, document.id):
        if (row.side, row.kind) == (signer.side, kind):
            if row.jws == text.strip():
                return row
            raise SignatureExists(signer.side)
    key = _key(session, signer, header["kid"], now)
    if not rules.means(header["alg"], key.algorithm):
        raise SignatureAlgorithmOther(header["alg"], key.algorithm)
    if not rules.is_plausible(header["iat"], issued_at=document.issued_at, now=now):
        raise SignatureTimeImplausible
    if not rules.is_signed(detached, rfc8785.dumps(document.body), key.jwk, key.algorithm):
        raise SignatureWrong
    return _keep(session, document, signer, kind, (key, text.strip()), now=now)


def _key(session: Session, signer: Signer, kid: str, now: datetime) -> SideKey:
    """The key of this name that the signer may use now."""
    held = [
        key
        for key in queries.keys_of_side(session, signer.side)
        if key.kid == kid and (signer.holder is None) != key.holder.startswith("platform:")
    ]
    mine = [key for key in held if signer.holder is None or key.holder == signer.holder]
    if not mine:
        raise SignatureKeyUnknown(kid)
    ended = mine[-1].until
    if ended is not None and ended <= now:
        raise SignatureKeyRevoked(kid, ended.date().isoformat())
    return mine[-1]


def _document(session: Session, document_id: str, side: str) -> Document:
    document = queries.find_document(session, document_id)
    if document is None:
        raise DocumentUnknown(document_id)
    if side not in rules.sides_of(document.kind, document.body):
        raise SideNotConcerned(side)
    return document


def _keep(
    session: Session,
    document: Document,
    signer: Signer,
    kind: str,
    signed: tuple[SideKey, str] | None,
    *,
    now: datetime,
) -> Signature:
    row = Signature(
        document_id=document.id,
        side=signer.side,
        kind=kind,
        sha256=document.sha256,
        alg=signed[0].algorithm if signed else None,
        kid=signed[0].kid if signed else None,
        jws=signed[1] if signed else None,
        person=signer.name,
        at=now,
    )
    session.add(row)
    session.flush()
    detail = {"side": signer.side, "kind": kind, "sha256": document.sha256, "kid": row.kid}
    audit.record(session, signer.name, "settlement.sign_document", f"document:{document.id}", detail, now=now)
    return row


def _unsigned() -> Select[str]:
    given = (
        select(Signature.id)
        .where(Signature.document_id == Document.id, Signature.side == rules.HUB)
        .correlate(Document)
    )
    return (
        select(Document.id)
        .where(Document.kind.in_(rules.signed_kinds()), ~given.exists())
        .order_by(Document.issued_at, Document.id)
        .limit(BATCH)
    )
