"""Whether a document is valid: the one verdict, given by `jsonschema-rs`, compiled once per process."""

from functools import cache
from typing import Any

import jsonschema_rs

from schemas import uscc
from schemas.documents import bundled


def is_valid(name: str, doc: object) -> bool:
    """Whether `doc` is a valid document of this name; raises UnknownDocument.

    A value that JSON cannot hold (NaN, an infinity, half a surrogate pair, a Python object) is not valid.
    """
    validator = _compiled(name)
    try:
        return validator.is_valid(doc) and is_json(doc)
    except (ValueError, TypeError, OverflowError):
        return False


def rejections(name: str, doc: object) -> list[tuple[str, str]]:
    """(pointer, message) of everything the verdict objects to; for use where no other explanation is at hand."""
    try:
        return [(_pointer(e.instance_path), e.message) for e in _compiled(name).iter_errors(doc)]
    except (ValueError, TypeError, OverflowError) as error:
        return [("", str(error))]


def is_json(value: object) -> bool:
    """Whether the value's numbers are finite; the validator takes NaN for a number."""
    if isinstance(value, float):
        return value - value == 0.0
    if isinstance(value, dict):
        return all(is_json(item) for item in value.values())
    if isinstance(value, list):
        return all(is_json(item) for item in value)
    return True


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@cache
def _compiled(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(
        bundled(name), validate_formats=True, formats={"uscc": uscc.is_valid}
    )
