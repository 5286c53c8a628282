"""A period's whole way: closing, calculating, review, posting, payment lists, redemption, credits, sealing."""

from hub.settlement.service.periods.acting import SYSTEM, Acting, Moved
from hub.settlement.service.periods.calculating import Calculated, calculate_batch, recalculate_batch
from hub.settlement.service.periods.calendar import keep_calendar, set_cutoff
from hub.settlement.service.periods.claiming import list_claims
from hub.settlement.service.periods.closing import Closed, close_period
from hub.settlement.service.periods.crediting import (
    Credited,
    issue_credit,
    propose_credit,
    record_payback,
    refuse_credit,
)
from hub.settlement.service.periods.paying import Paid, Proof, bounce, carry_commitments, record_payment
from hub.settlement.service.periods.posting import post_batch, send_empty
from hub.settlement.service.periods.redemptions import apply_redemption_result, close_case
from hub.settlement.service.periods.reviewing import agree_batch, reopen_batch, return_line, submit_batch
from hub.settlement.service.periods.sealing import seal_batch, verify_batch
from hub.settlement.service.periods.terms import set_netting
from hub.settlement.service.periods.timers import run_due

__all__ = [
    "SYSTEM",
    "Acting",
    "Calculated",
    "Closed",
    "Credited",
    "Moved",
    "Paid",
    "Proof",
    "agree_batch",
    "apply_redemption_result",
    "bounce",
    "calculate_batch",
    "carry_commitments",
    "close_case",
    "close_period",
    "issue_credit",
    "keep_calendar",
    "list_claims",
    "post_batch",
    "propose_credit",
    "recalculate_batch",
    "record_payback",
    "record_payment",
    "refuse_credit",
    "reopen_batch",
    "return_line",
    "run_due",
    "seal_batch",
    "send_empty",
    "set_cutoff",
    "set_netting",
    "submit_batch",
    "verify_batch",
]  # fmt: skip
