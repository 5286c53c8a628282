"""Bank transfers with their proofs, money at the counter, refunds by hand, the walls, and what the clock brings."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.core.kept_files import faults
from hub.identity.errors import NotAllowed, OtherParty
from hub.identity.rules import Principal
from hub.notices.models import Notice
from hub.settlement.errors.payments import (
    AmountMismatch,
    AttemptOver,
    AttemptUnknown,
    NothingOutstanding,
    PaymentUnderWay,
    ProofInvalid,
    ReasonMissing,
)
from hub.settlement.models import Attempt
from hub.settlement.service import payments
from hub.settlement.service.kept_files import kept_files
from tests.hub.settlement.payments.world import (
    ADMIN,
    LI,
    OWNER,
    PAYMENT,
    REFERENCE,
    STATION,
    STRANGER,
    World,
)

PDF = b"%PDF-1.7\n% synthetic proof\n"


def hand_in(world: World, attempt_id: str, content: bytes = PDF, who: Principal = LI) -> None:
    proof = payments.keep_proof(world.home / "proofs", "回单.pdf", io.BytesIO(content))
    with world.database.write() as session:
        payments.hand_in_proof(session, who, attempt_id, proof, now=world.clock())


def confirm(world: World, attempt_id: str, fen: int = 30_000, who: Principal = OWNER) -> None:
    with world.database.write() as session:
        payments.confirm(session, who, attempt_id, fen, now=world.clock())


def test_a_transfer_is_proved_confirmed_and_posted_once(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    with world.database.read() as session:
        code = session.get_one(Attempt, attempt).code
    assert code is not None
    assert len(code) == 12
    hand_in(world, attempt)
    hand_in(world, attempt)
    assert world.attempts() == [("bank_transfer", "submitted")]
    assert world.state == "initiated"
    confirm(world, attempt)
    confirm(world, attempt, who=STATION)
    assert world.state == "paid"
    assert world.balance("payable", "en-jiaxing") == 30_000
    with world.database.read() as session:
        held = payments.standing(session, REFERENCE)
    assert held is not None
    assert (held.is_settled, held.channels, held.outstanding_fen) == (True, ("bank_transfer",), 0)
    assert world.broken() == []


def test_the_proof_is_a_file_that_its_row_names(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    with world.database.read() as session:
        assert list(kept_files(session, now=world.clock())) == []
    hand_in(world, attempt)
    with world.database.read() as session:
        (named,) = kept_files(session, now=world.clock())
    assert named.row == f"payment-attempt:{attempt}"
    assert list(faults(world.home, [named])) == []
    (world.home / named.path).write_bytes(b"%PDF-1.7 another")
    assert [each.why for each in faults(world.home, [named])] == ["differs"]


def test_another_amount_is_not_taken(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    with pytest.raises(AmountMismatch) as refused:
        confirm(world, attempt, 29_999)
    assert refused.value.field == "fen"
    assert world.state == "initiated"
    confirm(world, attempt)
    with pytest.raises(AmountMismatch):
        confirm(world, attempt, 30_001)


def test_a_refused_transfer_is_due_again_and_the_reason_is_kept(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    hand_in(world, attempt)
    with world.database.write() as session, pytest.raises(ReasonMissing):
        payments.refuse(session, OWNER, attempt, "  ", now=world.clock())
    with world.database.write() as session:
        payments.refuse(session, OWNER, attempt, "未查到\n该笔款项", now=world.clock())
    assert (world.state, world.attempts()) == ("due", [("bank_transfer", "refused")])
    with world.database.read() as session:
        assert session.get_one(Attempt, attempt).reason == "未查到 该笔款项"
    with pytest.raises(AttemptOver):
        hand_in(world, attempt, PDF + b"x")
    confirm(world, attempt)  # it was found after all
    assert world.state == "paid"
    assert world.broken() == []


def test_a_transfer_may_be_withdrawn_for_another_way(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    with pytest.raises(PaymentUnderWay):
        world.start("online")
    with world.database.write() as session:
        payments.withdraw(session, LI, attempt, now=world.clock())
    world.cashier.pay(world.start("online").attempt_id)
    assert world.state == "paid"
    confirm(world, attempt)  # and the transfer comes in as well
    assert world.refunds() == [(30_000, "paid_twice", "manual")]
    with world.database.write() as session:
        for _ in range(2):
            payments.confirm_refund(session, OWNER, PAYMENT, 1, now=world.clock())
    assert (world.state, world.payment().returned_fen) == ("paid", 30_000)
    assert world.broken() == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"hello", 422), (b"<svg>", 422), (PDF + bytes(payments.MOST_PROOF), 413)],
)
def test_what_is_no_proof_is_refused_and_leaves_no_file(world: World, content: bytes, status: int) -> None:
    with pytest.raises(ProofInvalid) as refused:
        payments.keep_proof(world.home / "proofs", "x.pdf", io.BytesIO(content))
    assert (refused.value.status, refused.value.field) == (status, "proof")
    assert list((world.home / "proofs").iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b\n.pdf", "", "长" * 300])
def test_a_proof_s_name_is_only_words(world: World, name: str) -> None:
    proof = payments.keep_proof(world.home / "proofs", name, io.BytesIO(PDF))
    assert [each.name for each in (world.home / "proofs").iterdir()] == [proof["sha256"]]
    shown = str(proof["filename"])
    assert "/" not in shown
    assert 0 < len(shown) <= 80


@pytest.mark.parametrize("who", [LI, STRANGER, ADMIN])
def test_nobody_confirms_for_the_other_side(world: World, who: Principal) -> None:
    attempt = world.start("bank_transfer").attempt_id
    hand_in(world, attempt)
    with pytest.raises((NotAllowed, OtherParty)):
        confirm(world, attempt, who=who)
    with world.database.write() as session, pytest.raises((NotAllowed, OtherParty)):
        payments.refuse(session, who, attempt, "no", now=world.clock())
    assert world.state == "initiated"


@pytest.mark.parametrize("who", [OWNER, STATION, STRANGER, ADMIN])
def test_nobody_pays_for_the_enterprise(world: World, who: Principal) -> None:
    with pytest.raises((NotAllowed, OtherParty)):
        world.start("bank_transfer", who)
    attempt = world.start("bank_transfer").attempt_id
    with pytest.raises((NotAllowed, OtherParty)):
        hand_in(world, attempt, who=who)
    with world.database.write() as session, pytest.raises((NotAllowed, OtherParty)):
        payments.withdraw(session, who, attempt, now=world.clock())


def test_money_at_the_counter_is_received_once_and_takes_the_transfer_that_is_under_way(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    with world.database.write() as session:
        assert payments.receive_outstanding(session, PAYMENT, "account:owner", now=world.clock()) == 30_000
        assert payments.receive_outstanding(session, PAYMENT, "account:owner", now=world.clock()) == 0
    assert world.attempts() == [("bank_transfer", "paid")]
    confirm(world, attempt)
    assert world.payment().paid_fen == 30_000
    assert world.broken() == []


def test_money_at_the_counter_while_an_online_payment_runs_sends_the_later_one_back(world: World) -> None:
    online = world.start().attempt_id
    with world.database.write() as session:
        payments.receive_outstanding(session, PAYMENT, "account:owner", now=world.clock())
    world.cashier.pay(online)
    world.work()
    assert world.attempts() == [("online", "paid"), ("counter", "paid")]
    assert world.refunds() == [(30_000, "paid_twice", "done")]
    assert world.broken() == []


def test_what_is_no_transfer_cannot_be_confirmed(world: World) -> None:
    online = world.start().attempt_id
    for attempt in (online, "pa-none"):
        with pytest.raises(AttemptUnknown):
            confirm(world, attempt)


def test_a_refund_that_the_channel_makes_is_not_confirmed_by_hand(world: World) -> None:
    world.cashier.pay(world.start().attempt_id)
    world.owe(fee_fen=0, voucher_fen=0)
    with world.database.write() as session, pytest.raises(NothingOutstanding):
        payments.confirm_refund(session, OWNER, PAYMENT, 1, now=world.clock())


def test_cancelling_after_paying_reverses_exactly_once_however_often_it_is_said(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    confirm(world, attempt)
    for _ in range(3):
        world.owe(fee_fen=0, voucher_fen=0)
    assert world.refunds() == [(30_000, "cancelled", "manual")]
    with world.database.write() as session:
        payments.confirm_refund(session, STATION, PAYMENT, 1, now=world.clock())
    world.owe(fee_fen=0, voucher_fen=0)
    assert world.state == "refunded"
    assert world.refunds() == [(30_000, "cancelled", "done")]
    assert world.balance("payable", "en-jiaxing") == 0
    assert world.broken() == []


def test_owing_more_after_paying_is_due_again_and_less_while_it_runs_ends_it(world: World) -> None:
    attempt = world.start("bank_transfer").attempt_id
    confirm(world, attempt)
    assert world.owe(fee_fen=60_000, voucher_fen=20_000) == "due"
    second = world.start("bank_transfer").attempt_id
    with world.database.read() as session:
        assert session.get_one(Attempt, second).fen == 10_000
    assert world.owe() == "paid"
    confirm(world, second, 10_000)
    assert world.refunds() == [(10_000, "paid_twice", "manual")]
    assert world.broken() == []


def test_an_order_without_an_own_share_owes_nothing(world: World) -> None:
    assert world.owe(fee_fen=60_000, voucher_fen=60_000) == "none"
    with world.database.read() as session:
        held = payments.standing(session, REFERENCE)
        assert payments.standing(session, "bk-unknown") is None
    assert held is not None
    assert held.is_settled
    with pytest.raises(ValueError, match="shares"):
        world.owe(fee_fen=10, voucher_fen=11)


def told(world: World) -> list[str]:
    with world.database.read() as session:
        return list(session.scalars(select(Notice.template).order_by(Notice.id)))


def test_notices_come_before_and_after_the_day_once_each(world: World) -> None:
    with world.database.write() as session:
        add_people(session, world)
    world.owe(due_on=world.today() + timedelta(days=10))
    before = len(told(world))
    for _ in range(25):
        world.clock.advance(86_400)
        payments.remind(world.runtime)
        payments.remind(world.runtime)
    assert told(world)[before:] == ["payment_due_soon", "payment_overdue", "payment_overdue"]
    assert world.state == "overdue"
    world.owe(due_on=world.today() + timedelta(days=5))
    assert world.state == "due"
    confirm(world, world.start("bank_transfer").attempt_id)
    assert world.state == "paid"
    assert world.broken() == []


def add_people(session, world: World) -> None:  # type: ignore[no-untyped-def]
    """Somebody who acts for the enterprise, so that there is somebody to tell."""
    from hub.identity.models import Grant, Party, Person

    now = world.clock()
    session.add(Party(id="en-jiaxing", kind="enterprise", name="嘉兴（虚构）", created_at=now))
    session.add(Person(id="p-li", name="account:li", display_name="李", created_at=now))
    session.flush()
    session.add(
        Grant(
            person_id="p-li",
            role="enterprise_manager",
            party_id="en-jiaxing",
            terms="t",
            granted_by="t",
            granted_at=now,
        )
    )
