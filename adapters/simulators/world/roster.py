"""One province's unchanging truth: its units, its good records and its hopeless ones, each made when asked for.

Order of the list: good records in a mixed order, with one hopeless record after every `stride` good ones.
"""

from __future__ import annotations

from bisect import bisect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from adapters.simulators.world.belt import Lot, Province, joint_table
from adapters.simulators.world.instruments import make_instrument, make_survey_row, read_number, write_number
from adapters.simulators.world.model import (
    DUPLICATE_NUMBER,
    HOPELESS_REASONS,
    IMPOSSIBLE_VALUE,
    MISSING_NUMBER,
    UNKNOWN_CLASS,
    Hopeless,
    Instrument,
    SurveyRow,
    Unit,
)
from adapters.simulators.world.units import people

CHINA = timezone(timedelta(hours=8))
EPOCH = datetime(2026, 10, 8, 8, 0, 0, tzinfo=CHINA)
BURST, GAP = 23, 7  # 23 records are written within three seconds, then the platform rests for a few
BLOCK = 256
KEPT_BLOCKS = 16
# First digits that no classification scheme of the specification uses.
UNKNOWN_CODES = ("880101", "770203", "660500", "550102")
ABSURD_VALUE = 9_999_999_999  # 99,999,999.99 万元
# Whose instruments are bought from which money; the belt's funding column decides, this only picks owners.
OWNERS = {
    "中央财政资金": {"高校": 60, "科研院所": 38, "企业": 2},
    "地方财政资金": {"高校": 50, "科研院所": 40, "企业": 10},
    "单位自有资金": {"高校": 35, "科研院所": 20, "企业": 45},
    "其他资金": {"高校": 40, "科研院所": 30, "企业": 30},
}

Item = TypeVar("Item")


class Blocks(Generic[Item]):
    """Makes records in blocks of fixed size and keeps them; bounded when the world is larger than memory should hold.

    Every block is made whole and from its own random numbers, so a record is the same whatever was read before it.
    """

    def __init__(self, make: Callable[[int, Random], Item], total: int, *, name: str, bounded: bool) -> None:
        self._make, self._total, self._name, self._bounded = make, total, name, bounded
        self._kept: OrderedDict[int, list[Item]] = OrderedDict()

    def at(self, index: int) -> Item:
        """Record number `index`, from 0 to total − 1."""
        number, place = divmod(index, BLOCK)
        block = self._kept.get(number)
        if block is None:
            block = self._kept[number] = self._made(number)
            if self._bounded and len(self._kept) > KEPT_BLOCKS:
                self._kept.popitem(last=False)
        return block[place]

    def __len__(self) -> int:
        """How many blocks are held now."""
        return len(self._kept)

    def _made(self, number: int) -> list[Item]:
        rng = Random(f"{self._name}|{number}")
        start = number * BLOCK
        return [self._make(index, rng) for index in range(start, min(start + BLOCK, self._total))]


