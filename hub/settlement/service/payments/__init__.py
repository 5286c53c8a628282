"""The own share: what is owed, tries to pay it, money that came and goes back. Safe to repeat wherever something may be lost."""

from hub.settlement.service.payments.asking import ask, ask_due, send_refund, send_refunds
from hub.settlement.service.payments.book import CHANGED_TASK, subject_of
from hub.settlement.service.payments.notifications import take
from hub.settlement.service.payments.owing import (
    Owed,
    invoice_fen,
    invoice_vat,
    owe,
    payment_id_of,
    voucher_share,
)
from hub.settlement.service.payments.reminding import remind, run_due
from hub.settlement.service.payments.standings import Standing, standing
from hub.settlement.service.payments.transfers import (
    MOST_FORM,
    MOST_PROOF,
    MOST_REASON,
    confirm,
    confirm_refund,
    hand_in_proof,
    keep_proof,
    receive_outstanding,
    refuse,
    withdraw,
)
from hub.settlement.service.payments.trying import Started, send, start, store

__all__ = [
    "CHANGED_TASK", "MOST_FORM", "MOST_PROOF", "MOST_REASON", "Owed", "Standing", "Started", "ask", "ask_due", "confirm",
    "confirm_refund", "hand_in_proof", "invoice_fen", "invoice_vat", "keep_proof", "owe", "payment_id_of", "receive_outstanding", "refuse",
    "remind", "run_due", "send", "send_refund", "send_refunds", "standing", "start", "store", "subject_of", "take",
    "voucher_share", "withdraw",
]  # fmt: skip
