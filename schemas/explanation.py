"""Why a document is not valid, in words, field by field: `jsonschema` finds, this module says."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from schemas import uscc
from schemas.documents import bundled
from schemas.fields import Field, tree
from schemas.messages import code_of, sentence
from schemas.verdict import is_valid, pointer_of, rejections

Path = tuple[str | int, ...]
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document.

    `pointer` (RFC 6901) leads to the field at fault, also when that field is missing; `code` is stable (see
    `schemas.messages.CODES`); `zh` and `en` name the field and say what to do; `value` is what stands there
    (texts cut at 200 characters, objects and lists left out), None when nothing does.
    """

    pointer: str
    code: str
    zh: str
    en: str
    value: Any = None


def problems(name: str, doc: object, limit: int = 20) -> list[Problem]:
    """What keeps `doc` from being a valid document of this name: empty exactly when `is_valid` says yes.

    At most one a field and `limit` in all. Raises UnknownDocument. Far slower than the verdict, which it asks first.
    """
    if is_valid(name, doc):
        return []
    found: dict[str, Problem] = {}
    for problem in _explained(name, doc):
        if len(found) >= limit and problem.pointer not in found:
            break
        held = found.setdefault(problem.pointer, problem)
        if problem.code == "wrong-type" and held.code != "wrong-type":
            found[problem.pointer] = problem  # of the wrong type, whatever else it is
    return list(found.values()) or _unexplained(name, doc)[:limit]


def _explained(name: str, doc: object) -> Iterator[Problem]:
    try:
        for error in explainer(name).iter_errors(doc):
            yield from _told(name, error)
    except (RecursionError, TypeError, ValueError, OverflowError):
        return  # not a JSON value at all: the verdict's own words must do


def _told(name: str, error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    keyword = str(error.validator)
    instance = error.instance
    if keyword in {"required", "dependentRequired"}:
        for missing in _missing(error):
            yield _problem(name, (*path, missing), keyword, error, None)
    elif keyword == "unevaluatedProperties" and isinstance(instance, dict):
        known = _field(name, path)
        for key in instance:
            # A failing branch of `allOf` makes the validator call all its fields unevaluated; the tree knows better.
            if known is None or key not in known.children:
                yield _problem(name, (*path, key), keyword, error, instance[key])
    elif "propertyNames" in error.absolute_schema_path:
        yield _problem(name, (*path, str(instance)), "propertyNames", error, None)
    else:
        yield _problem(name, path, keyword, error, instance)


def _missing(error: ValidationError) -> list[str]:
    rule: Any = error.validator_value
    given: Any = error.instance
    if isinstance(rule, list):  # `required` gives one error a field; its message begins with the field
        return [key for key in rule if key not in given and error.message.startswith(repr(key))]
    return [key for name, keys in rule.items() if name in given for key in keys if key not in given]


def _problem(name: str, path: Path, keyword: str, error: ValidationError, value: object) -> Problem:
    field = _field(name, path)
    rules = field.rules if field is not None else {}
    zh, en = sentence(keyword, error.validator_value, rules, _shown(value))
    zh_title, en_title = _titles(name, path)
    return Problem(
        pointer_of(path), code_of(keyword, rules), f"{zh_title}{zh}", f"{en_title} {en}", _shown(value)
    )


def _unexplained(name: str, doc: object) -> list[Problem]:
    told = [
        Problem(pointer, "invalid", f"内容不符合规范：{message}", f"The content is not valid: {message}")
        for pointer, message in rejections(name, doc)
    ]
    return told or [Problem("", "invalid", "内容不是合法的 JSON 值", "The content is not a JSON value")]


def _shown(value: object) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return value if isinstance(value, bool | int | float) else None


def _field(name: str, path: Path) -> Field | None:
    field: Field | None = tree(name)
    for step in path:
        field = field.step(step) if field is not None else None
    return field


def _titles(name: str, path: Path) -> tuple[str, str]:
    """The field at fault with the list entries it lies in: 「检测服务项目」第 1 项的「收费」."""
    field: Field | None = tree(name)
    above: list[tuple[str, str]] = []
    here = (f"「{field.zh}」", f"“{field.en}”") if field is not None else ("", "")
    for step in path:
        field = field.step(step) if field is not None else None
        if isinstance(step, int):
            here = (f"{here[0]}第 {step + 1} 项", f"{here[1]} entry {step + 1}")
            above.append(here)
        elif field is not None and field.zh:
            here = (f"「{field.zh}」", f"“{field.en}”")
        else:
            here = (f"「{step}」", f"“{step}”")
    if above and above[-1] != here:
        here = (f"{above[-1][0]}的{here[0]}", f"{above[-1][1]}: {here[1]}")
    return here


@cache
def explainer(name: str) -> Draft202012Validator:
    """The slow validator of a document, with the two formats the specification uses; made once per process."""
    formats = FormatChecker(formats=("date",))
    formats.checks("uscc")(lambda value: not isinstance(value, str) or uscc.is_valid(value))
    return Draft202012Validator(bundled(name), format_checker=formats)
