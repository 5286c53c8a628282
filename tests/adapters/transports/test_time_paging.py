"""Reading by time: many rows in one second, late rows, changes while reading, resumes; nothing is ever jumped over."""

import random
from datetime import UTC

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import NativePage
from adapters.errors import LimitExceeded, Malformed
from tests.adapters.platforms import ids, maker, site, transport
from tests.adapters.timed_rows import Rows, options, read


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 6), max_size=40),
    size=st.integers(1, 12),
    numbered=st.booleans(),
    totals=st.booleans(),
)
def test_every_row_comes_exactly_once_however_many_share_a_second(
    seconds: list[int], size: int, numbered: bool, totals: bool
) -> None:
    rows = Rows(seconds, numbered=numbered, totals=totals)
    pages = read(rows, size, max_size=64)
    assert sorted(ids(pages)) == list(range(len(seconds)))
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(page.is_full for page in pages)


@settings(max_examples=40, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 6), min_size=1, max_size=30),
    size=st.integers(1, 8),
    numbered=st.booleans(),
    data=st.data(),
)
def test_a_resume_after_any_page_loses_nothing(
    seconds: list[int], size: int, numbered: bool, data: st.DataObject
) -> None:
    rows = Rows(seconds, numbered=numbered)
    pages = read(rows, size, max_size=64)
    stop = data.draw(st.integers(0, len(pages) - 1))
    got = {*ids(pages[: stop + 1]), *ids(read(rows, size, pages[stop].cursor, max_size=64))}
    assert got == set(range(len(seconds)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(2, 6), numbered=st.booleans())
def test_rows_changed_while_reading_are_read_and_none_slips_through(
    seed: int, size: int, numbered: bool
) -> None:
    chance = random.Random(seed)
    rows = Rows([chance.randrange(20) for _ in range(25)], numbered=numbered, totals=chance.random() < 0.5)
    newest = 20
    seen: dict[int, int] = {}
    for count, page in enumerate(
        transport(options(size, numbered=numbered, max_size=64), site(rows), maker("updated")).pages(None)
    ):
        for record in page.records:
            seen[record.body["id"]] = record.body.get("rev", 0)
        if count < 12 and not page.is_last:
            newest += 1
            rows.touch(chance.randrange(25), newest)
    assert set(seen) == set(range(25))
    assert seen == {row["id"]: row.get("rev", 0) for row in rows.rows}


def test_a_later_read_asks_from_before_the_last_instant_and_is_not_full() -> None:
    rows = Rows([0, 10, 20])
    done = read(rows, 10)[-1].cursor
    rows.rows.append({"id": 3, "at": 18})  # committed late, with an earlier time
    rows.asked.clear()
    later = read(rows, 10, done)
    assert set(ids(later)) == {2, 3}
    assert not any(page.is_full for page in later)
    assert rows.asked[0]["since"] == "2026-01-01 00:00:17"


def test_reads_that_bring_nothing_do_not_wander_back_in_time() -> None:
    rows = Rows([100])
    cursor = read(rows, 10)[-1].cursor
    rows.rows.clear()
    for _ in range(5):
        cursor = read(rows, 10, cursor)[-1].cursor
    rows.asked.clear()
    read(rows, 10, cursor)
    assert rows.asked[0]["since"] == "2026-01-01 00:01:37"


def test_an_empty_source_is_read_in_full_again_next_time() -> None:
    rows = Rows([])
    done = read(rows, 10)
    assert done[-1].is_full
    rows.rows.append({"id": 0, "at": 5})
    again = read(rows, 10, done[-1].cursor)
    assert ids(again) == [0]
    assert again[-1].is_full


def test_the_page_grows_when_a_second_is_fuller_than_it_and_shrinks_after() -> None:
    rows = Rows([0] + [5] * 9 + [6, 7])
    pages = read(rows, 3, max_size=24)
    assert sorted(ids(pages)) == list(range(12))
    assert {int(asked["limit"]) for asked in rows.asked} >= {3, 6, 12}
    assert int(rows.asked[-1]["limit"]) == 3


def test_a_second_fuller_than_the_largest_page_ends_with_a_clear_error() -> None:
    with pytest.raises(LimitExceeded, match="one instant"):
        read(Rows([5] * 30), 4, max_size=16)


def test_a_platform_that_caps_pages_below_a_full_second_is_not_believed_to_be_at_its_end() -> None:
    with pytest.raises(LimitExceeded):
        read(Rows([5] * 30, cap=4, totals=True), 8, max_size=16)


def test_answers_out_of_order_are_refused_instead_of_jumped_over() -> None:
    def app(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200,
            json={
                "rows": [
                    {"id": 1, "updated": "2026-01-02 00:00:00"},
                    {"id": 2, "updated": "2026-01-01 00:00:00"},
                ]
            },
        )

    with pytest.raises(Malformed, match="order: other"):
        list(transport(options(5), site(app), maker("updated")).pages(None))


def test_a_start_is_sent_on_a_full_read() -> None:
    rows = Rows([0])
    pages = read(rows, 5, start="1970-01-01 00:00:00")
    assert rows.asked[0]["since"] == "1970-01-01 00:00:00"
    assert pages[-1].is_full


def test_rows_without_a_time_do_not_stop_the_walk() -> None:
    def app(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"rows": [{"id": 1, "updated": "昨天"}, {"id": 2, "updated": "2026-01-01 00:00:00"}]}
        )

    pages = list(transport(options(5), site(app), maker("updated")).pages(None))
    assert ids(pages) == [1, 2]


