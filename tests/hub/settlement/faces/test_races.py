"""An allotment is raised, lowered and taken back while orders are held: never below what is held and used, never more
spent here and there than was granted. Real threads, judged on committed rows and on the home system's own book.
"""

import contextlib
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from adapters.contract import AllotmentReply
from adapters.simulators.purse import Purse, PurseEmpty
from hub.core.db import Database
from hub.core.errors import HubError
from hub.settlement import ledger
from hub.settlement.models import Grant, Hold
from hub.settlement.queries.wallets import held_account, voucher_account
from tests.hub.settlement.faces.homes import CODE, UNTIL, furnish, hear, word
from tests.hub.settlement.laws import broken
from tests.hub.settlement.test_ledger import race
from tests.hub.settlement.vouchers import capture, hold, release

pytestmark = pytest.mark.database

GRANT, NAME = 10_000, "ED-1"


class Home:
    """The home system: it changes its mind, is answered, and lets the holder spend the rest locally."""

    def __init__(self, database: Database) -> None:
        self.database, self.purse = database, Purse()
        self.purse.grant(CODE, GRANT)
        self.answers: list[AllotmentReply] = []
        self._speaks = threading.Lock()

    def say(self, fen: int, *, twice: bool = False) -> None:
        """Give, raise, lower or take back; told and answered, perhaps twice."""
        with self._speaks:
            try:
                self.purse.allot(NAME, fen, holder=CODE, programme="JXKJQ", until=UNTIL.isoformat())
            except PurseEmpty:
                return
            told = word(fen, self.purse.allotments[NAME].revision, id=NAME)
        for _ in range(1 + twice):
            reply = hear(self.database, told)
            self.answers.append(reply)
            if reply.outcome != "stale":
                self.purse.answer(reply.id, reply.revision, reply.allotted)

    def spend(self, fen: int) -> None:
        with contextlib.suppress(PurseEmpty):
            self.purse.spend(CODE, fen)


def run(database: Database, acts: list[Callable[[], object]]) -> list[object]:
    got = race(database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    return got


def judge(home: Home) -> tuple[int, int]:
    """The allotment, and what of it is held or used; after the laws."""
    assert broken(home.database) == []
    with home.database.read() as session:
        grant = session.scalars(select(Grant).where(Grant.external_id == NAME)).one()
        accounts = [voucher_account(grant.id), held_account(grant.id)]
        left, held = ledger.balances(session, accounts).values()
        rows = session.scalars(select(Hold)).all()
        used = sum(row.captured_fen for row in rows if row.state == "captured")
        open_fen = sum(row.fen for row in rows if row.state == "held")
        allotted = grant.fen
    assert held == open_fen
    assert allotted == left + held + used, "never below what is held and used"
    assert allotted <= home.purse.allotments[NAME].reserved, (
        "the home system has set aside what the hub may spend"
    )
    assert home.purse.spent.get(CODE, 0) + held + used <= GRANT, (
        "spent here and there: no more than was granted"
    )
    assert home.purse.left(CODE) >= 0
    return allotted, held + used


def test_an_allotment_that_changes_while_orders_are_held(database: Database) -> None:
    holder, home = furnish(database), Home(database)
    home.say(6_000)

    def book(number: int) -> Callable[[], object]:
        return lambda: hold(database, f"bk-{number}", 3_000 + number, holder=holder)

    def spend() -> None:
        for fen in (1_500, 2_500, 4_000, 1_000):
            home.spend(fen)

    changes = [lambda fen=fen: home.say(fen, twice=True) for fen in (9_000, 1_000, 4_000, 7_000)]  # type: ignore[misc]
    run(database, [*[book(number) for number in range(8)], *changes, spend, spend])
    judge(home)
    with database.read() as session:
        orders = [row.reference for row in session.scalars(select(Hold).where(Hold.state == "held"))]
    ends = [
        (lambda name=name: capture(database, name, 700))
        if number % 2
        else (lambda name=name: release(database, name))  # type: ignore[misc]
        for number, name in enumerate(orders)
    ]
    run(database, [*ends, lambda: home.say(0, twice=True), spend, lambda: home.say(8_000)])
    judge(home)
    home.say(0)
    allotted, taken = judge(home)
    assert allotted == taken, "what was free went back whole"


def test_of_the_last_fen_of_an_allotment_one_order_or_the_home_system_has_it(database: Database) -> None:
    """1,000 are free; four orders want 1,000 each while they are taken back: one has them, or the home system."""
    holder, home = furnish(database), Home(database)
    home.say(1_000)
    acts: list[Callable[[], object]] = [
        lambda number=number: hold(database, f"bk-{number}", 2_000, holder=holder)  # type: ignore[misc]
        for number in range(4)
    ]
    run(database, [*acts[:2], lambda: home.say(0), *acts[2:], lambda: home.spend(9_001)])
    allotted, taken = judge(home)
    assert (allotted, taken) in {(0, 0), (1_000, 1_000)} or 0 < taken == allotted < 1_000
