"""Whether the specification itself holds together. Every function gives a list of faults; empty is good.

Documents keep to a subset of JSON Schema on which `jsonschema` and `jsonschema-rs` agree; what is not in the
subset is a fault here, and so is a misspelt keyword, which both validators would silently ignore.
"""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from schemas.audience import AUDIENCES
from schemas.codelists import FOLDER, CodeList, codes, list_names
from schemas.documents import Schema, bundled, document_names
from schemas.examples import invalid_examples, valid_examples
from schemas.explanation import problems
from schemas.fields import Field, grow
from schemas.machines import NONE, RESUME, SAME, Machine, machine, machine_names
from schemas.verdict import is_valid

KEYWORDS = frozenset(
    [
        "$schema",
        "$id",
        "$defs",
        "$ref",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "const",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "not",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "dependentRequired",
        "propertyNames",
        "allOf",
        "if",
        "then",
        "else",
        "x-title-en",
        "x-description-en",
        "x-unit",
        "x-source",
        "x-audience",
        "x-codes",
        "x-codes-where",
        "x-code-lists",
        "x-rule-zh",
        "x-rule-en",
        "x-free-text",
    ]
)
FORMATS = frozenset({"date", "uscc"})
"""Formats that both validators check: `date` each by itself, `uscc` with our own function."""
MAPS = frozenset({"properties", "$defs"})
DATA = frozenset({"enum", "const", "required", "dependentRequired", "x-codes-where"})
UNSAFE = re.compile(r"\\[dDwWsSbBpPAZz]|\(\?|(?<!\\)\.(?![^\[]*\])")
"""Shorthand classes, look-around and a bare dot: the engines differ on Unicode and on line ends."""
CHINESE = re.compile("[\u4e00-\u9fff]|^[A-Z0-9][A-Za-z0-9 ]*$")


def faults() -> list[str]:
    """Everything wrong with documents, code lists, state machines and examples."""
    machines = [fault for name in machine_names() for fault in machine_faults(machine(name))]
    return [*document_faults(), *code_list_faults(), *machines, *example_faults()]


def document_faults() -> list[str]:
    """Faults of the documents: meta-schema, keywords, patterns, closed objects, bounds, titles, audiences."""
    return [f"{name}{fault}" for name in document_names() for fault in schema_faults(bundled(name))]


