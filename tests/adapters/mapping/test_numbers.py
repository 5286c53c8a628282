"""Numbers, money, hours: exact, bounded, and honest about what they cannot read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.numbers import (
    MONEY_UNITS,
    between_function,
    hours_function,
    integer_function,
    money_function,
    number_function,
    read_decimal,
)
from adapters.mapping.unfit import Unfit


@pytest.mark.parametrize(
    ("unit", "written", "fen"),
    [
        ("万元", "123.45", 123_450_000),
        ("万元", 123.45, 123_450_000),
        ("万元", "１２３．４５", 123_450_000),
        ("万元", "1,234.50", 1_234_500_000),
        ("万元", "85", 85_000_000),
        ("元", "￥1,234.56", 123_456),
        ("元", "123.40万元", 123_400_000),
        ("万元", "2500000元", 250_000_000),
        ("元", "0.005", 1),
        ("元", 0.1 + 0.2, 30),
        ("亿元", "1.2", 12_000_000_000),
        ("分", 99, 99),
        ("万元", "约 50 万元", 50_000_000),
        ("万元", "人民币50万", 50_000_000),
    ],
)
def test_money_becomes_integer_fen(unit: str, written: object, fen: int) -> None:
    made = money_function(unit, None, None)(written)
    assert made == fen
    assert type(made) is int


@given(st.integers(0, 10**13), st.sampled_from(["元", "万元", "亿元"]))
def test_an_amount_written_in_any_unit_comes_back_to_the_fen(fen: int, unit: str) -> None:
    written = format(Decimal(fen) / MONEY_UNITS[unit], "f")
    assert money_function(unit, None, None)(written) == fen
    assert money_function("元", None, None)(written + unit) == fen


@pytest.mark.parametrize(
    "bad", ["面议", "", "1.2.3", "12-15", "１２万～１５万", "NaN", "inf", "1e400", "0x10", "--5"]
)
def test_what_is_no_amount_is_refused_with_its_value(bad: str) -> None:
    with pytest.raises(Unfit) as refused:
        money_function("万元", None, None)(bad)
    assert refused.value.code == "bad-number"
    assert refused.value.value == bad
    assert "数字" in refused.value.zh


@pytest.mark.parametrize("bad", [True, None, [1], {"a": 1}, float("nan"), float("inf")])
def test_other_kinds_are_refused(bad: object) -> None:
    with pytest.raises(Unfit):
        read_decimal(bad)


def test_bounds_are_in_the_declared_unit() -> None:
    money = money_function("万元", 0.01, 100_000)
    assert money("0.01") == 10_000
    for bad in ("0", "-3", "100001"):
        with pytest.raises(Unfit) as refused:
            money(bad)
        assert refused.value.code == "out-of-range"


def test_an_absurd_amount_is_out_of_range() -> None:
    with pytest.raises(Unfit) as refused:
        money_function("亿元", None, None)("99999999")
    assert refused.value.code == "out-of-range"


def test_plain_numbers_and_integers() -> None:
    assert number_function(("台",), None, None)("3 台") == 3
    assert number_function((), None, None)("120.15") == 120.15
    assert integer_function(("天", "个工作日"), 0, None)("5个工作日") == 5
    assert integer_function((), None, None)("3.0") == 3
    with pytest.raises(Unfit):
        integer_function((), None, None)("3.5")
    with pytest.raises(Unfit) as refused:
        integer_function((), 0, 10)("11")
    assert refused.value.code == "out-of-range"


@given(st.integers(-(10**12), 10**12))
def test_integers_round_trip(number: int) -> None:
    assert integer_function((), None, None)(f"{number:,}") == number
    assert number_function((), None, None)(str(number)) == number


@pytest.mark.parametrize(
    ("unit", "written", "hours"),
    [
        ("hour", "1,200小时", 1200),
        ("hour", "300.5 h", 300.5),
        ("minute", 90, 1.5),
        ("hour", "８００机时", 800),
        ("day", "2", 48),
    ],
)
def test_hours(unit: str, written: object, hours: float) -> None:
    assert hours_function(unit, None)(written) == hours


@pytest.mark.parametrize("bad", ["-1", "8785", "很多"])
def test_impossible_hours_are_refused(bad: str) -> None:
    with pytest.raises(Unfit):
        hours_function("hour", None)(bad)


def test_between_reads_numbers_only() -> None:
    assert between_function(1, 2)(1.5) == 1.5
    with pytest.raises(Unfit):
        between_function(1, 2)(3)
    with pytest.raises(Unfit):
        between_function(1, 2)("1")
