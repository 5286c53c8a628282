"""Where a rule reads: a column name, a dotted path or any JMESPath, compiled once.

Plain names and dotted paths become dictionary look-ups, about ten times as fast as the general engine with the same
meaning; everything else goes through JMESPath, which has no loops and cannot hang.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from adapters.options import fault

Getter = Callable[[Any], Any]

_PLAIN = r"[^\s.\[\]|&()@*?,:'\"`!<>={}$\\-]+"
_STEP = rf'(?:{_PLAIN}|"[^"\\]+")'
_DOTTED = re.compile(rf"{_STEP}(?:\.{_STEP})*")
_STEPS = re.compile(rf'"([^"\\]+)"|({_PLAIN})')
# JMESPath's own identifiers; other plain names (Chinese columns) have no meaning there and are look-ups only.
_MAX_EXPRESSION = 500


def compile_getter(expression: Any, path: str) -> Getter:
    """A function from record to value. Null when the path leads nowhere. Raises `ManifestInvalid`."""
    if not isinstance(expression, str) or not expression or len(expression) > _MAX_EXPRESSION:
        raise fault(path, "应为列名或 JMESPath", "must be a column name or JMESPath", expression)
    if _DOTTED.fullmatch(expression):
        return _look_up([quoted or bare for quoted, bare in _STEPS.findall(expression)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error"
            )  # a literal in backticks that is no JSON is deprecated: refuse it now
            compiled = jmespath.compile(expression)
    except (JMESPathError, PendingDeprecationWarning) as error:
        reason = str(error).splitlines()[0]
        raise fault(
            path, f"不是有效的 JMESPath：{reason}", f"is not JMESPath: {reason}", expression
        ) from error
    return _safely(compiled.search)


def _look_up(names: list[str]) -> Getter:
    if len(names) == 1:
        name = names[0]

        def one(body: Any) -> Any:
            return body.get(name) if isinstance(body, dict) else None

        return one

    def chain(body: Any) -> Any:
        for name in names:
            if not isinstance(body, dict):
                return None
            body = body.get(name)
        return body

    return chain


def _safely(search: Getter) -> Getter:
    """A function of JMESPath that meets a value of the wrong kind finds nothing; the record decides nothing else."""

    def get(body: Any) -> Any:
        try:
            return search(body)
        except JMESPathError:
            return None

    return get


def compile_many(expressions: list[Any], path: str) -> Getter:
    """A list of values, null where a path leads nowhere; null when all do."""
    getters = [compile_getter(expression, f"{path}[{i}]") for i, expression in enumerate(expressions)]

    def get(body: Any) -> Any:
        values = [getter(body) for getter in getters]
        return values if any(value is not None for value in values) else None

    return get
