"""Search follows the catalogue of a running hub: what the worker's control loop and the command line call."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from hub.catalog.queries import index_feed
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.search import upkeep
from hub.search.feed import IndexDocument, is_institution
from hub.search.upkeep import BuildReport


class CatalogueFeed:
    """The catalogue's change numbers and documents, each read in its own short session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_number(self) -> int:
        """The highest change number there is."""
        with self._database.read() as session:
            return index_feed.last_change_number(session)

    def changes(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """(number, identifier) of the changes above `after`, in order."""
        with self._database.read() as session:
            return [
                (change.number, change.subject) for change in index_feed.changes_since(session, after, limit)
            ]

    def documents(self, ids: Sequence[str]) -> Sequence[IndexDocument]:
        """The listed documents with these identifiers."""
        with self._database.read() as session:
            return index_feed.documents_for_index(session, ids)

    def dependants(self, ids: Sequence[str]) -> Iterable[str]:
        """Instruments of the institutions among the identifiers."""
        institutions = [held for held in ids if is_institution(held)]
        with self._database.read() as session:
            return [
                instrument
                for institution in institutions
                for instrument in index_feed.instrument_ids_of_institution(session, institution)
            ]

    def page(self, after_id: str, limit: int) -> Sequence[IndexDocument]:
        """Listed documents by identifier, from behind `after_id`."""
        with self._database.read() as session:
            return index_feed.iterate_documents(session, after_id=after_id, limit=limit)


def follow(runtime: Runtime, stop: threading.Event) -> None:
    """Keep this machine's index up to date with the catalogue until `stop` is set; see `upkeep.follow`."""
    upkeep.follow(runtime.index.folder, CatalogueFeed(runtime.database), stop)


def rebuild(runtime: Runtime) -> BuildReport:
    """Build the index anew beside the one that serves, then serve the new one. Raises RebuildRunning."""
    return upkeep.rebuild(runtime.index.folder, CatalogueFeed(runtime.database))
