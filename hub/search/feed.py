"""What search reads of the catalogue: numbered changes, and documents as they are now.

A protocol, so that the follower can be proved against a catalogue that dies, repeats and disappears at will; in a
running hub it is `CatalogueFeed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class IndexDocument(Protocol):
    """A catalogue document with everything that is searched through it."""

    @property
    def id(self) -> str:
        """Instrument or institution identifier."""
        ...

    @property
    def kind(self) -> str:
        """`instrument` or `institution`."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """The merged v1 document."""
        ...

    @property
    def institution(self) -> Mapping[str, Any] | None:
        """The institution document of an instrument's unit, when it is known."""
        ...

    @property
    def updated_at(self) -> datetime:
        """When the hub last changed the document."""
        ...

    @property
    def is_stale(self) -> bool:
        """Whether its source has not confirmed it lately."""
        ...

    @property
    def service_items(self) -> Sequence[Mapping[str, Any]]:
        """The v1 service items of an instrument."""
        ...


class Feed(Protocol):
    """A catalogue that can be followed."""

    def last_number(self) -> int:
        """The highest change number there is."""
        ...

    def changes(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """(number, identifier) of the changes above `after`, in order, at most `limit`; never a gap."""
        ...

    def documents(self, ids: Sequence[str]) -> Sequence[IndexDocument]:
        """The documents with these identifiers; what is absent is gone."""
        ...

    def dependants(self, ids: Sequence[str]) -> Iterable[str]:
        """Identifiers of the instruments whose entry shows one of these institutions."""
        ...

    def page(self, after_id: str, limit: int) -> Sequence[IndexDocument]:
        """All documents by identifier, from behind `after_id`; empty at the end."""
        ...


def is_institution(identifier: str) -> bool:
    """Whether an identifier of the specification names an institution (`31-u-…`) and not an instrument (`31-…`)."""
    return "-u-" in identifier
