"""Booking rules of instruments that have none of their own: dated data per province, and said to be so."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from hub.availability.rules.reading import WEEKDAYS, read_rules
from hub.availability.rules.slots import BookingRules, Source

_NUMBERS = ("step_minutes", "min_minutes", "max_minutes", "lead_minutes", "horizon_days", "cancel_minutes")
_TERMS = ("late_cancel_percent", "no_show_grace_minutes", "no_show_percent", "confirm_days")


@cache
def default_rules(province: str, on: date) -> BookingRules:
    """The rules in force on that day for instruments of the province without their own.

    Monday to Friday in office hours, closed on statutory holidays, open on make-up days.
    """
    rows = [row for row in _rows() if row["province"] == province and row["valid_from"] <= on.isoformat()]
    rows = rows or [row for row in _rows() if row["province"] == "*"]
    newest = max(rows, key=lambda row: row["valid_from"])
    return _rules(newest["province"], newest["valid_from"])


def rules_of(
    document: Mapping[str, Any], province: str, on: date, *, version: int, source: Source
) -> BookingRules:
    """The kept rules of an instrument of the province; terms that they do not name are the defaults in force."""
    terms = {**default_rules(province, on).document["terms"], **document.get("terms", {})}
    return read_rules({**document, "terms": terms}, version=version, source=source)


@cache
def _rules(province: str, valid_from: str) -> BookingRules:
    row = next(row for row in _rows() if (row["province"], row["valid_from"]) == (province, valid_from))
    hours = [dict(zip(("from", "to"), text.split("-"), strict=True)) for text in row["opening"].split("|")]
    document: dict[str, Any] = {
        "opening": dict.fromkeys(WEEKDAYS[:5], hours),
        "open_on_holidays": False,
        **{name: int(row[name]) for name in _NUMBERS},
        "capacity": 1,
        "terms": {name: int(row[name]) for name in _TERMS},
    }
    return read_rules(document, version=0, source="default")


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("hub.availability").joinpath("data/default_rules.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text), strict=True))
