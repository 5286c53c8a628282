"""How long files and papers are kept: `data/retention.csv`, each with the text that it stands on. Pure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from hub.core.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Retention:
    """One rule. `is_from_year_end`: counted from the first day after the year of the event, else from the event itself."""

    what: str
    years: int
    days: int
    is_from_year_end: bool
    grade: str
    source: str
    zh: str
    en: str

    def before(self, now: datetime) -> datetime:
        """What happened before this instant is not kept any more."""
        here = now.astimezone(SHANGHAI)
        if self.is_from_year_end:
            return datetime(here.year - self.years, 1, 1, tzinfo=SHANGHAI)
        day = min(here.day, 28) if here.month == 2 else here.day
        return here.replace(year=here.year - self.years, day=day) - timedelta(days=self.days)


@cache
def retention() -> Mapping[str, Retention]:
    """The rules by what they are about."""
    text = files("hub.settlement").joinpath("data/retention.csv").read_text(encoding="utf-8")
    return {
        row["what"]: Retention(
            row["what"],
            int(row["years"]),
            int(row["days"]),
            row["counted_from"] == "year_end",
            row["grade"],
            row["source"],
            row["zh"],
            row["en"],
        )
        for row in csv.DictReader(io.StringIO(text))
    }
