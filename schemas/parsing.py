"""JSON from outside, read under limits: no NaN, no half surrogates, no depth or size without end."""

from typing import Any

import orjson

from schemas.errors import NotJson

MAX_BYTES = 16_000_000
MAX_DEPTH = 64
_OPEN, _CLOSE, _QUOTE, _ESCAPE = b"[{", b"]}", 0x22, 0x5C


def parse_json(content: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in UTF-8 (a byte-order mark is allowed); raises NotJson.

    Size and depth are checked before anything is built. NaN, Infinity, numbers that no double can hold and
    half surrogate pairs are refused.
    """
    if len(content) > max_bytes:
        raise NotJson(
            "json-size",
            f"JSON 内容有 {len(content)} 字节，上限为 {max_bytes} 字节，请分批发送",
            f"The JSON has {len(content)} bytes, the limit is {max_bytes}: send it in parts",
        )
    content = content.removeprefix(b"\xef\xbb\xbf")
    if _depth_exceeds(content, max_depth):
        raise NotJson(
            "json-depth",
            f"JSON 嵌套超过 {max_depth} 层，请简化结构",
            f"The JSON is nested deeper than {max_depth} levels: simplify it",
        )
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _explained(content, error) from error


def _explained(content: bytes, error: orjson.JSONDecodeError) -> NotJson:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return NotJson(
            "json-encoding",
            f"第 {wrong.start + 1} 个字节起不是 UTF-8 编码，请改用 UTF-8",
            f"The text is not UTF-8 from byte {wrong.start + 1} on: send it as UTF-8",
        )
    where = f"第 {error.lineno} 行第 {error.colno} 列"
    return NotJson(
        "json-syntax",
        f"JSON 在{where}处有语法错误（NaN、Infinity 也不允许），请改正",
        f"The JSON is wrong at line {error.lineno}, column {error.colno} (NaN and Infinity are not allowed): {error.msg}",
    )


def _depth_exceeds(content: bytes, limit: int) -> bool:
    if content.count(b"[") + content.count(b"{") <= limit:
        return False
    depth, in_text, skip = 0, False, False
    for byte in content:
        if in_text:
            if skip:
                skip = False
            elif byte == _ESCAPE:
                skip = True
            elif byte == _QUOTE:
                in_text = False
        elif byte == _QUOTE:
            in_text = True
        elif byte in _OPEN:
            depth += 1
            if depth > limit:
                return True
        elif byte in _CLOSE:
            depth -= 1
    return False
