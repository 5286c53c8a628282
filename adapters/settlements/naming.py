"""Identities that follow from content, for dialects that give none."""

from __future__ import annotations

import hashlib


def digest(*parts: str | bytes) -> str:
    """32 hexadecimal characters; the same parts give the same name."""
    held = hashlib.sha256()
    for part in parts:
        held.update(part if isinstance(part, bytes) else part.encode())
        held.update(b"\n")
    return held.hexdigest()[:32]
