"""Asking provinces: results of payments, and words about allotments. No transaction is open while one is called."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from adapters.contract import AllotmentWord, RedemptionPage, SettlementPort
from adapters.errors import AdapterError, Unsupported
from hub.core.db import insert
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.settlement.models import FaceState
from hub.settlement.rules import faces as rules
from hub.settlement.service.faces import allotments, cases, results

RESULTS_EVERY = timedelta(minutes=5)
ALLOTMENTS_EVERY = timedelta(minutes=1)
_UNREACHED_EVERY = timedelta(hours=1)
SILENT_AFTER = 8
"""So many failures in a row are a case: with the pauses between them about half a day."""

Reading = Literal["results", "allotments"]
_READERS: tuple[tuple[Reading, timedelta], ...] = (
    ("results", RESULTS_EVERY),
    ("allotments", ALLOTMENTS_EVERY),
)


def read_next(runtime: Runtime) -> bool:
    """Read one province's results or allotments that are due; whether there were any. Safe to repeat and anywhere."""
    now = runtime.clock()
    for code, adapter in runtime.adapters.items():
        port = adapter.settlement
        if port is None:
            continue
        for what, every in _READERS:
            if what in port.capabilities and _is_due(runtime, code, what, now):
                _read(runtime, code, port, what, every)
                return True
    return False


def read_results(runtime: Runtime, province: str, port: SettlementPort) -> int:
    """Read a province's results to their end; how many were applied. Safe to repeat: the cursor moves with the facts.

    Every page is one transaction. Raises the adapter's errors.
    """
    with runtime.database.read() as session:
        state = session.get(FaceState, province)
        cursor = None if state is None else state.results_cursor
    applied = 0
    for page in port.results(cursor):
        with runtime.database.write() as session:
            applied += _take(session, province, page, now=runtime.clock())
    return applied


def pull_allotments(runtime: Runtime, province: str, port: SettlementPort) -> int:
    """Carry out what a home system wants answered, and answer; how many words that were. Safe to repeat.

    Each word is one transaction, and answered after it was kept: an answer that is lost is given again when the home
    system asks again. Raises the adapter's errors.
    """
    words = port.allotments()
    for word in words:
        reply = _hear(runtime, province, word)
        port.reply(reply)
    return len(words)


def _hear(runtime: Runtime, province: str, word: AllotmentWord) -> Any:
    now = runtime.clock()
    subject = f"{word.programme_id}:{word.id}"
    try:
        with runtime.database.write() as session:
            reply = allotments.hear(session, province, word, way="pull", now=now)
            done = "carried out"
            cases.settle_cases(session, "allotment_refused", province, subject, resolution=done, now=now)
            return reply
    except HubError as refused:
        told = {"allotment": word.id, "revision": word.revision, "fen": word.fen, "code": refused.code}
        told |= {"error": {"code": refused.code, "zh": refused.zh, "en": refused.en}}
        with runtime.database.write() as session:
            cases.open_case(session, "allotment_refused", province, subject, told, now=now)
        return allotments.refusal(word, refused)


def _take(session: Session, province: str, page: RedemptionPage, *, now: datetime) -> int:
    met = results.meet_all(session, province, page.redemptions, now=now)
    for damaged in page.damaged:
        told = {
            "position": damaged.position,
            "error": {"code": damaged.code, "zh": damaged.zh, "en": damaged.en},
        }
        cases.open_case(session, "results_damaged", province, damaged.position[:200], told, now=now)
    keep_state(session, province, results_cursor=page.cursor)
    return met.get("applied", 0)


def _read(runtime: Runtime, province: str, port: SettlementPort, what: Reading, every: timedelta) -> None:
    readers: Mapping[Reading, Callable[[Runtime, str, SettlementPort], int]] = {
        "results": read_results,
        "allotments": pull_allotments,
    }
    try:
        readers[what](runtime, province, port)
    except Unsupported:  # no address or folder: the province's people use the portal
        with runtime.database.write() as session:
            keep_state(session, province, **{f"{what}_due_at": runtime.clock() + _UNREACHED_EVERY})
        return
    except AdapterError as error:
        _note_failure(runtime, province, what, every, error)
        return
    now = runtime.clock()
    with runtime.database.write() as session:
        told = {f"{what}_due_at": now + every, f"{what}_failures": 0, "last_success_at": now}
        keep_state(session, province, **told)
        cases.settle_cases(session, "face_silent", province, what, resolution="reached again", now=now)


def _note_failure(
    runtime: Runtime, province: str, what: Reading, every: timedelta, error: AdapterError
) -> None:
    now = runtime.clock()
    with runtime.database.write() as session:
        state = session.get(FaceState, province)
        failures = 1 if state is None else getattr(state, f"{what}_failures") + 1
        told = {"code": error.code, "zh": error.zh[:500], "en": error.en[:500]}
        due = rules.next_read(failures, now, every)
        values = {f"{what}_due_at": due, f"{what}_failures": failures, "last_error": told}
        keep_state(session, province, **values)
        is_final = not error.retryable and error.code != "outcome-unknown"
        if failures >= SILENT_AFTER or is_final:
            cases.open_case(session, "face_silent", province, what, {"error": told}, now=now)


def keep_state(session: Session, province: str, **values: Any) -> None:
    """Write down where the hub stands with a province."""
    fresh = {"results_failures": 0, "allotments_failures": 0}
    made = insert(session, FaceState).values(province=province, **(fresh | values))
    session.execute(made.on_conflict_do_update(index_elements=["province"], set_=values))


def _is_due(runtime: Runtime, province: str, what: Reading, now: datetime) -> bool:
    with runtime.database.read() as session:
        state = session.get(FaceState, province)
    due = None if state is None else getattr(state, f"{what}_due_at")
    return due is None or due <= now
