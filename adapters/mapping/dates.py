"""Dates and instants in the styles forms use. A date that does not exist is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.mapping.text import fold_text
from adapters.mapping.unfit import Unfit, shown

Function = Callable[[Any], Any]

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TIME = r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)"
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "iso": re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"),
    "slash": re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"),
    "dot": re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"),
    "compact": re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
    "zh": re.compile(r"([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]"),
    "datetime": re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}"),
    "month": re.compile(r"([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?月?"),
    "year": re.compile(r"([0-9]{4}) ?年?"),
}
FORMATS: tuple[str, ...] = (*_PATTERNS, "excel")
DEFAULT_FORMATS: tuple[str, ...] = ("iso", "slash", "dot", "compact", "zh", "datetime")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_YEARS = range(1900, 2100)


def bad_date(value: Any, code: str = "bad-date") -> Unfit:
    """The value is no date, or a date that does not exist."""
    return Unfit(
        code,
        f"不是有效日期：「{shown(value)}」；请写 YYYY-MM-DD",
        f"is no existing date: “{shown(value)}”; write YYYY-MM-DD",
        value,
    )


def read_date(value: Any, formats: tuple[str, ...] = DEFAULT_FORMATS) -> date:
    """The date written in one of the formats, 1900–2099. Raises `Unfit`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad_date(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    if "excel" in formats and (serial := _excel_serial(value)) is not None:
        return serial
    text = fold_text(str(value)).replace("：", ":").strip()
    for name in formats:
        pattern = _PATTERNS.get(name)
        found = pattern.fullmatch(text) if pattern is not None else None
        if found is None:
            continue
        year, month, day = (int(part) for part in (*found.groups(), "1", "1")[:3])
        try:
            made = date(year, month, day)
        except ValueError:
            raise bad_date(value) from None
        if made.year not in _YEARS:
            raise bad_date(value)
        return made
    raise bad_date(value)


def _excel_serial(value: Any) -> date | None:
    """Days since 1899-12-30, as spreadsheets count them; the time of day is cut off."""
    try:
        days = int(float(value))
    except ValueError:
        return None
    return _EXCEL_DAY_ZERO + timedelta(days=days) if 61 <= days <= 73_050 else None


def date_function(formats: tuple[str, ...]) -> Function:
    """`YYYY-MM-DD`."""

    def apply(value: Any) -> Any:
        return read_date(value, formats).isoformat()

    return apply


def read_instant(value: Any, zone: ZoneInfo = SHANGHAI, unit: str = "s") -> datetime:
    """An aware instant from text (offset as written, otherwise in `zone`) or from epoch seconds or milliseconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad_date(value, "bad-instant")
    try:
        if isinstance(value, int | float) or (value.isdecimal() and len(value) != 8):
            return datetime.fromtimestamp(float(value) / (1000 if unit == "ms" else 1), UTC)
        text = fold_text(value).replace("/", "-").strip()
        made = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise bad_date(value, "bad-instant") from None
    if made.year not in _YEARS:
        raise bad_date(value, "bad-instant")
    return made if made.tzinfo is not None else made.replace(tzinfo=zone)


def instant_function(zone: str, unit: str) -> Function:
    """RFC 3339 with offset."""
    place = ZoneInfo(zone)

    def apply(value: Any) -> Any:
        return read_instant(value, place, unit).isoformat()

    return apply


def year(value: Any) -> Any:
    """A four-digit year of 1900–2099, also out of a date or `2025年度`."""
    text = str(value)
    found = _YEAR.findall(text) if not isinstance(value, bool) else []
    if len(found) != 1:
        compact = re.fullmatch(r"((?:19|20)[0-9]{2})[0-9]{4}", text)
        if compact is None:
            raise bad_date(value)
        return int(compact.group(1))
    return int(found[0])
