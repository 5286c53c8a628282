"""What an order owes: told by whoever knows the order, as often as it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement import queries, rules, wire
from hub.settlement.models import Invoice, OrderRow, Payment
from hub.settlement.money import Vat, vat_in
from hub.settlement.rules import Standing
from hub.settlement.service.payments import book, telling


@dataclass(frozen=True, slots=True)
class Owed:
    """What an order owes now, in fen: fee = voucher share + own share.

    `due_on` is the last day to pay; None: nothing has to be paid before the service is done. `payment_due` is a code of that
    list. `vat_permille`: the rate of the tax in the fee; None: not stated, or a penalty. `document` holds what is shown: `enterprise {name, credit_code}`, `institution {name}`, `instrument {name}`.
    """

    reference: str
    order_number: str
    enterprise_id: str
    institution_id: str | None
    operator_id: str | None
    province: str
    home_area: str | None
    fee_fen: int
    voucher_fen: int
    payment_due: str
    due_on: date | None
    document: Mapping[str, Any]
    vat_permille: int | None = None

    @property
    def own_fen(self) -> int:
        """What the enterprise pays itself."""
        return self.fee_fen - self.voucher_fen


def payment_id_of(reference: str) -> str:
    """The payment's identifier follows from the order's."""
    return f"pm-{reference.removeprefix('bk-')}"


def owe(session: Session, owed: Owed, *, now: datetime) -> str:
    """Say what an order owes; the payment's state. Safe to repeat: the same words change nothing.

    What was paid beyond it goes back by itself; what is missing is due (again).
    """
    if not 0 <= owed.voucher_fen <= owed.fee_fen:
        raise ValueError(f"shares of {owed.reference}: {owed.voucher_fen} of {owed.fee_fen}")
    payment_id = payment_id_of(owed.reference)
    if session.get(Payment, payment_id) is None:
        session.add(_new(session, payment_id, owed, now))
        session.flush()
    payment = book.lock(session, payment_id)
    if payment.document.get("vat_permille") != owed.vat_permille:
        payment.document = _document(owed)
    terms = (owed.fee_fen, owed.voucher_fen, owed.payment_due, owed.due_on)
    held = (payment.fee_fen, payment.voucher_fen, payment.payment_due, payment.due_on)
    if terms == held and payment.revision:
        return payment.state
    payment.fee_fen, payment.voucher_fen, payment.owed_fen = owed.fee_fen, owed.voucher_fen, owed.own_fen
    if payment.due_on != owed.due_on:
        payment.due_on, payment.told = owed.due_on, None
    payment.payment_due = owed.payment_due
    payment.operator_id = owed.operator_id
    detail = {"fee_fen": owed.fee_fen, "voucher_fen": owed.voucher_fen, "own_fen": owed.own_fen}
    book.settle(session, payment, "amend", book.SYSTEM, now=now, detail=detail)
    if held[3] is None and payment.due_on is not None and payment.state == "due":
        telling.tell_change(session, payment, now=now)
    tell_outdated_invoices(session, payment, now=now)
    return payment.state


def voucher_share(session: Session, reference: str, fee_fen: int) -> int:
    """What a voucher pays of this fee of the order, in fen: what was captured, else what is expected of its hold.

    By the order's own version of its programme, never more than is held; 0 without a live or captured hold. Reads only.
    """
    order = queries.find_order(session, reference)
    if order is None or order.programme_id is None:
        return 0
    if order.state == "captured":
        return min(order.captured_fen, fee_fen)
    if order.state != "held":
        return 0
    if order.fee_fen == fee_fen:
        return min(order.voucher_fen, order.held_fen)
    version = _used(order)
    programme = None if version is None else queries.find_programme(session, *version)
    facts = session.get_one(OrderRow, reference).facts
    if programme is None:
        return 0
    wanted = replace(wire.read_order(facts), fee_fen=fee_fen)
    return rules.decide(programme, wanted, Standing(available_fen=order.held_fen)).fen


def tell_outdated_invoices(session: Session, payment: Payment, *, now: datetime) -> None:
    """The institution hears of a valid invoice whose amount is not what is owed any more."""
    mine = select(Invoice).where(
        Invoice.payment_id == payment.id, Invoice.state == "valid", Invoice.kind == "blue"
    )
    for invoice in session.scalars(mine):
        if invoice.gross_fen != invoice_fen(payment):
            telling.tell_invoice(session, payment, invoice, "invoice_to_reverse", now=now)


def invoice_fen(payment: Payment) -> int:
    """What an invoice is about: the own share, or the full fee where the programme says so."""
    return payment.fee_fen if payment.invoice_amount == "full_fee" else payment.owed_fen


def invoice_vat(payment: Payment) -> Vat | None:
    """The tax in that amount by the rate that was quoted; None where none was stated."""
    permille = payment.document.get("vat_permille")
    return None if permille is None else vat_in(invoice_fen(payment), permille)


def _document(owed: Owed) -> dict[str, Any]:
    rate = {} if owed.vat_permille is None else {"vat_permille": owed.vat_permille}
    return {**owed.document, **rate}


def _new(session: Session, payment_id: str, owed: Owed, now: datetime) -> Payment:
    return Payment(
        id=payment_id,
        reference=owed.reference,
        order_number=owed.order_number,
        enterprise_id=owed.enterprise_id,
        institution_id=owed.institution_id,
        operator_id=owed.operator_id,
        province=owed.province,
        home_area=owed.home_area,
        fee_fen=owed.fee_fen,
        voucher_fen=owed.voucher_fen,
        owed_fen=owed.own_fen,
        state="none",
        payment_due=owed.payment_due,
        due_on=owed.due_on,
        invoice_amount=_invoice_amount(session, owed.reference),
        document=_document(owed),
        made_at=now,
        updated_at=now,
    )


def _invoice_amount(session: Session, reference: str) -> str:
    """As the order's own version of the programme says; the own share where none pays."""
    order = queries.find_order(session, reference)
    version = None if order is None else _used(order)
    programme = None if version is None else queries.find_programme(session, *version)
    return (
        str(programme.document.get("terms", {}).get("invoice_amount", "own_share"))
        if programme
        else "own_share"
    )


def _used(order: queries.HeldOrder) -> tuple[str, int] | None:
    """The programme that pays for the order, in the version it was decided by."""
    used = order.decisions.get("voucher")
    found = (each["version"] for each in order.decisions["user"] if each["programme_id"] == used)
    return None if used is None else (used, next(found))
