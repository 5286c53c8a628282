"""When instruments can be booked, as the index holds it, and what of that is free from some moment on. Pure.

An index must not change because a minute has passed, so it holds absolute facts: each instrument's opening hours, a
term that all instruments with the same hours share, and marks for the times in which its hours are taken. What is
free between two instants is worked out when it is asked: once for each kind of hours, not for each instrument.

Times are minutes of Asia/Shanghai since 1970 (no summer time since 1991), so a local day is 1440 of them. Marks
are made for a whole day, or for half an hour of it in which no slot can begin any more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import groupby
from operator import itemgetter

from hub.availability.rules import Opening, Slot, open_slots

UNIT = 30
"""Minutes that one mark covers. Slots of instruments with a finer grid are ordered to the half hour."""

FURTHEST_DAYS = 366
"""Free times are told no further ahead, however far ahead an instrument can be booked."""

KNOWN_DAYS = 800
"""How far ahead the taken times of a document are held: repeated closures need no new entry for a year."""

NEVER = 2**40
"""A minute after all others."""

DAY = 24 * 60
_EAST = 8 * 60
_begin = itemgetter(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Busy = tuple[tuple[int, int], ...]
"""Times that are taken: (from, to) in minutes, ascending and apart, the end excluded."""

Condition = tuple[str, ...]
"""A document meets it when it carries any of these marks."""


def minute_of(at: datetime) -> int:
    """The local minute in which an instant lies."""
    return int(at.timestamp() // 60) + _EAST


def instant_of(minute: int) -> datetime:
    """The instant at which a local minute begins, in UTC."""
    return _EPOCH + timedelta(minutes=minute - _EAST)


@lru_cache(maxsize=4096)
def write_hours(opening: Opening) -> str:
    """Opening hours as one word; equal hours give equal words."""
    week = "/".join(".".join(f"{begin}-{end}" for begin, end in day) for day in opening.week)
    numbers = (opening.step_minutes, opening.min_minutes, opening.lead_minutes, opening.horizon_days)
    return f"{week}|{'h' if opening.on_holidays else '-'}|{'|'.join(map(str, numbers))}"


@lru_cache(maxsize=4096)
def read_hours(hours: str) -> Opening:
    """The opening hours of a word of `write_hours`."""
    week, holidays, *numbers = hours.split("|")
    days = tuple(
        tuple(
            (int(begin), int(end))
            for begin, _, end in (span.partition("-") for span in day.split(".") if span)
        )
        for day in week.split("/")
    )
    return Opening(days, holidays == "h", *map(int, numbers))


def write_busy(taken: Iterable[Slot]) -> Busy:
    """Taken times as minutes: rounded outwards, so that nothing taken ever looks free."""
    found: list[tuple[int, int]] = []
    for slot in sorted(taken):
        begin, end = minute_of(slot.start), int(-(-slot.end.timestamp() // 60)) + _EAST
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def least(opening: Opening) -> int:
    """Minutes of the shortest booking: slots begin and end on the grid."""
    step = opening.step_minutes
    return -(-opening.min_minutes // step) * step


@lru_cache(maxsize=8192)
def starts(hours: str, day: int) -> tuple[int, ...]:
    """The minutes of a local day at which the shortest slot can begin when nothing is taken, ascending."""
    opening = read_hours(hours)
    step, long = opening.step_minutes, least(opening)
    begin = instant_of(day * DAY)
    found: list[int] = []
    for slot in open_slots(opening, begin, begin + timedelta(minutes=DAY + long)):
        first, last = minute_of(slot.start), minute_of(slot.end) - long
        found += range(-(-first // step) * step, min(last, day * DAY + DAY - 1) + 1, step)
    return tuple(found)


def bookable_from(hours: str, now: int) -> int:
    """The first minute at which a booking made now may begin."""
    return now + read_hours(hours).lead_minutes


def bookable_until(hours: str, now: int) -> int:
    """The minute from which on a booking made now may not begin."""
    opening = read_hours(hours)
    return now + min(opening.horizon_days, FURTHEST_DAYS) * DAY - least(opening) + 1


def earliest(hours: str, busy: Sequence[Sequence[int]], begin: int, end: int) -> Slot | None:
    """The first free slot of the least length that begins in [begin, end)."""
    long = least(read_hours(hours))
    for day in range(begin // DAY, (end - 1) // DAY + 1):
        for start in starts(hours, day):
            if begin <= start < end and not _is_taken(busy, start, start + long):
                return Slot(instant_of(start), instant_of(start + long))
    return None


def _is_taken(busy: Sequence[Sequence[int]], start: int, end: int) -> bool:
    at = bisect_left(busy, end, key=_begin) - 1
    return at >= 0 and busy[at][1] > start


def marks_of(hours: str, busy: Busy) -> list[str]:
    """The marks of an instrument: days, and half hours of other days, in which its hours leave no start any more."""
    long = least(read_hours(hours))
    touching: dict[int, list[tuple[int, int]]] = {}
    for begin, end in busy:
        for day in range((begin - long) // DAY, (end - 1) // DAY + 1):
            touching.setdefault(day, []).append((begin, end))
    marks: list[str] = []
    for day, away in touching.items():
        possible = starts(hours, day)
        if possible and any(begin - long < possible[0] and possible[-1] < end for begin, end in away):
            marks.append(day_mark(day))
            continue
        lost: set[int] = set()
        for begin, end in away:
            # A slot that begins in (begin - long, end) would run into what is taken.
            lost.update(possible[bisect_right(possible, begin - long) : bisect_left(possible, end)])
        if lost and len(lost) == len(possible):
            marks.append(day_mark(day))
        elif lost:
            offered = _starts_in_units(hours, day)
            gone = Counter(start // UNIT for start in lost)
            marks += [unit_mark(unit) for unit, number in gone.items() if number == offered[unit]]
    return marks


@lru_cache(maxsize=8192)
def _starts_in_units(hours: str, day: int) -> Mapping[int, int]:
    return Counter(start // UNIT for start in starts(hours, day))


def day_mark(day: int) -> str:
    """The mark of a day without a start left."""
    return f"full|{day}"


def unit_mark(unit: int) -> str:
    """The mark of a half hour without a start left, on a day that has others."""
    return f"full|{unit * UNIT // DAY}.{unit * UNIT % DAY // UNIT}"


@dataclass(frozen=True, slots=True)
class Openings:
    """Kinds of hours that offer the same starts in a window, and what a document without any of them left carries."""

    hours: tuple[str, ...]
    taken: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Kinds of hours that offer a start in one half hour.

    Their documents have it as the earliest one when they meet every condition of `before` and have none of `taken`.
    """

    hours: tuple[str, ...]
    before: tuple[Condition, ...]
    taken: Condition


