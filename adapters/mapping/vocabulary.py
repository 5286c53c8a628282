"""A province's code table (`vocab.csv`): native value → code value, by table name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.errors import ManifestInvalid
from adapters.mapping.text import normal

COLUMNS = ("table", "native", "code", "note")


@dataclass(frozen=True, slots=True)
class VocabularyRow:
    """One line of the file, with its line number for messages."""

    line: int
    table: str
    native: str
    code: str
    note: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All tables of one province. Lookups ignore width, blanks and case."""

    rows: tuple[VocabularyRow, ...] = ()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, table: str, native: str) -> str | None:
        """The code this province's value stands for, or None."""
        return self.tables.get(table, {}).get(normal(native))


def read_vocabulary(content: bytes) -> Vocabulary:
    """Read `vocab.csv`. Raises `ManifestInvalid` naming the line: wrong header or width, empty or double entry."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestInvalid("vocab.csv 不是 UTF-8", "vocab.csv is not UTF-8") from error
    rows = tuple(_rows(text))
    tables: dict[str, dict[str, str]] = {}
    for row in rows:
        table = tables.setdefault(row.table, {})
        known = table.setdefault(normal(row.native), row.code)
        if known != row.code:
            raise _fault(row.line, f"「{row.native}」已指向 {known}", f"“{row.native}” already means {known}")
    return Vocabulary(rows, tables)


def _rows(text: str) -> Iterator[VocabularyRow]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        if tuple(header) != COLUMNS:
            raise _fault(1, f"表头应为 {','.join(COLUMNS)}", f"header must be {','.join(COLUMNS)}")
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(COLUMNS):
                raise _fault(lines.line_num, f"应有 {len(COLUMNS)} 列", f"must have {len(COLUMNS)} columns")
            row = VocabularyRow(lines.line_num, *(cell.strip() for cell in cells))
            if not (row.table and row.native and row.code):
                raise _fault(row.line, "table、native、code 都要填", "table, native and code must be filled")
            yield row
    except csv.Error as error:
        raise _fault(lines.line_num, f"不是有效的 CSV：{error}", f"is not CSV: {error}") from error


def _fault(line: int, zh: str, en: str) -> ManifestInvalid:
    return ManifestInvalid(f"vocab.csv 第 {line} 行：{zh}", f"vocab.csv line {line}: {en}")
