"""A voucher goes with its booking: held at submit in the same transaction, captured or let go when the booking ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import schemas
from hub.availability import service as availability
from hub.availability.errors import SlotTaken
from hub.availability.models import TariffRow
from hub.bookings.service import moving, proposing, submitting
from hub.bookings.service.acting import Actor
from hub.identity.models import Party
from hub.identity.service import enterprises, parties
from hub.settlement import queries, rules
from hub.settlement import service as settlement
from hub.settlement.errors import ShareLower
from hub.settlement.models import OrderRow, Payment, RatedLine
from hub.settlement.money import Vat
from hub.settlement.service import form_printing, order_forms, payments
from tests.hub.bookings.test_saga import hear
from tests.hub.bookings.world import ASKER, LI, PARTY, STATION, World, order, request
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import with_terms

pytestmark = pytest.mark.database

PROGRAMME = "demo-330400-voucher"
GUIZHOU = "520000"
OFFICE = Actor("province_staff", "account:p", "province_staff")


@pytest.fixture
def held(world: World) -> World:
    """The world, and an allotment of 1,000.00 for its enterprise, whose home is known."""
    now = world.clock()
    with world.database.write() as session:
        session.add(
            Party(
                id=PARTY.id, kind="enterprise", name=PARTY.name, credit_code=PARTY.credit_code, created_at=now
            )
        )
        session.flush()
        home = enterprises.Verified(PARTY.area, "某路 1 号", "register_document", "system:test")
        enterprises.set_home(session, PARTY.id, home, now=now)
    world.put_voucher(100_000)
    return world


def wallet(world: World) -> tuple[int, int, int]:
    """Left, held and used."""
    with world.database.read() as session:
        (each,) = queries.wallets(session, PARTY.id)
    return each.left_fen, each.held_fen, each.used_fen


def shares(world: World, booking: str) -> tuple[str, int, int] | None:
    """What the booking itself shows: state, voucher share, own share."""
    told = world.booking(booking).document.get("shares")
    return None if told is None else (told["state"], told["voucher_fen"], told["own_fen"])


def test_a_submit_holds_and_the_completed_service_captures(held: World) -> None:
    booking = held.submit(GUIZHOU, held.slot())
    assert shares(held, booking) == ("held", 40_000, 40_000)
    assert wallet(held) == (60_000, 40_000, 0)
    held.command(booking, "accept", STATION)
    held.clock.now = held.slot().start
    held.command(booking, "check_in", STATION)
    held.clock.advance(7200)
    held.command(booking, "check_out", STATION, has_usage=True)
    assert wallet(held) == (60_000, 40_000, 0), "nothing is used before the enterprise has confirmed"
    held.command(booking, "complete", LI)
    assert shares(held, booking) == ("captured", 40_000, 40_000)
    assert wallet(held) == (60_000, 0, 40_000)
    assert broken(held.database) == []


def end_by_reject(world: World, booking: str) -> None:
    world.command(booking, "reject", STATION, reason="slot_taken")


def end_by_silence(world: World, booking: str) -> None:
    for _ in range(40):
        world.clock.advance(86400)
        world.run_timers()


def end_by_cancelling(world: World, booking: str) -> None:
    world.command(booking, "cancel", LI, reason="plans_changed")
    world.run_timers()
    world.forward()


def end_by_withdrawal(world: World, booking: str) -> None:
    world.command(booking, "withdraw", Actor.platform(GUIZHOU))


def end_by_not_coming(world: World, booking: str) -> None:
    world.command(booking, "accept", STATION)
    start = world.booking(booking).starts_at
    assert start is not None
    world.clock.now = start + timedelta(minutes=31)
    world.command(booking, "no_show", STATION)
    world.command(booking, "dispute", LI, reason="time_unsuitable")
    world.command(booking, "overturn", OFFICE, reason="settled_by_staff")


ENDS = {
    "rejected": end_by_reject,
    "expired": end_by_silence,
    "cancelled": end_by_cancelling,
    "withdrawn": end_by_withdrawal,
    "absent": end_by_not_coming,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_booking_that_comes_to_nothing_lets_its_voucher_go(held: World, end: str) -> None:
    booking = held.submit(GUIZHOU, held.slot())
    ENDS[end](held, booking)
    assert held.state(booking) in {"rejected", "expired", "cancelled"}
    assert wallet(held) == (100_000, 0, 0)
    assert shares(held, booking) == ("released", 0, 80_000)
    assert broken(held.database) == []


def test_a_forward_that_fails_lets_it_go(held: World) -> None:
    booking = held.submit("310000", held.slot())
    held.command(booking, "fail_forward", Actor.system())
    assert wallet(held) == (100_000, 0, 0)


def test_whoever_does_not_get_the_slot_holds_nothing(held: World) -> None:
    asked = [held.ask(GUIZHOU, held.slot()) for _ in range(2)]
    held.place(GUIZHOU, asked[0])
    with pytest.raises(SlotTaken):
        held.place(GUIZHOU, asked[1])
    assert wallet(held) == (60_000, 40_000, 0)


def test_what_is_left_is_what_the_next_booking_gets(held: World) -> None:
    bookings = [held.submit(GUIZHOU, held.slot(day=day)) for day in (7, 8, 9, 10)]
    assert [shares(held, booking) for booking in bookings] == [
        ("held", 40_000, 40_000), ("held", 40_000, 40_000), ("held", 20_000, 60_000), None,
    ]  # fmt: skip
    end_by_reject(held, bookings[0])
    assert shares(held, held.submit(GUIZHOU, held.slot(day=7))) == ("held", 40_000, 40_000)


def test_the_quote_says_who_pays_and_why(held: World) -> None:
    told = quote(held, held.ask(GUIZHOU, held.slot()))
    assert schemas.problems("quote", told) == []
    shares = told["shares"]
    assert (shares["voucher_fen"], shares["own_fen"], shares["programme_id"]) == (40_000, 40_000, PROGRAMME)
    assert [step["text_zh"] for step in shares["programmes"][0]["steps"]] == [
        "费用 800.00 元 × 50% = 400.00 元",
        "单笔上限 50000.00 元",
        "年度上限 200000.00 元，已用 0.00 元，余 200000.00 元",
        "可用 1000.00 元",
        "创新券支付 400.00 元，自付 400.00 元",
    ]
    assert [each["code"] for each in shares["programmes"][0]["conditions"]] == ["related_unknown"]
    assert wallet(held) == (100_000, 0, 0), "a quote holds nothing"


def state_tax(world: World, permille: int, *, in_base: bool) -> None:
    """Every tariff states a rate from now on, and 嘉兴's programme says whether the tax counts."""
    with world.database.write() as session:
        for row in session.scalars(select(TariffRow)):
            row.document = {**row.document, "vat_permille": permille}
        document = next(each for each in rules.demo() if each["id"] == PROGRAMME)
        document = with_terms(document, vat_in_base=in_base)
        settlement.put_programme(session, document, actor="system:test", now=world.clock())


