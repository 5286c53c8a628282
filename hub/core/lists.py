"""Lists in answers: how long a page may be, where it begins, where the next one does."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Response

from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import json_answer

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数 · items in one page")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="上一页的 next · `next` of the page before")
]
Number = Annotated[int, Path(ge=1, le=9_000_000_000_000_000)]


def text_position(kind: str, cursor: str | None) -> str:
    """The identifier behind which a list by identifier goes on. Raises `CursorMalformed`."""
    return "" if cursor is None else str(decode_cursor(kind, cursor, [str])[0])


def number_position(kind: str, cursor: str | None) -> int | None:
    """The number at which a list by number goes on. Raises `CursorMalformed`."""
    return None if cursor is None else int(decode_cursor(kind, cursor, [int])[0])


def page_answer(kind: str, rows: Sequence[Any], limit: int, position: Any, shown: Any) -> Response:
    """A page from one row more than `limit`: the items, and `next` when there are more.

    `position(row)` is where the next page begins, `shown(row)` what is told of a row.
    """
    page = rows[:limit]
    following = encode_cursor(kind, [position(page[-1])]) if len(rows) > limit else None
    return json_answer({"items": [shown(row) for row in page], "next": following})
