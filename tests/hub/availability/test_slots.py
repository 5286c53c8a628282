"""Slots, opening hours and closures: laws over arbitrary intervals."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.availability import rules
from hub.availability.rules import Closure, Opening, Slot
from hub.availability.rules.grid import Grid
from hub.core.clock import SHANGHAI
from tests.hub.availability.instruments import NOW, at, rules_document, slot

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = st.integers(0, 60 * 24 * 12)


@st.composite
def intervals(draw: st.DrawFn) -> Slot:
    begin, length = draw(MINUTES), draw(st.integers(1, 60 * 30))
    return Slot(START + timedelta(minutes=begin), START + timedelta(minutes=begin + length))


SOME = st.lists(intervals(), max_size=8)
OFFICE = Opening((((540, 720), (810, 1050)),) * 5 + ((),) * 2)


def _covered(slots: list[Slot]) -> set[int]:
    return {
        minute
        for one in slots
        for minute in range(
            int((one.start - START).total_seconds()) // 60, int((one.end - START).total_seconds()) // 60
        )
    }


@given(SOME, SOME)
def test_subtracting_and_merging_are_those_of_sets(open_times: list[Slot], taken: list[Slot]) -> None:
    merged = rules.merge(open_times)
    assert _covered(merged) == _covered(open_times)
    left = rules.subtract(merged, taken)
    assert _covered(left) == _covered(open_times) - _covered(taken)
    for found in (merged, left):
        assert found == sorted(found)
        assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@given(SOME)
def test_what_is_bookable_lies_within_open_and_free_time_on_the_grid(taken: list[Slot]) -> None:
    window = Slot(NOW, NOW + timedelta(days=10))
    open_minutes = _covered(rules.open_slots(OFFICE, window.start, window.end))
    for free in rules.bookable(OFFICE, window, taken, now=NOW):
        assert _covered([free]) <= open_minutes - _covered(taken)
        assert free.minutes >= OFFICE.min_minutes
        assert not [instant for instant in free if instant.timestamp() % (OFFICE.step_minutes * 60)]


@given(SOME)
def test_the_next_free_slot_can_be_booked_and_none_before_it(taken: list[Slot]) -> None:
    busy = rules.merge(taken)
    found = rules.next_free(OFFICE, busy, now=NOW)
    assert found is not None
    kept = rules.read_rules(rules_document(**_OFFICE), version=1, source="hub")
    rules.check_slot(kept, found, [], now=NOW)
    assert not [one for one in busy if one.overlaps(found)]
    before = rules.bookable(OFFICE, Slot(NOW, found.end - timedelta(minutes=30)), busy, now=NOW)
    assert not [one for one in before if one.start < found.start]


_OFFICE = {
    "opening": {day: [{"from": "09:00", "to": "12:00"}, {"from": "13:30", "to": "17:30"}] for day in ("mon", "tue", "wed", "thu", "fri")},
    "open_on_holidays": False, "step_minutes": 30, "min_minutes": 30, "lead_minutes": 1440,
}  # fmt: skip


@given(intervals(), st.sampled_from([5, 15, 30]))
def test_cells_cover_their_slot_and_finer_ones_lie_within(one: Slot, minutes: int) -> None:
    grid = Grid("", minutes)
    cells = grid.cells(one)
    assert grid.start_of(cells[0]) <= one.start < grid.start_of(cells[0] + 1)
    assert grid.start_of(cells[-1]) < one.end <= grid.start_of(cells[-1] + 1)
    finer = {cell * (minutes // 5) + part for cell in cells for part in range(minutes // 5)}
    assert set(Grid("", 5).cells(one)) <= finer


def test_opening_hours_follow_holidays_and_make_up_days() -> None:
    def hours(day: str) -> int:
        return (
            sum(one.minutes for one in rules.open_slots(OFFICE, at(f"{day} 00:00"), at(f"{day} 23:59"))) // 60
        )

    assert hours("03-02") == 7
    assert hours("03-01") == 0  # a Sunday
    assert hours("10-01") == 0
    assert hours("10-10") == 7  # a Saturday that makes up for National Day
    always = Opening((((0, 1440),),) * 7, on_holidays=True)
    week = rules.open_slots(always, at("09-28 00:00"), at("10-05 00:00"))
    assert week == [Slot(at("09-28 00:00"), at("10-05 00:00"))]


def test_a_night_that_is_open_is_one_time() -> None:
    night = Opening((((0, 360), (1080, 1440)),) * 7, on_holidays=True)
    found = rules.open_slots(night, at("03-02 12:00"), at("03-03 12:00"))
    assert found == [Slot(at("03-02 18:00"), at("03-03 06:00"))]


@pytest.mark.parametrize("weeks", [1, 2, 5])
@given(window=intervals())
def test_a_repeating_closure_is_the_sum_of_its_weeks(weeks: int, window: Slot) -> None:
    first = slot("02-23 09:00", "11:00")
    closure = Closure(first, "maintenance", weeks, date(2026, 3, 30))
    each = [Slot(*(at_ + timedelta(weeks=weeks * number) for at_ in first)) for number in range(60)]
    expected = [
        one
        for one in each
        if one.start.astimezone(SHANGHAI).date() <= date(2026, 3, 30) and one.overlaps(window)
    ]
    assert list(closure.times(window)) == expected
