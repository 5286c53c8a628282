"""Booking events for subscribers: the numbered rows of topic `booking` that concern a party."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.bookings.rules import sides
from hub.bookings.service.moving import TOPIC
from hub.core import sequencer
from hub.identity.rules import Principal

_SCANNED = 5000
"""Rows looked through for one answer; `next` moves on even when none of them is the party's."""


@dataclass(frozen=True, slots=True)
class Events:
    """A page of events; `next` is the number to ask after."""

    events: list[dict[str, Any]]
    next: int


def events_after(session: Session, principal: Principal, after: int, limit: int) -> Events:
    """Events above `after` that concern whom the principal acts for, at most `limit`."""
    wanted = _parties(principal)
    found: list[dict[str, Any]] = []
    number = after
    for change in sequencer.read_after(session, TOPIC, after, _SCANNED):
        told = change.payload or {}
        if wanted is None or wanted & set(told.get("parties", ())):
            if len(found) == limit:
                break
            found.append({"number": change.number, **told["event"], "hash": change.hash.hex()})
        number = change.number
    return Events(found, number)


def _parties(principal: Principal) -> set[str] | None:
    """The names under which events are addressed to the principal; None for the hub's administrator: all."""
    side = sides.side_of(principal)
    if side == "hub_admin":
        return None
    if side == "enterprise":
        return {f"enterprise:{principal.party_id}"}
    if side == "provider" and sides.acting_as(principal) == "institution":
        return {f"institution:{principal.party_id}"}
    return {f"province:{principal.province}"} if principal.province else set()
