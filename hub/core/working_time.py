"""Working time of the provinces: statutory holidays, make-up days (调休) and office hours as dated data.

Pure. Sources of the days are the State Council's yearly notices, named row by row in `data/holidays.csv`; a year
without a notice is treated by weekday, and `is_published` says so. All results are aware instants in UTC.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from hub.core.clock import SHANGHAI

DayKind = Literal["workday", "weekend", "holiday", "make_up"]
_LONGEST_SEARCH = timedelta(days=800)


class Day(NamedTuple):
    """What kind of day it is, and the name of the holiday it is or makes up for."""

    kind: DayKind
    zh: str = ""
    en: str = ""
    source: str = ""

    @property
    def is_working(self) -> bool:
        """Whether offices are open: ordinary working days and make-up days."""
        return self.kind in {"workday", "make_up"}


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """A province's hours from a day on; `answer_days` is how many working days an answer may take."""

    province: str
    valid_from: date
    hours: tuple[tuple[time, time], ...]
    answer_days: int
    source: str

    @property
    def begins(self) -> time:
        """When the office opens."""
        return self.hours[0][0]

    @property
    def ends(self) -> time:
        """When the office closes for the day."""
        return self.hours[-1][1]


def day(on: date) -> Day:
    """What kind of day it is in the whole country; by weekday in a year that has no notice yet."""
    told = _days().get(on)
    if told is not None:
        return told
    return Day("weekend" if on.weekday() >= 5 else "workday")


def is_published(year: int) -> bool:
    """Whether the State Council's notice for this year is in the data; before that its days go by weekday."""
    return year in _years()


def office_hours(province: str, on: date) -> OfficeHours:
    """The hours in force in the province on that day; its own row, else the default one."""
    rows = [row for row in _offices() if row.province == province and row.valid_from <= on]
    rows = rows or [row for row in _offices() if row.province == "*"]
    return max(rows, key=lambda row: row.valid_from)


def answer_days(province: str, at: datetime) -> int:
    """How many working days the province's stations have for an answer to what arrives at `at`."""
    return office_hours(province, _local(at).date()).answer_days


def due(province: str, start: datetime, days: int | None = None) -> datetime:
    """The end of the last of `days` whole working days after `start`; None takes the province's answer time.

    The day on which something arrives does not count (民法典 第二百零一条: the day on which a period begins is left
    out), and a period ends at the office's closing hour. `days` = 0 means before the office next closes.
    """
    if start.tzinfo is None:
        raise ValueError(f"a naive datetime: {start!r}")
    wanted = answer_days(province, start) if days is None else days
    if wanted < 0:
        raise ValueError("working days are counted forward")
    if wanted == 0:
        return _next_closing(province, start)
    later = (on for on in _days_from(_local(start).date() + timedelta(days=1)) if day(on).is_working)
    for _ in range(wanted - 1):
        next(later)
    on = next(later)
    return _instant(on, office_hours(province, on).ends)


def due_on(start: date, days: int) -> date:
    """The date that is `days` working days after `start`, which does not count: due dates of entrusted tests."""
    later = (on for on in _days_from(start + timedelta(days=1)) if day(on).is_working)
    for _ in range(days - 1):
        next(later)
    return next(later)


def _next_closing(province: str, start: datetime) -> datetime:
    for on in _days_from(_local(start).date()):
        closing = _instant(on, office_hours(province, on).ends)
        if day(on).is_working and closing > start:
            return closing
    raise ValueError("too far ahead")  # pragma: no cover - the days never end


def _days_from(on: date) -> Iterator[date]:
    for number in range(_LONGEST_SEARCH.days * 10):
        yield on + timedelta(days=number)


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, SHANGHAI).astimezone(UTC)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("hub.core").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), strict=True))


@cache
def _days() -> dict[date, Day]:
    kinds: dict[str, DayKind] = {"holiday": "holiday", "workday": "make_up"}
    return {
        date.fromisoformat(row["date"]): Day(kinds[row["kind"]], row["zh"], row["en"], row["source"])
        for row in _rows("holidays")
    }


@cache
def _years() -> frozenset[int]:
    return frozenset(on.year for on in _days())


@cache
def _offices() -> tuple[OfficeHours, ...]:
    return tuple(
        OfficeHours(
            row["province"],
            date.fromisoformat(row["valid_from"]),
            tuple(_hours(row[column]) for column in ("morning", "afternoon")),
            int(row["answer_days"]),
            row["source"],
        )
        for row in _rows("working_hours")
    )


def _hours(text: str) -> tuple[time, time]:
    begin, end = text.split("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
