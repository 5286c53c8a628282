"""Quarantine and worklist: what could not become a document, kept with pointer, reason and raw record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, case, select, update
from sqlalchemy.orm import Session

from adapters.contract import RecordProblem
from hub.core.db import insert
from hub.federation.models import Quarantined, UnmappedValue
from hub.federation.service.claims import Claim
from hub.federation.service.ledger import pieces

_QUARANTINE: Table = Quarantined.__table__  # type: ignore[assignment]
_WORKLIST: Table = UnmappedValue.__table__  # type: ignore[assignment]

# Built once: every page of a harvest asks for its keys.
_OPEN = select(_QUARANTINE.c.native_key, _QUARANTINE.c.raw_hash, _QUARANTINE.c.is_duplicate).where(
    _QUARANTINE.c.province == bindparam("b_province"),
    _QUARANTINE.c.resource == bindparam("b_resource"),
    _QUARANTINE.c.native_key.in_(bindparam("b_keys", expanding=True)),
    _QUARANTINE.c.state == "open",
)

UNMAPPED = "unmapped-code"
VALUE_CHARS = 200


class Refusal(NamedTuple):
    """One record that goes to quarantine. `position` says where a piece stood that is no record at all."""

    native_key: str | None
    raw_hash: str
    raw_at: tuple[int, int]
    problems: tuple[RecordProblem, ...]
    is_duplicate: bool = False
    position: str | None = None


def as_reason(problem: RecordProblem) -> dict[str, Any]:
    """A problem as it is kept; long values are cut."""
    value = problem.value
    text = value if isinstance(value, str | int | float | bool | None) else str(value)
    if isinstance(text, str) and len(text) > VALUE_CHARS:
        text = text[:VALUE_CHARS] + "…"
    return {
        "pointer": problem.pointer,
        "code": problem.code,
        "zh": problem.zh,
        "en": problem.en,
        "value": text,
    }


def put_refusals(
    session: Session, claim: Claim, mapping_version: str, refusals: Sequence[Refusal], *, now: datetime
) -> None:
    """Put records into quarantine. The same bytes are one entry, however often they come; it is opened again."""
    if not refusals:
        return
    once = {refusal.raw_hash: refusal for refusal in refusals}
    statement = insert(session, _QUARANTINE)
    names = (
        "native_key", "is_duplicate", "position", "reasons", "mapping_version", "state", "last_seen_at",
        "last_run_id", "seen_read", "raw_run", "raw_number", "resolved_at", "resolved_why",
    )  # fmt: skip
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["province", "resource", "raw_hash"],
            set_={name: statement.excluded[name] for name in names},
        ),
        [_row(claim, mapping_version, refusal, now) for refusal in once.values()],
    )


def kept_payloads(
    session: Session, province: str, resource: str, hashes: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Where the payloads of quarantined records with these hashes are kept; only open entries: others may have been retired."""
    found: dict[str, tuple[int, int]] = {}
    for some in pieces(hashes):
        rows = session.execute(
            select(Quarantined.raw_hash, Quarantined.raw_run, Quarantined.raw_number).where(
                Quarantined.province == province,
                Quarantined.resource == resource,
                Quarantined.raw_hash.in_(some),
                Quarantined.state == "open",
            )
        )
        found.update({row.raw_hash: (row.raw_run, row.raw_number) for row in rows})
    return found


class Open(NamedTuple):
    """An entry of quarantine that is open."""

    native_key: str
    raw_hash: str
    is_duplicate: bool


def open_entries(session: Session, province: str, resource: str, keys: Iterable[str]) -> list[Open]:
    """The open entries of these keys."""
    found: list[Open] = []
    place = {"b_province": province, "b_resource": resource}
    for some in pieces(keys):
        rows = session.connection().execute(_OPEN, {**place, "b_keys": some})
        found += [Open(*row) for row in rows]
    return found


