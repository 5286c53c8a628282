"""Pure decisions about reading a province: breaker, retries, when a read is full, verdicts, the deletion guard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from adapters.contract import INCREMENTAL_FAMILIES, Resource
from adapters.errors import AdapterError, AuthRejected, Refused

Verdict = Literal["complete", "partial", "suspect"]
State = Literal["planned", "connected", "offline", "suspended"]
Passage = Literal["closed", "half_open", "open"]

BREAKER_FAILURES = 5
BREAKER_FIRST = timedelta(minutes=1)
BREAKER_LONGEST = timedelta(hours=1)
MAX_ATTEMPTS = 6
"""Attempts of one run without a single committed page between them."""
LONGEST_PAUSE = 300.0
READ_TOO_OLD = timedelta(hours=24)
"""A read that was broken off longer ago is started again: its first pages tell too little about today."""
FULL_READ_EVERY = {"absence": timedelta(hours=24), "tombstone": timedelta(days=7), "none": timedelta(days=7)}
"""How long a source may be read by changes only. Absence shows nowhere but in a full read."""
MANY_REJECTED = (20, 0.2)


class Reason(NamedTuple):
    """Why something is so: a stable code and the words for a person, Chinese first."""

    code: str
    zh: str
    en: str


# --- circuit breaker -------------------------------------------------------------------------------------------


class Breaker(NamedTuple):
    """Consecutive failures of a province, and until when it is left alone."""

    failures: int = 0
    open_until: datetime | None = None


def passage(breaker: Breaker, now: datetime) -> Passage:
    """Whether the province may be called: freely, once as a trial (after a sign of life), or not now."""
    if breaker.open_until is None:
        return "closed"
    return "open" if now < breaker.open_until else "half_open"


def breaker_after_failure(breaker: Breaker, now: datetime, *, is_final: bool = False) -> Breaker:
    """One more failure. Opens at the fifth in a row, or at once when only a person can help (`is_final`).

    Each failed trial doubles the time the province is left alone, up to an hour.
    """
    failures = breaker.failures + 1
    if is_final:
        return Breaker(failures, now + BREAKER_LONGEST)
    if failures < BREAKER_FAILURES:
        return Breaker(failures, None)
    doubled = BREAKER_FIRST * 2 ** min(failures - BREAKER_FAILURES, 10)
    return Breaker(failures, now + min(doubled, BREAKER_LONGEST))


def state_after_failure(error: AdapterError, breaker: Breaker, before: str) -> str:
    """The province's state in OCPI's words: suspended when it refuses us, offline once the breaker is open."""
    if isinstance(error, AuthRejected | Refused):
        return "suspended"
    return "offline" if breaker.open_until is not None else before


# --- retries ---------------------------------------------------------------------------------------------------


def pause_before_retry(error: AdapterError, attempt: int, chance: float) -> float | None:
    """Seconds until the run goes on, or None when it ends here.

    A `Retry-After` is obeyed (never shorter, at most an hour); otherwise full jitter under 1, 2, 4 … 300 s.
    `attempt` counts from 1 since the last committed page, `chance` is in [0, 1).
    """
    if not error.retryable or attempt >= MAX_ATTEMPTS:
        return None
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        return min(max(float(asked), 0.5), 3600.0)
    return 0.5 + chance * min(LONGEST_PAUSE, 2.0**attempt)


# --- full or changes -------------------------------------------------------------------------------------------


def keeps_cursor(resource: Resource) -> bool:
    """Whether the cursor of a closed read means something to the next one."""
    return resource.cursor_family in INCREMENTAL_FAMILIES or resource.direction == "drop"


def needs_full_read(
    resource: Resource, last_full: datetime | None, now: datetime, *, has_new_mapping: bool = False
) -> bool:
    """Whether the next read must start from nothing: a new mapping has to meet the unchanged records too."""
    if not keeps_cursor(resource) or last_full is None or has_new_mapping:
        return True
    if resource.direction == "drop":
        return False
    return now - last_full >= FULL_READ_EVERY[resource.deletes]


def may_continue_read(started: datetime | None, now: datetime) -> bool:
    """Whether a read that was broken off is worth continuing from its last page."""
    return started is not None and now - started < READ_TOO_OLD


def is_duplicate(
    *, is_full: bool, modified: datetime | None, before: datetime | None, opened: datetime
) -> bool:
    """Whether a second record with the same key and other content in one read contradicts the first.

    It does not when the source changed while it was being read: then the second is newer than the opening of
    the read. In a read of changes a later state of the same record is normal, unless both are of the same instant.
    """
    if is_full:
        return modified is None or modified <= opened
    return modified == before


# --- deletion guard --------------------------------------------------------------------------------------------


class Guard(NamedTuple):
    """How many deletions of one run pass without a person: at most `most`, and at most `share` above `floor`."""

    share: float = 0.05
    most: int = 200
    floor: int = 10


GUARD = Guard()


def reasons_to_hold(deletions: int, live: int, guard: Guard = GUARD) -> list[Reason]:
    """Why these deletions wait for a person; empty when they may be applied.

    `live` is the number of records shown before. Sources below the floor may lose some records, never all.
    """
    if deletions <= 0 or live <= 0:
        return []
    if deletions >= live:
        return [
            Reason("deletes_everything", f"{live} 条记录将全部消失", f"all {live} records would disappear")
        ]
    if deletions > guard.most:
        return [
            Reason(
                "deletes_many",
                f"{deletions} 条记录将消失，超过上限 {guard.most} 条",
                f"{deletions} records would disappear, more than {guard.most}",
            )
        ]
    if deletions > guard.floor and deletions > live * guard.share:
        return [
            Reason(
                "deletes_share",
                f"{live} 条记录中有 {deletions} 条将消失，超过 {guard.share:.0%}",
                f"{deletions} of {live} records would disappear, more than {guard.share:.0%}",
            )
        ]
    return []


# --- verdict ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What is known at the end of a read. `last_rows` and `last_unidentified` are those of the last full read."""

    is_full: bool
    has_ended: bool
    received: int
    declared_total: int | None = None
    rejected: int = 0
    unidentified: int = 0
    last_rows: int | None = None
    last_unidentified: int | None = None
    is_paged: bool = False
    error: Reason | None = None
    held: tuple[Reason, ...] = field(default=())


