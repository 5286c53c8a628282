"""The index on disk: which folder is served, up to which change numbers, and who may write.

`<root>/<version>/current` names the generation that is served; a generation is a folder with one Tantivy index per
kind and the file `numbers`. Both files are replaced in one step, so a reader sees the old or the new, never half.
The version is made of schema, synonyms, holidays and libraries: another version is another folder, built beside this one.
Everything here is disposable: deleting the root costs a rebuild, never data.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.metadata import version as installed_version
from importlib.resources import files
from pathlib import Path

import orjson

from hub.search.columns import SCHEMA_VERSION
from hub.search.feed import TOPICS
from hub.search.lexicon import data_bytes

_CURRENT = "current"
_NUMBERS = "numbers"
_GENERATION = "g-"


@cache
def version() -> str:
    """What an index must have been built with to be readable by this code, as a folder name."""
    built_with = f"{SCHEMA_VERSION} {installed_version('tantivy')} {installed_version('rjieba')} {installed_version('pypinyin')} "
    return (
        f"v{SCHEMA_VERSION}-{sha256(built_with.encode() + data_bytes() + _calendar_bytes()).hexdigest()[:12]}"
    )


def _calendar_bytes() -> bytes:
    """Default rules and holidays: marks of taken days are made by them."""
    folders = [files(package).joinpath("data") for package in ("hub.availability", "hub.core")]
    held = (file for folder in folders for file in folder.iterdir() if file.name.endswith(".csv"))
    return b"".join(file.read_bytes() for file in sorted(held, key=lambda file: file.name))


class IndexFolder:
    """The part of `root` that belongs to this version. Nothing is created before someone writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / version()
        self.current_file = self.path / _CURRENT

    def current(self) -> Path | None:
        """The generation that is served, or None before the first was finished."""
        try:
            name = self.current_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return self.path / name

    def new_generation(self) -> Path:
        """An empty folder for a generation that nobody serves yet."""
        generation = self.path / f"{_GENERATION}{secrets.token_hex(6)}"
        generation.mkdir(parents=True)
        return generation

    def serve(self, generation: Path) -> None:
        """From now on this generation is served; takes effect in one step, also across a crash."""
        _replace(self.current_file, generation.name)

    def remove_leftovers(self, *, keep: Path | None) -> None:
        """Delete generations that are neither served nor `keep`, and other versions once this one is served.

        Only for the holder of the lock `building`. Readers that still have deleted files open are not disturbed.
        """
        served = self.current()
        if served is None:
            return
        for generation in self.path.glob(f"{_GENERATION}*"):
            if generation not in {served, keep}:
                shutil.rmtree(generation, ignore_errors=True)
        for other in self.root.glob("v*-*"):
            if other != self.path:
                shutil.rmtree(other, ignore_errors=True)

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Whether this process got the machine-wide lock `name` (writing, building); freed even by a kill."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / f"{name}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def read_numbers(generation: Path) -> dict[str, int]:
    """Topic → the change number up to which the generation is certainly complete; 0 for a new one."""
    try:
        held = orjson.loads((generation / _NUMBERS).read_bytes())
    except FileNotFoundError:
        held = {}
    return {topic: held.get(topic, 0) for topic in TOPICS}


def write_numbers(generation: Path, numbers: Mapping[str, int]) -> None:
    """Record that everything up to these numbers is committed. Call it after the commit, never before."""
    _replace(generation / _NUMBERS, orjson.dumps(dict(numbers)).decode())


def numbers_file(generation: Path) -> Path:
    """The file that changes with every commit of a generation."""
    return generation / _NUMBERS


def _replace(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="ascii")
    draft.replace(file)
