"""The writing side of the index: one process per machine adds, replaces and removes documents.

Every call is safe to repeat: a document replaces the one with the same identifier, so changes may be replayed from
any earlier number.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import tantivy

from hub.search import columns as c
from hub.search import wire
from hub.search.feed import IndexDocument, is_institution
from hub.search.folder import read_numbers, write_numbers
from hub.search.queries import LINES, build_schema, line_tokenizer
from hub.search.request import KINDS, Kind

log = logging.getLogger(__name__)

_HEAP: dict[Kind, int] = {"instrument": 96_000_000, "service": 48_000_000, "institution": 15_000_000}
"""Bytes each index may hold in memory before it writes a segment."""


class IndexWriter:
    """Writes one generation. Close it, or its locks are held until the process ends."""

    def __init__(self, generation: Path, *, is_new: bool = False) -> None:
        self.generation = generation
        self.numbers = read_numbers(generation)
        self._is_new = is_new
        self._writers: dict[Kind, tantivy.IndexWriter] = {}
        self._dirty: set[Kind] = set()
        for kind in KINDS:
            path = generation / kind
            path.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(build_schema(), str(path))
            index.register_tokenizer(LINES, line_tokenizer())
            self._writers[kind] = index.writer(_HEAP[kind], 1)

    def put(self, document: IndexDocument) -> bool:
        """Add or replace a catalogue document with everything that is searched through it.

        False when the document could not be read: it is left out and logged, the others go on.
        """
        try:
            entries = list(_entries(document))
        except (KeyError, TypeError, ValueError, AttributeError):
            log.exception("the document %s cannot be indexed; it is left out", document.id)
            return False
        if not self._is_new:
            self.remove(document.id)
        for entry in entries:
            self._writers[entry.kind].add_document(tantivy.Document(**entry.values))
            self._dirty.add(entry.kind)
        return True

    def remove(self, document_id: str) -> None:
        """Remove an instrument with its service items, or an institution. Removing what is not there is fine."""
        if is_institution(document_id):
            self._delete("institution", c.ID, document_id)
        else:
            self._delete("instrument", c.ID, document_id)
            self._delete("service", c.TAG, c.parent_tag(document_id))

    def _delete(self, kind: Kind, name: str, term: str) -> None:
        self._writers[kind].delete_documents_by_term(name, term)
        self._dirty.add(kind)

    def commit(self, numbers: Mapping[str, int]) -> None:
        """Make everything so far searchable, and record that each topic is read up to its number."""
        for kind in sorted(self._dirty):
            self._writers[kind].commit()
        self._dirty.clear()
        # A replacement may still meet an older document of the same build from here on.
        self._is_new = False
        write_numbers(self.generation, numbers)
        self.numbers = dict(numbers)

    def close(self, *, finish_merges: bool = False) -> None:
        """Free the locks. What was not committed is forgotten; merges are given up unless they shall finish."""
        writers, self._writers = self._writers, {}
        while writers:
            _, writer = writers.popitem()
            writer.rollback()
            if finish_merges:
                writer.wait_merging_threads()
            del writer  # the last reference: its threads end and its lock is freed here


def is_readable(path: Path) -> bool:
    """Whether there is an index in this folder that Tantivy can open."""
    try:
        tantivy.Index.open(str(path))
    except (ValueError, OSError):
        return False
    return True


def _entries(document: IndexDocument) -> Iterable[wire.Fields]:
    if document.kind == "institution":
        return [wire.institution_fields(document)]
    services = (wire.service_fields(item, document) for item in document.service_items)
    return [wire.instrument_fields(document), *services]
