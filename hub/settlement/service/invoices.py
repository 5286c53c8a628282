"""Invoices of institutions to enterprises, entered as they stand on paper and held against the payment, to the fen."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.clock import SHANGHAI
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.identity.rules.enterprises import customer_kind
from hub.settlement.errors.payments import InvoiceInvalid, InvoiceTaken, InvoiceUnknown
from hub.settlement.models import Invoice, Payment
from hub.settlement.money import yuan
from hub.settlement.rules import percent
from hub.settlement.service.payments import book, telling
from hub.settlement.service.payments.owing import invoice_fen, invoice_vat

_PAPER = (re.compile(r"[0-9]{10}|[0-9]{12}"), re.compile(r"[0-9]{8}"))
_DIGITAL = re.compile(r"[0-9]{20}")
_MOST_REASON = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """An invoice as it is entered; amounts in fen. `code` is empty for a fully digital one, whose number has 20 digits."""

    code: str
    number: str
    issued_on: date
    net_fen: int
    vat_fen: int
    gross_fen: int
    payer_name: str
    payer_credit_code: str


@dataclass(frozen=True, slots=True)
class InvoiceShown:
    """An invoice as it is kept. `matches`: gross amount and tax are what an invoice of this order is about now."""

    id: int
    code: str
    number: str
    kind: str
    issued_on: date
    net_fen: int
    vat_fen: int
    gross_fen: int
    payer_name: str
    state: str
    matches: bool


def enter(session: Session, principal: Principal, payment_id: str, entry: Entry, *, now: datetime) -> int:
    """Enter an invoice; its identifier. The same words again are the same invoice.

    Raises `InvoiceInvalid` naming the field (form, sum, gross, payer, day), `InvoiceTaken` (code and number, or a valid one
    is there), `PaymentUnknown`, identity's refusals.
    """
    payment = book.lock(session, payment_id)
    identity.allow(session, principal, "payment.enter_invoice", book.subject_of(payment), now=now)
    check_form(entry, today=now.astimezone(SHANGHAI).date())
    held = session.scalar(select(Invoice).where(Invoice.code == entry.code, Invoice.number == entry.number))
    if held is not None:
        if (
            held.payment_id == payment_id
            and held.kind == "blue"
            and held.state == "valid"
            and _entry(held) == entry
        ):
            return held.id
        raise InvoiceTaken("number", "该代码和号码的发票已登记过", "this code and number are entered already")
    _check_fits(payment, entry)
    valid = select(Invoice.id).where(
        Invoice.payment_id == payment_id, Invoice.kind == "blue", Invoice.state == "valid"
    )
    if session.scalar(valid) is not None:
        raise InvoiceTaken("payment_id", "该订单已有有效发票", "the order has a valid invoice already")
    return _add(session, principal, payment, entry, reverses=None, now=now)


def reverse(
    session: Session, principal: Principal, invoice_id: int, entry: Entry, reason: str, *, now: datetime
) -> int:
    """Enter the red-letter invoice that takes back a valid one, with the same amounts; its identifier. Safe to repeat.

    Raises as `enter`, and `InvoiceUnknown`.
    """
    payment, held = _of(session, principal, invoice_id, now)
    said = _reason(reason)
    if held.state == "reversed":
        done = session.scalar(select(Invoice).where(Invoice.reverses_id == held.id))
        if done is not None and (done.code, done.number) == (entry.code, entry.number):
            return done.id
    if held.state != "valid" or held.kind != "blue":
        raise InvoiceTaken("invoice_id", "该发票已作废或红冲", "this invoice was voided or reversed already")
    check_form(entry, today=now.astimezone(SHANGHAI).date())
    for field in ("net_fen", "vat_fen", "gross_fen"):
        if getattr(entry, field) != getattr(held, field):
            zh = f"红字发票的金额须与原票一致（{yuan(getattr(held, field))} 元）"
            raise InvoiceInvalid(
                field, zh, f"it must be that of the original ({yuan(getattr(held, field))} CNY)"
            )
    if entry.issued_on < held.issued_on:
        raise InvoiceInvalid("issued_on", "不得早于原票日期", "it must not be before the original's")
    taken = select(Invoice.id).where(Invoice.code == entry.code, Invoice.number == entry.number)
    if session.scalar(taken) is not None:
        raise InvoiceTaken("number", "该代码和号码的发票已登记过", "this code and number are entered already")
    held.state, held.reason, held.ended_by, held.ended_at = "reversed", said, principal.name, now
    return _add(session, principal, payment, entry, reverses=held.id, now=now)


def void(session: Session, principal: Principal, invoice_id: int, reason: str, *, now: datetime) -> None:
    """The invoice was made void: it never counted. Safe to repeat. Raises `InvoiceInvalid`, `InvoiceTaken`, `InvoiceUnknown`."""
    _, held = _of(session, principal, invoice_id, now)
    said = _reason(reason)
    if held.state == "void":
        return
    if held.state != "valid" or held.kind != "blue":
        raise InvoiceTaken("invoice_id", "该发票已红冲", "this invoice was reversed already")
    held.state, held.reason, held.ended_by, held.ended_at = "void", said, principal.name, now
    audit.record(session, principal.name, "invoices.void", f"invoice:{held.id}", now=now)


def of_order(session: Session, reference: str) -> list[InvoiceShown]:
    """Every invoice of an order, in the order of entering. The caller may see the order."""
    payment = session.scalar(select(Payment).where(Payment.reference == reference))
    if payment is None:
        return []
    rows = session.scalars(select(Invoice).where(Invoice.payment_id == payment.id).order_by(Invoice.id))
    return [
        InvoiceShown(
            row.id,
            row.code,
            row.number,
            row.kind,
            row.issued_on,
            row.net_fen,
            row.vat_fen,
            row.gross_fen,
            row.payer_name,
            row.state,
            fits(payment, row.gross_fen, row.vat_fen),
        )
        for row in rows
    ]


def fits(payment: Payment, gross_fen: int, vat_fen: int) -> bool:
    """Whether an invoice of these amounts is about what is owed now."""
    vat = invoice_vat(payment)
    return gross_fen == invoice_fen(payment) and (vat is None or vat_fen == vat.vat_fen)


def check_form(entry: Entry, *, today: date) -> None:
    """What an invoice must be by itself. Raises `InvoiceInvalid` naming the field."""
    if entry.code:
        code, number = _PAPER
        if code.fullmatch(entry.code) is None:
            raise InvoiceInvalid("code", "发票代码应为 10 或 12 位数字", "the code has 10 or 12 digits")
        if number.fullmatch(entry.number) is None:
            raise InvoiceInvalid("number", "发票号码应为 8 位数字", "the number has 8 digits")
    elif _DIGITAL.fullmatch(entry.number) is None:
        raise InvoiceInvalid(
            "number", "没有发票代码时，号码应为 20 位数字", "without a code the number has 20 digits"
        )
    if entry.issued_on > today:
        raise InvoiceInvalid("issued_on", "开票日期不能晚于今天", "its day is not here yet")
    for field in ("net_fen", "vat_fen"):
        if getattr(entry, field) < 0:
            raise InvoiceInvalid(field, "金额不能为负", "it must not be below 0")
    if entry.gross_fen <= 0:
        raise InvoiceInvalid("gross_fen", "价税合计须大于 0", "it must be above 0")
    if entry.net_fen + entry.vat_fen != entry.gross_fen:
        zh = f"金额与税额之和为 {yuan(entry.net_fen + entry.vat_fen)} 元，与价税合计不符"
        raise InvoiceInvalid("gross_fen", zh, "net and VAT do not make it")


def _check_fits(payment: Payment, entry: Entry) -> None:
    wanted = invoice_fen(payment)
    if entry.gross_fen != wanted:
        what = (
            ("全部费用", "the full fee")
            if payment.invoice_amount == "full_fee"
            else ("自付金额", "the own share")
        )
        raise InvoiceInvalid(
            "gross_fen",
            f"价税合计应为{what[0]} {yuan(wanted)} 元，实为 {yuan(entry.gross_fen)} 元",
            f"it must be {what[1]}, {yuan(wanted)} CNY",
        )
    vat = invoice_vat(payment)
    if vat is not None and entry.vat_fen != vat.vat_fen:
        rate = percent(vat.permille * 10)
        raise InvoiceInvalid(
            "vat_fen",
            f"收费标准税率 {rate}，税额应为 {yuan(vat.vat_fen)} 元，实为 {yuan(entry.vat_fen)} 元",
            f"by the quoted rate of {rate} the VAT is {yuan(vat.vat_fen)} CNY, not {yuan(entry.vat_fen)} CNY",
        )
    payer = payment.document.get("enterprise", {})
    if customer_kind(payment.enterprise_id) == "person":
        return  # made out to a natural person, whose name settlement does not know
    if _plain(entry.payer_name) != _plain(payer.get("name", "")):
        raise InvoiceInvalid(
            "payer_name", f"购买方应为「{payer.get('name', '')}」", "the payer is not the enterprise"
        )
    if entry.payer_credit_code.upper() != payer.get("credit_code", ""):
        raise InvoiceInvalid(
            "payer_credit_code",
            "购买方的统一社会信用代码不符",
            "the payer's credit code is not the enterprise's",
        )


def _add(
    session: Session,
    principal: Principal,
    payment: Payment,
    entry: Entry,
    *,
    reverses: int | None,
    now: datetime,
) -> int:
    row = Invoice(
        payment_id=payment.id,
        reference=payment.reference,
        code=entry.code,
        number=entry.number,
        kind="blue" if reverses is None else "red",
        reverses_id=reverses,
        issued_on=entry.issued_on,
        net_fen=entry.net_fen,
        vat_fen=entry.vat_fen,
        gross_fen=entry.gross_fen,
        payer_name=entry.payer_name,
        payer_credit_code=entry.payer_credit_code,
        made_by=principal.name,
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else entered it a moment ago
        raise InvoiceTaken(
            "number", "该代码和号码的发票已登记过", "this code and number are entered already"
        ) from None
    detail = {"number": entry.number, "gross_fen": entry.gross_fen, "kind": row.kind}
    audit.record(session, principal.name, "invoices.enter", f"payment:{payment.id}", detail, now=now)
    if reverses is None:
        telling.tell_invoice(session, payment, row, "invoice_entered", now=now)
    return row.id


def _of(session: Session, principal: Principal, invoice_id: int, now: datetime) -> tuple[Payment, Invoice]:
    found = session.get(Invoice, invoice_id)
    if found is None:
        raise InvoiceUnknown
    payment = book.lock(session, found.payment_id)
    identity.allow(session, principal, "payment.enter_invoice", book.subject_of(payment), now=now)
    return payment, session.get_one(Invoice, invoice_id, populate_existing=True)


def _entry(row: Invoice) -> Entry:
    return Entry(
        row.code,
        row.number,
        row.issued_on,
        row.net_fen,
        row.vat_fen,
        row.gross_fen,
        row.payer_name,
        row.payer_credit_code,
    )


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not 0 < len(said) <= _MOST_REASON:
        raise InvoiceInvalid("reason", "请说明理由，不超过 300 字", "say why, in at most 300 characters")
    return said


def _plain(name: str) -> str:
    return "".join(name.split()).replace("（", "(").replace("）", ")")
