"""Why a document is not valid, in words, field by field: `jsonschema` finds, this module says."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from schemas import uscc
from schemas.documents import bundled
from schemas.fields import Field, tree
from schemas.messages import sentence
from schemas.verdict import is_valid, rejections

Path = tuple[str | int, ...]
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document.

    `pointer` (RFC 6901) leads to the field at fault, also when that field is missing; `code` is stable;
    `zh` and `en` name the field and say what to do; `value` is what stands there (texts cut at 200
    characters, objects and arrays left out), None when nothing does.
    """

    pointer: str
    code: str
    zh: str
    en: str
    value: Any = None


def problems(name: str, doc: object, limit: int = 20) -> list[Problem]:
    """What keeps `doc` from being a valid document of this name: empty exactly when `is_valid` says yes.

    At most `limit` problems, in the order of the schema. Raises UnknownDocument. Much slower than the verdict:
    ask for it only when that was no.
    """
    if is_valid(name, doc):
        return []
    found: list[Problem] = []
    for problem in _explained(name, doc):
        if problem not in found:
            found.append(problem)
        if len(found) >= limit:
            break
    return found or _unexplained(name, doc)[:limit]


def _explained(name: str, doc: object) -> Iterator[Problem]:
    try:
        for error in _explainer(name).iter_errors(doc):
            yield from _told(name, error)
    except (RecursionError, TypeError, ValueError, OverflowError):
        return  # not a JSON value at all: the verdict's own words must do


def _told(name: str, error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    for missing in _missing(error):
        yield _problem(name, (*path, missing), str(error.validator), error, None)
    if error.validator == "unevaluatedProperties" and isinstance(error.instance, dict):
        known = _field(name, path)
        for key in error.instance:
            if known is None or key not in known.children:
                yield _problem(name, (*path, key), "unknown-field", error, error.instance[key])
    elif error.validator not in {"required", "dependentRequired"}:
        yield _problem(name, path, str(error.validator), error, error.instance)


def _missing(error: ValidationError) -> list[str]:
    if not isinstance(error.instance, dict):
        return []
    if error.validator == "required":
        return [
            key for key in error.validator_value if key not in error.instance and repr(key) in error.message
        ]
    if error.validator == "dependentRequired":
        return [
            key
            for given, wanted in error.validator_value.items()
            if given in error.instance
            for key in wanted
            if key not in error.instance
        ]
    return []


def _problem(name: str, path: Path, keyword: str, error: ValidationError, value: object) -> Problem:
    field = _field(name, path)
    rules = field.rules if field is not None else {}
    zh, en = sentence(keyword, error.validator_value, rules, _shown(value))
    zh_title, en_title = _titles(name, path)
    return Problem(_pointer(path), keyword, f"{zh_title}{zh}", f"{en_title} {en}", _shown(value))


def _unexplained(name: str, doc: object) -> list[Problem]:
    return [
        Problem(
            pointer,
            "invalid",
            f"内容不符合规范：{message}",
            f"The content does not follow the specification: {message}",
        )
        for pointer, message in rejections(name, doc)
    ] or [Problem("", "invalid", "内容不是合法的 JSON 值", "The content is not a JSON value")]


def _shown(value: object) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return None if isinstance(value, (dict, list)) else value


def _pointer(path: Path) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _field(name: str, path: Path) -> Field | None:
    field: Field | None = tree(name)
    for step in path:
        field = field.step(step) if field is not None else None
    return field


def _titles(name: str, path: Path) -> tuple[str, str]:
    """The field at fault and the element it lies in, for example 「检测服务项目」第 3 项的「收费」."""
    field: Field | None = tree(name)
    zh, en = [f"「{field.zh}」"], [f"“{field.en}”"] if field else []
    for step in path:
        field = field.step(step) if field is not None else None
        if isinstance(step, int):
            zh[-1] += f"第 {step + 1} 项"
            en[-1] += f" entry {step + 1}"
        elif field is not None and field.zh:
            zh, en = (
                [*(z for z in zh if not z.endswith("」")), f"「{field.zh}」"],
                [*(e for e in en if not e.endswith("”")), f"“{field.en}”"],
            )
        else:
            zh.append(f"「{step}」")
            en.append(f"“{step}”")
    return "的".join(zh), " › ".join(en)


@cache
def _explainer(name: str) -> Draft202012Validator:
    formats = FormatChecker(formats=())
    formats.checkers = {**formats.checkers, "date": FormatChecker.checkers["date"]}
    formats.checks("uscc")(lambda value: not isinstance(value, str) or uscc.is_valid(value))
    return Draft202012Validator(bundled(name), format_checker=formats)
