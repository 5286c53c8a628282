"""Tables of settlement, by theme."""

from hub.settlement.models.journal import Account, Entry, Posting
from hub.settlement.models.vouchers import Allowance, Grant, Hold, HoldPart, OrderRow, ProgrammeRow

__all__ = [
    "Account",
    "Allowance",
    "Entry",
    "Grant",
    "Hold",
    "HoldPart",
    "OrderRow",
    "Posting",
    "ProgrammeRow",
]
