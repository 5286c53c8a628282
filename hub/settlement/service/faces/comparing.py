"""The nightly comparison: what the hub's ledger says of each allotment, and what its home system says.

A difference is not settled by anybody's figures winning: each is kept line by line, shown on a page, and told to people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import AllotmentFigures, SettlementPort
from adapters.errors import AdapterError
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement.models import Comparison, ComparisonLine, FaceState
from hub.settlement.queries import faces as queries
from hub.settlement.queries.faces import Figures
from hub.settlement.service.faces import cases, telling
from hub.settlement.service.faces.reading import keep_state

AT = time(2, 30)
"""Every night at this time of Beijing, when nobody books."""

AGAIN = timedelta(minutes=30)
"""A home system that gave no figures is asked again until it is day; then the comparison says that it was not heard."""

UNTIL = time(7, 0)


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: what the hub has and what the home system has; None where one does not know the allotment."""

    kind: str
    programme_id: str | None
    external_id: str
    ours: Figures | None
    theirs: AllotmentFigures | None


def compare_next(runtime: Runtime) -> bool:
    """Compare with one home system whose night it is; whether there was one. Safe to repeat and anywhere."""
    now = runtime.clock()
    for code, adapter in runtime.adapters.items():
        port = adapter.settlement
        if port is not None and "figures" in port.capabilities and _is_due(runtime, code, now):
            compare(runtime, code, port)
            return True
    return False


def compare(runtime: Runtime, province: str, port: SettlementPort) -> str:
    """Ask for the home system's figures and keep the comparison; its state. Repeated, it is another comparison.

    The call is made before the ledger is read: what changed in between is a difference of one night, and said.
    """
    now = runtime.clock()
    day = now.astimezone(SHANGHAI).date()
    try:
        theirs = port.figures()
    except AdapterError as error:
        return _unheard(runtime, province, day, error, now)
    with runtime.database.write() as session:
        pairs = pair(queries.figures(session, province), theirs)
        differing = sum(each.kind != "same" for each in pairs)
        state = "differing" if differing else "agreeing"
        row = _begin(session, province, day, state=state, now=now)
        row.compared, row.differing = len(pairs), differing
        for number, each in enumerate(pairs, 1):
            session.add(_line(row.id, number, each))
        keep_state(session, province, figures_due_at=_next_night(now), last_success_at=now)
        cases.settle_cases(session, "face_silent", province, "figures", resolution="heard again", now=now)
        if differing:
            told = {"day": day.isoformat(), "compared": len(pairs), "differing": differing}
            cases.open_case(session, "figures_differ", province, "figures", told, now=now)
            areas = {each.ours.area for each in pairs if each.ours is not None and each.kind != "same"}
            telling.tell_difference(session, province, day, differing, areas=areas, now=now)
        else:
            cases.settle_cases(
                session, "figures_differ", province, "figures", resolution="agree again", now=now
            )
    return state


def pair(ours: Iterable[Figures], theirs: Iterable[AllotmentFigures]) -> list[Pair]:
    """Every allotment that either side knows, then the programmes' totals; by programme and name. Pure.

    A figure that the home system does not keep is not compared. An allotment that is empty here and unknown there is
    the same.
    """
    held = list(ours)
    told = list(theirs)
    known: dict[tuple[str | None, str], Figures] = {
        (each.programme_id, each.external_id): each for each in held
    }
    named = {(each.programme_id, each.id): each for each in told if each.id is not None}
    pairs = []
    for key in sorted(known.keys() | named.keys(), key=str):
        mine, other = known.get(key), named.get(key)
        pairs.append(Pair(_kind(mine, other), *key, mine, other))
    for total in sorted((each for each in told if each.id is None), key=lambda each: each.programme_id or ""):
        whole = _total(held, total.programme_id or "")
        pairs.append(Pair(_kind(whole, total), total.programme_id, "", whole, total))
    return pairs


def _kind(mine: Figures | None, other: AllotmentFigures | None) -> str:
    if mine is None:
        return "missing_here"
    if other is None:
        return "missing_there" if mine.allotted else "same"
    both = (
        (mine.allotted, other.allotted),
        (mine.held, other.held),
        (mine.captured, other.captured),
        (mine.redeemed, other.redeemed),
    )
    return "differs" if any(theirs not in {None, own} for own, theirs in both) else "same"


def _total(held: Iterable[Figures], programme_id: str) -> Figures:
    rows = [each for each in held if each.programme_id == programme_id]
    return Figures(
        grant_id="",
        programme_id=programme_id,
        external_id="",
        area=rows[0].area if rows else "",
        holder="",
        revision=0,
        allotted=sum(each.allotted for each in rows),
        left=sum(each.left for each in rows),
        held=sum(each.held for each in rows),
        redeemed=sum(each.redeemed for each in rows),
    )


def _line(comparison_id: int, number: int, each: Pair) -> ComparisonLine:
    mine, other = each.ours, each.theirs
    return ComparisonLine(
        comparison_id=comparison_id,
        line=number,
        kind=each.kind,
        programme_id=each.programme_id,
        external_id=each.external_id,
        area=None if mine is None else mine.area or None,
        holder=None if mine is None else mine.holder or None,
        allotted_fen=None if mine is None else mine.allotted,
        held_fen=None if mine is None else mine.held,
        captured_fen=None if mine is None else mine.captured,
        redeemed_fen=None if mine is None else mine.redeemed,
        their_allotted_fen=None if other is None else other.allotted,
        their_held_fen=None if other is None else other.held,
        their_captured_fen=None if other is None else other.captured,
        their_redeemed_fen=None if other is None else other.redeemed,
    )


def _begin(session: Session, province: str, day: date, *, state: str, now: datetime) -> Comparison:
    """A comparison of this day: another one, but one that was not heard is taken up again."""
    unheard = select(Comparison).where(
        Comparison.province == province, Comparison.day == day, Comparison.state == "unheard"
    )
    row = session.scalar(unheard.with_for_update())
    if row is None:
        row = Comparison(province=province, day=day, state=state, compared=0, differing=0, taken_at=now)
        session.add(row)
    row.state, row.taken_at, row.error = state, now, None
    session.flush()
    return row


def _unheard(runtime: Runtime, province: str, day: date, error: AdapterError, now: datetime) -> str:
    told: dict[str, Any] = {"code": error.code, "zh": error.zh[:500], "en": error.en[:500]}
    is_over = now.astimezone(SHANGHAI).time() >= UNTIL
    with runtime.database.write() as session:
        row = _begin(session, province, day, state="unheard", now=now)
        row.error = told
        due = _next_night(now) if is_over else now + AGAIN
        keep_state(session, province, figures_due_at=due, last_error=told)
        if is_over:
            cases.open_case(session, "face_silent", province, "figures", {"error": told}, now=now)
    return "unheard"


def _is_due(runtime: Runtime, province: str, now: datetime) -> bool:
    """Whether the night's time has come. A hub that sees a home system for the first time waits for the night."""
    with runtime.database.read() as session:
        state = session.get(FaceState, province)
    if state is not None and state.figures_due_at is not None:
        return state.figures_due_at <= now
    with runtime.database.write() as session:
        keep_state(session, province, figures_due_at=_next_night(now))
    return False


def _next_night(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    tonight = datetime.combine(local.date(), AT, tzinfo=SHANGHAI)
    return tonight if local < tonight else tonight + timedelta(days=1)
