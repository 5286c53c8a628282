"""Sealing a paid batch: one hash over everything it consists of, published in a log of its own; and checking a batch whole."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, select
from sqlalchemy.orm import Session

from hub.core import sequencer
from hub.core.sequencer import AnnouncedChange
from hub.settlement.errors import StampsWaiting
from hub.settlement.models import (
    Batch,
    Calculation,
    Document,
    Member,
    PaymentItem,
    PaymentLine,
    PaymentList,
    RatedLine,
)
from hub.settlement.rules import periods as rules
from hub.settlement.service import timestamps
from hub.settlement.service.documents import digest
from hub.settlement.service.periods.acting import Acting, Moved, check, lock, move

TOPIC = "settlement-seal"
"""The log of seals: subject = batch, payload = what was sealed and its hash."""

_PAGE = 5_000

_TOLD = tuple(name for name in rules.ENTRY if name != "document_sha256")
_POSTED = frozenset({"posted", "paid", "closed"})


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """What checking a batch found. `broken` names the first thing that does not fit, `why` says how; None: all fits."""

    batch_id: str
    lines: int
    broken: str | None
    why: str

    @property
    def why_zh(self) -> str:
        """`why` in Chinese."""
        return _WHY_ZH.get(self.why, self.why)


_WHY_ZH = {
    "missing": "缺失",
    "altered": "内容被改动",
    "position differs": "行的次序不符",
    "entry altered": "清单中的行被改动",
    "document altered": "计价行的单据被改动",
    "line altered": "计价行被改动",
    "totals differ from the lines": "合计与各行不符",
    "hash differs": "散列不符",
    "statement missing": "没有对账单",
    "differs from the calculation": "与核算不符",
    "differs from its list": "与所发付款清单不符",
    "its orders differ from its list": "所付订单与所发付款清单不符",
    "not what was published": "与已公布的封存不符",
    "what was sealed has changed": "封存后有改动",
}


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
    made = session.get(Calculation, (batch_id, batch.revision))
    if made is None:
        is_early = batch.revision == 0 and batch.state in {"open", "closing"}
        return BatchVerdict(
            batch_id, 0, None if is_early else f"calculation:{batch_id}", "" if is_early else "missing"
        )
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
                if any(getattr(line, name) != values[name] for name in _TOLD):
                    return tally, (f"line:{member.line_id}", "line altered")
            session.expunge_all()
    return tally, None


def _examine_documents(session: Session, batch: Batch, document: dict[str, Any]) -> tuple[str, str] | None:
    held = session.get(Batch, batch.id)
    assert held is not None, "it was read a moment ago"
    if held.statement_id is None:
        return (f"batch:{held.id}", "statement missing") if held.state in _POSTED else None
    issued = [held.statement_id, *session.scalars(_lists(held.id).with_only_columns(PaymentList.document_id))]
    found = {row.id: row for row in session.scalars(select(Document).where(Document.id.in_(issued)))}
    for name in issued:
        if name not in found:
            return name, "missing"
        if digest(found[name].body) != found[name].sha256:
            return name, "altered"
    if any(found[held.statement_id].body.get(name) != value for name, value in document.items()):
        return held.statement_id, "differs from the calculation"
    for row in session.scalars(_lists(held.id)):
        if (why := _examine_payments(session, row, found[row.document_id].body)) is not None:
            return why
    return _examine_seal(session, held)


def _lists(batch_id: str) -> Select[PaymentList]:
    return select(PaymentList).where(PaymentList.batch_id == batch_id).order_by(PaymentList.id)


def _examine_payments(
    session: Session, row: PaymentList, document: Mapping[str, Any]
) -> tuple[str, str] | None:
    """A payment list's lines, and the orders of those that replace none, against what was issued."""
    told = {line["id"]: line for line in document["lines"]}
    lines = {
        line.id: line for line in session.scalars(select(PaymentLine).where(PaymentLine.list_id == row.id))
    }
    items = defaultdict(set)
    for item in session.scalars(select(PaymentItem).where(PaymentItem.root_id.in_(told))):
        items[item.root_id].add((item.source, item.order_number, item.fen))
    for name in sorted(told.keys() | lines.keys()):
        line, said = lines.get(name), told.get(name)
        if line is None or said is None:
            return f"payment-line:{name}", "missing"
        if (line.payee_kind, line.payee_id, line.fen) != (
            said["payee_kind"],
            said["payee_id"],
            said["amount_fen"],
        ):
            return f"payment-line:{name}", "differs from its list"
        orders = {(each["source"], each["order_number"], each["fen"]) for each in said["orders"]}
        if "replaces" not in said and items[name] != orders:
            return f"payment-line:{name}", "its orders differ from its list"
    return None


def _examine_seal(session: Session, batch: Batch) -> tuple[str, str] | None:
    """A closed batch is what was sealed, and the seal is the one that was published."""
    published = select(AnnouncedChange.payload).where(
        AnnouncedChange.topic == TOPIC, AnnouncedChange.subject == batch.id
    )
    seals = [(each or {}).get("sha256") for each in session.scalars(published)]
    if seals != ([] if batch.sealed_sha256 is None else [batch.sealed_sha256]):
        return f"seal:{batch.id}", "not what was published"
    if (batch.state == "closed") != bool(seals):
        return f"seal:{batch.id}", "missing"
    if seals and digest(seal_parts(session, batch)) != batch.sealed_sha256:
        return f"seal:{batch.id}", "what was sealed has changed"
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
