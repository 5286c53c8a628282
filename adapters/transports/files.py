"""Whole files: dropped into a folder, fetched from one address, or uploaded by a person."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from adapters.contract import NativePage
from adapters.errors import Malformed, Unreachable, Unsupported
from adapters.options import Options, fault
from adapters.transports.archives import check_sum, read_checksums
from adapters.transports.content import Content, compile_content
from adapters.transports.cursors import read_cursor, state_count, state_text, write_cursor
from adapters.transports.guards import RunGuard, over
from adapters.transports.records import RecordMaker, in_pages, page
from adapters.transports.site import Site

_IN_MEMORY = 4_000_000
_MAX_LIST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Pages:
    """A file's records in pages, with a cursor that names file, digest and how far the read has come."""

    content: Content
    size: int

    def read(
        self,
        content: bytes,
        name: str,
        state: Mapping[str, Any],
        guard: RunGuard,
        *,
        is_full: bool,
        is_final: bool,
    ) -> Iterator[NativePage]:
        digest = hashlib.sha256(content).hexdigest()
        same = state_text(state, "digest") == digest and state_text(state, "file") == name
        done = state_count(state, "done") if same else 0
        pieces = self.content.pieces(content, name)
        for _ in range(done):
            next(pieces, None)
        size = len(content)
        for records, damaged, ends in in_pages(pieces, self.size):
            guard.count_cost(size)
            size = 0
            done += len(records) + len(damaged)
            if ends:
                cursor = write_cursor("file", after=name)
            else:
                cursor = write_cursor(
                    "file", file=name, digest=digest, done=done, after=state_text(state, "after")
                )
            yield page(records, damaged, cursor, is_last=ends and is_final, is_full=is_full)


@dataclass(frozen=True, slots=True)
class FileDrop:
    """Files in the connection's folder whose names rise with time.

    A file is complete when its checksum list is there; until then it is not listed. With `snapshot` only the newest
    complete file counts; otherwise all that are not done yet, in name order.
    """

    site: Site
    pages_of: _Pages
    pattern: str
    beside: str | None
    snapshot: bool

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"whole_file"})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`. Nothing new gives one empty page that is not full."""
        state = {} if cursor is None else read_cursor("file", cursor)
        files = self.waiting(state_text(state, "after"))
        resumed = state_text(state, "file")
        if self.snapshot:
            # A newer snapshot replaces one that was being read: absence is told by the newest alone.
            files = files[-1:]
        if not files:
            yield page((), (), cursor or write_cursor("file"), is_last=True, is_full=False)
            return
        guard = self.site.guard()
        for number, path in enumerate(files):
            own = (
                state
                if path.name == resumed
                else {"after": files[number - 1].name if number else state.get("after")}
            )
            yield from self.pages_of.read(
                self._content(path),
                path.name,
                own,
                guard,
                is_full=self.snapshot,
                is_final=number == len(files) - 1,
            )

    def parse(self, content: bytes, filename: str) -> Iterator[NativePage]:
        """A dropped file's content handed in directly. See `Parses.parse`."""
        return self.pages_of.read(
            content, filename, {}, self.site.guard(), is_full=self.snapshot, is_final=True
        )

    def waiting(self, after: str | None) -> list[Path]:
        """Complete files not yet done, in name order. Raises `Unreachable` when the folder is not there."""
        folder = self.site.folder
        if folder is None:
            raise Unsupported("此省没有配置交换文件夹", "no drop folder is configured for this province")
        try:
            names = sorted(entry.name for entry in folder.iterdir() if fnmatchcase(entry.name, self.pattern))
        except OSError as error:
            raise Unreachable("交换文件夹无法读取", "the drop folder cannot be read") from error
        return [
            folder / name
            for name in names
            if (after is None or name > after) and self._is_complete(folder / name)
        ]

    def _is_complete(self, path: Path) -> bool:
        if path.is_symlink() or not path.is_file():
            return False
        return self.beside is None or self._list_of(path).is_file()

    def _list_of(self, path: Path) -> Path:
        return path.with_name(str(self.beside).replace("{name}", path.name).replace("{stem}", path.stem))

    def _content(self, path: Path) -> bytes:
        most = self.site.limits.file_bytes
        try:
            if path.stat().st_size > most:
                raise over("文件字节数", "bytes in the file", most)
            content = path.read_bytes()
            listed = self._list_of(path).read_bytes()[:_MAX_LIST_BYTES] if self.beside is not None else None
        except OSError as error:
            raise Unreachable(f"读不到 {path.name}", f"cannot read {path.name}") from error
        if listed is not None:
            check_sum(content, read_checksums(listed, self._list_of(path).name), path.name)
        return content


@dataclass(frozen=True, slots=True)
class FilePull:
    """One file at one address, whole each time."""

    site: Site
    pages_of: _Pages
    path: str

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"whole_file"})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`."""
        state = {} if cursor is None else read_cursor("file", cursor)
        name = self.path.rpartition("/")[2]
        with self.site.caller() as caller, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
            caller.download(self.path, held)
            held.seek(0)
            content = held.read()
        yield from self.pages_of.read(content, name, state, self.site.guard(), is_full=True, is_final=True)


@dataclass(frozen=True, slots=True)
class FileUpload:
    """Files a person uploads."""

    site: Site
    pages_of: _Pages
    snapshot: bool
    accepts: tuple[str, ...]

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"none", "whole_file"})

    def parse(self, content: bytes, filename: str) -> Iterator[NativePage]:
        """See `Parses.parse`."""
        if self.accepts and not filename.lower().endswith(self.accepts):
            words = "、".join(self.accepts)
            raise Malformed(
                f"只接受 {words} 文件，来的是 {filename}", f"only {words} files are taken, not {filename}"
            )
        return self.pages_of.read(
            content, filename, {}, self.site.guard(), is_full=self.snapshot, is_final=True
        )


def build_file_drop(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> FileDrop:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options, pages_of = _begin(written, path, site, maker)
    checksums = options.optional_section("checksums")
    beside = None
    if checksums is not None:
        if "beside" in checksums:
            beside = checksums.text("beside")
            if "{name}" not in beside and "{stem}" not in beside:
                raise fault(
                    f"{path}.checksums.beside", "应含 {name} 或 {stem}", "must hold {name} or {stem}", beside
                )
        checksums.raw("inside", None)
        checksums.finish()
    transport = FileDrop(site, pages_of, options.text("files"), beside, options.flag("snapshot", False))
    options.finish()
    return transport


def build_file_pull(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> FilePull:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options, pages_of = _begin(written, path, site, maker)
    transport = FilePull(site, pages_of, options.text("path"))
    options.finish()
    return transport


def build_file_upload(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> FileUpload:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options, pages_of = _begin(written, path, site, maker)
    accepts = tuple(ending.lower() for ending in options.texts("accepts", ()))
    transport = FileUpload(site, pages_of, options.flag("snapshot", False), accepts)
    options.finish()
    return transport


def _begin(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> tuple[Options, _Pages]:
    options = Options(written, path)
    options.text("kind")
    content = compile_content(options, site.limits, site.pacing, maker)
    return options, _Pages(content, options.integer("size", 500, least=1))
