"""The laws catch what they are for: with one safeguard taken out, a seed breaks them soon."""

from pathlib import Path

import pytest

from hub.core.db import Database
from tests.hub.bookings.simulation.laws import broken
from tests.hub.bookings.simulation.play import Play, clear
from tests.hub.bookings.simulation.variants import VARIANTS
from tests.hub.bookings.world import World
from tests.virtual_clock import VirtualClock

MOST_SEEDS = 150


pytestmark = pytest.mark.long


def first_broken(database: Database, home: Path, count: int) -> tuple[int, list[str]] | None:
    for seed in range(MOST_SEEDS):
        play = Play(World.over(database, VirtualClock(), home), seed, count=count)
        try:
            play.run()
            found = broken(play)
        except Exception as fault:  # a variant may also break down altogether: caught as well
            found = [repr(fault)]
        clear(play.world)
        if found:
            return seed, found
    return None


@pytest.mark.parametrize("name", VARIANTS)
def test_a_missing_safeguard_is_caught(database: Database, tmp_path: Path, name: str) -> None:
    World.build(database, VirtualClock(), tmp_path)
    with VARIANTS[name]():
        caught = first_broken(database, tmp_path, count=3 if name == "slot guard" else 2)
    assert caught is not None, f"no seed below {MOST_SEEDS} noticed that the {name} is missing"
