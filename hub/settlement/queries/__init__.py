"""Reading programmes, wallets and orders."""

from hub.settlement.queries.programmes import concerning, everything, find_programme
from hub.settlement.queries.seen import Seen, see
from hub.settlement.queries.wallets import (
    HeldOrder,
    HolderHold,
    Wallet,
    find_order,
    has_over,
    holds_of,
    over,
    standings,
    usable_grants,
    wallets,
)

__all__ = [
    "HeldOrder", "HolderHold", "Seen", "Wallet", "concerning", "everything", "find_order", "find_programme", "has_over",
    "holds_of", "over", "see", "standings", "usable_grants", "wallets",
]  # fmt: skip
