"""The money of programmes: a budget burning down, grants, instructions by two people; usage across the border."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import queries as identity
from hub.identity import service as deciding
from hub.identity.rules import Subject
from hub.settlement import queries
from hub.settlement.errors import ProgrammeUnknown
from hub.settlement.queries import budgets, flows
from hub.settlement.rules import Programme
from hub.settlement.service import instructing
from hub.settlement.service.instructing import Wanted
from station_portal import burning, programme_words, roles, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping.fields import Wrong, by_field, fen_of, refused_words, whole
from station_portal.pages.bookings import AnyForm
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Looker = Annotated[access.Principal, access.action("voucher.read_grants")]
Instructor = Annotated[access.Principal, access.action("voucher.instruct")]
DAYS = (90, 365)
KINDS = ("fund", "grant", "raise", "end")


@router.get("/staff/programmes/{programme_id}/budget")
def show_budget(
    programme_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Looker,
    *,
    year: Annotated[str, Query(max_length=4)] = "",
    told: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A budget year of a programme: figures, chart and table, grants, and what waits for a second person."""
    return _page(frame, session, me, programme_id, {"year": year}, told=told)


@router.post("/staff/programmes/{programme_id}/budget")
def propose(
    programme_id: str, frame: CurrentFrame, me: Instructor, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Ask for money to be moved; another person confirms."""
    kind = form.get("kind", "")
    year = whole(form.get("year", ""))
    try:
        with runtime.database.write() as session:
            wanted = Wanted(
                kind if kind in KINDS else "fund",  # type: ignore[arg-type]
                programme_id,
                0 if kind == "end" else fen_of(form.get("fen", "")) or 0,
                year=year if kind == "fund" and isinstance(year, int) else None,
                holder=_holder(session, form.get("holder", "")) if kind == "grant" else None,
                grant_id=form.get("grant", "")[:60] or None,
                note=form.get("note", ""),
            )
            instructing.propose(session, me, wanted, key=form.get("key", "")[:40], now=frame.now)
    except HubError as refused:
        wrong = refused_words(refused, str, frame.language, refused.field or "fen")
        with runtime.database.read() as session:
            return _page(frame, session, me, programme_id, form, wrong=wrong)
    return see_other(f"/staff/programmes/{programme_id}/budget?told=proposed#instructions")


@router.post("/staff/instructions/{instruction_id}")
def decide(
    instruction_id: int, frame: CurrentFrame, me: Instructor, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do` is confirm or refuse."""
    programme_id = form.get("programme", "")[:60]
    try:
        with runtime.database.write() as session:
            if form.get("do") == "confirm":
                row = instructing.confirm(session, me, instruction_id, now=frame.now)
            else:
                row = instructing.refuse(session, me, instruction_id, form.get("reason", ""), now=frame.now)
            programme_id = row.programme_id
    except HubError as refused:
        wrong = refused_words(refused, str, frame.language, "instructions")
        with runtime.database.read() as session:
            return _page(frame, session, me, programme_id, {}, wrong=wrong)
    return see_other(f"/staff/programmes/{programme_id}/budget?told=decided#instructions")


@router.get("/staff/voucher-flows")
def show_flows(
    frame: CurrentFrame, session: ReadSession, me: Looker, days: Annotated[str, Query(max_length=4)] = ""
) -> Response:
    """Usage in and out of the reader's area by class and by city, as bars with their table."""
    language, area = frame.language, me.area or ""
    chosen = int(days) if days in {str(each) for each in DAYS} else DAYS[1]
    since = frame.now - timedelta(days=chosen)
    tables: list[dict[str, Any]] = []
    for way, title in (
        ("out", language("流出：本地企业使用外地仪器")),
        ("in", language("流入：外地企业使用本地仪器")),
    ):
        by_class = flows.by_class(session, area, way, since)  # type: ignore[arg-type]
        by_city = flows.by_city(session, area, way, since)  # type: ignore[arg-type]
        tables.append(
            {
                "way": way,
                "title": title,
                "fee": sum(each.fee_fen for each in by_class),
                "voucher": sum(each.voucher_fen for each in by_class),
                "lines": sum(each.lines for each in by_class),
                "parts": [
                    {"title": language("按仪器大类"), "rows": [_flow(each, _class_name(each.code, frame)) for each in by_class]},
                    {"title": language("按对方市州"), "rows": [_flow(each, _city_name(each.code, frame)) for each in by_city]},
                ],
            }
        )  # fmt: skip
    context = {
        "where": roles.area_name(area, language) if area else language("长江经济带"),
        "days": [(each, each == chosen) for each in DAYS],
        "tables": tables,
        "most": max(
            [1, *(row["fee"] for table in tables for part in table["parts"] for row in part["rows"])]
        ),
    }
    return frame.page("voucher_flows.html", context)


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    programme_id: str,
    typed: Mapping[str, str],
    *,
    wrong: Wrong | None = None,
    told: str = "",
) -> Response:
    programme = _found(session, me, programme_id, frame)
    language = frame.language
    this_year = frame.now.astimezone(SHANGHAI).year
    wanted = whole(typed.get("year", ""))
    year = wanted if isinstance(wanted, int) and 2000 <= wanted <= 2100 else this_year
    held = budgets.budget_of(session, programme_id, year)
    called = burning.series_names(language)
    texts = {"proposed": language("已提出，须由另一人确认后执行。"), "decided": language("已办理。")}
    context = {
        "id": programme_id,
        "name": programme_words.programme_name(programme, language),
        "is_demo": programme.is_demo,
        "is_home": programme.document["authority"] == "home",
        "is_voucher": programme.kind == "voucher",
        "year": year,
        "years": sorted({year, this_year, *budgets.years_of(session, programme_id)}, reverse=True),
        "fund_years": [(str(each), str(each)) for each in (this_year, this_year + 1)],
        "planned": _planned(programme, year),
        "budget": held,
        "drawing": burning.drawing(held, frame.now.astimezone(SHANGHAI).date(), language),
        "series": [(name, called[name]) for name in burning.SERIES],
        "grants": _grants(frame, session, programme_id, year),
        "instructions": _instructions(frame, session, me, programme_id),
        "may_instruct": access.may_enter(me, "voucher.instruct"),
        "typed": {"key": token_urlsafe(12)} | dict(typed),
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": texts.get(told, ""),
    }
    return frame.page("programme_budget.html", context, status=422 if wrong else 200)


