"""Quotes: snapshots that hold for a time, for one request, and as long as the tariff gives the same fee."""

from datetime import date, timedelta
from typing import Any

import pytest

import schemas
from hub.availability import service
from hub.availability.errors import (
    FeeChanged,
    FeeOnRequest,
    NotEligible,
    QuoteExpired,
    QuoteMismatch,
    QuoteUnknown,
    SlotTaken,
    SlotTooSoon,
)
from hub.availability.models import TariffRow, TrainingRow
from hub.availability.rules import Asker
from hub.catalog.errors import InstrumentUnknown, InstrumentWithdrawn
from hub.catalog.models import Instrument
from hub.core.db import Database
from hub.settlement.errors import NothingChosen, PositionUnknown, QuantityMissing
from tests.hub.availability.instruments import (
    INSTITUTION,
    INSTRUMENT,
    LATER,
    NOW,
    add_items,
    put_rules,
    slot,
)

pytestmark = pytest.mark.database

LI = Asker("account:li", enterprise_id="ent-1", is_verified=True, holders=frozenset({"ent-1"}))
WANG = Asker("account:wang", institution_id=INSTITUTION)
SLOT = {"start": "2026-03-09T09:00:00+08:00", "end": "2026-03-09T10:30:00+08:00"}
MACHINE = {
    "instrument_id": INSTRUMENT,
    "service_mode": "machine_time",
    "slot": SLOT,
    "purpose": {"direction": "technology_development", "is_statutory": False},
}
HOUR = {
    "id": "hour",
    "basis": "reserved_time",
    "name_zh": "机时费",
    "outside_fen": 40000,
    "inside_fen": 10000,
}
ITEMS = [
    {"number": 1, "name": "形貌观察", "charging_unit": "hour", "fee_fen": 30000, "service_mode": "machine_time"},
    {"number": 2, "name": "拉伸", "condition": "600 ℃", "charging_unit": "sample", "fee_fen": 50000, "service_mode": "entrusted_test", "turnaround_days": 3},
    {"number": 3, "name": "能谱", "charging_unit": "hour", "fee_fen": 20000, "service_mode": "entrusted_test"},
    {"number": 4, "name": "面议项目", "charging_unit": "item"},
]  # fmt: skip


def _tariff(database: Database, version: int, *positions: dict[str, Any], **more: Any) -> None:
    with database.write() as session:
        session.add(
            TariffRow(
                instrument_id=INSTRUMENT, version=version, source="hub", valid_from=more.pop("valid_from", NOW),
                made_by="account:test", made_at=NOW, document={"positions": list(positions), **more},
            )
        )  # fmt: skip


def _quote(database: Database, request: dict[str, Any] | None = None, asker: Asker = LI) -> service.Quote:
    with database.write() as session:
        given = service.quote(session, asker, INSTRUMENT, request or MACHINE, now=NOW)
    assert schemas.problems("quote", given.document) == []
    return given


def _hold(
    database: Database, given: service.Quote, request: dict[str, Any] | None = None, **more: Any
) -> service.Quote:
    told = {"asker": LI, "now": NOW, **more}
    with database.write() as session:
        return service.hold_quote(session, given.id, request or dict(given.request), **told)


def _items(database: Database) -> None:
    with database.write() as session:
        add_items(session, ITEMS)


def test_a_quote_is_a_snapshot_with_lines_tariff_terms_and_expiry(held: Database) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held)
    assert (given.fee_fen, given.problems, given.expires_at) == (60000, [], NOW + timedelta(hours=24))
    told = given.document
    assert told["lines"][0]["text_zh"] == "1.5 小时 × 400.00 元/小时 = 600.00 元"
    assert (told["tariff"]["version"], told["tariff"]["source"], told["rules_source"]) == (
        1,
        "hub",
        "default",
    )
    assert told["terms"]["cancel_until"] == "2026-03-08T09:00:00+08:00"
    assert (told["terms"]["no_show_percent"], told["side"], told["is_estimate"]) == (100, "outside", False)
    assert _hold(held, given) == given


def test_people_of_the_owner_pay_the_inside_price(held: Database) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held, asker=WANG)
    assert (given.fee_fen, given.document["side"]) == (15000, "inside")
    assert _hold(held, given, asker=WANG).fee_fen == 15000


