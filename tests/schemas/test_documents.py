"""The documents hold together, and the check that says so finds what is planted."""

from collections.abc import Callable
from typing import Any

import pytest

import schemas
from schemas.check import document_faults, schema_faults

Schema = dict[str, Any]


def test_documents_of_version_1_hold_together() -> None:
    assert document_faults() == []


def test_documents_of_version_1_are_these() -> None:
    assert schemas.document_names() == (
        "instrument",
        "instrument-survey",
        "institution",
        "service-item",
        "station",
        "platform",
        "problem",
        "sync-run",
        "adapter-manifest",
        "adapter-mapping",
        "booking",
        "booking-command",
        "booking-event",
        "report-receipt",
        "booking-rules",
        "tariff-terms",
        "tariff",
        "closure",
        "availability",
        "quote-request",
        "quote",
        "reservation",
        "reservation-push",
        "training",
        "instrument-page",
        "map-counts",
        "suggestion-list",
        "statistics",
        "programme",
        "order-form",
        "application",
        "allotment",
        "hold",
        "statement",
        "credit",
        "payment-list",
        "redemption-result",
        "usage",
        "usage-push",
        "usage-command",
        "rated-line",
    )


@pytest.mark.parametrize("name", schemas.document_names())
def test_a_document_is_self_contained(name: str) -> None:
    schema = schemas.document(name)

    def references(node: Any) -> set[str]:
        if isinstance(node, list):
            return {found for item in node for found in references(item)}
        if not isinstance(node, dict):
            return set()
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own | {found for value in node.values() for found in references(value)}

    assert references(schema) == {f"#/$defs/{part}" for part in schema.get("$defs", {})}


def test_every_code_field_holds_its_list() -> None:
    fields = [field for name in schemas.document_names() for field in schemas.tree(name).walk()]
    lists = {field.rules["x-codes"] for field in fields if "x-codes" in field.rules}
    assert {"instrument_class", "province", "area", "country", "discipline", "customs_purpose"} <= lists
    for field in fields:
        if "x-codes" in field.rules:
            where = field.rules.get("x-codes-where", {})
            expected = [entry.code for entry in schemas.codes(field.rules["x-codes"]).where(**where)]
            assert field.rules["enum"] == expected, field.path


def test_a_document_is_a_fresh_copy() -> None:
    schemas.document("instrument")["properties"].clear()
    assert "id" in schemas.document("instrument")["properties"]


def test_an_unknown_document_is_named_with_the_known_ones() -> None:
    for ask in (schemas.document, schemas.tree):
        with pytest.raises(schemas.UnknownDocument, match=r"'drone'.*instrument"):
            ask("drone")
    with pytest.raises(schemas.UnknownDocument):
        schemas.is_valid("drone", {})


def test_value_and_fee_are_different_fields_with_their_units() -> None:
    value = schemas.tree("instrument").children["original_value_fen"]
    fee = schemas.tree("service-item").children["fee_fen"]
    assert (value.zh, value.unit) == ("原值", "fen")
    assert (fee.zh, fee.unit) == ("收费", "fen")
    assert not schemas.tree("instrument").children.keys() & {"fee_fen"}
    assert not schemas.tree("service-item").children.keys() & {"original_value_fen"}


def test_personal_contact_data_is_never_public() -> None:
    for name in schemas.document_names():
        for field in schemas.tree(name).walk():
            if field.path.endswith((".mobile", ".email")):
                assert field.audience in {"province", "person"}, f"{name}: {field.path}"


def plant(change: Callable[[Schema], object]) -> list[str]:
    schema = schemas.document("institution")
    change(schema)
    return schema_faults(schema)


def name_zh(schema: Schema) -> Schema:
    found: Schema = schema["properties"]["name_zh"]
    return found


PLANTED: dict[str, tuple[Callable[[Schema], object], str]] = {
    "no English title": (lambda s: name_zh(s).pop("x-title-en"), "English title"),
    "no source": (lambda s: name_zh(s).pop("x-source"), "source"),
    "no audience": (lambda s: name_zh(s).pop("x-audience"), "audience"),
    "unknown audience": (lambda s: name_zh(s).update({"x-audience": "friends"}), "unknown audience"),
    "unknown unit": (lambda s: name_zh(s).update({"x-unit": "furlong"}), "unknown unit"),
    "misspelt keyword": (lambda s: name_zh(s).update({"maxLenght": 3}), "unknown keyword maxLenght"),
    "multipleOf": (lambda s: name_zh(s).update({"multipleOf": 0.01}), "unknown keyword multipleOf"),
    "unicode class": (lambda s: name_zh(s).update({"pattern": "^\\d{6}"}), "outside the subset"),
    "bare dot": (lambda s: name_zh(s).update({"pattern": "^a.c"}), "outside the subset"),
    "look-ahead": (lambda s: name_zh(s).update({"pattern": "^(?!a)"}), "outside the subset"),
    "line end": (
        lambda s: s["properties"].update(x={"type": "string", "maxLength": 9, "pattern": "^[0-9]+$"}),
        "line break",
    ),
    "format of one validator": (lambda s: name_zh(s).update({"format": "email"}), "format email"),
    "open object": (
        lambda s: s["properties"]["location"].update({"unevaluatedProperties": True}),
        "unevaluated",
    ),
    "open root": (lambda s: s.pop("unevaluatedProperties"), "not closed"),
    "unbounded number": (lambda s: s["properties"].update(x={"type": "number", "minimum": 0}), "maximum"),
    "unbounded text": (lambda s: s["properties"].update(x={"type": "string"}), "maxLength"),
    "unbounded list": (
        lambda s: s["properties"].update(x={"type": "array", "items": {"type": "boolean"}}),
        "maxItems",
    ),
    "rule in one language": (
        lambda s: s["properties"].update(x={"type": "boolean", "x-rule-zh": "应为真"}),
        "one language",
    ),
    "description in one language": (lambda s: name_zh(s).update({"description": "说明"}), "one language"),
    "not a schema": (lambda s: name_zh(s).update({"maxLength": "long"}), "not JSON Schema"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_the_check_finds_what_is_planted(case: str) -> None:
    change, words = PLANTED[case]
    found = plant(change)
    assert any(words in fault for fault in found), found


def test_nothing_planted_nothing_found() -> None:
    assert plant(lambda schema: None) == []