def judge_read(facts: ReadFacts) -> tuple[Verdict, list[Reason]]:
    """The verdict on a read with its reasons: *complete* is something found out, not the lack of an exception."""
    gaps = list(_gaps(facts))
    if gaps:
        return "partial", gaps
    doubts = list(_doubts(facts))
    return ("suspect" if doubts else "complete"), doubts


def may_delete_by_absence(facts: ReadFacts, absent: int) -> list[Reason]:
    """Why absence proves nothing in this read; empty when it does.

    A piece that says no longer who it is may be one of those that are missing.
    """
    if not facts.is_full or list(_gaps(facts)):
        return [
            Reason(
                "read_not_complete",
                "本次读取不完整，不据此删除",
                "the read was not complete; nothing is deleted",
            )
        ]
    fresh = facts.unidentified - (facts.last_unidentified or 0)
    if facts.last_rows is not None and 0 < absent <= fresh:
        return [
            Reason(
                "absence_unproven",
                f"有 {fresh} 条新的无法识别的记录，缺少的 {absent} 条可能就在其中，暂不删除",
                f"{fresh} new records do not say who they are; the {absent} missing ones may be among them",
            )
        ]
    return []


def needs_second_absence(facts: ReadFacts) -> bool:
    """Whether a record must be missing from two full reads in a row: numbered pages without a total are weak."""
    return facts.is_paged and facts.declared_total is None


def _gaps(facts: ReadFacts) -> Iterator[Reason]:
    if facts.error is not None:
        yield facts.error
    elif not facts.has_ended:
        yield Reason("not_ended", "读取在最后一页之前中断", "the read stopped before its last page")
    # in a read of changes some platforms declare the changes, others everything they have
    declared = facts.declared_total if facts.is_full else None
    if facts.has_ended and declared is not None and facts.received < declared:
        yield Reason(
            "fewer_than_declared",
            f"平台声明 {facts.declared_total} 条，只收到 {facts.received} 条",
            f"the platform declared {facts.declared_total} records and delivered {facts.received}",
        )


def _doubts(facts: ReadFacts) -> Iterator[Reason]:
    yield from facts.held
    if facts.is_paged and facts.declared_total is not None and facts.received > facts.declared_total:
        yield Reason(
            "more_than_declared",
            f"平台声明 {facts.declared_total} 条，却收到 {facts.received} 条（翻页时数据有变动）",
            f"the platform declared {facts.declared_total} records and delivered {facts.received}: pages moved",
        )
    if (
        facts.is_full
        and facts.last_rows
        and reasons_to_hold(facts.last_rows - facts.received, facts.last_rows)
    ):
        yield Reason(
            "sharp_drop",
            f"上次完整读取 {facts.last_rows} 条，本次只有 {facts.received} 条",
            f"the last full read had {facts.last_rows} records, this one {facts.received}",
        )
    if facts.rejected > MANY_REJECTED[0] and facts.rejected > facts.received * MANY_REJECTED[1]:
        yield Reason(
            "many_rejected",
            f"{facts.received} 条中有 {facts.rejected} 条不合规范",
            f"{facts.rejected} of {facts.received} records are not valid",
        )


def as_documents(reasons: list[Reason]) -> list[dict[str, Any]]:
    """Reasons as they are kept and served."""
    return [reason._asdict() for reason in reasons]


def error_reason(error: AdapterError) -> Reason:
    """An adapter's error in words."""
    return Reason(error.code, error.zh, error.en)
