"""Reads of bookings: one, lists by keyset, the work queue, flows between provinces, cases, events."""

from hub.bookings.queries.books import (
    Narrow,
    Page,
    Seen,
    numbered,
    numbers_of,
    page,
    queue,
    queue_counts,
    seen,
)
from hub.bookings.queries.feeds import feed_of, feed_rows
from hub.bookings.queries.overseeing import Flow, Overseen, flows, overseen
from hub.bookings.queries.troubles import Dead, cases, dead_deliveries, route_board
from hub.bookings.queries.wishes import wishes_of

__all__ = [
    "Dead", "Flow", "Narrow", "Overseen", "Page", "Seen", "cases", "dead_deliveries", "feed_of", "feed_rows", "flows", "numbered", "numbers_of", "overseen", "page", "queue", "queue_counts", "route_board", "seen", "wishes_of",
]  # fmt: skip
