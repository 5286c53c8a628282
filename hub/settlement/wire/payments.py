"""Payments, order forms and invoices as the API tells them. Amounts in fen, instants in Shanghai's time."""

from datetime import date, datetime
from typing import Any

from hub.core.clock import SHANGHAI
from hub.settlement.models import Attempt, Payment, PaymentEvent, Refund

Document = dict[str, Any]


def payment_document(row: Payment) -> Document:
    """A payment, short."""
    return _told(
        {
            "id": row.id,
            "booking_id": row.reference,
            "order_number": row.order_number,
            "state": row.state,
            "revision": row.revision,
            "fee_fen": row.fee_fen,
            "voucher_fen": row.voucher_fen,
            "owed_fen": row.owed_fen,
            "paid_fen": row.paid_fen,
            "refunded_fen": row.refunded_fen,
            "surplus_fen": row.surplus_fen,
            "returned_fen": row.returned_fen,
            "payment_due": row.payment_due,
            "due_on": _day(row.due_on),
            "paid_at": instant(row.paid_at),
            "invoice_amount": row.invoice_amount,
            "vat_permille": row.document.get("vat_permille"),
            **{name: row.document.get(name) for name in ("enterprise", "institution", "instrument")},
        }
    )


def attempt_document(row: Attempt) -> Document:
    """A try to pay. The address of the provider's page only while it can be used."""
    return _told(
        {
            "id": row.id,
            "number": row.number,
            "channel": row.channel,
            "code": row.code,
            "fen": row.fen,
            "state": row.state,
            "redirect_url": row.redirect_url if row.state == "open" else None,
            "proof": row.proof,
            "reason": row.reason,
            "received_fen": row.received_fen,
            "is_surplus": row.is_surplus or None,
            "made_at": instant(row.made_at),
            "expires_at": instant(row.expires_at),
            "settled_at": instant(row.settled_at),
        }
    )


def refund_document(row: Refund) -> Document:
    """Money that goes back."""
    return _told(
        {
            "number": row.number,
            "fen": row.fen,
            "reason": row.reason,
            "state": row.state,
            "made_at": instant(row.made_at),
            "done_at": instant(row.done_at),
        }
    )


def event_document(row: PaymentEvent) -> Document:
    """One thing that happened."""
    return _told(
        {
            "revision": row.revision,
            "at": instant(row.at),
            "what": row.what,
            "to": row.to_state,
            "side": row.side,
        }
    )


def instant(at: datetime | None) -> str | None:
    """As the specification writes instants."""
    return None if at is None else at.astimezone(SHANGHAI).isoformat()


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _told(values: Document) -> Document:
    return {name: value for name, value in values.items() if value is not None}
