"""Slots, opening hours and booking rules: what may be asked for, and what is free. Pure.

Local times are those of Asia/Shanghai, which has had no summer time since 1991: minutes of a local day are minutes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

import schemas
from hub.availability.errors import (
    SlotClosed,
    SlotMalformed,
    SlotPast,
    SlotTooFar,
    SlotTooLong,
    SlotTooShort,
    SlotTooSoon,
)
from hub.core import working_time
from hub.core.clock import SHANGHAI

Source = Literal["default", "catalogue", "hub", "platform"]
"""Where rules, tariffs and times come from; codes of the list `availability_source`."""

STEPS = (5, 15, 30)
"""Minutes of a cell. Each divides the next, so a grid can be made finer without moving anything."""

LONGEST_MINUTES = 14 * 24 * 60
"""No slot is longer, whatever an instrument's rules say: it bounds what one claim writes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(NamedTuple):
    """A half-open interval of aware instants: `end` is excluded."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes from start to end."""
        return int((self.end - self.start).total_seconds()) // 60

    def overlaps(self, other: "Slot") -> bool:
        """Whether they share an instant."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Opening:
    """Weekly opening hours and the grid of slots. Hashable: instruments without rules of their own share one.

    `week` has seven days, Monday first, each a tuple of (from, to) in minutes of the local day, ascending and
    apart. On a make-up day (调休) Monday's hours hold, on a statutory holiday none, unless `on_holidays`: then every
    day goes by its weekday.
    """

    week: tuple[tuple[tuple[int, int], ...], ...]
    on_holidays: bool = False
    step_minutes: int = 30
    min_minutes: int = 30
    lead_minutes: int = 24 * 60
    horizon_days: int = 60


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What an instrument's owner asks of a booking. `version` counts per instrument; 0 are default rules.

    Minutes, days and counts; `cancel_minutes` before the start is the latest cancellation without a fee. `document` is
    the whole as a booking-rules document, with terms, training and samples.
    """

    opening: Opening
    max_minutes: int
    capacity: int
    cancel_minutes: int
    version: int
    source: Source
    document: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Closure:
    """A time in which nobody may book: once, or every `repeat_weeks` weeks up to and including `repeat_until`."""

    slot: Slot
    reason: str
    repeat_weeks: int = 0
    repeat_until: date | None = None

    def times(self, window: Slot) -> Iterator[Slot]:
        """Its occurrences that touch the window, ascending."""
        if not self.repeat_weeks:
            if self.slot.overlaps(window):
                yield self.slot
            return
        period = timedelta(weeks=self.repeat_weeks)
        first = max(0, (window.start - self.slot.end) // period)
        start, end = (at + first * period for at in self.slot)
        while start < window.end and not self._is_over(start):
            if end > window.start:
                yield Slot(start, end)
            start, end = start + period, end + period

    def _is_over(self, start: datetime) -> bool:
        return self.repeat_until is not None and start.astimezone(SHANGHAI).date() > self.repeat_until


def open_slots(opening: Opening, start: datetime, end: datetime) -> list[Slot]:
    """When the instrument is open between two instants: weekly hours and holidays, nothing else.

    Ascending, apart, joined over midnight, cut to the window.
    """
    found: list[Slot] = []
    on = start.astimezone(SHANGHAI).date()
    while (midnight := _instant(on, 0)) < end:
        for begin, close in hours_on(opening, on):
            piece = Slot(
                max(midnight + timedelta(minutes=begin), start), min(midnight + timedelta(minutes=close), end)
            )
            if piece.start >= piece.end:
                continue
            if found and found[-1].end == piece.start:
                piece = Slot(found.pop().start, piece.end)
            found.append(piece)
        on += timedelta(days=1)
    return found


def hours_on(opening: Opening, on: date) -> tuple[tuple[int, int], ...]:
    """The opening hours of one local date, in minutes of the day."""
    if opening.on_holidays:
        return opening.week[on.weekday()]
    kind = working_time.day(on).kind
    if kind == "holiday":
        return ()
    return opening.week[0 if kind == "make_up" else on.weekday()]


def subtract(open_times: Sequence[Slot], taken: Iterable[Slot]) -> list[Slot]:
    """What is left of ascending, separate intervals without the taken ones (in any order)."""
    left: list[Slot] = []
    away = merge(taken)
    first = 0
    for held in open_times:
        start = held.start
        while first < len(away) and away[first].end <= start:
            first += 1
        number = first
        while number < len(away) and away[number].start < held.end:
            if start < away[number].start:
                left.append(Slot(start, away[number].start))
            start = max(start, away[number].end)
            number += 1
        if start < held.end:
            left.append(Slot(start, held.end))
    return left


def merge(slots: Iterable[Slot]) -> list[Slot]:
    """The same times as ascending, separate intervals."""
    merged: list[Slot] = []
    for slot in sorted(slots):
        if merged and slot.start <= merged[-1].end:
            merged[-1] = Slot(merged[-1].start, max(merged[-1].end, slot.end))
        else:
            merged.append(slot)
    return merged


def bookable(opening: Opening, window: Slot, busy: Iterable[Slot], *, now: datetime) -> list[Slot]:
    """The free intervals of the window that a booking of the least length fits into, on the grid.

    `busy` are closures and times in which all lanes are taken. Lead time and horizon are kept.
    """
    earliest = max(window.start, now + timedelta(minutes=opening.lead_minutes))
    latest = min(window.end, now + timedelta(days=opening.horizon_days))
    if earliest >= latest:
        return []
    free = subtract(open_slots(opening, earliest, latest), busy)
    on_grid = (
        Slot(_up(slot.start, opening.step_minutes), _down(slot.end, opening.step_minutes)) for slot in free
    )
    return [slot for slot in on_grid if slot.start < slot.end and slot.minutes >= opening.min_minutes]


def next_free(opening: Opening, busy: Sequence[Slot], *, now: datetime) -> Slot | None:
    """The earliest slot of the least length that can be booked; None when there is none within the horizon."""
    begin = now + timedelta(minutes=opening.lead_minutes)
    last = now + timedelta(days=opening.horizon_days)
    while begin < last:  # a fortnight at a time: most instruments are free within the first
        until = min(last, begin + timedelta(days=14))
        found = bookable(opening, Slot(begin, until), busy, now=now)
        if found:
            return Slot(found[0].start, found[0].start + timedelta(minutes=opening.min_minutes))
        if until == last:
            return None
        begin = until - timedelta(minutes=opening.min_minutes)
    return None


def check_form(slot: Slot, step_minutes: int) -> None:
    """Raise `SlotMalformed` unless the slot is aware, runs forward and lies on the grid; `SlotTooLong` past all bounds."""
    if slot.start.tzinfo is None or slot.end.tzinfo is None:
        raise SlotMalformed("起止时间须带时区", "start and end need an offset")
    if slot.end <= slot.start:
        raise SlotMalformed("结束时间须晚于开始时间", "the end must be after the start")
    if slot.end - slot.start > timedelta(minutes=LONGEST_MINUTES):
        raise SlotTooLong(LONGEST_MINUTES)
    if any(_over(at, step_minutes) for at in slot):
        raise SlotMalformed(
            f"起止时间须为 {step_minutes} 分钟的整倍数",
            f"start and end must be on whole {step_minutes} minutes",
        )


def check_slot(rules: BookingRules, slot: Slot, closures: Iterable[Closure], *, now: datetime) -> None:
    """Raise why the slot cannot be booked under the rules, taken lanes apart: the first fault in a fixed order.

    `SlotMalformed`, `SlotPast`, `SlotTooShort`, `SlotTooLong`, `SlotTooSoon`, `SlotTooFar`, `SlotClosed`.
    """
    opening = rules.opening
    check_form(slot, opening.step_minutes)
    if slot.start < now:
        raise SlotPast
    if slot.minutes < opening.min_minutes:
        raise SlotTooShort(opening.min_minutes)
    if slot.minutes > rules.max_minutes:
        raise SlotTooLong(rules.max_minutes)
    earliest = now + timedelta(minutes=opening.lead_minutes)
    if slot.start < earliest:
        raise SlotTooSoon(_up(earliest, opening.step_minutes))
    latest = now + timedelta(days=opening.horizon_days)
    if slot.end > latest:
        raise SlotTooFar(_down(latest, opening.step_minutes))
    shut = subtract([slot], open_slots(opening, slot.start, slot.end))
    if shut:
        raise SlotClosed(shut[0].start)
    check_closures(slot, closures)


def check_closures(slot: Slot, closures: Iterable[Closure]) -> None:
    """Raise `SlotClosed` when a closure touches the slot."""
    for closure in closures:
        for closed in closure.times(slot):
            reason = schemas.codes("closure_reason")[closure.reason]
            raise SlotClosed(max(slot.start, closed.start), f"停用（{reason.zh}）", f"closed ({reason.en})")


def _instant(on: date, minute: int) -> datetime:
    return datetime.combine(on, time(), SHANGHAI).astimezone(UTC) + timedelta(minutes=minute)


def _over(at: datetime, step_minutes: int) -> timedelta:
    return (at - _EPOCH) % timedelta(minutes=step_minutes)


def _up(at: datetime, step_minutes: int) -> datetime:
    over = _over(at, step_minutes)
    return at + (timedelta(minutes=step_minutes) - over) if over else at


def _down(at: datetime, step_minutes: int) -> datetime:
    return at - _over(at, step_minutes)
