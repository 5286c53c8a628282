"""A new version accepts what the old ones wrote, and a change without a new version is found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import schemas
from tests.schemas.freeze import FOLDER, Frozen, freeze, refused

FILES = sorted(FOLDER.glob("*/*.json"))


def read(file: Path) -> Frozen:
    frozen: Frozen = json.loads(file.read_text(encoding="utf-8"))
    return frozen


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}-{file.stem}" for file in FILES])
def test_what_was_written_is_accepted(file: Path) -> None:
    frozen = read(file)
    assert frozen["written_by"] == file.parent.name
    assert list(refused(frozen, lambda document: schemas.is_valid(file.stem, document))) == []


@pytest.mark.parametrize("name", schemas.document_names())
def test_the_present_version_is_written_down(name: str) -> None:
    file = FOLDER / schemas.VERSION / f"{name}.json"
    assert read(file) == freeze(name), (
        "the specification has changed: raise schemas.VERSION (before its release: python -m tests.schemas.freeze)"
    )


def test_every_code_and_optional_field_is_written_down() -> None:
    frozen = freeze("instrument")
    codes = next(
        v["values"] for v in frozen["variants"] if v["pointer"] == "/classification/code" and "values" in v
    )
    assert codes == list(schemas.codes("instrument_class"))
    without = {v["pointer"] for v in frozen["variants"] if v.get("without")}
    assert {"/name_en", "/customs/until", "/location/county", "/annual"} <= without
    assert "/name_zh" not in without


Schema = dict[str, Any]
NARROWER: dict[str, Callable[[Schema], object]] = {
    "a field removed": lambda s: s["properties"].pop("department"),
    "a code removed": lambda s: s["properties"]["sharing_mode"]["enum"].remove("none"),
    "one class removed": lambda s: s["properties"]["classification"]["properties"]["code"]["enum"].remove(
        "010403"
    ),
    "a field required": lambda s: s["required"].append("model"),
    "an inner field required": lambda s: s["properties"]["customs"]["required"].append("until"),
    "a maximum lowered": lambda s: s["$defs"]["hours"].update(maximum=8760),
    "a minimum raised": lambda s: s["properties"]["original_value_fen"].update(minimum=100),
    "a text shortened": lambda s: s["properties"]["name_zh"].update(maxLength=99),
    "fewer entries": lambda s: s["properties"]["disciplines"].update(maxItems=3),
    "another type": lambda s: s["properties"]["original_value_fen"].update(type="string"),
}


@pytest.mark.parametrize("case", NARROWER)
def test_a_narrower_version_is_found(case: str) -> None:
    schema = schemas.document("instrument")
    NARROWER[case](schema)
    validator = jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, formats={"uscc": schemas.uscc.is_valid}
    )
    assert next(refused(read(FOLDER / "1.0.0" / "instrument.json"), validator.is_valid), "") != ""


def test_a_wider_version_is_fine() -> None:
    schema = schemas.document("instrument")
    schema["properties"]["sharing_mode"]["enum"].append("by_appointment")
    schema["properties"]["colour"] = {"type": "boolean"}
    schema["properties"]["name_zh"]["maxLength"] = 120
    validator = jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, formats={"uscc": schemas.uscc.is_valid}
    )
    assert list(refused(read(FOLDER / "1.0.0" / "instrument.json"), validator.is_valid)) == []
