"""Papers as a province's own signed files, and its result files read back: XLSX or CSV, in a folder or through the portal.

What leaves is written beside and renamed, its signature first, so that a file under its name is whole. What comes in
counts when its signature lies beside it; a file that was read goes to another folder after the page it gave was kept, so
a crash in between only means that it is read again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.bookings.fields import Compiler
from adapters.bookings.sheets import XLSX, SheetForm, workbook_of
from adapters.bookings.signatures import DetachedJws
from adapters.bookings.writing import Words, compile_object, compile_template
from adapters.contract import (
    Damaged,
    HandOver,
    PaperReceipt,
    Redemption,
    RedemptionPage,
    Seal,
    SettlementPaper,
    Sheet,
)
from adapters.errors import AdapterError, LimitExceeded, Malformed, Unsupported
from adapters.options import Options
from adapters.settlements.documents import members_of, paper_document
from adapters.settlements.naming import digest
from adapters.settlements.reading import REDEMPTION, RowReader, compile_row
from adapters.transports import Site
from adapters.transports.workbooks import read_workbook

CSV = "text/csv"
SIGNATURE = ".sig"
_MOST_FILES = 200
_MOST_SIGNATURE = 4_000
_HEADER_ROWS = 10
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class PaperFiles:
    """The province's forms. `out`, `taken`, `into` and `done` are folders below the connection's."""

    form: SheetForm
    format: str
    encoding: str
    name: Callable[[Any], str | None]
    out: str
    taken: str
    into: str
    done: str
    reader: RowReader
    required: tuple[str, ...]
    signature: DetachedJws

    def write(self, document: Mapping[str, Any], message: HandOver, seal: Seal | None) -> tuple[Sheet, ...]:
        """The file, and its detached signature when there is a key to sign with."""
        lines = document["paper"]["lines"] or [{}]
        rows = [self.form.columns({**document, "line": line}) for line in lines]
        filename = self.filename(document)
        content = workbook_of(self.form, rows) if self.format == "xlsx" else self._csv(rows)
        sheet = Sheet(filename, XLSX if self.format == "xlsx" else CSV, content)
        if seal is None:
            return (sheet,)
        signature = seal(content, members_of(message, self.signature.audience))
        return (sheet, Sheet(filename + SIGNATURE, "application/jose", signature.encode("ascii")))

    def filename(self, document: Mapping[str, Any]) -> str:
        """The file's name; the same paper keeps it."""
        return f"{self.name(document)}.{self.format}"

    def drop(
        self,
        folder: Path | None,
        sheets: tuple[Sheet, ...],
        paper: SettlementPaper,
        province: str,
        now: datetime,
    ) -> PaperReceipt:
        """Put the files into the province's folder. The same content again is harmless; other content is `mismatch`."""
        place = _below(folder, self.out)
        try:
            place.mkdir(parents=True, exist_ok=True)
            there = self._found(folder, sheets[0].filename)
            if there is None:
                for sheet in reversed(sheets):  # the signature first: a file under its name is whole
                    draft = place / f".{sheet.filename}.part"
                    draft.write_bytes(sheet.content)
                    draft.replace(place / sheet.filename)
            elif there.read_bytes() != sheets[0].content:
                return _receipt("mismatch", province, paper, sheets[0].filename, now)
        except OSError as error:
            raise Unsupported(
                f"交换文件夹不可写（{type(error).__name__}）；请检查接入配置",
                f"the exchange folder cannot be written ({type(error).__name__}); check the connection",
            ) from error
        return _receipt("received", province, paper, sheets[0].filename, now)

    def look(self, folder: Path | None, paper: SettlementPaper, province: str, now: datetime) -> PaperReceipt:
        """Whether the paper's file lies in the folder, or was taken from it."""
        filename = self.filename({"paper": paper_document(paper, {})})
        found = self._found(folder, filename)
        return _receipt("not_found" if found is None else "received", province, paper, filename, now)

    def results(self, site: Site, cursor: str | None) -> Iterator[RedemptionPage]:
        """Every result file that is complete, oldest name first, one page each."""
        del cursor  # what was read lies elsewhere
        place, done = _below(site.folder, self.into), _below(site.folder, self.done)
        waiting = sorted(place.glob(f"*.{self.format}")) if place.is_dir() else []
        for path in waiting[:_MOST_FILES]:
            beside = path.with_name(path.name + SIGNATURE)
            if not beside.is_file():
                continue
            yield self._page(site, path, beside)
            done.mkdir(parents=True, exist_ok=True)
            for read in (path, beside):
                read.replace(done / read.name)
        yield RedemptionPage((), "files", is_last=True)

    def _page(self, site: Site, path: Path, beside: Path) -> RedemptionPage:
        try:
            if path.stat().st_size > site.limits.file_bytes or beside.stat().st_size > _MOST_SIGNATURE:
                raise LimitExceeded("结果文件过大", "the result file is too large")
            signature = beside.read_text("ascii", errors="replace").strip()
            read = self.read(site, path.read_bytes(), path.name, signature)
        except AdapterError as error:
            damaged = Damaged(path.name, path.name.encode(), error.code, error.zh, error.en)
            return RedemptionPage((), "files", is_last=False, damaged=(damaged,))
        return RedemptionPage(read, "files", is_last=False)

    def read(
        self, site: Site, content: bytes, filename: str, signature: str | None
    ) -> tuple[Redemption, ...]:
        """The rows of a result file. Raises `SignatureInvalid`, `Malformed`, `LimitExceeded`."""
        if len(content) > site.limits.file_bytes:
            raise LimitExceeded("结果文件过大", "the result file is too large")
        if signature is not None:
            headers = {self.signature.header: signature}
            self.signature.verify(headers, content, site.credentials, site.pacing.now())
        rows = iter(self._rows(site, content, filename))
        columns = self._header(rows)
        read = []
        for row in rows:
            told = {name: row[place] for name, place in columns.items() if place < len(row)}
            if any(value not in (None, "") for value in told.values()):
                read.append(self.reader.redemption(told, is_signed=signature is not None))
        return tuple(read)

    def _rows(self, site: Site, content: bytes, filename: str) -> Iterator[list[Any]]:
        if self.format == "xlsx":
            return read_workbook(content, filename, 1, site.limits, site.pacing)
        try:
            text = content.decode(self.encoding)
            return iter(list(csv.reader(io.StringIO(text, newline=""), strict=True)))
        except (UnicodeDecodeError, csv.Error) as error:
            raise Malformed(
                f"{filename} 不是 {self.encoding} 编码的 CSV", f"{filename} is no CSV in {self.encoding}"
            ) from error

    def _header(self, rows: Iterator[list[Any]]) -> dict[str, int]:
        for _ in range(_HEADER_ROWS):
            row = [str(value or "").strip() for value in next(rows, [])]
            if set(self.required) <= set(row):
                return {name: row.index(name) for name in row if name}
        lacking = "、".join(self.required)
        raise Malformed(f"没有找到表头；应有列：{lacking}", f"no header row with the columns {lacking}")

    def _csv(self, rows: list[dict[str, Any]]) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        names = self.form.columns.names()
        writer.writerow(names)
        writer.writerows([[_plain(row.get(name)) for name in names] for row in rows])
        return out.getvalue().encode(self.encoding, errors="replace")

    def _found(self, folder: Path | None, filename: str) -> Path | None:
        places = (_below(folder, name) / filename for name in (self.out, self.taken))
        return next((path for path in places if path.is_file()), None)


