"""Finance's first page: the calendar of periods, what waits for the reader, and the batches of the provinces they deal with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import SHANGHAI
from hub.core.web import ReadSession
from hub.identity import access
from hub.settlement.errors import ExportSpanWrong
from hub.settlement.queries import paying
from hub.settlement.queries import periods as queries
from hub.settlement.queries.periods import BatchShown
from hub.settlement.service.exports import Column, Table, journal_lines, scope_of
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame
from station_portal.i18n import Language
from station_portal.settling import files, offices, words
from station_portal.settling.turns import turn_of

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(offices.READ)]
Word = Annotated[str, Query(max_length=20)]

SHOWN = 120
"""Batches of one period: those of eleven provinces with one; a province sees 21 of a month."""
_MOST = 5_000


class Wish:
    """What the list was asked for; what does not exist is left out."""

    def __init__(
        self,
        *,
        period: Word = "",
        state: Word = "",
        other: Word = "",
        empty: Word = "",
        format: Word = "",
    ) -> None:
        self.period = period if len(period) == 7 else ""
        self.state = state if state in schemas.codes("settlement_batch_state") else ""
        self.other = other if other in schemas.codes("province") else ""
        self.empty = "1" if empty else ""
        self.format = format if format in files.FORMATS else ""

    def address(self, **changes: object) -> str:
        """The list's address with other wishes; an empty one is left out."""
        told = {
            "period": self.period,
            "state": self.state,
            "other": self.other,
            "empty": self.empty,
        } | changes
        query = urlencode({name: value for name, value in told.items() if value})
        return "/staff/settlement/batches" + (f"?{query}" if query else "")


Wanted = Annotated[Wish, Depends(Wish)]


@router.get("/staff/settlement")
def show_calendar(frame: CurrentFrame, session: ReadSession, me: Reader) -> Response:
    """The months with their cut-offs and how far they are, and what waits for the reader's office."""
    language = frame.language
    months = queries.calendar(session)
    waiting = queries.waiting_batches(session, me.area) if me.area and len(me.area) == 2 else []
    mine = {
        month.id: _counted(queries.batches(session, area=me.area or None, period=month.id, limit=_MOST))
        for month in months
    }
    context = {
        "months": [
            {
                "month": month,
                "states": [
                    {**words.batch_state(state, language), "count": count, "code": state}
                    for state, count in mine[month.id].items()
                ],
                "is_cut": month.cutoff_at <= frame.now,
            }
            for month in months
        ],
        "waiting": [_row(frame, me, each, {}) for each in waiting],
        "first": _first_of(frame.now.astimezone(SHANGHAI).date()).isoformat(),
        "today": frame.now.astimezone(SHANGHAI).date().isoformat(),
    }
    return frame.page("settling_periods.html", context)


@router.get("/staff/settlement/batches")
def list_batches(frame: CurrentFrame, session: ReadSession, me: Reader, wish: Wanted) -> Response:
    """Batches by counter-province with state, deadline and whose turn it is; empty ones only when asked for."""
    language = frame.language
    found = queries.batches(
        session, area=me.area or None, period=wish.period or None, state=wish.state or None, limit=_MOST
    )
    if wish.other:
        found = [each for each in found if wish.other in (each.visited, each.home)]
    if not wish.empty:
        found = [each for each in found if each.lines or each.state == "open"]
    found.sort(key=lambda each: (each.period_id, each.visited, each.home), reverse=True)
    if wish.format:
        about = _about(wish, language)
        table = _table(frame, me, found, _payers(session, found))
        return files.table_answer(frame, table, wish.format, "batches", about=about)
    provinces = schemas.codes("province")
    payers = _payers(session, found[:SHOWN])
    context = {
        "wish": wish,
        "rows": [_row(frame, me, each, payers) for each in found[:SHOWN]],
        "more": max(0, len(found) - SHOWN),
        "totals": _totals(found),
        "periods": [month.id for month in queries.calendar(session)],
        "states": [
            (code, language.pick(each.zh, each.en))
            for code, each in schemas.codes("settlement_batch_state").items()
        ],
        "provinces": [
            (code, wording.short_province(code, language))
            for code in provinces
            if provinces[code].attributes.get("region")
        ],
        "formats": files.links(wish.address),
        "bounds": files.bounds(),
    }
    return frame.page("settling_batches.html", context)


@router.get("/staff/settlement/journal")
def take_journal(
    frame: CurrentFrame,
    me: Reader,
    *,
    first: Annotated[str, Query(max_length=10)] = "",
    end: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The ledger of a span of days within the reader's area, as beancount; streamed from one snapshot."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(end)
    except ValueError:
        raise ExportSpanWrong from None
    if days[0] >= days[1]:
        raise ExportSpanWrong
    scope, database, now = scope_of(me.area), frame.runtime.database, frame.now

    def pieces() -> Any:
        with database.read() as session:
            for text in journal_lines(session, *days, scope, now=now):
                yield text.encode()

    return files.streamed(pieces(), "beancount", f"ledger-{days[0]}-{days[1]}-{scope.area or 'belt'}")


def _counted(found: Sequence[BatchShown]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found:
        if each.lines or each.state in ("open", "closing"):
            counts[each.state] = counts.get(each.state, 0) + 1
    return counts


Payers = Mapping[str, Collection[str]]


def _payers(session: Session, found: Sequence[BatchShown]) -> Payers:
    """Which areas still have to pay what was posted."""
    return paying.payers_of(session, [each.id for each in found if each.state == "posted"])


def _row(frame: Frame, me: access.Principal, each: BatchShown, payers: Payers) -> dict[str, Any]:
    language = frame.language
    owing = payers.get(each.id, ())
    return {
        "batch": each,
        "visited": wording.short_province(each.visited, language),
        "home": wording.short_province(each.home, language),
        "badge": words.batch_state(each.state, language),
        "step": turn_of(each, me, language, cutoff_at=each.cutoff_at, payers=owing),
        "href": f"/staff/settlement/batches/{each.id}",
    }


def _totals(found: Sequence[BatchShown]) -> dict[str, int]:
    return {
        name: sum(getattr(each, name) for each in found)
        for name in ("lines", "fee_fen", "voucher_fen", "own_fen")
    }


def _about(wish: Wish, language: Language) -> str:
    told = [wish.period]
    told.append(wording.name("settlement_batch_state", wish.state, language))
    told.append(wording.short_province(wish.other, language) if wish.other else "")
    return " · ".join(part for part in told if part) or language("全部批次")


def _table(frame: Frame, me: access.Principal, found: Sequence[BatchShown], payers: Payers) -> Table:
    language = frame.language
    columns = [
        Column(language("结算期")),
        Column(language("服务省")),
        Column(language("归属省")),
        Column(language("状态")),
        Column(language("行数"), "count"),
        Column(language("费用（元）"), "fen"),
        Column(language("创新券（元）"), "fen"),
        Column(language("自付（元）"), "fen"),
        Column(language("轮到谁")),
        Column(language("期限"), "instant"),
    ]
    rows = []
    for each in found:
        held = _row(frame, me, each, payers)
        step = held["step"]
        rows.append(
            (
                each.period_id,
                held["visited"],
                held["home"],
                held["badge"]["text"],
                each.lines,
                each.fee_fen,
                each.voucher_fen,
                each.own_fen,
                "" if step is None else step.who,
                None if step is None else step.by,
            )
        )
    sums = _totals(found)
    total = (language("合计"), None, None, None, *sums.values(), None, None)
    return Table(language("结算批次"), columns, rows, len(rows), total)


def _first_of(day: date) -> date:
    return day.replace(day=1)
