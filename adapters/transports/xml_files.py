"""XML files harvested by URL: a platform file names the files that hold the records.

The family is the whole file: every read is a full one. A resume goes on inside the same file only while the file is
still the same, told by its SHA-256; otherwise it starts that file again.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import orjson

from adapters.contract import NativePage
from adapters.errors import LimitExceeded, LoopDetected, Malformed
from adapters.options import Options
from adapters.transports.calls import Caller
from adapters.transports.cursors import read_cursor, state_count, state_text, write_cursor
from adapters.transports.guards import Deadline, RunGuard, over
from adapters.transports.records import Piece, RecordMaker, broken, in_pages, page
from adapters.transports.site import Site
from adapters.transports.xml_trees import local_name, parse_tree, raw_bytes, stream_elements, to_object

_IN_MEMORY = 4_000_000
_MAX_FILES = 2_000


@dataclass(frozen=True, slots=True)
class _File:
    """One file of records, the simple facts beside its name in the platform file, and that file's digest."""

    path: str
    facts: Mapping[str, str]
    named_in: str | None


@dataclass(frozen=True, slots=True)
class _Stand:
    """File number, records of it already given, and the digest of the file they came from."""

    file: int
    done: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class XmlFiles:
    """One kind of record out of the files that a platform file names."""

    site: Site
    maker: RecordMaker
    platform: str
    file: str | None
    record: str
    root: str | None
    size: int

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"whole_file"})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`."""
        state = {} if cursor is None else read_cursor("xml", cursor)
        if state.get("end") is True:
            yield page((), (), str(cursor), is_last=True, is_full=False)
            return
        stand = _Stand(state_count(state, "file"), state_count(state, "done"), state_text(state, "digest"))
        guard = self.site.guard()
        with self.site.caller() as caller:
            files = self._files(caller)
            for number in range(stand.file, len(files)):
                at = stand if number == stand.file else _Stand(number, 0, None)
                yield from self._read(caller, files[number], at, guard, is_final=number == len(files) - 1)

    def _files(self, caller: Caller) -> list[_File]:
        """The files of this resource, in the order of the platform file."""
        if self.file is None:
            return [_File(self.platform, {}, None)]
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
            size = caller.download(self.platform, held)
            if size > self.site.limits.page_bytes:
                raise over("平台文件字节数", "bytes in the platform file", self.site.limits.page_bytes)
            named_in = _digest(held)
            held.seek(0)
            root = parse_tree(held.read())
        found = [
            _File(path, self._facts(element), named_in)
            for element in root.iter()
            if isinstance(element.tag, str)
            and local_name(element) == self.file
            and (path := (element.text or "").strip())
        ]
        if not found:
            raise Malformed(f"平台文件中没有 {self.file}", f"the platform file names no {self.file}")
        if len(found) > _MAX_FILES:
            raise over("文件数", "files", _MAX_FILES)
        return found

    def _facts(self, element: Any) -> Mapping[str, str]:
        beside = [other for other in element.getparent() if isinstance(other.tag, str) and len(other) == 0]
        return {
            local_name(other): (other.text or "").strip()
            for other in beside
            if local_name(other) != self.file
        }

    def _read(
        self, caller: Caller, file: _File, stand: _Stand, guard: RunGuard, *, is_final: bool
    ) -> Iterator[NativePage]:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
            received = caller.download(file.path, held)
            digest = _digest(held)
            if digest == file.named_in:
                raise LoopDetected(
                    f"{file.path} 给出的还是平台文件", f"{file.path} gave the platform file again"
                )
            done = stand.done if digest == stand.digest else 0
            pieces = _skip(self._pieces(held, file), done)
            for records, damaged, ends in in_pages(pieces, self.size):
                guard.count_cost(received)
                received = 0
                done += len(records) + len(damaged)
                is_last = ends and is_final
                following = (stand.file + 1, 0, None) if ends else (stand.file, done, digest)
                cursor = write_cursor(
                    "xml", file=following[0], done=following[1], digest=following[2], end=is_last
                )
                yield page(records, damaged, cursor, is_last=is_last, is_full=True)

    def _pieces(self, held: IO[bytes], file: _File) -> Iterator[Piece]:
        deadline = Deadline(self.site.limits.parse_seconds, self.site.pacing)
        facts = b"\n" + orjson.dumps(dict(file.facts), option=orjson.OPT_SORT_KEYS) if file.facts else b""
        for number, element in enumerate(stream_elements(held, self.record, self.root), 1):
            position = f"{file.path} #{number}"
            if number > self.site.limits.rows:
                raise over("记录数", "records in a file", self.site.limits.rows)
            if number % 200 == 0:
                deadline.check()
            raw = raw_bytes(element) + facts
            try:
                body = to_object(element, self.site.limits.depth)
            except LimitExceeded:
                yield broken(position, raw, "too-deep", "嵌套太深", "is nested too deeply")
                continue
            if isinstance(body, dict) and file.facts:
                body["_platform"] = dict(file.facts)
            yield self.maker.make(body, position, raw)


def _digest(held: IO[bytes]) -> str:
    held.seek(0)
    digest = hashlib.sha256()
    while chunk := held.read(1_000_000):
        digest.update(chunk)
    return digest.hexdigest()


def _skip(pieces: Iterator[Piece], count: int) -> Iterator[Piece]:
    for _ in range(count):
        next(pieces, None)
    return pieces


def build_xml_files(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> XmlFiles:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options = Options(written, path)
    options.text("kind")
    transport = XmlFiles(
        site=site,
        maker=maker,
        platform=options.text("platform"),
        file=options.text("file") if "file" in options else None,
        record=options.text("record"),
        root=options.text("root") if "root" in options else None,
        size=options.integer("size", 500, least=1),
    )
    options.finish()
    return transport
