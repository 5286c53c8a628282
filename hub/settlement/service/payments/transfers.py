"""Money that people say came: transfers with their proofs, what is received at the counter, what is sent back by hand."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.settlement.errors.payments import (
    AmountMismatch,
    AttemptOver,
    AttemptUnknown,
    NothingOutstanding,
    ProofInvalid,
    ReasonMissing,
)
from hub.settlement.models import Attempt, Payment, Refund
from hub.settlement.service.payments import book, telling, trying

MOST_PROOF = 5 * 1024 * 1024
MOST_FORM = MOST_PROOF + 64 * 1024
MOST_REASON = 300
_CHUNK = 256 * 1024
_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def path_of(home: Path, sha256: str) -> Path:
    """Where the proof with this hash lies below HUB_HOME."""
    return home / "proofs" / sha256


def keep_proof(folder: Path, name: str, content: BinaryIO) -> dict[str, object]:
    """Write an uploaded proof below `folder`, named by its digest, whole or not at all; what is known about it.

    Safe to repeat. Raises `ProofInvalid`: empty, larger than 5 MB, another kind than PDF, PNG or JPEG by its first bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"part-{token_hex(8)}"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with half.open("wb") as held:
            while chunk := content.read(_CHUNK):
                head = head or chunk[:16]
                size += len(chunk)
                if size > MOST_PROOF:
                    raise ProofInvalid("文件超过 5 MB", "it is larger than 5 MB", 413)
                digest.update(chunk)
                held.write(chunk)
            held.flush()
            os.fsync(held.fileno())
        kind = next((kind for sign, kind in _KINDS if head.startswith(sign)), None)
        if kind is None:
            words = (
                ("文件是空的", "it is empty")
                if size == 0
                else ("不是 PDF、PNG 或 JPEG 文件", "it is no PDF, PNG or JPEG")
            )
            raise ProofInvalid(*words)
        sha256 = digest.hexdigest()
        half.replace(folder / sha256)
    finally:
        half.unlink(missing_ok=True)
    shown = "".join(sign for sign in Path(name).name if sign.isprintable())[-80:] or "proof"
    return {"sha256": sha256, "size": size, "media_type": kind, "filename": shown}


def hand_in_proof(
    session: Session, principal: Principal, attempt_id: str, proof: dict[str, object], *, now: datetime
) -> None:
    """The enterprise says that it transferred, with a proof; another one takes the first one's place until it is decided.

    Safe to repeat. Raises `AttemptUnknown`, `AttemptOver`, identity's refusals.
    """
    payment, attempt = _transfer(session, attempt_id)
    identity.allow(session, principal, "payment.pay", book.subject_of(payment), now=now)
    if attempt.state not in {"open", "submitted"}:
        raise AttemptOver(attempt.state)
    if attempt.proof is not None and attempt.proof["sha256"] == proof["sha256"]:
        return
    attempt.proof, attempt.state = {**proof, "at": now.isoformat()}, "submitted"
    detail = {"attempt": attempt.number, "sha256": proof["sha256"], "size": proof["size"]}
    by = book.By("enterprise", principal.name)
    book.settle(session, payment, "hand_in_proof", by, now=now, detail=detail)
    people = telling.provider_people(session, payment)
    telling.tell(session, payment, people, "payment_to_confirm", attempt.fen, now=now)


def withdraw(session: Session, principal: Principal, attempt_id: str, *, now: datetime) -> None:
    """The enterprise takes back a transfer that it did not make. Raises as `hand_in_proof`."""
    payment, attempt = _transfer(session, attempt_id)
    identity.allow(session, principal, "payment.pay", book.subject_of(payment), now=now)
    if attempt.state == "withdrawn":
        return
    if attempt.state not in {"open", "submitted"}:
        raise AttemptOver(attempt.state)
    book.end_attempt(session, payment, attempt, "withdrawn", book.By("enterprise", principal.name), now=now)


