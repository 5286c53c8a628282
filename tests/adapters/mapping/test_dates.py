"""Dates and instants in the styles forms use."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.dates import date_function, instant_function, read_date, read_instant, year
from adapters.mapping.unfit import Unfit

ANY_STYLE = ("iso", "slash", "dot", "compact", "zh", "datetime", "excel")


@pytest.mark.parametrize(
    "written",
    [
        "2016-03-01", "2016-3-1", "2016/03/01", "2016.3.1", "20160301", "2016年3月1日", "2016 年 03 月 01 日",
        "２０１６－０３－０１", "2016-03-01 08:30:00", "2016-03-01T08:30:00+08:00", "2016/3/1 0:00", 20160301, 20160301.0,
    ],
)  # fmt: skip
def test_one_day_in_many_styles(written: object) -> None:
    assert date_function(("iso", "slash", "dot", "compact", "zh", "datetime"))(written) == "2016-03-01"


@pytest.mark.parametrize(
    "bad",
    [
        "2016-02-30",
        "2016-13-01",
        "16-3-1",
        "1899-12-31",
        "2100-01-01",
        "三月",
        "2016-03",
        "",
        42430,
        True,
        None,
    ],
)
def test_what_is_no_day_is_refused(bad: object) -> None:
    with pytest.raises(Unfit) as refused:
        date_function(("iso", "slash", "dot", "compact", "zh", "datetime"))(bad)
    assert refused.value.code == "bad-date"


@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_style(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for written in (
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        serial,
        str(serial),
        serial + 0.25,
    ):
        assert read_date(written, ANY_STYLE) == day


def test_month_and_year_only_where_the_mapping_says_so() -> None:
    assert date_function(("month",))("2016年3月") == "2016-03-01"
    assert date_function(("year",))("2016年") == "2016-01-01"


@given(
    st.datetimes(
        datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2099-01-01"), timezones=st.just(UTC)
    )
)
def test_instants_round_trip(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert read_instant(whole.isoformat()) == whole
    assert read_instant(int(whole.timestamp())) == whole
    assert read_instant(str(int(whole.timestamp()) * 1000), unit="ms") == whole


def test_an_instant_without_offset_is_chinese_time() -> None:
    made = read_instant("2026-03-02 10:11:12")
    assert made.utcoffset() == timedelta(hours=8)
    assert instant_function("Asia/Shanghai", "s")("2026/03/02 10:11:12") == "2026-03-02T10:11:12+08:00"


@pytest.mark.parametrize("bad", ["昨天", "2026-02-30 00:00:00", "", True, 10**30, "1700-01-01"])
def test_what_is_no_instant_is_refused(bad: object) -> None:
    with pytest.raises(Unfit) as refused:
        read_instant(bad)
    assert refused.value.code == "bad-instant"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2025", 2025), (2025, 2025), ("2025年度", 2025), ("2025-06-30", 2025), ("20250630", 2025)],
)
def test_years(written: object, expected: int) -> None:
    assert year(written) == expected


@pytest.mark.parametrize("bad", ["1025", "20256", "2024—2025", "去年", True])
def test_no_years(bad: object) -> None:
    with pytest.raises(Unfit):
        year(bad)
