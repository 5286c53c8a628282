"""Who owes whom: the matrix of the eleven provinces, and what was unpaid at the end of a budget year."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.orm import Session

from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import rules as roles
from hub.settlement import queries as settlement
from hub.settlement.queries import paying as payments
from hub.settlement.queries import periods as queries
from hub.settlement.rules.periods import NetMatrix
from hub.settlement.service import periods
from hub.settlement.service.exports import Column, Table
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.pages.settling.payments import Reader as PaymentsReader
from station_portal.pages.settling.periods import Reader
from station_portal.settling import files, names, offices, words
from station_portal.settling.turns import payment_turn

router = APIRouter(include_in_schema=False)

Word = Annotated[str, Query(max_length=10)]
Netter = Annotated[access.Principal, access.action("settlement.set_netting")]
NET = "settlement.set_netting"
LEVELS = 5
FIRST_YEAR = 2000


@router.get("/staff/settlement/matrix")
def show_matrix(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    period: Word = "",
    format: Word = "",
    told: Word = "",
) -> Response:
    """Voucher shares between provinces of a period, of what was posted. Information: nothing is paid less because of it."""
    language = frame.language
    months = [month.id for month in queries.calendar(session)]
    chosen = period if period in months else next(iter(_posted(session, months)), months[0] if months else "")
    found = queries.net_matrix(session, chosen)
    if format in files.FORMATS:
        return files.table_answer(
            frame, _table(found, chosen, language), format, f"matrix-{chosen}", about=chosen
        )
    most = max((fen for row in found.owed.values() for fen in row.values()), default=0)
    called = {code: wording.short_province(code, language) for code in found.provinces}
    netted = queries.netted_pairs(session)
    context = {
        "months": months,
        "chosen": chosen,
        "names": called,
        "rows": [
            {
                "code": visited,
                "cells": [
                    {
                        "fen": found.owed[visited][home],
                        "level": _level(found.owed[visited][home], most),
                        "is_own": visited == home,
                        "is_netted": tuple(sorted((visited, home))) in netted,
                        "home": home,
                    }
                    for home in found.provinces
                ],
                "net": found.net[visited],
                "claimed": sum(fen for home, fen in found.owed[visited].items() if home != visited),
            }
            for visited in found.provinces
        ],
        "debts": {
            home: sum(found.owed[v][home] for v in found.provinces if v != home) for home in found.provinces
        },
        "sum": sum(found.net.values()),
        "is_any": most > 0,
        "netting": _netting(frame, session, me, found),
        "told": language("已保存本省的轧差约定。") if told == "netting" else "",
        "formats": files.links(
            lambda **told: f"/staff/settlement/matrix?period={chosen}&format={told['format']}"
        ),
    }
    return frame.page("settling_matrix.html", context)


@router.post("/staff/settlement/netting")
def set_netting(
    frame: CurrentFrame,
    session: WriteSession,
    me: Netter,
    *,
    other: Annotated[str, Form(max_length=6)] = "",
    is_on: Annotated[str, Form(max_length=3)] = "",
    period: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The reader's province agrees, or agrees no more, that what it and another owe each other is netted."""
    own = me.province or ""
    periods.set_netting(session, own, other, is_on=is_on == "yes", actor=me.name, now=frame.now)
    return see_other(f"/staff/settlement/matrix?period={quote(period)}&told=netting#netting")


def _netting(frame: Frame, session: Session, me: access.Principal, found: NetMatrix) -> dict[str, Any] | None:
    """What the reader's province and the others have said, with what the two owe each other in this period."""
    own = f"{me.area[:2]}0000" if me.area else ""
    if own not in found.provinces:
        return None
    said = {None: frame.language("未表态"), True: frame.language("同意"), False: frame.language("不同意")}
    return {
        "own": wording.short_province(own, frame.language),
        "may": roles.may(me, NET, offices.payer_subject(own)) and me.province == own,
        "rows": [
            {
                "code": each.other,
                "name": wording.short_province(each.other, frame.language),
                "mine": said[each.mine],
                "theirs": said[each.theirs],
                "is_agreed": each.is_agreed,
                "is_on": bool(each.mine),
                "by": names.person(session, each.mine_set_by, frame.language),
                "at": each.mine_set_at,
                "claims": found.owed[own][each.other],
                "owes": found.owed[each.other][own],
            }
            for each in queries.netting_of(session, own)
        ],
    }