@dataclass(frozen=True, slots=True)
class _Offered:
    """The half hours of a day in which slots begin; `is_whole` when the window takes none away."""

    day: int
    units: tuple[int, ...]
    is_whole: bool

    def conditions(self) -> tuple[Condition, ...]:
        """What a document carries that has no start left in them."""
        if self.is_whole:
            return ((day_mark(self.day),),)
        return tuple((day_mark(self.day), unit_mark(unit)) for unit in self.units)


def free_between(kinds: Iterable[str], begin: int, end: int, now: int) -> tuple[Openings, ...]:
    """What documents must be like to be bookable now for a slot that begins in [begin, end), for these kinds of hours.

    Empty when none is open then.
    """
    found = []
    for hours, offered in _by_offer(kinds, begin, end, now):
        conditions = tuple(condition for day in offered for condition in day.conditions())
        found.append(Openings(hours, conditions))
    return tuple(found)


Left = Callable[[tuple[str, ...], tuple[Condition, ...], tuple[Condition, ...]], bool]
"""Whether any document with these hours meets all of the first conditions and not all of the second."""


def turns(
    kinds: Iterable[str], begin: int, end: int, now: int, is_left: Left
) -> Iterator[tuple[int, list[Turn]]]:
    """The half hours of [begin, end) in which slots begin, ascending, each with what has its earliest start there.

    Days on which nothing has its turn are left out, and a walk ends when nothing is left.
    """
    walks = [_walk(hours, offered, is_left) for hours, offered in _by_offer(kinds, begin, end, now)]
    for unit, found in groupby(merge(*walks, key=lambda step: step[0]), key=lambda step: step[0]):
        yield unit, [turn for _, turn in found]


def _walk(hours: tuple[str, ...], offered: Sequence[_Offered], is_left: Left) -> Iterator[tuple[int, Turn]]:
    before: tuple[Condition, ...] = ()
    for number, day in enumerate(offered):
        rest = tuple(condition for later in offered[number:] for condition in later.conditions())
        if number and not is_left(hours, before, rest):
            return
        if not number or is_left(hours, before, day.conditions()):
            passed: tuple[Condition, ...] = ()
            for unit in day.units:
                yield unit, Turn(hours, (*before, *passed), (day_mark(day.day), unit_mark(unit)))
                passed = (*passed, (unit_mark(unit),))
                if not is_left(hours, (*before, *passed), ()):
                    break
        before = (*before, *day.conditions())


def _by_offer(
    kinds: Iterable[str], begin: int, end: int, now: int
) -> list[tuple[tuple[str, ...], tuple[_Offered, ...]]]:
    """Kinds of hours that offer the same, together, with what they offer; those that offer nothing are left out."""
    groups: dict[tuple[_Offered, ...], list[str]] = {}
    for hours in kinds:
        window = max(begin, bookable_from(hours, now)), min(end, bookable_until(hours, now))
        if offered := _offered(hours, *window):
            groups.setdefault(offered, []).append(hours)
    return [(tuple(hours), offered) for offered, hours in groups.items()]


def _offered(hours: str, begin: int, end: int) -> tuple[_Offered, ...]:
    found = []
    for day in range(begin // DAY, (end - 1) // DAY + 1):
        # A half hour counts by its first start: better to leave out one that is half over than to promise it.
        first = {start // UNIT: start for start in reversed(starts(hours, day))}
        units = tuple(sorted(unit for unit, start in first.items() if begin <= start < end))
        if units:
            found.append(_Offered(day, units, len(units) == len(first)))
    return tuple(found)
