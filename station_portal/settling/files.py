"""A list of a page as a file: the same rows and totals as on the screen, as CSV, XLSX, or PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from fastapi import Response
from starlette.responses import StreamingResponse

from hub.core.clock import SHANGHAI
from hub.settlement.errors import PdfIncomplete
from hub.settlement.service.exports import (
    MOST_CSV,
    MOST_PDF,
    MOST_XLSX,
    Table,
    csv_lines,
    pdf_bytes,
    printed,
    xlsx_bytes,
)
from station_portal.frame import Frame

FORMATS = ("csv", "xlsx", "pdf")

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "beancount": "text/plain; charset=utf-8",
}


def table_answer(frame: Frame, table: Table, wanted: str, name: str, *, about: str) -> Response:
    """The table as a download. `about` says in a line what the rows were chosen by; a PDF carries it.

    `wanted` is one of `FORMATS`. A PDF that would lose a text is not issued: the answer is the page to print, which says why. Raises `ExportTooLarge`.
    """
    if wanted == "csv":
        return streamed(csv_lines(table), "csv", name)
    if wanted == "xlsx":
        return download(xlsx_bytes(table), "xlsx", name)
    made = f"{frame.now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    language = frame.language
    notes = [language("演示环境：合成数据。")] if frame.runtime.is_demo else []
    foot = [language("江仪汇 · 导出于 %(at)s（北京时间）", at=made)]
    kept = replace(table, rows=list(table.rows)) if table.count <= MOST_PDF else table
    try:
        content = pdf_bytes(kept, frame.runtime.fonts, subtitle=about, notes=notes, foot=foot)
    except PdfIncomplete as lost:
        return _print_page(frame, kept, about, foot, language.pick(lost.zh, lost.en))
    return download(content, "pdf", name)


def _print_page(frame: Frame, table: Table, about: str, foot: Sequence[str], why: str) -> Response:
    """The same table to be printed by the browser."""
    rows = [*table.rows, *([] if table.total is None else [table.total])]
    context = {
        "table": table,
        "about": about,
        "foot": foot,
        "why": why,
        "rows": [
            [printed(column, cell) for column, cell in zip(table.columns, row, strict=True)] for row in rows
        ],
    }
    return frame.page("settling_print.html", context)


def download(content: bytes, kind: str, name: str) -> Response:
    """Bytes as a file to keep."""
    return Response(content, media_type=_TYPES[kind], headers=_headers(kind, name))


def streamed(pieces: Iterator[bytes], kind: str, name: str) -> Response:
    """A file whose end need not be there when its beginning leaves."""
    return StreamingResponse(pieces, media_type=_TYPES[kind], headers=_headers(kind, name))


def links(address: Callable[..., str]) -> Sequence[tuple[str, str]]:
    """The ways a list leaves, as (words, address); `address` takes `format`."""
    return [
        (words, address(format=wanted))
        for words, wanted in (("XLSX", "xlsx"), ("CSV", "csv"), ("PDF", "pdf"))
    ]


def bounds() -> dict[str, int]:
    """How many rows each format takes, for the page to say."""
    return {"csv": MOST_CSV, "xlsx": MOST_XLSX, "pdf": MOST_PDF}


def _headers(kind: str, name: str) -> dict[str, str]:
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "-" for sign in name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}.{kind}\"; filename*=UTF-8''{quote(name)}.{kind}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
