"""Workbooks for tests: an honest one, and one that unpacks to far more than it weighs."""

import io
import zipfile
from typing import Any

import openpyxl


def workbook(rows: list[list[Any]]) -> bytes:
    """An XLSX file with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """An XLSX file whose sheet is a megabyte of the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 10_000_000)
    return out.getvalue()
