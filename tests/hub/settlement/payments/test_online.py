"""Paying online: what is lost, repeated, late, forged, of another amount or out of order ends as it should, and once."""

from __future__ import annotations

import orjson
import pytest

from hub.settlement.errors.payments import (
    ChannelRefused,
    ChannelUnknown,
    ChannelUnreachable,
    NothingOutstanding,
    PaymentUnderWay,
)
from hub.settlement.service import payments
from tests.hub.settlement.payments.world import LI, PAYMENT, World


def test_a_payment_is_paid_by_its_notification_and_posted_once(world: World) -> None:
    assert world.state == "due"
    begun = world.start()
    assert begun.redirect_url == f"https://pay.test/pay/{begun.attempt_id}"
    assert world.state == "initiated"
    world.cashier.pay(begun.attempt_id)
    assert world.answers == ["applied"]
    assert world.state == "paid"
    assert world.balance("payable", "en-jiaxing") == 30_000
    assert world.balance("receivable", "31-u-aaaaaaaaaaaa") == -30_000
    assert world.history() == [
        ("owe", "due"),
        ("initiate", "initiated"),
        ("open", "initiated"),
        ("pay", "paid"),
    ]
    assert world.broken() == []


def test_a_lost_notification_is_found_by_asking(world: World) -> None:
    world.cashier.mischief = {"lose_notification"}
    world.cashier.pay(world.start().attempt_id)
    assert world.state == "initiated"
    world.wait(seconds=30)
    assert world.state == "paid"
    assert world.broken() == []


def test_the_same_notification_three_times_is_one_payment(world: World) -> None:
    world.cashier.mischief = {"repeat_notification"}
    world.cashier.pay(world.start().attempt_id)
    assert world.answers == ["applied", "repeated", "repeated"]
    assert (world.payment().paid_fen, world.refunds()) == (30_000, [])
    assert world.broken() == []


def test_another_amount_in_a_notification_is_refused_and_only_the_channel_s_own_answer_counts(
    world: World,
) -> None:
    world.cashier.mischief = {"notify_other_amount"}
    world.cashier.pay(world.start().attempt_id)
    assert world.answers == ["payment_amount_mismatch"]
    assert world.state == "paid"  # it was asked at once, and said the right amount
    assert world.payment().paid_fen == 30_000
    assert world.broken() == []


def test_money_of_another_amount_goes_back_and_the_payment_is_due_again(world: World) -> None:
    world.cashier.mischief = {"receive_other_amount"}
    world.cashier.pay(world.start().attempt_id)
    assert world.answers == ["payment_amount_mismatch"]
    assert world.state == "due"
    assert world.refunds() == [(30_001, "amount_mismatch", "wanted")]
    world.work()
    assert world.refunds() == [(30_001, "amount_mismatch", "done")]
    assert world.balance("payable", "en-jiaxing") == 0
    world.cashier.mischief = set()
    world.cashier.pay(world.start().attempt_id)
    assert world.state == "paid"
    assert world.broken() == []


@pytest.mark.parametrize("mischief", ["forge_notification", "stale_notification"])
def test_a_notification_that_is_not_the_provider_s_or_not_of_now_changes_nothing(
    world: World, mischief: str
) -> None:
    world.cashier.mischief = {mischief}
    world.cashier.pay(world.start().attempt_id)
    assert world.answers == ["payment_signature_invalid"]
    assert world.state == "initiated"
    assert world.attempts() == [("online", "open")]
    world.wait(seconds=30)
    assert world.state == "paid"
    assert world.broken() == []


def test_an_edited_byte_a_missing_header_and_a_stranger_s_key_are_all_refused(world: World) -> None:
    begun = world.start()
    body = orjson.dumps({"message": "m1", "order": begun.attempt_id, "state": "paid", "fen": 30_000})
    headers = world.cashier.sign(body)
    assert world.notify(headers, body.replace(b"30000", b"30001")) == "payment_signature_invalid"
    assert world.notify({**headers, "Pay-Timestamp": "1"}, body) == "payment_signature_invalid"
    assert world.notify({"Pay-Timestamp": headers["Pay-Timestamp"]}, body) == "payment_signature_invalid"
    assert world.notify({**headers, "Pay-Signature": "nonsense!"}, body) == "payment_signature_invalid"
    assert world.state == "initiated"
    assert world.notify(headers, body) == "applied"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not json", "payment_notification_malformed"),
        (b"[]", "payment_notification_malformed"),
        (b'{"message":"m","order":7,"state":"paid","fen":1}', "payment_notification_malformed"),
        (b'{"message":"m","order":"pa-x","state":"lucky"}', "payment_notification_malformed"),
        (b'{"message":"m","order":"pa-x","state":"paid","fen":-1}', "payment_notification_malformed"),
        (b'{"message":"m","order":"pa-x","state":"paid","fen":1.5}', "payment_notification_malformed"),
        (b'{"message":"m","order":"pa-x","state":"paid","fen":true}', "payment_notification_malformed"),
        (b'{"message":"m","order":"pa-x","state":"paid","fen":5}', "payment_attempt_unknown"),
        (b" " * 20_000, "payment_notification_malformed"),
    ],
)
def test_a_signed_notification_that_makes_no_sense_is_refused_naming_the_field(
    world: World, content: bytes, code: str
) -> None:
    assert world.notify(world.cashier.sign(content), content) == code
    assert world.state == "due"


def test_closed_after_paid_and_paid_after_closed_both_end_as_paid(world: World) -> None:
    world.cashier.mischief = {"notify_closed_after_paid"}
    world.cashier.pay(world.start().attempt_id)
    assert world.answers == ["applied", "applied"]
    assert world.state == "paid"
    assert world.broken() == []


