"""A catalogue in memory that can be changed, can fail, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hub.search.feed import AVAILABILITY, CATALOG
from tests.bench.corpus import Availability, Document


class Gone(RuntimeError):
    """The catalogue's database is away."""


class FakeCatalogue:
    """Implements `hub.search.feed.Feed` over a dictionary."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self.held = {document.id: document for document in documents}
        self.log = list(self.held)
        self.logs: dict[str, list[str]] = {CATALOG: self.log, AVAILABILITY: []}
        self.is_away = False
        self.pages = 0

    def put(self, document: Document) -> None:
        self.held[document.id] = document
        self.log.append(document.id)

    def remove(self, document_id: str) -> None:
        del self.held[document_id]
        self.log.append(document_id)

    def rename(self, document_id: str, name: str) -> None:
        document = self.held[document_id]
        self.put(replace(document, document={**document.document, "name_zh": name}))

    def rename_institution(self, institution_id: str, kind: str) -> None:
        """Change an institution, and what the catalogue says with each of its instruments."""
        changed = {**self.held[institution_id].document, "kind": kind}
        for held in list(self.held.values()):
            if held.institution is not None and held.institution["id"] == institution_id:
                self.held[held.id] = replace(held, institution=changed)
        self.put(replace(self.held[institution_id], document=changed))

    def book(self, instrument_id: str, availability: Availability | None) -> None:
        """Change when an instrument can be booked; nothing of the catalogue changes."""
        self.held[instrument_id] = replace(self.held[instrument_id], availability=availability)
        self.logs[AVAILABILITY].append(instrument_id)

    def last_number(self, topic: str) -> int:
        self._answer()
        return len(self.logs[topic])

    def changes(self, topic: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        self._answer()
        return list(enumerate(self.logs[topic], start=1))[after : after + limit]

    def documents(self, ids: Sequence[str]) -> Sequence[Document]:
        self._answer()
        return [self.held[one] for one in ids if one in self.held]

    def dependants(self, ids: Sequence[str]) -> Iterable[str]:
        self._answer()
        units = {one for one in ids if "-u-" in one}
        return [held.id for held in self.held.values() if (held.institution or {}).get("id") in units]

    def page(self, after_id: str, limit: int) -> Sequence[Document]:
        self._answer()
        self.pages += 1
        return [self.held[one] for one in sorted(self.held) if one > after_id][:limit]

    def _answer(self) -> None:
        if self.is_away:
            raise Gone