def test_without_a_kept_tariff_the_catalogues_items_are_the_tariff_and_said_to_be(held: Database) -> None:
    _items(held)
    given = _quote(held)  # the one position for machine time is meant
    assert (given.fee_fen, given.document["tariff"]["source"], given.document["tariff"]["version"]) == (
        45000,
        "catalogue",
        0,
    )


def test_an_entrusted_test_counts_items_and_samples_and_says_when_it_is_done(held: Database) -> None:
    _items(held)
    test = {
        **MACHINE,
        "service_mode": "entrusted_test",
        "items": [{"number": 2, "quantity": 3}, {"number": 3, "quantity": 2}],
        "samples": [{"count": 2}, {"count": 1}],
    }
    del test["slot"]
    given = _quote(held, test)
    assert [(line["position"], line["quantity"], line["fee_fen"]) for line in given.document["lines"]] == [
        ("2", 3, 150000), ("3", 120, 40000),
    ]  # fmt: skip
    assert (given.document["due_on"], given.document["sample_count"]) == (date(2026, 3, 5).isoformat(), 3)
    timed = _quote(held, {**test, "test_minutes": 30})
    assert timed.document["lines"][1]["fee_fen"] == 10000
    one_by_one = {**test, "items": [{"number": 2, "quantity": 1}, {"position": "2", "quantity": 1}]}
    assert _quote(held, one_by_one).fee_fen == 100000


def test_an_instrument_without_a_known_fee_is_quoted_on_request(held: Database) -> None:
    given = _quote(held)
    assert (given.fee_fen, given.document["on_request"], given.document.get("tariff")) == (None, True, None)
    with pytest.raises(FeeOnRequest):
        _hold(held, given)
    asked = _quote(held, {"instrument_id": INSTRUMENT, "service_mode": "consultation"})
    assert _hold(held, asked).fee_fen is None


def test_a_price_for_insiders_only_is_on_request_for_others(held: Database) -> None:
    _tariff(held, 1, {"id": "hour", "basis": "reserved_time", "name_zh": "机时费", "inside_fen": 10000})
    assert _quote(held).fee_fen is None
    assert _quote(held, asker=WANG).fee_fen == 15000


def test_a_changed_fee_asks_again_and_keeps_the_slot_and_the_new_quote(held: Database) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held)
    _tariff(held, 2, {**HOUR, "outside_fen": 44000})
    with held.write() as session:
        service.claim(
            session, INSTRUMENT, slot("03-09 09:00", "10:30"), claim_id="bk-a", until=LATER, now=NOW
        )
        with pytest.raises(FeeChanged) as changed:
            service.hold_quote(session, given.id, MACHINE, asker=LI, now=NOW)
    assert (changed.value.old_fen, changed.value.new_fen) == (60000, 66000)
    with held.write() as session:
        renewed = service.read_quote(session, changed.value.quote_id, LI)
        assert service.hold_quote(session, renewed.id, MACHINE, asker=LI, now=NOW).fee_fen == 66000
        assert service.confirm(session, "bk-a", now=NOW).state == "confirmed"


def test_a_new_tariff_with_the_same_fee_changes_nothing(held: Database) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held)
    _tariff(held, 2, HOUR, minimum_fee={"outside_fen": 60000})
    assert _hold(held, given).document["tariff"]["version"] == 1


def test_a_tariff_that_vanishes_is_a_changed_fee(held: Database) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held)
    _tariff(held, 2, {**HOUR, "service_modes": ["entrusted_test"]})
    with pytest.raises(FeeChanged) as changed:
        _hold(held, given)
    assert changed.value.new_fen is None


def test_a_tariff_counts_from_its_day_on(held: Database) -> None:
    _tariff(held, 1, HOUR)
    _tariff(held, 2, {**HOUR, "outside_fen": 80000}, valid_from=NOW + timedelta(hours=2))
    given = _quote(held)
    assert given.fee_fen == 60000
    with pytest.raises(FeeChanged):
        _hold(held, given, now=NOW + timedelta(hours=2))