def test_late_money_for_a_try_that_was_given_up_still_pays(world: World) -> None:
    begun = world.start()
    body = orjson.dumps({"message": "m1", "order": begun.attempt_id, "state": "closed"})
    assert world.notify(world.cashier.sign(body), body) == "applied"
    assert (world.state, world.attempts()) == ("due", [("online", "failed")])
    world.cashier.pay(begun.attempt_id)
    assert world.state == "paid"
    assert world.broken() == []


def test_paid_twice_the_second_goes_back_by_itself_and_once(world: World) -> None:
    first = world.start()
    body = orjson.dumps({"message": "m1", "order": first.attempt_id, "state": "closed"})
    world.notify(world.cashier.sign(body), body)
    world.cashier.pay(world.start().attempt_id)
    world.cashier.pay(first.attempt_id)
    assert world.state == "paid"
    assert world.refunds() == [(30_000, "paid_twice", "wanted")]
    world.work()
    world.wait(hours=2)
    assert world.refunds() == [(30_000, "paid_twice", "done")]
    assert len(world.cashier.refunds) == 1
    assert world.state == "paid"
    assert world.balance("payable", "en-jiaxing") == 30_000
    assert world.broken() == []


def test_a_lost_answer_is_unknown_never_sent_again_and_found_by_asking(world: World) -> None:
    world.cashier.mischief = {"lose_answer"}
    begun = world.start()
    assert (begun.state, begun.redirect_url) == ("unknown", None)
    assert world.state == "unknown"
    with pytest.raises(PaymentUnderWay):
        world.start()
    world.cashier.mischief = set()
    world.wait(seconds=1)
    assert world.state == "initiated"
    assert (
        payments.send(world.runtime, world.runtime.payment_channels["online"], begun.attempt_id).state
        == "open"
    )
    world.cashier.pay(begun.attempt_id)
    assert world.state == "paid"
    assert len(world.cashier.orders) == 1
    assert world.broken() == []


def test_a_channel_that_cannot_be_reached_leaves_nothing_under_way(world: World) -> None:
    world.cashier.secret = "changed"
    with pytest.raises(ChannelRefused):
        world.start()
    assert (world.state, world.attempts()) == ("due", [("online", "failed")])

    def refuse(*_: object) -> None:
        raise ChannelUnreachable("ConnectError")

    world.cashier.secret = "synthetic-merchant-secret"
    world.cashier.answer = refuse  # type: ignore[assignment,method-assign]
    with pytest.raises(ChannelUnreachable):
        world.start()
    assert world.state == "due"


def test_a_process_that_dies_before_sending_leaves_a_try_that_ends_by_itself(world: World) -> None:
    with world.database.write() as session:
        payments.store(session, LI, PAYMENT, "online", now=world.clock())
    assert world.state == "initiated"
    world.wait(seconds=30)
    assert world.state == "unknown"
    world.wait(seconds=90)
    assert (world.state, world.attempts()) == ("due", [("online", "failed")])
    assert world.broken() == []


def test_a_process_that_dies_after_sending_loses_nothing(world: World) -> None:
    with world.database.write() as session:
        attempt_id = payments.store(session, LI, PAYMENT, "online", now=world.clock())
    world.cashier.orders[attempt_id] = {
        "order": attempt_id, "fen": 30_000, "id": "cx1", "state": "open", "received": 0, "returned": 0,
        "notify_url": "https://hub.test/api/v1/payment-notifications/online",
        "expires_at": "2099-01-01T00:00:00+00:00",
    }  # fmt: skip
    world.cashier.mischief = {"lose_notification"}
    world.cashier.pay(attempt_id)
    world.wait(seconds=30)
    assert world.state == "paid"
    assert world.broken() == []


def test_what_is_never_paid_expires_and_may_be_tried_again(world: World) -> None:
    world.start()
    world.wait(minutes=31)
    world.wait(hours=1)
    assert world.attempts() == [("online", "failed")]
    assert world.state == "due"
    assert world.start().state == "open"


def test_nothing_is_paid_that_is_not_owed_and_not_by_a_way_that_there_is_not(world: World) -> None:
    with pytest.raises(ChannelUnknown):
        world.start("counter")
    with pytest.raises(ChannelUnknown):
        world.start("abacus")
    world.cashier.pay(world.start().attempt_id)
    with pytest.raises(NothingOutstanding):
        world.start()


def test_a_refund_whose_answer_is_lost_is_asked_about_and_happens_once(world: World) -> None:
    world.cashier.pay(world.start().attempt_id)
    world.cashier.mischief = {"lose_answer"}
    assert world.owe(fee_fen=0, voucher_fen=0) == "paid"
    world.work()
    assert world.refunds() == [(30_000, "cancelled", "unknown")]
    world.cashier.mischief = set()
    world.wait(hours=1)
    assert world.refunds() == [(30_000, "cancelled", "done")]
    assert world.state == "refunded"
    assert [each["fen"] for each in world.cashier.refunds.values()] == [30_000]
    assert world.balance("payable", "en-jiaxing") == 0
    assert world.broken() == []


def test_a_slow_refund_and_an_unavailable_provider_end_as_well(world: World) -> None:
    world.cashier.pay(world.start().attempt_id)
    world.cashier.mischief = {"unavailable"}
    world.owe(fee_fen=40_000, voucher_fen=20_000)
    world.work()
    world.cashier.mischief = {"refund_slowly"}
    world.wait(hours=1)
    world.wait(hours=1)
    assert world.refunds() == [(10_000, "owed_less", "done")]
    assert world.state == "partly_refunded"
    assert world.broken() == []
