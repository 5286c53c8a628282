"""A province whose platform tells calendars; what it says can be changed, and it can fail."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapters.contract import BusySlot, NativeKey, RemoteAvailability
from adapters.contract import Slot as RemoteSlot
from adapters.errors import AdapterError
from hub.availability.rules import Slot


@dataclass
class CalendarPort:
    """The booking interface of a platform that tells calendars and nothing else."""

    as_of: datetime
    capabilities: frozenset[str] = frozenset({"availability"})
    told: dict[str, Any] = field(default_factory=dict)
    fails: AdapterError | None = None
    asked: list[NativeKey] = field(default_factory=list)

    def availability(self, instrument: NativeKey, start: datetime, end: datetime) -> RemoteAvailability:
        """What was last told; raises what it was told to."""
        self.asked.append(instrument)
        if self.fails is not None:
            raise self.fails
        bare = RemoteAvailability(instrument, busy=(), closures=(), rules=None, tariff=None, as_of=self.as_of)
        return replace(bare, **self.told)


@dataclass
class CalendarProvince:
    """As much of a province's adapter as reading calendars needs."""

    province: str
    bookings: CalendarPort | None


def busy(slot: Slot, booking_id: str | None = None, remote_id: str | None = None) -> BusySlot:
    """A reservation at the province."""
    return BusySlot(RemoteSlot(slot.start, slot.end), booking_id, remote_id)
