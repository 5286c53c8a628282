"""Seeded histories: 200 in every run, 10,000 in the soak."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from hub.availability.models import TariffRow
from hub.availability.rules import Slot
from hub.core.db import Database
from hub.settlement import queries
from hub.settlement.models import Attempt, Hold, RatedLine, Refund, Usage
from tests.hub.bookings.simulation.laws import broken
from tests.hub.bookings.simulation.money import MoneyPlay, furnish_people
from tests.hub.bookings.simulation.money_laws import broken_accounts, broken_money
from tests.hub.bookings.simulation.play import Play, clear
from tests.hub.bookings.using import BY_USE
from tests.hub.bookings.world import PARTY, World
from tests.hub.settlement.laws import broken as broken_vouchers
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.long


PLENTY, SCARCE = 10**9, 60_000
"""Fen that a history begins with: more than it can use, and less than two bookings of two hours want (40,000 each)."""

PAID_FOR, PAID_FOR_BARE = 4, 15
"""Every such history goes on to usage, disputes and payments: with a voucher, and without any."""


def play_all(
    database: Database, home: Path, seeds: Iterable[int], *, left_fen: int = 0, are_paid_for: bool = False
) -> None:
    """`left_fen`: what is left of the enterprise's voucher when each history begins; 0: it has none."""
    world = World.build(database, VirtualClock(), home)
    with database.write() as session:
        session.execute(update(TariffRow).values(document=BY_USE))
    furnish_people(database, world.clock())
    quotes: dict[tuple[str, Slot], str] = {}
    for seed in seeds:
        world = replace(World.over(database, VirtualClock(), home), quotes=quotes)
        if left_fen:
            world.put_voucher(_spent(database) + left_fen, revision=seed)
        is_paid_for = are_paid_for or seed % (PAID_FOR if left_fen else PAID_FOR_BARE) == 0
        play = MoneyPlay(world, seed) if is_paid_for else Play(world, seed)
        play.run()
        faults = broken(play)
        if isinstance(play, MoneyPlay):
            faults += broken_money(play)
            play.leave()
        assert not faults, f"seed {seed}:\n" + "\n".join([*faults, "", *play.log])
        clear(world)
    assert broken_vouchers(database) == []
    assert broken_accounts(database) == []


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_two_hundred_histories(database: Database, tmp_path: Path, first: int) -> None:
    """The enterprise of the last fifty has a voucher."""
    play_all(database, tmp_path, range(first, first + 50), left_fen=PLENTY if first == 150 else 0)
    if first == 150:
        assert _reached_nothing(database) == []


def test_histories_whose_voucher_is_not_enough_for_all(database: Database, tmp_path: Path) -> None:
    """What one booking lets go is what the next may hold; nothing is held of what ended, and nothing overdrawn."""
    play_all(database, tmp_path, range(200, 225), left_fen=SCARCE)
    with database.read() as session:
        holds = session.scalars(select(Hold)).all()
    assert any(hold.state == "released" for hold in holds)
    assert any(0 < hold.fen < 40_000 for hold in holds), "some booking got what was left"


def _reached_nothing(database: Database) -> list[str]:
    """A storm that reaches nothing proves nothing: what no history of this database came to."""
    with database.read() as session:
        ways = {row.confirmed_by for row in session.scalars(select(Usage))}
        versions = session.scalar(select(func.max(RatedLine.usage_version))) or 0
        states = {row.state for row in session.scalars(select(Attempt))}
        refunds = session.scalars(select(Refund)).all()
    found = {"another version": versions > 1, "a payment": "paid" in states, "a refund": bool(refunds)}
    found |= {"a confirmation": bool(ways & {"enterprise", "completion"}), "silence": "silence" in ways}
    return [name for name, is_there in found.items() if not is_there]


def _spent(database: Database) -> int:
    """What of the allotment is held or used already: the home system never goes below it."""
    with database.read() as session:
        held = queries.wallets(session, PARTY.id)
    return sum(each.granted_fen - each.left_fen for each in held)


def test_histories_that_once_broke_a_law(database: Database, tmp_path: Path) -> None:
    """1201: a late word on one proposal decided the next. 2260, 4141: terms moved an order that was being served.
    6823: a refused connection hid that an earlier call may have arrived. 8022, 10542: an older word closed a case.
    """
    play_all(database, tmp_path, (1201, 2260, 4141, 6823, 8022, 10542))


def test_histories_of_money_that_once_broke_a_law(database: Database, tmp_path: Path) -> None:
    """2409: a late answer had a stuck booking cancelled again; the end of that time stopped everybody's deadlines."""
    play_all(database, tmp_path, (2409,), left_fen=PLENTY, are_paid_for=True)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1_000, 11_000, 500))
def test_ten_thousand_histories(database: Database, tmp_path: Path, first: int) -> None:
    left_fen = (PLENTY, 0, SCARCE)[first // 500 % 3]
    play_all(database, tmp_path, range(first, first + 500), left_fen=left_fen)
