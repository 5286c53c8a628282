"""A section of a mapping: all rules of one resource, compiled into one function from native body to document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import RecordProblem
from adapters.mapping.codes import Siblings
from adapters.mapping.functions import Context
from adapters.mapping.paths import Getter, compile_getter
from adapters.mapping.places import Noted
from adapters.mapping.rules import Reader, copied, read_options, rule_mapping
from adapters.mapping.targets import find_field, is_many_lines
from adapters.mapping.unfit import Unfit, wrong_type
from adapters.options import Options, fault

MAX_DEPTH = 4
MAX_ITEMS = 500  # of a nested list in one record; the specification allows fewer


@dataclass(slots=True)
class Outcome:
    """What happened to one record: problems that cost the record, notes that cost a field."""

    problems: list[RecordProblem]
    notes: list[RecordProblem]


@dataclass(frozen=True, slots=True)
class _Field:
    """A target and how its value is made."""

    parents: tuple[str, ...]
    leaf: str
    read: Reader
    lenient: bool


@dataclass(frozen=True, slots=True)
class _Items:
    """A list of objects, each made by its own rules."""

    parents: tuple[str, ...]
    leaf: str
    get: Getter
    rules: tuple[_Field | _Items, ...]
    lenient: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Compiled rules of one resource. `targets` lists the document fields they write, dotted."""

    root: Getter | None
    rules: tuple[_Field | _Items, ...]
    targets: tuple[str, ...]

    def fill(self, body: Any, document: dict[str, Any]) -> Outcome:
        """Write every field the body gives into the document; never raises for data."""
        outcome = Outcome([], [])
        _fill(self.rules, body if self.root is None else self.root(body), document, outcome, "")
        return outcome


def compile_section(written: Any, path: str, document_name: str, context: Context) -> Section:
    """Compile one section. Raises `ManifestInvalid` for unknown fields, functions and options."""
    options = Options(written, path)
    root = compile_getter(options.raw("root"), f"{path}.root") if "root" in options else None
    fields = options.mapping("fields")
    options.raw("ignore", None)
    options.finish()
    rules = _compile_fields(fields, f"{path}.fields", _Place(document_name, ()), context)
    return Section(root, rules, tuple(fields))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which document the rules being compiled write."""

    document_name: str
    above: tuple[str, ...]


def _compile_fields(
    written: Mapping[str, Any], path: str, place: _Place, context: Context
) -> tuple[_Field | _Items, ...]:
    if len(place.above) > MAX_DEPTH:
        raise fault(path, "嵌套太深", "is nested too deeply", None)
    return tuple(
        _compile_field(target, Options(rule_mapping(rule), f"{path}.{target}"), place, context)
        for target, rule in written.items()
    )


def _compile_field(target: str, options: Options, place: _Place, context: Context) -> _Field | _Items:
    steps = tuple(target.split("."))
    here = (*place.above, *steps)
    if find_field(place.document_name, here) is None:
        name = place.document_name
        raise fault(options.path, f"规范文档 {name} 没有此字段", f"is no field of the document {name}", None)
    lenient = options.flag("lenient", False)
    if "each" in options:
        get = compile_getter(options.raw("each"), f"{options.path}.each")
        inside = _Place(place.document_name, (*here, "[]"))
        inner = _compile_fields(options.mapping("fields"), f"{options.path}.fields", inside, context)
        options.finish()
        return _Items(steps[:-1], steps[-1], get, inner, lenient)
    read = read_options(options, context, many_lines=is_many_lines(place.document_name, here))
    options.finish()
    return _Field(steps[:-1], steps[-1], read, lenient)


def _fill(
    rules: tuple[_Field | _Items, ...], body: Any, document: dict[str, Any], outcome: Outcome, pointer: str
) -> None:
    for rule in rules:
        if type(rule) is _Field:
            get, run, sees_null = rule.read
            value = get(body)
            if value is None and not sees_null:
                continue
            try:
                value = run(value)
            except Unfit as unfit:
                _note(outcome, unfit, _pointer(pointer, rule), rule.lenient)
                continue
            if value is None:
                continue
            if type(value) is Noted:
                outcome.notes.append(_problem(value.unfit, _pointer(pointer, rule)))
                value = value.value
            if type(value) is str and not rule.parents:
                document[rule.leaf] = value
            else:
                _write(document, rule.parents, rule.leaf, value)
        elif type(rule) is _Items:
            _fill_items(rule, body, document, outcome, pointer)


def _fill_items(rule: _Items, body: Any, document: dict[str, Any], outcome: Outcome, pointer: str) -> None:
    here = _pointer(pointer, rule)
    found = rule.get(body)
    if found is None or found == "":
        return
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or len(found) > MAX_ITEMS:
        _note(
            outcome,
            wrong_type(f"不超过 {MAX_ITEMS} 项的列表", f"a list of at most {MAX_ITEMS}", found),
            here,
            rule.lenient,
        )
        return
    items = []
    for number, element in enumerate(found):
        item: dict[str, Any] = {}
        inner = Outcome([], outcome.notes)
        _fill(rule.rules, element, item, inner, f"{here}/{number}")
        if inner.problems and rule.lenient:
            outcome.notes.extend(inner.problems)
            continue
        outcome.problems.extend(inner.problems)
        if item:
            items.append(item)
    if items:
        _write(document, rule.parents, rule.leaf, items)


def _write(document: dict[str, Any], parents: tuple[str, ...], leaf: str, value: Any) -> None:
    """Put a value at its place. Objects are merged into what other rules wrote there."""
    for name in parents:
        below = document.get(name)
        if below is None:
            below = document[name] = {}
        document = below
    kind = type(value)
    if kind is Siblings:
        for name, item in value.items():
            document[name] = copied(item)
    elif kind is dict:
        held = document.get(leaf)
        if isinstance(held, dict):
            held.update(copied(value))
        else:
            document[leaf] = copied(value)
    else:
        document[leaf] = list(value) if kind is list else value


def _pointer(above: str, rule: _Field | _Items) -> str:
    return "/".join((above, *rule.parents, rule.leaf))


def _note(outcome: Outcome, unfit: Unfit, pointer: str, lenient: bool) -> None:
    kept = outcome.notes if lenient or unfit.dropped else outcome.problems
    kept.append(_problem(unfit, pointer))


def _problem(unfit: Unfit, pointer: str) -> RecordProblem:
    return RecordProblem(pointer, unfit.code, unfit.zh, unfit.en, unfit.value, unfit.table)