class Unordered:
    """Numbered pages in the order of entry, whatever the time."""

    def __init__(self) -> None:
        self.rows = [{"id": n, "updated": f"2026-01-01 00:00:{(n * 7) % 60:02d}"} for n in range(10)]
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.asked.append(params)
        rows = [row for row in self.rows if row["updated"] >= params.get("since", "")]
        start = (int(params["page"]) - 1) * 4
        return httpx.Response(200, json={"rows": rows[start : start + 4], "total": len(rows)})


def test_unordered_pages_are_read_by_number_and_the_instant_moves_at_the_end() -> None:
    rows = Unordered()
    chosen = options(4, numbered=True, order="other")
    pages = list(transport(chosen, site(rows), maker("updated")).pages(None))
    assert ids(pages) == list(range(10))
    assert pages[-1].is_full
    assert ids(list(transport(chosen, site(rows), maker("updated")).pages(pages[0].cursor))) == list(
        range(4, 10)
    )
    rows.asked.clear()
    later = list(transport(chosen, site(rows), maker("updated")).pages(pages[-1].cursor))
    assert rows.asked[0]["since"] == "2026-01-01 00:00:53"
    assert set(ids(later)) == {8}
    assert not later[-1].is_full


def test_unordered_pages_whose_total_moves_are_not_full_and_are_read_again() -> None:
    rows = Unordered()
    chosen = options(4, numbered=True, order="other")
    pages: list[NativePage] = []
    for page in transport(chosen, site(rows), maker("updated")).pages(None):
        pages.append(page)
        if len(pages) == 1:
            rows.rows.pop(0)
    assert 4 not in ids(pages)
    assert not pages[-1].is_full
    again = list(transport(chosen, site(rows), maker("updated")).pages(pages[-1].cursor))
    assert ids(again) == list(range(1, 10))
    assert again[-1].is_full


@pytest.mark.parametrize(
    "cursor", ['{"kind":"time","rest":"gestern"}', '{"kind":"time","since":"2026-01-01"}']
)
def test_a_cursor_with_a_broken_instant_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed):
        read(Rows([1]), 5, cursor)


@pytest.mark.parametrize(
    ("style", "spelled"),
    [("seconds", "1767225600"), ("millis", "1767225600000"), ("iso", "2026-01-01T08:00:00+08:00")],
)
def test_instants_are_spelled_as_the_platform_wants(style: str, spelled: str) -> None:
    asked: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("since", ""))
        return httpx.Response(200, json={"rows": [{"id": 1, "updated": "2026-01-01T00:00:00Z"}]})

    made = transport(
        options(5) | {"paging": {"kind": "time", "since": "since", "format": style, "size": 5}},
        site(app),
        maker("updated"),
    )
    list(made.pages(None))
    assert asked == ["", spelled]
    assert UTC