class Roster:
    """Random access to a province's records. `good` counts good records, `total` all of them."""

    def __init__(self, province: Province, lot: Lot, units: tuple[Unit, ...], scale: int, seed: int) -> None:
        self.province, self.units, self.good = province, units, len(lot) * scale
        self._lot = lot
        self.stride = 100 if self.good >= 400 else max(1, self.good // len(HOPELESS_REASONS))
        self.hopeless_count = self.good // self.stride
        self.total = self.good + self.hopeless_count
        self._people = [people(unit, number, seed) for number, unit in enumerate(units)]
        self._owners = assign_owners(lot, units, Random(f"{seed}|owners|{province.code}"))
        bounded = scale > 1
        name = f"{seed}|{province.code}"
        self._instruments = Blocks(self._make_good, self.good, name=f"{name}|instruments", bounded=bounded)
        self._rows = Blocks(self._make_row, self.good, name=f"{name}|survey", bounded=bounded)

    def instrument(self, index: int) -> Instrument:
        """Good record number `index`."""
        return self._instruments.at(index)

    def survey_row(self, index: int) -> SurveyRow:
        """What the survey says of good record number `index`."""
        return self._rows.at(index)

    def at(self, position: int) -> Instrument:
        """The record at a place of the list, good or hopeless."""
        block, place = divmod(position, self.stride + 1)
        return (
            self.hopeless(block).instrument
            if place == self.stride
            else self.instrument(block * self.stride + place)
        )

    def position(self, index: int) -> int:
        """Where good record number `index` stands in the list."""
        return index + index // self.stride

    def is_hopeless(self, position: int) -> bool:
        return position % (self.stride + 1) == self.stride

    def index_of(self, position: int) -> int:
        """The good record's number at a place of the list."""
        return position - position // (self.stride + 1)

    def find(self, key: str) -> int | None:
        """The place in the list of the record with this key; a duplicate's key finds the good record."""
        index = read_number(key.rpartition("|")[2])
        if index is None or not 0 <= index < self.total:
            return None
        position = self.position(index) if index < self.good else self._hopeless_position(index - self.good)
        return position if self.at(position).key == key else None

    def _hopeless_position(self, number: int) -> int:
        return number * (self.stride + 1) + self.stride

    def hopeless(self, number: int) -> Hopeless:
        """Hopeless record number `number`; it stands right after the good record it was made from."""
        base = self.instrument((number + 1) * self.stride - 1)
        reason = HOPELESS_REASONS[(number + int(self.province.code[:2])) % len(HOPELESS_REASONS)]
        marker = f"HX{self.province.code[:2]}{number:05d}"
        fresh = write_number(base.unit, base.commissioned_on.year, self.good + number)
        record = replace(base, internal_number=fresh, model=f"{base.model} {marker}", dirt=())
        if reason == UNKNOWN_CLASS:
            record = replace(
                record, class_code=UNKNOWN_CODES[number % len(UNKNOWN_CODES)], class_name="未列入的仪器"
            )
        elif reason == MISSING_NUMBER:
            record = replace(record, internal_number="")
        elif reason == IMPOSSIBLE_VALUE:
            record = replace(
                record, value=ABSURD_VALUE if number // len(HOPELESS_REASONS) % 2 else -base.value
            )
        elif reason == DUPLICATE_NUMBER:
            record = replace(
                record,
                internal_number=base.internal_number,
                name=f"{base.name}（二期）",
                value=base.value + 1,
            )
        return Hopeless(reason, record, marker)

    def modified(self, position: int) -> datetime:
        """When the record at this place was last written; rises along the list, many share a second."""
        if self.is_hopeless(position):
            position -= 1
        burst, place = divmod(position, BURST)
        return EPOCH + timedelta(seconds=burst * GAP + place // 9)

    def first_since(self, instant: datetime) -> int:
        """The first place of the list written at `instant` or later."""
        low, high = 0, self.total
        while low < high:
            middle = (low + high) // 2
            if self.modified(middle) < instant:
                low = middle + 1
            else:
                high = middle
        return low

    def _make_good(self, index: int, rng: Random) -> Instrument:
        base = index % len(self._lot)
        owner = self._owners[base]
        cell = joint_table()[self._lot.cells[base]]
        return make_instrument(
            self.units[owner],
            self._people[owner],
            cell=cell,
            value=self._lot.values[base],
            index=index,
            modified=self.modified(self.position(index)),
            rng=rng,
        )

    def _make_row(self, index: int, rng: Random) -> SurveyRow:
        base = index % len(self._lot)
        cell = joint_table()[self._lot.cells[base]]
        hours = (self._lot.effective_hours[base], self._lot.external_hours[base])
        return make_survey_row(self.instrument(index), cell=cell, hours=hours, rng=rng)


def assign_owners(lot: Lot, units: Sequence[Unit], rng: Random) -> list[int]:
    """An owner for each record: every unit gets at least one; the rest go by who is likely to buy from that money."""
    cells = joint_table()
    waiting: dict[str, list[int]] = {funding: [] for funding in OWNERS}
    for row in range(len(lot)):
        waiting[cells[lot.cells[row]].funding].append(row)
    owners = [-1] * len(lot)
    for number, unit in enumerate(units):
        likely = sorted((-shares[unit.kind], funding) for funding, shares in OWNERS.items())
        funding = next(name for _, name in likely if waiting[name])
        owners[waiting[funding].pop()] = number
    for funding, rows in waiting.items():
        pick = _picker(units, OWNERS[funding], rng)
        for row in rows:
            owners[row] = pick()
    return owners


def _picker(units: Sequence[Unit], shares: dict[str, int], rng: Random) -> Callable[[], int]:
    """Draws a unit: kinds by their shares, within a kind a few large owners and many small ones."""
    sizes: list[float] = []
    seen = dict.fromkeys(shares, 0)
    for unit in units:
        seen[unit.kind] += 1
        sizes.append(1 / (seen[unit.kind] + 4))
    sums = {kind: sum(s for s, u in zip(sizes, units, strict=True) if u.kind == kind) for kind in shares}
    weights = list(accumulate(s * shares[u.kind] / sums[u.kind] for s, u in zip(sizes, units, strict=True)))
    return lambda: min(bisect(weights, rng.random() * weights[-1]), len(units) - 1)


def every(roster: Roster) -> Iterator[tuple[Instrument, SurveyRow]]:
    """All good records with their survey rows, in order."""
    for index in range(roster.good):
        yield roster.instrument(index), roster.survey_row(index)
