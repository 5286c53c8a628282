"""What was paid in advance and what was really used: more is due as a difference, less goes back, each once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from hub.availability.models import TariffRow
from hub.bookings.errors import CommandRefused
from hub.bookings.service import paid
from hub.core.clock import SHANGHAI
from hub.settlement.models import PaymentEvent, Refund
from hub.settlement.service import payments
from hub.settlement.service import usage as usages
from tests.hub.bookings.test_paying import pay, standing
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.using import BY_USE, GUIZHOU, PROVIDER, Used
from tests.hub.bookings.world import LI, World
from tests.hub.settlement.laws import broken

pytestmark = pytest.mark.database


@pytest.fixture
def used(world: World) -> Used:
    made = Used.build(world)
    with world.database.write() as session:
        session.execute(update(TariffRow).values(document={**BY_USE, "payment_due": "before_service"}))
    return made


def prepaid(used: Used, hours: float | None = None, *, day: int = 7) -> str:
    """Two hours of 400.00, half of it by a voucher, the own share paid; then so many hours really used."""
    booking = used.world.submit(GUIZHOU, used.world.slot(day=day))
    give(used.world, booking, "accept")
    pay(used.world, booking)
    assert money(used, booking) == ("paid", 40_000, 40_000, 0, 0)
    if hours is not None:
        give(used.world, booking, "check_in")
        give(used.world, booking, "check_out", usage={"hours": hours})
    return booking


def money(used: Used, booking: str) -> tuple[str, int, int, int, int]:
    """State, owed, paid, refunded or going back, outstanding."""
    found = standing(used.world, booking)
    return found.state, found.owed_fen, found.paid_fen, sum(refunds(used)), found.outstanding_fen


def refunds(used: Used) -> list[int]:
    with used.database.read() as session:
        return list(session.scalars(select(Refund.fen).order_by(Refund.number)))


def hear_again(used: Used, booking: str) -> None:
    """Everything that tells settlement what is owed says it again."""
    for _ in range(3):
        paid.mirror(used.database, booking, now=used.world.clock())


def test_more_than_prepaid_is_due_as_a_difference_once_the_enterprise_agrees(used: Used) -> None:
    booking = prepaid(used, 3.0)
    assert money(used, booking) == ("paid", 40_000, 40_000, 0, 0), "nobody pays more than they agreed to"
    assert used.shown(booking)["reckoning"]["state"] == "asks"
    with pytest.raises(CommandRefused):
        give(used.world, booking, "confirm_fee")
    give(used.world, booking, "confirm_fee", LI)
    assert money(used, booking) == ("due", 80_000, 40_000, 0, 40_000)
    assert used.world.booking(booking).payment == "due"
    due_on = standing(used.world, booking).due_on
    assert due_on is not None
    assert due_on > used.world.clock().astimezone(SHANGHAI).date(), "with days of its own"
    assert used.shares(booking) == [("rated", 120_000, 40_000, 80_000)], "the voucher pays what was held"
    with pytest.raises(CommandRefused, match="no difference"):
        give(used.world, booking, "confirm_fee", LI)
    hear_again(used, booking)
    assert money(used, booking) == ("due", 80_000, 40_000, 0, 40_000)
    assert standing(used.world, booking).due_on == due_on
    pay(used.world, booking)
    pay(used.world, booking)
    assert money(used, booking) == ("paid", 80_000, 80_000, 0, 0)
    give(used.world, booking, "complete", LI)
    assert used.shares(booking) == [("rated", 120_000, 40_000, 80_000)]
    assert used.world.booking(booking).payment == "paid"
    assert (refunds(used), used.wallet()) == ([], (60_000, 0, 40_000))
    assert broken(used.database) == []


def test_the_order_of_confirming_usage_and_fee_does_not_matter(used: Used) -> None:
    first, second = prepaid(used, 3.0), prepaid(used, 3.0, day=8)
    used.command(first, "confirm")
    give(used.world, first, "confirm_fee", LI)
    give(used.world, second, "confirm_fee", LI)
    assert used.usage(second)["state"] == "rated", "agreeing to the fee confirms the usage"
    assert used.shares(first)[-1] == used.shares(second)[-1] == ("rated", 120_000, 40_000, 80_000)
    assert (
        standing(used.world, first).outstanding_fen == standing(used.world, second).outstanding_fen == 40_000
    )
    assert broken(used.database) == []


def test_what_the_enterprise_does_not_agree_to_stays_as_it_was_prepaid(used: Used) -> None:
    booking = prepaid(used, 3.0)
    give(used.world, booking, "complete", LI)
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]
    assert money(used, booking) == ("paid", 40_000, 40_000, 0, 0)
    give(used.world, booking, "confirm_fee", LI)
    assert used.shares(booking)[-1] == ("rated", 120_000, 40_000, 80_000)
    assert standing(used.world, booking).outstanding_fen == 40_000


def test_less_than_prepaid_goes_back_once_and_the_voucher_pays_its_part_of_less(used: Used) -> None:
    booking = prepaid(used, 1.0)
    assert used.shown(booking)["reckoning"]["state"] == "lower"
    assert refunds(used) == [20_000]
    hear_again(used, booking)
    used.command(booking, "confirm")
    hear_again(used, booking)
    give(used.world, booking, "complete", LI)
    assert (refunds(used), standing(used.world, booking).owed_fen) == ([20_000], 20_000)
    assert used.shares(booking) == [("rated", 40_000, 20_000, 20_000)]
    assert used.wallet() == (80_000, 0, 20_000), "what the voucher does not pay is the holder's again"
    with pytest.raises(CommandRefused, match="no difference"):
        give(used.world, booking, "confirm_fee", LI)
    assert broken(used.database) == []


def test_a_refund_that_was_made_is_not_made_again_when_the_fee_rises_and_falls(used: Used) -> None:
    booking = prepaid(used, 1.0)
    send_back(used, booking)
    assert money(used, booking) == ("partly_refunded", 20_000, 40_000, 20_000, 0)
    used.command(booking, "amend", PROVIDER, reason="entry_error", used={"hours": 2.0})
    used.command(booking, "confirm")
    assert money(used, booking) == ("due", 40_000, 40_000, 20_000, 20_000), "the refund is owed again"
    pay(used.world, booking)
    assert (standing(used.world, booking).outstanding_fen, refunds(used)) == (0, [20_000])
    assert used.shares(booking)[-1] == ("rated", 80_000, 40_000, 40_000)
    assert broken(used.database) == []


def send_back(used: Used, booking: str) -> None:
    """The institution has sent back what was owed back, and says so twice."""
    payment_id = payments.payment_id_of(booking)
    with used.database.read() as session:
        held = session.scalars(select(Refund).where(Refund.payment_id == payment_id)).one()
    for _ in range(2):
        with used.database.write() as session:
            payments.confirm_refund(session, PROVIDER, payment_id, held.number, now=used.world.clock())


def test_cancelled_after_paying_gives_everything_back_once_however_the_fee_moved(used: Used) -> None:
    booking = prepaid(used)
    change_fee(used, booking, 120_000)
    assert standing(used.world, booking).outstanding_fen == 20_000, "the voucher is held for half of it anew"
    pay(used.world, booking)
    received = standing(used.world, booking).paid_fen
    give(used.world, booking, "cancel", LI, reason="plans_changed")
    hear_again(used, booking)
    assert used.world.state(booking) == "cancelled"
    assert sum(refunds(used)) == received
    assert used.wallet() == (100_000, 0, 0)
    assert broken(used.database) == []


def change_fee(used: Used, booking: str, fee_fen: int) -> None:
    give(used.world, booking, "propose", fee_fen=fee_fen)
    give(used.world, booking, "agree", LI, proposal=1)


def test_waived_after_the_difference_was_paid_gives_all_of_it_back_once(used: Used) -> None:
    booking = prepaid(used, 3.0)
    give(used.world, booking, "confirm_fee", LI)
    pay(used.world, booking)
    with used.database.write() as session:
        line = used.lines(booking)[-1].id
        usages.return_line(session, line, "other", by="account:f", now=used.world.clock())
    used.command(booking, "waive", PROVIDER, reason="goodwill")
    hear_again(used, booking)
    assert sum(refunds(used)) == 80_000
    assert used.wallet() == (100_000, 0, 0)
    with pytest.raises(CommandRefused):
        give(used.world, booking, "confirm_fee", LI)
    assert broken(used.database) == []


def test_the_history_names_each_step_once(used: Used) -> None:
    booking = prepaid(used, 3.0)
    give(used.world, booking, "confirm_fee", LI)
    pay(used.world, booking)
    with used.database.read() as session:
        steps: list[Any] = list(
            session.scalars(
                select(PaymentEvent.what)
                .where(PaymentEvent.payment_id == payments.payment_id_of(booking))
                .order_by(PaymentEvent.revision)
            )
        )
    assert [each for each in steps if each in {"owe", "pay", "receive"}] == ["owe", "pay", "owe", "pay"]
