"""Reading a world's change log from an instant on, for platforms that answer questions about time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from adapters.simulators.world.model import Change
from adapters.simulators.world.province import ProvinceWorld

_STEP = 500


def changes_since(world: ProvinceWorld, instant: datetime | None, after: int = 0) -> Iterator[Change]:
    """Changes at `instant` or later with a number above `after`, oldest first, tombstones included."""
    position = max(after, 0 if instant is None else _before(world, instant))
    while batch := world.changes(position, _STEP):
        yield from batch
        position = batch[-1].sequence


def _before(world: ProvinceWorld, instant: datetime) -> int:
    """The largest number after which no change is older than `instant`; numbers and times rise together."""
    low, high = 0, world.last_sequence
    while low < high:
        middle = (low + high) // 2
        found = world.changes(middle, 1)
        if found and found[0].modified < instant:
            low = found[0].sequence
        else:
            high = middle
    return low
