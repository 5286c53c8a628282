"""A sorted page written in short transactions: records, raw payloads, quarantine, counters, checkpoint, announcements."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from adapters.contract import NativePage, RecordProblem
from hub.catalog.service import apply
from hub.catalog.service.sorting import DUPLICATE, Entry, Kind, Source
from hub.core.db import Database
from hub.federation.service import claims, holds, ledger, quarantine

_WEIGHT: dict[Kind, float] = {"touch": 0.1, "repeat": 0.0, "put": 1.0, "refuse": 0.5, "tombstone": 0.2}
"""What writing an entry costs beside a mapped record."""


class Verdict(NamedTuple):
    """What became of one record, in the order of delivery."""

    key: str | None
    verdict: Literal["accepted", "unchanged", "rejected", "deleted"]
    problems: tuple[RecordProblem, ...]


def write_page(
    database: Database,
    source: Source,
    page: NativePage,
    entries: Sequence[Entry],
    *,
    counters: claims.Counters,
    now: datetime,
) -> Iterator[list[Verdict]]:
    """Write a sorted page in short transactions; the last one moves the checkpoint. Yields after each commit.

    How much goes into one transaction follows from how long the ones before held the write lock. Raises `LeaseLost`
    when the run was taken over; what was not committed is void then.
    """
    unidentified = sum(entry.kind == "refuse" and entry.key is None for entry in entries)
    weights = [_WEIGHT[entry.kind] for entry in entries]
    start = 0
    while True:
        stop = source.tempo.cut(weights, start)
        chunk = entries[start:stop]
        end = None
        if stop >= len(entries):
            counters.pages += 1
            end = claims.PageEnd(
                page.cursor, page.is_last, page.is_full, page.declared_total, len(entries), unidentified
            )
        packed = ledger.pack([entry.raw for entry in chunk if entry.raw is not None])
        with database.write() as session:
            claims.enter_run(session, source.claim, now=now)
            began = time.perf_counter()  # the lock is ours from here
            verdicts = _write_chunk(session, source, chunk, packed, counters=counters, now=now)
            claims.advance(session, source.claim, counters, now=now, end=end)
        source.tempo.learn(sum(weights[start:stop]), time.perf_counter() - began)
        yield verdicts
        if end is not None:
            return
        start = stop


def _write_chunk(
    session: Session,
    source: Source,
    chunk: Sequence[Entry],
    packed: ledger.Packed | None,
    *,
    counters: claims.Counters,
    now: datetime,
) -> list[Verdict]:
    claim = source.claim
    _keep_raw(session, claim, chunk, packed, counters=counters, now=now)
    put = {
        entry.key: entry for entry in chunk if entry.kind == "put"
    }  # of a key delivered twice the later stands
    pulled = [entry.pulled for entry in put.values() if entry.pulled is not None]
    done = apply.apply_page(session, claim.province, source.resource.document_name, pulled, now=now)
    collided = {record.key for record in done.collided}
    _write_ledger(session, source, [entry for key, entry in put.items() if key not in collided], now)
    refused = [entry for entry in chunk if entry.kind == "refuse"]
    refused += [replace(put[key], problems=(DUPLICATE,), is_duplicate=True) for key in collided]
    _write_refusals(session, source, refused, now)
    _write_touches(session, source, chunk, now)
    _write_tombstones(session, source, chunk, counters, now)
    noted = [(entry.key, problem) for entry in chunk for problem in entry.problems]
    quarantine.note_unmapped(session, claim, source.mapping_version, noted, now=now)
    _count(counters, chunk, done, refused)
    return [_verdict(entry, done, collided) for entry in chunk]


def _keep_raw(
    session: Session,
    claim: claims.Claim,
    chunk: Sequence[Entry],
    packed: ledger.Packed | None,
    *,
    counters: claims.Counters,
    now: datetime,
) -> None:
    """Keep the chunk's payloads; every entry knows then where its own is."""
    if packed is None:
        return
    numbers = iter(ledger.keep_packed(session, claim, packed, counters, now=now))
    for entry in chunk:
        if entry.raw is not None:
            entry.raw, entry.raw_at = None, (claim.run_id, next(numbers))


def _write_ledger(session: Session, source: Source, accepted: Sequence[Entry], now: datetime) -> None:
    seen = [
        ledger.Seen(entry.key, entry.pulled.document["id"], entry.raw_hash, entry.modified, entry.raw_at)
        for entry in accepted
        if entry.key is not None and entry.pulled is not None and entry.raw_at is not None
    ]
    if not seen:
        return
    ledger.put_records(session, source.claim, source.mapping_version, seen, now=now)
    mended = [entry.key for entry in accepted if entry.key is not None and entry.was_refused]
    quarantine.resolve_mapped(session, source.claim, mended, now=now)


def _write_refusals(session: Session, source: Source, refused: Sequence[Entry], now: datetime) -> None:
    refusals = [
        quarantine.Refusal(
            entry.key, entry.raw_hash, entry.raw_at, entry.problems, entry.is_duplicate, entry.position
        )
        for entry in refused
        if entry.raw_at is not None
    ]
    quarantine.put_refusals(session, source.claim, source.mapping_version, refusals, now=now)
    superseded = [entry.key for entry in refused if entry.key is not None and not entry.is_duplicate]
    if superseded:
        ledger.mark_superseded(session, source.claim, superseded, now=now)


def _write_touches(session: Session, source: Source, chunk: Sequence[Entry], now: datetime) -> None:
    touched = [entry.key for entry in chunk if entry.kind == "touch" and entry.key is not None]
    if not touched:
        return
    ledger.touch_records(session, source.claim, touched, now=now)
    fresh = [entry.stale_subject for entry in chunk if entry.stale_subject is not None]
    kind = "institution" if source.resource.document_name == "institution" else "instrument"
    apply.announce(session, [apply.change(subject, kind, apply.PUT) for subject in fresh], now=now)


def _write_tombstones(
    session: Session, source: Source, chunk: Sequence[Entry], counters: claims.Counters, now: datetime
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
    counters: claims.Counters, chunk: Sequence[Entry], done: apply.Applied, refused: Sequence[Entry]
) -> None:
    kinds = [entry.kind for entry in chunk]
    counters.received += len(chunk)
    counters.bytes += sum(entry.size for entry in chunk)
    counters.created += done.created
    counters.updated += done.updated
    counters.unchanged += done.unchanged + kinds.count("touch")
    counters.repeated += kinds.count("repeat")
    counters.quarantined += len(refused)
    counters.duplicates += sum(entry.is_duplicate for entry in refused)
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
