"""Sources that fail, seen from the hub: nothing disappears, the run says why, and the next good answer puts it right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.simulators.world import World
from hub.federation.errors import SyncDeferred
from tests.e2e.federation import Federation, federation
from tests.faults.sources import (
    BY_FEED,
    BY_PAGE,
    BY_TIME,
    DROPPED,
    adapters_of,
    advance,
    failures,
    good,
    last_run,
    shown,
)
from tests.virtual_clock import VirtualClock

pytestmark = [pytest.mark.long, pytest.mark.database]


@pytest.fixture
def hub(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Federation]:
    """The test's `code` (or 浙江), harvested once; waiting takes no time and the clock is ours."""
    clock = VirtualClock()
    code = request.node.callspec.params.get("code", BY_PAGE) if hasattr(request.node, "callspec") else BY_PAGE
    with federation(
        World(records=300),
        tmp_path,
        [code],
        lambda fleet: {"adapters": adapters_of(fleet), "clock": clock},
    ) as running:
        assert running.fleet is not None
        if code == DROPPED:
            running.fleet.simulators[DROPPED].drop()  # type: ignore[attr-defined]
        assert {end.verdict for end in running.sync(code)} == {"complete"}, last_run(running, code)
        yield running


def vanish_all(hub: Federation, code: str) -> dict[str, Any]:
    """The source suddenly returns nothing; the hold that the next full read opens."""
    failures(hub, code).set({"nothing": True})
    advance(hub, 3600)
    ends = hub.sync(code, is_full=True)
    assert {end.verdict for end in ends if end.resource == "instruments"} == {"suspect"}
    hub.settle()
    with hub.signed_in(hub.put_account("admin", "hub_admin")) as admin:
        holds = hub.every(f"/api/v1/provinces/{code}/holds", admin)
    [hold] = [h for h in holds if h["resource"] == "instruments" and h["state"] == "open"]
    assert (hold["count"], hold["live_before"]) == (good(hub, code), good(hub, code))
    return hold


def decide(hub: Federation, code: str, hold: dict[str, Any], decision: str) -> None:
    with hub.signed_in(hub.put_account(f"staff-{code}", "province_staff", code)) as staff:
        answer = staff.post(
            f"/api/v1/provinces/{code}/holds/{hold['id']}/{decision}", json={"note": "核对过"}
        )
        assert answer.status_code == 200, answer.text
    advance(hub, 1)
    hub.settle()


@pytest.mark.parametrize("code", [BY_PAGE, BY_FEED, BY_TIME])
def test_a_source_that_suddenly_returns_nothing_takes_nothing_away(hub: Federation, code: str) -> None:
    hub.settle()
    total = hub.get("/api/v1/instruments", open="any", province=code)["total"]
    vanish_all(hub, code)
    assert shown(hub, code)["counts"]["any"] == good(hub, code)
    assert hub.get("/api/v1/instruments", open="any", province=code)["total"] == total == good(hub, code)
    run = last_run(hub, code)
    assert run["verdict"] == "suspect"
    assert {reason["code"] for reason in run["reasons"]} >= {"deletes_everything"}
    assert run["withdrawn"] == 0
    told = shown(hub, code)
    assert told["is_stale"]
    assert told["counts"]["held"] >= good(hub, code)
    page = hub.client.get(f"/provinces/{code}").text
    assert str(good(hub, code)) in page
    assert "存疑" in page or "暂缓" in page or "待核" in page


def test_when_the_source_comes_back_nobody_has_to_decide(hub: Federation) -> None:
    vanish_all(hub, BY_PAGE)
    failures(hub, BY_PAGE).clear()
    advance(hub, 3600)
    assert {end.verdict for end in hub.sync(BY_PAGE, is_full=True)} == {"complete"}
    told = shown(hub, BY_PAGE)
    assert (told["counts"]["held"], told["is_stale"]) == (0, False)
    assert told["counts"]["any"] == good(hub, BY_PAGE)


def test_a_person_may_undo(hub: Federation) -> None:
    hold = vanish_all(hub, BY_PAGE)
    decide(hub, BY_PAGE, hold, "undo")
    assert shown(hub, BY_PAGE)["counts"]["any"] == good(hub, BY_PAGE)
    with hub.signed_in("admin") as admin:
        states = {h["id"]: h["state"] for h in hub.every(f"/api/v1/provinces/{BY_PAGE}/holds", admin)}
    assert states[hold["id"]] == "discarded"


