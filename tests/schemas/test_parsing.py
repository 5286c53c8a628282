"""JSON from outside: what is refused, with words; what is accepted, unchanged."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def encodable(value: object) -> bytes | None:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return None


@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    content = encodable(value)
    if content is not None:
        assert schemas.parse_json(content) == value
        assert schemas.parse_json(b"\xef\xbb\xbf" + content) == value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"NaN", "json-syntax"),
        (b'{"original_value_fen": NaN}', "json-syntax"),
        (b"[Infinity]", "json-syntax"),
        (b"[-Infinity]", "json-syntax"),
        (b"[1e999]", "json-syntax"),
        (b"", "json-syntax"),
        (b"   ", "json-syntax"),
        (b'{"a": 1,}', "json-syntax"),
        (b"{'a': 1}", "json-syntax"),
        (b'{"a": 1', "json-syntax"),
        (b'"\\ud800"', "json-syntax"),
        ("\ud800".encode("utf-8", "surrogatepass"), "json-encoding"),
        ('"仪器"'.encode("gb18030"), "json-encoding"),
        ('"仪器"'.encode("utf-16"), "json-encoding"),
        (b"[" * 65 + b"]" * 65, "json-depth"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "json-depth"),
        (b"[" * 100_000, "json-depth"),
        (b"[" * 100_000 + b"]" * 100_000, "json-depth"),
    ],
)
def test_what_is_not_acceptable_is_refused_with_words(content: bytes, code: str) -> None:
    with pytest.raises(schemas.NotJson) as refused:
        schemas.parse_json(content)
    assert refused.value.code == code
    assert "请" in refused.value.zh
    assert refused.value.en


def test_a_fault_is_placed_by_line_and_column() -> None:
    with pytest.raises(schemas.NotJson) as refused:
        schemas.parse_json(b'{\n  "a": 1,\n  "b": x\n}')
    assert "第 3 行" in refused.value.zh
    assert "line 3" in refused.value.en


def test_size_is_checked_before_anything_is_read() -> None:
    with pytest.raises(schemas.NotJson) as refused:
        schemas.parse_json(b"x" * 101, max_bytes=100)
    assert refused.value.code == "json-size"
    assert "101" in refused.value.zh


def test_depth_counts_only_real_brackets() -> None:
    text = '["' + "[{" * 500 + '\\"[[[[", "]"]'
    assert schemas.parse_json(text.encode()) == ["[{" * 500 + '"[[[[', "]"]
    wide = b"[" + b",".join([b"[1]"] * 5_000) + b"]"
    assert len(schemas.parse_json(wide)) == 5_000
    assert schemas.parse_json(b"[" * 64 + b"]" * 64)


def test_quotes_without_end_take_no_time() -> None:
    started = time.perf_counter()
    for content in (b'["' + b'\\"' * 500_000, b'"' * 500_001, b"[" * 65 + b'"\\"' * 200_000):
        with pytest.raises(schemas.NotJson):
            schemas.parse_json(content)
    assert time.perf_counter() - started < 5
