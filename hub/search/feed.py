"""What search reads of catalogue and availability: numbered changes, and documents as they are now.

A protocol, so that the follower can be proved against a catalogue that dies, repeats and disappears at will; in a
running hub it is `HubFeed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from hub.availability.rules import Opening, Slot

CATALOG, AVAILABILITY = "catalog", "availability"
TOPICS = (CATALOG, AVAILABILITY)
"""The logs of changes that search follows, each with numbers of its own."""


class Availability(Protocol):
    """When an instrument can be booked: absolute facts, nothing relative to the present."""

    @property
    def opening(self) -> Opening:
        """Its opening hours and the grid of its slots."""
        ...

    @property
    def busy(self) -> Sequence[Slot]:
        """Times in which nobody can book, claimed or closed."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """When this was last known to be so; None when nobody has ever said so."""
        ...

    @property
    def source(self) -> str:
        """`hub`, `platform`, or `default` for rules that the hub assumes."""
        ...


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

    @property
    def fees(self) -> Mapping[str, int] | None:
        """The lowest fee in fen per charging unit of the tariff kept for an instrument; None when none is kept."""
        ...

    @property
    def availability(self) -> Availability | None:
        """When an instrument can be booked, as far as that is known."""
        ...


class Feed(Protocol):
    """A catalogue, with its instruments' availability, that can be followed."""

    def last_number(self, topic: str) -> int:
        """The highest change number of one of `TOPICS`."""
        ...

    def changes(self, topic: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """(number, identifier) of a topic's changes above `after`, in order, at most `limit`; never a gap."""
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
