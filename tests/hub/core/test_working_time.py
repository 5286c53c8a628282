"""Working time: the published holidays, and laws that hold for every instant."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import working_time
from hub.core.clock import SHANGHAI

PROVINCES = ("310000", "330000", "510000", "530000")
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
PROVINCE = st.sampled_from(PROVINCES)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("year", "holidays", "make_up"), [(2025, 28, 5), (2026, 33, 6)])
def test_the_years_have_as_many_days_as_the_notices(year: int, holidays: int, make_up: int) -> None:
    """2025: 1+8+3+5+3+8; 2026: 3+9+3+5+3+3+7. Every make-up day is a day of a weekend."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert sum(working_time.day(on).kind == "holiday" for on in days) == holidays
    made_up = [on for on in days if working_time.day(on).kind == "make_up"]
    assert len(made_up) == make_up
    assert all(on.weekday() >= 5 for on in made_up)
    assert all(
        working_time.day(on).source for on in days if working_time.day(on).kind in {"holiday", "make_up"}
    )


def test_a_year_without_a_notice_goes_by_weekday_and_says_so() -> None:
    assert working_time.is_published(2026)
    assert not working_time.is_published(2027)
    assert working_time.day(date(2027, 10, 1)).kind == "workday"  # a Friday
    assert working_time.day(date(2027, 10, 2)).kind == "weekend"


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-09-30 15:00", 2, "2026-10-09 17:30"),  # the eve of National Day: 8 and 9 October
        ("2026-09-30 15:00", None, "2026-10-09 17:30"),
        ("2025-09-30 16:59", 1, "2025-10-09 17:30"),  # the holiday of 2025 lasts to the 8th
        ("2025-09-30 16:59", 2, "2025-10-10 17:30"),
        ("2025-09-30 16:59", 3, "2025-10-11 17:30"),  # a Saturday that is worked
        ("2026-02-13 09:00", 1, "2026-02-14 17:30"),  # the Saturday before the Spring Festival is worked
        ("2026-02-14 09:00", 1, "2026-02-24 17:30"),
        ("2026-03-06 18:00", 1, "2026-03-09 17:30"),  # a Friday evening
        ("2026-03-02 10:00", 0, "2026-03-02 17:30"),
        ("2026-03-02 18:00", 0, "2026-03-03 17:30"),
        ("2026-03-07 10:00", 0, "2026-03-09 17:30"),
    ],
)  # fmt: skip
def test_when_an_answer_is_due(start: str, days: int | None, due: str) -> None:
    assert working_time.due("310000", at(start), days) == at(due)


def test_what_was_asked_on_the_eve_of_national_day_is_in_time_on_the_first_day_after() -> None:
    asked, answered = at("2026-09-30 17:20"), at("2026-10-08 09:30")
    for province in PROVINCES:
        assert answered < working_time.due(province, asked)


def test_provinces_have_their_own_hours() -> None:
    assert working_time.due("530000", at("2026-03-02 10:00"), 1) == at("2026-03-03 18:00")
    assert working_time.due("510000", at("2026-03-02 10:00"), 1) == at("2026-03-03 17:00")
    assert working_time.office_hours("330000", date(2026, 3, 2)).province == "*"
    assert working_time.office_hours("310000", date(2026, 3, 2)).begins == time(9)


def test_due_dates_of_tests_count_working_days() -> None:
    assert working_time.due_on(date(2026, 9, 29), 1) == date(2026, 9, 30)
    assert working_time.due_on(date(2026, 9, 29), 2) == date(2026, 10, 8)
    assert working_time.due_on(date(2026, 9, 29), 4) == date(2026, 10, 10)


@given(PROVINCE, INSTANTS, st.integers(0, 30))
def test_a_due_instant_is_a_closing_hour_of_a_working_day_after_the_start(
    province: str, start: datetime, days: int
) -> None:
    due = working_time.due(province, start, days)
    local = due.astimezone(SHANGHAI)
    assert due > start
    assert working_time.day(local.date()).is_working
    assert local.time() == working_time.office_hours(province, local.date()).ends
    begun = start.astimezone(SHANGHAI).date()
    between = [begun + timedelta(days=n) for n in range(1, (local.date() - begun).days + 1)]
    worked = sum(working_time.day(on).is_working for on in between)
    assert worked == days if days else worked <= 1


@given(PROVINCE, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.integers(0, 10))
def test_later_starts_are_never_due_earlier(
    province: str, start: datetime, later: timedelta, days: int
) -> None:
    assert working_time.due(province, start + later, days) >= working_time.due(province, start, days)
    one_more = working_time.due(province, start, days + 1)
    assert one_more > working_time.due(province, start, days) or (days == 0 and one_more >= start)


def test_a_naive_or_backward_count_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        working_time.due("310000", datetime(2026, 3, 2), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="forward"):
        working_time.due("310000", at("2026-03-02 09:00"), -1)
