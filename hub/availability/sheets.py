"""Uploads of local reservations: pasted text, workbooks and calendars become rows. Every limit is checked before reading.

Nothing is kept here; a row that is not understood says so and costs no other row.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar

from adapters.errors import AdapterError
from hub.availability.errors import UploadRefused
from hub.availability.rules import Fault, Row, Slot, check_row, name_rows, read_lines
from hub.availability.rules.lines import LONGEST_LABEL
from hub.core.clock import SHANGHAI

MAX_BYTES = 2_000_000
MAX_ROWS = 2_000
MAX_CALENDAR_BYTES = 500_000
MAX_OCCURRENCES = 400

LONGEST_NAME = 80
NAMING = ("X-INSTRUMENT", "RESOURCES", "CATEGORIES", "LOCATION")
"""Properties of an event that may name the instrument by its number inside the unit, the most telling first."""

WorkbookReader = Callable[[bytes, str], Iterable[list[Any]]]
"""Gives the rows of a workbook's first sheet, guarded: see `hub.wiring`."""

_ZIP = b"PK\x03\x04"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def read_upload(
    content: bytes, filename: str, *, workbooks: WorkbookReader | None, now: datetime
) -> list[Row]:
    """The rows of what was uploaded or pasted, by its content: XLSX, ICS, else text in UTF-8 or GB18030.

    Raises `UploadRefused`: too large, too many rows, not readable.
    """
    if len(content) > MAX_BYTES:
        raise _too_large(f"{MAX_BYTES // 1_000_000} MB")
    if content.startswith(_ZIP):
        if workbooks is None:
            raise UploadRefused("upload_unsupported", "此处不接收 XLSX 文件", "XLSX files are not taken here")
        rows = read_lines(_bounded(_workbook_lines(content, filename, workbooks)), now=now)
    elif content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR":
        rows = name_rows(_bounded(_events(content, now)))
    else:
        rows = read_lines(_bounded(_decoded(content).splitlines()), now=now)
    if not rows:
        raise UploadRefused("upload_empty", "没有读到任何预约", "no reservation was found")
    return rows


def _workbook_lines(content: bytes, filename: str, workbooks: WorkbookReader) -> Iterator[str]:
    """A sheet's rows as lines: its cells in their order."""
    try:
        for cells in workbooks(content, filename):
            yield " ".join(str(cell) for cell in cells if cell is not None)
    except AdapterError as fault:
        raise UploadRefused("upload_unreadable", fault.zh, fault.en) from fault


def _events(content: bytes, now: datetime) -> Iterator[Row]:
    if len(content) > MAX_CALENDAR_BYTES:
        raise _too_large(f"{MAX_CALENDAR_BYTES // 1000} KB")
    try:
        calendar = Calendar.from_ical(content)
        events: list[Any] = calendar.walk("VEVENT")
    except Exception as fault:  # the library meets hostile input here and raises of every kind
        raise UploadRefused(
            "upload_unreadable", "不是有效的 ICS 日历文件", "this is no valid ICS calendar"
        ) from fault
    for number, event in enumerate(events, start=1):
        try:
            yield from _occurrences(event, number, now)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            fault_in_words = Fault(
                "", "not-understood", "事件的起止时间读不懂", "start or end of the event cannot be read"
            )
            yield Row(number, _text(event), fault=fault_in_words)


def _occurrences(event: Any, number: int, now: datetime) -> Iterator[Row]:
    """An event's times; cancelled and transparent ones take nobody's time."""
    if (
        str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    ):
        return
    start = _instant(event["DTSTART"].dt)
    end = _end(event, start)
    uid = str(event.get("UID", ""))[:120]
    label = _text(event)[:LONGEST_LABEL] or None
    names = _names(event)
    try:
        starts = _repeated(event, start, now)
    except UnsupportedRule:
        words = Fault(
            "",
            "repeat-unsupported",
            "重复规则不支持，请导出为单个事件",
            "this repetition is not supported; export single events",
        )
        yield Row(number, _text(event), fault=words)
        return
    for begin in starts:
        key = f"{uid}@{begin:%Y%m%dT%H%M}" if uid else ""
        row = Row(number, _text(event), Slot(begin, begin + (end - start)), None, label, key, names=names)
        yield check_row(row)


class UnsupportedRule(ValueError):
    """A repetition beyond every so many days or weeks."""


def _repeated(event: Any, start: datetime, now: datetime) -> list[datetime]:
    rule = event.get("RRULE")
    if rule is None:
        return [start]
    if isinstance(rule, list) or set(rule) - {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}:
        raise UnsupportedRule
    weekday = _DAYS[start.astimezone(SHANGHAI).weekday()]
    if rule["FREQ"] not in (["DAILY"], ["WEEKLY"]) or [str(day) for day in rule.get("BYDAY", [weekday])] != [
        weekday
    ]:
        raise UnsupportedRule
    period = timedelta(days=(7 if rule["FREQ"] == ["WEEKLY"] else 1) * int(rule.get("INTERVAL", [1])[0]))
    if period <= timedelta(0):
        raise UnsupportedRule
    until = _instant(rule["UNTIL"][0]) if "UNTIL" in rule else now + timedelta(days=MAX_OCCURRENCES)
    count = min(int(rule.get("COUNT", [MAX_OCCURRENCES])[0]), MAX_OCCURRENCES)
    skipped = _exceptions(event)
    times = (start + period * number for number in range(count))
    return [at for at in times if at <= until and at not in skipped]


def _exceptions(event: Any) -> set[datetime]:
    told = event.get("EXDATE", [])
    return {_instant(one.dt) for part in (told if isinstance(told, list) else [told]) for one in part.dts}


def _end(event: Any, start: datetime) -> datetime:
    if "DTEND" in event:
        return _instant(event["DTEND"].dt)
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return start + length
    return start + timedelta(days=0 if isinstance(event["DTSTART"].dt, datetime) else 1)


def _instant(told: date | datetime) -> datetime:
    """A floating time is one in Shanghai; a date begins at midnight."""
    if not isinstance(told, datetime):
        told = datetime.combine(told, time(), SHANGHAI)
    return (told if told.tzinfo is not None else told.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def _names(event: Any) -> tuple[tuple[str, ...], ...]:
    """What may say which instrument an event is for: our own property, the resources, the categories, the place."""
    groups = (tuple(_values(event, name)) for name in NAMING)
    return tuple(group for group in groups if group)


def _values(event: Any, name: str) -> Iterator[str]:
    told = event.get(name, [])
    for part in told if isinstance(told, list) else [told]:
        texts = (
            part.cats if hasattr(part, "cats") else str(part).split(",") if name == "RESOURCES" else [part]
        )
        for text in texts:
            plain = " ".join(str(text).replace("\0", "").split())[:LONGEST_NAME]
            if plain:
                yield plain


def _text(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).replace("\0", "").split())[:200]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # UTF-16 read as something else, or no text at all
            return text
    raise UploadRefused(
        "upload_unreadable", "文字编码须为 UTF-8 或 GB18030", "the text must be in UTF-8 or GB18030"
    )


def _bounded(rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            raise _too_large(f"{MAX_ROWS} 行 rows")
        yield row


def _too_large(most: str) -> UploadRefused:
    return UploadRefused(
        "upload_too_large",
        f"内容超过上限（{most}），请分几次上传",
        f"this is more than {most}; upload it in parts",
        413,
    )
