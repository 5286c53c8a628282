"""When an instrument can be booked at its own platform, what it costs, and what local users already took.

All of it is made from the instrument's key, so that every run and every platform tells the same; nothing is stored but
what a test or a member of staff adds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from adapters.simulators.desk.model import Period
from adapters.simulators.world.model import SurveyRow
from adapters.simulators.world.province import ProvinceWorld

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TARIFF_VERSION = "2026-01"
VALID_FROM = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Rules:
    """Booking rules of one instrument. `weekdays` counts from Monday = 0; times are of the day, in minutes."""

    weekdays: tuple[int, ...]
    opens: int
    closes: int
    slot_minutes: int
    longest_minutes: int
    lead_minutes: int
    cancel_minutes: int
    capacity: int
    training: bool
    operator: bool


@dataclass(frozen=True, slots=True)
class Price:
    """One line of a tariff. Fees in fen; the outside price is the one of the yearly survey."""

    unit: str
    outside_fen: int
    inside_fen: int
    item: str
    condition: str


def _number(key: str, purpose: str) -> int:
    """A number that only the two texts decide."""
    return int.from_bytes(hashlib.sha256(f"{purpose}|{key}".encode()).digest()[:6], "big")


@lru_cache(4096)
def rules_of(key: str) -> Rules:
    """The rules of an instrument."""
    dice = _number(key, "rules")
    busy_site = dice % 4 == 0
    return Rules(
        weekdays=(0, 1, 2, 3, 4, 5) if busy_site else (0, 1, 2, 3, 4),
        opens=8 * 60 + 30 if busy_site else 9 * 60,
        closes=20 * 60 if busy_site else 17 * 60,
        slot_minutes=(30, 60)[dice // 4 % 2],
        longest_minutes=480,
        lead_minutes=(120, 240, 1440)[dice // 8 % 3],
        cancel_minutes=1440,
        capacity=1,
        training=dice // 24 % 5 == 0,
        operator=dice // 120 % 3 == 0,
    )


def is_open(rules: Rules, period: Period) -> bool:
    """Whether a period lies inside the opening hours of one day."""
    start, end = period.start.astimezone(SHANGHAI), period.end.astimezone(SHANGHAI)
    minutes = (start.hour * 60 + start.minute, end.hour * 60 + end.minute)
    return (
        start.date() == end.date()
        and start.weekday() in rules.weekdays
        and rules.opens <= minutes[0]
        and minutes[1] <= rules.closes
    )


def local_reservations(key: str, start: datetime, end: datetime) -> Iterator[Period]:
    """What local users booked at the platform: on about half of the open days one stretch of two or three hours."""
    for day, rules in _open_days(key, start, end):
        dice = _number(key, day.isoformat())
        if dice % 2:
            continue
        begin = rules.opens + 60 * (dice // 2 % 4)
        period = _stretch(day, begin, begin + 60 * (2 + dice // 8 % 2))
        if period.start < end and start < period.end:
            yield period


def closures(key: str, start: datetime, end: datetime) -> Iterator[tuple[Period, str]]:
    """Days on which the instrument is closed: one open day in about twenty-five, for maintenance."""
    for day, rules in _open_days(key, start, end):
        if _number(key, f"closed {day.isoformat()}") % 25 == 0:
            period = _stretch(day, rules.opens, rules.closes)
            if period.start < end and start < period.end:
                yield period, "例行维护"


def _open_days(key: str, start: datetime, end: datetime) -> Iterator[tuple[date, Rules]]:
    rules = rules_of(key)
    day = start.astimezone(SHANGHAI).date()
    while datetime.combine(day, time(), SHANGHAI) < end:
        if day.weekday() in rules.weekdays:
            yield day, rules
        day += DAY


def _stretch(day: date, begin: int, finish: int) -> Period:
    midnight = datetime.combine(day, time(), SHANGHAI)
    return Period(midnight + timedelta(minutes=begin), midnight + timedelta(minutes=finish))


def prices_of(row: SurveyRow) -> tuple[Price, ...]:
    """The platform's tariff: the items of the yearly survey, seven tenths for the unit's own people."""
    return tuple(
        Price(item.charging_unit, item.fee_fen, item.fee_fen * 7 // 10, item.name, item.condition)
        for item in row.service_items
    )


def minimum_fen(row: SurveyRow) -> int:
    """The least that is charged."""
    return min((item.fee_fen for item in row.service_items), default=0)


def is_shared(world: ProvinceWorld, key: str) -> bool:
    """Whether outsiders may book it."""
    row = world.survey_row(key)
    return row is not None and row.sharing == "外部共享"
