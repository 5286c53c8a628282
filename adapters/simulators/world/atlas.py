"""The whole world: eleven provinces, made one by one when first asked for."""

from __future__ import annotations

from array import array

from adapters.simulators.world.belt import Lot, Province, joint_table, provinces, region_lots
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.world.roster import Roster
from adapters.simulators.world.units import make_units, unit_counts

# Of one province in a small world: room for each kind of unit and each kind of hopelessness.
FEWEST_RECORDS = 12


class World:
    """All provinces of one seed. The same arguments give the same world, record by record.

    `records` asks for a small world of about so many good records, a sample of the full one in the same proportions;
    `scale` repeats the full belt so many times with distinct numbers and details. Raises ValueError for both at once
    or for numbers below one.
    """

    def __init__(self, records: int | None = None, scale: int = 1, seed: int = 2019) -> None:
        if scale < 1 or (records is not None and (records < 1 or scale != 1)):
            raise ValueError("ask for records >= 1 or for scale >= 1, not for both")
        self._share = (
            1.0 if records is None else min(1.0, records / sum(cell.count for cell in joint_table()))
        )
        self._scale, self._seed = scale, seed
        self._provinces = {province.code: province for province in provinces()}
        self._made: dict[str, ProvinceWorld] = {}

    @property
    def provinces(self) -> tuple[str, ...]:
        """Codes of the eleven, ascending."""
        return tuple(self._provinces)

    def province(self, code: str) -> ProvinceWorld:
        """The province with this six-digit code; the same object each time. Raises KeyError for any other code."""
        if code not in self._made:
            self._made[code] = self._make(self._provinces[code])
        return self._made[code]

    def _make(self, province: Province) -> ProvinceWorld:
        lot = region_lots(province.region, self._seed)[province.code]
        if self._share < 1:
            lot = sample(lot, max(FEWEST_RECORDS, round(len(lot) * self._share)))
        units = make_units(province, unit_counts(province.code, self._share), self._seed)
        return ProvinceWorld(Roster(province, lot, units, self._scale, self._seed))


def sample(lot: Lot, count: int) -> Lot:
    """The first `count` records; a lot is shuffled, so any stretch of it is a fair sample."""
    parts: list[array[int]] = [
        column[:count] for column in (lot.cells, lot.values, lot.effective_hours, lot.external_hours)
    ]
    return Lot(*parts)