def compile_files(options: Options, province: str, words: Words, compiler: Compiler) -> PaperFiles:
    """The `files` section. Raises `ManifestInvalid`."""
    results = options.section("results")
    files = PaperFiles(
        form=SheetForm(
            name=options.text("sheet"),
            title=None,
            columns=compile_object(options.mapping("columns"), f"{options.path}.columns", words),
        ),
        format=options.choice("format", ("xlsx", "csv")),
        encoding=options.text("encoding", "utf-8-sig"),
        name=compile_template(options.text("name"), f"{options.path}.name"),
        out=options.text("out"),
        taken=options.text("taken"),
        into=options.text("in"),
        done=options.text("done"),
        reader=compile_row(
            results.raw("redemption"), f"{results.path}.redemption", province, compiler, REDEMPTION
        ),
        required=results.texts("columns"),
        signature=DetachedJws(
            header=SIGNATURE,
            keys=results.text("keys"),
            audience=province,
            seconds=results.number("seconds", 604_800.0),
        ),
    )
    results.finish()
    options.finish()
    return files


def _below(folder: Path | None, name: str) -> Path:
    if folder is None:
        raise Unsupported("此省没有配置交换文件夹", "no exchange folder is configured for this province")
    return folder / name


def _plain(value: Any) -> Any:
    """A cell of CSV: a text that a spreadsheet would calculate carries a quote mark."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _receipt(kind: Any, province: str, paper: SettlementPaper, filename: str, now: datetime) -> PaperReceipt:
    return PaperReceipt(
        kind=kind,
        message_id=digest(province, "drop", kind, paper.id, filename),
        paper_id=paper.id,
        remote_id=filename,
        at=now,
        raw=f"{kind} {filename}".encode(),
    )
