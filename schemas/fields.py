"""The documents' fields as a tree: titles, units, sources, audiences, with references already followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from schemas.documents import Schema, bundled

LOCAL = "#/$defs/"
OWN = frozenset({"title", "x-title-en", "description", "x-description-en"})
"""What a field says for itself and does not take over from a shared definition."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document.

    `path` reads like `location.city`; `[]` stands for the elements of a list and `*` for any name of a map.
    `rules` is the field's schema with references merged in. `unit` is a code of the list `unit`. `audience` is
    the field's own or the one it inherits. A definition that contains itself is followed once.
    """

    path: str
    zh: str
    en: str
    unit: str
    source: str
    audience: str
    is_free_text: bool
    is_required: bool
    rules: Mapping[str, Any]
    children: Mapping[str, "Field"] = field(default_factory=dict)
    items: "Field | None" = None
    others: "Field | None" = None

    def step(self, key: str | int) -> "Field | None":
        """The field one step down: a property by its name, an element of a list by any index; None if unknown."""
        return self.items if isinstance(key, int) else self.children.get(key, self.others)

    def is_opaque(self, kind: str) -> bool:
        """Whether the field holds objects or arrays (`kind`) whose inside the tree does not describe."""
        kinds = self.rules.get("type", ())
        return not (self.children or self.items or self.others) and (kinds == kind or kind in tuple(kinds))

    def walk(self) -> Iterator["Field"]:
        """This field and all below it, depth first, in the order of the schema."""
        yield self
        for child in (*self.children.values(), self.items, self.others):
            if child is not None:
                yield from child.walk()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a field grows: below which references, and what it inherits."""

    path: str
    audience: str
    is_required: bool
    above: frozenset[str]

    def below(self, step: str, rules: Schema, *, is_required: bool = False) -> "_Place":
        path = f"{self.path}{step}" if step == "[]" else f"{self.path}.{step}".lstrip(".")
        above = self.above | rules["x-references"]
        return _Place(path, rules.get("x-audience", self.audience), is_required, above)


@cache
def tree(name: str) -> Field:
    """The document's root field; raises UnknownDocument. The same object every time."""
    return grow(bundled(name))


def grow(root: Schema) -> Field:
    """The tree of a self-contained schema."""
    return _grow(root, root, _Place("", "public", is_required=True, above=frozenset()))


def _grow(schema: Schema, root: Schema, place: _Place) -> Field:
    rules = merged(schema, root)
    is_known = not (rules["x-references"] & place.above)
    required = frozenset(rules.get("required", ()))
    children = {
        key: _grow(below, root, place.below(key, rules, is_required=key in required))
        for key, below in rules.get("properties", {}).items()
        if is_known
    }
    return Field(
        path=place.path,
        zh=rules.get("title", ""),
        en=rules.get("x-title-en", ""),
        unit=rules.get("x-unit", ""),
        source=rules.get("x-source", ""),
        audience=rules.get("x-audience", place.audience),
        is_free_text=bool(rules.get("x-free-text")),
        is_required=place.is_required,
        rules=rules,
        children=children,
        items=_below("items", "[]", rules, root, place) if is_known else None,
        others=_below("additionalProperties", "*", rules, root, place) if is_known else None,
    )


def _below(keyword: str, step: str, rules: Schema, root: Schema, place: _Place) -> Field | None:
    schema = rules.get(keyword)
    return _grow(schema, root, place.below(step, rules)) if isinstance(schema, dict) else None


def merged(schema: Schema, root: Schema) -> Schema:
    """The schema with `$ref` and `allOf` merged in; what stands beside a reference overrides what it refers to.

    `x-references` holds the names of the definitions that went in.
    """
    result: Schema = {"x-references": frozenset[str]()}
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(LOCAL)
        result = {key: value for key, value in merged(root["$defs"][name], root).items() if key not in OWN}
        result["x-references"] |= {name}
    own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "$defs"}}
    for part in (own, *(merged(part, root) for part in schema.get("allOf", ()))):
        properties = {**result.get("properties", {}), **part.get("properties", {})}
        required = [*result.get("required", ()), *part.get("required", ())]
        references = result["x-references"] | part.get("x-references", frozenset())
        result.update(part, **{"properties": properties, "required": required, "x-references": references})
    return result
