"""Any history of a payment keeps the laws: every move is one of the machine, money is neither made nor lost, one truth."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from adapters.simulators.cashier import MISCHIEF
from hub import models
from hub.core.db import Database
from hub.core.errors import HubError
from hub.settlement.models import Attempt, Refund
from hub.settlement.rules import payments as rules
from hub.settlement.rules.payments import Money
from hub.settlement.service import payments
from tests.hub.settlement.payments.world import LI, OWNER, PAYMENT, World
from tests.virtual_clock import VirtualClock

FEN = st.integers(0, 500)


@given(
    owed=FEN,
    paid=FEN,
    refunded=FEN,
    going=FEN,
    way=st.sampled_from(["none", "initiated", "unknown"]),
    late=st.booleans(),
)
def test_a_state_follows_from_the_amounts_and_excludes_the_others(
    *, owed: int, paid: int, refunded: int, going: int, way: rules.UnderWay, late: bool
) -> None:
    refunded = min(refunded, paid)
    going = min(going, paid - refunded)
    money = Money(owed, paid, refunded, going, way, late)
    assert money.outstanding_fen == 0 or money.excess_fen == 0
    assert owed == paid - refunded - going + money.outstanding_fen - money.excess_fen
    state = rules.state_of(money)
    assert (state in {"due", "overdue", "initiated", "unknown"}) == (money.outstanding_fen > 0)
    assert state in rules.MACHINE.states


@given(st.lists(st.integers(1, 50), max_size=6), st.integers(0, 300))
def test_an_excess_goes_back_whole_by_what_came_in_last(came: list[int], excess: int) -> None:
    left = [(str(number), fen) for number, fen in enumerate(came)]
    if excess > sum(came):
        return
    parts = rules.refund_parts(excess, left)
    assert sum(fen for _, fen in parts) == excess
    held = dict(left)
    assert all(0 < fen <= held[name] for name, fen in parts)
    assert [int(name) for name, _ in parts] == sorted((int(name) for name, _ in parts), reverse=True)


class PaymentHistories(RuleBasedStateMachine):
    """Everybody and everything at once, in any order, over one database."""

    @initialize()
    def furnish(self) -> None:
        self._folder = TemporaryDirectory()
        folder = Path(self._folder.name)
        self.database = Database(f"sqlite:///{folder / 'hub.db'}")
        models.METADATA.create_all(self.database.engine)
        self.world = World(self.database, VirtualClock(), folder)
        self.world.owe()

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self._folder.cleanup()

    def attempts(self, channel: str) -> list[str]:
        with self.database.read() as session:
            mine = select(Attempt.id).where(Attempt.channel == channel).order_by(Attempt.number)
            return list(session.scalars(mine))

    @rule(fee=st.sampled_from([0, 20_000, 60_000, 60_001]), half=st.booleans(), days=st.integers(-2, 5))
    def owe(self, fee: int, half: bool, days: int) -> None:
        due_on = self.world.today() + timedelta(days=days)
        self.world.owe(fee_fen=fee, voucher_fen=fee // 2 if half else 0, due_on=due_on)

    @rule(channel=st.sampled_from(["online", "bank_transfer"]), dies=st.booleans())
    def begin(self, channel: str, dies: bool) -> None:
        with contextlib.suppress(HubError):
            if dies:
                with self.database.write() as session:
                    payments.store(session, LI, PAYMENT, channel, now=self.world.clock())
            else:
                self.world.start(channel)

    @rule(mischief=st.sets(st.sampled_from(MISCHIEF), max_size=2))
    def misbehave(self, mischief: set[str]) -> None:
        self.world.cashier.mischief = mischief

    @rule(number=st.integers(0, 9), pays=st.booleans())
    def decide_online(self, number: int, pays: bool) -> None:
        orders = list(self.world.cashier.orders)
        if orders:
            act = self.world.cashier.pay if pays else self.world.cashier.give_up
            act(orders[number % len(orders)])

    @rule()
    def deliver_late(self) -> None:
        self.world.cashier.deliver_late()

    @rule(number=st.integers(0, 9), what=st.sampled_from(["confirm", "other", "refuse", "withdraw"]))
    def decide_transfer(self, number: int, what: str) -> None:
        held = self.attempts("bank_transfer")
        if not held:
            return
        attempt_id, now = held[number % len(held)], self.world.clock()
        with contextlib.suppress(HubError), self.database.write() as session:
            fen = session.get_one(Attempt, attempt_id).fen
            match what:
                case "confirm":
                    payments.confirm(session, OWNER, attempt_id, fen, now=now)
                case "other":
                    payments.confirm(session, OWNER, attempt_id, fen + 1, now=now)
                case "refuse":
                    payments.refuse(session, OWNER, attempt_id, "未到账", now=now)
                case "withdraw":
                    payments.withdraw(session, LI, attempt_id, now=now)

    @rule()
    def receive_at_the_counter(self) -> None:
        with self.database.write() as session:
            payments.receive_outstanding(session, PAYMENT, "account:owner", now=self.world.clock())

    @rule(number=st.integers(1, 5))
    def send_back_by_hand(self, number: int) -> None:
        with contextlib.suppress(HubError), self.database.write() as session:
            payments.confirm_refund(session, OWNER, PAYMENT, number, now=self.world.clock())

    @rule(seconds=st.sampled_from([1, 40, 3_600, 90_000]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds=seconds)

    @invariant()
    def laws(self) -> None:
        if hasattr(self, "world"):
            assert self.world.broken() == []

    @invariant()
    def every_move_is_one_of_the_machine(self) -> None:
        if not hasattr(self, "world"):
            return
        ways = {
            (source, row.command, row.target) for row in rules.MACHINE.transitions for source in row.sources
        }
        before = "none"
        for what, state in self.world.history():
            assert state == before or (before, what, state) in ways
            before = state


PaymentHistories.TestCase.settings = settings(
    max_examples=4, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPaymentHistories = PaymentHistories.TestCase


def test_in_the_end_everything_that_was_begun_is_decided(world: World) -> None:
    """Nothing stays unknown for ever once the provider answers again."""
    world.cashier.mischief = {"lose_answer", "lose_notification"}
    world.start()
    world.cashier.pay(next(iter(world.cashier.orders)))
    world.wait(hours=1)
    world.owe(fee_fen=0, voucher_fen=0)
    world.work()
    world.cashier.mischief = set()
    for _ in range(4):
        world.wait(hours=1)
    assert world.state == "refunded"
    with world.database.read() as session:
        assert set(session.scalars(select(Attempt.state))) == {"paid"}
        assert set(session.scalars(select(Refund.state))) == {"done"}
