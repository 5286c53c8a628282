"""The content of one file, whatever brought it: unpacked if it is a ZIP, checked against its checksums, read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import Limits
from adapters.errors import Malformed
from adapters.mapping.paths import compile_getter
from adapters.options import Options, fault
from adapters.transports.archives import Archive, check_sum, open_archive, read_checksums
from adapters.transports.guards import over
from adapters.transports.pacing import Pacing
from adapters.transports.records import Piece, RecordMaker, read_json, read_lines
from adapters.transports.tables import CsvStyle, TableShape, csv_rows, read_table
from adapters.transports.workbooks import read_workbook

FORMATS = ("csv", "xlsx", "ndjson", "json")


@dataclass(frozen=True, slots=True)
class Content:
    """How a resource's files are read."""

    format: str
    member: str | None
    checksums_inside: str | None
    style: CsvStyle
    sheet: str | int
    shape: TableShape
    records: Any
    limits: Limits
    pacing: Pacing
    maker: RecordMaker

    def pieces(self, content: bytes, filename: str) -> Iterator[Piece]:
        """Every record of a file and what is none, in order. Raises `Malformed` and `LimitExceeded`."""
        if len(content) > self.limits.file_bytes:
            raise over("文件字节数", "bytes in the file", self.limits.file_bytes)
        if self.member is None:
            yield from self._read(content, filename)
            return
        with open_archive(content, self.limits, filename) as archive:
            sums = self._sums(archive, filename)
            members = [name for name in archive.matching(self.member) if name != self.checksums_inside]
            if not members:
                raise Malformed(f"{filename} 中没有 {self.member}", f"{filename} holds no {self.member}")
            for name in members:
                unpacked = archive.read(name)
                if sums is not None:
                    check_sum(unpacked, sums, name)
                yield from self._read(unpacked, f"{filename}/{name}")

    def _sums(self, archive: Archive, filename: str) -> Mapping[str, str] | None:
        if self.checksums_inside is None:
            return None
        if self.checksums_inside not in archive.names():
            zh, en = "缺少校验和清单", "lacks the checksum list"
            raise Malformed(
                f"{filename} {zh} {self.checksums_inside}", f"{filename} {en} {self.checksums_inside}"
            )
        return read_checksums(archive.read(self.checksums_inside, 1_000_000), self.checksums_inside)

    def _read(self, content: bytes, where: str) -> Iterator[Piece]:
        if self.format == "csv":
            rows = csv_rows(content, self.style, where, self.limits, self.pacing)
            return read_table(rows, self.shape, where, self.limits, self.maker)
        if self.format == "xlsx":
            cells = read_workbook(content, where, self.sheet, self.limits, self.pacing)
            return read_table(enumerate(cells, 1), self.shape, where, self.limits, self.maker)
        if self.format == "ndjson":
            return self._made(read_lines(content, where), where)
        return self._made(self._listed(content, where), where)

    def _listed(self, content: bytes, where: str) -> list[Any]:
        found = self.records(read_json(content, where, where))
        if not isinstance(found, list):
            raise Malformed(f"{where} 中没有记录列表", f"{where} holds no list of records")
        return found

    def _made(self, bodies: Any, where: str) -> Iterator[Piece]:
        for number, body in enumerate(bodies, 1):
            if number > self.limits.rows:
                raise over("记录数", "records", self.limits.rows)
            yield (
                body
                if not isinstance(body, dict) and hasattr(body, "raw_hash")
                else self.maker.make(body, f"{where} #{number}")
            )


def compile_content(options: Options, limits: Limits, pacing: Pacing, maker: RecordMaker) -> Content:
    """The options of a transport that concern the content of its files. Raises `ManifestInvalid`."""
    encodings = options.texts("encoding", ("utf-8",))
    for name in encodings:
        try:
            codecs.lookup(name)
        except LookupError as error:
            raise fault(f"{options.path}.encoding", "没有这种编码", "is no encoding", name) from error
    delimiter = options.text("delimiter", ",")
    if len(delimiter) != 1:
        raise fault(f"{options.path}.delimiter", "应为一个字符", "must be one character", delimiter)
    sheet = options.raw("sheet", 1)
    if isinstance(sheet, bool) or not isinstance(sheet, str | int):
        raise fault(f"{options.path}.sheet", "应为名称或序号", "must be a name or a number", sheet)
    return Content(
        format=options.choice("format", FORMATS),
        member=options.text("member") if "member" in options else None,
        checksums_inside=_inside(options),
        style=CsvStyle(encodings, delimiter),
        sheet=sheet,
        shape=TableShape(
            header=options.integer("header", 1, least=1),
            skip=options.integer("skip", 0),
            required=options.texts("required", ()),
        ),
        records=compile_getter(options.raw("records", "@"), f"{options.path}.records"),
        limits=limits,
        pacing=pacing,
        maker=maker,
    )


def _inside(options: Options) -> str | None:
    section = options.optional_section("checksums")
    if section is None or "inside" not in section:
        return None
    if "member" not in options:
        raise fault(
            f"{options.path}.member", "ZIP 内校验和需要写 member", "is needed with checksums inside", None
        )
    return section.text("inside")
