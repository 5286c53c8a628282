"""Files on disk that rows name by their hash: whether each is there and is what was kept. Reads only."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as its row names it: `row` says which row, `path` lies below HUB_HOME, the hash is in hexadecimal."""

    row: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file that is not there, or not what was kept."""

    file: KeptFile
    why: Literal["missing", "differs"]


def faults(home: Path, files: Iterable[KeptFile]) -> Iterator[FileFault]:
    """Every file that is missing or differs. Each content is read once, however many rows name it."""
    known: dict[Path, str | None] = {}
    for each in files:
        if each.path not in known:
            known[each.path] = digest(home / each.path)
        found = known[each.path]
        if found != each.sha256:
            yield FileFault(each, "missing" if found is None else "differs")


def digest(path: Path) -> str | None:
    """The file's SHA-256; None when there is none that can be read."""
    made = hashlib.sha256()
    try:
        with path.open("rb") as held:
            while chunk := held.read(_CHUNK):
                made.update(chunk)
    except OSError:
        return None
    return made.hexdigest()
