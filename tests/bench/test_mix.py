"""The committed mix of queries is what the goals are stated over."""

from tests.bench.bench_search import percentile, read_mix
from tests.bench.measures import at_least, at_most, missing


def test_the_mix_is_what_the_goals_are_stated_over() -> None:
    mix = read_mix()
    assert sum(len(request.filters) == 2 for request in mix) == len(mix) * 40 // 100
    assert sum(not request.q for request in mix) == len(mix) * 10 // 100
    assert all(len(request.filters) in {0, 2} for request in mix)
    assert len(mix) % 10 == 0


def test_a_goal_is_judged_by_the_median_of_the_rounds() -> None:
    assert at_most("p50", [9.0, 1.0, 5.0], "ms", 5).is_met
    assert not at_most("p50", [9.0, 1.0, 5.1], "ms", 5).is_met
    assert at_least("ratio", [4.0, 5.0, 9.0], "×", 5).is_met
    assert not at_least("ratio", [4.0, 4.9, 9.0], "×", 5).is_met
    assert at_most("told", [4.0], "ms").is_met is None
    assert at_most("p50", [5.1], "ms", 5).verdict == "missed"
    assert missing("a peer").verdict == "missing"


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([float(number) for number in range(100)], 95) == 95.0
    assert percentile([1.0], 95) == 1.0
