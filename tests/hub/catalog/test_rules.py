"""Merging facts, price bands, booking from outside: laws and cases."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from hub.catalog import rules
from hub.catalog.rules import Facts

TODAY = date(2026, 1, 5)

annuals = st.fixed_dictionaries(
    {"year": st.integers(2020, 2026)},
    optional={"effective_hours": st.integers(0, 9000), "external_hours": st.integers(0, 9000)},
)
filled = {
    "funding_source": st.sampled_from(list(schemas.codes("funding_source"))),
    "sharing_mode": st.sampled_from(list(schemas.codes("sharing_mode"))),
    "service_modes": st.just(["entrusted_test"]),
    "annual": annuals,
}
mains = st.fixed_dictionaries({"name_zh": st.sampled_from(["扫描电镜", "质谱仪"])}, optional=filled)
surveys = st.fixed_dictionaries({"year": st.integers(2020, 2026)}, optional=filled)


@given(main=mains, rows=st.lists(surveys, max_size=3, unique_by=lambda row: row["year"]))
def test_deliveries_may_come_in_any_order_and_more_than_once(
    main: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    told: list[tuple[rules.Role, dict[str, Any]]] = [("main", main), *(("survey", row) for row in rows)]
    results = []
    for order in permutations(told):
        facts = Facts()
        for role, document in (*order, *order[:1]):
            facts = rules.absorb(facts, role, document)
        results.append(rules.merge(facts))
    assert all(result == results[0] for result in results)


@given(main=mains, survey=surveys)
def test_the_survey_fills_and_never_overrules(main: dict[str, Any], survey: dict[str, Any]) -> None:
    merged = rules.merge(Facts(main, survey))
    assert merged is not None
    for name in ("name_zh", "funding_source", "sharing_mode", "service_modes"):
        assert merged.get(name) == main.get(name, survey.get(name))
    assert "year" not in merged
    again = rules.merge(Facts(merged, survey))
    assert again == merged


@given(main=mains, survey=surveys)
def test_hours_are_never_mixed_from_two_years(main: dict[str, Any], survey: dict[str, Any]) -> None:
    merged = rules.merge(Facts(main, survey)) or {}
    if "annual" not in merged:
        assert "annual" not in main
        return
    year = merged["annual"]["year"]
    sources = [told["annual"] for told in (main, survey) if told.get("annual", {}).get("year") == year]
    for name in rules.HOURS:
        if name in merged["annual"]:
            assert merged["annual"][name] in [source.get(name) for source in sources]


def test_hours_of_the_same_year_complete_each_other() -> None:
    main = {"annual": {"year": 2025, "external_hours": 20}}
    survey = {"year": 2025, "annual": {"year": 2025, "effective_hours": 1400, "external_hours": 30}}
    merged = rules.merge(Facts(main, survey))
    assert merged == {"annual": {"year": 2025, "effective_hours": 1400, "external_hours": 20}}


def test_hours_that_contradict_each_other_are_not_mixed() -> None:
    main = {"annual": {"year": 2025, "effective_hours": 20}}
    survey = {"year": 2025, "annual": {"year": 2025, "external_hours": 30}}
    assert rules.merge(Facts(main, survey)) == main


def test_a_survey_row_alone_names_no_instrument() -> None:
    assert rules.merge(Facts(None, {"year": 2025})) is None


def test_of_two_services_with_one_number_the_first_stands() -> None:
    items = [{"number": 1, "name": "甲"}, {"number": 2, "name": "乙"}, {"number": 1, "name": "丙"}]
    found = rules.service_items(Facts(None, {"year": 2025, "service_items": items}))
    assert [item["name"] for item in found] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("yuan", "band"),
    [
        (None, None), (0, "lt50"), (499_999, "lt50"), (500_000, "50-200"), (1_999_999, "50-200"),
        (2_000_000, "200-500"), (5_000_000, "500-800"), (8_000_000, "800+"), (10**9, "800+"),
    ],
)  # fmt: skip
def test_price_bands_include_their_lower_bound(yuan: int | None, band: str | None) -> None:
    assert rules.value_band(None if yuan is None else yuan * 100) == band


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"sharing_mode": "external"}, []),
        ({}, ["sharing_unknown"]),
        ({"sharing_mode": "internal"}, ["internal_only"]),
        ({"sharing_mode": "none", "running_state": "awaiting_scrap"}, ["not_shared", "awaiting_scrap"]),
        ({"sharing_mode": "external", "running_state": "occasional_fault"}, []),
        ({"sharing_mode": "external", "running_state": "awaiting_repair"}, ["awaiting_repair"]),
        ({"sharing_mode": "external", "customs": {"supervised": False}}, []),
        ({"sharing_mode": "external", "customs": {"supervised": True}}, ["customs_supervision"]),
        ({"sharing_mode": "external", "customs": {"supervised": True, "until": "2026-01-04"}}, []),
        (
            {"sharing_mode": "external", "customs": {"supervised": True, "until": "2026-01-05"}},
            ["customs_supervision"],
        ),
        (
            {
                "sharing_mode": "external",
                "customs": {"supervised": True, "permitted_purposes": ["approved_external_service"]},
            },
            [],
        ),
    ],
)
def test_why_an_instrument_cannot_be_booked_from_outside(told: dict[str, Any], codes: list[str]) -> None:
    reasons = rules.booking_from_outside(told, TODAY)
    assert [reason.code for reason in reasons] == codes
    assert all(reason.zh and reason.en for reason in reasons)


def test_regions_are_data() -> None:
    assert rules.region_of("340000") == "yangtze_delta"
    assert rules.region_of("530000") == "west"
    assert rules.region_of("110000") is None
    assert rules.region_of("999999") is None
