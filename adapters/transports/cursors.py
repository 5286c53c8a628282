"""Cursors: compact JSON that only the transport which wrote it reads. Opaque to everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from adapters.errors import Malformed

_MAX_CHARS = 8_000


def write_cursor(kind: str, **state: Any) -> str:
    """The cursor of a state; same state, same text. Raises `Malformed` for a platform's token beyond all measure."""
    cursor = orjson.dumps({"kind": kind, **state}, option=orjson.OPT_SORT_KEYS).decode("utf-8")
    if len(cursor) > _MAX_CHARS:
        raise Malformed("平台给出的续传令牌过长", "the platform's continuation token is too long")
    return cursor


def read_cursor(kind: str, cursor: str) -> Mapping[str, Any]:
    """The state in a cursor. Raises `Malformed` for anything this kind of transport did not write."""
    try:
        state = orjson.loads(cursor) if len(cursor) <= _MAX_CHARS else None
    except orjson.JSONDecodeError:
        state = None
    if not isinstance(state, dict) or state.get("kind") != kind:
        raise Malformed(
            "游标无法识别；请从头完整读取",
            "the cursor is not one of this transport; start a full read",
        )
    return state


def state_text(state: Mapping[str, Any], name: str) -> str | None:
    """A text of the state, or None."""
    value = state.get(name)
    return value if isinstance(value, str) else None


def state_count(state: Mapping[str, Any], name: str, default: int = 0) -> int:
    """A number ≥ 0 of the state."""
    value = state.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
