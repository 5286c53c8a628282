"""Outbound rules: an order in a province's own words. Data, compiled once, with a closed set of functions.

A rule is a path (`order.id`), or a mapping with

    from      a path, or a list of paths (a list of values)
    const     instead of `from`: always this
    do        functions in order: a name, or {name: argument}
    each      a path to a list; `fields` makes an object of every element, `template` a text of it (`join` between)

What comes to nothing is left out, or written as the dialect's word for nothing (`nothing`). Dotted names on the left
make nested objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import schemas
from adapters.bookings.tables import Tables, find_table
from adapters.mapping.paths import Getter, compile_getter, compile_many
from adapters.options import Options, fault
from schemas.errors import UnknownCodeList

Write = Callable[[Any], Any]

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PLACE = re.compile(r"\{([a-z_.]+)\}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Words:
    """What rules may refer to: the dialect's tables and its word for nothing (None leaves the field out)."""

    tables: Tables
    nothing: Any = None


class ObjectWriter:
    """From a message's document to the native object."""

    def __init__(self, rules: tuple[tuple[tuple[str, ...], Write], ...], nothing: Any) -> None:
        self._rules = rules
        self._nothing = nothing

    def __call__(self, document: Any) -> dict[str, Any]:
        """The native object, in the order of the rules."""
        written: dict[str, Any] = {}
        for place, rule in self._rules:
            value = rule(document)
            if value is None or value == []:
                value = self._nothing
            if value is None:
                continue
            target = written
            for name in place[:-1]:
                target = target.setdefault(name, {})
            target[place[-1]] = value
        return written

    def names(self) -> tuple[str, ...]:
        """The native names, dotted, in order."""
        return tuple(".".join(place) for place, _ in self._rules)


def compile_object(written: Mapping[str, Any], path: str, words: Words) -> ObjectWriter:
    """Rules by native name. Raises `ManifestInvalid`."""
    rules = tuple(
        (tuple(name.split(".")), compile_rule(rule, f"{path}.{name}", words))
        for name, rule in written.items()
    )
    return ObjectWriter(rules, words.nothing)


def compile_rule(written: Any, path: str, words: Words) -> Write:
    """One rule. Raises `ManifestInvalid`."""
    options = Options({"from": written} if isinstance(written, str) else written, path)
    if "each" in options:
        rule = _list_rule(options, words)
    else:
        rule = _value_rule(options, words)
    options.finish()
    return rule


def _value_rule(options: Options, words: Words) -> Write:
    source = _source(options)
    steps = [_step(item, f"{options.path}.do[{i}]", words) for i, item in enumerate(options.values("do", ()))]

    def write(document: Any) -> Any:
        value = source(document)
        for takes_none, apply in steps:
            if value is not None or takes_none:
                value = apply(value)
        return plain(value)

    return write


def _source(options: Options) -> Getter:
    if "const" in options:
        constant = options.raw("const")
        return lambda _document: constant
    source, path = options.raw("from"), f"{options.path}.from"
    return compile_many(source, path) if isinstance(source, list) else compile_getter(source, path)


def _list_rule(options: Options, words: Words) -> Write:
    items = compile_getter(options.raw("each"), f"{options.path}.each")
    if "template" in options:
        fill, joiner = (
            compile_template(options.text("template"), f"{options.path}.template"),
            options.text("join", "；"),
        )

        def lines(document: Any) -> Any:
            return joiner.join(text for item in items(document) or () if (text := fill(item))) or None

        return lines
    make = compile_object(options.mapping("fields"), f"{options.path}.fields", words)
    return lambda document: [make(item) for item in items(document) or ()]


def compile_template(text: str, path: str) -> Callable[[Any], str | None]:
    """A text with `{path}` places; None as soon as one of them is empty. Raises `ManifestInvalid`."""
    if "{" in _PLACE.sub("", text):
        raise fault(path, "花括号里应为字段路径", "braces must hold a path", text)
    getters = {name: compile_getter(name, path) for name in _PLACE.findall(text)}

    def fill(document: Any) -> str | None:
        values = {name: plain(get(document)) for name, get in getters.items()}
        if any(value is None for value in values.values()):
            return None
        return _PLACE.sub(lambda found: str(values[found.group(1)]), text)

    return fill


