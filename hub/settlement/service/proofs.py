"""Papers that prove a payment: kept once under their own hash, looked at for what they are, never changed."""

import hashlib
from pathlib import Path

from hub.core.private_files import write_private
from hub.settlement.errors.proofs import ProofInvalid, ProofUnknown

MOST_BYTES = 5_000_000
_KINDS = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


def keep_proof(home: Path, content: bytes) -> str:
    """Keep the paper below HUB_HOME; its SHA-256. The same paper again is kept once. Raises `ProofInvalid`."""
    if len(content) > MOST_BYTES:
        raise ProofInvalid("凭证不能超过 5 MB。", "The proof has 5 MB at most.")
    if kind_of(content) is None:
        raise ProofInvalid("凭证须为 PDF、JPEG 或 PNG。", "The proof is a PDF, JPEG or PNG.")
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(home, sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, content)
    return sha256


def read_proof(home: Path, sha256: str) -> tuple[bytes, str]:
    """The paper and its kind (pdf, jpg, png). Raises `ProofUnknown` when it is gone or is not what was kept."""
    path = path_of(home, sha256)
    if not path.is_file():
        raise ProofUnknown
    content = path.read_bytes()
    kind = kind_of(content)
    if hashlib.sha256(content).hexdigest() != sha256 or kind is None:
        raise ProofUnknown
    return content, kind


def kind_of(content: bytes) -> str | None:
    """What the bytes are by how they begin; None for anything else."""
    return next((kind for start, kind in _KINDS if content.startswith(start)), None)


def path_of(home: Path, sha256: str) -> Path:
    """Where the paper with this hash lies."""
    return home / "settlement" / "proofs" / sha256[:2] / sha256
