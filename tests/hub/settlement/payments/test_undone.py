"""Payments, tries and refunds that cannot be acted on hold nobody else's up, and are counted."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from hub.settlement.models import Attempt, Payment, PaymentEvent, Refund
from hub.settlement.service import payments
from hub.settlement.service.payments import reminding
from tests.hub.copies import copy_row
from tests.hub.settlement.payments.world import PAYMENT, World

pytestmark = pytest.mark.database

MANY = 150


def late(world: World) -> dict[str, int]:
    with world.database.read() as session:
        return reminding.late(session, world.clock())


def test_a_payment_behind_many_broken_ones_falls_overdue(world: World) -> None:
    world.owe()
    with world.database.write() as session:
        copy_row(session, Payment, PAYMENT, MANY, lambda number: {
            "id": f"pm-{number}", "reference": f"broken-{number}", "due_on": world.today() - timedelta(days=number),
        })  # fmt: skip
        taken = world.payment().revision + 1  # what each is about to write is there already
        session.execute(insert(PaymentEvent), [
            {"payment_id": f"pm-{number}", "revision": taken, "at": world.clock(), "what": "pay", "from_state": "due",
             "to_state": "due", "side": "system", "actor": "test", "detail": None}
            for number in range(1, MANY + 1)
        ])  # fmt: skip
    world.clock.advance(2 * 86_400)
    with pytest.raises(ExceptionGroup, match=f"{MANY} of {MANY + 1} that were due"):
        payments.remind(world.runtime)
    assert world.state == "overdue"
    assert late(world)["payments"] == MANY


def test_a_try_behind_many_of_a_channel_that_nobody_can_ask_is_asked_about(world: World) -> None:
    world.owe()
    attempt = world.start().attempt_id
    with world.database.write() as session:
        asked_at = session.get_one(Attempt, attempt).ask_at
        assert asked_at is not None
        copy_row(session, Attempt, attempt, MANY, lambda number: {
            "id": f"at-{number}", "number": 100 + number, "code": None, "channel": "counter", "state": "failed",
            "ask_at": asked_at - timedelta(hours=number),
        })  # fmt: skip
    world.cashier.mischief = {"lose_notification"}
    world.cashier.pay(attempt)
    world.clock.advance(600)
    assert payments.ask_due(world.runtime) == MANY + 1
    assert world.state == "paid"
    assert late(world)["payment_attempts"] == MANY


def test_a_refund_behind_many_of_a_channel_that_nobody_can_ask_goes_out(world: World) -> None:
    world.owe()
    attempt = world.start().attempt_id
    world.cashier.pay(attempt)
    world.wait(hours=1)
    world.owe(fee_fen=30_000, voucher_fen=20_000)
    with world.database.write() as session:
        copy_row(session, Attempt, attempt, 1, lambda _: {
            "id": "at-gone", "number": 100, "code": None, "channel": "counter", "state": "failed", "received_fen": None,
        })  # fmt: skip
        refund = session.scalars(select(Refund)).one()
        assert refund.try_at is not None
        wanted = refund.try_at
        copy_row(session, Refund, refund.id, MANY, lambda number: {
            "id": f"rf-{number}", "number": 100 + number, "attempt_id": "at-gone",
            "try_at": wanted - timedelta(hours=number),
        })  # fmt: skip
    assert payments.send_refunds(world.runtime) == MANY + 1
    assert [each["fen"] for each in world.cashier.refunds.values()] == [20_000]
    assert late(world)["refunds"] == MANY
