"""Drawing a sample that anybody can draw again: by criteria and a seed, without any state of a random generator.

Every candidate gets the SHA-256 of seed and identifier; the smallest are drawn. So the same seed gives the same sample on
any machine and in any order of reading, and nobody who does not know the seed can tell beforehand what will be drawn.
"""

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

MOST_DRAWN = 200
MOST_SEED = 64


@dataclass(frozen=True, slots=True)
class Criteria:
    """What lines a sample is drawn from. Only what a line never changes is asked for, so that the answer stays the same.

    `first` and `end` (without it) are days in Shanghai on which a line was rated; provinces are six digits; `least_fen` and
    `most_fen` bound the fee; `has_voucher` asks for lines that a voucher pays a share of.
    """

    first: date | None = None
    end: date | None = None
    visited: str | None = None
    home: str | None = None
    programme_id: str | None = None
    institution_id: str | None = None
    least_fen: int | None = None
    most_fen: int | None = None
    has_voucher: bool = False

    def as_document(self) -> dict[str, Any]:
        """What was asked for, without what was not."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in told.items()
            if value not in (None, False)
        }


def criteria_of(document: dict[str, Any]) -> Criteria:
    """The criteria that `as_document` told."""
    told: dict[str, Any] = dict(document)
    for name in {"first", "end"} & told.keys():
        told[name] = date.fromisoformat(told[name])
    return Criteria(**told)


def rank(seed: str, line_id: int) -> bytes:
    """Where a line stands in the drawing."""
    return hashlib.sha256(f"{seed}\n{line_id}".encode()).digest()


def draw(seed: str, line_ids: Iterable[int], size: int) -> list[int]:
    """The first `size` of the lines in the order of drawing; memory grows with `size` only."""
    return heapq.nsmallest(size, line_ids, key=lambda line_id: rank(seed, line_id))
