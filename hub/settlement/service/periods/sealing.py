"""Sealing a paid batch: one hash over everything it consists of, published in a log of its own; and checking a batch whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from hub.core import sequencer
from hub.settlement.errors import StampsWaiting
from hub.settlement.models import Batch, Calculation, Document, Member, PaymentLine, PaymentList, RatedLine
from hub.settlement.rules import periods as rules
from hub.settlement.service import timestamps
from hub.settlement.service.documents import digest
from hub.settlement.service.periods.acting import Acting, Moved, check, lock, move

TOPIC = "settlement-seal"
"""The log of seals: subject = batch, payload = what was sealed and its hash."""

_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """What checking a batch found. `broken` names the first thing that does not fit, `why` says how; None: all fits."""

    batch_id: str
    lines: int
    broken: str | None
    why: str


def seal_batch(session: Session, batch_id: str, acting: Acting, *, now: datetime) -> Moved:
    """The visited side confirms receipt: the batch is closed and sealed for ever.

    Raises `BatchUnknown`, `BatchChanged`, `BatchStateWrong`, and `StampsWaiting` while a document has waited for its
    time-stamp for longer than the terms say (24 hours by default).
    """
    batch = lock(session, batch_id)
    check(batch, "seal", acting, now=now)
    since = timestamps.oldest_waiting(session)
    if since is not None and now - since > rules.terms().stamps:
        raise StampsWaiting(since)
    batch.closed_at = now
    batch.sealed_sha256 = publish_seal(session, batch, now=now)
    return move(session, batch, "seal", acting, now=now, detail={"sealed_sha256": batch.sealed_sha256})


def publish_seal(session: Session, batch: Batch, *, now: datetime) -> str:
    """Put the batch's seal into the log; its hash."""
    parts = seal_parts(session, batch)
    sealed = digest(parts)
    told = {"batch_id": batch.id, "sha256": sealed, "statement": parts["statement"]["id"]}
    sequencer.announce(session, TOPIC, batch.id, told, now=now)
    return sealed


def seal_parts(session: Session, batch: Batch) -> dict[str, Any]:
    """What a seal speaks of: statement, calculation, payment lists, and how each of their lines was paid."""
    made = session.get_one(Calculation, (batch.id, batch.revision))
    statement = session.get_one(Document, batch.statement_id or "")
    lists = session.execute(
        select(PaymentList.document_id, Document.sha256)
        .join(Document, Document.id == PaymentList.document_id)
        .where(PaymentList.batch_id == batch.id)
        .order_by(PaymentList.id)
    )
    payments = session.scalars(
        select(PaymentLine)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentList.batch_id == batch.id)
        .order_by(PaymentLine.id)
    )
    return {
        "batch_id": batch.id,
        "statement": {"id": statement.id, "sha256": statement.sha256},
        "calculation_sha256": made.sha256,
        "lines_sha256": made.lines_sha256,
        "payment_lists": [{"id": name, "sha256": sha256} for name, sha256 in lists],
        "payments": [_payment(line) for line in payments],
    }


def verify_batch(session: Session, batch_id: str) -> BatchVerdict:
    """Check a batch whole: every line's entry and document, the list, the calculation, the statement, and the seal. Reads only."""
    batch = session.get_one(Batch, batch_id)
    if batch.revision == 0:
        return BatchVerdict(batch_id, 0, None, "")
    made = session.get_one(Calculation, (batch_id, batch.revision))
    tally, broken = _examine(session, batch)
    if broken is not None:
        return BatchVerdict(batch_id, tally.lines, *broken)
    assert batch.cutoff_at is not None, "it was cut"
    document = rules.calculation(batch.period_id, batch.visited, batch.home, batch.cutoff_at, tally)
    for name, held in (("calculation", made.document), ("batch", {**document, "totals": _totals(batch)})):
        if held != document:
            return BatchVerdict(batch_id, tally.lines, f"{name}:{batch_id}", "totals differ from the lines")
    if not digest(document) == made.sha256 == batch.sha256 or made.lines_sha256 != tally.lines_sha256:
        return BatchVerdict(batch_id, tally.lines, f"calculation:{batch_id}", "hash differs")
    why = _examine_documents(session, batch, document)
    return BatchVerdict(batch_id, tally.lines, *(why or (None, "")))


def _examine(session: Session, batch: Batch) -> tuple[rules.Tally, tuple[str, str] | None]:
    mine = (
        select(Member, cast(RatedLine.document, Text).label("text"), RatedLine)
        .outerjoin(RatedLine, RatedLine.id == Member.line_id)
        .where(Member.batch_id == batch.id, Member.revision == batch.revision)
        .order_by(Member.position)
        .execution_options(yield_per=_PAGE)
    )
    tally = rules.Tally()
    with session.execute(mine) as rows:
        for page in rows.partitions(_PAGE):
            for member, text, line in page:
                values = {name: getattr(member, name, None) for name in rules.ENTRY}
                values |= {"visited": batch.visited, "home": batch.home}
                if member.position != tally.lines + 1:
                    return tally, (f"line:{member.line_id}", "position differs")
                if tally.add(values) != member.sha256:
                    return tally, (f"line:{member.line_id}", "entry altered")
                if text is None or rules.document_hash(text) != member.document_sha256:
                    return tally, (f"line:{member.line_id}", "document altered")
                told = (
                    "usage_id",
                    "usage_version",
                    "fee_fen",
                    "voucher_fen",
                    "own_fen",
                    "programme_id",
                    "payer_area",
                )
                if any(getattr(line, name) != values[name] for name in told):
                    return tally, (f"line:{member.line_id}", "line altered")
            session.expunge_all()
    return tally, None


def _examine_documents(session: Session, batch: Batch, document: dict[str, Any]) -> tuple[str, str] | None:
    held = session.get(Batch, batch.id)
    assert held is not None, "it was read a moment ago"
    if held.statement_id is None:
        return None
    statement = session.get(Document, held.statement_id)
    if statement is None:
        return held.statement_id, "missing"
    if digest(statement.body) != statement.sha256:
        return statement.id, "altered"
    if any(statement.body.get(name) != value for name, value in document.items()):
        return statement.id, "differs from the calculation"
    if held.sealed_sha256 is not None and digest(seal_parts(session, held)) != held.sealed_sha256:
        return f"seal:{held.id}", "what was sealed has changed"
    return None


def _totals(batch: Batch) -> dict[str, int]:
    return {
        "lines": batch.lines,
        "fee_fen": batch.fee_fen,
        "voucher_fen": batch.voucher_fen,
        "own_fen": batch.own_fen,
    }


def _payment(line: PaymentLine) -> dict[str, Any]:
    told = {
        "id": line.id,
        "state": line.state,
        "fen": line.fen,
        "voided_fen": line.voided_fen,
        "bank_reference": line.bank_reference,
        "proof_sha256": line.proof_sha256,
        "paid_on": None if line.paid_on is None else line.paid_on.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}
