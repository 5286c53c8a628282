"""Cells: how a time is cut for the guard. Pure."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hub.availability.rules.slots import STEPS, Slot

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Grid(NamedTuple):
    """The grid of one instrument; a cell is whole `minutes` since 1970 in UTC."""

    instrument_id: str
    minutes: int

    def cells(self, slot: Slot) -> range:
        """The cells that a slot touches; one that is not on the grid takes the begun cells whole."""
        length = timedelta(minutes=self.minutes)
        return range((slot.start - _EPOCH) // length, -((_EPOCH - slot.end) // length))

    def start_of(self, cell: int) -> datetime:
        """When the cell begins."""
        return _EPOCH + cell * timedelta(minutes=self.minutes)

    def slot_of(self, cell: int) -> Slot:
        """The time that the cell covers."""
        return Slot(self.start_of(cell), self.start_of(cell + 1))

    def outline(self, slot: Slot) -> Slot:
        """The slot with its begun cells whole."""
        cells = self.cells(slot)
        return Slot(self.start_of(cells[0]), self.start_of(cells[-1] + 1))


def step_for(slot: Slot, coarsest: int) -> int:
    """The longest cells, at most `coarsest` minutes, on which the slot lies; the shortest where it lies on none."""
    fitting = [
        step
        for step in STEPS
        if step <= coarsest and not any((at - _EPOCH) % timedelta(minutes=step) for at in slot)
    ]
    return max(fitting, default=STEPS[0])
