"""The own share of a booking: settlement keeps the payment, the order form follows the terms, the booking mirrors it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.availability.models import TariffRow
from hub.bookings.errors import CommandRefused
from hub.bookings.service import paid, proposing
from hub.core import working_time
from hub.core.clock import SHANGHAI
from hub.identity.rules import Principal
from hub.settlement.errors.payments import FormOutdated
from hub.settlement.models import Refund
from hub.settlement.rules import deadlines
from hub.settlement.service import order_forms, payments
from hub.settlement.service.order_forms import OrderForm
from hub.settlement.service.payments import Standing
from tests.hub.bookings.test_vouchers import held, terms
from tests.hub.bookings.world import LI, PARTY, STATION, TARIFF, World

__all__ = ["held"]
GUIZHOU = "520000"
OWNER = Principal("account", "account:owner", "王", "institution_manager", None, "p-o", "52-u-x")
BUYER = Principal("account", "account:li", "李", "enterprise_manager", None, "p-li", PARTY.id)


def standing(world: World, booking: str) -> Standing:
    with world.database.read() as session:
        found = payments.standing(session, booking)
    assert found is not None
    return found


def forms(world: World, booking: str) -> list[OrderForm]:
    with world.database.read() as session:
        return order_forms.every(session, booking)


def pay(world: World, booking: str) -> None:
    with world.database.write() as session:
        payments.receive_outstanding(
            session, payments.payment_id_of(booking), "account:owner", now=world.clock()
        )
    paid.mirror(world.database, booking, now=world.clock())


def accepted(world: World, **more: Any) -> str:
    booking = world.submit(GUIZHOU, world.slot(), **more)
    world.command(booking, "accept", STATION)
    return booking


def want_payment(world: World, when: str) -> None:
    """The instruments' tariff asks for it."""
    with world.database.write() as session:
        for row in session.scalars(select(TariffRow)):
            row.document = {**TARIFF, "payment_due": when}


def serve(world: World, booking: str) -> None:
    world.clock.now = world.slot().start
    world.command(booking, "check_in", STATION)
    world.clock.advance(7200)
    world.command(booking, "check_out", STATION, has_usage=True)


def test_an_accepted_booking_has_its_form_and_owes_its_own_share_after_the_service(held: World) -> None:
    booking = accepted(held)
    (form,) = forms(held, booking)
    body = form.document.body
    assert (body["fee_fen"], body["voucher_fen"], body["own_fen"]) == (80_000, 40_000, 40_000)
    assert body["programme"]["is_demo"] is True
    assert sum(each["fen"] for each in body["lines"]) == 80_000
    assert body["payment_due"] == "after_report"
    found = standing(held, booking)
    assert (found.state, found.owed_fen, found.due_on) == ("due", 40_000, None)
    assert held.booking(booking).payment == "none"
    serve(held, booking)
    found = standing(held, booking)
    assert (found.state, found.owed_fen) == ("due", 40_000)
    assert found.due_on is not None
    assert held.booking(booking).payment == "due"
    pay(held, booking)
    assert held.booking(booking).payment == "paid"
    held.command(booking, "complete", LI)
    assert standing(held, booking).is_settled
    assert held.booking(booking).payment == "paid"


