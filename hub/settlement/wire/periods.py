"""Batches, payment lists and credits as JSON for programs and pages."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from hub.settlement.rules.periods import NetMatrix, instant


def told(shown: Any, **more: Any) -> dict[str, Any]:
    """What a query gave, as JSON: instants in Beijing time, what is not known left out."""
    found = {each.name: _value(getattr(shown, each.name)) for each in fields(shown)} | more
    return {name: value for name, value in found.items() if value is not None}


def matrix_document(matrix: NetMatrix, period_id: str, netted: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """Who owes whom: `owed[visited][home]` in fen, the nets, and the pairs that have agreed to net. Information only."""
    return {
        "period": period_id,
        "provinces": list(matrix.provinces),
        "owed": {visited: dict(row) for visited, row in matrix.owed.items()},
        "net": dict(matrix.net),
        "netted": sorted(f"{one}-{other}" for one, other in netted),
    }


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return value
