"""Reservations as people write them down: one a line, a day with two times. Pure.

`2026-03-09 09:00-11:00 课题组`, `3月9日（周一）9:00～11:00`, `EM-001 2026/3/9 22:00 2026/3/10 2:00 夜间` are understood. What stands
before the day is the instrument's number inside its unit, what stands behind the times is a note.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from unicodedata import normalize

from hub.availability.rules.faults import Fault
from hub.availability.rules.slots import LONGEST_MINUTES, Slot
from hub.core.clock import SHANGHAI

LONGEST_LINE = 300
LONGEST_LABEL = 60
_LONG_AGO = timedelta(days=180)
"""A day without a year that lies longer ago than this is meant for next year."""

_DAY = r"(?:(?P<year{0}>20[0-9]{{2}})[-/.年])?(?P<month{0}>[01]?[0-9])[-/.月](?P<day{0}>[0-3]?[0-9])日?"
_WEEKDAY = r"(?:\s*[(（]?(?:周|星期)[一二三四五六日天][)）]?)?"
_TIME = r"(?P<hour{0}>[0-2]?[0-9])[:：](?P<minute{0}>[0-5][0-9])(?:[:：]00)?"
_LINE = re.compile(
    rf"^(?P<instrument>.*?)(?<![0-9])(?:{_DAY.format(1)}){_WEEKDAY}[\sT]*{_TIME.format(1)}"
    rf"\s*[-–—~～至到,，]?\s*(?:(?:{_DAY.format(2)}){_WEEKDAY}[\sT]*)?{_TIME.format(2)}(?![0-9:：])(?P<label>.*)$"
)
_EDGES = " \t,，;；|、"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what was pasted or uploaded: a time with its note, or what is wrong with the line.

    `number` counts from 1 as the person sees it. `key` names the reservation at its source, so that the same line sent
    again is the same reservation. `names` are texts of a calendar's event that may be an instrument's number, in groups,
    the most telling first.
    """

    number: int
    text: str
    slot: Slot | None = None
    instrument: str | None = None
    label: str | None = None
    key: str = ""
    fault: Fault | None = None
    names: tuple[tuple[str, ...], ...] = ()


def instrument_named(names: Iterable[tuple[str, ...]], numbers: Iterable[str]) -> list[str]:
    """The numbers that the first group with a known one names: one, or several that contradict; none when nothing fits.

    Only a whole text counts, whatever its case and width: a room that happens to hold a number's digits names nothing.
    """
    known = {_plain(number): number for number in numbers}
    for group in names:
        found = {known[_plain(text)] for text in group if _plain(text) in known}
        if found:
            return sorted(found)
    return []


def _plain(text: str) -> str:
    return "".join(normalize("NFKC", text).casefold().split())


def read_lines(lines: Iterable[str], *, now: datetime) -> list[Row]:
    """The rows of a text; empty lines, comments (`#`) and a heading without a time are passed over."""
    return name_rows(_rows(lines, now))


def name_rows(rows: Iterable[Row]) -> list[Row]:
    """Rows with keys: those that have none are named by their time, the second of the same time by its place."""
    named: list[Row] = []
    seen: dict[tuple[str | None, str], int] = {}
    for row in rows:
        if row.slot is None or row.key:
            named.append(row)
            continue
        key = "/".join(at.astimezone(UTC).strftime("%Y%m%dT%H%M") for at in row.slot)
        count = seen[(row.instrument, key)] = seen.get((row.instrument, key), 0) + 1
        named.append(replace(row, key=key if count == 1 else f"{key}#{count}"))
    return named


def _rows(lines: Iterable[str], now: datetime) -> Iterator[Row]:
    is_first = True
    for number, line in enumerate(lines, start=1):
        text = line.strip(_EDGES + "\ufeff\r\n")
        if not text or text.startswith("#"):
            continue
        row = read_line(text, number, now=now)
        if is_first and row.fault is not None and not re.search(r"[0-9][:：][0-9]", text):
            is_first = False
            continue
        is_first = False
        yield row


def read_line(text: str, number: int, *, now: datetime) -> Row:
    """One line; a row with a fault when it is not understood."""
    shown = text[:LONGEST_LINE]
    if len(text) > LONGEST_LINE:
        return Row(number, shown, fault=Fault("", "too-long", "这一行过长", "the line is too long"))
    found = _LINE.match(re.sub(r"\s+", " ", text))
    if found is None:
        return Row(
            number,
            shown,
            fault=Fault("", "not-understood", "未读出日期和起止时间", "no day with two times in it"),
        )
    try:
        start = _instant(found, 1, now)
        end = _instant(found, 2, now) if found["month2"] else _same_day(found, start)
    except ValueError:
        return Row(
            number, shown, fault=Fault("", "no-such-time", "日期或时间不存在", "there is no such day or time")
        )
    label = found["label"].strip(_EDGES)[:LONGEST_LABEL] or None
    instrument = found["instrument"].strip(_EDGES) or None
    return check_row(Row(number, shown, Slot(start, end), instrument, label))


def check_row(row: Row) -> Row:
    """The row with a fault when its time cannot be a reservation."""
    slot = row.slot
    if slot is None:
        return row
    if slot.end <= slot.start:
        return replace(
            row, slot=None, fault=Fault("", "order", "结束须晚于开始", "the end must be after the start")
        )
    if slot.minutes > LONGEST_MINUTES:
        return replace(
            row, slot=None, fault=Fault("", "too-long", "时段超过 14 天", "the time is longer than 14 days")
        )
    return row


def _instant(found: re.Match[str], part: int, now: datetime) -> datetime:
    month, day = int(found[f"month{part}"]), int(found[f"day{part}"])
    year = found[f"year{part}"]
    on = date(int(year), month, day) if year else _nearest(month, day, now.astimezone(SHANGHAI).date())
    return _at(on, int(found[f"hour{part}"]), int(found[f"minute{part}"]))


def _same_day(found: re.Match[str], start: datetime) -> datetime:
    return _at(start.astimezone(SHANGHAI).date(), int(found["hour2"]), int(found["minute2"]))


def _nearest(month: int, day: int, today: date) -> date:
    on = date(today.year, month, day)
    return date(today.year + 1, month, day) if today - on > _LONG_AGO else on


def _at(on: date, hour: int, minute: int) -> datetime:
    """Raises ValueError for a time that is none; 24:00 is the end of the day."""
    if (hour, minute) == (24, 0):
        on, hour = on + timedelta(days=1), 0
    return datetime.combine(on, time(hour, minute), SHANGHAI).astimezone(UTC)
