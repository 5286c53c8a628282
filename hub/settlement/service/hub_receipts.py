"""The hub's own receipts: what a side handed in has arrived, when, and with which content; signed by the hub's key.

A receipt is made of the row that was kept and signed when it is asked for, so that it can be had again at any time with the
same words. It says nothing about consent, and the hub signs for nobody but itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement.errors import PaymentLineUnknown, ReceiptUnknown
from hub.settlement.models import Document, PaperDelivery, PaymentLine, Redemption, Signature
from hub.settlement.rules.periods import instant
from hub.settlement.service.documents import digest

FORMAT, TYPE = "jyh-receipt/1", "hub-receipt+jws"
SEALS_FORMAT, SEALS_TYPE = "jyh-seals/1", "hub-seals+jws"

_WHAT = {"signed": "signature", "acknowledged": "acknowledgement", "receipt": "receipt"}


class Key(Protocol):
    """The hub's key that signs now (`hub.identity.service.signing.HubKey`)."""

    def sign_bytes(self, payload: bytes, typ: str) -> str:
        """These octets as a compact JWS of this type."""


class Sealed(Protocol):
    """What a receipt says of a batch that was closed."""

    @property
    def id(self) -> str: ...
    @property
    def statement_id(self) -> str | None: ...
    @property
    def sealed_sha256(self) -> str | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def of_signature(key: Key, row: Signature) -> str:
    """For a signature, an acknowledgement or a receipt of a document; `handed_in_sha256` is of the JWS as it was sent."""
    told = {
        "what": _WHAT[row.kind],
        "side": row.side,
        "by": row.person,
        "document": row.document_id,
        "document_sha256": row.sha256,
        "handed_in_sha256": None if row.jws is None else sha256(row.jws.encode()).hexdigest(),
        "kid": row.kid,
        "at": instant(row.at),
    }
    return _signed(key, told)


def find_signature(session: Session, document_id: str, side: str, kind: str) -> Signature:
    """What a side said about a document. Raises `ReceiptUnknown`."""
    mine = select(Signature).where(
        Signature.document_id == document_id, Signature.side == side, Signature.kind == kind
    )
    row = session.scalar(mine)
    if row is None or row.kind not in _WHAT or row.person is None:
        raise ReceiptUnknown
    return row


def of_result(session: Session, key: Key, province: str, document: Mapping[str, Any]) -> str:
    """For a `redemption-result` of a province that was kept; `handed_in_sha256` is of its canonical form.

    Raises `ReceiptUnknown`.
    """
    given = digest(document)
    mine = select(Redemption).where(
        Redemption.province == province, Redemption.message_id == document["id"], Redemption.sha256 == given
    )
    row = session.scalars(mine.order_by(Redemption.id).limit(1)).one_or_none()
    if row is None:
        raise ReceiptUnknown
    told = {
        "what": "redemption_result",
        "province": province,
        "message_id": row.message_id,
        "line": row.line_id,
        "handed_in_sha256": row.sha256,
        "verdict": row.verdict,
        "at": instant(row.received_at),
    }
    return _signed(key, told)


def of_paper(session: Session, key: Key, province: str, message_id: str) -> str:
    """For a province's word that a paper arrived there; `document_sha256` is what it named. Raises `ReceiptUnknown`."""
    mine = select(PaperDelivery).where(
        PaperDelivery.province == province, PaperDelivery.message_id == message_id
    )
    row = session.scalar(mine)
    if row is None or row.state != "delivered" or row.done_at is None:
        raise ReceiptUnknown
    told = {
        "what": "paper_receipt",
        "province": province,
        "message_id": message_id,
        "document": row.document_id,
        "document_sha256": session.get_one(Document, row.document_id).sha256,
        "remote_id": row.remote_id,
        "at": instant(row.done_at),
    }
    return _signed(key, told)


def of_seal(key: Key, batch: Sealed) -> str:
    """For the visited side's word that everything was paid, which closed and sealed the batch. Raises `ReceiptUnknown`."""
    if batch.sealed_sha256 is None or batch.closed_at is None:
        raise ReceiptUnknown
    told = {
        "what": "seal",
        "batch": batch.id,
        "document": batch.statement_id,
        "sealed_sha256": batch.sealed_sha256,
        "at": instant(batch.closed_at),
    }
    return _signed(key, told)


def of_seals(key: Key, items: Sequence[Mapping[str, Any]]) -> str:
    """The hub's signature over seals as it publishes them, each with its place in their chain."""
    return key.sign_bytes(rfc8785.dumps({"format": SEALS_FORMAT, "items": [*items]}), SEALS_TYPE)


def open_line(session: Session, principal: Principal, line_id: str, *, now: datetime) -> PaymentLine:
    """A payment line that the principal may read. Raises `PaymentLineUnknown` and what `identity.allow` raises."""
    line = session.get(PaymentLine, line_id)
    if line is None:
        raise PaymentLineUnknown(line_id)
    subject = Subject(home_area=line.list.payer_area, name=f"payment-line:{line_id}")
    identity.allow(session, principal, "settlement.read_payments", subject, now=now)
    return line


def of_payment(key: Key, line: PaymentLine) -> str:
    """For the proof that a payment line was paid; `handed_in_sha256` is of the bank's receipt, where one was kept.

    Raises `ReceiptUnknown` while there is none.
    """
    if line.paid_at is None:
        raise ReceiptUnknown
    told = {
        "what": "payment_proof",
        "line": line.id,
        "amount_fen": line.fen - line.voided_fen,
        "paid_on": line.paid_on,
        "bank_reference": line.bank_reference,
        "handed_in_sha256": line.proof_sha256,
        "by": line.paid_by,
        "at": instant(line.paid_at),
    }
    return _signed(key, told)


def _signed(key: Key, told: Mapping[str, Any]) -> str:
    """A compact JWS over the canonical form (RFC 8785); what does not apply is absent."""
    whole = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in {"format": FORMAT, **told}.items()
        if value is not None
    }
    return key.sign_bytes(rfc8785.dumps(whole), TYPE)
