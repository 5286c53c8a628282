"""One measure of the table: values, what their median should be, and the verdict."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One row: the value of each round with its unit, what their median should be, and whether it is (None: told, not judged).

    Without values it is a peer or a service that this machine does not have.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    goal: str = ""
    is_met: bool | None = None

    @property
    def median(self) -> float:
        """The value that is judged."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `missing` (nothing to measure with), or nothing for a row that is only told."""
        if not self.values:
            return "missing"
        return {True: "met", False: "missed", None: ""}[self.is_met]


def at_most(name: str, values: Iterable[float], unit: str, limit: float | None = None) -> Measure:
    """A row whose median should not exceed `limit` (None: no goal)."""
    return _judged(name, tuple(values), unit, "≤", limit)


def at_least(name: str, values: Iterable[float], unit: str, limit: float | None = None) -> Measure:
    """A row whose median should reach `limit` (None: no goal)."""
    return _judged(name, tuple(values), unit, "≥", limit)


def told(name: str, values: Iterable[float], unit: str) -> Measure:
    """A row without a goal."""
    return Measure(name, tuple(values), unit)


def missing(name: str) -> Measure:
    """What cannot be measured on this machine."""
    return Measure(name, (), "")


def _judged(name: str, values: tuple[float, ...], unit: str, sign: str, limit: float | None) -> Measure:
    if limit is None:
        return Measure(name, values, unit)
    median = statistics.median(values)
    is_met = median <= limit if sign == "≤" else median >= limit
    return Measure(
        name, values, unit, f"{sign} {limit:,g}" if limit < 1000 else f"{sign} {limit:,.0f}", is_met
    )
