"""Tables of settlement, by theme."""

from hub.settlement.models.journal import Account, Entry, Posting

__all__ = ["Account", "Entry", "Posting"]
