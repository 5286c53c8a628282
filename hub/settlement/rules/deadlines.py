"""How many days somebody has to pay or to sign: dated data with its source (`data/deadlines.csv`), read in one place.

Whatever begins while a row is in force keeps it: a later row is for later orders and documents only.
"""

import csv
import io
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from hub.core import working_time
from hub.core.clock import SHANGHAI

Name = Literal["pay_after_service", "pay_before_service", "sign_document"]

TABLE = Path(__file__).parents[1] / "data" / "deadlines.csv"


class Deadline(NamedTuple):
    """So many working or calendar days, in a province (`*`: in all that have no row of their own), from a day on."""

    name: str
    province: str
    valid_from: date
    days: int
    counted: str
    grade: str
    source: str

    def on(self, start: date) -> date:
        """The last day, counted from `start`, which is left out."""
        if self.counted == "working":
            return working_time.due_on(start, self.days)
        return start + timedelta(days=self.days)

    def after(self, start: datetime) -> datetime:
        """The last instant, at the hour of `start`. Raises ValueError for one in working days: those have no hours."""
        if self.counted != "calendar":
            raise ValueError(f"{self.name} is counted in {self.counted} days")
        return start + timedelta(days=self.days)


def deadline_of(name: Name, province: str, begun: date | datetime) -> Deadline:
    """The deadline for what was begun (ordered, issued) then; an instant means its day in Beijing.

    The province's own row before the one for all, of those the newest in force. Raises LookupError where there is none.
    """
    day = begun.astimezone(SHANGHAI).date() if isinstance(begun, datetime) else begun
    in_force = [row for row in _rows(TABLE) if row.name == name and row.valid_from <= day]
    for place in (province, "*"):
        mine = [row for row in in_force if row.province == place]
        if mine:
            return max(mine, key=lambda row: row.valid_from)
    raise LookupError(f"no deadline {name} in {province} on {day}")


@cache
def _rows(table: Path) -> tuple[Deadline, ...]:
    """The table as it is. Raises ValueError for a row that cannot be meant."""
    found = []
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8")), strict=True):
        days = int(row["days"])
        if days < 1 or row["counted"] not in {"working", "calendar"} or not row["source"]:
            raise ValueError(f"deadlines: {row}")
        made = (row["name"], row["province"], date.fromisoformat(row["valid_from"]), days)
        found.append(Deadline(*made, row["counted"], row["grade"], row["source"]))
    if len({row[:3] for row in found}) != len(found):
        raise ValueError("deadlines: two rows begin on one day")
    return tuple(found)