def plain(value: Any) -> Any:
    """A value as it may travel: whole floats as integers, dates as ISO, text without control characters."""
    if isinstance(value, str):
        return _CONTROL.sub("", value) or None
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _step(written: Any, path: str, words: Words) -> tuple[bool, Write]:
    """Whether a function sees None, and the function."""
    if isinstance(written, str) and written in SIMPLE:
        return False, SIMPLE[written]
    if not isinstance(written, Mapping) or len(written) != 1:
        raise fault(path, "应为函数名，或 {函数名: 参数}", "must be a name or {name: argument}", written)
    ((name, argument),) = written.items()
    if name not in BUILDERS:
        known = " · ".join((*SIMPLE, *BUILDERS))
        raise fault(path, f"没有这个函数；可用：{known}", f"is no function; there are {known}", name)
    return name == "default", BUILDERS[name](argument, path, words)


def _local(value: datetime) -> datetime:
    """An instant as the wall clock of Beijing, for a cell of a spreadsheet."""
    return value.astimezone(SHANGHAI).replace(tzinfo=None)


def _yuan(value: int) -> str:
    """Fen → yuan with two digits, as text."""
    return f"{value // 100}.{value % 100:02d}"


def _yuan_number(value: int) -> float:
    """Fen → yuan as a number."""
    return value / 100


def _text(value: Any) -> str:
    """As text."""
    return str(plain(value))


def _time(argument: Any, path: str, _words: Words) -> Write:
    """`{time: "%Y-%m-%d %H:%M:%S"}`: an instant in Beijing time."""
    form = _argument(argument, path)
    return lambda value: value.astimezone(SHANGHAI).strftime(form)


def _word(argument: Any, path: str, words: Words) -> Write:
    """`{word: table}`: a code in the dialect's word. A code it has no word for is left out."""
    return find_table(words.tables, _argument(argument, path), path).native


def _name(argument: Any, path: str, _words: Words) -> Write:
    """`{name: sample_hazard}`: the Chinese name of a code of the specification's list, or of each of a list of codes."""
    try:
        names = {code: entry.zh for code, entry in schemas.codes(_argument(argument, path)).items()}
    except UnknownCodeList as error:
        raise fault(path, "规范中没有这个代码表", "is no code list of the specification", argument) from error
    return lambda value: (
        [names.get(v, v) for v in value] if isinstance(value, list) else names.get(value, value)
    )


def _flag(argument: Any, path: str, _words: Words) -> Write:
    """`{flag: [yes, no]}`: what stands for true and false."""
    if not isinstance(argument, list) or len(argument) != 2:
        raise fault(path, "应为两个值 [是, 否]", "takes two values, [yes, no]", argument)
    yes, no = argument
    return lambda value: yes if value else no


def _join(argument: Any, path: str, _words: Words) -> Write:
    """`{join: ":"}`: the values of a list as one text; None when one of them is missing."""
    separator = _argument(argument, path)
    return lambda values: None if any(v is None for v in values) else separator.join(str(v) for v in values)


def _template(argument: Any, path: str, _words: Words) -> Write:
    """`{template: "江仪汇 {value}"}`: a text around the value."""
    text = _argument(argument, path)
    if text.count("{value}") != 1 or "{" in text.replace("{value}", ""):
        raise fault(path, "应含一个 {value}", "must hold one {value}", text)
    return lambda value: text.replace("{value}", str(value))


def _most(argument: Any, path: str, _words: Words) -> Write:
    """`{most: 200}`: at most so many characters."""
    if not isinstance(argument, int) or argument < 1:
        raise fault(path, "应为正整数", "must be a positive integer", argument)
    return lambda value: str(value)[:argument]


def _default(argument: Any, _path: str, _words: Words) -> Write:
    """`{default: 0}`: instead of nothing."""
    return lambda value: argument if value is None else value


def _argument(argument: Any, path: str) -> str:
    if not isinstance(argument, str):
        raise fault(path, "参数应为文字", "takes a text", argument)
    return argument


SIMPLE: Mapping[str, Write] = {"local": _local, "yuan": _yuan, "yuan_number": _yuan_number, "text": _text}
BUILDERS: Mapping[str, Callable[[Any, str, Words], Write]] = {
    "time": _time,
    "word": _word,
    "name": _name,
    "flag": _flag,
    "join": _join,
    "template": _template,
    "most": _most,
    "default": _default,
}
