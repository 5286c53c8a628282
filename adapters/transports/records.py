"""Native bodies → `NativeRecord`: stable raw bytes, tombstone, time of change. And JSON read with limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from adapters.contract import Damaged, NativePage, NativeRecord
from adapters.errors import Malformed
from adapters.mapping import Reader, Unfit, value_of

Piece = NativeRecord | Damaged


@dataclass(frozen=True, slots=True)
class RecordMaker:
    """How a resource's records tell when they changed and whether they are tombstones."""

    modified: Reader | None = None
    deleted: Reader | None = None
    deleted_values: tuple[Any, ...] = ()
    depth: int = 32

    def make(
        self,
        body: Any,
        position: str,
        raw: bytes | None = None,
        *,
        deleted: bool = False,
        envelope: dict[str, Any] | None = None,
    ) -> Piece:
        """The record, or `Damaged` when the body is no object or is nested too deeply.

        `envelope` is what the record came in, when tombstone and time of change stand there.
        """
        if type(body) is not dict:
            return broken(position, to_bytes(body), "not-an-object", "不是一条记录", "is no record")
        if raw is None:
            try:
                raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
            except (TypeError, ValueError):
                return broken(position, b"", "too-deep", "嵌套太深", "is nested too deeply")
        if raw.count(b"{") + raw.count(b"[") > self.depth and depth_of(body, self.depth) > self.depth:
            return broken(position, raw, "too-deep", "嵌套太深", "is nested too deeply")
        told = body if envelope is None else envelope
        return NativeRecord(body, raw, deleted or self._is_deleted(told), self._modified(told))

    def make_all(
        self, bodies: Iterable[Any], where: str
    ) -> tuple[tuple[NativeRecord, ...], tuple[Damaged, ...]]:
        """All records of a page and what is none."""
        records: list[NativeRecord] = []
        damaged: list[Damaged] = []
        for number, body in enumerate(bodies, 1):
            piece = body if isinstance(body, Damaged) else self.make(body, f"{where} #{number}")
            if isinstance(piece, NativeRecord):
                records.append(piece)
            else:
                damaged.append(piece)
        return tuple(records), tuple(damaged)

    def _is_deleted(self, body: dict[str, Any]) -> bool:
        if self.deleted is None:
            return False
        try:
            return value_of(self.deleted(body)) in self.deleted_values
        except Unfit:
            return False

    def _modified(self, body: dict[str, Any]) -> datetime | None:
        if self.modified is None:
            return None
        try:
            value = value_of(self.modified(body))
        except Unfit:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else None


def broken(position: str, raw: bytes, code: str, zh: str, en: str) -> Damaged:
    """A piece that is no record."""
    return Damaged(position, raw, code, f"{position}：{zh}", f"{position}: {en}")


def to_bytes(value: Any) -> bytes:
    """Any JSON value as bytes, for keeping."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):
        return repr(value).encode("utf-8", "replace")


def depth_of(value: Any, enough: int) -> int:
    """How deeply a value is nested; stops counting after `enough`."""
    level, layer = 0, [value]
    while layer and level <= enough:
        layer = [
            item
            for holder in layer
            if isinstance(holder, dict | list)
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
        level += 1
    return level if layer else level - 1


def read_json(content: bytes, what_zh: str, what_en: str) -> Any:
    """JSON in UTF-8 (a byte order mark is forgiven). Raises `Malformed`; NaN is no JSON."""
    try:
        return orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Malformed(
            f"{what_zh}不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）",
            f"{what_en} is not JSON (line {error.lineno}, column {error.colno})",
        ) from error


def read_lines(content: bytes, where: str) -> Iterator[Any]:
    """The values of NDJSON, one a line, empty lines skipped; a line that is no JSON becomes `Damaged`."""
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError as error:
            position = f"{where} 第 {number} 行"
            zh, en = f"不是有效的 JSON（第 {error.colno} 列）", f"is not JSON (column {error.colno})"
            yield broken(position, line, "bad-json", zh, en)


def in_pages(pieces: Iterable[Piece], size: int) -> Iterator[tuple[list[NativeRecord], list[Damaged], bool]]:
    """Pieces in groups of `size`; the flag is true for the last group, which always comes, empty if need be."""
    records: list[NativeRecord] = []
    damaged: list[Damaged] = []
    for piece in pieces:
        if len(records) + len(damaged) >= size:
            yield records, damaged, False
            records, damaged = [], []
        if isinstance(piece, NativeRecord):
            records.append(piece)
        else:
            damaged.append(piece)
    yield records, damaged, True


def page(
    records: Iterable[NativeRecord],
    damaged: Iterable[Damaged],
    cursor: str,
    *,
    is_last: bool,
    is_full: bool,
    total: int | None = None,
) -> NativePage:
    """A page from lists."""
    return NativePage(tuple(records), cursor, is_last, is_full, total, tuple(damaged))
