"""Files that prove what was used: kept once under their own hash below HUB_HOME, judged by their bytes, never changed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hub.core.private_files import write_private
from hub.settlement.errors.evidence import EvidenceGone, EvidenceInvalid

MOST_BYTES = 10_000_000
"""Bytes of one file."""

_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_LOG = "text/plain"
_MARKS = frozenset(b"\t\n\r\f")
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", _LOG: "txt"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is safely on disk: SHA-256 in hexadecimal, size in bytes, type by its bytes, its name as it was sent."""

    sha256: str
    size: int
    media_type: str
    filename: str


def keep(home: Path, filename: str, content: bytes) -> Kept:
    """Keep a photo, a PDF or a log; the same content again is kept once. Raises `EvidenceInvalid`."""
    if not content:
        raise EvidenceInvalid("文件是空的。", "The file is empty.")
    if len(content) > MOST_BYTES:
        raise EvidenceInvalid("每份证据不能超过 10 MB。", "A file has 10 MB at most.", status=413)
    media_type = type_of(content)
    if media_type is None:
        raise EvidenceInvalid(
            "证据须为照片（JPEG、PNG）、PDF 或文本日志。", "A file is a picture (JPEG, PNG), a PDF or a log in plain text."
        )  # fmt: skip
    shown = "".join(sign for sign in filename if sign.isprintable() and sign not in '<>"|*?:\\/').strip(" .")
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(home, sha256)
    if not path.exists():
        write_private(path, content)
    return Kept(sha256, len(content), media_type, shown[-100:] or f"evidence.{ENDINGS[media_type]}")


def read(home: Path, sha256: str) -> bytes:
    """The file as it was kept. Raises `EvidenceGone` when it is lost or is not what was kept."""
    path = path_of(home, sha256)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EvidenceGone
    return content


def drop(home: Path, sha256: str) -> None:
    """Forget the file. Safe to repeat."""
    path_of(home, sha256).unlink(missing_ok=True)


def path_of(home: Path, sha256: str) -> Path:
    """Where the file with this hash lies."""
    return home / "settlement" / "evidence" / sha256[:2] / sha256


def type_of(content: bytes) -> str | None:
    """What the bytes are, whatever the file is called; None for anything that is not kept."""
    found = next((kind for start, kind in _KINDS if content.startswith(start)), None)
    return found or (_LOG if _is_log(content) else None)


def _is_log(content: bytes) -> bool:
    """Plain text in UTF-8 or GB 18030 without control characters: nothing that is run or drawn by opening it."""
    if any(byte < 32 and byte not in _MARKS for byte in set(content)) or content.lstrip()[:1] == b"<":
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
