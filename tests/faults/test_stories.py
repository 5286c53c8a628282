"""Any story of a province ends in the truth: edits, withdrawals, failures and reads in random order, then peace."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.simulators.world import World
from hub.federation.errors import SyncDeferred
from tests.e2e import expected
from tests.e2e.federation import federation
from tests.faults.sources import (
    BY_FEED,
    BY_PAGE,
    BY_TIME,
    adapters_of,
    advance,
    failures,
    shown,
)
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

STEPS = 14
FAULTS: tuple[dict[str, Any], ...] = (
    {"unavailable": 2, "retry_after": 30},
    {"half_answers": 1},
    {"broken_answers": 1},
    {"expire_after": 2},
    {"nothing": True},
)


@pytest.mark.parametrize("code", [BY_FEED, BY_PAGE, BY_TIME])
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 26))])
def test_any_story_ends_in_the_truth(code: str, seed: int, tmp_path: Path) -> None:
    """After the last failure one full read shows exactly what the source has: facts, not only counts."""
    chance = random.Random(f"{code}-{seed}")
    clock = VirtualClock(datetime(2030, 1, 1, tzinfo=UTC))  # no record is newer than the read that brings it
    told: list[str] = []
    with federation(
        World(records=200), tmp_path, [code], lambda fleet: {"adapters": adapters_of(fleet), "clock": clock}
    ) as hub:
        assert hub.fleet is not None
        world = hub.fleet.world.province(code)
        # Of two records that share a number the first one stands: moving it would let the other in.
        keys = sorted(world.expected_keys() - world.hopeless_keys())
        gone: list[str] = []

        def edit() -> None:
            world.touch(
                chance.choice([key for key in keys if key not in gone]), model=f"M-{chance.random():.9f}"
            )

        def withdraw() -> None:
            gone.append(chance.choice([key for key in keys if key not in gone]))
            world.vanish(gone[-1])

        def bring_back() -> None:
            if gone:
                world.restore(gone.pop(chance.randrange(len(gone))))

        def fail() -> None:
            failures(hub, code).set(chance.choice(FAULTS))

        def mend() -> None:
            failures(hub, code).clear()

        def read() -> None:
            with suppress(SyncDeferred):
                hub.sync(code, is_full=chance.random() < 0.4)

        acts: list[Callable[[], None]] = [edit, edit, withdraw, bring_back, fail, mend, read, read, read]
        for _ in range(STEPS):
            act = chance.choice(acts)
            told.append(act.__name__)
            act()
            world.tick(chance.randrange(1, 4000))
            advance(hub, chance.choice([1, 60, 4000]))
        failures(hub, code).clear()
        world.tick(60)
        advance(hub, 7 * 86_400)  # past every pause and breaker
        ends = hub.sync(code, is_full=True)
        assert {end.verdict for end in ends} == {"complete"}, told
        hub.settle()
        items = hub.every("/api/v1/instruments", open="any", province=code, sort="newest", limit=100)
        held = [world.get(key) for key in world.expected_keys()]
        wanted = {expected.id_of(code, instrument): instrument.model for instrument in held if instrument}
        assert {item["id"]: item.get("model") for item in items} == wanted, told
        counts = shown(hub, code)["counts"]
        assert (counts["any"], counts["held"]) == (len(wanted), 0), told
