"""Keeps the index with the catalogue: follows its change numbers, and rebuilds beside the index that serves.

One process per machine writes. Everything may be killed anywhere: the number is recorded after the commit, so what
was lost is read again, and reading again changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.search.errors import RebuildRunning
from hub.search.feed import CATALOG, TOPICS, Feed, IndexDocument
from hub.search.folder import IndexFolder, read_numbers
from hub.search.request import KINDS
from hub.search.writer import IndexWriter, is_readable

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_RETRY_SECONDS = 1.0
_CHANGES = 500
_COMMIT_SECONDS = 0.4
"""While changes pour in, the index is committed this often: a commit costs more than many documents."""

_PAGE = 500
_DEPENDANTS = 500


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a rebuild did."""

    documents: int
    skipped: int
    number: int
    seconds: float


@dataclass(slots=True)
class _Tally:
    documents: int = 0
    skipped: int = 0
    begun: float = field(default_factory=time.monotonic)


def follow(folder: IndexFolder, feed: Feed, stop: threading.Event) -> None:
    """Keep the served index up to date until `stop` is set.

    Waits while another process of this machine follows, and takes over when that one is gone. Builds the index when
    there is none of this version. A fault of the catalogue's database is logged and tried again.
    """
    while not stop.is_set():
        with folder.lock("writing") as is_ours:
            if is_ours:
                _follow_as_writer(folder, feed, stop)
        stop.wait(_RETRY_SECONDS)


def rebuild(folder: IndexFolder, feed: Feed) -> BuildReport:
    """Build a new generation from the whole catalogue while the old one serves, then serve the new one.

    Raises RebuildRunning when another process of this machine is at it. Killed half-way, it leaves a folder that
    nobody serves and the next rebuild removes.
    """
    with folder.lock("building") as is_ours:
        if not is_ours:
            raise RebuildRunning
        replaced = folder.current()
        folder.remove_leftovers(keep=replaced)
        tally = _Tally()
        generation = folder.new_generation()
        with _writing(generation, is_new=True) as writer:
            # The numbers before the documents: whatever changes while they are read is read once more.
            numbers = {topic: feed.last_number(topic) for topic in TOPICS}
            for page in _pages(feed):
                _put(writer, page, tally)
            writer.commit(numbers)
            while _catch_up(writer, feed, tally):
                pass
        folder.serve(generation)
        folder.remove_leftovers(keep=replaced)
        return BuildReport(
            tally.documents, tally.skipped, writer.numbers[CATALOG], time.monotonic() - tally.begun
        )


def _follow_as_writer(folder: IndexFolder, feed: Feed, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            generation = folder.current()
            if generation is None or not _is_sound(generation, feed):
                report = rebuild(folder, feed)
                log.info("index built: %d documents in %.1f s", report.documents, report.seconds)
                continue
            with _writing(generation) as writer:
                _follow_generation(folder, writer, feed, stop)
        except RebuildRunning:
            stop.wait(_RETRY_SECONDS)
        except Exception:
            # Whatever it was (database away, disk full), the catalogue is not harmed and the number is kept.
            log.exception("following the catalogue failed; trying again")
            stop.wait(_RETRY_SECONDS)


def _is_sound(generation: Path, feed: Feed) -> bool:
    """Whether the generation can be opened, and is of this catalogue and not ahead of it.

    It is ahead when the database was restored from a copy or replaced; following would then miss what comes next.
    """
    for topic, number in read_numbers(generation).items():
        last = feed.last_number(topic)
        if number > last:
            told = "the index is at change %d of %s, the database at %d: building the index anew"
            log.warning(told, number, topic, last)
            return False
    damaged = [kind for kind in KINDS if not is_readable(generation / kind)]
    if damaged:
        log.warning("the index of %s is damaged: building the index anew", ", ".join(damaged))
    return not damaged


def _follow_generation(folder: IndexFolder, writer: IndexWriter, feed: Feed, stop: threading.Event) -> None:
    """Apply changes until `stop`, or until another generation is served (or this one is deleted)."""
    tally = _Tally()
    while not stop.is_set() and folder.current() == writer.generation:
        if not _catch_up(writer, feed, tally):
            stop.wait(_POLL_SECONDS)


def _catch_up(writer: IndexWriter, feed: Feed, tally: _Tally) -> bool:
    """Apply what is new, for at most `_COMMIT_SECONDS`, and commit it. False when nothing was new."""
    numbers, begun = dict(writer.numbers), time.monotonic()
    for topic in TOPICS:
        while changes := feed.changes(topic, numbers[topic], _CHANGES):
            _apply(writer, feed, [subject for _, subject in changes], tally)
            numbers[topic] = changes[-1][0]
            if len(changes) < _CHANGES or time.monotonic() - begun > _COMMIT_SECONDS:
                break
    if numbers == writer.numbers:
        return False
    writer.commit(numbers)
    return True


def _apply(writer: IndexWriter, feed: Feed, subjects: Sequence[str], tally: _Tally) -> None:
    ids = list(dict.fromkeys(subjects))
    ids = list(dict.fromkeys((*ids, *feed.dependants(ids))))
    for start in range(0, len(ids), _DEPENDANTS):
        asked = ids[start : start + _DEPENDANTS]
        documents = feed.documents(asked)
        for gone in set(asked) - {document.id for document in documents}:
            writer.remove(gone)
        _put(writer, documents, tally)


def _put(writer: IndexWriter, documents: Sequence[IndexDocument], tally: _Tally) -> None:
    for document in documents:
        if writer.put(document):
            tally.documents += 1
        else:
            tally.skipped += 1


def _pages(feed: Feed) -> Iterator[Sequence[IndexDocument]]:
    after = ""
    while page := feed.page(after, _PAGE):
        yield page
        after = page[-1].id


@contextmanager
def _writing(generation: Path, *, is_new: bool = False) -> Iterator[IndexWriter]:
    writer = IndexWriter(generation, is_new=is_new)
    try:
        yield writer
    finally:
        # A new generation is served for long: better few segments than a quick end.
        writer.close(finish_merges=is_new)
