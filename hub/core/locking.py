"""One process at a time per folder."""

import fcntl
from pathlib import Path
from typing import IO


class FolderInUse(RuntimeError):
    """Another process holds the folder."""


def lock_folder(folder: Path, name: str) -> IO[bytes]:
    """Hold `folder` until the returned file is closed or the process ends. Raises `FolderInUse`."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / f"{name}.lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise FolderInUse(str(folder)) from None
    return held
