"""The own share of the walls' booking: a transfer that waits, a refund to be made by hand, an invoice, an order form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from hub.settlement import models

PAYER = "嘉兴企业（合成）"


def put_paying(
    put: Callable[..., Any], known: Mapping[str, Any], province: str, now: datetime
) -> dict[str, Any]:
    """Put the rows; what path parameters name them by."""
    booking = known["booking_id"]
    payment = put(
        models.Payment,
        id=booking.replace("bk-", "pm-"),
        reference=booking,
        enterprise_id=known["enterprise_id"],
        institution_id=known["institution_id"],
        operator_id=known["operator_id"],
        province=province,
        home_area="330402",
        fee_fen=100,
        voucher_fen=0,
        owed_fen=100,
        paid_fen=0,
        refunded_fen=0,
        surplus_fen=1,
        returned_fen=0,
        state="initiated",
        payment_due="after_report",
        invoice_amount="own_share",
        document={"enterprise": {"name": PAYER, "credit_code": "x"}},
    ).id
    attempt = put(
        models.Attempt,
        id="pa-" + "a" * 24,
        payment_id=payment,
        channel="bank_transfer",
        fen=100,
        state="submitted",
        proof=None,
        is_surplus=False,
    ).id
    twice = put(
        models.Attempt,
        id="pa-" + "b" * 24,
        payment_id=payment,
        number=2,
        channel="bank_transfer",
        fen=1,
        received_fen=1,
        state="paid",
        proof=None,
        is_surplus=True,
    ).id
    refund = put(
        models.Refund,
        id="rf-wall-1",
        payment_id=payment,
        attempt_id=twice,
        fen=1,
        reason="cancelled",
        state="manual",
    )
    invoice = put(
        models.Invoice,
        payment_id=payment,
        reference=booking,
        code="",
        number="1" * 20,
        kind="blue",
        issued_on=date(2026, 1, 5),
        net_fen=100,
        vat_fen=0,
        gross_fen=100,
        state="valid",
    )
    body = {
        "booking_id": booking,
        "order_number": "x",
        "number": 1,
        "issued_at": now.isoformat(),
        "enterprise": {"id": "x", "name": PAYER},
        "institution": {"name": "x"},
        "instrument": {"id": "31-aaaaaaaaaaaa", "name": "x"},
        "service_mode": "consultation",
        "fee_fen": 100,
        "voucher_fen": 0,
        "own_fen": 100,
        "payment_due": "after_report",
        "confidentiality": [{"zh": "保密", "en": "Confidential"}],
    }
    put(
        models.Document,
        id=f"order-form:{booking}/1",
        kind="order-form",
        series=f"order-form:{booking}",
        number=1,
        sha256="f" * 64,
        previous_sha256=None,
        body=body,
    )
    return {
        "payment_id": payment,
        "attempt_id": attempt,
        "refund_number": refund.number,
        "invoice_id": invoice.id,
    }
