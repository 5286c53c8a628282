"""The belt in numbers: the joint table laid out as instruments, with values and hours, dealt to the provinces.

Reads `data/belt_cells.csv` (made by `solve`). The split of a region over its provinces is not in the study: it follows
GDP 2018 with largest remainders and is synthetic. Values in 0.01 万元, hours whole.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from adapters.simulators.world.apportion import allocate, deal, spread

DATA = Path(__file__).parent / "data"

PRICE_BANDS = {
    "50-200": (5_000, 19_999),
    "200-500": (20_000, 49_999),
    "500-800": (50_000, 79_999),
    "800+": (80_000, 600_000),
}
# Bounds of one instrument's effective hours in a year: a machine that ran at all, and one that hardly ever rested.
FEWEST_HOURS, MOST_HOURS = 40, 4_200


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the joint table. `country` is one of the five named ones or 其他."""

    region: str
    band: str
    sharing: str
    funding: str
    country: str
    class_code: str
    count: int
    value: int


class Province(NamedTuple):
    """Code, name, region; GDP 2018 in 百亿元 as the weight of its share; first two digits of its postcodes."""

    code: str
    name: str
    region: str
    gdp: int
    postcode: str
    capital: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A province's instruments as numbers, one entry each: cell number, value, effective and external hours."""

    cells: array[int]
    values: array[int]
    effective_hours: array[int]
    external_hours: array[int]

    def __len__(self) -> int:
        return len(self.cells)


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the world's own CSV files."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache(maxsize=1)
def joint_table() -> tuple[Cell, ...]:
    """All cells with at least one instrument."""
    return tuple(
        Cell(
            r["region"],
            r["band"],
            r["sharing"],
            r["funding"],
            r["country"],
            r["class"],
            int(r["count"]),
            int(r["value"]),
        )
        for r in read_table("belt_cells.csv")
    )


@lru_cache(maxsize=1)
def provinces() -> tuple[Province, ...]:
    """The eleven, in the order of their codes."""
    return tuple(
        Province(r["code"], r["name"], r["region"], int(r["gdp"]), r["postcode"], r["capital"])
        for r in read_table("provinces.csv")
    )


@lru_cache(maxsize=8)
def region_lots(region: str, seed: int) -> dict[str, Lot]:
    """Lay out a region's cells as instruments and deal them to its provinces; every printed total is met exactly."""
    rng = Random(f"{seed}|{region}")
    cells = [(number, cell) for number, cell in enumerate(joint_table()) if cell.region == region]
    values = [value for _, cell in cells for value in _cell_values(cell, rng)]
    numbers = [number for number, cell in cells for _ in range(cell.count)]
    external = [cell.sharing == "外部共享" for _, cell in cells for _ in range(cell.count)]
    effective, served = _hours(region, external, rng)
    members = [province for province in provinces() if province.region == region]
    shares: list[list[int]] = [[] for _ in members]
    for row, owner in enumerate(deal(allocate(len(numbers), [member.gdp for member in members]))):
        shares[owner].append(row)
    lots = {}
    for member, rows in zip(members, shares, strict=True):
        rng.shuffle(rows)
        lots[member.code] = Lot(
            array("H", [numbers[row] for row in rows]),
            array("L", [values[row] for row in rows]),
            array("H", [effective[row] for row in rows]),
            array("H", [served[row] for row in rows]),
        )
    return lots


def _cell_values(cell: Cell, rng: Random) -> list[int]:
    """Prices of one cell's instruments, inside its band; their sum is the cell's value."""
    if cell.count == 1:
        return [cell.value]
    low, high = PRICE_BANDS[cell.band]
    mean = (cell.value / cell.count - low) / (high - low)
    return spread(cell.value, [low] * cell.count, [high] * cell.count, max((1 - mean) / mean, 0.2), rng)


def _hours(region: str, external: list[bool], rng: Random) -> tuple[list[int], list[int]]:
    """Effective and external hours of each instrument; only externally shared ones serve others."""
    totals = next(row for row in read_table("regions.csv") if row["region"] == region)
    count = len(external)
    effective = spread(int(totals["effective_hours"]), [FEWEST_HOURS] * count, [MOST_HOURS] * count, 1.9, rng)
    most = [hours if open_to_all else 0 for hours, open_to_all in zip(effective, external, strict=True)]
    least = [min(4, hours) for hours in most]
    return effective, spread(int(totals["external_hours"]), least, most, 2.8, rng)
