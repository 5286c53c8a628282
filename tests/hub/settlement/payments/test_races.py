"""Everybody at once about one payment: money counts once and what is owed no more goes back once, judged on committed rows."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from hub.core.errors import HubError
from hub.settlement.service import payments
from hub.settlement.service.payments import Started
from tests.hub.settlement.payments.world import LI, OWNER, PAYMENT, STATION, World
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database


def run(world: World, acts: list[Callable[[], object]]) -> list[object]:
    """All at once; what a person or a channel may be told is no fault, anything else is."""
    got = race(world.database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    return got


def paid_at_the_provider(world: World) -> Callable[[], str]:
    """Money that the provider has and the hub has not heard of; what brings its notification."""
    world.cashier.mischief = {"lose_notification"}
    attempt = world.start().attempt_id
    world.cashier.pay(attempt)
    world.cashier.mischief = set()
    body = orjson.dumps({"message": "m-race", "order": attempt, "state": "paid", "fen": 30_000})
    return lambda: world.notify(world.cashier.sign(body), body)


def attempt_of(world: World) -> str:
    return next(iter(world.cashier.orders))


def test_one_notification_many_times_at_once_and_the_answer_to_a_question(world: World) -> None:
    tell = paid_at_the_provider(world)
    attempt = attempt_of(world)
    run(world, [tell, tell, tell, *[lambda: payments.ask(world.runtime, attempt)] * 3])
    assert world.answers.count("applied") == 1
    assert set(world.answers) == {"applied", "repeated"}
    assert (world.state, world.payment().paid_fen, world.payment().surplus_fen) == ("paid", 30_000, 0)
    assert [what for what, _ in world.history()].count("pay") == 1
    assert world.balance("payable", "en-jiaxing") == 30_000
    assert world.broken() == []


@pytest.mark.parametrize("is_paid_first", [True, False])
def test_a_cancellation_while_money_arrives_sends_it_back_exactly_once(
    world: World, is_paid_first: bool
) -> None:
    """Whether it came for what was still owed or for nothing any more: the same money goes back, by one refund."""
    tell = paid_at_the_provider(world)
    attempt = attempt_of(world)
    if is_paid_first:
        assert tell() == "applied"

    def cancel() -> object:
        return world.owe(fee_fen=0, voucher_fen=0)

    run(
        world,
        [cancel, tell, lambda: payments.ask(world.runtime, attempt), cancel, tell,
         lambda: payments.run_due(world.runtime)],
    )  # fmt: skip
    run(world, [lambda: payments.send_refunds(world.runtime)] * 4)
    world.work()
    assert [(fen, state) for fen, _, state in world.refunds()] == [(30_000, "done")]
    assert [each["fen"] for each in world.cashier.refunds.values()] == [30_000]
    assert world.balance("payable", "en-jiaxing") == 0
    assert world.balance("receivable", "31-u-aaaaaaaaaaaa") == 0
    assert world.broken() == []


def test_a_refund_whose_answers_are_lost_is_sent_by_many_and_goes_out_once(world: World) -> None:
    world.cashier.pay(world.start().attempt_id)
    world.owe(fee_fen=30_000, voucher_fen=20_000)
    world.cashier.mischief = {"lose_answer"}
    run(world, [lambda: payments.send_refunds(world.runtime)] * 4)
    world.cashier.mischief = set()
    world.wait(hours=2)
    assert world.refunds() == [(20_000, "owed_less", "done")]
    assert world.cashier.orders[attempt_of(world)]["returned"] == 20_000
    assert world.broken() == []


def test_of_those_who_begin_to_pay_at_once_one_does(world: World) -> None:
    got = run(world, [lambda way=way: world.start(way) for way in ("online", "bank_transfer") * 3])  # type: ignore[misc]
    begun = [one for one in got if isinstance(one, Started)]
    assert len(begun) == 1, got
    assert {one.code for one in got if isinstance(one, HubError)} == {"payment_under_way"}
    assert len(world.attempts()) == 1
    assert world.broken() == []


def test_a_transfer_that_two_people_find_while_it_is_taken_back_counts_once(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id

    def give(act: Callable[..., None], who: object, *args: object) -> Callable[[], None]:
        def in_a_transaction() -> None:
            with world.database.write() as session:
                act(session, who, attempt, *args, now=world.clock())

        return in_a_transaction

    find = give(payments.confirm, OWNER, 30_000), give(payments.confirm, STATION, 30_000)
    run(world, [*find, give(payments.withdraw, LI), give(payments.refuse, OWNER, "未到账"), *find])
    held = world.payment()
    assert (held.id, held.state, held.paid_fen, held.surplus_fen) == (PAYMENT, "paid", 30_000, 0)
    assert world.attempts() == [("bank_transfer", "paid")]
    assert world.broken() == []
