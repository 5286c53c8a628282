"""When a read goes in circles: honest walks may come back to where they were, a loop never gets anywhere."""

from collections.abc import Iterable, Iterator
from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Damaged, Limits, NativePage, NativeRecord
from adapters.errors import LimitExceeded, LoopDetected
from hub.catalog.service.watch import Watch
from tests.adapters.timed_rows import Rows, read


def page(*numbers: int, cursor: str = "c", is_last: bool = False) -> NativePage:
    records = tuple(NativeRecord({"n": number}, b"%d" % number) for number in numbers)
    return NativePage(records, cursor, is_last, True)


def follow(watch: Watch, pages: Iterable[NativePage]) -> int:
    """Show every page to the watch; how many there were."""
    for one in pages:
        watch.check(one, 0.0)
    return watch.pages


def watched(pages: Iterable[NativePage], limits: Limits | None = None) -> int:
    return follow(Watch(limits or Limits(), 0.0), pages)


def passed_before_the_loop_was_found(pages: Iterator[NativePage]) -> int:
    watch = Watch(Limits(), 0.0)
    with pytest.raises(LoopDetected, match="goes in circles"):
        follow(watch, pages)
    return watch.pages - 1


@settings(max_examples=80, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 4), max_size=40),
    size=st.integers(1, 12),
    numbered=st.booleans(),
    totals=st.booleans(),
)
def test_a_walk_by_time_that_stands_on_a_full_second_is_no_loop(
    seconds: list[int], size: int, numbered: bool, totals: bool
) -> None:
    pages = read(Rows(seconds, numbered=numbered, totals=totals), size, max_size=64)
    assert watched(pages) == len(pages)


def test_the_same_cursor_with_something_new_behind_it_is_no_loop() -> None:
    pages = read(Rows([0, 0, 5, 5, 5]), 4)
    cursors = [one.cursor for one in pages]
    assert len(set(cursors)) < len(cursors)  # the walk asks for its last second until that brings nothing new
    assert watched(pages) == len(pages)


def test_a_source_that_forgot_its_token_may_be_read_from_the_start_once_more() -> None:
    first = [page(n, cursor=f"a{n}") for n in range(5)]
    again = [page(n, cursor=f"b{n}") for n in range(5)]
    assert watched([*first, *again, page(5, cursor="b5"), page(6, is_last=True)]) == 12


@pytest.mark.parametrize("lap", [1, 2, 7])
def test_pages_that_come_round_for_ever_are_found_within_twice_the_lap(lap: int) -> None:
    pages = cycle([page(n, cursor=f"c{n}") for n in range(lap)])
    assert passed_before_the_loop_was_found(pages) == 2 * lap


def test_the_same_page_under_ever_new_cursors_is_a_loop() -> None:
    assert passed_before_the_loop_was_found(page(1, cursor=f"c{n}") for n in range(99)) == 2


def test_empty_pages_that_lead_nowhere_are_a_loop_and_those_that_go_on_are_not() -> None:
    assert passed_before_the_loop_was_found(page(cursor="c") for _ in range(99)) == 2
    assert watched(page(cursor=f"c{n}") for n in range(9)) == 9


def test_broken_pieces_count_as_something_new() -> None:
    pieces = (Damaged(f"line {n}", b"%d" % n, "bad-json", "坏", "broken") for n in range(9))
    assert watched(NativePage((), "c", False, True, None, (piece,)) for piece in pieces) == 9


def test_a_loop_of_ever_new_pages_ends_at_the_caps() -> None:
    endless = (page(n, cursor="c") for n in range(10**6))
    with pytest.raises(LimitExceeded, match="pages"):
        watched(islice(endless, 100), Limits(run_pages=20))
