"""What an instrument costs per charging unit, from the tariff that its institution keeps. Pure."""

from __future__ import annotations

from hub.settlement.rating import TIMES, Position, Tariff

_COUNTED = {"times": "time", "samples": "sample", "item": "item", "package": "package"}
_DAY = 1440


def lowest_outside_fees(tariff: Tariff) -> dict[str, int]:
    """Charging unit → the lowest price in fen for users from outside; units without such a price are absent.

    Prices of other spans than a day are told for an hour, rounded up to the fen. Minimum fees are not in them.
    """
    fees: dict[str, int] = {}
    for position in tariff.positions:
        if position.outside_fen is None:
            continue
        unit, fen = _per_unit(position, position.outside_fen)
        fees[unit] = min(fen, fees.get(unit, fen))
    return fees


def _per_unit(position: Position, fen: int) -> tuple[str, int]:
    if position.basis not in TIMES:
        return _COUNTED[position.basis], fen
    if position.unit_minutes == _DAY:
        return "day", fen
    return "hour", -(-fen * 60 // position.unit_minutes)
