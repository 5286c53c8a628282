"""Files of secrets: readable by the hub's own account only, whole or not there at all."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write the file (mode 0600) in the place of what was there, in one step that survives a loss of power."""
    draft = _draft(path, content)
    draft.replace(path)


def create_private(path: Path, content: bytes) -> bool:
    """Write the file (mode 0600) unless there is one; whether it was made. Safe in several processes at once."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # of mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
