"""What of a document gets into the index, and what never does."""

from __future__ import annotations

from dataclasses import replace

import orjson

import schemas
from hub.search import columns as c
from hub.search import wire
from hub.search.request import FILTER_NAMES
from tests.bench.corpus import Document
from tests.hub.search import catalogue

MOBILE, MAIL = "13900001234", "teacher@example.org"


def entry(number: str = "utm1") -> Document:
    return next(held for held in catalogue.documents() if held.id == catalogue.identifier(number))


def test_the_same_document_gives_the_same_fields() -> None:
    assert wire.instrument_fields(entry()) == wire.instrument_fields(entry())


def test_columns_and_tags() -> None:
    values = wire.instrument_fields(entry()).values
    assert values["col_terms"] == "external|entrusted_test|true|false"
    assert values["col_owner"] == "research_institute|50-200"
    assert values["col_area"] == "510000|510100"
    assert {c.tag("o", "class", code) for code in ("020000", "020100", "020101")} <= set(
        values[c.TAG].split()
    )
    assert values[c.fee_field("sample")] >> 24 == 30000
    assert values[c.fee_field("hour")] >> 24 == 20000
    assert c.fee_field("day") not in values


def test_what_is_unknown_is_counted_as_unknown() -> None:
    held = entry("hpc1")
    bare = {
        key: held.document[key]
        for key in ("id", "province", "unit", "internal_number", "name_zh", "classification")
    }
    values = wire.instrument_fields(
        replace(held, document={**bare, "location": {"province": bare["province"]}})
    ).values
    assert values["col_terms"] == "unknown|unknown|false|false"
    assert values["col_owner"] == "university|unknown"
    assert values["col_area"] == f"{bare['province']}|unknown"
    assert c.text_field(c.REST) in values
    assert c.LON not in values
    summary = orjson.loads(values[c.DOC])
    assert "sharing_mode" not in summary
    assert None not in summary.values()


def test_no_personal_number_is_stored_or_searched() -> None:
    held = entry()
    planted = f"联系 {MOBILE} 或 {MAIL}"
    document = {
        **held.document,
        "functions": planted,
        "technical_indicators": planted,
        "user_notice": planted,
        "aliases": [planted],
        "contact": {"name": "李老师", "mobile": MOBILE, "email": MAIL},
    }
    items = tuple({**item, "name": planted, "method": planted} for item in held.service_items)
    changed = replace(held, document=document, service_items=items)
    fields = [wire.instrument_fields(changed), *(wire.service_fields(item, changed) for item in items)]
    told = repr([field.values for field in fields])
    assert MOBILE not in told
    assert MAIL not in told
    assert "teacher" not in told
    assert "李老师" not in told


def test_a_service_item_follows_its_instrument() -> None:
    held = entry()
    values = wire.service_fields(held.service_items[0], held).values
    assert c.parent_tag(held.id) in values[c.TAG].split()
    summary = orjson.loads(values[c.DOC])
    assert summary["instrument_id"] == held.id
    assert summary["fee_fen"] == 30000


def test_no_code_holds_what_joins_codes() -> None:
    for list_name in (*{name.code_list for name in FILTER_NAMES.values() if name.code_list}, "charging_unit"):
        for code in schemas.codes(list_name):
            assert not set(code) & set(",| \t\n"), (list_name, code)
    assert c.OWNER.unpack(c.pack(("university",), ("800+",))) == (("university",), ("800+",))
