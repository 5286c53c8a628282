"""What the specification says about a target field: whether it exists and whether it may hold several lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import schemas

Schema = Mapping[str, Any]


@cache
def _document(name: str) -> Schema:
    return schemas.document(name)


def find_field(document_name: str, path: tuple[str, ...]) -> Schema | None:
    """The schema of a field, `[]` standing for the items of a list; None when the specification has no such field."""
    root = _document(document_name)
    node: Schema | None = root
    for step in path:
        if node is None:
            return None
        node = _items(root, node) if step == "[]" else _property(root, node, step)
    return node


def is_many_lines(document_name: str, path: tuple[str, ...]) -> bool:
    """Whether the field is text of several lines; all other text is one line."""
    node = find_field(document_name, path)
    return node is not None and node.get("$ref") == "#/$defs/text"


def _resolved(root: Schema, node: Schema) -> Schema:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    definition: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return definition


def _parts(root: Schema, node: Schema) -> Iterator[Schema]:
    """The node itself, what it refers to and what it is composed of."""
    yield node
    if "$ref" in node:
        yield from _parts(root, _resolved(root, node))
    for part in node.get("allOf", ()):
        yield from _parts(root, part)


def _property(root: Schema, node: Schema, name: str) -> Schema | None:
    for part in _parts(root, node):
        found = part.get("properties", {}).get(name)
        if found is not None:
            schema: Schema = found
            return schema
    return None


def _items(root: Schema, node: Schema) -> Schema | None:
    for part in _parts(root, node):
        if isinstance(part.get("items"), Mapping):
            schema: Schema = part["items"]
            return schema
    return None
