"""Files as answers: always an attachment, kept by nobody."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response


def attachment(filename: str, media_type: str, content: bytes) -> Response:
    """A file to keep under its name; the name may be Chinese (RFC 6266)."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
