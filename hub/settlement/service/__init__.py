"""What others do with settlement. Services write in the caller's transaction and never commit."""

from hub.settlement.rules import Decisions, Order
from hub.settlement.service.grants import (
    Allotment,
    Allotted,
    allot,
    end_due,
    fund,
    grant,
    order_of_use,
    pool,
)
from hub.settlement.service.holds import (
    Resolution,
    capture,
    capture_used,
    hold,
    hold_anew,
    preview,
    release,
)
from hub.settlement.service.programmes import load_programmes, put_programme

__all__ = [
    "Allotment", "Allotted", "Decisions", "Order", "Resolution", "allot", "capture", "capture_used", "end_due",
    "fund", "grant", "hold", "hold_anew", "load_programmes", "order_of_use", "pool", "preview", "put_programme",
    "release",
]  # fmt: skip
