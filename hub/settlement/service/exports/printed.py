"""A table as a printed page: the same cells as on the screen, with a font that is named and a text that comes back whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.settlement.errors import ExportTooLarge
from hub.settlement.printing import render_pdf
from hub.settlement.service.exports.tables import Column, Table, local, yuan

MOST_PDF = 1_000
"""Rows of one printed table: about forty pages."""

_WIDE = 6


def pdf_bytes(
    table: Table, fonts: Path, *, subtitle: str, notes: Sequence[str] = (), foot: Sequence[str] = ()
) -> bytes:
    """The table as PDF. Raises `ExportTooLarge`, and `PdfIncomplete` where a text would be lost: nothing is issued then."""
    if table.count > MOST_PDF:
        raise ExportTooLarge(table.count, MOST_PDF, "PDF")
    rows = [*table.rows, *([] if table.total is None else [table.total])]
    kinds = [column.kind for column in table.columns]
    data = {
        "title": table.name,
        "subtitle": subtitle,
        "notes": list(notes),
        "foot": list(foot),
        "is_wide": len(kinds) > _WIDE,
        "head": [column.title for column in table.columns],
        "rows": [
            [printed(column, cell) for column, cell in zip(table.columns, row, strict=True)] for row in rows
        ],
        "right": [{"place": place} for place, kind in enumerate(kinds) if kind in ("fen", "count")],
    }
    return render_pdf("table", data, fonts)


def printed(column: Column, cell: Any) -> str:
    """A cell as it is read on paper: amounts with two decimals and separators."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if column.kind == "fen":
        whole, _, rest = yuan(abs(cell)).partition(".")
        return f"{'-' if cell < 0 else ''}{int(whole):,}.{rest}"
    if column.kind == "count":
        return f"{cell:,}"
    if column.kind == "instant":
        return f"{local(cell):%Y-%m-%d %H:%M}"
    return str(cell)
