"""One native page: sorted outside any transaction, written in short ones.

An unchanged record (equal raw hash under the same mapping version) is a touch and is not mapped. One bad record
never stops a page: it goes to quarantine.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy.orm import Session

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
from hub.catalog.service import apply
from hub.core.db import Database
from hub.federation import rules as federation_rules
from hub.federation.service import holds, ledger, provinces, quarantine, runs

log = logging.getLogger(__name__)

Kind = Literal["touch", "repeat", "put", "refuse", "tombstone"]

TRANSACTION_ROWS = 250
"""Mapped records in one transaction: at most 25 ms of the write lock."""

_WEIGHT: dict[Kind, float] = {"touch": 0.1, "repeat": 0.0, "put": 1.0, "refuse": 0.5, "tombstone": 0.2}

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
    claim: runs.Claim
    mapping_version: str


class Entry(NamedTuple):
    """What one native record of a page turned out to be."""

    kind: Kind
    key: str | None
    size: int
    pulled: Pulled | None = None
    seen: ledger.Seen | None = None
    refusal: quarantine.Refusal | None = None
    problems: tuple[RecordProblem, ...] = ()
    stale_subject: str | None = None


class Verdict(NamedTuple):
    """What became of one record, in the order of delivery."""

    key: str | None
    verdict: Literal["accepted", "unchanged", "rejected", "deleted"]
    problems: tuple[RecordProblem, ...]


def sort_page(database: Database, source: Source, page: NativePage) -> list[Entry]:
    """What every record of a page is: one read of the ledger, then mapping. Nothing is written."""
    keys = [source.adapter.key(source.resource, record) for record in page.records]
    named = [key for key in keys if key is not None]
    claim = source.claim
    with database.read() as session:
        known = ledger.known_records(session, claim.province, claim.resource, named)
        doubled = (
            set()
            if page.is_full
            else quarantine.known_duplicates(session, claim.province, claim.resource, named)
        )
    sorter = _Sorter(source, page.is_full, known, doubled)
    entries = [sorter.sort(record, key) for record, key in zip(page.records, keys, strict=True)]
    entries += [_damage(piece) for piece in page.damaged]
    return entries


def write_page(
    database: Database,
    source: Source,
    page: NativePage,
    entries: Sequence[Entry],
    *,
    counters: runs.Counters,
    now: datetime,
) -> Iterator[list[Verdict]]:
    """Write a sorted page in short transactions; the last one moves the checkpoint. Yields after each commit.

    Raises `LeaseLost` when the run was taken over; what was not committed is void then.
    """
    chunks = list(_chunks(entries)) or [[]]
    unidentified = sum(entry.kind == "refuse" and entry.key is None for entry in entries)
    for number, chunk in enumerate(chunks, start=1):
        end = None
        if number == len(chunks):
            counters.pages += 1
            end = runs.PageEnd(
                page.cursor, page.is_last, page.is_full, page.declared_total, len(entries), unidentified
            )
        with database.write() as session:
            verdicts = _write_chunk(session, source, chunk, counters, now)
            runs.advance(session, source.claim, counters, now=now, end=end)
        yield verdicts


@dataclass(slots=True)
class _Sorter:
    source: Source
    is_full: bool
    known: dict[str, ledger.Known]
    doubled: set[tuple[str, str]]
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
        return federation_rules.is_duplicate(
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
            return _refuse(record, told.key or key, raw_hash, told.problems)
        held = self.known.get(told.key)
        is_kept = held is not None and held.raw_hash == raw_hash
        seen = ledger.Seen(
            told.key,
            told.document["id"],
            raw_hash,
            record.modified,
            None if is_kept else ledger.compress(record.raw),
            len(record.raw),
            (held.raw_run, held.raw_number) if held is not None and is_kept else None,
        )
        return Entry("put", told.key, len(record.raw), told, seen, problems=told.notes)


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
    size = len(record.raw)
    refusal = quarantine.Refusal(
        key, raw_hash, ledger.compress(record.raw), size, problems, is_duplicate=is_duplicate
    )
    return Entry("refuse", key, size, refusal=refusal, problems=problems)


def _damage(piece: Damaged) -> Entry:
    problem = RecordProblem("", piece.code, piece.zh, piece.en)
    refusal = quarantine.Refusal(
        None, piece.raw_hash, ledger.compress(piece.raw), len(piece.raw), (problem,), position=piece.position
    )
    return Entry("refuse", None, len(piece.raw), refusal=refusal, problems=(problem,))


def _chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    chunk: list[Entry] = []
    weight = 0.0
    for entry in entries:
        chunk.append(entry)
        weight += _WEIGHT[entry.kind]
        if weight >= TRANSACTION_ROWS:
            yield chunk
            chunk, weight = [], 0.0
    if chunk:
        yield chunk


def _write_chunk(
    session: Session, source: Source, chunk: Sequence[Entry], counters: runs.Counters, now: datetime
) -> list[Verdict]:
    claim = source.claim
    provinces.record_contact(runs.lock_run(session, claim), now)
    put = {
        entry.key: entry for entry in chunk if entry.kind == "put"
    }  # of a key delivered twice the later stands
    pulled = [entry.pulled for entry in put.values() if entry.pulled is not None]
    done = apply.apply_page(session, claim.province, source.resource.document_name, pulled, now=now)
    collided = {record.key for record in done.collided}
    accepted = [entry for key, entry in put.items() if key not in collided]
    _write_ledger(session, source, accepted, counters, now)
    refused = [entry.refusal for entry in chunk if entry.refusal is not None]
    refused += [_collision(put[key]) for key in collided]
    quarantine.put_refusals(session, claim, source.mapping_version, refused, counters, now=now)
    superseded = [r.native_key for r in refused if r.native_key is not None and not r.is_duplicate]
    if superseded:
        ledger.mark_superseded(session, claim, superseded, now=now)
    _write_touches(session, source, chunk, now)
    _write_tombstones(session, source, chunk, counters, now)
    noted = [(entry.key, problem) for entry in chunk for problem in entry.problems]
    quarantine.note_unmapped(session, claim, source.mapping_version, noted, now=now)
    _count(counters, chunk, done, refused)
    return [_verdict(entry, done, collided) for entry in chunk]


def _write_ledger(
    session: Session,
    source: Source,
    accepted: Sequence[Entry],
    counters: runs.Counters,
    now: datetime,
) -> None:
    seen = [entry.seen for entry in accepted if entry.seen is not None]
    ledger.put_records(session, source.claim, source.mapping_version, seen, counters, now=now)
    keys = [record.native_key for record in seen]
    if keys:
        quarantine.resolve_mapped(session, source.claim, keys, now=now)


def _collision(entry: Entry) -> quarantine.Refusal:
    assert entry.seen is not None
    payload = entry.seen.payload or ledger.compress(b"")
    return quarantine.Refusal(
        entry.key, entry.seen.raw_hash, payload, entry.size, (DUPLICATE,), is_duplicate=True
    )


def _write_touches(session: Session, source: Source, chunk: Sequence[Entry], now: datetime) -> None:
    touched = [entry.key for entry in chunk if entry.kind == "touch" and entry.key is not None]
    if not touched:
        return
    ledger.touch_records(session, source.claim, touched, now=now)
    fresh = [entry.stale_subject for entry in chunk if entry.stale_subject is not None]
    kind = "institution" if source.resource.document_name == "institution" else "instrument"
    apply.announce(session, [apply.change(subject, kind, apply.PUT) for subject in fresh], now=now)


def _write_tombstones(
    session: Session, source: Source, chunk: Sequence[Entry], counters: runs.Counters, now: datetime
) -> None:
    last = {entry.key: entry.kind for entry in chunk if entry.key is not None and entry.kind != "refuse"}
    keys = [key for key, kind in last.items() if kind == "tombstone"]
    if counters.tombstones:
        holds.take_back(session, source.claim, [key for key, kind in last.items() if kind != "tombstone"])
    if not keys:
        return
    known = ledger.known_records(session, source.claim.province, source.claim.resource, keys)
    live = [(key, held.subject) for key, held in known.items() if not held.is_withdrawn]
    counters.tombstones += len(keys)
    holds.collect(session, source.claim, "tombstone", live, now=now)


def _count(
    counters: runs.Counters, chunk: Sequence[Entry], done: apply.Applied, refused: Sequence[Any]
) -> None:
    kinds = [entry.kind for entry in chunk]
    counters.received += len(chunk)
    counters.bytes += sum(entry.size for entry in chunk)
    counters.created += done.created
    counters.updated += done.updated
    counters.unchanged += done.unchanged + kinds.count("touch")
    counters.repeated += kinds.count("repeat")
    counters.quarantined += len(refused)
    counters.duplicates += sum(refusal.is_duplicate for refusal in refused)
    counters.unidentified += sum(entry.kind == "refuse" and entry.key is None for entry in chunk)


def _verdict(entry: Entry, done: apply.Applied, collided: set[str]) -> Verdict:
    if entry.kind == "refuse":
        return Verdict(entry.key, "rejected", entry.problems)
    if entry.key in collided:
        return Verdict(entry.key, "rejected", (DUPLICATE,))
    if entry.kind == "tombstone":
        return Verdict(entry.key, "deleted", ())
    if entry.kind == "put":
        verdict = done.verdicts.get(entry.key or "", "accepted")
        return Verdict(entry.key, "unchanged" if verdict == "unchanged" else "accepted", entry.problems)
    return Verdict(entry.key, "unchanged", ())
