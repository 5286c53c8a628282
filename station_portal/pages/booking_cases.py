"""What does not go by itself: open cases, messages without a known outcome, each province's booking interface."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.bookings import queries
from hub.bookings.service import cases, unsticking
from hub.core.errors import HubError
from hub.core.web import ReadSession
from hub.identity import access
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

Watcher = Annotated[access.Principal, access.action("booking.see_cases")]
Closer = Annotated[access.Principal, access.action("booking.close_case")]
Unsticker = Annotated[access.Principal, access.action("booking.unstick")]

SHOWN = 50
"""Of each list, newest first; what is settled makes room for older ones."""
RESOLUTION = (2, 1000)
"""Fewest and most characters of what was done about a case."""
PAGE = "/staff/booking-cases"


@router.get("/staff/booking-cases")
def show_cases(frame: CurrentFrame, session: ReadSession, me: Watcher, told: str = "") -> Response:
    """Everything that waits for a person; staff see what concerns their province."""
    texts = {
        "closed": frame.language("事项已关闭，处理说明已保存。"),
        "tried": frame.language(
            "已安排立即处理：可能已生效的消息先向对方查询，不会重复下单。结果稍后见本页。"
        ),
    }
    return frame.page("booking_cases.html", _context(frame, session, me, told=texts.get(told, "")))


@router.post("/staff/booking-cases/{case_id}/close")
def close_case(
    case_id: int, frame: CurrentFrame, me: Closer, text: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Close a case with what was done about it; what is wrong is said on the page, with what was typed."""
    kept, field, language = text.strip(), f"text-{case_id}", frame.language
    if not RESOLUTION[0] <= len(kept) <= RESOLUTION[1]:
        told = language("请填写处理说明（2 至 1000 字）")
        return _again(frame, me, [(field, told)], {case_id: text}, status=422)
    try:
        with frame.runtime.database.write() as session:
            cases.close_case(
                session, case_id, by=me.name, province=me.province, resolution=kept, now=frame.now
            )
    except HubError as refused:
        frame.note_refusal(refused)
        return _again(frame, me, [(None, language.pick(refused.zh, refused.en))], {}, status=refused.status)
    return see_other(f"{PAGE}?told=closed")


@router.post("/staff/booking-cases/deliveries/{delivery_id}/retry")
def try_now(delivery_id: int, frame: CurrentFrame, me: Unsticker) -> Response:
    """Have a message tried now; what may have been acted on is asked about first."""
    try:
        with frame.runtime.database.write() as session:
            unsticking.try_now(session, delivery_id, actor=me.name, now=frame.now)
    except HubError as refused:
        frame.note_refusal(refused)
        told = frame.language.pick(refused.zh, refused.en)
        return _again(frame, me, [(None, told)], {}, status=refused.status)
    return see_other(f"{PAGE}?told=tried")


def _again(
    frame: Frame,
    me: access.Principal,
    wrong: list[tuple[str | None, str]],
    typed: dict[int, str],
    *,
    status: int,
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, session, me, wrong=wrong, typed=typed)
    return frame.page("booking_cases.html", context, status=status)


def _context(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    told: str = "",
    wrong: list[tuple[str | None, str]] | None = None,
    typed: dict[int, str] | None = None,
) -> dict[str, Any]:
    language = frame.language
    found = queries.cases(session, province=me.province, limit=SHOWN)
    stuck = queries.dead_deliveries(session, province=me.province, limit=SHOWN)
    return {
        "cases": [_case(row, language) for row in found],
        "deliveries": [_delivery(row, language) for row in stuck],
        "routes": [
            {"name": wording.short_province(row.province, language), "state": row}
            for row in queries.route_board(session)
            if me.province in {None, row.province}
        ],
        "may_close": access.may_enter(me, "booking.close_case"),
        "may_retry": access.may_enter(me, "booking.unstick"),
        "shown": SHOWN,
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
    }


def _case(row: Any, language: Language) -> dict[str, Any]:
    zh, en = cases.KINDS[row.kind]
    return {
        "id": row.id,
        "title": language.pick(zh, en),
        "province": wording.short_province(row.province, language),
        "booking_id": row.booking_id,
        "opened_at": row.opened_at,
        "seen": row.seen,
        "error": _fault(row.detail.get("error"), language),
        "detail": sorted((key, value) for key, value in row.detail.items() if key != "error"),
    }


def _delivery(row: queries.Dead, language: Language) -> dict[str, Any]:
    sent = row.delivery
    return {
        "id": sent.id,
        "booking_id": row.booking.id,
        "number": row.booking.number,
        "province": wording.short_province(sent.province, language),
        "about": wording.name("booking_command", sent.kind, language),
        "booking_state": wording.name("booking_state", row.booking.state, language),
        "is_dead": sent.state == "dead",
        "was_sent": sent.sent_at is not None,
        "since": sent.sent_at or sent.done_at or sent.due_at,
        "due_at": sent.due_at,
        "attempts": sent.attempts,
        "lookups": sent.lookups,
        "error": _fault(sent.last_error, language),
    }


def _fault(error: Any, language: Language) -> str:
    return "" if not isinstance(error, dict) else language.pick(error.get("zh", ""), error.get("en", ""))
