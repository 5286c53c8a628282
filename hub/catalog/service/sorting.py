"""A native page sorted: what every record is, found out by one read of the ledger and by mapping. Nothing is written.

An unchanged record (equal raw hash under the same mapping version) is a touch and is not mapped. One bad record
never stops a page: it goes to quarantine.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from adapters.contract import (
    Damaged,
    NativePage,
    NativeRecord,
    ProvinceAdapter,
    Pulled,
    RecordProblem,
    Rejected,
    Resource,
)
from hub.catalog.service.tempo import Tempo
from hub.core.db import Database
from hub.federation import rules
from hub.federation.service import claims, ledger, quarantine

log = logging.getLogger(__name__)

Kind = Literal["touch", "repeat", "put", "refuse", "tombstone"]

DUPLICATE = RecordProblem(
    "",
    "duplicate-key",
    "与先到的记录主键相同而内容不同；以先到者为准，请来源平台改正编号",
    "same key as an earlier record with other content; the first one stands, the platform has to correct it",
)
MAPPING_FAILED = RecordProblem(
    "",
    "mapping-failed",
    "映射程序处理该记录时出错，已记入日志",
    "the mapping failed on this record; the log has the details",
)
KEYLESS_TOMBSTONE = RecordProblem(
    "", "missing-key", "删除标记没有说明是哪条记录", "a deletion mark that does not say which record"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is being read, by whom: an adapter's resource under a claim."""

    adapter: ProvinceAdapter
    resource: Resource
    claim: claims.Claim
    mapping_version: str
    tempo: Tempo = field(default_factory=Tempo, compare=False)


@dataclass(slots=True)
class Entry:
    """What one native record of a page turned out to be.

    `raw` is what has to be kept of it; `raw_at` says where it is kept already. `stale_subject` is the document of a
    touched record that was shown as old until now, `position` the place of a piece that is no record; `was_refused`
    says that an entry of quarantine may end with this record.
    """

    kind: Kind
    key: str | None
    size: int
    raw_hash: str = ""
    raw: bytes | None = None
    raw_at: tuple[int, int] | None = None
    modified: datetime | None = None
    pulled: Pulled | None = None
    problems: tuple[RecordProblem, ...] = ()
    is_duplicate: bool = False
    position: str | None = None
    stale_subject: str | None = None
    was_refused: bool = False


def sort_page(database: Database, source: Source, page: NativePage) -> list[Entry]:
    """What every record of a page is, in order of delivery; damaged pieces come last."""
    keys = [source.adapter.key(source.resource, record) for record in page.records]
    named = [key for key in keys if key is not None]
    place = (source.claim.province, source.resource.name)
    with database.read() as session:
        known = ledger.known_records(session, *place, named)
        opened = quarantine.open_entries(session, *place, named)
    doubled = {(entry.native_key, entry.raw_hash) for entry in opened if entry.is_duplicate}
    refused = {entry.native_key for entry in opened if not entry.is_duplicate}
    sorter = _Sorter(source, page.is_full, known, set() if page.is_full else doubled, refused)
    entries = [sorter.sort(record, key) for record, key in zip(page.records, keys, strict=True)]
    entries += [_damage(piece) for piece in page.damaged]
    return _find_kept(database, place, entries)


def _find_kept(database: Database, place: tuple[str, str], entries: list[Entry]) -> list[Entry]:
    """Refused records are delivered again in every full read: their bytes are kept once."""
    hashes = [entry.raw_hash for entry in entries if entry.kind == "refuse"]
    if not hashes:
        return entries
    with database.read() as session:
        kept = quarantine.kept_payloads(session, *place, hashes)
    for entry in entries:
        if entry.kind == "refuse" and entry.raw_hash in kept:
            entry.raw, entry.raw_at = None, kept[entry.raw_hash]
    return entries


@dataclass(slots=True)
class _Sorter:
    source: Source
    is_full: bool
    known: dict[str, ledger.Known]
    doubled: set[tuple[str, str]]
    refused: set[str]
    first: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)

    def sort(self, record: NativeRecord, key: str | None) -> Entry:
        size = len(record.raw)
        if record.deleted:
            if key is None:
                return _refuse(record, None, record.raw_hash, (KEYLESS_TOMBSTONE,))
            self.first.pop(key, None)
            return Entry("tombstone", key, size)
        raw_hash = record.raw_hash
        if key is None:
            return self._map(record, None, raw_hash)
        held = self.known.get(key)
        before = self.first.get(key)
        if before is None and held is not None and held.seen_read == self.source.claim.read_id:
            before = (held.raw_hash, held.modified_at)
        if before is not None:
            if before[0] == raw_hash:
                return Entry(
                    "repeat" if key in self.first else "touch", key, size, stale_subject=_stale(held)
                )
            if self._is_duplicate(record, before[1]):
                return _refuse(record, key, raw_hash, (DUPLICATE,), is_duplicate=True)
        elif held is not None and self._is_unchanged(held, raw_hash):
            self.first[key] = (raw_hash, record.modified)
            return Entry("touch", key, size, stale_subject=_stale(held))
        elif (key, raw_hash) in self.doubled:
            return _refuse(record, key, raw_hash, (DUPLICATE,), is_duplicate=True)
        entry = self._map(record, key, raw_hash)
        if entry.kind == "put":
            self.first[key] = (raw_hash, record.modified)
        return entry

    def _is_unchanged(self, held: ledger.Known, raw_hash: str) -> bool:
        is_same = held.raw_hash == raw_hash and held.mapping_version == self.source.mapping_version
        return is_same and not held.is_withdrawn

    def _is_duplicate(self, record: NativeRecord, before: datetime | None) -> bool:
        return rules.is_duplicate(
            is_full=self.is_full,
            modified=record.modified,
            before=before,
            opened=self.source.claim.read_opened_at,
        )

    def _map(self, record: NativeRecord, key: str | None, raw_hash: str) -> Entry:
        try:
            told = self.source.adapter.map(self.source.resource, record)
        except Exception:  # a fault of a mapping must cost one record, not the run
            log.exception("%s/%s: mapping of %s", self.source.claim.province, self.source.resource.name, key)
            told = Rejected(key, raw_hash, (MAPPING_FAILED,))
        if isinstance(told, Rejected):
            if told.key is not None:
                self.refused.add(told.key)
            return _refuse(record, told.key or key, raw_hash, told.problems)
        held = self.known.get(told.key)
        is_kept = held is not None and held.raw_hash == raw_hash
        return Entry(
            "put",
            told.key,
            len(record.raw),
            raw_hash,
            None if is_kept else record.raw,
            (held.raw_run, held.raw_number) if held is not None and is_kept else None,
            record.modified,
            told,
            told.notes,
            was_refused=told.key in self.refused,
        )


def _stale(held: ledger.Known | None) -> str | None:
    return held.subject if held is not None and held.is_stale else None


def _refuse(
    record: NativeRecord,
    key: str | None,
    raw_hash: str,
    problems: tuple[RecordProblem, ...],
    *,
    is_duplicate: bool = False,
) -> Entry:
    return Entry(
        "refuse", key, len(record.raw), raw_hash, record.raw, problems=problems, is_duplicate=is_duplicate
    )


def _damage(piece: Damaged) -> Entry:
    problem = RecordProblem("", piece.code, piece.zh, piece.en)
    return Entry(
        "refuse",
        None,
        len(piece.raw),
        piece.raw_hash,
        piece.raw,
        problems=(problem,),
        position=piece.position,
    )
