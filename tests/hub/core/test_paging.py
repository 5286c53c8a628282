"""Cursors: round trip, and every way in which one can be wrong."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.paging import CursorMalformed, decode_cursor, encode_cursor

TYPES = (str, int, (float, int), (str, type(None)))


@given(
    st.text(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.text(),
)
def test_what_was_encoded_comes_back(a: str, b: int, c: float, d: str | None) -> None:
    try:
        text = encode_cursor("runs:newest", [a, b, c, d])
    except TypeError:  # half a surrogate pair is no text
        return
    assert text.isascii()
    if len(text) <= 2000:
        assert decode_cursor("runs:newest", text, TYPES) == [a, b, c, d]


GOOD = encode_cursor("runs:newest", ["a", 1])


def _altered(position: int) -> str:
    held = bytearray(base64.urlsafe_b64decode(GOOD + "=" * (-len(GOOD) % 4)))
    held[position] ^= 1
    return base64.urlsafe_b64encode(bytes(held)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "abc",
        "中文",
        "=" * 8,
        GOOD[:-1],
        GOOD + "A",
        GOOD[1:],
        "A" * 5000,
        GOOD + "=",
        "../../etc",
        "\0",
    ]
    + [_altered(position) for position in range(12)],
)
def test_anything_else_is_a_clear_400(text: str) -> None:
    with pytest.raises(CursorMalformed) as raised:
        decode_cursor("runs:newest", text, (str, int), field="after")
    assert (raised.value.status, raised.value.code, raised.value.field) == (400, "cursor_malformed", "after")


def test_a_cursor_belongs_to_its_list_and_types() -> None:
    for kind, types in (("runs:oldest", (str, int)), ("runs:newest", (int, str)), ("runs:newest", (str,))):
        with pytest.raises(CursorMalformed):
            decode_cursor(kind, GOOD, types)
    with pytest.raises(CursorMalformed):
        decode_cursor("k", encode_cursor("k", [True]), (int,))