def test_the_tax_leaves_the_base_from_the_quote_to_the_line(held: World) -> None:
    state_tax(held, 60, in_base=False)
    asked = held.ask(GUIZHOU, held.slot())
    told = quote(held, asked)
    assert schemas.problems("quote", told) == []
    assert told["vat"] == {"permille": 60, "net_fen": 75_472, "vat_fen": 4_528}
    why = told["shares"]["programmes"][0]["steps"][0]["text_zh"]
    assert why == "（费用 800.00 元 − 税额 45.28 元）× 50% = 377.36 元"
    booking = held.place(GUIZHOU, asked)
    assert shares(held, booking) == ("held", 37_736, 42_264)
    assert wallet(held) == (62_264, 37_736, 0)
    held.command(booking, "accept", STATION)
    with held.database.read() as session:
        form = order_forms.current(session, booking)
        assert form is not None
        assert form.document.body["vat"] == told["vat"]
        assert "45.28 元，不含税 754.72 元" in str(form_printing.texts_of(form)["amounts"])
    held.clock.now = held.slot().start
    held.command(booking, "check_in", STATION)
    held.clock.advance(7200)
    held.command(booking, "check_out", STATION, has_usage=True)
    held.command(booking, "complete", LI)
    assert shares(held, booking) == ("captured", 37_736, 42_264)
    with held.database.read() as session:
        line = session.scalars(select(RatedLine)).one()
        assert (line.document["vat"], line.voucher_fen) == (told["vat"], 37_736)
        payment = session.get_one(Payment, payments.payment_id_of(booking))
        assert payments.invoice_vat(payment) == Vat(60, 39_872, 2_392)
    assert broken(held.database) == []


def test_where_no_tariff_states_a_rate_the_reason_is_told_and_nothing_is_held(held: World) -> None:
    state_tax(held, 60, in_base=False)
    with held.database.write() as session:
        for row in session.scalars(select(TariffRow)):
            row.document = {name: told for name, told in row.document.items() if name != "vat_permille"}
    asked = held.ask(GUIZHOU, held.slot())
    told = quote(held, asked)
    assert "vat" not in told
    mine = told["shares"]["programmes"][0]
    assert [each["code"] for each in mine["reasons"]] == ["vat_unknown"]
    booking = held.place(GUIZHOU, asked)
    assert (shares(held, booking), wallet(held)) == (None, (100_000, 0, 0))


