"""Paying: a line of a payment list is paid with proof, or bounces and is issued again; a voucher share is redeemed once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.settlement import ledger
from hub.settlement.errors import (
    PaymentAmountDiffers,
    PaymentContradicts,
    PaymentLineOver,
    PaymentLineUnknown,
    VoucherRedeemed,
)
from hub.settlement.ledger import Account, Transfer, clearing
from hub.settlement.models import Batch, PaymentItem, PaymentLine, PaymentList
from hub.settlement.service.periods import claiming, listing
from hub.settlement.service.periods.acting import SYSTEM, Acting, code_of, lock, move, words

_BANK = Account("bank", "outside")
_UNPAID = ("due", "carried")


@dataclass(frozen=True, slots=True)
class Proof:
    """How a line was paid: the day, the bank's reference, the amount in fen, the SHA-256 of the paper if there is one."""

    paid_on: date
    bank_reference: str
    fen: int
    sha256: str | None = None

    def repeats(self, paid_on: date | None, bank_reference: str | None, fen: int, sha256: str | None) -> bool:
        """Whether it says what is recorded, and brings no other paper."""
        said = (self.paid_on, self.bank_reference, self.fen)
        return said == (paid_on, bank_reference, fen) and self.sha256 in {None, sha256}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment line after it was paid. `is_repeat`: it was recorded before with the same proof."""

    line_id: str
    fen: int
    is_repeat: bool


def record_payment(session: Session, line_id: str, acting: Acting, proof: Proof, *, now: datetime) -> Paid:
    """Record that a payment line was paid; its vouchers are redeemed. Safe to repeat with the same proof.

    When it was the batch's last, the batch is paid. Raises `PaymentLineUnknown`, `PaymentLineOver`,
    `PaymentAmountDiffers`, `PaymentContradicts`, `VoucherRedeemed`.
    """
    line, batch = _lock(session, line_id)
    owed = line.fen - line.voided_fen
    if line.state == "paid":
        if not proof.repeats(line.paid_on, line.bank_reference, owed, line.proof_sha256):
            raise PaymentContradicts(line_id)
        return Paid(line_id, owed, is_repeat=True)
    if line.state not in _UNPAID:
        raise PaymentLineOver(line_id, line.state)
    if proof.fen != owed:
        raise PaymentAmountDiffers(owed, proof.fen)
    items = _redeem(session, line)
    if sum(item.fen for item in items) != owed:
        raise VoucherRedeemed(line_id)
    line.state, line.version = "paid", line.version + 1
    line.paid_on, line.bank_reference, line.proof_sha256 = proof.paid_on, proof.bank_reference, proof.sha256
    line.paid_by, line.paid_at = acting.name, now
    session.flush()
    told = {"fen": owed, "on": proof.paid_on.isoformat(), "bank_reference": proof.bank_reference}
    audit.record(session, acting.name, "settlement.record_payment", line_id, told, now=now)
    claiming.tell_paid(session, line, items, now=now)
    if batch is not None:
        settle_if_paid(session, batch, now=now)
        ledger.post(session, _reference("redeem", line), "redeem", transfers(batch, line, items), now=now)
    return Paid(line_id, owed, is_repeat=False)


def bounce(session: Session, line_id: str, acting: Acting, *, reason: str, text: str, now: datetime) -> str:
    """The payment came back: the line is issued again, on a list of its own; the new line's identifier.

    Also after it was recorded as paid, until the batch is sealed: then what was posted is reversed. A claim that was paid
    stays paid. Raises
    `PaymentLineUnknown`, `PaymentLineOver`, `WordsMissing`.
    """
    line, batch = _lock(session, line_id)
    code_of("bounce_reason", reason, "reason")
    told = words(text, "text", "退回的说明", "why it bounced")
    is_sealed = batch is not None and batch.state == "closed"
    is_claim = batch is None and line.state == "paid"
    if line.state not in {*_UNPAID, "paid"} or is_sealed or is_claim:
        raise PaymentLineOver(line_id, "closed" if is_sealed else line.state)
    items = items_of(session, line)
    paid_by = batch if line.state == "paid" else None
    if paid_by is not None:
        _unredeem(session, paid_by, line, items, now=now)
    line.state, line.version = "bounced", line.version + 1
    line.paid_at = None
    line.bounce_reason, line.bounce_text = reason, told
    line.bounced_by, line.bounced_at = acting.name, now
    session.flush()
    new = _reissue(session, line, items, now=now)
    claiming.tell_bounced(session, line, items, new)
    about = {"reason": reason, "new_line": new}
    audit.record(session, acting.name, "settlement.bounce", line_id, about, now=now)
    if paid_by is not None:
        back = reversed_transfers(transfers(paid_by, line, items))
        ledger.post(session, _reference("unredeem", line), "unredeem", back, now=now)
    return new


def carry_commitments(session: Session, year: int, *, now: datetime) -> int:
    """At the end of a budget year: what is unpaid of it (or of earlier ones) is carried as a commitment; how many lines.

    They stay payable. Safe to repeat.
    """
    due = (
        select(PaymentLine.id)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentLine.state == "due", PaymentList.budget_year <= year)
    )
    mine = (
        update(PaymentLine)
        .where(PaymentLine.state == "due", PaymentLine.id.in_(due))
        .values(state="carried", carried_year=year, version=PaymentLine.version + 1)
        .execution_options(synchronize_session=False)
    )
    count: int = session.execute(mine).rowcount  # type: ignore[attr-defined]
    if count:
        told = {"lines": count}
        audit.record(session, SYSTEM.name, "settlement.carry_commitments", str(year), told, now=now)
    return count


def items_of(session: Session, line: PaymentLine) -> Sequence[PaymentItem]:
    """The orders that a line pays, without what credits took back."""
    mine = select(PaymentItem).where(PaymentItem.root_id == line.root_id, PaymentItem.voided_at.is_(None))
    return session.scalars(mine.order_by(PaymentItem.source).execution_options(populate_existing=True)).all()


def settle_if_paid(session: Session, batch: Batch, *, now: datetime) -> None:
    """When nothing of the batch is left to be paid, it is paid."""
    if batch.state != "posted":
        return
    left = (
        select(func.count())
        .select_from(PaymentLine)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentList.batch_id == batch.id, PaymentLine.state.in_(_UNPAID))
    )
    if not session.scalar(left):
        move(session, batch, "settle", SYSTEM, now=now)


def transfers(batch: Batch, line: PaymentLine, items: Sequence[PaymentItem]) -> list[Transfer]:
    """What paying a line moves: the debt between the provinces settles the enterprises' fees, the bank pays the payee."""
    by_enterprise: dict[str, int] = defaultdict(int)
    for item in items:
        by_enterprise[item.enterprise_id] += item.fen
    source = (
        Account("captured", _programme_of(line))
        if batch.visited == batch.home
        else clearing(batch.visited, batch.home)
    )
    payee = payee_account(line)
    made = [Transfer(source, Account("payable", name), fen) for name, fen in sorted(by_enterprise.items())]
    return [*made, Transfer(payee, _BANK, sum(by_enterprise.values()))]


