"""Applications for vouchers at the issuing area's offices: what waits, and the two approvals."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import queries as identity
from hub.identity.errors import NotAllowed
from hub.settlement import queries
from hub.settlement.queries import applications as reading
from hub.settlement.service import applications
from station_portal import programme_words, roles
from station_portal.application_words import row_words, shown
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping.fields import Wrong, by_field, fen_of, refused_words, whole, yuan_of
from station_portal.pages.bookings import AnyForm
from station_portal.settling import files, lists, names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("application.read")]
Office = Annotated[access.Principal, access.action("application.review")]
SHOWN_ENDED = 30
ENDED = ("granted", "refused", "handed_over", "withdrawn")


@router.get("/staff/applications")
def list_for_office(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """What waits for a decision in its order, what is with applicants or waits for budget, what ended lately; `format` takes all away."""
    if me.area is None:  # an applicant reads the own ones on a page of its own
        raise NotAllowed(me.name, "application.read", "applications")
    area = me.area
    known = {each.id: each for each in queries.everything(session)}
    if format in lists.FORMATS:
        called = {each: str(programme_words.programme_name(known[each], frame.language)) for each in known}
        table = lists.applications_table(frame, area, called)
        return files.table_answer(frame, table, format, "applications", about="")

    def lines(rows: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                **row_words(frame, session, row),
                "programme": programme_words.programme_name(known[row.programme_id], frame.language),
                "is_demo": known[row.programme_id].is_demo,
                "is_first_mine": row.first_by == me.name,
            }
            for row in rows
        ]

    context = {
        "formats": lists.links(frame.language, lambda wanted: f"/staff/applications?format={wanted}"),
        "columns": lists.application_columns(frame.language),
        "where": roles.area_name(area, frame.language) if area else frame.language("长江经济带"),
        "waiting": lines(reading.waiting_for_office(session, area)),
        "with_others": lines(
            reading.applications_in(session, area, states=("papers_missing", "waiting_budget"), limit=100)
        ),
        "ended": lines(reading.applications_in(session, area, states=ENDED, limit=SHOWN_ENDED)),
    }
    return frame.page("application_queue.html", context)


@router.get("/staff/applications/{application_id}")
def show_to_office(
    application_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    told: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One application with its papers, and what the reader may do."""
    return _page(frame, session, me, application_id, {}, told=told)


async def _missing_of(request: Request) -> str:
    """The papers that were ticked: several fields of one name."""
    ticked = (await request.form()).getlist("missing")
    return " ".join(value for value in ticked if isinstance(value, str))


@router.post("/staff/applications/{application_id}")
def decide(
    application_id: str,
    frame: CurrentFrame,
    me: Office,
    *,
    runtime: CurrentRuntime,
    missing: Annotated[str, Depends(_missing_of)],
    form: AnyForm,
) -> Response:
    """`do` is ask_papers, approve, confirm, refuse or hand_over."""
    return _decide(frame, me, runtime, application_id, {**form, "missing": missing})


def _decide(
    frame: Frame, me: access.Principal, runtime: Any, application_id: str, form: dict[str, str]
) -> Response:
    do, read = form.get("do", ""), whole(form.get("revision", ""))
    about: dict[str, Any] = {"revision": read if isinstance(read, int) else None, "now": frame.now}
    reason = form.get("reason", "")
    try:
        with runtime.database.write() as session:
            if do == "ask_papers":
                asked = form["missing"].split()
                applications.ask_papers(session, me, application_id, asked, reason, **about)
            elif do == "approve":
                fen = fen_of(form.get("approved_fen", "")) or 0
                applications.approve(session, me, application_id, fen, **about)
            elif do == "confirm":
                applications.confirm(session, me, application_id, **about)
            elif do == "hand_over":
                applications.hand_over(session, me, application_id, form.get("reference", ""), **about)
            else:
                applications.refuse(session, me, application_id, reason, **about)
    except HubError as refused:
        field = {"hand_over": "reference", "approve": "approved_fen"}.get(do, "reason")
        wrong = refused_words(refused, lambda pointer: pointer.strip("/"), frame.language, field)
        with runtime.database.read() as session:
            return _page(frame, session, me, application_id, form, wrong=wrong)
    return see_other(f"/staff/applications/{application_id}?told=done")


def count_waiting(frame: Frame, session: Session) -> int:
    """How many applications wait in the reader's area; none for who may not decide them."""
    if frame.principal is None or not access.may_enter(frame.principal, "application.review"):
        return 0
    return reading.count_for_office(session, frame.principal.area or "")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    application_id: str,
    typed: dict[str, str],
    *,
    wrong: Wrong | None = None,
    told: str = "",
) -> Response:
    row, is_side = applications.visible(session, me, application_id, now=frame.now)
    item = shown(frame, session, row, is_side=is_side)
    language = frame.language
    may = access.may_enter(me, "application.review")
    own = row.holder in identity.parties_of(session, me.person_id or "")
    commands = set() if not may or own else _commands(row, me, is_home=item["is_home"])
    context = {
        "item": item,
        "is_side": is_side,
        "commands": commands,
        "why_not": _why_not(frame, row, own=own) if may and not commands else "",
        "first": names.person(session, row.first_by, frame.language),
        "is_first_mine": row.first_by == me.name,
        "paper_kinds": [
            (code, language.pick(entry.zh, entry.en))
            for code, entry in schemas.codes("application_paper").items()
        ],
        "typed": {"approved_fen": yuan_of(row.fen)} | typed,
        "chosen": set(typed.get("missing", "").split()),
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": language("已办理。") if told else "",
    }
    return frame.page("application_review.html", context, status=422 if wrong else 200)


def _commands(row: Any, me: access.Principal, *, is_home: bool) -> set[str]:
    """What this person may do now; the second approval is another person's."""
    if row.state == "submitted":
        return {"ask_papers", "hand_over"} if is_home else {"ask_papers", "approve", "refuse"}
    if row.state == "approved_once":
        return {"refuse"} if row.first_by == me.name else {"confirm", "refuse"}
    return {"refuse"} if row.state == "waiting_budget" else set()


def _why_not(frame: Frame, row: Any, *, own: bool) -> str:
    if own:
        return frame.language("您也代表申领单位，须由其他人员办理。")
    return (
        frame.language("已办结，无须处理。") if row.state in ENDED else frame.language("等待申领单位补材料。")
    )
