"""Answers of others, kept for a while."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from hub.core.kept import Kept
from tests.virtual_clock import VirtualClock

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_a_value_is_fetched_again_when_it_is_too_old(clock: VirtualClock) -> None:
    kept, numbers = Kept(), count()
    fetched = []
    for seconds in (0, 3600, 1, 10):
        now = clock.advance(seconds) if seconds else clock()
        fetched.append(kept.get("n", lambda: next(numbers), oldest=HOUR, now=now))
    assert fetched == [0, 0, 1, 1]
    assert kept.get("other", lambda: next(numbers), oldest=HOUR, now=clock()) == 2


def test_a_value_of_the_future_is_not_believed(clock: VirtualClock) -> None:
    """The clock was set back: what was fetched then would otherwise stay for as long as it was wrong."""
    kept = Kept()
    kept.get("n", lambda: "old", oldest=HOUR, now=clock() + timedelta(days=3650))
    assert kept.get("n", lambda: "new", oldest=HOUR, now=clock()) == "new"


def test_renewing_is_done_at_most_so_often(clock: VirtualClock) -> None:
    kept, numbers = Kept(), count()

    def renew() -> int | None:
        return kept.renew("n", lambda: next(numbers), at_most_every=MINUTE, now=clock())

    assert kept.get("n", lambda: next(numbers), oldest=HOUR, now=clock()) == 0
    assert [renew(), renew()] == [1, None]
    clock.advance(60)
    assert renew() == 2
    assert kept.get("n", lambda: next(numbers), oldest=HOUR, now=clock()) == 2


def test_a_fetch_that_fails_leaves_what_was_there(clock: VirtualClock) -> None:
    kept = Kept()

    def fail() -> str:
        raise OSError

    with pytest.raises(OSError):
        kept.get("n", fail, oldest=HOUR, now=clock())
    assert kept.get("n", lambda: "a", oldest=HOUR, now=clock()) == "a"
    with pytest.raises(OSError):
        kept.renew("n", fail, at_most_every=MINUTE, now=clock())
    assert kept.get("n", fail, oldest=HOUR, now=clock()) == "a"
    assert kept.renew("n", fail, at_most_every=MINUTE, now=clock()) is None, (
        "one that is down is not asked more"
    )
    kept.forget("n")
    kept.forget("n")
    assert kept.get("n", lambda: "b", oldest=HOUR, now=clock()) == "b"
