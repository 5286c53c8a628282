"""A province as the hub meets it: how this installation reaches it, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.contract.bookings import BookingOrder, BookingPort, Sheet
from adapters.contract.catalogue import ManifestLike, NativePage, NativeRecord, Pulled, Rejected, Resource
from adapters.contract.settlements import SettlementPort


@dataclass(frozen=True, slots=True)
class Connection:
    """How one installation reaches one province; never part of the manifest, never shown.

    `base_url` is where the platform answers, `credentials` are named by the manifest's auth section, `folder` is
    the file drop.
    """

    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None


class ProvinceAdapter(Protocol):
    """One province, spoken to in the specification's words. Every method is safe to repeat."""

    @property
    def province(self) -> str: ...

    @property
    def manifest(self) -> ManifestLike: ...

    def resources(self) -> tuple[Resource, ...]:
        """In harvest order: institutions, survey, instruments."""
        ...

    def pages(self, resource: Resource, cursor: str | None) -> Iterator[NativePage]:
        """Read from the source. None is a full read from the start; a stored cursor resumes after its page.

        Raises `AdapterError`; `Unsupported` for content that is only pushed or uploaded.
        """
        ...

    def parse(self, resource: Resource, content: bytes, filename: str) -> Iterator[NativePage]:
        """Read uploaded, dropped or pushed content. Raises `Malformed`, `LimitExceeded` or `Unsupported`."""
        ...

    def key(self, resource: Resource, record: NativeRecord) -> str | None:
        """The record's identity in its province, before mapping; None when it has none."""
        ...

    def map(self, resource: Resource, record: NativeRecord) -> Pulled | Rejected:
        """The document, valid under the specification, or the reasons why there is none. Never raises for data."""
        ...

    def mapping_version(self, resource: Resource) -> str:
        """`<number>-<first 8 hexadecimal digits of the SHA-256 of mapping and code table>`."""
        ...

    def probe(self) -> None:
        """Ask the platform for a sign of life, without side effect. Returns, or raises `AdapterError`."""
        ...

    @property
    def bookings(self) -> BookingPort | None:
        """The booking interface; None where the province's platform has none."""
        ...

    def booking_sheet(self, orders: Sequence[BookingOrder]) -> Sheet:
        """The bookings in the province's own columns (XLSX), one row each, for a station without an interface.

        Raises `Unsupported` for a province that declares no columns.
        """
        ...

    def booking_calendar(self, orders: Sequence[BookingOrder]) -> Sheet:
        """The bookings that have a time, as an iCalendar file (RFC 5545); a booking keeps its UID for life."""
        ...

    @property
    def settlement(self) -> SettlementPort | None:
        """How the province receives its settlement; None where its folder does not say."""
        ...
