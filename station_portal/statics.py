"""The built front-end files: their names by manifest, and how they are served.

A file's name carries its content's hash, so it may be kept by browsers for a year. When nothing has been built the
portal still answers; its pages then say which command builds the assets.
"""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST = Path(__file__).resolve().parent / "static" / "dist"
BUILD_COMMAND = "python -m station_portal.assets"


@dataclass(frozen=True, slots=True)
class Assets:
    """Built files by the names the templates use."""

    files: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = DIST) -> Assets:
        """Reads the manifest; without one (or with a broken one) nothing is built."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text())
            return cls({name: entry["file"] for name, entry in manifest.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls({})

    @property
    def is_built(self) -> bool:
        return bool(self.files)

    def url(self, name: str) -> str:
        """Path of a built file; empty when it was not built."""
        file = self.files.get(name)
        return f"/static/{file}" if file else ""


class HashedFiles(StaticFiles):
    """Serves `static/dist`: for ever, and packed for browsers that take gzip."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        path = Path(full_path)
        packed = path.with_name(f"{path.name}.gz")
        accepts = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
        if "gzip" in accepts and packed.exists():
            kind = mimetypes.guess_type(path.name)[0]
            response: Response = FileResponse(packed, media_type=kind, headers={"Content-Encoding": "gzip"})
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