def test_an_order_keeps_the_days_to_pay_that_were_in_force_when_it_was_placed(
    held: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def day() -> date:
        return held.clock().astimezone(SHANGHAI).date()

    earlier, changes_on = accepted(held), day() + timedelta(days=1)
    table = tmp_path / "deadlines.csv"
    table.write_text(
        "name,province,valid_from,days,counted,grade,source\n"
        "pay_after_service,*,2020-01-01,10,working,demo,旧（合成）\n"
        f"pay_after_service,*,{changes_on},30,working,demo,新（合成）\n"
    )
    monkeypatch.setattr(deadlines, "TABLE", table)
    serve(held, earlier)
    assert day() > changes_on
    assert standing(held, earlier).due_on == working_time.due_on(day(), 10)
    later = accepted(held)
    serve(held, later)
    assert standing(held, later).due_on == working_time.due_on(day(), 30)


def test_marking_it_paid_is_the_same_payment(held: World) -> None:
    booking = accepted(held)
    serve(held, booking)
    held.command(booking, "mark_paid", STATION)
    found = standing(held, booking)
    assert (found.state, found.paid_fen, found.channels) == ("paid", 40_000, ("counter",))
    assert held.booking(booking).payment == "paid"
    with pytest.raises(CommandRefused):
        held.command(booking, "mark_paid", STATION)


def test_both_sides_confirm_exactly_what_stands_and_other_terms_make_another_form(held: World) -> None:
    booking = accepted(held)
    (first,) = forms(held, booking)
    with held.database.write() as session:
        for _ in range(2):
            order_forms.confirm(
                session, booking, "enterprise", BUYER, sha256=first.document.sha256, now=held.clock()
            )
        both = order_forms.confirm(
            session, booking, "provider", OWNER, sha256=first.document.sha256, now=held.clock()
        )
    assert both.is_confirmed_by_both
    assert [(each.side, each.person) for each in both.confirmed] == [("enterprise", "李"), ("provider", "王")]
    terms(held, booking, proposing.Terms(fee_fen=60_000))
    old, new = forms(held, booking)
    assert (old.is_current, old.is_confirmed_by_both, new.is_current) == (False, True, True)
    assert new.document.body["replaces"] == old.document.id
    assert new.document.body["previous_sha256"] == old.document.sha256
    assert new.document.body["fee_fen"] == 60_000
    (line,) = new.document.body["lines"]
    assert (line["zh"], line["fen"]) == ("双方商定费用 600.00 元", 60_000)
    assert new.confirmed == ()
    assert standing(held, booking).owed_fen == new.document.body["own_fen"]
    with held.database.write() as session, pytest.raises(FormOutdated):
        order_forms.confirm(
            session, booking, "enterprise", BUYER, sha256=old.document.sha256, now=held.clock()
        )


@pytest.mark.parametrize("when", ["before_service", "before_service_required"])
def test_a_tariff_that_wants_to_be_paid_first_is_due_at_once(held: World, when: str) -> None:
    want_payment(held, when)
    booking = accepted(held)
    found = standing(held, booking)
    assert found.due_on == held.slot().start.date()
    assert held.booking(booking).payment == "due"
    held.clock.now = held.slot().start
    if when == "before_service_required":
        with pytest.raises(CommandRefused) as refused:
            held.command(booking, "check_in", STATION)
        assert refused.value.errors[0]["code"] == "paid_if_required"
        pay(held, booking)
    held.command(booking, "check_in", STATION)
    assert held.state(booking) == "in_service"


def test_cancelling_in_time_after_paying_sends_everything_back_once(held: World) -> None:
    want_payment(held, "before_service")
    booking = accepted(held)
    pay(held, booking)
    held.command(booking, "cancel", LI, reason="plans_changed")
    assert held.state(booking) == "cancelled"
    paid.mirror(held.database, booking, now=held.clock())
    with held.database.read() as session:
        assert [(row.fen, row.reason, row.state) for row in session.scalars(select(Refund))] == [
            (40_000, "cancelled", "manual")
        ]


def test_not_coming_costs_its_charge_without_any_voucher_beyond_what_was_paid(held: World) -> None:
    want_payment(held, "before_service")
    booking = accepted(held)
    pay(held, booking)
    held.clock.now = held.slot().start
    held.clock.advance(3600)
    held.command(booking, "no_show", STATION)
    row, found = held.booking(booking), standing(held, booking)
    assert (row.state, row.charge_fen, row.payment) == ("no_show", 80_000, "due")
    assert (found.state, found.owed_fen, found.paid_fen, found.outstanding_fen) == (
        "due",
        80_000,
        40_000,
        40_000,
    )


def test_a_refused_booking_owes_nothing_and_has_no_form(held: World) -> None:
    booking = held.submit(GUIZHOU, held.slot())
    held.command(booking, "reject", STATION, reason="slot_taken")
    with held.database.read() as session:
        assert payments.standing(session, booking) is None
    assert forms(held, booking) == []


def test_a_booking_that_is_not_there_has_nothing_to_mirror(held: World) -> None:
    assert paid.mirror(held.database, "bk-none", now=held.clock()) is False
