"""What proves a use, as a province tells it: kinds and SHA-256 of files that stay there. A fault costs its piece alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import schemas
from adapters.bookings.fields import Compiler, Field, Notes
from adapters.contract import EvidenceFacts
from adapters.mapping.paths import Getter, compile_getter
from adapters.options import fault

MOST_PIECES = 50
"""As many as a usage of the specification holds."""
_MOST_NAME = 120
_PIECE = {"kind": "code", "name": "text", "sha256": "name"}
_SHA256 = re.compile("[0-9a-f]{64}")
_POINTER = "/usage/evidence"


@dataclass(frozen=True, slots=True)
class ProofReader:
    """The compiled rules of `usage.evidence`; without `rows` the answer itself tells one piece."""

    rows: Getter | None
    fields: Mapping[str, Field]

    def __call__(self, body: Any, notes: Notes) -> Iterator[EvidenceFacts]:
        """Each piece with a kind and a hash, a hash once; what is wrong with the others stands in the notes."""
        found = [body] if self.rows is None else self.rows(body)
        if found is None:
            return
        if not isinstance(found, list):
            notes.add(_POINTER, "wrong-type", "使用证据应为列表", "the evidence of use should be a list")
            return
        if len(found) > MOST_PIECES:
            zh, en = f"使用证据超过 {MOST_PIECES} 项", f"there are more than {MOST_PIECES} pieces of evidence"
            notes.add(_POINTER, "out-of-range", zh, en, len(found))
        told = set()
        for row in found[:MOST_PIECES]:
            piece = self._piece(row, notes)
            if piece is not None and piece.sha256 not in told:
                told.add(piece.sha256)
                yield piece

    def _piece(self, row: Any, notes: Notes) -> EvidenceFacts | None:
        digest = self.fields["sha256"](row, notes) if isinstance(row, dict) else None
        if digest is None and self.rows is None:
            return None  # the dialect has a place for one, and nothing stands there
        kind = self.fields["kind"](row, notes) if isinstance(row, dict) else None
        sha256 = (digest or "").lower()
        if not _SHA256.fullmatch(sha256):
            zh, en = (
                "使用证据没有 64 位十六进制的 SHA-256",
                "evidence without a SHA-256 of 64 hexadecimal digits",
            )
            notes.add(_POINTER, "wrong-type", zh, en, digest)
            return None
        if kind is None:  # a code without an entry is in the notes
            return None
        name = self.fields["name"](row, notes) if "name" in self.fields else None
        return EvidenceFacts(kind, sha256, " ".join((name or "").split())[:_MOST_NAME].strip())


def compile_proofs(written: Any, path: str, compiler: Compiler) -> ProofReader:
    """The rules of one `evidence`: `kind` (a table, or always the same), `sha256`, perhaps `name`. Raises `ManifestInvalid`."""
    if not isinstance(written, Mapping):
        raise fault(path, "应为键值对", "must be a mapping", written)
    rows = compile_getter(written["rows"], f"{path}.rows") if "rows" in written else None
    pieces = {name: rule for name, rule in written.items() if name != "rows"}
    fields = compiler.fields(pieces, path, _POINTER, _PIECE)
    missing = sorted({"kind", "sha256"} - set(fields))
    if missing:
        raise fault(path, f"缺少 {' · '.join(missing)}", f"needs {' · '.join(missing)}", None)
    kind = pieces["kind"]
    constant = kind.get("const") if isinstance(kind, Mapping) else None
    if constant is None and not (isinstance(kind, Mapping) and "table" in kind):
        raise fault(f"{path}.kind", "要用 table 对照", "needs a table", kind)
    if constant is not None and constant not in schemas.codes("usage_evidence"):
        raise fault(f"{path}.kind", "没有这种证据类型", "is no kind of evidence", constant)
    return ProofReader(rows, fields)
