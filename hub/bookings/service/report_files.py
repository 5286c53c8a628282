"""The bytes of reports: files named by their digest below one folder, written whole or not at all."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from hub.bookings.errors.reports import ReportInvalid, UploadOffset

MOST_WHOLE = 50 * 1024 * 1024
"""Bytes of a report that is sent in one request; larger ones come in pieces."""

MOST_BYTES = 2 * 1024 * 1024 * 1024
MOST_PIECE = 4 * 1024 * 1024
_CHUNK = 1024 * 1024

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is safely on disk: size in bytes, SHA-256 in hexadecimal, type by its first bytes."""

    size: int
    sha256: str
    media_type: str


def path_of(folder: Path, digest: str) -> Path:
    """Where the file with this digest lies."""
    return folder / digest[:2] / digest


def keep(folder: Path, chunks: Iterable[bytes], *, most: int) -> Kept:
    """Write a file; safe to repeat, equal content is one file. Raises `ReportInvalid`: empty, or more than `most`."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"part-{token_hex(8)}"
    try:
        kept = _write(half, chunks, most)
        _place(half, path_of(folder, kept.sha256))
    finally:
        half.unlink(missing_ok=True)
    return kept


def write_piece(folder: Path, upload_id: str, offset: int, piece: bytes) -> None:
    """Put a piece at its place; what lay behind it is cut off. Raises `UploadOffset` when earlier bytes are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = _pieces(folder, upload_id)
    path.touch()
    with path.open("r+b") as held:
        present = held.seek(0, os.SEEK_END)
        if present < offset:
            raise UploadOffset(present)
        held.seek(offset)
        held.truncate()
        held.write(piece)


def join_pieces(folder: Path, upload_id: str, size: int) -> Kept:
    """Make the pieces one file. Raises `UploadOffset` when bytes are missing."""
    path = _pieces(folder, upload_id)
    present = path.stat().st_size if path.exists() else 0
    if present < size:
        raise UploadOffset(present)
    with path.open("rb") as held:
        return keep(folder, iter(lambda: held.read(_CHUNK), b""), most=size)


def drop_pieces(folder: Path, upload_id: str) -> None:
    """Forget the pieces. Safe to repeat."""
    _pieces(folder, upload_id).unlink(missing_ok=True)


def _pieces(folder: Path, upload_id: str) -> Path:
    return folder / f"pieces-{upload_id}"


def _write(half: Path, chunks: Iterable[bytes], most: int) -> Kept:
    digest, size, head = sha256(), 0, b""
    with half.open("wb") as held:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise ReportInvalid(
                    "file",
                    f"文件超过 {most // 1_048_576} MB 上限。",
                    f"The file is larger than {most // 1_048_576} MB.",
                    413,
                )
            head = head or chunk[:16]
            digest.update(chunk)
            held.write(chunk)
        held.flush()
        os.fsync(held.fileno())
    if size == 0:
        raise ReportInvalid("file", "文件是空的。", "The file is empty.")
    kinds = (kind for signature, kind in _SIGNATURES if head.startswith(signature))
    return Kept(size, digest.hexdigest(), next(kinds, "application/octet-stream"))


def _place(half: Path, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    half.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
