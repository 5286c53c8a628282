"""Bundles: documents with their lines, signatures, keys and time-stamps in one ZIP file that is checked offline.

The format is told in docs/signing.md; `hub/verify.py` checks it and shares no code with this. Entries are stored
uncompressed and without dates, so that the same content is the same file.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import rfc8785
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core.runtime import Runtime
from hub.identity.service import signing as hub_signing
from hub.settlement.errors import DocumentUnknown
from hub.settlement.models import Document, Signature, TimeStamp
from hub.settlement.queries import periods
from hub.settlement.queries import signing as queries
from hub.settlement.queries.signing import SideKey
from hub.settlement.rules import signing as rules
from hub.settlement.service import signatures

FORMAT, PACKAGE = "jyh-bundle/1", "jyh-document/1"
TYPE = "settlement-bundle+jws"

ListFile = Callable[[Session, str], Iterable[bytes]]
"""The lines of a batch, as its statement's `lines_sha256` counts them, each with its end."""


def related(session: Session, document_id: str) -> list[str]:
    """A document and, after it, what belongs to it: of a statement its payment lists and credit documents, as issued."""
    about = or_(
        Document.id == document_id,
        Document.body["statement"].as_string() == document_id,
        Document.body["original"].as_string() == document_id,
    )
    mine = select(Document.id).where(Document.kind.in_(rules.signed_kinds()), about)
    return list(session.scalars(mine.order_by(Document.id != document_id, Document.issued_at, Document.id)))


def make_bundle(
    runtime: Runtime,
    document_ids: Iterable[str],
    into: BinaryIO,
    *,
    list_file: ListFile = periods.list_file,
    now: datetime,
) -> None:
    """Write the bundle of these documents; what the hub has not signed yet is signed first. Safe to repeat.

    Takes the runtime and no session: the hub's signature must be known before the bundle that carries it. Memory does not
    grow with the lines. Raises `DocumentUnknown`.
    """
    wanted = list(dict.fromkeys(document_ids))
    signatures.sign_now(runtime, wanted, now=now)
    key = hub_signing.current_key(runtime.database, runtime.home, "message", now=now)
    with runtime.database.read() as session, zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        draft = _Draft(session, archive, list_file)
        for document_id in wanted:
            document = queries.find_document(session, document_id)
            if document is None:
                raise DocumentUnknown(document_id)
            draft.put_document(document)
        draft.put_heads()
        draft.put_keys()
        if any(name.endswith(".tsr") for name in draft.files):
            draft.put("timestamps/ca.pem", runtime.tsa_ca)
        manifest = rfc8785.dumps(
            {
                "format": FORMAT,
                "hub": runtime.public_url,
                "made_at": now.isoformat(),
                "files": draft.files,
                "documents": draft.documents,
                "heads": draft.heads,
            }
        )
        text = key.sign_detached(manifest, {"side": rules.HUB, "iat": int(now.timestamp())}, TYPE)
        draft.put("manifest.json", manifest)
        draft.put("manifest.jws", text.encode())


def bundle_file(runtime: Runtime, document_id: str, *, now: datetime) -> Path:
    """The bundle of a document and what belongs to it in a file of its own, which the caller deletes.

    Raises `DocumentUnknown`.
    """
    with runtime.database.read() as session:
        wanted = related(session, document_id) or [document_id]
    handle, name = tempfile.mkstemp(prefix="bundle-", suffix=".zip")
    try:
        with os.fdopen(handle, "w+b") as file:
            make_bundle(runtime, wanted, file, now=now)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def package(runtime: Runtime, document_id: str, *, now: datetime) -> dict[str, Any]:
    """One document as it is downloaded for signing: its canonical text, the hub's signature and the hub's keys.

    Raises `DocumentUnknown`.
    """
    signatures.sign_now(runtime, [document_id], now=now)
    with runtime.database.read() as session:
        document = queries.find_document(session, document_id)
        if document is None:
            raise DocumentUnknown(document_id)
        said = queries.signatures_of(session, document_id)
        return {
            "format": PACKAGE,
            "id": document.id,
            "kind": document.kind,
            "sides": list(rules.sides_of(document.kind, document.body)),
            "sha256": document.sha256,
            "payload": rfc8785.dumps(document.body).decode(),
            "hub_jws": next(row.jws for row in said if row.side == rules.HUB),
            "keys": {"keys": [key_document(key) for key in queries.hub_keys(session)]},
        }


