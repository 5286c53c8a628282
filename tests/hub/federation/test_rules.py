"""Breaker, retries, full reads, the deletion guard and verdicts: pure decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Resource
from adapters.errors import AuthRejected, Malformed, Throttled, Unreachable
from hub.federation import rules
from hub.federation.rules import Breaker, ReadFacts

NOW = datetime(2026, 1, 5, tzinfo=UTC)
FULL = ReadFacts(
    is_full=True, has_ended=True, received=1000, declared_total=1000, last_rows=1000, last_unidentified=0
)


def resource(**told: object) -> Resource:
    facts = {
        "name": "instruments",
        "document_name": "instrument",
        "direction": "pull",
        "cursor_family": "timestamp",
        "schedule_seconds": 600,
        "deletes": "absence",
    }
    return Resource(**facts | told)  # type: ignore[arg-type]


def test_the_breaker_opens_at_the_fifth_failure_and_waits_longer_each_time() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker = rules.breaker_after_failure(breaker, NOW)
        assert rules.passage(breaker, NOW) == "closed"
    waits = []
    for _ in range(9):
        breaker = rules.breaker_after_failure(breaker, NOW)
        assert breaker.open_until is not None
        assert rules.passage(breaker, NOW) == "open"
        assert rules.passage(breaker, breaker.open_until) == "half_open"
        waits.append((breaker.open_until - NOW).total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_only_a_person_can_mend_opens_it_at_once() -> None:
    after = rules.breaker_after_failure(Breaker(), NOW, is_final=True)
    assert rules.passage(after, NOW + timedelta(minutes=59)) == "open"
    assert rules.state_after_failure(AuthRejected("拒绝", "refused"), after, "connected") == "suspended"
    unreachable = Unreachable("无应答", "no answer")
    assert rules.state_after_failure(unreachable, Breaker(1, None), "connected") == "connected"
    assert rules.state_after_failure(unreachable, after, "connected") == "offline"


@given(
    attempt=st.integers(1, 5),
    chance=st.floats(0, 1, exclude_max=True),
    asked=st.one_of(st.none(), st.floats(0, 1e6)),
)
def test_pauses_obey_the_province_and_stay_within_bounds(
    attempt: int, chance: float, asked: float | None
) -> None:
    seconds = rules.pause_before_retry(Throttled("慢", "slow", asked), attempt, chance)
    assert seconds is not None
    assert 0.5 <= seconds <= 3600
    if asked is not None:
        assert seconds >= min(asked, 3600)
    else:
        assert seconds <= 0.5 + min(2**attempt, rules.LONGEST_PAUSE)


def test_some_errors_end_a_run() -> None:
    assert rules.pause_before_retry(Malformed("坏", "bad"), 1, 0.5) is None
    assert rules.pause_before_retry(Unreachable("无应答", "no answer"), rules.MAX_ATTEMPTS, 0.5) is None


@pytest.mark.parametrize(
    ("told", "last_full", "has_new_mapping", "is_full"),
    [
        ({}, None, False, True),
        ({}, NOW - timedelta(hours=1), False, False),
        ({}, NOW - timedelta(hours=1), True, True),
        ({}, NOW - timedelta(hours=24), False, True),
        ({"deletes": "tombstone"}, NOW - timedelta(hours=24), False, False),
        ({"deletes": "tombstone"}, NOW - timedelta(days=7), False, True),
        ({"cursor_family": "page"}, NOW, False, True),
        ({"direction": "drop", "cursor_family": "whole_file"}, NOW - timedelta(days=90), False, False),
        ({"direction": "drop", "cursor_family": "whole_file"}, NOW, True, True),
    ],
)
def test_when_a_read_starts_from_nothing(
    told: dict[str, object], last_full: datetime | None, has_new_mapping: bool, is_full: bool
) -> None:
    assert rules.needs_full_read(resource(**told), last_full, NOW, has_new_mapping=has_new_mapping) is is_full


@pytest.mark.parametrize(
    ("deletions", "live", "code"),
    [
        (0, 100, None),
        (0, 0, None),
        (1, 1, "deletes_everything"),
        (100, 100, "deletes_everything"),
        (10, 40, None),  # below the floor a small source may lose some
        (11, 40, "deletes_share"),
        (50, 1000, None),
        (51, 1000, "deletes_share"),
        (200, 9000, None),
        (201, 9000, "deletes_many"),
    ],
)
def test_the_guard(deletions: int, live: int, code: str | None) -> None:
    reasons = rules.reasons_to_hold(deletions, live)
    assert [reason.code for reason in reasons] == ([code] if code else [])


@given(live=st.integers(1, 100_000), fewer=st.integers(0, 500), more=st.integers(0, 500))
def test_the_guard_never_lets_more_pass_than_less(live: int, fewer: int, more: int) -> None:
    low, high = sorted((min(fewer, live), min(more, live)))
    if rules.reasons_to_hold(low, live):
        assert rules.reasons_to_hold(high, live)


@pytest.mark.parametrize(
    ("told", "verdict", "codes"),
    [
        ({}, "complete", []),
        ({"received": 999, "declared_total": 1000}, "partial", ["fewer_than_declared"]),
        ({"has_ended": False}, "partial", ["not_ended"]),
        ({"error": rules.Reason("loop-detected", "循环", "loop")}, "partial", ["loop-detected"]),
        ({"received": 0, "declared_total": 0}, "suspect", ["sharp_drop"]),
        ({"received": 900, "declared_total": 900}, "suspect", ["sharp_drop"]),
        ({"received": 960, "declared_total": 960}, "complete", []),
        ({"received": 1001, "is_paged": True}, "suspect", ["more_than_declared"]),
        ({"received": 1001}, "complete", []),
        ({"rejected": 201}, "suspect", ["many_rejected"]),
        ({"rejected": 200}, "complete", []),
        ({"received": 20, "declared_total": None, "last_rows": None, "rejected": 19}, "complete", []),
        ({"held": (rules.Reason("deletes_many", "多", "many"),)}, "suspect", ["deletes_many"]),
        ({"is_full": False, "received": 0}, "complete", []),  # nothing changed
    ],
)
def test_verdicts(told: dict[str, object], verdict: str, codes: list[str]) -> None:
    found, reasons = rules.judge_read(replace(FULL, **told))  # type: ignore[arg-type]
    assert (found, [reason.code for reason in reasons]) == (verdict, codes)
    assert all(reason.zh and reason.en for reason in reasons)


def test_absence_counts_only_after_a_complete_full_read() -> None:
    assert rules.may_delete_by_absence(FULL, 3) == []
    for told in ({"is_full": False}, {"has_ended": False}, {"received": 999}):
        [reason] = rules.may_delete_by_absence(replace(FULL, **told), 3)  # type: ignore[arg-type]
        assert reason.code == "read_not_complete"
    unidentified = replace(FULL, unidentified=3)
    assert [reason.code for reason in rules.may_delete_by_absence(unidentified, 3)] == ["absence_unproven"]
    assert rules.may_delete_by_absence(unidentified, 4) == []
    assert rules.may_delete_by_absence(replace(unidentified, last_unidentified=3), 3) == []


@pytest.mark.parametrize(
    ("is_full", "modified", "before", "expected"),
    [
        (True, None, None, True),
        (True, NOW - timedelta(days=1), NOW - timedelta(days=2), True),
        (True, NOW + timedelta(seconds=1), NOW - timedelta(days=2), False),  # it changed while it was read
        (False, NOW, NOW, True),
        (False, NOW, NOW - timedelta(seconds=1), False),
        (False, None, None, True),
    ],
)
def test_duplicates(
    is_full: bool, modified: datetime | None, before: datetime | None, expected: bool
) -> None:
    assert rules.is_duplicate(is_full=is_full, modified=modified, before=before, opened=NOW) is expected
