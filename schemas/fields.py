"""The documents' fields as a tree: titles, units, sources, audiences, with references already followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from schemas.documents import Schema, bundled


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `rules` is its schema with references merged in; `path` reads like `location.city`, `[]` an array."""

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
        """The field one step down: a property by its name, an array's element by any index."""
        if isinstance(key, int):
            return self.items
        return self.children.get(key, self.others)

    def walk(self) -> Iterator["Field"]:
        """This field and all below it, depth first, in the order of the schema."""
        yield self
        for child in self.children.values():
            yield from child.walk()
        for below in (self.items, self.others):
            if below is not None:
                yield from below.walk()


@cache
def tree(name: str) -> Field:
    """The document's root field; raises UnknownDocument. The same object every time."""
    root = bundled(name)
    return _grow("", root, root, is_required=True, audience="public", depth=0)


def _grow(path: str, schema: Schema, root: Schema, *, is_required: bool, audience: str, depth: int) -> Field:
    rules = merged(schema, root)
    audience = rules.get("x-audience", audience)
    children: dict[str, Field] = {}
    items = others = None
    if depth < 16:  # a document that describes itself ends here
        required = set(rules.get("required", ()))
        for key, below in rules.get("properties", {}).items():
            children[key] = _grow(
                f"{path}.{key}".lstrip("."),
                below,
                root,
                is_required=key in required,
                audience=audience,
                depth=depth + 1,
            )
        if isinstance(rules.get("items"), dict):
            items = _grow(
                f"{path}[]", rules["items"], root, is_required=False, audience=audience, depth=depth + 1
            )
        rest = rules.get("additionalProperties", rules.get("unevaluatedProperties"))
        if isinstance(rest, dict):
            others = _grow(f"{path}.*", rest, root, is_required=False, audience=audience, depth=depth + 1)
    return Field(
        path,
        rules.get("title", ""),
        rules.get("x-title-en", ""),
        rules.get("x-unit", ""),
        rules.get("x-source", ""),
        audience,
        bool(rules.get("x-free-text")),
        is_required,
        rules,
        children,
        items,
        others,
    )


def merged(schema: Schema, root: Schema) -> Schema:
    """The schema with `$ref` and `allOf` merged in; what stands beside a reference overrides what it refers to."""
    result: Schema = {}
    if "$ref" in schema:
        result.update(merged(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root))
    for part in schema.get("allOf", ()):
        inner = merged(part, root)
        result["properties"] = {**result.get("properties", {}), **inner.pop("properties", {})}
        result["required"] = [*result.get("required", ()), *inner.pop("required", ())]
        result.update(inner)
    own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "$defs"}}
    if "properties" in result and "properties" in own:
        own["properties"] = {**own["properties"], **result["properties"]}
    if "required" in result and "required" in own:
        own["required"] = [*own["required"], *result["required"]]
    result.update(own)
    return result
