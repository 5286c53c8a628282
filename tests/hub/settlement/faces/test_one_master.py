"""Local and hub spending never pass the grant, however words and answers are lost, repeated and reordered."""

import contextlib
from secrets import token_hex

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from adapters.contract import AllotmentReply, AllotmentWord
from adapters.simulators.purse import Allotted, Purse, PurseEmpty
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.models import Grant
from hub.settlement.queries.wallets import held_account, voucher_account
from tests.hub.settlement.faces.homes import CODE, UNTIL, furnish, hear, word
from tests.hub.settlement.laws import broken
from tests.hub.settlement.vouchers import capture, hold, release

pytestmark = pytest.mark.database

GRANT = 10_000
AMOUNT = st.integers(0, GRANT)
PICK = st.integers(0, 20)
SETTINGS = settings(max_examples=6, stateful_step_count=20, deadline=None, derandomize=True)


class Careless(Purse):
    """A home system that counts money as its own again when it asks for it back, not when the hub has answered."""

    def allot(
        self, name: str, fen: int, *, holder: str = "", programme: str = "", until: str = ""
    ) -> Allotted:
        """See `Purse.allot`; the mistake is the last line but one."""
        held = super().allot(name, fen, holder=holder, programme=programme, until=until)
        held.reserved = fen
        return held


def test_local_and_hub_spending_never_pass_the_grant(database: Database) -> None:
    run_state_machine_as_test(machine(database, Purse), settings=SETTINGS)
    assert broken(database) == []


def test_a_careless_home_system_is_caught(database: Database) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            machine(database, Careless), settings=settings(SETTINGS, phases=[Phase.generate])
        )


def machine(database: Database, purse: type[Purse]) -> type[RuleBasedStateMachine]:
    """The home system, the hub, and what may happen between them."""
    holder = furnish(database)

    class Machine(RuleBasedStateMachine):
        """A purse that also spends locally, the hub, and a line between them that loses, repeats and reorders."""

        def __init__(self) -> None:
            super().__init__()
            self.purse = purse()
            self.purse.grant(CODE, GRANT)
            self.name = f"ED-{token_hex(6)}"
            self.words: list[AllotmentWord] = []
            self.answers: list[AllotmentReply] = []
            self.orders: list[str] = []

        def _word(self) -> AllotmentWord:
            held = self.purse.allotments[self.name]
            return word(held.asked, held.revision, id=self.name)

        @rule(fen=AMOUNT)
        def allot(self, fen: int) -> None:
            """Give, raise, lower or take back."""
            try:
                self.purse.allot(self.name, fen, holder=CODE, programme="JXKJQ", until=UNTIL.isoformat())
            except PurseEmpty:
                return
            self.words.append(self._word())

        @precondition(lambda self: self.purse.waiting())
        @rule()
        def ask_again(self) -> None:
            """What was not answered is told again."""
            self.words.append(self._word())

        @precondition(lambda self: self.words)
        @rule(pick=PICK, stays=st.booleans())
        def arrive(self, pick: int, stays: bool) -> None:
            """Any word on the line arrives, perhaps not for the last time."""
            place = pick % len(self.words)
            told = self.words[place] if stays else self.words.pop(place)
            self.answers.append(hear(database, told))

        @precondition(lambda self: self.words)
        @rule(pick=PICK)
        def lose(self, pick: int) -> None:
            """A word never arrives."""
            self.words.pop(pick % len(self.words))

        @precondition(lambda self: self.answers)
        @rule(pick=PICK, arrives=st.booleans())
        def answer(self, pick: int, arrives: bool) -> None:
            """Any answer comes back, or is lost."""
            told = self.answers.pop(pick % len(self.answers))
            if arrives and told.outcome != "stale":
                self.purse.answer(told.id, told.revision, told.allotted)

        @rule(fen=AMOUNT)
        def spend(self, fen: int) -> None:
            """The holder spends locally."""
            with contextlib.suppress(PurseEmpty):
                self.purse.spend(CODE, fen)

        @rule(fen=st.integers(2, GRANT))
        def book(self, fen: int) -> None:
            """The holder books through the hub."""
            reference = f"bk-{token_hex(8)}"
            if hold(database, reference, fen, holder=holder).voucher is not None:
                self.orders.append(reference)

        @precondition(lambda self: self.orders)
        @rule(pick=PICK, used=st.booleans())
        def end(self, pick: int, used: bool) -> None:
            """An order ends: used, in part, or not at all."""
            reference = self.orders.pop(pick % len(self.orders))
            if used:
                capture(database, reference, 1)
            else:
                release(database, reference)

        @invariant()
        def the_grant_is_whole(self) -> None:
            """Money is spent here, or there, or not at all."""
            allotted, left = self._at_the_hub()
            held = self.purse.allotments.get(self.name)
            assert self.purse.spent.get(CODE, 0) + allotted - left <= GRANT
            assert allotted <= (0 if held is None else held.reserved)
            assert self.purse.left(CODE) >= 0

        def _at_the_hub(self) -> tuple[int, int]:
            with database.read() as session:
                row = session.scalar(select(Grant).where(Grant.external_id == self.name))
                if row is None:
                    return 0, 0
                accounts = [voucher_account(row.id), held_account(row.id)]
                left, held = ledger.balances(session, accounts).values()
                assert 0 <= left + held <= row.fen
                return row.fen, left

        def teardown(self) -> None:
            """Everything goes back, so that the next run begins with an empty wallet."""
            for reference in self.orders:
                release(database, reference)
            held = self.purse.allotments.get(self.name)
            if held is not None:
                hear(database, word(0, held.revision + 1, id=self.name))

    return Machine
