"""The closed set of functions a mapping may name: name → builder. Documented in docs/mapping.md, which a test compares.

A builder checks its argument when the mapping is compiled, so that a wrong option is found by `python -m
adapters.check` and never by a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import schemas
from adapters.mapping import codes, contacts, dates, numbers, places, text
from adapters.mapping.vocabulary import Vocabulary
from adapters.options import Options, fault
from schemas.errors import UnknownCodeList

Function = Callable[[Any], Any]
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Context:
    """What functions know of the province they work for. `used_tables` collects what the mapping asks for."""

    province: str
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    nulls: tuple[str, ...] = tuple(sorted(text.DEFAULT_NULLS))
    used_tables: dict[str, str] = field(default_factory=dict)

    def table(self, name: str, list_name: str) -> str:
        """Remember that the province's table `name` gives codes of the list `list_name`."""
        self.used_tables[name] = list_name
        return name


@dataclass(frozen=True, slots=True)
class Step:
    """One function with its argument bound. Only `takes_null` steps see null. `is_cheap` ones are not remembered."""

    name: str
    apply: Function
    takes_null: bool = False
    is_cheap: bool = False


class Argument:
    """What stands behind a function's name, with the path for messages."""

    def __init__(self, value: Any, path: str) -> None:
        self.value = value
        self.path = path

    def none(self) -> None:
        """The function takes no argument."""
        if self.value is not None:
            raise fault(self.path, "不接受参数", "takes no argument", self.value)

    def options(self) -> Options:
        """A mapping of options; nothing counts as an empty one."""
        return Options(NOTHING if self.value is None else self.value, self.path)

    def text(self, default: str | None = None) -> str:
        """A text."""
        value = default if self.value is None else self.value
        if not isinstance(value, str):
            raise fault(self.path, "参数应为文字", "takes a text", self.value)
        return value

    def texts(self, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A text or a list of texts."""
        value = default if self.value is None else [self.value] if isinstance(self.value, str) else self.value
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise fault(self.path, "参数应为文字列表", "takes a list of texts", self.value)
        return tuple(value)


Builder = Callable[[Argument, Context], Step]


def build_step(written: Any, path: str, context: Context) -> Step:
    """A function as written in `do`: its name, or one `{name: argument}`. Raises `ManifestInvalid`."""
    if isinstance(written, str):
        name, value = written, None
    elif isinstance(written, Mapping) and len(written) == 1:
        name, value = next(iter(written.items()))
    else:
        raise fault(
            path, "应为函数名，或 {函数名: 参数}", "must be a function name or {name: argument}", written
        )
    builder = BUILDERS.get(name)
    if builder is None:
        raise fault(path, f"没有函数 {name}", f"there is no function {name}", None)
    return builder(Argument(value, f"{path}.{name}"), context)


def _plain(name: str, function: Function, *, cheap: bool = False) -> Builder:
    def build(argument: Argument, _: Context) -> Step:
        argument.none()
        return Step(name, function, is_cheap=cheap)

    return build


def _nulls(argument: Argument, context: Context) -> Step:
    argument.none()
    return Step("nulls", text.nulls_function(context.nulls), is_cheap=True)


def _null_if(argument: Argument, _: Context) -> Step:
    values = argument.value if isinstance(argument.value, list) else [argument.value]
    return Step("null_if", text.null_if_function(values))


def _strip_prefix(argument: Argument, _: Context) -> Step:
    return Step("strip_prefix", text.strip_prefix_function(argument.texts()))


def _strip_suffix(argument: Argument, _: Context) -> Step:
    return Step("strip_suffix", text.strip_suffix_function(argument.texts()))


def _pad(argument: Argument, _: Context) -> Step:
    options = argument.options()
    width, character = options.integer("width", least=1), options.text("with", "0")
    options.finish()
    if len(character) != 1:
        raise fault(f"{argument.path}.with", "应为一个字符", "must be one character", character)
    return Step("pad", text.pad_function(width, character))


def _part(argument: Argument, _: Context) -> Step:
    options = argument.options()
    by, index, most = options.text("by"), options.raw("index"), options.raw("most", -1)
    options.finish()
    if not by or not isinstance(most, int):
        raise fault(argument.path, "by 不能为空，most 应为整数", "needs by, and most as an integer", None)
    if isinstance(index, bool) or not isinstance(index, int):
        raise fault(f"{argument.path}.index", "应为整数", "must be an integer", index)
    return Step("part", text.part_function(by, index, most))


def _split(argument: Argument, _: Context) -> Step:
    separators = argument.text("，,、；;")
    if not separators:
        raise fault(argument.path, "分隔符不能为空", "needs at least one separator", separators)
    return Step("split", text.split_function(separators))


def _join(argument: Argument, _: Context) -> Step:
    return Step("join", text.join_function(argument.text("；")))


def _concat(argument: Argument, _: Context) -> Step:
    return Step("concat", text.join_function(argument.text("")))


def _default(argument: Argument, _: Context) -> Step:
    return Step("default", lambda value: argument.value if value is None else value, takes_null=True)


def _const(argument: Argument, _: Context) -> Step:
    return Step("const", lambda _value: argument.value, takes_null=True)


def _bounds(options: Options) -> tuple[float | None, float | None]:
    values = options.raw("min", None), options.raw("max", None)
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise fault(options.path, "min、max 应为数", "min and max must be numbers", value)
    return values


def _number(argument: Argument, _: Context) -> Step:
    options = argument.options()
    unit, suffixes = options.text("unit", ""), options.texts("suffixes", ())
    least, most = _bounds(options)
    options.finish()
    if not unit:
        return Step("number", numbers.number_function(suffixes, least, most))
    if unit not in numbers.MONEY_UNITS:
        raise fault(f"{argument.path}.unit", "没有这个金额单位", "is no unit of money", unit)
    return Step("number", numbers.money_function(unit, least, most))


def _integer(argument: Argument, _: Context) -> Step:
    options = argument.options()
    suffixes = options.texts("suffixes", ())
    least, most = _bounds(options)
    options.finish()
    return Step("integer", numbers.integer_function(suffixes, least, most))


def _hours(argument: Argument, _: Context) -> Step:
    options = argument.options()
    unit = options.choice("unit", (*numbers.HOUR_UNITS, "minute"), "hour")
    most = options.number("max") if "max" in options else None
    options.finish()
    return Step("hours", numbers.hours_function(unit, most))


def _between(argument: Argument, _: Context) -> Step:
    options = argument.options()
    least, most = _bounds(options)
    options.finish()
    return Step("between", numbers.between_function(least, most))


def _date(argument: Argument, _: Context) -> Step:
    formats = argument.texts(dates.DEFAULT_FORMATS)
    unknown = [name for name in formats if name not in dates.FORMATS]
    if unknown:
        words = " · ".join(dates.FORMATS)
        raise fault(argument.path, f"日期格式只有：{words}", f"knows the formats {words}", unknown)
    return Step("date", dates.date_function(formats))


def _instant(argument: Argument, _: Context) -> Step:
    options = argument.options()
    zone, unit = options.text("timezone", "Asia/Shanghai"), options.choice("unit", ("s", "ms"), "s")
    options.finish()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise fault(f"{argument.path}.timezone", "没有这个时区", "is no time zone", zone) from error
    return Step("instant", dates.instant_function(zone, unit), is_cheap=True)


def _boolean(argument: Argument, _: Context) -> Step:
    options = argument.options()
    # YAML reads a bare `true:` as the truth value, so both spellings of the two names are asked for.
    words = {str(name).lower(): options.raw(name) for name in list(options.names())}
    unknown = sorted(set(words) - {"true", "false"})
    if unknown:
        raise fault(argument.path, "只有 true 和 false", "has only true and false", unknown)
    yes, no = words.get("true", codes.TRUE_WORDS), words.get("false", codes.FALSE_WORDS)
    return Step("boolean", codes.boolean_function(tuple(map(str, yes)), tuple(map(str, no))))


def _code(argument: Argument, context: Context) -> Step:
    options = argument.options()
    list_name = options.text("list")
    table, many = options.text("table", list_name), options.flag("many", True)
    options.finish()
    try:
        schemas.codes(list_name)
    except UnknownCodeList as error:
        raise fault(f"{argument.path}.list", "规范中没有此代码表", "is no code list", list_name) from error
    context.table(table, list_name)
    return Step("code", codes.code_function(context.vocabulary, list_name, table, many))


def _discipline(argument: Argument, context: Context) -> Step:
    options = argument.options()
    table, most = options.text("table", "discipline"), options.integer("max", 4, least=1)
    options.finish()
    context.table(table, "discipline")
    return Step("discipline", codes.discipline_function(context.vocabulary, table, most))


def _classification(argument: Argument, context: Context) -> Step:
    options = argument.options()
    scheme = options.choice("scheme", tuple(schemas.codes("class_scheme")))
    table = options.text("table", "classification")
    options.finish()
    context.table(table, "instrument_class")
    return Step("classification", codes.classification_function(context.vocabulary, scheme, table))


def _area(argument: Argument, context: Context) -> Step:
    options = argument.options()
    table = context.table(options.text("table", "area"), "area")
    options.finish()
    return Step("area", places.area_function(context.province, context.vocabulary, table))


BUILDERS: Mapping[str, Builder] = {
    "fold": _plain("fold", text.on_text(text.fold_text), cheap=True),
    "trim": _plain("trim", text.on_text(text.trim_text), cheap=True),
    "line": _plain("line", text.on_text(text.one_line), cheap=True),
    "nulls": _nulls,
    "null_if": _null_if,
    "text": _plain("text", text.to_text, cheap=True),
    "upper": _plain("upper", text.on_text(str.upper), cheap=True),
    "lower": _plain("lower", text.on_text(str.lower), cheap=True),
    "strip_prefix": _strip_prefix,
    "strip_suffix": _strip_suffix,
    "pad": _pad,
    "part": _part,
    "split": _split,
    "join": _join,
    "concat": _concat,
    "first": _plain("first", text.first_value, cheap=True),
    "unquote": _plain("unquote", text.unquote),
    "slug": _plain("slug", text.slug),
    "default": _default,
    "const": _const,
    "number": _number,
    "integer": _integer,
    "hours": _hours,
    "year": _plain("year", dates.year),
    "between": _between,
    "date": _date,
    "instant": _instant,
    "boolean": _boolean,
    "code": _code,
    "discipline": _discipline,
    "classification": _classification,
    "area": _area,
    "phone_kind": _plain("phone_kind", contacts.phone_kind),
    "url": _plain("url", text.url),
}