@router.get("/staff/settlement/commitments")
def show_commitments(
    frame: CurrentFrame,
    session: ReadSession,
    me: PaymentsReader,
    *,
    year: Word = "",
    format: Word = "",
) -> Response:
    """What was unpaid at the end of a budget year and is carried; it stays payable."""
    language = frame.language
    chosen = (
        int(year) if year.isdecimal() and len(year) == 4 and int(year) >= FIRST_YEAR else frame.now.year - 1
    )
    lines = payments.commitments(session, me.area or "", chosen)
    called = names.institutions(
        session, [each.payee_id for each in lines if each.payee_kind == "institution"], language
    )
    called |= names.enterprises(session, [each.payee_id for each in lines if each.payee_kind == "enterprise"])
    programmes = {each.id: each for each in settlement.everything(session)}
    rows: list[dict[str, Any]] = [
        {
            "line": each,
            "payee": called[each.payee_id],
            "payer": names.area(each.payer_area, language),
            "programme": _programme(programmes.get(each.programme_id), each.programme_id, language),
            "badge": words.payment_state(each.state, language),
            "step": payment_turn(each.state, each.payer_area, frame.now.year, me, language),
        }
        for each in lines
    ]
    total = sum(each.owed_fen for each in lines)
    if format in files.FORMATS:
        columns = [
            Column(language("付款行")),
            Column(language("付款地区")),
            Column(language("政策")),
            Column(language("收款单位")),
            Column(language("应付（元）"), "fen"),
        ]
        cells = [
            (row["line"].id, row["payer"], row["programme"], row["payee"], row["line"].owed_fen)
            for row in rows
        ]
        table = Table(
            language("%(year)s 年度结转承诺", year=chosen),
            columns,
            cells,
            len(cells),
            (language("合计"), None, None, None, total),
        )
        return files.table_answer(frame, table, format, f"commitments-{chosen}", about=str(chosen))
    context = {
        "rows": rows,
        "total": total,
        "is_city": not access.may_enter(me, offices.READ),
        "chosen": chosen,
        "years": range(frame.now.year, frame.now.year - 5, -1),
        "formats": files.links(
            lambda **told: f"/staff/settlement/commitments?year={chosen}&format={told['format']}"
        ),
    }
    return frame.page("settling_commitments.html", context)


def _posted(session: Any, months: list[str]) -> list[str]:
    held = {
        each.period_id
        for state in ("posted", "paid", "closed")
        for each in queries.batches(session, state=state, limit=5_000)
        if each.lines
    }
    return [month for month in months if month in held]


def _level(fen: int, most: int) -> int:
    """Which of the scale's steps an amount takes; 0 for none."""
    return 0 if not fen else max(1, -(-LEVELS * fen // most))


def _programme(held: Any, name: str, language: Language) -> str:
    return name if held is None else names.programme(held, language)


def _table(found: NetMatrix, period: str, language: Language) -> Table:
    columns = [Column(language("服务省（应收）＼归属省（应付）"))]
    columns += [Column(wording.short_province(code, language), "fen") for code in found.provinces]
    columns.append(Column(language("净额"), "fen"))
    rows = [
        (wording.short_province(one, language), *found.owed[one].values(), found.net[one])
        for one in found.provinces
    ]
    sums = [sum(found.owed[one][home] for one in found.provinces) for home in found.provinces]
    total = (language("合计"), *sums, sum(found.net.values()))
    return Table(language("净额矩阵 %(period)s（元）", period=period), columns, rows, len(rows), total)
