"""The waiting list: what my enterprise waits for, and what has become free."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from hub.bookings import queries
from hub.bookings.service import waiting
from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.instruments import names_of

router = APIRouter(include_in_schema=False)

Waiter = Annotated[access.Principal, access.action("booking.wait")]

SHOWN = 50


@router.get("/wishes")
def show_wishes(frame: CurrentFrame, session: ReadSession, me: Waiter, told: str = "") -> Response:
    """What is waited for, the newest first."""
    language = frame.language
    texts = {
        "waiting": language("已加入候补；有空档时会在「消息」中告诉您。"),
        "left": language("已退出候补。"),
    }
    rows = queries.wishes_of(session, me.party_id or "", limit=SHOWN)
    context = {"told": texts.get(told, ""), "wishes": [_row(frame, session, row) for row in rows]}
    return frame.page("wishes.html", context)


@router.post("/wishes/{wish_id}/leave")
def leave(wish_id: int, me: Waiter, runtime: CurrentRuntime) -> Response:
    """Wait no longer. Safe to repeat."""
    with runtime.database.write() as session:
        waiting.leave(session, me, wish_id, now=runtime.clock())
    return see_other("/wishes?told=left")


def _row(frame: Frame, session: Session, wish: Any) -> dict[str, Any]:
    language = frame.language
    states = {
        "waiting": (language("候补中"), "live"),
        "offered": (language("有空档"), "ok"),
        "taken": (language("已约到"), "ok"),
        "gone": (language("已结束"), "wait"),
    }
    is_offered = wish.state == "offered" and wish.offered_start is not None
    start = f"{wish.offered_start.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}" if is_offered else ""
    text, tone = states[wish.state]
    return {
        "id": wish.id,
        "instrument_id": wish.instrument_id,
        "instrument": names_of(catalog.instrument(session, wish.instrument_id).document, language)[0],
        "from": wish.from_at,
        "until": wish.until_at,
        "minutes": wish.minutes,
        "badge": {"text": text, "tone": tone},
        "is_open": wish.state in {"waiting", "offered"},
        "offered": (wish.offered_start, wish.offered_end) if is_offered else None,
        "offer_until": wish.offer_until,
        "href": f"/instruments/{wish.instrument_id}/book?start={start}&mode=machine_time",
    }
