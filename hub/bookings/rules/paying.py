"""What a booking owes as it stands, and by when: for settlement, which keeps the payment. Pure."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["agreed", "charged", "nothing"]

_BEFORE = frozenset({"none", "draft", "submitted", "forward_unknown", "forwarded"})
"""Nothing is agreed yet."""

_AGREED = frozenset(
    {"accepted", "sample_received", "in_service", "service_done", "report_delivered", "completed"}
)
_OVER = frozenset({"rejected", "expired", "cancelled", "forward_failed", "no_show"})


@dataclass(frozen=True, slots=True)
class Owing:
    """`kind` agreed: the fee as agreed, later settled; charged: what was reckoned; nothing: it came to nothing."""

    kind: Kind
    fee_fen: int
    is_payable: bool


def owing(
    state: str, *, fee_fen: int | None, charge_fen: int | None, payment_due: str, waits_for_report: bool
) -> Owing | None:
    """What is owed; None while nothing is agreed, or while it is not decided (under negotiation, being cancelled).

    `is_payable`: it has to be paid now; else it may be.
    """
    if state in _OVER:
        return (
            Owing("charged", charge_fen, is_payable=True)
            if charge_fen
            else Owing("nothing", 0, is_payable=False)
        )
    if state in _BEFORE or state not in _AGREED:
        return None
    is_before = payment_due != "after_report"
    if charge_fen is not None:
        return Owing("charged", charge_fen, is_payable=is_before or not waits_for_report)
    if fee_fen is None:
        return None
    if state in {"service_done", "report_delivered", "completed"}:
        return Owing("nothing", 0, is_payable=False)
    return Owing("agreed", fee_fen, is_payable=is_before)


def mirrored(state: str, *, is_payable: bool) -> str:
    """What a booking shows of its payment's state: none, due or paid."""
    if state in {"due", "overdue", "initiated", "unknown"}:
        return "due" if is_payable else "none"
    return "none" if state == "none" else "paid"
