"""How much one transaction may write: as much as fits into the time for which the write lock may be held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOCK_SECONDS = 0.015
"""What a page transaction aims at; others must never wait longer than 25 ms for the write lock of SQLite."""

FEWEST, MOST = 40.0, 1000.0


@dataclass(slots=True)
class Tempo:
    """Mapped records that go into the next transaction, learnt from how long the ones before took."""

    rows: float = 160.0

    def cut(self, weights: Sequence[float], start: int) -> int:
        """The end of the piece that begins at `start`: at least one, at most what fits.

        What is left is cut evenly, because every transaction has its price: not two full ones and a crumb.
        """
        left = sum(weights[start:])
        share = left / max(1, math.ceil(left / self.rows))
        held = 0.0
        for place in range(start, len(weights)):
            held += weights[place]
            if held >= share:
                return place + 1
        return len(weights)

    def learn(self, rows: float, seconds: float) -> None:
        """Note a transaction. Small ones say little: their time is that of the statements, not of the rows."""
        if rows < FEWEST / 2 or seconds <= 0:
            return
        fits = rows * LOCK_SECONDS / seconds
        self.rows = min(MOST, max(FEWEST, (self.rows + fits) / 2))
