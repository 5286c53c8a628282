"""What a province's platform says about an instrument's time, in the hub's own words. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from adapters.contract import BusySlot, RemoteRules, RemoteTariff, TariffLine
from hub.availability.rules.reading import WEEKDAYS, time_of
from hub.availability.rules.slots import STEPS, Slot

Document = Mapping[str, Any]

_BASES = {"sample": "samples", "item": "item", "time": "times", "package": "package"}
_PLAIN = ("lead_minutes", "cancel_minutes", "capacity")


def rules_document(remote: RemoteRules, base: Document) -> dict[str, Any]:
    """The platform's rules over those that held before: what it does not say stays as it was.

    Lengths are brought onto the grid, inwards, so that nothing is offered that the platform would refuse.
    """
    document = dict(base)
    if remote.opening:
        document["opening"] = _opening(remote)
        document.pop("open_on_holidays", None)
    if remote.slot_minutes is not None:
        document["step_minutes"] = max(
            (step for step in STEPS if remote.slot_minutes % step == 0), default=STEPS[0]
        )
    for name in _PLAIN:
        if (told := getattr(remote, name)) is not None:
            document[name] = told
    step = document["step_minutes"]
    least = remote.min_minutes if remote.min_minutes is not None else document["min_minutes"]
    most = remote.max_minutes if remote.max_minutes is not None else document["max_minutes"]
    document["min_minutes"] = max(step, -(-least // step) * step)
    document["max_minutes"] = max(document["min_minutes"], most // step * step)
    if remote.needs_operator is not None:
        document["operator"] = "always" if remote.needs_operator else "none"
    if remote.needs_training and "training" not in document:
        document["training"] = {
            "code": "platform",
            "name_zh": "平台要求的上机培训",
            "name_en": "Training asked by the platform",
        }
    if remote.needs_training is False:
        document.pop("training", None)
    return document


def tariff_terms(remote: RemoteTariff) -> dict[str, Any]:
    """The platform's prices as the terms of a tariff.

    Positions are named by their place. A price for no item in particular always applies, one of an item is chosen.
    """
    terms: dict[str, Any] = {
        "positions": [_position(number, line, remote) for number, line in enumerate(remote.lines, start=1)]
    }
    if remote.minimum_fen is not None:
        terms["minimum_fee"] = {"outside_fen": remote.minimum_fen}
    return terms


def reservation_keys(busy: Iterable[BusySlot], own: Collection[str]) -> dict[str, Slot]:
    """Reservations by a key: the platform's own, else the time, the second of the same time by its place.

    The hub's own bookings come back in the platform's calendar. `own` names those that have a live claim, by their
    identifiers here and there; they are left out. One that the hub has let go and the platform still holds is not.
    """
    found: dict[str, Slot] = {}
    for one in busy:
        if one.booking_id in own or one.remote_id in own:
            continue
        slot = Slot(one.slot.start, one.slot.end)
        key = one.remote_id or one.booking_id or f"{_compact(slot.start)}/{_compact(slot.end)}"
        while key in found:
            key += "+"
        found[key] = slot
    return found


def _opening(remote: RemoteRules) -> dict[str, list[dict[str, str]]]:
    week: dict[str, list[dict[str, str]]] = {}
    for hours in sorted(remote.opening, key=lambda hours: (hours.weekday, hours.start_minute)):
        told = week.setdefault(WEEKDAYS[hours.weekday], [])
        told.append({"from": time_of(hours.start_minute), "to": time_of(hours.end_minute)})
    return week


def _position(number: int, line: TariffLine, remote: RemoteTariff) -> dict[str, Any]:
    is_time = line.charging_unit in {"hour", "day"}
    position: dict[str, Any] = {
        "id": str(number),
        "basis": f"{remote.basis}_time" if is_time else _BASES[line.charging_unit],
        "name_zh": line.item or ("机时费" if is_time else "检测费"),
        "outside_fen": line.outside_fen,
    }
    if not line.item:
        position["name_en"] = "Machine time" if is_time else "Test fee"
    if is_time:
        position["unit_minutes"] = 60 if line.charging_unit == "hour" else 24 * 60
    if line.inside_fen is not None:
        position["inside_fen"] = line.inside_fen
    if line.condition:
        position["condition_zh"] = line.condition
    if line.item or len(remote.lines) > 1:
        position["optional"] = True
    return position


def _compact(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
