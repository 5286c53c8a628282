"""Invoices held against the payment, to the fen: every mismatch is named by its field, nothing is entered twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity.errors import NotAllowed, OtherParty
from hub.identity.rules import Principal
from hub.settlement.errors.payments import InvoiceInvalid, InvoiceTaken, InvoiceUnknown, PaymentUnknown
from hub.settlement.models import Payment
from hub.settlement.service import invoices
from hub.settlement.service.invoices import Entry, InvoiceShown
from tests.hub.settlement.payments.world import (
    ADMIN,
    CREDIT_CODE,
    LI,
    NAME,
    OWNER,
    PAYMENT,
    REFERENCE,
    STRANGER,
    World,
)

FORM = Entry("", "2" * 20, date(2026, 1, 5), 28_302, 1_698, 30_000, NAME, CREDIT_CODE)


def entry(world: World, **changes: Any) -> Entry:
    return replace(FORM, **{"issued_on": world.today(), **changes})


def enter(world: World, who: Principal = OWNER, payment: str = PAYMENT, **changes: Any) -> int:
    with world.database.write() as session:
        return invoices.enter(session, who, payment, entry(world, **changes), now=world.clock())


def shown(world: World) -> list[InvoiceShown]:
    with world.database.read() as session:
        return invoices.of_order(session, REFERENCE)


def test_what_fits_is_entered_once(world: World) -> None:
    assert enter(world) == enter(world)
    (held,) = shown(world)
    assert (held.kind, held.state, held.matches, held.gross_fen) == ("blue", "valid", True, 30_000)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("gross_fen", {"gross_fen": 30_001, "net_fen": 28_303}),
        ("gross_fen", {"gross_fen": 60_000, "net_fen": 58_302}),
        ("gross_fen", {"net_fen": 28_301}),
        ("gross_fen", {"net_fen": 0, "vat_fen": 0, "gross_fen": 0}),
        ("vat_fen", {"net_fen": 30_001, "vat_fen": -1}),
        ("net_fen", {"net_fen": -1, "vat_fen": 30_001}),
        ("payer_name", {"payer_name": "别的公司"}),
        ("payer_credit_code", {"payer_credit_code": "91330400MA28A3B079"}),
        ("number", {"number": "2" * 19}),
        ("number", {"number": "２" * 20}),
        ("number", {"code": "0" * 10, "number": "1" * 7}),
        ("code", {"code": "1" * 11, "number": "1" * 8}),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(world: World, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvoiceInvalid) as refused:
        enter(world, **changes)
    assert refused.value.field == field
    assert shown(world) == []


def test_a_day_that_is_not_here_yet_is_refused(world: World) -> None:
    with pytest.raises(InvoiceInvalid) as refused:
        enter(world, issued_on=world.today() + timedelta(days=1))
    assert refused.value.field == "issued_on"


def test_the_tax_is_that_of_the_quoted_rate_to_the_fen(world: World) -> None:
    with world.database.write() as session:
        payment = session.get_one(Payment, PAYMENT)
        payment.document = {**payment.document, "vat_permille": 60}
    for vat in (0, 1_697, 1_699, 3_451):
        with pytest.raises(InvoiceInvalid) as refused:
            enter(world, net_fen=30_000 - vat, vat_fen=vat)
        assert refused.value.field == "vat_fen"
        assert "税率 6%，税额应为 16.98 元" in refused.value.zh
    assert shown(world) == []
    enter(world, net_fen=28_302, vat_fen=1_698)
    assert [each.matches for each in shown(world)] == [True]
    with world.database.write() as session:
        payment = session.get_one(Payment, PAYMENT)
        payment.document = {**payment.document, "vat_permille": 130}
    assert [each.matches for each in shown(world)] == [False]


def test_the_full_fee_where_the_programme_says_so(world: World) -> None:
    with world.database.write() as session:
        session.get_one(Payment, PAYMENT).invoice_amount = "full_fee"
    with pytest.raises(InvoiceInvalid) as refused:
        enter(world)
    assert "全部费用 600.00 元" in refused.value.zh
    enter(world, net_fen=56_604, vat_fen=3_396, gross_fen=60_000)
    assert shown(world)[0].matches


def test_code_and_number_are_used_once_and_an_order_has_one_valid_invoice(world: World) -> None:
    enter(world, code="0123456789", number="12345678")
    with pytest.raises(InvoiceTaken):
        enter(world, code="0123456789", number="12345678", issued_on=world.today() - timedelta(days=1))
    with pytest.raises(InvoiceTaken) as refused:
        enter(world, number="3" * 20)
    assert refused.value.field == "payment_id"


def test_owing_less_asks_for_a_red_letter_and_then_a_new_one(world: World) -> None:
    first = enter(world)
    world.owe(fee_fen=40_000, voucher_fen=20_000)
    assert shown(world)[0].matches is False
    with world.database.write() as session:
        red = entry(world, number="3" * 20)
        for wrong in (replace(red, net_fen=28_301, vat_fen=1_699), replace(red, number="2" * 20)):
            with pytest.raises((InvoiceInvalid, InvoiceTaken)):
                invoices.reverse(session, OWNER, first, wrong, "金额已变", now=world.clock())
        with pytest.raises(InvoiceInvalid, match="say why"):
            invoices.reverse(session, OWNER, first, red, " ", now=world.clock())
        done = invoices.reverse(session, OWNER, first, red, "金额已变", now=world.clock())
        assert invoices.reverse(session, OWNER, first, red, "金额已变", now=world.clock()) == done
        with pytest.raises(InvoiceTaken):
            invoices.void(session, OWNER, first, "再来", now=world.clock())
    enter(world, number="4" * 20, net_fen=18_868, vat_fen=1_132, gross_fen=20_000)
    assert [(each.kind, each.state) for each in shown(world)] == [
        ("blue", "reversed"),
        ("red", "valid"),
        ("blue", "valid"),
    ]


def test_a_void_invoice_makes_room(world: World) -> None:
    first = enter(world)
    with world.database.write() as session:
        for _ in range(2):
            invoices.void(session, OWNER, first, "抬头有误", now=world.clock())
    with pytest.raises(InvoiceTaken):
        enter(world)
    enter(world, number="5" * 20)


@pytest.mark.parametrize("who", [LI, STRANGER, ADMIN])
def test_only_the_provider_enters_and_takes_back(world: World, who: Principal) -> None:
    held = enter(world)
    with pytest.raises((NotAllowed, OtherParty)):
        enter(world, who, number="6" * 20)
    with world.database.write() as session, pytest.raises((NotAllowed, OtherParty)):
        invoices.void(session, who, held, "x", now=world.clock())


def test_nothing_is_entered_for_what_is_not_there(world: World) -> None:
    with pytest.raises(PaymentUnknown):
        enter(world, payment="pm-none")
    with world.database.write() as session, pytest.raises(InvoiceUnknown):
        invoices.void(session, OWNER, 999, "x", now=world.clock())


@given(net=st.integers(-5, 500), vat=st.integers(-5, 500), gross=st.integers(-5, 900))
def test_an_invoice_that_is_taken_adds_up(net: int, vat: int, gross: int) -> None:
    told = replace(FORM, net_fen=net, vat_fen=vat, gross_fen=gross)
    wrong = None
    try:
        invoices.check_form(told, today=FORM.issued_on)
    except InvoiceInvalid as refused:
        wrong = refused.field
    assert (wrong is None) == (net >= 0 and vat >= 0 and gross > 0 and net + vat == gross)
    assert wrong in {None, "net_fen", "vat_fen", "gross_fen"}