def test_a_quote_expires(held: Database) -> None:
    with held.write() as session:
        put_rules(session, quote_hours=2)
    _tariff(held, 1, HOUR)
    given = _quote(held)
    assert _hold(held, given, now=NOW + timedelta(minutes=119)) == given
    with pytest.raises(QuoteExpired):
        _hold(held, given, now=NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    "changed",
    [
        {"slot": {**SLOT, "end": "2026-03-09T17:00:00+08:00"}},
        {"service_mode": "entrusted_test"},
        {"items": [{"position": "hour", "quantity": 1}]},
        {"samples": [{"count": 3}]},
        {"instrument_id": "31-aaaaaaaaaaaa"},
    ],
)
def test_a_quote_holds_for_what_it_was_given_for(held: Database, changed: dict[str, Any]) -> None:
    _tariff(held, 1, HOUR)
    given = _quote(held)
    with pytest.raises(QuoteMismatch):
        _hold(held, given, {**MACHINE, **changed})
    assert _hold(held, given, {**MACHINE, "note": "请提前备好样品台"}) == given


def test_a_quote_is_its_partys_own(held: Database) -> None:
    given = _quote(held)
    with held.read() as session:
        colleague = Asker("account:zhao", enterprise_id="ent-1", is_verified=True)
        assert service.read_quote(session, given.id, colleague) == given
        for stranger in (Asker("account:sun", enterprise_id="ent-2"), Asker("account:qian")):
            with pytest.raises(QuoteUnknown):
                service.read_quote(session, given.id, stranger)


def test_a_slot_that_cannot_be_booked_is_not_quoted(held: Database) -> None:
    _tariff(held, 1, HOUR)
    with pytest.raises(SlotTooSoon):
        _quote(
            held,
            {**MACHINE, "slot": {"start": "2026-03-02T09:30:00+08:00", "end": "2026-03-02T10:30:00+08:00"}},
        )
    with held.write() as session:
        service.claim(
            session, INSTRUMENT, slot("03-09 10:00", "11:00"), claim_id="bk-a", until=LATER, now=NOW
        )
    with pytest.raises(SlotTaken) as taken:
        _quote(held)
    assert taken.value.at == slot("03-09 10:00", "11:00").start


def test_what_cannot_be_priced_is_refused_by_name(held: Database) -> None:
    _items(held)
    test = {"instrument_id": INSTRUMENT, "service_mode": "entrusted_test", "samples": [{"count": 1}]}
    with pytest.raises(NothingChosen):
        _quote(held, test)
    with pytest.raises(PositionUnknown):
        _quote(held, {**test, "items": [{"number": 4, "quantity": 1}]})
    with pytest.raises(QuantityMissing):
        _quote(held, {**test, "items": [{"number": 3}]})


def test_problems_are_told_at_the_quote_and_stop_the_booking(held: Database) -> None:
    with held.write() as session:
        put_rules(session, training={"code": "sem", "name_zh": "扫描电镜上机培训"})
    given = _quote(held)
    assert [problem.code for problem in given.problems] == ["training_missing"]
    with held.write() as session:
        with pytest.raises(NotEligible) as refused:
            service.check_eligibility(
                service.read_offer(session, LI, INSTRUMENT, now=NOW), LI, MACHINE, now=NOW
            )
        assert refused.value.errors[0]["pointer"] == "/with_operator"
        session.add(
            TrainingRow(
                institution_id=INSTITUTION, code="sem", holder="ent-1", valid_until=date(2026, 3, 2), made_by="account:wang", made_at=NOW
            )
        )  # fmt: skip
        service.check_eligibility(service.read_offer(session, LI, INSTRUMENT, now=NOW), LI, MACHINE, now=NOW)
        tomorrow = NOW + timedelta(days=1)
        assert service.eligibility(session, LI, INSTRUMENT, MACHINE, now=tomorrow) != []


def test_a_withdrawn_or_unknown_instrument(held: Database) -> None:
    with held.write() as session:
        session.get_one(Instrument, INSTRUMENT).withdrawn_at = NOW
    with pytest.raises(InstrumentWithdrawn):
        _quote(held)
    with held.read() as session:
        problems = service.eligibility(session, None, INSTRUMENT, None, now=NOW)
        assert [problem.code for problem in problems] == ["instrument_withdrawn"]
        with pytest.raises(InstrumentUnknown):
            service.eligibility(session, None, "31-aaaaaaaaaaaa", None, now=NOW)