def schema_faults(schema: Schema) -> list[str]:
    """Faults of one self-contained schema; each begins with where it is."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [f": not JSON Schema 2020-12: {error.message}"]
    fields = [
        f": {field.path or '(root)'}: {fault}"
        for field in grow(schema).walk()
        for fault in _field_faults(field)
    ]
    return [*_keyword_faults(schema, ""), *fields]


def _keyword_faults(node: dict[str, Any], path: str) -> Iterator[str]:
    for keyword in node.keys() - KEYWORDS:
        yield f"{path}: unknown keyword {keyword}"
    if node.get("unevaluatedProperties", False) is not False:
        yield f"{path}: unevaluatedProperties must be false"
    if node.get("format", "date") not in FORMATS:
        yield f"{path}: format {node['format']} is not checked by both validators"
    yield from _pattern_faults(node, path)
    for keyword, value in node.items():
        below = f"{path}/{keyword}"
        if keyword in MAPS:
            for name, schema in value.items():
                yield from _keyword_faults(schema, f"{below}/{name}")
        elif isinstance(value, dict) and keyword not in DATA:
            yield from _keyword_faults(value, below)
        elif keyword == "allOf":
            for number, schema in enumerate(value):
                yield from _keyword_faults(schema, f"{below}/{number}")


def _pattern_faults(node: dict[str, Any], path: str) -> Iterator[str]:
    pattern = node.get("pattern")
    if pattern is None:
        return
    if UNSAFE.search(pattern):
        yield f"{path}: pattern {pattern} is outside the subset on which both validators agree"
    is_fixed = "maxLength" in node and node.get("minLength") == node.get("maxLength")
    is_guarded = "not" in node or node.get("$ref") == "#/$defs/line" or "u0000" in pattern
    if pattern.endswith("$") and not (is_fixed or is_guarded):
        yield f"{path}: pattern ends in $, but nothing refuses a line break after it"


def _field_faults(field: Field) -> Iterator[str]:
    rules = field.rules
    is_element = field.path.endswith(("[]", "*"))
    if not (CHINESE.search(field.zh) and field.en) and not is_element:
        yield "needs a Chinese and an English title"
    if field.path and not is_element and not (field.source and "x-audience" in rules):
        yield "needs a source and an audience"
    if field.audience not in AUDIENCES:
        yield f"unknown audience {field.audience}"
    if field.unit and field.unit not in codes("unit"):
        yield f"unknown unit {field.unit}"
    if ("x-rule-zh" in rules) != ("x-rule-en" in rules):
        yield "has a rule in one language only"
    if ("description" in rules) != ("x-description-en" in rules):
        yield "has a description in one language only"
    if not _is_closed(rules):
        yield "is not closed: unevaluatedProperties must be false"
    yield from _bound_faults(rules)


def _is_closed(rules: Any) -> bool:
    return (
        not rules.get("properties")
        or rules.get("unevaluatedProperties") is False
        or "additionalProperties" in rules
    )


def _bound_faults(rules: Any) -> Iterator[str]:
    kinds = rules.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    is_listed = "enum" in rules or "const" in rules
    if {"number", "integer"} & set(kinds) and not {"minimum", "maximum"} <= rules.keys():
        yield "a number needs a minimum and a maximum"
    if "string" in kinds and not is_listed and "maxLength" not in rules:
        yield "a text needs a maxLength"
    if "array" in kinds and "maxItems" not in rules and "enum" not in rules.get("items", {}):
        yield "a list needs a maxItems"


def code_list_faults() -> list[str]:
    """Faults of the code lists: files without entry and the reverse, doubles, empty names, missing parents."""
    files = {entry.name.removesuffix(".csv") for entry in (FOLDER / "codes").iterdir()}
    found = [f"code list {name}: in the index or in the folder only" for name in files ^ set(list_names())]
    for name in sorted(files & set(list_names())):
        try:
            found += list_faults(codes(name))
        except ValueError as error:
            found.append(str(error))
    return found


def list_faults(about: CodeList) -> list[str]:
    """Faults of one code list."""
    return list(_entry_faults(about))


def _entry_faults(about: CodeList) -> Iterator[str]:
    parents = {code for name in about.parent_lists for code in (about if name == about.name else codes(name))}
    for entry in about.values():
        label = f"code list {about.name}: {entry.code or '(empty)'}"
        if not (entry.code and entry.zh and entry.en):
            yield f"{label}: code, Chinese and English must not be empty"
        if entry.parent and entry.parent not in parents:
            yield f"{label}: unknown parent {entry.parent}"
        yield from _attribute_faults(label, entry.attributes)


def _attribute_faults(label: str, attributes: Any) -> Iterator[str]:
    lon, lat = attributes.get("lon"), attributes.get("lat")
    if lon and not (73 < float(lon) < 136 and 3 < float(lat) < 54):
        yield f"{label}: lies outside China: {lon}, {lat}"
    for column, target in (("target", "instrument_class"), ("region", "region")):
        if attributes.get(column) and attributes[column] not in codes(target):
            yield f"{label}: unknown {column} {attributes[column]}"


def machine_faults(about: Machine) -> list[str]:
    """Faults of a state machine: words outside its code lists, two rows for one case, states without a way in or out."""
    label = f"machine {about.name}"
    theme = about.name.replace("-", "_")
    lists = {
        "state": (about.states, f"{theme}_state"),
        "command": ({row.command for row in about.transitions}, f"{theme}_command"),
        "side": (about.sides, f"{theme}_side"),
    }
    found = [
        f"{label}: {kind} {word} is in the machine or in the code list only"
        for kind, (words, list_name) in lists.items()
        for word in sorted(set(words) ^ set(codes(list_name)))
    ]
    seen: set[tuple[str, str, str]] = set()
    for row in about.transitions:
        if unknown := (row.sources | {row.target}) - {NONE, SAME, RESUME, *about.states}:
            found.append(f"{label}: {row.command}: unknown state {sorted(unknown)[0]}")
        if unknown := row.by - set(about.sides):
            found.append(f"{label}: {row.command}: unknown side {sorted(unknown)[0]}")
        cases = {(state, row.command, side) for state in row.sources for side in row.by}
        found += [f"{label}: {row.command}: two rows for {case}" for case in sorted(cases & seen)]
        seen |= cases
    reached = {row.target for row in about.transitions}
    for state in about.states.values():
        moves = [row for row in about.transitions if state.code in row.sources and row.target != SAME]
        if state.code not in reached:
            found.append(f"{label}: nothing leads to {state.code}")
        if not state.is_terminal and not moves:
            found.append(f"{label}: nothing leads out of {state.code}")
    return found


def example_faults() -> list[str]:
    """Faults of the examples: valid ones that are refused, invalid ones with other problems than they say."""
    found: list[str] = []
    for name in document_names():
        for example in valid_examples(name):
            found += [
                f"example {name}/{example.name}: {problem.en}" for problem in problems(name, example.document)
            ]
        for example in invalid_examples(name):
            told = {(problem.pointer, problem.code) for problem in problems(name, example.document)}
            if is_valid(name, example.document) or told != example.expected:
                found.append(
                    f"example {name}/{example.name}: expected {sorted(example.expected)}, got {sorted(told)}"
                )
    return found
