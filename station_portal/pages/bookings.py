"""Bookings for whoever they concern: what waits for me, all of mine, and one with its timeline and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from sqlalchemy.orm import Session

import schemas
from hub.bookings import queries
from hub.bookings.rules import sides
from hub.bookings.service import (
    commands,
    delivering_reports,
    ratings,
    report_files,
    reports,
    showing,
    threads,
)
from hub.core.errors import HubError
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import commanding, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action("booking.read")]
Asking = Annotated[access.Principal, access.action("session.use")]

SHOWN = 25
TONES = {
    "preparing": "wait",
    "forwarding": "live",
    "deciding": "live",
    "agreed": "ok",
    "serving": "ok",
    "undoing": "warn",
    "ended": "wait",
}
"""Phase of the machine → tone of its badge."""

BAD = frozenset({"rejected", "expired", "no_show", "forward_failed", "compensation_stuck"})


async def form_of(request: Request) -> Mapping[str, str]:
    """The form's text fields; files are taken by their own parameter."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


AnyForm = Annotated[Mapping[str, str], Depends(form_of)]


@router.get("/bookings")
def list_bookings(
    frame: CurrentFrame,
    me: Me,
    session: ReadSession,
    *,
    view: str = "all",
    state: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """`view=queue`: what waits for my side, the nearest deadline first; otherwise everything, newest first."""
    is_queue = view == "queue"
    at = _position(view, cursor)
    if is_queue:
        page = queries.queue(
            session,
            me,
            sides.side_of(me) or "none",
            responsible=sides.acting_as(me),
            after=at,
            limit=SHOWN,
        )
    else:
        states = [state] if state in schemas.codes("booking_state") else []
        page = queries.page(session, me, states=states, before=at, limit=SHOWN)
    following = None if page.following is None else encode_cursor(f"portal:{view}", page.following)
    context = {
        "now": frame.now,
        "view": "queue" if is_queue else "all",
        "state": state,
        "states": [
            (code, wording.name("booking_state", code, frame.language))
            for code in schemas.codes("booking_state")
        ],
        "items": [_row(document, frame.language) for document in showing.show_list(me, page)],
        "next_href": None if following is None else f"/bookings?view={view}&state={state}&cursor={following}",
        "is_enterprise": sides.side_of(me) == "enterprise",
    }
    return frame.page("bookings.html", context)


@router.get("/bookings/{booking_id}")
def show_booking(
    booking_id: str, frame: CurrentFrame, me: Me, session: ReadSession, told: str = ""
) -> Response:
    """One booking."""
    text = outcome_words(frame.language).get(told, "")
    return frame.page("booking.html", _context(frame, me, session, booking_id, told=text))


@router.post("/bookings/{booking_id}/commands/{command}")
def give_command(
    booking_id: str,
    command: str,
    frame: CurrentFrame,
    me: Asking,
    *,
    runtime: CurrentRuntime,
    form: AnyForm,
) -> Response:
    """Carry out a command; a refusal is said on the page, with what was typed."""
    body, wrong = commanding.body_of(command, form, frame.language)
    if not wrong and (found := schemas.problems("booking-command", body)):
        wrong = [
            (problem.pointer.strip("/"), frame.language.pick(problem.zh, problem.en)) for problem in found
        ]
    if not wrong:
        revision = form.get("revision", "")
        try:
            with runtime.database.write() as session:
                commands.carry_out(
                    session,
                    me,
                    booking_id,
                    command,
                    body,
                    key=form.get("key"),
                    revision=int(revision) if revision.isascii() and revision.isdigit() else None,
                    channels=showing.channels(runtime.adapters),
                    now=frame.now,
                )
            return see_other(f"/bookings/{booking_id}?told=done")
        except HubError as refused:
            wrong = _wrong(frame, command, refused)
    return _again(frame, me, booking_id, wrong, {**form, "command": command})


@router.post("/bookings/{booking_id}/notes")
def write_note(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.write_message")],
    runtime: CurrentRuntime,
    *,
    text: Annotated[str, Form(max_length=4000)] = "",
    key: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Say something to the other side; the same form sent twice is one message."""
    try:
        with runtime.database.write() as session:
            threads.say_once(session, me, booking_id, text, key=key, now=frame.now)
    except HubError as refused:
        return _again(frame, me, booking_id, _wrong(frame, "text", refused), {"text": text})
    return see_other(f"/bookings/{booking_id}?told=said#thread")


@router.post("/bookings/{booking_id}/reports", max_body_size=delivering_reports.MOST_FORM)
def upload_report(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.upload_report")],
    runtime: CurrentRuntime,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Upload a report of at most 50 MB."""
    if file is None or not file.filename:
        wrong = [("file", frame.language("请选择要上传的文件"))]
        return _again(frame, me, booking_id, wrong, {})
    try:
        delivering_reports.upload(runtime, me, booking_id, file.filename, file.file)
    except HubError as refused:
        return _again(frame, me, booking_id, _wrong(frame, "file", refused), {})
    return see_other(f"/bookings/{booking_id}?told=uploaded#reports")


@router.post("/bookings/{booking_id}/reports/{version}")
def open_report(
    booking_id: str,
    version: int,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.read_report")],
    runtime: CurrentRuntime,
) -> Response:
    """Go to a version of the report by a link that is good for five minutes."""
    with runtime.database.read() as session:
        booking = showing.visible(session, me, booking_id, now=frame.now)
        report = reports.readable(session, me, booking, version, now=frame.now)
    return see_other(delivering_reports.link(runtime, me, report, now=frame.now))


@router.post("/bookings/{booking_id}/rating")
def rate(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.rate")],
    runtime: CurrentRuntime,
    *,
    stars: Annotated[str, Form(max_length=2)] = "",
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Rate a completed booking, or change the rating."""
    try:
        with runtime.database.write() as session:
            booking = showing.visible(session, me, booking_id, now=frame.now)
            ratings.rate(session, me, booking, int(stars) if stars.isdigit() else 0, text, now=frame.now)
    except HubError as refused:
        return _again(
            frame, me, booking_id, _wrong(frame, "stars", refused), {"stars": stars, "rating": text}
        )
    return see_other(f"/bookings/{booking_id}?told=rated#rating")


def outcome_words(language: Language) -> dict[str, str]:
    """What a form that did its work says on the next page."""
    return {
        "submitted": language("预约已提交，驿站会在期限内答复；进展会在「消息」中告诉您。"),
        "done": language("已办理。"),
        "said": language("留言已发出。"),
        "uploaded": language("报告已上传；通过安全扫描后即可交付。"),
        "rated": language("评价已保存，14 天内可以修改。"),
    }


def state_badge(state: str, language: Language) -> dict[str, str]:
    """A state in words, with the tone of its badge."""
    from_phase = TONES[schemas.machine("booking").states[state].phase]
    tone = "bad" if state in BAD else "ok" if state == "completed" else from_phase
    return {"text": wording.name("booking_state", state, language), "tone": tone}


def _position(view: str, cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    at, booking_id = decode_cursor(f"portal:{view}", cursor, [str, str])
    return datetime.fromisoformat(at), booking_id


def _row(document: Mapping[str, Any], language: Language) -> dict[str, Any]:
    slot, turn = document.get("slot"), document.get("turn", {})
    return {
        "id": document["id"],
        "number": document["number"],
        "instrument": document["instrument"]["name"],
        "enterprise": document.get("enterprise", {}).get("name", ""),
        "province": wording.short_province(document["province"], language),
        "mode": wording.name("service_mode", document["service_mode"], language),
        "badge": state_badge(document["state"], language),
        "start": None if slot is None else datetime.fromisoformat(slot["start"]),
        "end": None if slot is None else datetime.fromisoformat(slot["end"]),
        "due_on": document.get("due_on"),
        "fee_fen": document.get("fee_fen"),
        "turn": wording.name("booking_side", turn.get("side"), language),
        "by": datetime.fromisoformat(turn["by"]) if turn.get("by") else None,
        "is_disputed": document["is_disputed"],
    }


def _context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    booking_id: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    language = frame.language
    document = showing.show(session, me, booking_id, now=frame.now)
    side = sides.side_of(me)
    proposal, terms = document.get("proposal"), document["terms"]
    return {
        "booking": {**dict.fromkeys(schemas.document("booking")["properties"]), **document},
        "row": _row(document, language),
        "side": side,
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
        "key": token_urlsafe(18),
        "forms": commanding.forms(document.get("actions", []), language),
        "reasons": commanding.reasons(side, language),
        "explained": state_explained(document, language),
        "proposal": None
        if proposal is None
        else {
            "by": wording.name("booking_side", proposal["by"], language),
            "slot": _instants(proposal.get("slot")),
            "until": datetime.fromisoformat(proposal["until"]) if "until" in proposal else None,
            "fee_fen": proposal.get("fee_fen"),
            "text": proposal.get("text", ""),
        },
        "cancel_until": datetime.fromisoformat(terms["cancel_until"]) if "cancel_until" in terms else None,
        "timeline": [
            {
                "at": datetime.fromisoformat(entry["at"]),
                "text": wording.name("booking_command", entry["command"], language),
                "state": state_badge(entry["to"], language),
                "side": wording.name("booking_side", entry["side"], language),
                "reason": wording.name("booking_reason", entry.get("reason"), language),
                "said": entry.get("text", ""),
            }
            for entry in reversed(document.get("timeline", []))
        ],
        "purpose": wording.name("service_direction", document.get("purpose", {}).get("direction"), language),
        "notes": threads.read_notes(session, booking_id) if side in {"enterprise", "provider"} else [],
        "may_write": access.may_enter(me, "booking.write_message"),
        "may_upload": side == "provider"
        and document["state"] in {"in_service", "service_done", "report_delivered", "completed"},
        "may_rate": side == "enterprise" and document["state"] == "completed",
        "limit": report_files.MOST_WHOLE,
    }


def state_explained(document: Mapping[str, Any], language: Language) -> str:
    """What the state means and what comes next, in a sentence."""
    return {
        "draft": language("草稿尚未提交，时段未被占用。"),
        "submitted": language("已保存，正在送往服务驿站；时段为您保留。"),
        "forward_unknown": language(
            "已发往省级平台，但没有收到回执。正在向对方核实，不会重复下单，时段仍为您保留。"
        ),
        "forwarded": language("服务驿站已收到，等待答复；时段为您保留。"),
        "reschedule_proposed": language("有一方建议改期，等待另一方答复；原时段在此之前继续保留。"),
        "accepted": language("服务方已确认，请按时到场或寄送样品。"),
        "sample_received": language("服务方已收到样品，等待上机。"),
        "in_service": language("正在服务。"),
        "service_done": language("服务已完成。"),
        "report_delivered": language("报告已交付，请查收并确认完成；逾期自动确认。"),
        "completed": language("已完成。"),
        "cancelling": language("正在通知对方取消，对方确认后释放时段。"),
        "cancelled": language("已取消，时段已释放。"),
        "rejected": language("服务方未接受，时段已释放。"),
        "expired": language("服务方逾期未答复，时段已释放，您可以另选仪器或时段。"),
        "forward_failed": language("未能送达服务方，时段已释放，您可以另选仪器或时段。"),
        "no_show": language("服务方记录为爽约；有异议可在期限内提出。"),
        "compensation_stuck": language("对方平台的撤销未能自动完成，管理员正在处理；您无需操作。"),
    }.get(document["state"], "")


def _instants(slot: Mapping[str, str] | None) -> tuple[datetime, datetime] | None:
    return (
        None if slot is None else (datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"]))
    )


def _wrong(frame: Frame, field: str, refused: HubError) -> list[tuple[str, str]]:
    if refused.status >= 500 or refused.status in {401, 404}:
        raise refused
    parts = [
        frame.language.pick(refused.zh, refused.en),
        frame.language.pick(refused.hint_zh, refused.hint_en),
    ]
    listed = [frame.language.pick(each["zh"], each["en"]) for each in refused.errors]
    return [
        (
            (refused.field or field).strip("/").replace("/", "-"),
            " ".join(part for part in [*parts, *listed] if part),
        )
    ]


def _again(
    frame: Frame,
    me: access.Principal,
    booking_id: str,
    wrong: list[tuple[str, str]],
    typed: Mapping[str, str],
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, me, session, booking_id, wrong=wrong, typed=typed)
    return frame.page("booking.html", context, status=422)