def key_document(key: SideKey) -> dict[str, Any]:
    """A public key with its side and history, as a member of a key set (RFC 7517)."""
    told: dict[str, Any] = {
        **key.jwk,
        "kid": key.kid,
        "alg": key.algorithm,
        "use": "sig",
        "side": key.side,
        "holder": key.holder,
        "since": key.since.isoformat(),
    }
    if key.until is not None:
        told["until"] = key.until.isoformat()
    return told


@dataclass
class _Draft:
    """A bundle while it is written."""

    session: Session
    archive: zipfile.ZipFile
    list_file: ListFile
    files: dict[str, str] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)
    sides: set[str] = field(default_factory=set)

    def put(self, name: str, content: bytes) -> None:
        self.put_pieces(name, [content])

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(name)  # of 1980-01-01
        entry.create_system = 3
        entry.external_attr = 0o600 << 16
        whole = hashlib.sha256()
        with self.archive.open(entry, "w") as file:
            for piece in pieces:
                whole.update(piece)
                file.write(piece)
        self.files[name] = whole.hexdigest()

    def put_document(self, document: Document) -> None:
        number = f"{len(self.documents) + 1:04d}"
        body = document.body
        sides = rules.sides_of(document.kind, body)
        told: dict[str, Any] = {
            "id": document.id,
            "kind": document.kind,
            "series": document.series,
            "file": f"documents/{number}.json",
            "sha256": document.sha256,
            "members": {
                name: hashlib.sha256(rfc8785.dumps(value)).hexdigest() for name, value in body.items()
            },
            "sides": list(sides),
            "signatures": [
                self._signature(number, row) for row in queries.signatures_of(self.session, document.id)
            ],
        }
        self.put(told["file"], rfc8785.dumps(body))
        if document.kind == "statement":
            told |= self._put_lines(number, body)
        stamp = queries.time_stamp_of(self.session, f"document:{document.id}")
        if stamp is not None and stamp.reply is not None:
            told["time_stamp"] = self._stamp(f"timestamps/{number}.tsr", stamp)
        self.documents.append(told)
        self.sides.update(sides)

    def put_heads(self) -> None:
        """The last time-stamped head of each chain."""
        rows = self.session.scalars(
            select(TimeStamp)
            .where(TimeStamp.subject.startswith("head:"), TimeStamp.reply.is_not(None))
            .order_by(TimeStamp.wanted_at)
        )
        last = {row.subject.partition("/")[0]: row for row in rows}
        for place, row in enumerate(last.values(), start=1):
            told = self._stamp(f"timestamps/head-{place}.tsr", row)
            self.heads.append({**told, "subject": row.subject})

    def put_keys(self) -> None:
        """Every key that a side or the hub ever had, with its history."""
        keys = [*queries.hub_keys(self.session)]
        for side in sorted(self.sides):
            keys += queries.keys_of_side(self.session, side)
        self.put("keys.jwks.json", rfc8785.dumps({"keys": [key_document(key) for key in keys]}))

    def _put_lines(self, number: str, body: Mapping[str, Any]) -> dict[str, str]:
        names = {"lines": f"lines/{number}.ndjson", "line_hashes": f"lines/{number}.sha256"}
        batch = str(body["batch_id"])
        self.put_pieces(names["lines"], self.list_file(self.session, batch))
        self.put_pieces(names["line_hashes"], _hashes(self.list_file(self.session, batch)))
        return names

    def _signature(self, number: str, row: Signature) -> dict[str, Any]:
        told: dict[str, Any] = {
            "side": row.side,
            "kind": row.kind,
            "sha256": row.sha256,
            "at": row.at.isoformat(),
        }
        if row.person is not None:
            told["person"] = row.person
        if row.jws is not None:
            name = f"signatures/{number}-{row.side}-{row.kind}.jws"
            self.put(name, row.jws.encode())
            told |= {"file": name, "alg": row.alg, "kid": row.kid}
        return told

    def _stamp(self, name: str, row: TimeStamp) -> dict[str, Any]:
        assert row.reply is not None
        assert row.stamped_at is not None
        self.put(name, row.reply)
        return {"file": name, "at": row.stamped_at.isoformat()}


def _hashes(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield hashlib.sha256(line.removesuffix(b"\n")).hexdigest().encode() + b"\n"
