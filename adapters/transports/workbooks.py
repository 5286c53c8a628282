"""XLSX workbooks from outside: the parts are weighed and searched for DTDs before a spreadsheet library sees them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import openpyxl

from adapters.contract import Limits
from adapters.errors import AdapterError, Malformed
from adapters.transports.archives import open_archive
from adapters.transports.guards import Deadline, over
from adapters.transports.pacing import Pacing
from adapters.transports.xml_trees import refuse_dtd

_HEAD = 65_536
_BLOCK = 500  # rows between two looks at the clock
_SAFE_INTEGER = 2**53
_WHOLE_SHARE = (
    8  # the library reads every part but the sheets as a whole: an eighth of the cap for each of them
)
_BLANK_RUN = 5_000  # empty rows in a row after which a sheet is over; stray formats reach to row 1,048,576


def read_workbook(
    content: bytes, filename: str, sheet: str | int, limits: Limits, pacing: Pacing
) -> Iterator[list[Any]]:
    """The rows of one sheet as lists of text, numbers and truth values; trailing empty cells cut off.

    Raises `Malformed` (also for a sheet that is not there) and `LimitExceeded`.
    """
    _inspect(content, filename, limits)
    deadline = Deadline(limits.parse_seconds, pacing)
    with _understood(filename):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        rows = _rows(_find_sheet(book, sheet, filename), limits)
    try:
        while True:
            deadline.check()
            with _understood(filename):
                block = list(islice(rows, _BLOCK))
            if not block:
                return
            yield from block
    finally:
        book.close()


@contextmanager
def _understood(filename: str) -> Iterator[None]:
    """Quiet about styles and odd dates, and every other exception means that this is no workbook.

    Never held open across a `yield`: the filter of warnings is the whole process's.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except AdapterError:
        raise
    except Exception as error:  # the library meets hostile input here and raises of every kind
        raise Malformed(
            f"{filename} 读不成 XLSX 工作簿；请用表格软件另存为 .xlsx 后再传",
            f"{filename} cannot be read as an XLSX workbook; save it again as .xlsx and upload it",
        ) from error


def _inspect(content: bytes, filename: str, limits: Limits) -> None:
    """Refuse bombs, DTDs and what is no workbook."""
    with open_archive(content, limits, filename) as archive:
        names = archive.names()
        if "[Content_Types].xml" not in names:
            raise Malformed(f"{filename} 不是 XLSX 工作簿", f"{filename} is no XLSX workbook")
        whole = limits.expanded_bytes // _WHOLE_SHARE
        for name in names:
            if not name.startswith("xl/worksheets/") and archive.size(name) > whole:
                raise over(f"{name} 的字节数", f"bytes in {name}", whole)
            if name.lower().endswith((".xml", ".rels", ".vml")):
                refuse_dtd(archive.read_head(name, _HEAD))


def _find_sheet(book: Any, sheet: str | int, filename: str) -> Any:
    names = book.sheetnames
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        return book[names[sheet - 1]]
    if isinstance(sheet, str) and sheet in names:
        return book[sheet]
    words = "、".join(names)
    raise Malformed(
        f"{filename} 中没有工作表 {sheet}（有：{words}）",
        f"{filename} has no sheet {sheet} (there are: {words})",
    )


def _rows(sheet: Any, limits: Limits) -> Iterator[list[Any]]:
    # The declared dimension may be a lie in both directions; without it every row is as wide as its cells.
    sheet.reset_dimensions()
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns + 1, values_only=True), 1):
        if number > limits.rows:
            raise over("行数", "rows", limits.rows)
        row = [_value(cell) for cell in cells]
        while row and row[-1] is None:
            row.pop()
        if len(row) > limits.columns:
            raise over("列数", "columns", limits.columns)
        blank = 0 if row else blank + 1
        if blank > _BLANK_RUN:
            return
        yield row


def _value(cell: Any) -> Any:
    """A cell as JSON knows it: dates as YYYY-MM-DD, empty text as null."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, datetime):
        is_date = cell.time() == time(0)
        return cell.date().isoformat() if is_date else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, int):
        return cell if abs(cell) < _SAFE_INTEGER else str(cell)
    if isinstance(cell, float):
        is_whole = cell.is_integer() and abs(cell) < _SAFE_INTEGER
        return int(cell) if is_whole else cell if cell - cell == 0.0 else None
    return str(cell)
