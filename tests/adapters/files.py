"""Files for the transports' tests: CSV, ZIP and XLSX made on the spot, whole or spoilt."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

from adapters.contract import NativePage
from tests.adapters.platforms import site, transport

CSV = {"kind": "file_upload", "format": "csv", "size": 3}
XLSX = {"kind": "file_upload", "format": "xlsx"}


def upload(
    content: bytes, options: dict[str, Any] = CSV, filename: str = "表.csv", **more: Any
) -> list[NativePage]:
    return list(transport(options, site(**more)).parse(content, filename))


def table(count: int, first: int = 0) -> bytes:
    lines = [f'{n},"仪器，{n}号",{n}.5' for n in range(first, first + count)]
    return "\r\n".join(["id,名称,原值(万元)", *lines, ""]).encode("gb18030")


def packed(members: dict[str, bytes], *, sums: bool = True, broken: bool = False) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if sums:
            lines = [
                f"{hashlib.sha256(content + (b'!' if broken else b'')).hexdigest()}  {name}"
                for name, content in members.items()
            ]
            archive.writestr("SHA256SUMS", "\n".join(lines) + "\n")
    return held.getvalue()


def workbook(rows: list[list[Any]], sheet: str = "仪器设备") -> bytes:
    held = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(held)
    return held.getvalue()


def part_changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return held.getvalue()