def confirm(session: Session, principal: Principal, attempt_id: str, fen: int, *, now: datetime) -> None:
    """The provider saw `fen` on its account under the transfer's reference; also for a transfer that was given up.

    Safe to repeat. Raises `AmountMismatch` (nothing is taken; what came is sent back by the institution itself),
    `AttemptUnknown`, identity's refusals.
    """
    payment, attempt = _transfer(session, attempt_id)
    identity.allow(session, principal, "payment.confirm", book.subject_of(payment), now=now)
    if attempt.state == "paid" and attempt.received_fen == fen:
        return
    if fen != attempt.fen or attempt.state == "paid":
        raise AmountMismatch(attempt.fen, fen)
    book.receive(session, payment, attempt, fen, book.By("provider", principal.name), now=now)
    _record(session, principal, "confirm", attempt, now=now)


def refuse(session: Session, principal: Principal, attempt_id: str, reason: str, *, now: datetime) -> None:
    """The provider does not find the money. Raises `ReasonMissing`, `AttemptOver`, `AttemptUnknown`, identity's refusals."""
    said = " ".join(reason.split())
    payment, attempt = _transfer(session, attempt_id)
    identity.allow(session, principal, "payment.confirm", book.subject_of(payment), now=now)
    if not 0 < len(said) <= MOST_REASON:
        raise ReasonMissing
    if attempt.state not in {"open", "submitted"}:
        raise AttemptOver(attempt.state)
    book.end_attempt(
        session, payment, attempt, "refused", book.By("provider", principal.name), now=now, reason=said
    )
    people = telling.enterprise_people(session, payment)
    telling.tell(session, payment, people, "payment_refused", attempt.fen, reason=said, now=now)
    _record(session, principal, "refuse", attempt, now=now)


def receive_outstanding(session: Session, reference_payment_id: str, actor: str, *, now: datetime) -> int:
    """The provider has its money by another way than the hub's; what it was, in fen. The caller has checked who asks.

    A transfer that is under way is the one that came. Safe to repeat: what is paid is not received again.
    """
    payment = book.lock(session, reference_payment_id)
    money = book.money_of(session, payment, now=now)
    if money.outstanding_fen == 0:
        return 0
    by = book.By("provider", actor)
    held = book.under_way(session, payment.id)
    if held is not None and held.channel == "bank_transfer" and held.fen == money.outstanding_fen:
        book.receive(session, payment, held, held.fen, by, now=now)
        return money.outstanding_fen
    attempt = Attempt(
        id=f"pa-{token_hex(12)}",
        payment_id=payment.id,
        number=trying.next_number(session, payment),
        channel="counter",
        fen=money.outstanding_fen,
        state="failed",
        made_by=actor,
        made_at=now,
    )
    session.add(attempt)
    book.receive(session, payment, attempt, attempt.fen, by, now=now)
    return money.outstanding_fen


def confirm_refund(
    session: Session, principal: Principal, payment_id: str, number: int, *, now: datetime
) -> None:
    """The provider sent money back. Safe to repeat. Raises `AttemptUnknown`, `NothingOutstanding`, identity's refusals."""
    payment = book.lock(session, payment_id)
    identity.allow(session, principal, "payment.confirm", book.subject_of(payment), now=now)
    mine = select(Refund).where(Refund.payment_id == payment_id, Refund.number == number)
    refund = session.scalar(mine.execution_options(populate_existing=True))
    if refund is None:
        raise AttemptUnknown(f"{payment_id}/{number}")
    if refund.state == "done":
        return
    if refund.state != "manual":  # the channel sends it
        raise NothingOutstanding
    book.refund_done(session, payment, refund, book.By("provider", principal.name), now=now)
    _record(session, principal, "refund", refund, now=now)


def _transfer(session: Session, attempt_id: str) -> tuple[Payment, Attempt]:
    payment, attempt = book.attempt_of(session, attempt_id)
    if attempt.channel != "bank_transfer":
        raise AttemptUnknown(attempt_id)
    return payment, attempt


def _record(
    session: Session, principal: Principal, what: str, row: Attempt | Refund, *, now: datetime
) -> None:
    detail = {"number": row.number, "fen": row.fen}
    audit.record(session, principal.name, f"payments.{what}", f"payment:{row.payment_id}", detail, now=now)
