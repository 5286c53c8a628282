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
from schemas.closing import closed_by_names
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
                field = draw(st.sampled_from(("x", "name", "mobile", "fee_fen", "number", "仪器")))
                parent[field] = deepcopy(draw(VALUES))  # a later step may change what was drawn
            case _:
                parent[path[-1]] = deepcopy(draw(VALUES))
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


def kinds_of_value() -> dict[str, dict[str, Any]]:
    """Every distinct set of rules on a single value, over all documents, with one place where it stands."""
    found: dict[str, dict[str, Any]] = {}
    places_of: dict[str, str] = {}
    for name in schemas.document_names():
        for field in schemas.tree(name).walk():
            if not field.children and field.rules.get("type") not in ("object", "array"):
                rules = {
                    key: rule for key, rule in field.rules.items() if key in VALUE_KEYWORDS and rule != {}
                }
                places_of.setdefault(repr(rules), f"{name}:{field.path}")
                found[places_of[repr(rules)]] = rules
    return found


VALUE_KEYWORDS = {
    "type", "enum", "const", "pattern", "format", "not", "minLength", "maxLength", "minimum", "maximum"
}  # fmt: skip
KINDS = kinds_of_value()


@pytest.mark.parametrize("place", KINDS)
def test_every_kind_of_value_agrees_on_every_dirty_value(place: str) -> None:
    """The traps met before (line ends, full-width digits, odd blanks) one by one, not left to chance."""
    slow = explainer("institution").evolve(schema=KINDS[place])
    fast = jsonschema_rs.Draft202012Validator(
        KINDS[place], validate_formats=True, formats={"uscc": schemas.uscc.is_valid}
    )
    for value in DIRTY:
        assert slow.is_valid(value) == fast.is_valid(value), value


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


def test_the_fast_schema_closes_every_object_the_published_one_closes() -> None:
    def count(node: Any, keyword: str) -> int:
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        own = int(isinstance(node, dict) and node.get(keyword) is False)
        return own + sum(count(item, keyword) for item in inside)

    for name in schemas.document_names():
        published = schemas.document(name)
        fast = closed_by_names(published)
        assert count(fast, "unevaluatedProperties") + count(fast, "additionalProperties") == count(
            published, "unevaluatedProperties"
        )
        assert published == schemas.document(name)


def test_names_that_only_a_condition_brings_stay_open_to_it() -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"properties": {"x": {"type": "integer"}}},
        "unevaluatedProperties": False,
    }
    published, fast = (
        Draft202012Validator(schema),
        jsonschema_rs.Draft202012Validator(closed_by_names(schema)),
    )
    for document in ({"kind": "a", "x": 1}, {"kind": "b", "x": 1}, {"kind": "a", "y": 1}, {"kind": "a"}):
        assert published.is_valid(document) == fast.is_valid(document)
