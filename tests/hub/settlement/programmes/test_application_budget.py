"""Applications at the edge of the budget, in the line for it, and several people at once."""

from collections.abc import Callable

import pytest

from hub.core.db import Database
from hub.core.errors import HubError
from hub.settlement import service
from hub.settlement.errors.programmes import (
    ApplicationTwice,
)
from hub.settlement.service import applications
from tests.hub.settlement.laws import broken
from tests.hub.settlement.programmes.offices import (
    ACTOR,
    GUIZHOU,
    NOW,
    Offices,
    act,
    document,
    drafted,
    furnish,
    grants,
    pool,
    state,
    submitted,
)
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database


@pytest.fixture
def world(database: Database) -> Offices:
    return furnish(database)


def test_a_race_of_equal_forms_makes_one_application(world: Offices) -> None:
    got = race(world.database, [lambda n=n: drafted(world, key=f"form-{n}").id for n in range(6)])  # type: ignore[misc]
    made = [each for each in got if isinstance(each, str)]
    assert len(made) == 1, got
    assert sum(isinstance(each, ApplicationTwice) for each in got) == 5


def test_the_same_form_sent_many_times_at_once_is_one_application(world: Offices) -> None:
    got = race(world.database, [lambda: drafted(world).id] * 6)
    assert len(set(got)) == 1, got


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_at_the_edge_of_the_budget_it_is_granted_or_waits(database: Database, more: int) -> None:
    world = furnish(database, budget_fen=4_000_000 + more)
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    act(world, "confirm", "second", application_id)
    expected = "waiting_budget" if more < 0 else "granted"
    assert state(world, application_id).state == expected
    assert pool(world) == (more if more >= 0 else 3_999_999)


def test_what_waits_for_budget_is_granted_in_its_order_when_there_is_some(database: Database) -> None:
    world = furnish(database, budget_fen=None)
    ids = [submitted(world, 4_000_000), submitted(world, 1_000_000, who="zunyi", minute=1)]
    for minute, application_id in enumerate(ids):
        act(world, "approve", "first", application_id, minute=5)
        act(world, "confirm", "second", application_id, minute=10 + minute)
    assert [document(world, each)["place"] for each in ids] == [
        {"line": "budget", "position": 1, "of": 2},
        {"line": "budget", "position": 2, "of": 2},
    ]
    assert act(world, "confirm", "second", ids[0], minute=20).is_repeat
    with world.database.write() as session:
        service.fund(session, GUIZHOU, 2026, 3_999_999, reference="a", actor=ACTOR, now=NOW)
        assert applications.release_waiting(session, GUIZHOU, now=NOW) == 0  # the first is not passed over
        service.fund(session, GUIZHOU, 2026, 1, reference="b", actor=ACTOR, now=NOW)
        assert applications.release_waiting(session, GUIZHOU, now=NOW) == 1
        assert applications.release_waiting(session, GUIZHOU, now=NOW) == 0
    assert [state(world, each).state for each in ids] == ["granted", "waiting_budget"]
    third = [each for each in ids if state(world, each).state == "waiting_budget"]
    act(world, "refuse", "third", third[0], "预算年度已结束")
    assert broken(world.database) == []


def test_a_later_one_does_not_overtake_who_waits(database: Database) -> None:
    world = furnish(database, budget_fen=1_000_000)
    large, small = submitted(world, 4_000_000), submitted(world, 1_000_000, who="zunyi")
    for each in (large, small):
        act(world, "approve", "first", each)
        act(world, "confirm", "second", each)
    assert [state(world, each).state for each in (large, small)] == ["waiting_budget", "waiting_budget"]
    assert pool(world) == 1_000_000


def test_of_concurrent_second_approvals_exactly_one_makes_a_grant(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    acts: list[Callable[[], object]] = [
        lambda who=who: act(world, "confirm", who, application_id)  # type: ignore[misc]
        for who in ("second", "third", "second", "third", "first", "second")
    ]
    race(world.database, acts)
    assert state(world, application_id).state == "granted"
    assert grants(world) == [(world.enterprises["guiyang"], 4_000_000)]
    assert pool(world) == 96_000_000
    assert broken(world.database) == []


def test_of_concurrent_first_approvals_one_person_is_the_first(world: Offices) -> None:
    """Two approve as the first, and each also tries to be the second: two different people, or one approval only."""
    application_id = submitted(world)
    acts: list[Callable[[], object]] = [
        lambda command=command, who=who: act(world, command, who, application_id)  # type: ignore[misc]
        for command, who in (
            ("approve", "first"), ("approve", "third"), ("confirm", "first"), ("approve", "first"), ("confirm", "third"),
            ("approve", "third"),
        )
    ]  # fmt: skip
    got = race(world.database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    held = state(world, application_id)
    if held.state == "approved_once":
        assert (grants(world), pool(world)) == ([], 100_000_000)
    else:
        assert held.state == "granted"
        assert {held.first_by, held.decided_by} == {"account:first", "account:third"}
        assert grants(world) == [(world.enterprises["guiyang"], 4_000_000)]
    assert broken(world.database) == []


@pytest.mark.parametrize("more", [-1, 0])
def test_the_last_fen_of_the_pool_goes_to_one_of_two(database: Database, more: int) -> None:
    """Two applications are confirmed at once, each by two people, and the pool holds both or a fen less."""
    world = furnish(database, budget_fen=8_000_000 + more)
    ids = [submitted(world), submitted(world, who="zunyi")]
    for each in ids:
        act(world, "approve", "first", each)
    acts: list[Callable[[], object]] = [
        lambda who=who, each=each: act(world, "confirm", who, each)  # type: ignore[misc]
        for who in ("second", "third")
        for each in ids
    ]
    got = race(world.database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    states = sorted(state(world, each).state for each in ids)
    assert states == (["granted", "waiting_budget"] if more else ["granted", "granted"])
    assert sum(fen for _, fen in grants(world)) + pool(world) == 8_000_000 + more
    assert broken(world.database) == []


def test_withdrawing_and_approving_at_once_leave_one_end(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    race(
        world.database,
        [
            lambda: act(world, "confirm", "second", application_id),
            lambda: act(world, "withdraw", "guiyang", application_id),
        ],
    )
    held = state(world, application_id)
    assert (held.state, len(grants(world))) in {("granted", 1), ("withdrawn", 0)}


def test_the_place_in_the_line_is_seen(world: Offices) -> None:
    ids = [submitted(world), submitted(world, who="zunyi", minute=5)]
    assert [document(world, each)["place"] for each in ids] == [
        {"line": "review", "position": 1, "of": 2},
        {"line": "review", "position": 2, "of": 2},
    ]
    act(world, "approve", "first", ids[0])
    act(world, "confirm", "second", ids[0])
    assert document(world, ids[1])["place"] == {"line": "review", "position": 1, "of": 1}
