"""Whole numbers are shared out exactly."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulators.world.apportion import allocate, deal, spread

WEIGHTS = st.lists(st.integers(1, 1_000), min_size=1, max_size=12)


@given(total=st.integers(0, 50_000), weights=WEIGHTS)
def test_parts_add_up_and_stay_within_one_of_their_share(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))


@given(weights=WEIGHTS, extra=st.integers(0, 100), least=st.integers(0, 5))
def test_nobody_gets_less_than_the_least(weights: list[int], extra: int, least: int) -> None:
    parts = allocate(least * len(weights) + extra, weights, least)
    assert sum(parts) == least * len(weights) + extra
    assert min(parts) >= least


def test_too_little_for_everybody_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be split"):
        allocate(5, [1, 1, 1], least=2)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=4).filter(any))
def test_every_stretch_is_dealt_in_proportion(targets: list[int]) -> None:
    total, given_out = sum(targets), [0] * len(targets)
    for step, number in enumerate(deal(targets), start=1):
        given_out[number] += 1
        assert all(abs(g - t * step / total) < 2 for g, t in zip(given_out, targets, strict=True))
    assert given_out == targets


BOUNDS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 900)), min_size=1, max_size=40)


@given(bounds=BOUNDS, share=st.floats(0, 1), skew=st.floats(0.2, 4), seed=st.integers(0, 99))
def test_numbers_in_their_bounds_add_up(
    bounds: list[tuple[int, int]], share: float, skew: float, seed: int
) -> None:
    lows = [low for low, _ in bounds]
    highs = [low + room for low, room in bounds]
    total = sum(lows) + round((sum(highs) - sum(lows)) * share)
    numbers = spread(total, lows, highs, skew, Random(seed))
    assert sum(numbers) == total
    assert all(low <= n <= high for low, n, high in zip(lows, numbers, highs, strict=True))


def test_an_impossible_total_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        spread(11, [1, 1], [5, 5], 1.0, Random(1))
