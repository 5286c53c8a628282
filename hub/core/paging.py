"""Keyset cursors: the last row's sort values, as opaque text that a client hands back unchanged.

Never an offset: rows that come and go between two pages must not shift what is read.
A cursor is bound to the list it came from and carries a checksum, so that a mistyped, cut or foreign one is a
clear 400 and not a strange page. It holds nothing secret: its values are only ever compared.
"""

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from hub.core.errors import HubError

MAX_CURSOR = 2000
"""Characters; a longer one was not made here."""

_CHECK_BYTES = 9


class CursorMalformed(HubError):
    """The cursor was not made by this list, or was altered."""

    def __init__(self, field: str = "cursor") -> None:
        super().__init__(
            "cursor_malformed",
            "分页游标无效。",
            "The paging cursor is not valid.",
            400,
            field=field,
            hint_zh="请原样使用上一页返回的 next，或去掉该参数从第一页读起。",
            hint_en="Use the `next` value of the previous page unchanged, or drop it to start from the first page.",
        )


def encode_cursor(kind: str, values: Sequence[Any]) -> str:
    """Opaque, URL-safe text for the sort values (strings, numbers, booleans, None) of a page's last row.

    `kind` names the list and its order, for example `"runs:newest"`.
    """
    body = orjson.dumps(list(values))
    return base64.urlsafe_b64encode(_check(kind, body) + body).rstrip(b"=").decode()


def decode_cursor(
    kind: str, text: str, types: Sequence[type | tuple[type, ...]], *, field: str = "cursor"
) -> list[Any]:
    """The values given to `encode_cursor` for the same `kind`.

    Raises `CursorMalformed` naming `field` when the text is anything else, including values of other types.
    """
    if len(text) > MAX_CURSOR or not text.isascii() or "=" in text:
        raise CursorMalformed(field)
    try:
        held = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise CursorMalformed(field) from None
    check, body = held[:_CHECK_BYTES], held[_CHECK_BYTES:]
    if check != _check(kind, body):
        raise CursorMalformed(field)
    values = orjson.loads(body)
    if len(values) != len(types):
        raise CursorMalformed(field)
    for value, wanted in zip(values, types, strict=True):
        # True is an int in Python, never in a sort key
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int):
            raise CursorMalformed(field)
    return list(values)


def _check(kind: str, body: bytes) -> bytes:
    return sha256(kind.encode() + b"\0" + body).digest()[:_CHECK_BYTES]
