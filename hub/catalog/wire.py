"""Documents ⇄ rows: the only place of the catalogue that knows the specification's field names for storage."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

import schemas

Document = Mapping[str, Any]


def content_hash(document: Any) -> str:
    """SHA-256 over the document with sorted keys, hexadecimal: equal content, equal hash."""
    return sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


@lru_cache(maxsize=4096)
def institution_id(province: str, unit_id: str) -> str:
    """The institution's identifier; a unit has many instruments, which come one after the other."""
    return schemas.ids.institution_id(province, unit_id)


def instrument_columns(document: Document, band: str | None) -> dict[str, Any]:
    """The columns that lists and statistics read, from a merged instrument document."""
    annual = document.get("annual", {})
    commissioned = document.get("commissioned_on")
    return {
        "institution_id": institution_id(document["province"], document["unit"]["id"]),
        "name_zh": document["name_zh"],
        "class_code": document["classification"]["code"],
        "city": document["location"].get("city"),
        "origin_country": document.get("origin_country"),
        "original_value_fen": document.get("original_value_fen"),
        "value_band": band,
        "funding_source": document.get("funding_source"),
        "sharing_mode": document.get("sharing_mode"),
        "effective_hours": annual.get("effective_hours"),
        "external_hours": annual.get("external_hours"),
        "commissioned_on": None if commissioned is None else date.fromisoformat(commissioned),
    }


def institution_columns(document: Document) -> dict[str, Any]:
    """The columns that lists and statistics read, from an institution document."""
    return {
        "name_zh": document["name_zh"],
        "kind": document.get("kind"),
        "credit_code": document.get("credit_code"),
        "city": document.get("location", {}).get("city"),
    }


def item_rows(
    instrument_id: str, institution_id: str | None, province: str, items: Sequence[Document]
) -> list[dict[str, Any]]:
    """Rows of an instrument's service items, each with its service-item document."""
    rows = []
    for item in items:
        item_id = schemas.ids.service_item_id(instrument_id, item["number"])
        document = {"id": item_id, "instrument_id": instrument_id, "province": province, **item}
        if institution_id is not None:
            document["institution_id"] = institution_id
        rows.append(
            {
                "id": item_id,
                "instrument_id": instrument_id,
                "institution_id": institution_id,
                "province": province,
                "name": item["name"],
                "charging_unit": item.get("charging_unit"),
                "fee_fen": item.get("fee_fen"),
                "is_cma": bool(item.get("cma")),
                "is_cnas": bool(item.get("cnas")),
                "document": document,
            }
        )
    return rows
