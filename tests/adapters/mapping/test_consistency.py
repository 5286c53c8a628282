"""Fields that contradict each other: what is refused, and what is none of our business."""

from typing import Any

import pytest

from adapters.mapping import contradictions


def found(document_name: str, **fields: Any) -> list[tuple[str, str]]:
    document = {"province": "330000", **fields}
    return [(problem.pointer, problem.code) for problem in contradictions(document_name, document)]


@pytest.mark.parametrize("document_name", ["instrument", "institution"])
@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, []),
        ({"province": "330000"}, []),
        ({"province": "330000", "city": "330100", "county": "330106"}, []),
        ({"province": "330000", "county": "330106"}, []),
        ({"province": "320000"}, [("/location/province", "outside-province")]),
        ({"city": "320500"}, [("/location/city", "outside-province")]),
        ({"county": "310115"}, [("/location/county", "outside-province")]),
        ({"city": "330200", "county": "330106"}, [("/location/county", "outside-city")]),
    ],
)
def test_a_place_lies_in_the_places_around_it(
    document_name: str, place: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert found(document_name, location=place) == expected


def test_districts_of_a_municipality_stand_where_cities_do() -> None:
    assert found("instrument", province="310000", location={"province": "310000", "city": "310115"}) == []
    both = {"province": "310000", "city": "310115", "county": "310115"}
    assert found("instrument", province="310000", location=both) == []


@pytest.mark.parametrize("document_name", ["instrument", "instrument-survey"])
@pytest.mark.parametrize(
    ("hours", "is_possible"),
    [
        ({"effective_hours": 1400, "external_hours": 200}, True),
        ({"effective_hours": 200, "external_hours": 200}, True),
        ({"effective_hours": 0, "external_hours": 0}, True),
        ({"external_hours": 200}, True),
        ({"effective_hours": 1400}, True),
        ({"effective_hours": 199.5, "external_hours": 200}, False),
        ({"effective_hours": 0, "external_hours": 1}, False),
    ],
)
def test_hours_for_others_are_part_of_the_effective_hours(
    document_name: str, hours: dict[str, float], is_possible: bool
) -> None:
    expected = [] if is_possible else [("/annual/external_hours", "hours-contradict")]
    assert found(document_name, annual={"year": 2025, **hours}) == expected


def test_the_message_names_both_values_and_the_way_out() -> None:
    [problem] = contradictions(
        "instrument-survey", {"province": "330000", "annual": {"effective_hours": 12.5, "external_hours": 30}}
    )
    assert problem.zh == "对外服务机时 30 多于有效机时 12.5；请核对两项后重报"
    assert "30 hours" in problem.en
    assert "12.5" in problem.en
    [problem] = contradictions("instrument", {"province": "330000", "location": {"city": "320500"}})
    assert (problem.zh, problem.value) == ("「苏州市」不在浙江省；请核对所在地后重报", "320500")


def test_every_contradiction_of_a_record_is_named() -> None:
    annual = {"effective_hours": 1, "external_hours": 2}
    assert found("instrument", location={"city": "320500"}, annual=annual) == [
        ("/location/city", "outside-province"), ("/annual/external_hours", "hours-contradict"),
    ]  # fmt: skip


def test_other_documents_have_no_such_rules() -> None:
    assert found("service-item", location={"city": "320500"}) == []
