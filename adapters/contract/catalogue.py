"""What a province adapter promises about its catalogue: facts of the province, resources, records, documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Direction = Literal["pull", "push", "drop", "upload"]
CursorFamily = Literal["change_feed", "timestamp", "page", "whole_file", "none"]
Deletes = Literal["tombstone", "absence", "none"]
Idempotency = Literal["native", "lookup", "none"]
DialectKind = Literal["observed", "simulated"]

# Families whose stored cursor lets a later read ask for changes only; the others read everything each time.
INCREMENTAL_FAMILIES: frozenset[CursorFamily] = frozenset({"change_feed", "timestamp"})


@dataclass(frozen=True, slots=True)
class Names:
    """A name in both languages, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Tile:
    """Where the province stands on the schematic map: hexagon column (halves allowed) and row."""

    col: float
    row: float


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """The province's own platform: name, public address, operating organisation."""

    name: Names
    url: str
    operator: Names


@dataclass(frozen=True, slots=True)
class StationFacts:
    """The province's service station (服务驿站). Longitude and latitude in degrees, WGS 84."""

    name: Names
    operator: Names
    address: str
    lon: float
    lat: float
    phone: str
    hours: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the platform speaks, in words, and whether that shape was observed or is simulated."""

    kind: DialectKind
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps checked before and while reading. Bytes, counts and seconds; every one ends a read with an error.

    `page_bytes` bounds one answer or one file as received, `expanded_bytes` what it may unpack to,
    `run_*` a whole read from the first page to the last.
    """

    page_bytes: int = 16_000_000
    page_records: int = 5_000
    run_pages: int = 20_000
    run_bytes: int = 4_000_000_000
    run_seconds: float = 3_600.0
    request_seconds: float = 30.0
    file_bytes: int = 64_000_000
    expanded_bytes: int = 512_000_000
    ratio: float = 200.0
    entries: int = 200
    rows: int = 1_500_000
    columns: int = 200
    cell_chars: int = 20_000
    depth: int = 32
    parse_seconds: float = 300.0


class ManifestLike(Protocol):
    """The facts of a province that others may read: who it is, where it stands, how it is reached by people."""

    @property
    def province(self) -> str: ...  # six-digit GB/T 2260 code
    @property
    def name(self) -> Names: ...
    @property
    def short(self) -> str: ...  # one-character abbreviation, for example 浙
    @property
    def tile(self) -> Tile: ...
    @property
    def icon(self) -> str: ...
    @property
    def platform(self) -> PlatformFacts: ...
    @property
    def station(self) -> StationFacts: ...
    @property
    def dialect(self) -> Dialect: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def idempotency(self) -> Idempotency: ...


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of content a province gives: what it is, which way it comes and how deletions show.

    `schedule_seconds` is None for what a person or the platform sends. `accepts` lists the file endings an
    upload may have. `simulated` says that this resource's shape is made up although the dialect is observed.
    """

    name: str
    document_name: str
    direction: Direction
    cursor_family: CursorFamily
    schedule_seconds: int | None
    deletes: Deletes
    title: Names = Names("", "")
    accepts: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class NativeRecord:
    """One record as the province wrote it.

    `raw` is the record alone in a stable form (JSON with sorted keys, or the XML element), so equal content
    gives equal bytes on every read. `modified` is aware, when the source tells it.
    """

    body: Mapping[str, Any]
    raw: bytes
    deleted: bool = False
    modified: datetime | None = None

    @property
    def raw_hash(self) -> str:
        """SHA-256 of the raw bytes, hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Damaged:
    """A piece of a page that is no record at all (a broken line, a row of the wrong width): kept, never skipped.

    `position` says where, for a person: a line, row or element number with its file.
    """

    position: str
    raw: bytes
    code: str
    zh: str
    en: str

    @property
    def raw_hash(self) -> str:
        """SHA-256 of the raw bytes, hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class NativePage:
    """A page of records and the cursor that resumes AFTER it.

    A read ends with exactly one page whose `is_last` is true, or with an error. `is_full` says that the pages of
    this read, together, hold everything the source has; it survives a resume. When it is false on the last page,
    absence means nothing. `declared_total` is the source's own count, where it gives one.
    """

    records: tuple[NativeRecord, ...]
    cursor: str
    is_last: bool
    is_full: bool
    declared_total: int | None = None
    damaged: tuple[Damaged, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """What is wrong with one field: JSON pointer of the target field, stable code, both languages, native value.

    `table` names the code table of an `unmapped-code`, so that a worklist can be sorted by table and value.
    """

    pointer: str
    code: str
    zh: str
    en: str
    value: Any = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """A record that became a valid document. `notes` are problems that cost a field, not the record."""

    key: str
    document_name: str
    document: dict[str, Any]
    raw_hash: str
    modified: datetime | None
    notes: tuple[RecordProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that goes to quarantine, and why. `key` is None when the record does not say who it is."""

    key: str | None
    raw_hash: str
    problems: tuple[RecordProblem, ...]
