"""What a province is told of which command, whether a message is still wanted, and what shows that it arrived. Pure."""

from collections.abc import Mapping
from typing import get_args

from adapters.contract import StationCommand
from hub.bookings.rules.deciding import is_provider

OF_STATION = frozenset(get_args(StationCommand))
"""Kinds of messages that say what the station did in the hub's portal."""

_OF_ENTERPRISE = {
    "submit": "submit",
    "propose": "propose",
    "agree": "agree",
    "decline": "decline",
    "lapse": "decline",
}
_OF_PROVIDER = {
    "propose": "offer",
    "agree": "consent",
    "decline": "object",
    **{
        name: name
        for name in ("accept", "reject", "receive_samples", "check_in", "no_show", "check_out", "deliver")
    },
}
_UNMADE = frozenset(
    {"cancelling", "cancelled", "rejected", "expired", "forward_failed", "compensation_stuck"}
)
_LEFT_OPEN = frozenset({"accept", "reject", "offer", "consent", "object", "no_show", "check_in", "check_out"})

_SERVED = ("in_service", "done", "report")
_SHOWN_BY: Mapping[str, frozenset[str]] = {
    "cancel": frozenset({"cancelled", "rejected", "not_found"}),
    "agree": frozenset({"agreed"}),
    "propose": frozenset({"agreed"}),
    "decline": frozenset({"agreed"}),
    "accept": frozenset({"accepted", "agreed", "samples_received", "no_show", *_SERVED}),
    "reject": frozenset({"rejected", "cancelled"}),
    "offer": frozenset({"proposed"}),
    "consent": frozenset({"agreed"}),
    "object": frozenset({"declined"}),
    "receive_samples": frozenset({"samples_received", *_SERVED}),
    "check_in": frozenset(_SERVED),
    "no_show": frozenset({"no_show"}),
    "check_out": frozenset({"done", "report"}),
    "deliver": frozenset({"report"}),
}

_OVER = frozenset({"cancelled", "rejected"})
"""The order has ended: whatever else was laid out for it need not arrive any more."""


def message_of(command: str, side: str) -> str | None:
    """The kind of message that tells a province of a command; None for what it said itself."""
    if side == "provider":
        return _OF_PROVIDER.get(command)
    return None if is_provider(side) else _OF_ENTERPRISE.get(command)


def needs_a_hand(kind: str) -> bool:
    """Whether the province's own book goes wrong when it cannot be told this, so that a person must enter it there."""
    return kind in _LEFT_OPEN


def is_live(kind: str, state: str) -> bool:
    """Whether a booking in this state still stands for what the message says."""
    if kind in {"reject", "no_show"}:
        return state == {"reject": "rejected"}.get(kind, kind)
    return state not in _UNMADE


def shows(message: str, kind: str) -> bool:
    """Whether an order in this condition shows that the message arrived."""
    return message == "submit" or kind in _SHOWN_BY[message]


def settles(message: str, kind: str) -> bool:
    """Whether an order in this condition leaves nothing to tell: the message arrived, or the order is over."""
    return kind in _OVER or shows(message, kind)
