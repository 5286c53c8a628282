"""Tables from outside, CSV or XLSX: a row of column names, then records. Broken rows are kept apart, not dropped."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.contract import Limits
from adapters.errors import Malformed
from adapters.mapping.text import fold_text, trim_text
from adapters.transports.guards import Deadline, over
from adapters.transports.pacing import Pacing
from adapters.transports.records import Piece, RecordMaker, broken, to_bytes

_UNDECODED = re.compile("[\udc80-\udcff]")
_BOM = b"\xef\xbb\xbf"
_CHECK_EVERY = 1_000
_FEW = 0.02  # share of lines that may hold undecodable bytes before the whole file counts as wrongly encoded


@dataclass(frozen=True, slots=True)
class TableShape:
    """Where the column names stand (1-based row), how many rows after them are explanation, which must be there."""

    header: int
    skip: int
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """Encodings in the order they are tried, and what separates cells."""

    encodings: tuple[str, ...]
    delimiter: str


Rows = Iterator[tuple[int, list[Any]]]


def read_table(
    rows: Rows, shape: TableShape, where: str, limits: Limits, maker: RecordMaker
) -> Iterator[Piece]:
    """Rows → records `{column: value}`, empty cells absent. Raises `Malformed` for a wrong header."""
    names: list[str] | None = None
    first_data = shape.header + shape.skip
    for number, cells in rows:
        if number < shape.header:
            continue
        if number == shape.header:
            names = _column_names(cells, shape, where)
        elif number > first_data and names is not None and any(cell not in (None, "") for cell in cells):
            yield _record(names, cells, f"{where} 第 {number} 行", limits, maker)
    if names is None:
        raise Malformed(
            f"{where} 没有第 {shape.header} 行的表头", f"{where} has no column names in row {shape.header}"
        )


def _column_names(cells: list[Any], shape: TableShape, where: str) -> list[str]:
    names = ["" if cell is None else trim_text(fold_text(str(cell))).replace("\n", "") for cell in cells]
    while names and not names[-1]:
        names.pop()
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        words = "、".join(doubled)
        raise Malformed(f"{where} 的列名重复：{words}", f"{where} has column names twice: {words}")
    missing = [name for name in shape.required if name not in names]
    if missing or not names:
        words = "、".join(missing) or "*"
        raise Malformed(
            f"{where} 缺少列：{words}；请使用规定的模板，不要改动表头",
            f"{where} lacks the columns {words}; use the given template and leave its header as it is",
        )
    return names


def _record(names: list[str], cells: list[Any], position: str, limits: Limits, maker: RecordMaker) -> Piece:
    if any(cell not in (None, "") for cell in cells[len(names) :]):
        zh, en = (
            f"应有 {len(names)} 列，来了 {len(cells)} 列",
            f"must have {len(names)} columns, not {len(cells)}",
        )
        return broken(position, to_bytes(cells), "row-width", zh, en)
    body: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell is None or cell == "" or not name:
            continue
        if isinstance(cell, str):
            if len(cell) > limits.cell_chars:
                return broken(
                    position,
                    b"",
                    "cell-too-long",
                    f"「{name}」超过 {limits.cell_chars} 字",
                    f"{name} is too long",
                )
            if not cell.isascii() and _UNDECODED.search(cell) is not None:
                raw = repr(cells).encode("utf-8", "backslashreplace")
                return broken(
                    position,
                    raw,
                    "bad-encoding",
                    f"「{name}」的编码有误",
                    f"{name} is not in the file's encoding",
                )
        body[name] = cell
    return maker.make(body, position)


def csv_rows(content: bytes, style: CsvStyle, where: str, limits: Limits, pacing: Pacing) -> Rows:
    """Rows of a CSV file, numbered by line. Raises `Malformed` and `LimitExceeded`.

    The first encoding that fits is used. A few undecodable bytes cost their rows only; they arrive as lone
    surrogates.
    """
    text = _decode(content, style.encodings, where)
    deadline = Deadline(limits.parse_seconds, pacing)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=style.delimiter, strict=True)
    count = 0
    try:
        for cells in reader:
            count += 1
            if count > limits.rows:
                raise over("行数", "rows", limits.rows)
            if len(cells) > limits.columns:
                raise over("列数", "columns", limits.columns)
            if count % _CHECK_EVERY == 0:
                deadline.check()
            yield count, cells
    except csv.Error as error:
        line = reader.line_num
        raise Malformed(
            f"{where} 第 {line} 行不是有效的 CSV（引号不成对或单元格过长）",
            f"{where}, line {line} is not CSV (an unclosed quote or too long a cell)",
        ) from error


def _decode(content: bytes, encodings: tuple[str, ...], where: str) -> str:
    content = content.removeprefix(_BOM)
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    text = content.decode(encodings[0], errors="surrogateescape")
    bad_lines = sum(1 for line in text.splitlines() if _UNDECODED.search(line) is not None)
    if bad_lines > max(1, _FEW * text.count("\n")):
        words = "、".join(encodings)
        raise Malformed(f"{where} 的编码不是 {words}", f"{where} is not encoded in {words}")
    return text
