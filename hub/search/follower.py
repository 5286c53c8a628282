"""Search follows a running hub: what the worker's control loop and the command line call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import queries as availability
from hub.catalog.queries import index_feed
from hub.core import sequencer
from hub.core.clock import Clock
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.search import upkeep
from hub.search.feed import Availability, is_institution
from hub.search.openings import KNOWN_DAYS
from hub.search.prices import lowest_outside_fees
from hub.search.upkeep import BuildReport
from hub.settlement.rating import read_tariff

log = logging.getLogger(__name__)

_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
_Known = dict[str, Availability]
_Fees = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """A listed record of the catalogue, what it costs by its kept tariff, and when it can be booked."""

    id: str
    kind: str
    document: Mapping[str, Any]
    institution: Mapping[str, Any] | None
    updated_at: datetime
    is_stale: bool
    service_items: Sequence[Mapping[str, Any]]
    fees: Mapping[str, int] | None
    availability: Availability | None


class HubFeed:
    """Change numbers and documents of catalogue and availability, each read in its own short session."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def last_number(self, topic: str) -> int:
        """The highest change number of a topic."""
        with self._database.read() as session:
            return sequencer.last_number(session, topic)

    def changes(self, topic: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """(number, identifier) of the changes above `after`, in order."""
        with self._database.read() as session:
            return [
                (change.number, change.subject)
                for change in sequencer.read_after(session, topic, after, limit)
            ]

    def documents(self, ids: Sequence[str]) -> Sequence[IndexedRecord]:
        """The listed documents with these identifiers."""
        with self._database.read() as session:
            return self._with_availability(session, index_feed.documents_for_index(session, ids))

    def dependants(self, ids: Sequence[str]) -> Iterable[str]:
        """Instruments of the institutions among the identifiers."""
        institutions = [held for held in ids if is_institution(held)]
        with self._database.read() as session:
            return index_feed.instrument_ids_of(session, institutions)

    def page(self, after_id: str, limit: int) -> Sequence[IndexedRecord]:
        """Listed documents by identifier, from behind `after_id`."""
        with self._database.read() as session:
            found = index_feed.iterate_documents(session, after_id=after_id, limit=limit)
            return self._with_availability(session, found)

    def _with_availability(
        self, session: Session, found: Sequence[index_feed.IndexDocument]
    ) -> list[IndexedRecord]:
        instruments = [held.id for held in found if held.kind == "instrument"]
        now = self._clock()
        try:
            known, fees = _facts(session, instruments, now)
        except _UNREADABLE:
            known, fees = _readable_facts(session, instruments, now)
        return [
            IndexedRecord(
                held.id,
                held.kind,
                held.document,
                held.institution,
                held.updated_at,
                held.is_stale,
                held.service_items,
                fees.get(held.id),
                known.get(held.id),
            )
            for held in found
        ]


def _facts(session: Session, instruments: Sequence[str], now: datetime) -> tuple[_Known, _Fees]:
    """When each of the instruments can be booked, and what it costs by a kept tariff."""
    until = now + timedelta(days=KNOWN_DAYS)
    known: _Known = dict(availability.index_facts(session, instruments, now=now, until=until))
    tariffs = availability.tariffs_in_force(session, instruments, now=now)
    return known, {name: lowest_outside_fees(read_tariff(held.document)) for name, held in tariffs.items()}


def _readable_facts(session: Session, instruments: Sequence[str], now: datetime) -> tuple[_Known, _Fees]:
    """The same one by one: kept rules that cannot be read cost their instrument its free times, and nobody else."""
    known: _Known = {}
    fees: _Fees = {}
    for name in instruments:
        try:
            one, its_fees = _facts(session, [name], now)
        except _UNREADABLE:
            log.exception("the availability of %s cannot be read; it is indexed without", name)
            continue
        known |= one
        fees |= its_fees
    return known, fees


def follow(runtime: Runtime, stop: threading.Event) -> None:
    """Keep this machine's index up to date until `stop` is set; see `upkeep.follow`."""
    upkeep.follow(runtime.index.folder, HubFeed(runtime.database, runtime.clock), stop)


def rebuild(runtime: Runtime) -> BuildReport:
    """Build the index anew beside the one that serves, then serve the new one. Raises RebuildRunning."""
    return upkeep.rebuild(runtime.index.folder, HubFeed(runtime.database, runtime.clock))
