"""Usage as pure rules: running time, joint decisions, notices, periods, and the machine under any sequence of commands."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.settlement.rules import usages as rules
from hub.settlement.rules.usages import Facts, Interval, Refusal, Said

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VISITED, HOME = "visited_province", "home_province"

lengths = st.lists(
    st.tuples(st.sampled_from(["running", "idle"]), st.integers(1, 10_000), st.integers(0, 5_000)),
    max_size=12,
)


def spans(told: list[tuple[str, int, int]]) -> list[Interval]:
    """Intervals one after another: state, length and the gap before, in seconds."""
    at, found = NOW, []
    for state, length, gap in told:
        start = at + timedelta(seconds=gap)
        at = start + timedelta(seconds=length)
        found.append(Interval(state, start, at))
    return found


@settings(max_examples=60)
@given(lengths)
def test_only_running_counts(told: list[tuple[str, int, int]]) -> None:
    intervals = spans(told)
    ran = sum(length for state, length, _ in told if state == "running")
    assert rules.interval_fault(intervals) is None
    assert abs(rules.billable_minutes(intervals) * 60 - ran) <= 30
    assert rules.billable_minutes(i for i in intervals if i.state == "idle") == 0


@settings(max_examples=60)
@given(lengths.filter(lambda told: len(told) > 1), st.data())
def test_what_overlaps_is_named(told: list[tuple[str, int, int]], data: st.DataObject) -> None:
    intervals = spans(told)
    at = data.draw(st.integers(1, len(intervals) - 1))
    before = intervals[at - 1]
    intervals[at] = intervals[at]._replace(start=before.end - timedelta(seconds=1))
    assert rules.interval_fault(intervals) == at


def test_an_hour_told_by_the_piece_is_replaced_by_the_sensors_hours() -> None:
    used = rules.without_idling(
        {"quantity": 3, "charging_unit": "hour", "note": "x"}, spans([("running", 5400, 0), ("idle", 600, 0)])
    )
    assert (used["hours"], "quantity" in used, used["note"]) == (1.5, False, "x")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([], None),
        ([Said(VISITED, "a", "waive")], None),
        ([Said(VISITED, "a", "waive"), Said(HOME, "b", "uphold")], None),
        ([Said(VISITED, "a", "waive"), Said(HOME, "b", "waive")], "waive"),
        ([Said(VISITED, "a", "waive"), Said(HOME, "a", "waive")], None),
        ([Said(VISITED, "a", "waive"), Said(HOME, "b", "uphold"), Said(VISITED, "a", "uphold")], "uphold"),
        ([Said(VISITED, "a", "amend", {"hours": 1}), Said(HOME, "b", "amend", {"hours": 2})], None),
        ([Said(VISITED, "a", "amend", {"hours": 1}), Said(HOME, "b", "amend", {"hours": 1})], "amend"),
    ],
)
def test_both_must_say_the_same_last(said: list[Said], outcome: str | None) -> None:
    found = rules.joint(said)
    assert (found.outcome if found else None) == outcome


@pytest.mark.parametrize(
    ("notices", "is_enough"),
    [
        ([], False),
        ([(1, "inbox"), (1, "mail")], False),
        ([(1, "inbox"), (2, "inbox")], False),
        ([(1, "inbox"), (2, "mail")], True),
        ([(1, "mail"), (2, "inbox")], True),
        ([(1, "mail"), (2, "mail")], False),
        ([(1, "inbox"), (2, "inbox"), (3, "sms")], True),
    ],
)
def test_two_notices_by_two_channels(notices: list[tuple[int, str]], is_enough: bool) -> None:
    assert rules.is_told_twice(notices) is is_enough


def test_arbiters_are_of_a_third_province() -> None:
    for visited in ("340000", "510000", "310000"):
        found = rules.arbiters_for(visited, "430000", NOW)
        assert found
        assert not {each.province for each in found} & {visited, "430000"}
    assert rules.arbiters_for("310000", "330000", datetime(2025, 1, 1, tzinfo=UTC)) == []


def test_periods_are_data() -> None:
    held = rules.periods_of("310000", NOW)
    assert (held.remind_days, held.silence_days, held.decide_days) == (3, 5, 10)


SIDES = rules.MACHINE.sides
COMMANDS = sorted({row.command for row in rules.MACHINE.transitions} - {"record"})


class AnyHistory(RuleBasedStateMachine):
    """Any side may try anything in any order; the machine decides, and these laws hold throughout."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts("submitted")
        self.path = ["submitted"]
        self.by: list[tuple[str, str]] = []

    @rule(
        command=st.sampled_from(COMMANDS),
        side=st.sampled_from(SIDES),
        reason=st.sampled_from([None, "x"]),
        late=st.booleans(),
        told=st.booleans(),
        confirmable=st.booleans(),
        arbitrated=st.booleans(),
    )
    def attempt(
        self,
        *,
        command: str,
        side: str,
        reason: str | None,
        late: bool,
        told: bool,
        confirmable: bool,
        arbitrated: bool,
    ) -> None:
        due = NOW - timedelta(days=1) if late else NOW + timedelta(days=1)
        facts = Facts(self.path[-1], due, confirmable, told, arbitrated, due)
        found = rules.decide(facts, command, side, reason=reason, now=NOW)
        if isinstance(found, Refusal):
            assert found.state == self.path[-1]
            return
        assert command in rules.possible(facts, side, NOW) or reason is None
        if command == "confirm" and side == "system":
            assert confirmable
        if command == "decide":
            assert side in {VISITED, HOME}
            assert not arbitrated
        if command == "refer":
            assert late
            assert not told
        self.by.append((command, side))
        self.path.append(found)

    @invariant()
    def the_end_is_the_end(self) -> None:
        assert not any(before in {"settled", "waived"} for before, _ in pairwise(self.path))

    @invariant()
    def nothing_is_priced_unconfirmed(self) -> None:
        assert all(
            before in {"confirmed", "locked", "rated"}
            for before, after in pairwise(self.path)
            if after == "rated"
        )

    @invariant()
    def only_its_enterprise_disputes_and_nobody_of_the_order_decides(self) -> None:
        for command, side in self.by:
            if command == "dispute":
                assert side == "enterprise"
            if command in {"decide", "arbitrate", "uphold", "correct"}:
                assert side not in {"enterprise", "provider", "platform", "payer"}


AnyHistory.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyHistory = AnyHistory.TestCase
