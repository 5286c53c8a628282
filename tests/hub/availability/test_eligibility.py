"""Who may book what: every problem by its code, and nothing else in its way."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import schemas
from hub.availability import rules
from hub.availability.rules import Asker, Facts, Request
from hub.catalog.rules import booking_from_outside
from tests.hub.availability.instruments import INSTITUTION, document, rules_document, slot

TODAY = date(2026, 3, 2)
UNIT = {"id": INSTITUTION, "credit_code": "12310000425000000X", "cma_certificate": "210000000000"}
BOOKING_RULES = rules.read_rules(rules_document(), version=1, source="hub")
OUTSIDE = Asker("account:li", enterprise_id="ent-1", is_verified=True)
INSIDE = Asker("account:wang", institution_id=INSTITUTION)
MACHINE = Request("machine_time", slot("03-09 09:00", "10:00"), direction="technology_development")
TEST = Request("entrusted_test", samples=2, direction="technology_development")
QUESTION = Request("consultation")


def _facts(instrument: dict[str, Any] | None = None, **kept: Any) -> Facts:
    booking_rules = rules.read_rules(rules_document(**kept), version=1, source="hub")
    return Facts(document(**(instrument or {})), UNIT, booking_rules)


def _codes(facts: Facts, asker: Asker | None = OUTSIDE, request: Request | None = MACHINE) -> list[str]:
    return [problem.code for problem in rules.eligibility(facts, asker, request, today=TODAY)]


def test_nothing_stands_against_an_open_instrument() -> None:
    for request in (None, MACHINE, TEST, QUESTION):
        assert _codes(_facts(), request=request) == []


@pytest.mark.parametrize(
    ("sharing", "outside", "inside"),
    [("external", [], []), ("internal", ["internal_only"], []), ("none", ["not_shared"], ["not_shared"])],
)
def test_the_sharing_mode_decides_who_comes_in(sharing: str, outside: list[str], inside: list[str]) -> None:
    facts = _facts({"sharing_mode": sharing})
    for request in (None, MACHINE, QUESTION):
        assert _codes(facts, request=request) == outside
        assert _codes(facts, INSIDE, request) == inside
    assert _codes(facts, None, None) == outside


def test_who_bears_the_institutions_credit_code_is_inside() -> None:
    same = replace(OUTSIDE, credit_code=UNIT["credit_code"])
    assert _codes(_facts({"sharing_mode": "internal"}), same) == []


def test_an_unknown_sharing_mode_may_be_asked_about_but_not_booked() -> None:
    unknown = document()
    del unknown["sharing_mode"]
    facts = replace(_facts(), document=unknown)
    assert _codes(facts) == ["sharing_unknown"]
    assert _codes(facts, request=QUESTION) == []


@pytest.mark.parametrize("state", ["awaiting_repair", "awaiting_scrap"])
def test_a_broken_instrument_may_be_asked_about_but_not_booked(state: str) -> None:
    assert _codes(_facts({"running_state": state}), INSIDE) == [state]
    assert _codes(_facts({"running_state": state}), request=QUESTION) == []


def test_a_withdrawn_instrument_has_one_problem() -> None:
    assert _codes(replace(_facts({"sharing_mode": "none"}), document=None), None, None) == [
        "instrument_withdrawn"
    ]


def test_an_unverified_enterprise_may_ask_but_not_book() -> None:
    unverified = replace(OUTSIDE, is_verified=False)
    assert _codes(_facts(), unverified) == ["enterprise_unverified"]
    assert _codes(_facts(), unverified, QUESTION) == []


def _customs(**fields: Any) -> dict[str, Any]:
    return {"customs": {"supervised": True, **fields}}


@pytest.mark.parametrize(
    ("customs", "approval", "expected"),
    [
        (_customs(), None, ["customs_supervision"]),
        (_customs(until="2026-03-08"), None, []),  # over on the day of use
        (_customs(until="2026-03-09"), None, ["customs_supervision"]),
        (_customs(permitted_purposes=["approved_external_service"]), None, []),
        (_customs(permitted_purposes=["teaching"]), None, ["customs_supervision"]),
        (_customs(), {"reference": "沪关〔2025〕1号", "until": "2026-12-31"}, []),
        (_customs(), {"reference": "沪关〔2025〕1号", "until": "2026-03-08"}, ["customs_approval_ended"]),
        (_customs(), {"reference": "沪关〔2025〕1号", "until": "2026-12-31", "purposes": ["teaching"]}, ["customs_purpose"]),
        (_customs(), {"reference": "沪关〔2025〕1号", "until": "2026-12-31", "purposes": ["technology_development"]}, []),
        ({"customs": {"supervised": False}}, None, []),
    ],
)  # fmt: skip
def test_customs_let_others_in_as_far_as_they_approved(
    customs: dict[str, Any], approval: dict[str, Any] | None, expected: list[str]
) -> None:
    kept = {} if approval is None else {"customs_approval": approval}
    facts = _facts(customs, **kept)
    on = MACHINE.day(slot("03-02 09:00", "10:00").start)
    assert on == date(2026, 3, 9)
    assert [problem.code for problem in rules.eligibility(facts, OUTSIDE, MACHINE, today=on)] == expected


def test_the_owner_uses_a_duty_free_import_for_its_permitted_purposes_only() -> None:
    facts = _facts(_customs(permitted_purposes=["teaching"]))
    assert _codes(facts, INSIDE, replace(MACHINE, direction="teaching")) == []
    assert _codes(facts, INSIDE) == ["customs_purpose"]
    assert _codes(_facts(_customs()), INSIDE) == []


def test_the_page_of_the_catalogue_says_the_same_of_anybody_from_outside() -> None:
    for told in (
        {},
        {"sharing_mode": "internal"},
        {"running_state": "awaiting_scrap"},
        _customs(),
        _customs(until="2026-01-01"),
    ):
        reasons = [reason.code for reason in booking_from_outside(document(**told), TODAY)]
        assert _codes(_facts(told), None, None) == reasons


def test_a_service_mode_that_is_not_offered_is_refused() -> None:
    assert _codes(_facts({"service_modes": ["entrusted_test"]})) == ["service_mode_not_offered"]
    assert _codes(_facts({"service_modes": ["entrusted_test"]}, service_modes=["machine_time"])) == []
    assert _codes(_facts({"service_modes": ["entrusted_test"]}), request=QUESTION) == []


def test_machine_time_needs_a_slot() -> None:
    assert _codes(_facts(), request=replace(MACHINE, slot=None)) == ["slot_missing"]


def test_a_training_or_an_operator_is_needed_at_the_instrument() -> None:
    training = {"code": "sem", "name_zh": "扫描电镜上机培训"}
    assert _codes(_facts(training=training)) == ["training_missing"]
    assert _codes(replace(_facts(training=training), trainings=frozenset({"sem"}))) == []
    assert _codes(_facts(training=training, operator="always")) == []
    assert _codes(_facts(training=training), request=replace(MACHINE, has_operator=True)) == [
        "training_missing"
    ]
    assert (
        _codes(_facts(training=training, operator="on_request"), request=replace(MACHINE, has_operator=True))
        == []
    )
    assert _codes(_facts(training=training), request=TEST) == []


def test_samples_are_counted_and_their_hazards_looked_at() -> None:
    kept = {"samples": {"accepted": True, "max_count": 5, "hazards_accepted": ["magnetic"]}}
    assert _codes(_facts(**kept), request=TEST) == []
    assert _codes(_facts(**kept), request=replace(TEST, samples=None)) == ["samples_missing"]
    assert _codes(_facts(**kept), request=replace(TEST, samples=6)) == ["samples_too_many"]
    assert _codes(_facts(**kept), request=replace(TEST, hazards=frozenset({"magnetic"}))) == []
    assert _codes(_facts(samples={"accepted": False}), request=TEST) == ["samples_not_accepted"]
    dangerous = replace(TEST, hazards=frozenset({"radioactive", "explosive"}))
    problem = rules.eligibility(_facts(**kept), OUTSIDE, dangerous, today=TODAY)[0]
    assert (problem.code, problem.field) == ("hazard_not_accepted", "samples")
    assert problem.zh.endswith("：爆炸性、放射性")
    assert problem.en.endswith(": Explosive, Radioactive")


def test_the_purpose_is_asked_and_statutory_tests_need_an_accredited_institution() -> None:
    assert _codes(_facts(), request=replace(TEST, direction=None)) == ["purpose_missing"]
    statutory = replace(TEST, is_statutory=True)
    assert _codes(_facts(), request=statutory) == []
    assert _codes(_facts(accepts_statutory=False), request=statutory) == ["statutory_not_accepted"]
    assert _codes(replace(_facts(), institution={"id": INSTITUTION}), request=statutory) == [
        "statutory_needs_cma"
    ]


def test_several_problems_are_told_at_once() -> None:
    facts = _facts({"sharing_mode": "internal", "running_state": "awaiting_repair"})
    assert _codes(facts, replace(OUTSIDE, is_verified=False), replace(TEST, direction=None, samples=None)) == [
        "internal_only", "awaiting_repair", "enterprise_unverified", "samples_missing", "purpose_missing",
    ]  # fmt: skip


def test_every_problem_has_words_and_a_way_out() -> None:
    for code in schemas.codes("eligibility_problem").values():
        assert code.attributes["hint_zh"]
        assert code.attributes["hint_en"]
