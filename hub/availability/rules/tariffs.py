"""Which tariff prices a request: the kept one, else one derived from the catalogue's service items. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.availability.rules.requests import Request, Wanted
from hub.settlement.rating import TIMES, Position, Quantities, Tariff, read_tariff

Document = Mapping[str, Any]

_BASES = {
    "hour": ("reserved_time", 60),
    "day": ("reserved_time", 24 * 60),
    "sample": ("samples", 60),
    "item": ("item", 60),
    "time": ("times", 60),
    "package": ("package", 60),
}
"""Charging units of the catalogue as bases of a tariff, with the minutes of a unit."""


def derived_terms(items: Sequence[Document]) -> dict[str, Any] | None:
    """The terms of a tariff from an instrument's service items, each an optional position of its own; None without fees.

    What the survey tells is a fee for anybody and knows no minimum.
    """
    positions = [
        _derived_position(item)
        for item in items
        if item.get("fee_fen") is not None and item.get("charging_unit") in _BASES
    ]
    return {"positions": positions} if positions else None


def applicable(terms: Document, service_mode: str) -> Tariff:
    """The part of a tariff that prices this service mode; without positions the fee is on request."""
    positions = [
        position
        for position in terms["positions"]
        if service_mode in position.get("service_modes", (service_mode,))
    ]
    return read_tariff({**terms, "positions": positions})


def quantities(terms: Document, tariff: Tariff, request: Request, *, is_inside: bool) -> Quantities:
    """The request in the tariff's own measures.

    Machine time counts by the slot, a test by its expected time. When nothing was chosen and the tariff offers one
    position only, that one is meant.
    """
    known = {position.id: position for position in tariff.positions}
    chosen: dict[str, int | None] = {}
    for name, wanted in zip(_names(terms, request), request.wanted, strict=True):
        amount = _quantity(known.get(name), wanted, request)
        told = chosen.get(name)  # one position named twice is ordered twice
        chosen[name] = amount if told is None else told + (amount or 0)
    if not chosen and len(known) == 1:
        chosen = dict.fromkeys(known)
    return Quantities(
        reserved_minutes=request.test_minutes if request.slot is None else request.slot.minutes,
        test_minutes=request.test_minutes,
        samples=request.samples,
        chosen=chosen,
        is_inside=is_inside,
    )


def chosen_positions(terms: Document, request: Request) -> list[Document]:
    """The positions of a tariff that the request names."""
    names = set(_names(terms, request))
    return [position for position in terms["positions"] if position["id"] in names]


def _names(terms: Document, request: Request) -> list[str]:
    """What the request calls its positions, by their own names; a service item's number stands for its position."""
    numbers = {
        position["service_item"]: position["id"]
        for position in terms["positions"]
        if "service_item" in position
    }
    return [
        wanted.position or numbers.get(wanted.number or 0) or str(wanted.number) for wanted in request.wanted
    ]


def _quantity(position: Position | None, wanted: Wanted, request: Request) -> int | None:
    """In minutes or pieces; None takes the slot's, or the expected, time."""
    if position is None or position.basis not in TIMES or wanted.quantity is None:
        return wanted.quantity
    if request.slot is not None or request.test_minutes is not None:
        return None
    return wanted.quantity * position.unit_minutes


def _derived_position(item: Document) -> dict[str, Any]:
    basis, minutes = _BASES[item["charging_unit"]]
    position: dict[str, Any] = {
        "id": str(item["number"]),
        "basis": basis,
        "name_zh": item["name"],
        "outside_fen": item["fee_fen"],
        "optional": True,
        "service_item": item["number"],
    }
    if basis in TIMES:
        position["unit_minutes"] = minutes
    if "condition" in item:
        position["condition_zh"] = item["condition"]
    if "service_mode" in item:
        position["service_modes"] = [item["service_mode"]]
    if "turnaround_days" in item:
        position["turnaround_days"] = item["turnaround_days"]
    return position