@pytest.mark.parametrize(("reference", "kind"), [("tm-" + "a" * 26, "team"), ("ps-" + "b" * 26, "person")])
def test_a_team_and_a_person_hold_and_use_vouchers_under_their_reference(
    held: World, reference: str, kind: str
) -> None:
    now, slot = held.clock(), held.slot()
    asker = replace(ASKER, enterprise_id=reference, credit_code=None)
    with held.database.write() as session:
        parties.put_customer(session, reference, "某团队（合成）", actor="system:test", now=now)
        home = enterprises.Verified(PARTY.area, "", "bureau_staff", "system:test")
        enterprises.set_home(session, reference, home, now=now)
        document = next(each for each in rules.demo() if each["id"] == PROGRAMME)
        quotas = [
            {"kind": each, "rate_bp": bp, "uncapped": ["order", "year"]}
            for each, bp in (("enterprise", 5000), (kind, 2500))
        ]
        settlement.put_programme(session, with_terms(document, holders=quotas), actor="system:test", now=now)
        until = (now + timedelta(days=300)).date()
        told = settlement.Allotment("ZJ-2", PROGRAMME, reference, 50_000, until)
        settlement.allot(session, told, actor="platform:330000", now=now)
        asked = request(GUIZHOU, slot)
        given = availability.quote(session, asker, asked["instrument_id"], asked, now=now)
        assert given.voucher_fen == 20_000
        made = order(session, GUIZHOU, {**asked, "quote_id": given.id}, now)
        mine = replace(made, party=replace(made.party, id=reference, credit_code=None), asker=asker)
        booking = submitting.submit(session, mine, LI, now=now)[0].id
    assert shares(held, booking) == ("held", 20_000, 60_000)
    with held.database.read() as session:
        (mine_,) = queries.wallets(session, reference)
        facts = session.get_one(OrderRow, booking).facts
    assert (mine_.left_fen, mine_.held_fen) == (30_000, 20_000)
    assert (facts["holder"], facts["holder_kind"]) == (reference, kind)
    assert wallet(held) == (100_000, 0, 0), "the enterprise's own voucher is another's"
    assert broken(held.database) == []


def quote(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    with world.database.read() as session:
        return dict(availability.read_quote(session, asked["quote_id"], ASKER).document)


def test_nobody_pays_more_than_they_were_shown(held: World) -> None:
    """Three quotes were given while there was money for two and a half: the third is asked again, and nothing of it stays."""
    asked = [held.ask(GUIZHOU, held.slot(day=day)) for day in (7, 8, 9)]
    for each in asked[:2]:
        held.place(GUIZHOU, each)
    with pytest.raises(ShareLower, match=r"200\.00"):
        held.place(GUIZHOU, asked[2])
    assert wallet(held) == (20_000, 80_000, 0)
    again = held.submit(GUIZHOU, held.slot(day=9))
    assert shares(held, again) == ("held", 20_000, 60_000), "the slot was let go with the rest"
    assert broken(held.database) == []


def test_an_order_that_the_rules_exclude_is_booked_without_a_voucher(held: World) -> None:
    purpose = {"direction": "technology_development", "is_statutory": True, "text": "型式检验"}
    asked = held.ask(GUIZHOU, None, purpose=purpose)
    booking = held.place(GUIZHOU, asked)
    assert shares(held, booking) is None
    with held.database.read() as session:
        order = queries.find_order(session, booking)
    assert order is not None
    assert "excluded" in [reason["code"] for reason in order.decisions["user"][0]["reasons"]]


def test_other_terms_hold_another_share(held: World) -> None:
    booking = held.submit(GUIZHOU)
    assert shares(held, booking) is None
    terms(held, booking, proposing.Terms(fee_fen=120_000, service_mode="entrusted_test"))
    assert shares(held, booking) == ("held", 60_000, 60_000)
    terms(held, booking, proposing.Terms(fee_fen=30_001))
    assert shares(held, booking) == ("held", 15_000, 15_001)
    assert wallet(held) == (85_000, 15_000, 0)
    assert broken(held.database) == []


def terms(world: World, booking: str, offered: proposing.Terms) -> None:
    """The station proposes other terms, and the enterprise agrees."""
    with world.database.write() as session:
        row = moving.lock(session, booking)
        until = world.clock() + timedelta(days=2)
        made = proposing.write(session, row, "provider", offered, until=until, now=world.clock())
        given = moving.Given(detail={"proposal": made.number})
        moving.move(session, row, "propose", STATION, given, now=world.clock())
    world.command(booking, "agree", LI)


def test_an_answer_heard_twice_lets_go_once(held: World) -> None:
    booking = held.submit("310000", held.slot(day=7))
    held.forward()
    rejected = held.provinces["310000"].decide(booking, "rejected", reason="slot_taken")
    assert [hear(held, "310000", rejected), hear(held, "310000", rejected)] == ["applied", "repeated"]
    assert wallet(held) == (100_000, 0, 0)
    assert broken(held.database) == []


def test_without_any_programme_everything_is_the_own_share(world: World) -> None:
    booking = world.submit(GUIZHOU, world.slot())
    assert shares(world, booking) is None
    world.command(booking, "reject", STATION, reason="slot_taken")
    with world.database.read() as session:
        order = queries.find_order(session, booking)
    assert order is not None
    assert (order.voucher_fen, order.own_fen, order.state) == (0, 80_000, "none")