def payee_account(line: PaymentLine) -> Account:
    """Where a payee's money is reckoned: an institution is owed, an enterprise has paid too much."""
    return Account("receivable" if line.payee_kind == "institution" else "payable", line.payee_id)


def reversed_transfers(made: Sequence[Transfer]) -> list[Transfer]:
    """The same the other way."""
    return [Transfer(each.target, each.source, each.fen) for each in made]


def _reference(kind: str, line: PaymentLine) -> str:
    return f"{kind}:{line.id}"


def _programme_of(line: PaymentLine) -> str:
    programme: str = line.list.programme_id
    return programme


def _lock(session: Session, line_id: str) -> tuple[PaymentLine, Batch | None]:
    """The line and its batch, both this transaction's; the batch first, as everywhere."""
    mine = (
        select(PaymentList.batch_id)
        .join(PaymentLine, PaymentLine.list_id == PaymentList.id)
        .where(PaymentLine.id == line_id)
    )
    found = session.execute(mine).one_or_none()
    if found is None:
        raise PaymentLineUnknown(line_id)
    batch = None if found.batch_id is None else lock(session, found.batch_id)
    line = session.scalars(
        select(PaymentLine)
        .where(PaymentLine.id == line_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return line, batch


def _redeem(session: Session, line: PaymentLine) -> Sequence[PaymentItem]:
    """Mark the line's vouchers as redeemed by it, those that nobody redeemed before."""
    session.execute(
        update(PaymentItem)
        .where(
            PaymentItem.root_id == line.root_id,
            PaymentItem.redeemed_by.is_(None),
            PaymentItem.voided_at.is_(None),
        )
        .values(redeemed_by=line.id)
        .execution_options(synchronize_session=False)
    )
    return [item for item in items_of(session, line) if item.redeemed_by == line.id]


def _unredeem(
    session: Session, batch: Batch, line: PaymentLine, items: Sequence[PaymentItem], *, now: datetime
) -> None:
    """Money that was recorded as paid came back: its vouchers are not redeemed any more."""
    for item in items:
        item.redeemed_by = None
    session.flush()
    if batch.state == "paid":
        move(session, batch, "unsettle", SYSTEM, now=now, detail={"payment_line": line.id})


def _reissue(session: Session, line: PaymentLine, items: Sequence[PaymentItem], *, now: datetime) -> str:
    row = line.list
    batch = None if row.batch_id is None else session.get_one(Batch, row.batch_id)
    head = listing.ListHead(
        row.period_id,
        row.batch_id,
        None if batch is None else batch.statement_id,
        row.payer_area,
        row.programme_id,
        row.budget_year,
    )
    owed = [listing.owed_again(row, line, item) for item in items]
    due = listing.Due(line.payee_kind, line.payee_id, owed, replaces=line.id, root_id=line.root_id)
    return f"{listing.issue_list(session, head, [due], now=now)}-1"