def test_a_person_may_release_and_still_take_it_back(hub: Federation) -> None:
    hold = vanish_all(hub, BY_PAGE)
    decide(hub, BY_PAGE, hold, "release")
    assert shown(hub, BY_PAGE)["counts"]["any"] == 0
    assert hub.get("/api/v1/instruments", open="any", province=BY_PAGE)["total"] == 0
    decide(hub, BY_PAGE, hold, "undo")
    assert shown(hub, BY_PAGE)["counts"]["any"] == good(hub, BY_PAGE)
    assert hub.get("/api/v1/instruments", open="any", province=BY_PAGE)["total"] == good(hub, BY_PAGE)


@pytest.mark.parametrize(
    ("code", "path"), [(BY_PAGE, "school-instrument-list"), (BY_FEED, "/api/v2/instruments/changes")]
)
def test_a_page_repeated_for_ever_ends_the_run_and_deletes_nothing(
    hub: Federation, code: str, path: str
) -> None:
    failures(hub, code).set({"repeat_page": True, "only": path})
    advance(hub, 3600)
    hub.sync(code, is_full=True)
    run = last_run(hub, code)
    assert (run["state"], run["verdict"], run["withdrawn"]) == ("finished", "partial", 0)
    assert [reason["code"] for reason in run["reasons"]] == ["loop-detected"]
    assert shown(hub, code)["counts"]["any"] == good(hub, code)
    failures(hub, code).clear()
    advance(hub, 3600)
    assert hub.sync(code, is_full=True)[-1].verdict == "complete"


@pytest.mark.parametrize("code", [BY_TIME])
def test_a_platform_that_asks_to_wait_is_left_alone_so_long_and_read_on(hub: Federation, code: str) -> None:
    failures(hub, BY_TIME).set({"unavailable": 1000, "retry_after": 600, "only": "/data/"})
    advance(hub, 3600)
    with pytest.raises(SyncDeferred) as deferred:
        hub.sync(BY_TIME, is_full=True)
    assert deferred.value.retry_after >= 600
    assert last_run(hub, BY_TIME)["state"] == "waiting"
    assert shown(hub, BY_TIME)["counts"]["any"] == good(hub, BY_TIME)
    failures(hub, BY_TIME).clear()
    advance(hub, 700)
    assert hub.sync(BY_TIME)[-1].verdict == "complete"


@pytest.mark.parametrize("code", [BY_PAGE, BY_FEED])
def test_tokens_that_expire_in_mid_harvest_stop_nothing(hub: Federation, code: str) -> None:
    failures(hub, code).set({"expire_after": 3})
    advance(hub, 3600)
    assert {end.verdict for end in hub.sync(code, is_full=True)} == {"complete"}
    assert shown(hub, code)["counts"]["any"] == good(hub, code)


@pytest.mark.parametrize("fault", ["half_answers", "broken_answers"])
def test_half_an_answer_is_never_taken_for_the_whole(hub: Federation, fault: str) -> None:
    failures(hub, BY_PAGE).set({fault: 1000, "only": "school-instrument-list"})
    advance(hub, 3600)
    try:
        end = hub.sync(BY_PAGE, is_full=True)[-1]
        assert end.verdict == "partial"
    except SyncDeferred:
        assert last_run(hub, BY_PAGE)["state"] == "waiting"
    assert shown(hub, BY_PAGE)["counts"]["any"] == good(hub, BY_PAGE)
    failures(hub, BY_PAGE).clear()
    advance(hub, 7200)
    assert hub.sync(BY_PAGE, is_full=True)[-1].verdict == "complete"
    assert shown(hub, BY_PAGE)["counts"]["any"] == good(hub, BY_PAGE)


@pytest.mark.parametrize("code", [DROPPED])
@pytest.mark.parametrize("damage", ["half", "wrong_checksum"])
def test_a_damaged_file_changes_nothing_and_the_next_good_one_counts(
    hub: Federation, damage: str, code: str
) -> None:
    assert hub.fleet is not None
    simulator: Any = hub.fleet.simulators[DROPPED]
    world = hub.fleet.world.province(DROPPED)
    gone, _ = next(world.good())
    world.vanish(gone.key)
    simulator.drop(damage=damage)
    advance(hub, 3600)
    assert hub.sync(DROPPED)[-1].verdict == "partial"
    run = last_run(hub, DROPPED)
    assert [reason["code"] for reason in run["reasons"]] == ["malformed"]
    assert run["withdrawn"] == 0
    assert shown(hub, DROPPED)["counts"]["any"] == good(hub, DROPPED)
    simulator.drop()
    advance(hub, 3600)
    assert hub.sync(DROPPED)[-1].verdict == "complete"
    assert shown(hub, DROPPED)["counts"]["any"] == good(hub, DROPPED) - 1
