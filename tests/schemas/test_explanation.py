"""What a refused document is told: the field by its title, the way out, a pointer that leads there."""

from typing import Any

import pytest

import schemas
from schemas.examples import valid_examples


def instrument(**changes: Any) -> dict[str, Any]:
    return {**valid_examples("instrument")[0].document, **changes}


def only(name: str, document: object) -> schemas.Problem:
    (problem,) = schemas.problems(name, document)
    return problem


def test_a_name_instead_of_a_code_is_answered_with_the_code() -> None:
    problem = only("instrument", instrument(sharing_mode="外部共享"))
    assert problem.zh == "「共享模式」的值不在允许范围内，请改写为代码 external（外部共享）"
    assert (
        problem.en
        == "“Sharing mode” has a value that is not allowed; write the code external (Shared externally)"
    )


def test_an_alias_is_answered_with_the_code() -> None:
    assert "US（美国）" in only("instrument", instrument(origin_country="美利坚合众国")).zh


def test_a_short_list_is_told_whole_and_a_long_one_by_its_name() -> None:
    assert "none（不共享）" in only("instrument", instrument(sharing_mode="x")).zh
    long = only("instrument", instrument(origin_country="x"))
    assert "country" in long.zh
    assert "country" in long.en


def test_money_is_told_in_yuan_too() -> None:
    problem = only("instrument", instrument(original_value_fen=10**11))
    assert "不得大于 50000000000 分（500,000,000 元）" in problem.zh
    assert "50000000000 fen (CNY 500,000,000)" in problem.en
    assert problem.value == 10**11


def test_an_entry_of_a_list_is_counted_from_one() -> None:
    document = valid_examples("instrument-survey")[0].document
    document["service_items"][1]["fee_fen"] = -1
    problem = only("instrument-survey", document)
    assert problem.pointer == "/service_items/1/fee_fen"
    assert problem.zh.startswith("「检测服务项目」第 2 项的「收费」太小，不得小于 0 分")
    assert problem.en.startswith("“Service items” entry 2: “Fee” is too small: at least 0 fen")


def test_one_problem_a_field_and_the_type_first() -> None:
    document = instrument(origin_country=None, disciplines=[1, 1])
    found = {problem.pointer: problem.code for problem in schemas.problems("instrument", document)}
    assert found["/origin_country"] == "wrong-type"


def test_no_more_problems_than_asked_for() -> None:
    document = {f"x{number}": 1 for number in range(50)}
    assert len(schemas.problems("instrument", document, limit=5)) == 5
    assert len(schemas.problems("instrument", document)) == 20


def test_long_values_are_cut_and_containers_left_out() -> None:
    document = instrument(name_zh="长" * 5000, unit=[1])
    found = {problem.pointer: problem.value for problem in schemas.problems("instrument", document)}
    assert found["/name_zh"] == "长" * 199 + "…"
    assert found["/unit"] is None


def test_a_text_that_is_too_long_is_told_how_long_it_may_be() -> None:
    problem = only("instrument", instrument(model="长" * 3000))
    assert problem.code == "too-long"
    assert problem.zh.startswith("「规格型号」太长，最多 ")
    assert only("instrument", instrument(model="两\n行")).code == "bad-format"
    assert only("instrument", instrument(model="")).code == "bad-format"


@pytest.mark.parametrize("document", [None, [], "仪器", 1, True, 1.5])
def test_what_is_no_object_is_told_so(document: object) -> None:
    problem = only("instrument", document)
    assert (problem.pointer, problem.code) == ("", "wrong-type")
    assert "「仪器」" in problem.zh


class Thing:
    pass


@pytest.mark.parametrize(
    "document",
    [
        instrument(original_value_fen=float("nan")),
        instrument(original_value_fen=float("inf")),
        instrument(annual={"year": 2016, "effective_hours": float("nan")}),
        instrument(name_zh="\ud800"),
        instrument(name_zh=Thing()),
        {1: 2},
        {"customs": {True: 1}},
        Thing(),
    ],
    ids=["nan", "inf", "nan-hours", "half-surrogate", "object-inside", "number-key", "truth-key", "object"],
)
def test_what_json_cannot_hold_is_refused_with_words(document: object) -> None:
    assert not schemas.is_valid("instrument", document)
    found = schemas.problems("instrument", document)
    assert found
    assert all(problem.zh and problem.en for problem in found)


def test_a_document_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"location": deep}
    assert not schemas.is_valid("instrument", instrument(location=deep))
    assert schemas.problems("instrument", instrument(location=deep))
    while deep:  # taken apart by hand: the interpreter's own way recurses
        deep = deep["location"]
