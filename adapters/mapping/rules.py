"""One rule: read, clean, run the functions. The same rules make document fields, keys, tombstones and instants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from adapters.mapping import text
from adapters.mapping.functions import Context, Step, build_step
from adapters.mapping.paths import Getter, compile_getter, compile_many
from adapters.mapping.places import Noted
from adapters.options import Options, fault

Function = Callable[[Any], Any]
_REMEMBERED = 4096  # distinct native texts kept per rule: enough for codes, places and dates, little memory


class Reader(NamedTuple):
    """From a native body to a finished value. Raises `Unfit`; may return `Noted`."""

    get: Getter
    run: Function
    sees_null: bool

    def __call__(self, body: Any) -> Any:
        value = self.get(body)
        if value is None and not self.sees_null:
            return None
        return self.run(value)


def compile_reader(written: Any, path: str, context: Context, *, many_lines: bool = True) -> Reader:
    """A rule that gives one value: text (short for `from`) or a mapping with `from` or `const`, `do` and `clean`.

    `many_lines` false turns line breaks of cleaned text into blanks.
    """
    if isinstance(written, str):
        written = {"from": written}
    options = Options(written, path)
    reader = read_options(options, context, many_lines=many_lines)
    options.finish()
    return reader


def read_options(options: Options, context: Context, *, many_lines: bool) -> Reader:
    """The reader of a rule whose other options the caller knows."""
    steps = _steps(options, context)
    if "const" in options:
        constant = options.raw("const")
        if "from" in options:
            raise fault(options.path, "from 与 const 只能有一个", "has both from and const", None)
        return Reader(lambda _body: None, _compose([Step("const", lambda _v: constant, True), *steps]), True)
    clean = _clean(options, context, many_lines)
    source = options.raw("from")
    if isinstance(source, list):
        # Each value is cleaned on its own and keeps its place: [province, nothing, county] has three.
        get = _cleaned(compile_many(source, f"{options.path}.from"), clean)
    else:
        get = compile_getter(source, f"{options.path}.from")
        steps = ([] if clean is None else [Step("clean", clean, is_cheap=True)]) + steps
    sees_null = any(step.takes_null for step in steps)
    run = _compose(steps)
    return Reader(get, run if all(step.is_cheap for step in steps) else _remember(run), sees_null)


def _steps(options: Options, context: Context) -> list[Step]:
    written = options.values("do", ())
    steps = [build_step(item, f"{options.path}.do[{i}]", context) for i, item in enumerate(written)]
    for step in steps[:-1]:
        if step.name in ("area", "classification", "phone_kind"):
            zh, en = f"{step.name} 应是最后一个函数", f"has a function after {step.name}"
            raise fault(f"{options.path}.do", zh, en, None)
    return steps


def _clean(options: Options, context: Context, many_lines: bool) -> Function | None:
    written = options.raw("clean", True)
    if written is False:
        return None
    if written is not True:
        names = options.values("clean")
        return _compose(
            [build_step(name, f"{options.path}.clean[{i}]", context) for i, name in enumerate(names)]
        )
    return _clean_function(context.nulls, not many_lines)


@lru_cache(maxsize=64)
def _clean_function(nulls: tuple[str, ...], one_line: bool) -> Function:
    """Nearly every rule has the same one."""
    return text.clean_function(nulls, one_line=one_line)


def _cleaned(get: Getter, clean: Function | None) -> Getter:
    if clean is None:
        return get

    def get_cleaned(body: Any) -> Any:
        values = get(body)
        if values is None:
            return None
        cleaned = [None if value is None else clean(value) for value in values]
        return cleaned if any(value is not None for value in cleaned) else None

    return get_cleaned


def _compose(steps: list[Step]) -> Function:
    if not steps:
        return lambda value: value
    if len(steps) == 1:
        return steps[0].apply
    plan = tuple((step.apply, step.takes_null) for step in steps)

    def run(value: Any) -> Any:
        for apply, takes_null in plan:
            if value is not None or takes_null:
                value = apply(value)
        return value

    return run


def _remember(run: Function) -> Function:
    """Remember the outcome for texts and lists of texts: forms repeat the same few words. Problems are not kept.

    Numbers are never remembered (1, 1.0 and true would share an entry), and whoever writes an outcome copies it.
    """
    of_text = lru_cache(_REMEMBERED)(run)
    of_list = lru_cache(_REMEMBERED)(lambda values: run(list(values)))

    def apply(value: Any) -> Any:
        if type(value) is str:
            return of_text(value)
        if type(value) is list and all(type(item) is str or item is None for item in value):
            return of_list(tuple(value))
        return run(value)

    return apply


def value_of(outcome: Any) -> Any:
    """The value of an outcome, without its note."""
    return outcome.value if isinstance(outcome, Noted) else outcome


def copied(value: Any) -> Any:
    """A value that may be changed without changing what a rule remembers."""
    kind = type(value)
    if kind is dict:
        return {name: copied(item) for name, item in value.items()}
    return [copied(item) for item in value] if kind is list else value


def rule_mapping(written: Any) -> Mapping[str, Any]:
    """The long form of a rule."""
    return {"from": written} if isinstance(written, str) else written