def resolve_mapped(session: Session, claim: Claim, keys: Sequence[str], *, now: datetime) -> None:
    """Close the entries of records that map now. Duplicates stay: their first record maps every time."""
    for some in pieces(keys):
        _resolve(session, claim, now, "mapped", Quarantined.native_key.in_(some), ~Quarantined.is_duplicate)


def resolve_unseen(session: Session, claim: Claim, *, now: datetime) -> None:
    """After a complete full read: close the entries of records that the source no longer delivers."""
    _resolve(session, claim, now, "gone", Quarantined.seen_read != claim.read_id)


def note_unmapped(
    session: Session,
    claim: Claim,
    mapping_version: str,
    problems: Iterable[tuple[str | None, RecordProblem]],
    *,
    now: datetime,
) -> None:
    """Count code values that no table knows; `problems` are `(record key, problem)`, others are passed over.

    Counts start again with a new mapping version.
    """
    counted: dict[tuple[str, str], dict[str, Any]] = {}
    for key, problem in problems:
        if problem.code != UNMAPPED:
            continue
        name = (problem.table or problem.pointer, str(problem.value)[:VALUE_CHARS])
        fresh = {
            "province": claim.province,
            "resource": claim.resource,
            "code_table": name[0],
            "value": name[1],
            "pointer": problem.pointer,
            "occurrences": 0,
            "example_key": key,
            "mapping_version": mapping_version,
            "first_seen_at": now,
            "last_seen_at": now,
            "resolved_at": None,
        }
        counted.setdefault(name, fresh)["occurrences"] += 1
    if counted:
        _count_unmapped(session, list(counted.values()), mapping_version)


def resolve_unmapped(session: Session, claim: Claim, mapping_version: str, *, now: datetime) -> None:
    """After a complete full read: close worklist entries that the present mapping has not met."""
    session.execute(
        update(UnmappedValue)
        .where(
            UnmappedValue.province == claim.province,
            UnmappedValue.resource == claim.resource,
            UnmappedValue.mapping_version != mapping_version,
            UnmappedValue.resolved_at.is_(None),
        )
        .values(resolved_at=now)
        .execution_options(synchronize_session=False)
    )


def _row(claim: Claim, mapping_version: str, refusal: Refusal, now: datetime) -> Mapping[str, Any]:
    return {
        "province": claim.province,
        "resource": claim.resource,
        "native_key": refusal.native_key,
        "raw_hash": refusal.raw_hash,
        "is_duplicate": refusal.is_duplicate,
        "position": refusal.position,
        "reasons": [as_reason(problem) for problem in refusal.problems],
        "mapping_version": mapping_version,
        "state": "open",
        "first_seen_at": now,
        "last_seen_at": now,
        "first_run_id": claim.run_id,
        "last_run_id": claim.run_id,
        "seen_read": claim.read_id,
        "raw_run": refusal.raw_at[0],
        "raw_number": refusal.raw_at[1],
        "resolved_at": None,
        "resolved_why": None,
    }


def _resolve(session: Session, claim: Claim, now: datetime, why: str, *where: ColumnElement[bool]) -> None:
    session.execute(
        update(Quarantined)
        .where(
            Quarantined.province == claim.province,
            Quarantined.resource == claim.resource,
            Quarantined.state == "open",
            *where,
        )
        .values(state="resolved", resolved_at=now, resolved_why=why)
        .execution_options(synchronize_session=False)
    )


def _count_unmapped(session: Session, rows: list[dict[str, Any]], mapping_version: str) -> None:
    statement = insert(session, _WORKLIST)
    fresh = statement.excluded
    before = case((_WORKLIST.c.mapping_version == mapping_version, _WORKLIST.c.occurrences), else_=0)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["province", "resource", "code_table", "value"],
            set_={
                "occurrences": fresh.occurrences + before,
                "pointer": fresh.pointer,
                "example_key": fresh.example_key,
                "mapping_version": fresh.mapping_version,
                "last_seen_at": fresh.last_seen_at,
                "resolved_at": None,
            },
        ),
        rows,
    )
