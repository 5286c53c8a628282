"""ZIP archives from outside: counted and weighed before anything is unpacked. And lists of checksums."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase

from adapters.contract import Limits
from adapters.errors import Malformed
from adapters.transports.guards import over

_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_DIGEST = re.compile(
    r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9a-fA-F])"
)
_UTF8_FLAG = 0x800
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_MIN_WEIGHED = 100_000  # below this size the ratio says nothing


class Archive:
    """An opened archive whose entries have passed the limits; names are text whatever wrote them."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._entries = {_name(info): info for info in archive.infolist() if not info.is_dir()}

    def names(self) -> tuple[str, ...]:
        """Entries in name order."""
        return tuple(sorted(self._entries))

    def size(self, name: str) -> int:
        """Bytes an entry says it unpacks to."""
        return self._entries[name].file_size

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Entries whose name, or last part of it, fits the pattern."""
        return tuple(
            name
            for name in self.names()
            if fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)
        )

    def read(self, name: str, most: int | None = None) -> bytes:
        """One entry. Raises `LimitExceeded` beyond what the directory promised, `Malformed` when it is damaged."""
        info = self._entries[name]
        limit = self._limits.expanded_bytes if most is None else most
        try:
            with self._archive.open(info) as stream:
                content = stream.read(min(limit, info.file_size) + 1)
        except _BROKEN as error:
            raise Malformed(f"ZIP 中的 {name} 已损坏", f"{name} in the ZIP is damaged") from error
        if len(content) > limit:
            raise over("解压字节数", "bytes unpacked", limit)
        return content

    def read_head(self, name: str, size: int) -> bytes:
        """The first bytes of an entry."""
        try:
            with self._archive.open(self._entries[name]) as stream:
                return stream.read(size)
        except _BROKEN as error:
            raise Malformed(f"ZIP 中的 {name} 已损坏", f"{name} in the ZIP is damaged") from error


@contextmanager
def open_archive(content: bytes, limits: Limits, filename: str) -> Iterator[Archive]:
    """Weigh an archive by its directory, then open it. Raises `Malformed` or `LimitExceeded`."""
    if len(content) > limits.file_bytes:
        raise over("文件字节数", "bytes in the file", limits.file_bytes)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Malformed(
            f"{filename} 不是完整的 ZIP 文件；请重新生成或重新上传",
            f"{filename} is no complete ZIP file; make or upload it again",
        ) from error
    with archive:
        _weigh(archive, len(content), limits)
        yield Archive(archive, limits)


def _weigh(archive: zipfile.ZipFile, size: int, limits: Limits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise over("压缩包内文件数", "files in the archive", limits.entries)
    total = sum(info.file_size for info in entries)
    if total > limits.expanded_bytes:
        raise over("解压字节数", "bytes unpacked", limits.expanded_bytes)
    heavy = [info for info in entries if info.file_size > _MIN_WEIGHED]
    if any(info.file_size > limits.ratio * max(info.compress_size, 1) for info in heavy) or (
        total > _MIN_WEIGHED and total > limits.ratio * size
    ):
        raise over("压缩比", "times compressed", limits.ratio)
    for info in entries:
        if info.flag_bits & 0x1:
            raise Malformed(
                "压缩包有密码；请上传未加密的文件", "the archive is encrypted; upload it without a password"
            )
        parts = _name(info).replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise Malformed("压缩包内的文件名不安全", "a name in the archive is not safe")


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name. Without the UTF-8 flag, Chinese tools write GB18030 where the standard says cp437."""
    if info.flag_bits & _UTF8_FLAG or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def read_checksums(content: bytes, where: str) -> Mapping[str, str]:
    """A checksum list: `<hex digest> <name>` or `<name>,<hex digest>`, one a line. Raises `Malformed`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _DIGEST.search(line)
        name = "" if found is None else (line[: found.start()] + line[found.end() :]).strip(" \t,*;\"'")
        if found is None or not name:
            raise Malformed(f"{where} 第 {number} 行不是校验和", f"{where}, line {number} is no checksum")
        sums[name] = found.group().lower()
    return sums


def check_sum(content: bytes, sums: Mapping[str, str], name: str) -> None:
    """Raises `Malformed` when the list lacks the file or its content does not fit the sum."""
    expected = sums.get(name) or next((s for n, s in sums.items() if n.rpartition("/")[2] == name), None)
    if expected is None:
        raise Malformed(f"校验和清单中没有 {name}", f"the checksum list lacks {name}")
    digest = hashlib.new(_ALGORITHMS[len(expected)], content, usedforsecurity=False).hexdigest()
    if digest != expected:
        raise Malformed(
            f"{name} 的校验和不符；文件不完整或被改动，请重新生成",
            f"the checksum of {name} does not fit; the file is incomplete or changed, make it again",
        )
