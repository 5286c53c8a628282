"""Whom a payment's news concern, and in which words. No names, no accounts: texts leave the hub."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from hub.identity import queries as identity
from hub.identity import rules as identity_rules
from hub.notices import service as notices
from hub.notices.rules import MAX_VALUE, is_clean
from hub.settlement.models import Invoice, Payment, Refund
from hub.settlement.money import yuan

REFUND_REASONS = {
    "paid_twice": ("重复付款", "it was paid twice"),
    "amount_mismatch": ("到账金额与应付金额不符", "the amount is not the one that was owed"),
    "cancelled": ("订单已取消或免除费用", "the order was cancelled or its fee waived"),
    "owed_less": ("应付金额减少", "less is owed now"),
}
"""Code → why money goes back, in both languages."""


def enterprise_people(session: Session, payment: Payment) -> list[str]:
    """Everybody who acts for the enterprise."""
    return identity.names_acting(session, party_id=payment.enterprise_id)


def provider_people(session: Session, payment: Payment) -> list[str]:
    """Everybody who acts for the institution, or for its station where there is none."""
    if payment.institution_id is not None:
        found = identity.names_acting(session, party_id=payment.institution_id)
        if found:
            return found
    if payment.operator_id is None:
        return []
    return identity.names_acting(
        session,
        role=identity_rules.STATION_STAFF,
        party_id=payment.operator_id,
        province=payment.province,
    )


def tell_change(session: Session, payment: Payment, *, now: datetime) -> None:
    """A payment is in another state."""
    outstanding = max(0, payment.owed_fen - (payment.paid_fen - payment.refunded_fen))
    match payment.state:
        case "due" if payment.due_on is not None:
            tell(session, payment, enterprise_people(session, payment), "payment_due", outstanding, now=now)
        case "overdue":
            tell(
                session, payment, enterprise_people(session, payment), "payment_overdue", outstanding, now=now
            )
        case "unknown":
            tell(
                session, payment, enterprise_people(session, payment), "payment_unknown", outstanding, now=now
            )
        case "paid":
            both = [*enterprise_people(session, payment), *provider_people(session, payment)]
            tell(session, payment, both, "payment_received", payment.paid_fen, now=now)


def tell_refund(session: Session, payment: Payment, refund: Refund, *, now: datetime) -> None:
    """Money is to go back."""
    reason = _reason_zh(refund.reason)
    key = f"refund.{refund.number}"
    tell(
        session,
        payment,
        enterprise_people(session, payment),
        "refund_coming",
        refund.fen,
        reason=reason,
        key=key,
        now=now,
    )
    if refund.state == "manual":
        people = provider_people(session, payment)
        tell(session, payment, people, "refund_to_make", refund.fen, reason=reason, key=key, now=now)


def tell_invoice(
    session: Session, payment: Payment, invoice: Invoice, template: str, *, now: datetime
) -> None:
    """An invoice was entered (to the enterprise), or has to be taken back (to the institution)."""
    people = (
        enterprise_people(session, payment)
        if template == "invoice_entered"
        else provider_people(session, payment)
    )
    key = f"invoice.{invoice.id}.{payment.owed_fen}"
    tell(session, payment, people, template, invoice.gross_fen, key=key, now=now)


def tell(
    session: Session,
    payment: Payment,
    people: Iterable[str],
    template: str,
    fen: int,
    *,
    now: datetime,
    reason: str = "",
    key: str | None = None,
) -> None:
    """Tell people about a payment, once by template and `key` (default: the payment's revision)."""
    notices.notify(
        session,
        people,
        template,
        {
            "number": payment.order_number,
            "amount": yuan(fen),
            "until": _day(payment.due_on),
            "reason": reason[:MAX_VALUE] if reason and is_clean(reason[:MAX_VALUE]) else "—",
        },
        subject=f"payment:{payment.id}",
        link=f"/payments/{payment.id}",
        key=f"{payment.id}:{template}:{payment.revision if key is None else key}",
        now=now,
    )


def _reason_zh(code: str) -> str:
    """Why money goes back, in Chinese."""
    return REFUND_REASONS[code][0]


def _day(on: date | None) -> str:
    return "—" if on is None else on.isoformat()
