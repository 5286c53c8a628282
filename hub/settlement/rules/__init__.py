"""Pure decisions of settlement: what a programme is worth, and what it says to an order."""

from hub.settlement.rules.deciding import cap_year, decide, decide_both
from hub.settlement.rules.orders import Decision, Decisions, Order, Reason, Standing, Step
from hub.settlement.rules.programmes import (
    Programme,
    Quota,
    covers,
    in_force,
    missing,
    payer_area,
    term_names,
    unsourced,
)
from hub.settlement.rules.published import demo, published
from hub.settlement.rules.reckoning import percent, reckon, share

__all__ = [
    "Decision", "Decisions", "Order", "Programme", "Quota", "Reason", "Standing", "Step", "cap_year", "covers",
    "decide", "decide_both", "demo", "in_force", "missing", "payer_area", "percent", "published", "reckon", "share", "term_names", "unsourced",
]  # fmt: skip
