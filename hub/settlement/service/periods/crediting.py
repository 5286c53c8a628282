"""Corrections after posting: a credit document that repeats the original with negative totals, by two people on two sides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.settlement import ledger
from hub.settlement.errors import (
    CreditDecided,
    CreditExists,
    CreditUnknown,
    LineNotPosted,
    PaymentAmountDiffers,
    PaymentContradicts,
    SettlementSamePerson,
)
from hub.settlement.ledger import Account, Transfer, clearing
from hub.settlement.models import (
    Batch,
    Credit,
    Document,
    Member,
    PaymentItem,
    PaymentLine,
    PaymentList,
    RatedLine,
)
from hub.settlement.rules import periods as rules
from hub.settlement.service import documents, usage
from hub.settlement.service.periods import paying
from hub.settlement.service.periods.acting import Acting, code_of, lock, words

_LIVE = ("proposed", "issued")


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit that stands: its document, and what the payee owes back (0 when it was not paid yet), in fen."""

    id: int
    document_id: str
    payback_fen: int


def propose_credit(
    session: Session, line_id: int, acting: Acting, *, reason: str, text: str, now: datetime
) -> int:
    """The visited side proposes to take back a posted line; the credit's number.

    Raises `LineNotPosted`, `CreditExists`, `WordsMissing`.
    """
    code_of("credit_reason", reason, "reason")
    told = words(text, "text", "更正的说明", "why it is corrected")
    line = session.get(RatedLine, line_id, with_for_update=True, populate_existing=True)
    if line is None or line.batch_id is None or line.state not in {"settled", "withdrawn"}:
        raise LineNotPosted(line_id)
    held = select(Credit.id).where(Credit.line_id == line_id, Credit.state.in_(_LIVE))
    if line.state != "settled" or session.scalar(held) is not None:
        raise CreditExists(line_id)
    row = Credit(
        line_id=line_id,
        batch_id=line.batch_id,
        reason=reason,
        text=told,
        state="proposed",
        maker=acting.name,
        proposed_at=now,
        payback_fen=0,
    )
    session.add(row)
    session.flush()
    audit.record(session, acting.name, "settlement.propose_credit", str(row.id), {"line": line_id}, now=now)
    return row.id


def refuse_credit(session: Session, credit_id: int, acting: Acting, *, text: str, now: datetime) -> None:
    """The home side does not agree to a credit. Raises `CreditUnknown`, `CreditDecided`, `WordsMissing`."""
    row = _locked(session, credit_id)
    told = words(text, "text", "不同意的理由", "why not")
    row.state, row.checker, row.decided_at = "refused", None, now
    about = {"line": row.line_id, "text": told}
    audit.record(session, acting.name, "settlement.refuse_credit", str(credit_id), about, now=now)


def issue_credit(session: Session, credit_id: int, acting: Acting, *, now: datetime) -> Credited:
    """The home side agrees, by another person: the credit document is issued and what was posted is reversed, once.

    A voucher share that was not paid yet is taken off its payment line; what was paid is owed back. Afterwards the line is
    not live any more, and a corrected version may be settled. Raises `CreditUnknown`, `CreditDecided`,
    `SettlementSamePerson`, `LineNotPosted`.
    """
    row = _locked(session, credit_id)
    if acting.name == row.maker:
        raise SettlementSamePerson
    batch = lock(session, row.batch_id)
    if batch.statement_id is None:
        raise LineNotPosted(row.line_id)
    usage.lock_of_line(session, row.line_id)  # a usage is locked before its line, everywhere
    line = session.get_one(RatedLine, row.line_id, with_for_update=True, populate_existing=True)
    row.state, row.checker, row.decided_at = "issued", acting.name, now
    body = _body(session, row, batch, acting, now=now)
    series = f"credit:{batch.visited}-{batch.home}"
    row.document_id = documents.issue(session, "credit", series, body, now=now).id
    line.state = "withdrawn"
    redeemed = _void(session, line, now=now)
    row.payback_fen = 0 if redeemed is None else line.voucher_fen
    session.flush()
    paying.settle_if_paid(session, batch, now=now)
    about = {"document": row.document_id, "line": line.id}
    audit.record(session, acting.name, "settlement.issue_credit", str(credit_id), about, now=now)
    made = _reversal(batch, line, redeemed)
    ledger.post(session, f"credit:{line.usage_id}.{line.usage_version}", "credit", made, now=now)
    usage.reopen_credited(session, line.id, text=row.text, by=acting.name, now=now)
    return Credited(row.id, row.document_id, row.payback_fen)


