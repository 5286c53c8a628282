"""A booking message as the plain object that outbound rules read. Field names are those of `adapters.contract`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from adapters.contract import BookingOrder, NativeKey, OrderMessage, Slot


def message_document(message: OrderMessage) -> dict[str, Any]:
    """The message; a time has `start`, `end`, `minutes` and `hours`. What is empty is None."""
    return {
        "command": message.command,
        "key": message.key,
        "message_id": message.message_id,
        "sequence": message.sequence,
        "deadline": message.deadline,
        "correlation_id": message.correlation_id,
        "reason": message.reason,
        "note": message.note or None,
        "slot": slot_document(message.slot),
        "proposal_id": message.proposal_id,
        "usage": None if message.usage is None else asdict(message.usage),
        "report": None if message.report is None else asdict(message.report),
        "order": order_document(message.order),
    }


def order_document(order: BookingOrder) -> dict[str, Any]:
    """The order's facts."""
    document = asdict(order)
    document["slot"] = slot_document(order.slot)
    return {name: _without_empty(value) for name, value in document.items()}


def question_document(instrument: NativeKey, start: datetime, end: datetime) -> dict[str, Any]:
    """A question about an instrument's calendar."""
    return {"instrument": asdict(instrument), "slot": slot_document(Slot(start, end))}


def slot_document(slot: Slot | None) -> dict[str, Any] | None:
    """A time and how long it is."""
    if slot is None:
        return None
    minutes = (slot.end - slot.start).total_seconds() / 60
    return {"start": slot.start, "end": slot.end, "minutes": minutes, "hours": minutes / 60}


def _without_empty(value: Any) -> Any:
    """Empty text becomes None, tuples become lists: what a rule finds is there, or it is not."""
    if isinstance(value, dict):
        return {name: _without_empty(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_without_empty(item) for item in value]
    return None if value == "" else value
