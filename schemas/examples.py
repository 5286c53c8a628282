"""Examples of every document: what is valid, and what is not and why. Data, in `v1/examples/`.

An invalid example is a valid one with something changed, so that it says exactly what is wrong with it.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.codelists import FOLDER
from schemas.documents import document_names
from schemas.errors import UnknownDocument


@dataclass(frozen=True, slots=True)
class Example:
    """One example. `expected` holds (pointer, problem code) of everything wrong with it; nothing when it is valid."""

    name: str
    document: dict[str, Any]
    expected: frozenset[tuple[str, str]] = frozenset()


def valid_examples(name: str) -> tuple[Example, ...]:
    """The valid examples of a document, freshly copied; raises UnknownDocument."""
    return tuple(Example(case, deepcopy(content)) for case, content in _read(name)["valid"].items())


def invalid_examples(name: str) -> tuple[Example, ...]:
    """The invalid examples of a document with what is wrong with them; raises UnknownDocument."""
    cases = _read(name)
    return tuple(
        Example(
            change["case"],
            _changed(cases["valid"][change["of"]], change),
            frozenset((problem["pointer"], problem["code"]) for problem in change["expect"]),
        )
        for change in cases["invalid"]
    )


@cache
def _read(name: str) -> Mapping[str, Any]:
    if name not in document_names():
        raise UnknownDocument(f"no document named {name!r}")
    content: Mapping[str, Any] = json.loads(
        (FOLDER / "examples" / f"{name}.json").read_text(encoding="utf-8")
    )
    return content


def _changed(document: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    result = deepcopy(document)
    for pointer, value in change.get("set", {}).items():
        parent, key = _locate(result, pointer)
        parent[key] = deepcopy(value)
    for pointer in change.get("remove", ()):
        parent, key = _locate(result, pointer)
        del parent[key]
    return result


def _locate(document: Any, pointer: str) -> tuple[Any, Any]:
    """The container of the value at a JSON pointer and the value's key or index in it."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps[:-1]:
        document = document[int(step) if isinstance(document, list) else step]
    return document, int(steps[-1]) if isinstance(document, list) else steps[-1]
