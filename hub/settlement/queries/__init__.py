"""Reading programmes, wallets and orders."""

from hub.settlement.queries.programmes import concerning, everything, find_programme
from hub.settlement.queries.wallets import HeldOrder, Wallet, find_order, standings, usable_grants, wallets

__all__ = [
    "HeldOrder", "Wallet", "concerning", "everything", "find_order", "find_programme", "standings",
    "usable_grants", "wallets",
]  # fmt: skip
