"""Seeded histories: 200 in every run, 10,000 in the soak."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from hub.availability.rules import Slot
from hub.core.db import Database
from tests.hub.bookings.simulation.laws import broken
from tests.hub.bookings.simulation.play import Play, clear
from tests.hub.bookings.world import World
from tests.hub.settlement.laws import broken as broken_vouchers
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.long


def play_all(database: Database, home: Path, seeds: Iterable[int], *, has_vouchers: bool = False) -> None:
    world = World.build(database, VirtualClock(), home)
    if has_vouchers:
        world.put_voucher(10**9)
    quotes: dict[tuple[str, Slot], str] = {}
    for seed in seeds:
        world = replace(World.over(database, VirtualClock(), home), quotes=quotes)
        play = Play(world, seed)
        play.run()
        faults = broken(play)
        assert not faults, f"seed {seed}:\n" + "\n".join([*faults, "", *play.log])
        clear(world)


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_two_hundred_histories(database: Database, tmp_path: Path, first: int) -> None:
    """The enterprise of the last fifty has a voucher."""
    play_all(database, tmp_path, range(first, first + 50), has_vouchers=first == 150)
    assert broken_vouchers(database, has_chain=False) == []  # between seeds the chain is forgotten


def test_histories_that_once_broke_a_law(database: Database, tmp_path: Path) -> None:
    """1201: a late word on one proposal decided the next. 2260, 4141: terms moved an order that was being served.
    6823: a refused connection hid that an earlier call may have arrived. 8022, 10542: an older word closed a case.
    """
    play_all(database, tmp_path, (1201, 2260, 4141, 6823, 8022, 10542))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1_000, 11_000, 500))
def test_ten_thousand_histories(database: Database, tmp_path: Path, first: int) -> None:
    play_all(database, tmp_path, range(first, first + 500))