def _grants(frame: Frame, session: Session, programme_id: str, year: int) -> list[dict[str, Any]]:
    rows = budgets.grants_of(session, programme_id, year)
    balances = budgets.balances_of(session, rows)
    states = {
        "active": frame.language("可用"),
        "ending": frame.language("已到期，仍有预占"),
        "ended": frame.language("已结束"),
    }
    found = []
    for row in rows:
        party = identity.party_by_id(session, row.holder)
        free, held = balances[row.id]
        found.append(
            {
                "id": row.id,
                "holder": row.holder if party is None else party.name,
                "fen": row.fen,
                "free": free,
                "held": held,
                "used": row.fen - free - held,
                "until": row.valid_until.isoformat(),
                "state": states[row.state],
                "is_active": row.state == "active" and row.authority == "hub",
            }
        )
    return found


def _instructions(
    frame: Frame, session: Session, me: access.Principal, programme_id: str
) -> list[dict[str, Any]]:
    language = frame.language
    kinds = {
        "fund": language("安排预算"),
        "grant": language("发放创新券"),
        "raise": language("追加额度"),
        "end": language("提前结束"),
    }
    states = {"proposed": language("待确认"), "done": language("已执行"), "refused": language("已退回")}
    tones = {"proposed": "live", "done": "ok", "refused": "wait"}
    found = []
    for row in budgets.instructions_of(session, programme_id):
        party = identity.party_by_id(session, row.holder) if row.holder else None
        found.append(
            {
                "id": row.id,
                "kind": kinds[row.kind],
                "about": party.name if party is not None else row.grant_id or str(row.year),
                "fen": row.fen,
                "note": row.note,
                "reason": row.reason,
                "by": names.person(session, row.proposed_by, language),
                "at": row.proposed_at,
                "decided_by": names.person(session, row.decided_by, language),
                "is_open": row.state == "proposed",
                "is_mine": row.proposed_by == me.name,
                "badge": {"text": states[row.state], "tone": tones[row.state]},
            }
        )
    return found


def _found(session: Session, me: access.Principal, programme_id: str, frame: Frame) -> Programme:
    held = queries.find_programme(session, programme_id)
    if held is None:
        raise ProgrammeUnknown(programme_id)
    subject = Subject(home_area=held.area, name=f"programme:{programme_id}")
    deciding.allow(session, me, "voucher.read_grants", subject, now=frame.now)
    return held


def _holder(session: Session, told: str) -> str:
    """The enterprise by its credit code, as staff write it; what is none is refused by the service."""
    party = identity.enterprise_by_code(session, told.strip().upper())
    return told.strip()[:60] if party is None else party.id


def _planned(programme: Programme, year: int) -> int | None:
    told = programme.terms.get("budget")
    return int(told["fen"]) if told is not None and told["year"] == year else None


def _flow(each: flows.Flow, name: str) -> dict[str, Any]:
    return {"name": name, "lines": each.lines, "fee": each.fee_fen, "voucher": each.voucher_fen}


def _class_name(code: str, frame: Frame) -> str:
    return (
        wording.name("instrument_class", f"{code}0000", frame.language) if code else frame.language("未分类")
    )


def _city_name(code: str, frame: Frame) -> str:
    return roles.area_name(f"{code}00", frame.language) if code else frame.language("未知")
