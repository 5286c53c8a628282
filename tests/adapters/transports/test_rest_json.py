"""REST platforms: every paging family with its safety rule, return codes, loops, caps, resumes."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from adapters.contract import Limits, NativePage
from adapters.errors import (
    AdapterError,
    LimitExceeded,
    LoopDetected,
    Malformed,
    Refused,
    Throttled,
)
from tests.adapters.platforms import App, Time, ids, maker, site, transport

FEED = {
    "kind": "rest_json", "path": "/changes", "records": "items", "total": "total", "params": {"limit": 3},
    "paging": {"kind": "token", "param": "cursor", "next": "next", "more": "more"},
}  # fmt: skip


class Feed:
    """A change feed with opaque tokens: every item once, at its latest position."""

    def __init__(self, count: int) -> None:
        self.items: list[dict[str, Any]] = [{"id": n, "op": "put"} for n in range(count)]
        self.epoch = 1
        self.requests: list[dict[str, str]] = []
        self.sabotage: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: body

    def change(self, number: int, op: str = "put") -> None:
        self.items = [item for item in self.items if item["id"] != number]
        self.items.append({"id": number, "op": op})
        for item in self.items:
            item.setdefault("at", 0)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.requests.append(params)
        start = 0
        if "cursor" in params:
            epoch, _, position = params["cursor"].partition(".")
            if int(epoch) != self.epoch:
                return httpx.Response(410)
            start = int(position)
        rows = self.items[start : start + int(params["limit"])]
        reached = start + len(rows)
        body = {
            "items": rows,
            "next": f"{self.epoch}.{reached}",
            "more": reached < len(self.items),
            "total": len(self.items),
        }
        return httpx.Response(200, json=self.sabotage(body))


def read(
    app: App, options: dict[str, Any], cursor: str | None = None, make: Any = None, **more: Any
) -> list[NativePage]:
    return list(transport(options, site(app, **more), make).pages(cursor))


def check_shape(pages: list[NativePage]) -> None:
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]


def test_a_feed_is_read_to_its_end_and_then_only_what_changed() -> None:
    feed = Feed(8)
    pages = read(feed, FEED)
    check_shape(pages)
    assert ids(pages) == list(range(8))
    assert all(page.is_full for page in pages)
    assert pages[0].declared_total == 8
    again = read(feed, FEED, pages[-1].cursor)
    check_shape(again)
    assert ids(again) == []
    assert not again[0].is_full
    feed.items.append({"id": 8, "op": "remove"})
    changed = read(feed, FEED, again[-1].cursor, maker(deleted=("op", "remove")))
    assert ids(changed) == [8]
    assert changed[0].records[0].deleted
    assert not changed[-1].is_full


@pytest.mark.parametrize("stop", [0, 1])
def test_a_feed_resumes_after_any_page_and_is_still_full(stop: int) -> None:
    feed = Feed(8)
    pages = read(feed, FEED)
    rest = read(feed, FEED, pages[stop].cursor)
    assert ids(rest) == list(range(8))[(stop + 1) * 3 :]
    assert all(page.is_full for page in rest)


def test_a_feed_that_forgot_its_cursor_is_read_in_full_by_itself() -> None:
    feed = Feed(8)
    done = read(feed, FEED)[-1].cursor
    feed.epoch = 2
    pages = read(feed, FEED, done)
    assert ids(pages) == list(range(8))
    assert all(page.is_full for page in pages)


def test_a_feed_that_forgets_in_the_middle_is_read_again_from_its_start() -> None:
    feed = Feed(8)
    pages: list[NativePage] = []
    for page in transport(FEED, site(feed)).pages(None):
        pages.append(page)
        if len(pages) == 2:
            feed.epoch = 2
    assert ids(pages) == [*range(6), *range(8)]
    check_shape(pages)


def test_a_first_read_that_is_gone_does_not_loop() -> None:
    with pytest.raises(AdapterError):
        read(lambda _: httpx.Response(410), FEED)


def test_the_same_token_for_ever_is_a_loop() -> None:
    feed = Feed(8)
    feed.sabotage = lambda body: body | {"next": "1.3", "more": True}
    with pytest.raises(LoopDetected):
        read(feed, FEED)
    assert len(feed.requests) <= 3


def test_the_same_page_under_new_tokens_is_a_loop() -> None:
    feed = Feed(8)
    counter = iter(range(100))
    feed.sabotage = lambda body: {
        **body,
        "items": [{"id": 0}],
        "next": f"1.{next(counter) % 7}",
        "more": True,
    }
    with pytest.raises(LoopDetected):
        read(feed, FEED)
    assert len(feed.requests) == 2


def test_a_feed_without_a_more_flag_ends_with_an_empty_page() -> None:
    options = FEED | {"paging": {"kind": "token", "param": "cursor", "next": "next"}}
    feed = Feed(6)
    pages = read(feed, options)
    check_shape(pages)
    assert ids(pages) == list(range(6))
    assert len(pages) == 3
    assert ids(read(feed, options, pages[-1].cursor)) == []


def test_a_token_beyond_all_measure_is_refused_when_it_comes() -> None:
    feed = Feed(8)
    feed.sabotage = lambda body: body | {"next": "9" * 20_000}
    with pytest.raises(Malformed, match="too long"):
        read(feed, FEED)


class Table:
    """Numbered pages over a list, in JSON bodies or the query, with a return code around them."""

    def __init__(self, count: int, cap: int = 10**6) -> None:
        self.rows = [{"id": n} for n in range(count)]
        self.cap = cap
        self.requests: list[dict[str, Any]] = []
        self.before: Callable[[int], None] = lambda _number: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content) if request.content else dict(request.url.params)
        self.requests.append(asked)
        number, size = int(asked["pageNum"]), min(int(asked["pageSize"]), self.cap)
        self.before(number)
        rows = self.rows[(number - 1) * size : number * size]
        return httpx.Response(200, json={"code": 200, "total": len(self.rows), "rows": rows})


PAGED = {
    "kind": "rest_json", "path": "/rows", "records": "rows", "total": "total", "method": "POST", "place": "json",
    "answer": {"code": "code", "message": "msg", "ok": [200], "busy": [503], "texts": {"500": "系统异常"}},
    "paging": {"kind": "page", "param": "pageNum", "size_param": "pageSize", "size": 4},
}  # fmt: skip


def test_numbered_pages() -> None:
    table = Table(10)
    pages = read(table, PAGED)
    check_shape(pages)
    assert ids(pages) == list(range(10))
    assert [asked["pageNum"] for asked in table.requests] == [1, 2, 3]
    assert pages[-1].is_full
    assert pages[-1].declared_total == 10


def test_numbered_pages_resume() -> None:
    pages = read(Table(10), PAGED)
    rest = read(Table(10), PAGED, pages[0].cursor)
    assert ids(rest) == list(range(4, 10))
    assert rest[-1].is_full


def test_a_finished_read_of_the_weak_family_has_nothing_more() -> None:
    done = read(Table(10), PAGED)[-1].cursor
    again = read(Table(10), PAGED, done)
    assert ids(again) == []
    assert again[-1].is_last
    assert not again[-1].is_full


def test_a_platform_that_caps_the_page_size_is_still_read_to_its_total() -> None:
    assert ids(read(Table(10, cap=3), PAGED)) == list(range(10))


def test_a_total_that_moves_makes_the_read_not_full() -> None:
    table = Table(10)

    def lose(number: int) -> None:
        if number == 2:
            table.rows.pop(0)

    table.before = lose
    pages = read(table, PAGED)
    check_shape(pages)
    assert 4 not in ids(pages)  # the row that slipped through
    assert not pages[-1].is_full


def test_without_a_total_a_short_page_ends() -> None:
    options = {**PAGED, "total": "nothing"}
    assert ids(read(Table(10), options)) == list(range(10))


def test_a_platform_that_promises_more_than_it_gives_ends_with_its_empty_page() -> None:
    def app(request: httpx.Request) -> httpx.Response:
        number = json.loads(request.content)["pageNum"]
        return httpx.Response(
            200, json={"code": 200, "total": 99, "rows": [{"id": 1}] if number == 1 else []}
        )

    pages = read(app, PAGED)
    assert ids(pages) == [1]
    assert pages[-1].declared_total == 99


def test_a_page_repeated_for_ever_is_a_loop() -> None:
    with pytest.raises(LoopDetected):
        read(lambda _: httpx.Response(200, json={"code": 200, "total": 99, "rows": [{"id": 1}]}), PAGED)


def test_offsets() -> None:
    rows = [{"id": n} for n in range(7)]
    asked: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["skip"])
        asked.append(request.url.params["skip"])
        return httpx.Response(200, json={"rows": rows[offset : offset + 3], "n": "7"})

    options = {
        "kind": "rest_json",
        "path": "/r",
        "records": "rows",
        "total": "n",
        "paging": {"kind": "offset", "param": "skip", "size": 3, "size_param": "take"},
    }
    assert ids(read(app, options)) == list(range(7))
    assert asked == ["0", "3", "6"]


def test_one_answer_may_hold_everything() -> None:
    pages = read(
        lambda _: httpx.Response(200, json=[{"id": 1}, {"id": 2}]), {"kind": "rest_json", "path": "/all"}
    )
    assert ids(pages) == [1, 2]
    assert pages[0].is_last
    assert pages[0].is_full


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [(500, Refused, "系统异常"), (503, Throttled, "忙"), (None, Malformed, "返回码"), (7, Refused, "7")],
)
def test_return_codes_inside_a_good_answer(code: int | None, error: type[AdapterError], says: str) -> None:
    with pytest.raises(error, match=says):
        read(lambda _: httpx.Response(200, json={"code": code, "rows": []}), PAGED)


def test_a_busy_code_is_waited_for() -> None:
    time, table = Time(), Table(3)
    answers = [httpx.Response(200, json={"code": "503"})]
    pages = read(lambda request: answers.pop() if answers else table(request), PAGED, time=time)
    assert ids(pages) == [0, 1, 2]
    assert time.slept


def test_two_tables_must_both_agree() -> None:
    options = PAGED | {
        "answer": [
            {"code": "code", "ok": [200], "name": "A"},
            {"code": "inner.state", "ok": ["00"], "name": "B"},
        ]
    }
    good = {"code": 200, "inner": {"state": "00"}, "total": 1, "rows": [{"id": 1}]}
    assert ids(read(lambda _: httpx.Response(200, json=good), options)) == [1]
    with pytest.raises(Refused, match="B"):
        read(lambda _: httpx.Response(200, json=good | {"inner": {"state": "17"}}), options)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>oops</html>",
        b'{"rows": [1, 2',
        b"",
        b'{"rows": NaN}',
        b"\xff\xfe",
        b'{"rows": {"a": 1}}',
        b'{"other": []}',
        b"[" * 2000,
    ],
)
def test_what_is_no_list_is_malformed(content: bytes) -> None:
    options = {"kind": "rest_json", "path": "/r", "records": "rows"}
    with pytest.raises(Malformed) as stopped:
        read(lambda _: httpx.Response(200, content=content), options)
    assert stopped.value.zh
    assert stopped.value.en


def test_what_is_no_record_is_kept_apart() -> None:
    deep: Any = 0
    for _ in range(40):
        deep = [deep]
    rows = [{"id": 1}, "text", None, {"id": 2, "deep": deep}, {"id": 3}]
    pages = read(
        lambda _: httpx.Response(200, json={"rows": rows}),
        {"kind": "rest_json", "path": "/r", "records": "rows"},
    )
    assert ids(pages) == [1, 3]
    assert [piece.code for piece in pages[0].damaged] == ["not-an-object", "not-an-object", "too-deep"]
    assert pages[0].damaged[0].raw == b'"text"'


def test_ndjson_bodies_and_their_broken_lines() -> None:
    options = {
        "kind": "rest_json",
        "path": "/r",
        "body": "ndjson",
        "paging": {"kind": "page", "param": "p", "size": 3, "size_param": "s"},
    }

    def app(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, content=b'{"id":1}\n{"id":\n\n{"id":2}\n' if request.url.params["p"] == "1" else b""
        )

    pages = read(app, options)
    assert ids(pages) == [1, 2]
    assert pages[0].damaged[0].code == "bad-json"
    assert "第 2 行" in pages[0].damaged[0].zh


@pytest.mark.parametrize(
    "limits",
    [Limits(run_pages=2), Limits(run_bytes=300), Limits(run_seconds=2.5), Limits(page_records=3), Limits(page_bytes=50)],
)  # fmt: skip
def test_caps_end_a_read(limits: Limits) -> None:
    time, table = Time(), Table(40)

    def app(request: httpx.Request) -> httpx.Response:
        time.seconds += 1
        return table(request)

    with pytest.raises(LimitExceeded) as stopped:
        read(app, PAGED, limits=limits, time=time)
    assert not stopped.value.retryable


def test_equal_content_has_equal_bytes_whatever_the_order_of_its_fields() -> None:
    def once(row: dict[str, Any]) -> bytes:
        return (
            read(lambda _: httpx.Response(200, json=[row]), {"kind": "rest_json", "path": "/r"})[0]
            .records[0]
            .raw
        )

    assert once({"a": 1, "b": "中"}) == once({"b": "中", "a": 1})
    assert once({"a": 1, "b": "中"}) != once({"a": 1, "b": "文"})
