"""The reading side of the index: opens what is served and notices commits and swaps by itself.

Cheap to build and free of threads; opened by the first search, refreshed by the next search after a commit. Any
number of processes read while one writes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import tantivy

from hub.search.errors import IndexNotReady
from hub.search.feed import CATALOG
from hub.search.folder import IndexFolder, numbers_file, read_numbers
from hub.search.queries import Shelf
from hub.search.request import KINDS, Kind

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05
"""How long a search trusts the last look at the files; part of the second from commit to searchable."""

_CACHED = 1024

Answer = TypeVar("Answer")


class GenerationCache:
    """Answers that hold as long as the documents do; the least recently used fall out. Safe between threads."""

    def __init__(self, size: int = _CACHED) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The cached answer, or a new one; two threads may make the same one at once, which is harmless."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                held: Answer = self._held[key]
                return held
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything (for measurements)."""
        with self._lock:
            self._held.clear()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index at one moment: what one search reads from beginning to end."""

    number: int
    shelves: Mapping[Kind, Shelf]
    cache: GenerationCache = field(default_factory=GenerationCache)


@dataclass(slots=True)
class _Opened:
    generation: Path
    stamps: tuple[object, object]
    indexes: Mapping[Kind, tantivy.Index]
    snapshot: Snapshot


class SearchIndex:
    """The index under a folder (`HUB_HOME/index`), for reading. Safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self.folder = IndexFolder(root)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._looked = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether there is an index to search."""
        return self.folder.current() is not None

    def size(self) -> int:
        """How many instruments there are. Raises IndexNotReady."""
        return self.snapshot().shelves["instrument"].searcher.num_docs

    def snapshot(self) -> Snapshot:
        """The newest committed state. Raises IndexNotReady before the first build is finished."""
        opened = self._opened
        now = time.monotonic()
        if opened is not None and now - self._looked < _LOOK_SECONDS:
            return opened.snapshot
        # Whoever finds another thread refreshing goes on with what there is, if there is something.
        if not self._lock.acquire(blocking=opened is None):
            assert opened is not None
            return opened.snapshot
        try:
            self._refresh()
            self._looked = now
            if self._opened is None:
                raise IndexNotReady
            return self._opened.snapshot
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        generation = self.folder.current()
        if generation is None:
            return
        stamps = (_stamp(self.folder.current_file), _stamp(numbers_file(generation)))
        opened = self._opened
        if opened is not None and opened.generation == generation:
            if opened.stamps == stamps:
                return
            # The number first: what is opened after it holds at least that much.
            number = read_numbers(generation)[CATALOG]
            for index in opened.indexes.values():
                index.reload()
            opened.snapshot = _snapshot(number, opened.indexes)
            opened.stamps = stamps
            return
        number = read_numbers(generation)[CATALOG]
        try:
            indexes = {kind: _open(generation / kind) for kind in KINDS}
        except (ValueError, OSError):
            # Damaged, or replaced and removed this moment: the follower builds another; go on with what is open.
            log.exception("the index in %s cannot be opened", generation)
            return
        self._opened = _Opened(generation, stamps, indexes, _snapshot(number, indexes))


def _open(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    index.config_reader("manual")
    index.reload()
    return index


def _snapshot(number: int, indexes: Mapping[Kind, tantivy.Index]) -> Snapshot:
    shelves = {kind: Shelf(kind, index.schema, index.searcher()) for kind, index in indexes.items()}
    return Snapshot(number, shelves)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns
