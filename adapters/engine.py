"""One province spoken to by its manifest and mapping: the dry run and the real run are this one engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import schemas
from adapters.contract import (
    BookingOrder,
    BookingPort,
    ManifestLike,
    NativePage,
    NativeRecord,
    Pulled,
    RecordProblem,
    Rejected,
    Resource,
    SettlementPort,
    Sheet,
)
from adapters.errors import Unsupported
from adapters.mapping import Reader, Section, Unfit, contradictions, value_of
from schemas import ids

_SEPARATOR = "|"
_MAX_PROBLEMS = 20


class FetchesPages(Protocol):
    """What the engine asks of a transport that reads by itself."""

    def pages(self, cursor: str | None) -> Iterator[NativePage]: ...


class ParsesContent(Protocol):
    """What the engine asks of a transport that reads content somebody sent."""

    def parse(self, content: bytes, filename: str) -> Iterator[NativePage]: ...


class WritesSheets(Protocol):
    """What the engine asks of whoever writes bookings as files."""

    def sheet(self, orders: Sequence[BookingOrder]) -> Sheet: ...
    def calendar(self, orders: Sequence[BookingOrder]) -> Sheet: ...


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a record's key: unit, number or item."""

    name: str
    read: Reader


@dataclass(frozen=True, slots=True)
class Channel:
    """A resource with all that is compiled for it. A capability it lacks is None."""

    resource: Resource
    key: tuple[KeyPart, ...]
    section: Section
    version: str
    fetch: FetchesPages | None
    parse: ParsesContent | None


class DeclarativeAdapter:
    """A `ProvinceAdapter` made of data. Holds no state between calls but what its transports' tokens need."""

    def __init__(
        self,
        manifest: ManifestLike,
        channels: tuple[Channel, ...],
        probe: Callable[[], None] | None,
        bookings: BookingPort | None = None,
        sheets: WritesSheets | None = None,
        *,
        settlement: SettlementPort | None = None,
    ) -> None:
        self._manifest = manifest
        self._channels: Mapping[str, Channel] = {channel.resource.name: channel for channel in channels}
        self._probe = probe
        self._bookings = bookings
        self._sheets = sheets
        self._settlement = settlement

    @property
    def province(self) -> str:
        """Six-digit code."""
        return self._manifest.province

    @property
    def manifest(self) -> ManifestLike:
        """The province's facts."""
        return self._manifest

    def resources(self) -> tuple[Resource, ...]:
        """See `ProvinceAdapter.resources`."""
        return tuple(channel.resource for channel in self._channels.values())

    def pages(self, resource: Resource, cursor: str | None) -> Iterator[NativePage]:
        """See `ProvinceAdapter.pages`."""
        channel = self._channel(resource)
        if channel.fetch is None:
            raise Unsupported(
                f"「{resource.title.zh}」由平台推送或人工上传，不能主动读取",
                f"“{resource.title.en}” is sent to the hub and cannot be fetched",
            )
        return channel.fetch.pages(cursor)

    def parse(self, resource: Resource, content: bytes, filename: str) -> Iterator[NativePage]:
        """See `ProvinceAdapter.parse`."""
        channel = self._channel(resource)
        if channel.parse is None:
            raise Unsupported(
                f"「{resource.title.zh}」由本平台主动读取，不接受上传或推送",
                f"“{resource.title.en}” is fetched by the hub and takes no upload",
            )
        return channel.parse.parse(content, filename)

    def key(self, resource: Resource, record: NativeRecord) -> str | None:
        """See `ProvinceAdapter.key`."""
        parts, _ = _key_parts(self._channel(resource), record)
        return None if parts is None else _SEPARATOR.join(parts)

    def map(self, resource: Resource, record: NativeRecord) -> Pulled | Rejected:
        """See `ProvinceAdapter.map`. Raises `ValueError` for a tombstone, which has nothing to map."""
        if record.deleted:
            raise ValueError("a tombstone has no document")
        channel = self._channel(resource)
        raw_hash = record.raw_hash
        parts, missing = _key_parts(channel, record)
        if parts is None:
            return Rejected(None, raw_hash, tuple(missing))
        document = _identified(self.province, resource.document_name, parts)
        outcome = channel.section.fill(record.body, document)
        _place(document, self.province, resource.document_name)
        key = _SEPARATOR.join(parts)
        problems = outcome.problems or _objections(resource.document_name, document)
        if problems:
            return Rejected(key, raw_hash, tuple(problems[:_MAX_PROBLEMS]))
        return Pulled(key, resource.document_name, document, raw_hash, record.modified, tuple(outcome.notes))

    def mapping_version(self, resource: Resource) -> str:
        """See `ProvinceAdapter.mapping_version`."""
        return self._channel(resource).version

    def probe(self) -> None:
        """See `ProvinceAdapter.probe`. A province that only sends has nothing to ask."""
        if self._probe is not None:
            self._probe()

    @property
    def bookings(self) -> BookingPort | None:
        """See `ProvinceAdapter.bookings`."""
        return self._bookings

    @property
    def settlement(self) -> SettlementPort | None:
        """See `ProvinceAdapter.settlement`."""
        return self._settlement

    def booking_sheet(self, orders: Sequence[BookingOrder]) -> Sheet:
        """See `ProvinceAdapter.booking_sheet`."""
        return self._writer().sheet(orders)

    def booking_calendar(self, orders: Sequence[BookingOrder]) -> Sheet:
        """See `ProvinceAdapter.booking_calendar`."""
        return self._writer().calendar(orders)

    def _writer(self) -> WritesSheets:
        if self._sheets is None:
            raise Unsupported(
                f"{self.province} 没有声明预约单的列",
                f"{self.province} declares no columns of a booking sheet",
            )
        return self._sheets

    def _channel(self, resource: Resource) -> Channel:
        channel = self._channels.get(resource.name)
        if channel is None:
            raise Unsupported(
                f"{self.province} 没有资源 {resource.name}",
                f"{self.province} has no resource {resource.name}",
            )
        return channel


_POINTERS: Mapping[str, Mapping[str, str]] = {
    "institution": {"unit": "/unit_id"},
    "instrument": {"unit": "/unit/id", "number": "/internal_number"},
    "instrument-survey": {"unit": "/unit/id", "number": "/internal_number"},
    "service-item": {"unit": "/institution_id", "number": "/instrument_id", "item": "/number"},
}


def _key_parts(channel: Channel, record: NativeRecord) -> tuple[list[str] | None, list[RecordProblem]]:
    """The key's parts, or what is missing."""
    parts: list[str] = []
    problems: list[RecordProblem] = []
    pointers = _POINTERS[channel.resource.document_name]
    for part in channel.key:
        try:
            value = value_of(part.read(record.body))
        except Unfit as unfit:
            problems.append(RecordProblem(pointers[part.name], unfit.code, unfit.zh, unfit.en, unfit.value))
            continue
        text = _key_text(value)
        if text is None:
            problems.append(_missing(pointers[part.name], value))
        else:
            parts.append(text)
    return (None, problems) if problems else (parts, problems)


def _key_text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value and _SEPARATOR not in value else None


def _missing(pointer: str, value: Any) -> RecordProblem:
    return RecordProblem(
        pointer,
        "missing-key",
        "缺少单位标识或编号（或其中含有「|」），无法识别这条记录；请补上后重报",
        "the unit or the number is missing (or holds “|”), so the record cannot be identified; add it and send again",
        value,
    )


def _identified(province: str, document_name: str, parts: list[str]) -> dict[str, Any]:
    """A document that knows who it is."""
    unit = parts[0]
    if document_name == "institution":
        return {"id": ids.institution_id(province, unit), "province": province, "unit_id": unit}
    number = parts[1]
    instrument = ids.instrument_id(province, unit, number)
    if document_name == "service-item":
        item = int(parts[2]) if parts[2].isdecimal() and len(parts[2]) < 5 and int(parts[2]) > 0 else None
        return {
            "id": f"{instrument}-{parts[2]}" if item is None else ids.service_item_id(instrument, item),
            "instrument_id": instrument,
            "institution_id": ids.institution_id(province, unit),
            "province": province,
            "number": parts[2] if item is None else item,  # what is no number fails the schema and says so
        }
    return {"id": instrument, "province": province, "unit": {"id": unit}, "internal_number": number}


def _place(document: dict[str, Any], province: str, document_name: str) -> None:
    """An instrument or institution stands at least in its province."""
    if document_name in ("instrument", "institution"):
        document.setdefault("location", {}).setdefault("province", province)


def _objections(document_name: str, document: dict[str, Any]) -> list[RecordProblem]:
    """Why a mapped document is not taken; empty for a good one."""
    if schemas.is_valid(document_name, document):
        return contradictions(document_name, document)
    return _explained(document_name, document)


def _explained(document_name: str, document: dict[str, Any]) -> list[RecordProblem]:
    """What the specification says against a document; never empty."""
    found = [
        RecordProblem(problem.pointer, problem.code, problem.zh, problem.en, problem.value)
        for problem in schemas.problems(document_name, document, limit=_MAX_PROBLEMS)
    ]
    if found:
        return found
    return [RecordProblem("", "invalid", "文档不符合规范", "the document does not meet the specification")]
