"""What the examples show: good documents pass, bad ones are explained field by field in both languages."""

import re

import pytest

import schemas
from schemas.check import example_faults
from schemas.examples import Example, invalid_examples, valid_examples

NAMES = schemas.document_names()
VALID = [
    pytest.param(name, example, id=f"{name}-{example.name}")
    for name in NAMES
    for example in valid_examples(name)
]
INVALID = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in NAMES
    for number, example in enumerate(invalid_examples(name))
]


@pytest.mark.parametrize(("name", "example"), VALID)
def test_a_valid_example_passes(name: str, example: Example) -> None:
    assert schemas.is_valid(name, example.document)
    assert schemas.problems(name, example.document) == []


@pytest.mark.parametrize(("name", "example"), INVALID)
def test_an_invalid_example_is_explained(name: str, example: Example) -> None:
    found = schemas.problems(name, example.document)
    assert not schemas.is_valid(name, example.document)
    assert {(problem.pointer, problem.code) for problem in found} == example.expected
    for problem in found:
        assert problem.zh.startswith("「")
        assert re.search("[\u4e00-\u9fff]", problem.zh)
        assert problem.en.startswith("“")
        assert not re.search("[\u4e00-\u9fff]", re.sub(r"“[^”]*”|无", "", problem.en)), problem.en


def test_every_document_has_a_full_example() -> None:
    """Every field of the specification stands in a valid example, so that examples teach the whole of it."""
    for name in NAMES:
        shown = {path for example in valid_examples(name) for path in _paths(example.document, "")}
        fields = {field.path for field in schemas.tree(name).walk() if field.path}
        if name.startswith("adapter-"):  # a manifest of one province cannot use every dialect
            continue
        assert {re.sub(r"\[\]$", "", path) for path in fields} <= shown, name


def _paths(value: object, path: str) -> set[str]:
    found = {path}
    if isinstance(value, dict):
        for key, below in value.items():
            found |= _paths(below, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for below in value:
            found |= _paths(below, f"{path}[]")
    return found


def test_the_examples_hold_together() -> None:
    assert example_faults() == []


def test_examples_are_fresh_copies() -> None:
    valid_examples("instrument")[0].document.clear()
    assert valid_examples("instrument")[0].document
