"""What provinces' systems and people do at the hub's own doors: read papers, send receipts, results and allotments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import SettlementPort
from adapters.errors import AdapterError
from hub.core import audit
from hub.core.clock import SHANGHAI
from hub.core.db import Database
from hub.exchange import service as exchange
from hub.exchange.signing import Sealer
from hub.settlement.errors import PaperMismatch, PaperUnknown, ResultFileInvalid
from hub.settlement.models import Document, Grant, PaperDelivery
from hub.settlement.queries.faces import Figures
from hub.settlement.service.faces import allotments, cases, handing, results
from hub.settlement.wire import faces as wire


def paper_document(
    session: Session, row: PaperDelivery, document: Document, seal: Sealer, *, now: datetime
) -> dict[str, Any]:
    """A paper as a province's platform reads it: the document, its envelope, and the hub's signature over it."""
    envelope = exchange.envelope(session, row.message_id)
    members = {
        "aud": row.province,
        "message_id": row.message_id,
        "paper_id": row.document_id,
        "kind": row.kind,
        "sha256": document.sha256,
        "sequence": envelope.sequence,
        "deadline": int(row.deadline.timestamp()),
        "correlation_id": envelope.correlation_id,
    }
    return {
        "message_id": row.message_id,
        "document_id": row.document_id,
        "kind": row.kind,
        "sequence": envelope.sequence,
        "deadline": row.deadline.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "correlation_id": envelope.correlation_id,
        "sha256": document.sha256,
        "document": document.body,
        "signature": seal.seal(rfc8785.dumps(document.body), members, now=now),
    }


def take_receipt(
    database: Database,
    province: str,
    message_id: str,
    *,
    sha256: str,
    remote_id: str | None,
    now: datetime,
) -> None:
    """A province has received a paper. Safe to repeat. Raises `PaperUnknown`, `PaperMismatch` (which is also a case)."""
    with database.write() as session:
        row = _mine(session, province, message_id)
        document = session.get_one(Document, row.document_id)
        is_right = document.sha256 == sha256
        if is_right:
            raw = f"{message_id} {sha256}".encode()
            handing.acknowledge(session, row, remote_id=remote_id, way="fetch", raw=raw, now=now)
        else:
            told = {"document": row.document_id, "message_id": message_id, "sha256": sha256}
            cases.open_case(session, "paper_mismatch", province, row.document_id, told, now=now)
    if not is_right:
        raise PaperMismatch(document.sha256)


def take_redemption(
    session: Session, province: str, document: Mapping[str, Any], *, now: datetime
) -> results.Met:
    """A valid `redemption-result` from a province. Safe to repeat."""
    return results.meet_document(session, province, dict(document), now=now)


def take_allotment(
    session: Session, province: str, document: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """A valid `allotment` from a home authority; the same document with the hub's answer. Safe to repeat.

    Raises what `allotments.hear` raises.
    """
    reply = allotments.hear(session, province, wire.word_of(document), way="push", now=now)
    mine = select(Grant).where(
        Grant.programme_id == document["programme_id"], Grant.external_id == document["id"]
    )
    row = session.scalars(mine).one()
    return wire.answered(document, reply, row.id) | {"revision": row.revision}


def figures_document(row: Figures) -> dict[str, Any]:
    """The hub's figures of one allotment."""
    return {
        "id": row.external_id,
        "programme_id": row.programme_id,
        "revision": row.revision,
        "allotted_fen": row.allotted,
        "left_fen": row.left,
        "held_fen": row.held,
        "captured_fen": row.captured,
        "redeemed_fen": row.redeemed,
    }


def take_file(
    database: Database,
    province: str,
    port: SettlementPort,
    content: bytes,
    filename: str,
    *,
    by: str,
    now: datetime,
) -> dict[results.Met, int]:
    """A result file that a person of the province uploaded; how many rows were met in which way. Safe to repeat.

    All rows or none: a file that cannot be read applies nothing. Raises `ResultFileInvalid`.
    """
    try:
        read = port.read_file(content, filename)
    except AdapterError as error:
        raise ResultFileInvalid(error.zh, error.en) from error
    if not read:
        raise ResultFileInvalid("没有数据行", "it has no rows")
    with database.write() as session:
        met = results.meet_all(session, province, read, now=now)
        told = {"file": filename[:200], "rows": len(read), "met": dict(met)}
        audit.record(session, by, "settlement.upload_results", f"province:{province}", told, now=now)
        return met


def note_download(session: Session, row: PaperDelivery, *, by: str, now: datetime) -> None:
    """A person of the province has taken the paper's file out of the portal: it is delivered. Safe to repeat."""
    raw = f"downloaded by {by}".encode()
    handing.acknowledge(session, row, remote_id=row.remote_id, way="fetch", raw=raw, now=now)
    audit.record(session, by, "settlement.download_paper", row.document_id, now=now)


def _mine(session: Session, province: str, message_id: str) -> PaperDelivery:
    mine = select(PaperDelivery).where(
        PaperDelivery.message_id == message_id, PaperDelivery.province == province
    )
    row = session.scalar(mine.with_for_update())
    if row is None:
        raise PaperUnknown(message_id)
    return row
