"""Whatever a platform answers, reading it gives an answer or says that it cannot be read; nothing else escapes."""

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.bookings.compiled import CompiledBookings
from adapters.contract import Answer, NativeKey
from adapters.errors import LimitExceeded, Malformed
from adapters.registry import PROVINCES, load_province
from tests.adapters.bookings.platforms import MONDAY

CODES = ("310000", "320000", "330000", "340000", "360000", "510000")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            "无",
            "0",
            "2026-12-01 09:00:00",
            "2026-13-45",
            "2026-12-01T09:00:00+08:00",
            "9" * 300,
            "已通过",
            "20",
            "CONFIRMED",
            "24:00",
            "99:99",
            "a" * 64,
            "RUN_LOG",
        ]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@cache
def bookings(code: str) -> CompiledBookings:
    found = load_province(PROVINCES / code).bookings
    assert found is not None
    return found


@cache
def names(code: str) -> tuple[str, ...]:
    """Every word of the dialect's file that may be the name of a native field."""
    text = (PROVINCES / code / "bookings.yaml").read_text(encoding="utf-8")
    words = text.translate(str.maketrans(dict.fromkeys("{}[]():,'\".=&|#", " "))).split()
    return tuple(dict.fromkeys(word for word in words if len(word) < 30))


def rows(code: str) -> st.SearchStrategy[Any]:
    fields = st.sampled_from(names(code))
    inner = st.dictionaries(fields, VALUES, max_size=12)
    return st.one_of(
        VALUES, st.dictionaries(fields, VALUES | inner | st.lists(inner, max_size=3), max_size=14)
    )


@pytest.mark.parametrize("code", CODES)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_any_answer_is_read_or_malformed(code: str, data: st.DataObject) -> None:
    row = data.draw(rows(code))
    dialect = bookings(code).dialect
    assert dialect is not None
    readers = [op.answer for op in dialect.commands.values()]
    readers += [part.operation.answer for part in (dialect.lookup,) if part is not None]
    readers += [dialect.callback.reader] if dialect.callback is not None else []
    for read in readers:
        assert read is not None
        try:
            answer = read(row, about="bk-1")
        except Malformed:
            continue
        assert isinstance(answer, Answer)
        assert answer.message_id
        assert len(answer.message_id) <= 200
        assert answer.kind != "not_found"
        assert answer.kind != "unclear" or answer.notes
    for operation in dialect.commands.values():
        for status in (200, 202, 404, 409, 500):
            assert operation.outcome.judge(status, row).words


@pytest.mark.parametrize("code", [code for code in CODES if code != "340000"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_any_calendar_is_read_or_malformed(code: str, data: st.DataObject) -> None:
    dialect = bookings(code).dialect
    assert dialect is not None
    assert dialect.calendar is not None
    try:
        found = dialect.calendar.reader(data.draw(rows(code)), NativeKey("u", "1"), MONDAY)
    except (Malformed, LimitExceeded):
        return
    assert found.as_of.tzinfo is not None
    for busy in found.busy:
        assert busy.slot.start < busy.slot.end
