"""JSON from outside, read under limits: no NaN, no half surrogates, no depth or size without end."""

import re
from itertools import accumulate
from typing import Any

import orjson

from schemas.errors import NotJson

MAX_BYTES = 16_000_000
MAX_DEPTH = 64

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse_json(content: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in UTF-8; a byte-order mark is allowed. Raises NotJson.

    The size is checked before anything is read; the parser itself stops at 1,024 levels, so that no text can
    exhaust the stack. NaN, Infinity, numbers that no double holds and half surrogate pairs are refused.
    """
    if len(content) > max_bytes:
        raise NotJson(
            "json-size",
            f"JSON 内容有 {len(content)} 字节，超过上限 {max_bytes} 字节，请分批发送",
            f"The JSON has {len(content)} bytes, more than {max_bytes}: send it in parts",
        )
    text = content.removeprefix(b"\xef\xbb\xbf")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg:
            raise _too_deep(max_depth) from error
        raise _explained(text, error) from error
    if _depth(text, max_depth) > max_depth:
        raise _too_deep(max_depth)
    return value


def _depth(text: bytes, enough: int) -> int:
    """How deep a text that is known to be JSON is nested; a text with few brackets is not looked at closer."""
    few = text.count(b"[") + text.count(b"{")
    if few <= enough:
        return few
    brackets = _TEXT.sub(b"", text).translate(None, delete=_NO_BRACKET)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _too_deep(limit: int) -> NotJson:
    return NotJson(
        "json-depth",
        f"JSON 嵌套超过 {limit} 层，请简化结构",
        f"The JSON is nested deeper than {limit} levels: make it flatter",
    )


def _explained(text: bytes, error: orjson.JSONDecodeError) -> NotJson:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return NotJson(
            "json-encoding",
            f"从第 {wrong.start + 1} 个字节起不是 UTF-8 编码，请改用 UTF-8",
            f"The text is not UTF-8 from byte {wrong.start + 1} on: send it as UTF-8",
        )
    line, column = error.lineno, error.colno
    return NotJson(
        "json-syntax",
        f"JSON 第 {line} 行第 {column} 列有错误（也不允许 NaN、Infinity），请改正",
        f"The JSON is wrong at line {line}, column {column} (nor are NaN and Infinity allowed): {error.msg}",
    )
