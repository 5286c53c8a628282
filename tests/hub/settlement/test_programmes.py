"""The programmes that come with the hub: valid, every value with its source, unusable where something is not known."""

from datetime import date

import pytest

import schemas
from hub.settlement import rules
from hub.settlement.rules import Programme
from tests.hub.settlement.orders import programme, quota, with_terms

ALL = [*rules.published(), *rules.demo()]


@pytest.mark.parametrize("document", ALL, ids=lambda each: each["id"])
def test_each_is_a_valid_document_whose_every_term_has_a_source(document: dict[str, object]) -> None:
    assert schemas.problems("programme", document) == []
    assert rules.unsourced(document) == ()
    area = str(document["area"])
    assert area in schemas.codes("province") or area in schemas.codes("area")


def test_every_province_of_the_belt_has_one() -> None:
    provinces = schemas.codes("province")
    belt = {code for code in provinces if provinces[code].attributes.get("region")}
    assert {f"{each['area'][:2]}0000" for each in rules.published()} == belt


def test_nothing_published_was_invented_and_nothing_invented_looks_published() -> None:
    for each in rules.published():
        assert not Programme(1, each).is_demo
    for each in rules.demo():
        assert Programme(1, each).is_demo
        assert each["id"].startswith("demo-")
        assert "演示" in each["name_zh"]
        assert "demo" in each["name_en"]


@pytest.mark.parametrize("document", rules.demo(), ids=lambda each: each["id"])
def test_the_demo_s_are_complete(document: dict[str, object]) -> None:
    assert rules.missing(Programme(1, document)) == ()


def test_what_was_not_found_is_named() -> None:
    held = {each["id"]: rules.missing(Programme(1, each)) for each in rules.published()}
    assert all(held.values()), "a published programme became complete: say so in docs/settlement.md"
    assert held["310000-voucher"][:2] == ("holders.enterprise.cap_order_fen", "holders.team.cap_order_fen")
    assert held["340000-rebate"] == ("service_modes", "home_only", "vat_in_base")
    assert held["340000-owner"] == ("service_modes", "vat_in_base")
    assert held["430000-rebate"][0] == "holders.enterprise.cap_order_fen"
    assert held["500000-voucher"][0] == "holders"


@pytest.mark.parametrize(
    "term", ["validity_days", "service_modes", "exclusions", "home_only", "payer", "vat_in_base"]
)
def test_each_needed_term_is_missed(term: str) -> None:
    assert rules.missing(programme(**{term: None})) == (term,)


def test_a_cap_is_told_or_said_not_to_be() -> None:
    told = [{"kind": "enterprise", "rate_bp": 5000, "cap_year_fen": 1}]
    assert rules.missing(programme(holders=told)) == ("holders.enterprise.cap_order_fen",)
    assert rules.missing(programme(holders=quota(cap_year_fen=1))) == ()


def test_missing_terms_have_names() -> None:
    zh, en = rules.term_names(("holders.team.cap_year_fen", "payer", "holders"))
    assert zh == "团队年度上限、由谁支付、对象与额度"
    assert en == "Cap per holder and year (Team), Who pays, Holders, rates and caps"
    for each in rules.published():
        assert all(rules.term_names([name])[0] for name in rules.missing(Programme(1, each)))


def test_a_term_without_a_source_is_found() -> None:
    document = dict(rules.published()[0])
    assert rules.unsourced(with_terms(document, home_only=True)) == ("home_only",)
    assert rules.unsourced(with_terms(document, holders=None)) == ("holders",)


@pytest.mark.parametrize(
    ("area", "place", "is_covered"),
    [
        ("330000", "330402", True), ("330400", "330402", True), ("330402", "330402", True),
        ("330402", "330411", False), ("330400", "330500", False), ("310000", "330402", False),
        ("330402", "330400", False), ("310000", "310000", True),
    ],
)  # fmt: skip
def test_areas_contain_places(area: str, place: str, is_covered: bool) -> None:
    assert rules.covers(area, place) is is_covered


def test_the_newest_version_that_has_begun_holds() -> None:
    document = rules.demo()[0]
    old = Programme(1, document)
    new = Programme(2, {**document, "valid_from": "2026-07-01"})
    ended = Programme(3, {**document, "valid_from": "2026-09-01", "valid_until": "2026-09-30"})
    versions = [new, ended, old]
    held = [rules.in_force(versions, date(2026, month, 15)) for month in (6, 8, 9, 10)]
    assert [[each.version for each in found] for found in held] == [[1], [2], [3], []]
    assert rules.in_force(versions, date(2024, 12, 31)) == []


@pytest.mark.parametrize(
    ("payer", "home", "area"),
    [("city", "340104", "340100"), ("county", "340104", "340104"), ("issuer", "340104", "340000")],
)
def test_who_pays(payer: str, home: str, area: str) -> None:
    assert rules.payer_area(programme("demo-340000-rebate", payer=payer), home) == area


def test_districts_of_a_province_that_is_a_city_pay_themselves() -> None:
    assert rules.payer_area(programme("demo-310000-voucher", payer="city"), "310115") == "310115"
