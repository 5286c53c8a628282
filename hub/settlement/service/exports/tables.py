"""One table as CSV or XLSX: the same cells, each by its kind, and no text that a spreadsheet would run.

Amounts come in integer fen and are written in yuan with two decimals, as numbers. Text that begins with `= + - @`, a tab
or a carriage return stays text: in XLSX by the cell's type, in CSV (which has no types) behind an apostrophe.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal

import xlsxwriter

from hub.core.clock import SHANGHAI
from hub.settlement.errors import ExportTooLarge

Kind = Literal["text", "fen", "count", "date", "instant"]

MOST_CSV = 1_000_000
"""Rows of one CSV file; it is streamed, so memory does not grow with them."""
MOST_XLSX = 100_000
"""Rows of one XLSX file; it is built before it leaves."""

_BOM = "\ufeff"
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_IN_XML = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_WIDEST = 48
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in the reader's language, what its cells are, and a note on what they mean.

    `fen` are integers, `count` whole numbers.
    """

    title: str
    kind: Kind = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be written. `rows` are read once; `count` is how many there are. `total` is the last line, or None.

    A cell is what its column's kind says, or None for an empty one.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    count: int
    total: Sequence[Any] | None = None
    notes_name: str = ""
    """What a workbook calls its second sheet, which tells the notes of the columns; without a name there is none."""


def csv_lines(table: Table) -> Iterator[bytes]:
    """The table as UTF-8 with BOM, CRLF, in pieces. Raises `ExportTooLarge` before the first piece."""
    if table.count > MOST_CSV:
        raise ExportTooLarge(table.count, MOST_CSV, "CSV")
    return _csv(table)


def _csv(table: Table) -> Iterator[bytes]:
    held = [_BOM + _line([_quoted(column.title) for column in table.columns])]
    kinds = [column.kind for column in table.columns]
    for row in _rows(table):
        held.append(_line([_csv_cell(kind, cell) for kind, cell in zip(kinds, row, strict=True)]))
        if len(held) >= _CHUNK:
            yield "".join(held).encode()
            held = []
    yield "".join(held).encode()


def xlsx_bytes(table: Table) -> bytes:
    """The table as a workbook, its first line kept in view; a second sheet tells the columns' notes. Raises `ExportTooLarge`."""
    if table.count > MOST_XLSX:
        raise ExportTooLarge(table.count, MOST_XLSX, "XLSX")
    held = BytesIO()
    book = xlsxwriter.Workbook(
        held, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_sheet_name(table.name))
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {
        "fen": book.add_format({"num_format": "#,##0.00"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "text": book.add_format(),
    }
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, min(_WIDEST, max(12, 2 * len(column.title) + 2)))
        sheet.write_string(0, place, column.title, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(_rows(table), 1):
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if cell is not None:
                _WRITERS[column.kind](sheet, number, place, cell, formats[column.kind])
    if table.notes_name:
        _write_notes(book.add_worksheet(_sheet_name(table.notes_name)), table.columns, bold)
    book.close()
    return held.getvalue()


def _write_notes(sheet: Any, columns: Sequence[Column], bold: Any) -> None:
    """One line for each column: its title, and what it means."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, column in enumerate(columns):
        sheet.write_string(number, 0, column.title, bold)
        sheet.write_string(number, 1, column.note)


def _rows(table: Table) -> Iterator[Sequence[Any]]:
    yield from table.rows
    if table.total is not None:
        yield table.total


def _line(cells: Sequence[str]) -> str:
    return ",".join(cells) + "\r\n"


def _csv_cell(kind: Kind, cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):  # also where a line of sums says what it is
        return _quoted(cell)
    if kind == "fen":
        return yuan(cell)
    if kind == "instant":
        return local(cell).strftime("%Y-%m-%d %H:%M")
    return cell.isoformat() if kind == "date" else str(cell)


def _quoted(text: str) -> str:
    kept = text.replace("\0", "")
    if kept.startswith(_ACTIVE):
        kept = f"'{kept}"
    return f'"{kept.replace(chr(34), chr(34) * 2)}"' if any(c in kept for c in ',"\r\n') else kept


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals and no separators: −5 → `-0.05`."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def local(at: datetime) -> datetime:
    """The instant as a clock in Shanghai shows it, without its zone."""
    return at.astimezone(SHANGHAI).replace(tzinfo=None)


def _sheet_name(name: str) -> str:
    kept = "".join(" " if c in "[]:*?/\\'" else c for c in name)
    return kept.strip()[:31] or "Sheet"


_Write = Callable[[Any, int, int, Any, Any], Any]


def _write_text(sheet: Any, row: int, place: int, cell: Any, style: Any) -> None:
    sheet.write_string(row, place, str(cell).translate(_NOT_IN_XML)[:32_767], style)


def _write_fen(sheet: Any, row: int, place: int, cell: Any, style: Any) -> None:
    # fifteen digits are exact in a cell: ten trillion yuan
    sheet.write_number(row, place, cell / 100, style)


def _write_count(sheet: Any, row: int, place: int, cell: Any, style: Any) -> None:
    sheet.write_number(row, place, cell, style)


def _write_day(sheet: Any, row: int, place: int, cell: date, style: Any) -> None:
    held = local(cell) if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    sheet.write_datetime(row, place, held, style)


def _or_text(write: _Write) -> _Write:
    def either(sheet: Any, row: int, place: int, cell: Any, style: Any) -> None:
        (_write_text if isinstance(cell, str) else write)(sheet, row, place, cell, style)

    return either


_WRITERS: dict[str, _Write] = {
    "text": _write_text,
    "fen": _or_text(_write_fen),
    "count": _or_text(_write_count),
    "date": _or_text(_write_day),
    "instant": _or_text(_write_day),
}
