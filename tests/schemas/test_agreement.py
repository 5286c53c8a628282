"""The validator that decides and the one that explains agree, whatever a province sends."""

from copy import deepcopy
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

import schemas
from schemas.examples import valid_examples
from schemas.explanation import explainer
from schemas.verdict import is_valid

DIRTY = (
    None, True, False, 0, 1, -1, 1.0, 0.5, -0.0, 1e300, -1e300, 2**53, 2**63, 8784, 8784.0001, [], {}, [[]], [None],
    "", " ", "\n", "\t", "无", "N/A", "null", "0000-00-00", "2023-02-29", "2024-02-29", "2024-2-3", "2024-01-01\n",
    "２０２４-０１-０１", "2024-01-01T00:00:00", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z\n", "2024-01-01t00:00:00z",
    "310000", "310000\n", "３１００００", "010102", "010102 ", "１３９０００００００１", "13900000001", "13900000001\n",
    "http://甲.example/乙", "https://a.example/x\n", "https://a.example/a b", "javascript:alert(1)", "a@b", "a@b.cn", "a@b.cn\n",
    "仪器", "仪器\u3000", "\u00a0仪器", "仪\u2028器", "仪\u0000器", "仪\u007f器", "e\u0301", "😀", "😀" * 60, "长" * 4001, "a" * 46,
    "\u200b", "\ufeff仪器", "12330000470095016X", "33-abcdefgh2345", "33-abcdefgh2345\n", "33-ABCDEFGH2345", "33-abcdefgh2345-1",
    "1-0a1b2c3d", "1-0a1b2c3d\n", "1.0.0", "1.0.0\n", "/a/b", "a/b", "/a\n", "\r", "a\rb", "\u0085",
)  # fmt: skip
ALPHABET = st.sampled_from("0123456789０１aAzZ无仪器 \u00a0\u3000\n\r\t\u0000\u2028😀\u0301-/.@:_+")
VALUES = st.one_of(
    st.sampled_from(DIRTY),
    st.text(ALPHABET, max_size=30),
    st.text(max_size=20),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.sampled_from(DIRTY), max_size=5),
    st.dictionaries(
        st.sampled_from(("id", "name", "zh", "code", "from", "do", "x")), st.sampled_from(DIRTY), max_size=3
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, below in inside for found in [(*path, key), *places(below, (*path, key))]]


@st.composite
def dirty_documents(draw: st.DrawFn, name: str) -> Any:
    """A valid document with up to three values replaced, removed or added; always a JSON value."""
    document = deepcopy(draw(st.sampled_from(valid_examples(name))).document)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(document)))
        parent = document
        for step in path[:-1]:
            parent = parent[step]
        match draw(st.sampled_from(("replace", "remove", "add"))):
            case "remove" if isinstance(parent, dict) and len(document) > 1:
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(("x", "name", "mobile", "fee_fen", "number", "仪器")))] = draw(
                    VALUES
                )
            case _:
                parent[path[-1]] = draw(VALUES)
        if not places(document):
            break
    try:
        return orjson.loads(orjson.dumps(document))
    except TypeError:  # numbers or texts that JSON cannot hold
        return None


@pytest.mark.parametrize("name", schemas.document_names())
def test_both_validators_say_the_same(name: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(dirty_documents(name))
    def check(document: Any) -> None:
        verdict = is_valid(name, document)
        assert verdict == explainer(name).is_valid(document)
        found = schemas.problems(name, document)
        assert verdict == (found == [])
        assert all(problem.code != "invalid" for problem in found), found

    check()


def kinds_of_text() -> dict[str, tuple[str, tuple[Any, ...]]]:
    """One place for every distinct set of rules on a text, over all documents."""
    found: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for name in schemas.document_names():
        document = valid_examples(name)[0].document
        for path in places(document):
            field: Any = schemas.tree(name)
            for step in path:
                field = field and field.step(step)
            if field is not None and field.rules.get("type") == "string":
                rules = {
                    key: field.rules.get(key) for key in ("pattern", "format", "not", "enum", "minLength")
                }
                found.setdefault(repr(rules), (name, path))
    return found


@pytest.mark.parametrize(("name", "path"), kinds_of_text().values(), ids=str)
def test_every_kind_of_text_agrees_on_every_dirty_value(name: str, path: tuple[Any, ...]) -> None:
    """The traps met before (line ends, full-width digits, odd blanks) one by one, not left to chance."""
    document = valid_examples(name)[0].document
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    for value in DIRTY:
        parent[path[-1]] = value
        assert is_valid(name, document) == explainer(name).is_valid(document), value


def test_the_dirty_values_would_find_a_disagreement() -> None:
    """The traps are real: outside the subset the two validators part on these very values."""
    for schema in (
        {"type": "string", "pattern": "^[0-9]+$"},
        {"type": "string", "pattern": "^\\d{6}$"},
        {"type": "string", "format": "email"},
        {"type": "number", "multipleOf": 0.01},
    ):
        slow = Draft202012Validator(schema, format_checker=FormatChecker())
        fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        assert any(slow.is_valid(value) != fast.is_valid(value) for value in (*DIRTY, 19.99)), schema
