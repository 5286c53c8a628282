"""Values from documents of the specification. Pure; the documents were checked before they were kept."""

from collections.abc import Mapping
from typing import Any

from hub.availability.rules.slots import BookingRules, Opening, Source

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_rules(document: Mapping[str, Any], *, version: int, source: Source) -> BookingRules:
    """Booking rules from a valid `booking-rules` part of the specification."""
    opening = Opening(
        week=tuple(_intervals(document["opening"].get(day, ())) for day in WEEKDAYS),
        on_holidays=document.get("open_on_holidays", False),
        step_minutes=document["step_minutes"],
        min_minutes=document["min_minutes"],
        lead_minutes=document["lead_minutes"],
        horizon_days=document["horizon_days"],
    )
    return BookingRules(
        opening,
        max_minutes=document["max_minutes"],
        capacity=document["capacity"],
        cancel_minutes=document["cancel_minutes"],
        version=version,
        source=source,
        document=document,
    )


def minute_of(text: str) -> int:
    """Minutes of the day from `HH:MM`; `24:00` is the end of it."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def time_of(minute: int) -> str:
    """`HH:MM` from minutes of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _intervals(told: Any) -> tuple[tuple[int, int], ...]:
    return tuple((minute_of(part["from"]), minute_of(part["to"])) for part in told)
