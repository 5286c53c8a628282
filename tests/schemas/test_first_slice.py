"""The package answers: documents are known, a good record passes, a bad one is explained in two languages."""

import schemas


def instrument() -> dict[str, object]:
    return {
        "id": schemas.ids.instrument_id("310000", "unit-1", "A001"),
        "province": "310000",
        "unit": {"id": "unit-1"},
        "internal_number": "A001",
        "name_zh": "场发射扫描电子显微镜",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": "310000"},
    }


def test_good_record_passes() -> None:
    assert schemas.is_valid("instrument", instrument())
    assert schemas.problems("instrument", instrument()) == []


def test_bad_record_names_the_field_and_the_way_out() -> None:
    (problem,) = schemas.problems("instrument", {**instrument(), "original_value_fen": 0})
    assert problem.pointer == "/original_value_fen"
    assert "原值" in problem.zh
    assert "Original value" in problem.en
