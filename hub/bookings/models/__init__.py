"""Tables of bookings, by theme."""

from hub.bookings.models.bookings import Booking, CommandKey, Proposal, Transition
from hub.bookings.models.forwarding import Case, Delivery, Route
from hub.bookings.models.reports import Download, Report, Upload
from hub.bookings.models.talk import CalendarFeed, Note, Rating, Wish

__all__ = [
    "Booking", "CalendarFeed", "Case", "CommandKey", "Delivery", "Download", "Note", "Proposal", "Rating", "Report", "Route",
    "Transition", "Upload", "Wish",
]  # fmt: skip