def record_payback(
    session: Session, credit_id: int, acting: Acting, proof: paying.Proof, *, now: datetime
) -> None:
    """What a payee owed back because of a credit has come, at whoever paid it. Safe to repeat with the same proof.

    Raises `CreditUnknown`, `CreditDecided` (nothing is owed back), `PaymentAmountDiffers`, `PaymentContradicts`.
    """
    row = session.get(Credit, credit_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CreditUnknown(credit_id)
    if row.paid_back_at is not None:
        held = (row.payback_on, row.payback_reference or "", row.payback_fen, row.payback_sha256)
        if not proof.repeats(*held):
            raise PaymentContradicts(f"credit:{credit_id}")
        return
    if row.payback_fen == 0:
        raise CreditDecided
    if proof.fen != row.payback_fen:
        raise PaymentAmountDiffers(row.payback_fen, proof.fen)
    line = session.get_one(RatedLine, row.line_id)
    redeemed = _redeemed_by(session, line)
    assert redeemed is not None, "it was paid, or nothing would be owed back"
    row.payback_reference, row.payback_on, row.payback_sha256 = (
        proof.bank_reference,
        proof.paid_on,
        proof.sha256,
    )
    row.paid_back_by, row.paid_back_at = acting.name, now
    session.flush()
    about = {
        "bank_reference": proof.bank_reference,
        "fen": row.payback_fen,
        "on": proof.paid_on.isoformat(),
        "proof": proof.sha256,
    }
    audit.record(session, acting.name, "settlement.record_payback", str(credit_id), about, now=now)
    made = [Transfer(Account("bank", "outside"), paying.payee_account(redeemed), row.payback_fen)]
    ledger.post(session, f"payback:{credit_id}", "payback", made, now=now)


def _locked(session: Session, credit_id: int) -> Credit:
    row = session.get(Credit, credit_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CreditUnknown(credit_id)
    if row.state != "proposed":
        raise CreditDecided
    return row


def _body(session: Session, row: Credit, batch: Batch, acting: Acting, *, now: datetime) -> dict[str, Any]:
    statement = session.get_one(Document, batch.statement_id or "")
    member = session.scalars(
        select(Member).where(
            Member.batch_id == batch.id, Member.revision == batch.revision, Member.line_id == row.line_id
        )
    ).one()
    told = {name: getattr(member, name, None) for name in rules.ENTRY}
    told |= {"visited": batch.visited, "home": batch.home}
    approval = {"sha256": statement.sha256}
    return {
        "original": statement.id,
        "original_sha256": statement.sha256,
        "batch_id": batch.id,
        "period": batch.period_id,
        "visited": batch.visited,
        "home": batch.home,
        "line": {name: value for name, value in told.items() if value is not None},
        "totals": {
            "lines": -1,
            "fee_fen": -member.fee_fen,
            "voucher_fen": -member.voucher_fen,
            "own_fen": -member.own_fen,
        },
        "reason": row.reason,
        "text": row.text,
        "approvals": [
            {
                **approval,
                "side": "visited_finance",
                "act": "submit",
                "person": row.maker,
                "at": rules.instant(row.proposed_at),
            },
            {
                **approval,
                "side": "home_finance",
                "act": "agree",
                "person": acting.name,
                "at": rules.instant(now),
            },
        ],
        "issued_at": rules.instant(now),
    }


def _redeemed_by(session: Session, line: RatedLine) -> PaymentLine | None:
    item = session.get(PaymentItem, f"line:{line.id}")
    if item is None or item.redeemed_by is None:
        return None
    return session.get_one(PaymentLine, item.redeemed_by)


def _void(session: Session, line: RatedLine, *, now: datetime) -> PaymentLine | None:
    """Take the voucher share off what is to be paid; the payment line that has paid it already, if one has."""
    item = session.get(PaymentItem, f"line:{line.id}", with_for_update=True, populate_existing=True)
    if item is None:
        return None
    if item.redeemed_by is not None:
        return session.get_one(PaymentLine, item.redeemed_by)
    item.voided_at = now
    payment = session.scalars(
        select(PaymentLine)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentLine.root_id == item.root_id, PaymentLine.state.in_(("due", "carried")))
        .with_for_update(of=PaymentLine)
    ).one()
    payment.voided_fen += item.fen
    payment.version += 1
    if payment.voided_fen == payment.fen:
        payment.state = "voided"
    session.flush()
    return None


def _reversal(batch: Batch, line: RatedLine, redeemed: PaymentLine | None) -> list[Transfer]:
    """Everything that the ledger says because of the line, the other way; the bank's part comes with the payback."""
    enterprise, institution = (
        Account("payable", line.enterprise_id),
        Account("receivable", line.institution_id),
    )
    made = [Transfer(institution, enterprise, line.fee_fen)] if line.fee_fen else []
    if not line.voucher_fen or line.programme_id is None:
        return made
    captured, debt = Account("captured", line.programme_id), clearing(batch.visited, batch.home)
    is_cross = batch.visited != batch.home
    if redeemed is not None:
        made.append(Transfer(enterprise, debt if is_cross else captured, line.voucher_fen))
    if is_cross:
        made.append(Transfer(debt, captured, line.voucher_fen))
    return made
