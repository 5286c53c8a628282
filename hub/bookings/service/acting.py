"""Who acts on a booking, and one move in the making, as effects see it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.bookings.models import Booking, Proposal
from hub.bookings.rules import Transition, sides
from hub.identity.rules import Principal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: its side in the machine, its name for the record, and the key it came with."""

    side: str
    name: str
    role: str
    province: str | None = None
    acting_as: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, principal: Principal, key: str | None = None) -> "Actor | None":
        """A signed-in principal; None for one who is on no side of bookings."""
        side = sides.side_of(principal)
        if side is None:
            return None
        acting_as = sides.acting_as(principal)
        return cls(side, principal.name, principal.role, principal.province, acting_as, key)

    @classmethod
    def platform(cls, province: str) -> "Actor":
        """A province's platform that answers."""
        return cls("platform", f"platform:{province}", "platform", province)

    @classmethod
    def system(cls) -> "Actor":
        """The hub itself: forwarding and timers."""
        return cls("system", "system:bookings", "system")


@dataclass(slots=True)
class Move:
    """One move being carried out: the booking is already in its new state. `proposal` was open before it."""

    session: Session
    booking: Booking
    transition: Transition
    actor: Actor
    now: datetime
    proposal: Proposal | None
    reason: str | None = None
    text: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def keep(self, **values: Any) -> None:
        """Put values into the booking's document; None takes one out."""
        document = {**self.booking.document, **values}
        self.booking.document = {name: value for name, value in document.items() if value is not None}
