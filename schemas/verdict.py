"""Whether a document is valid: the one verdict, given by `jsonschema-rs`, compiled once per process."""

from collections.abc import Iterable
from functools import cache

from jsonschema_rs import Draft202012Validator

from schemas import uscc
from schemas.closing import closed_by_names
from schemas.documents import bundled

NOT_JSON = (ValueError, TypeError, OverflowError)
"""What the validator raises for Python values that no JSON text stands for, such as a dictionary with numbers as keys."""


def is_valid(name: str, doc: object) -> bool:
    """Whether `doc` is a valid document of this name; raises UnknownDocument.

    What JSON cannot hold (NaN, an infinity, half a surrogate pair, a Python object) is not valid.
    """
    validator = compiled(name)
    try:
        return validator.is_valid(doc)
    except NOT_JSON:
        return False


def rejections(name: str, doc: object) -> list[tuple[str, str]]:
    """(pointer, the validator's own words) of everything the verdict objects to."""
    try:
        return [(pointer_of(error.instance_path), error.message) for error in compiled(name).iter_errors(doc)]
    except NOT_JSON as error:
        return [("", str(error))]


def pointer_of(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path of names and indexes."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@cache
def compiled(name: str) -> Draft202012Validator:
    """The fast validator of a document, made once per process."""
    schema = closed_by_names(bundled(name))
    return Draft202012Validator(schema, validate_formats=True, formats={"uscc": uscc.is_valid})
