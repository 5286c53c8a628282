"""Ways to pay behind one Protocol. A channel talks to the outside and keeps nothing; what happened is kept by the services."""

from hub.settlement.channels.bank_transfer import BankTransfer
from hub.settlement.channels.online import OnlineChannel, OnlineTerms
from hub.settlement.channels.protocol import (
    Begun,
    Channel,
    Charge,
    Outcome,
    RefundOrder,
    Told,
)

__all__ = [
    "BankTransfer", "Begun", "Channel", "Charge", "OnlineChannel", "OnlineTerms", "Outcome", "RefundOrder", "Told",
]  # fmt: skip
