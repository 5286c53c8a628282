"""The documents of the specification: JSON Schema 2020-12, read and bundled once per process.

The files refer to shared definitions (`parts.schema.json`) and to code lists (`x-codes`). What callers get is
self-contained: the definitions it uses stand in its own `$defs`, and every `x-codes` is followed by the
`enum` of its list (`x-code-lists` by the names of all lists), so that any validator can work with it.
"""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from schemas.codelists import FOLDER, codes, list_names
from schemas.errors import UnknownDocument

PARTS = "parts.schema.json#/$defs/"
Schema = dict[str, Any]

NAMES = (
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


def document_names() -> tuple[str, ...]:
    """The names of the documents of the current version."""
    return NAMES


def document(name: str) -> Schema:
    """The self-contained JSON Schema of a document; raises UnknownDocument. A fresh copy, yours to change."""
    return deepcopy(bundled(name))


@cache
def bundled(name: str) -> Schema:
    """The one shared copy of a document's schema, not to be changed; raises UnknownDocument."""
    if name not in NAMES:
        raise UnknownDocument(f"no document named {name!r}; there are: {', '.join(NAMES)}")
    schema = _read(name)
    used: dict[str, Schema] = {}
    _resolve(schema, used)
    if used:
        schema["$defs"] = {**schema.get("$defs", {}), **dict(sorted(used.items()))}
    return schema


def _read(name: str) -> Schema:
    schema: Schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _parts() -> Schema:
    parts: Schema = _read("parts")["$defs"]
    return parts


def _resolve(node: object, used: dict[str, Schema]) -> None:
    """Point shared references at the document's own `$defs`, collect those, and fill in code values."""
    if isinstance(node, list):
        for item in node:
            _resolve(item, used)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        part = reference.removeprefix(PARTS).removeprefix("#/$defs/")
        node["$ref"] = f"#/$defs/{part}"
        if part in _parts() and part not in used:
            used[part] = deepcopy(_parts()[part])
            _resolve(used[part], used)
    if "x-codes" in node and "enum" not in node:
        node["enum"] = _allowed(node["x-codes"], node.get("x-codes-where", {}))
    if node.get("x-code-lists"):
        node["enum"] = list(list_names())
    for value in list(node.values()):
        _resolve(value, used)


def _allowed(list_name: str, where: dict[str, str]) -> list[str]:
    return [entry.code for entry in codes(list_name).where(**where)]
