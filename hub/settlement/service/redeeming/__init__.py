"""Redeeming: what was told of orders, their checks, and the papers of those that did not all happen online."""

from hub.settlement.service.redeeming.checking import Checked, check, examined, gather, newest, settle_order
from hub.settlement.service.redeeming.papers import (
    MOST_BYTES,
    decide_paper,
    declare,
    hand_in,
    order_of,
    read_paper,
)
from hub.settlement.service.redeeming.rounds import recheck
from hub.settlement.service.redeeming.telling import Thing, note_money, tell, told_of

__all__ = [
    "MOST_BYTES", "Checked", "Thing", "check", "decide_paper", "declare", "examined", "gather", "hand_in", "newest", "note_money", "order_of", "read_paper", "recheck",
    "settle_order", "tell", "told_of",
]  # fmt: skip
