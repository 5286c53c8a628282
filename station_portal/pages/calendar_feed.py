"""The personal calendar feed: made, renewed and taken away on a page of the account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from hub.bookings.service import calendars
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal.frame import CurrentFrame, see_other

router = APIRouter(include_in_schema=False)

Owner = Annotated[access.Principal, access.action("booking.keep_calendar")]

PAGE = "/account/calendar"


@router.get(PAGE)
def show_calendar(frame: CurrentFrame, session: ReadSession, me: Owner, told: str = "") -> Response:
    """Whether there is an address, since when, and what the feed shows. The address itself is not kept."""
    text = frame.language("订阅已停用，原地址不再有效。") if told == "stopped" else ""
    since = calendars.made_at(session, me)
    return frame.page("calendar.html", {"since": since, "address": "", "told": text})


@router.post(PAGE)
def renew_calendar(frame: CurrentFrame, me: Owner, runtime: CurrentRuntime) -> Response:
    """A new address, told this once; the one before is dead. Sent twice, the second address is the good one."""
    with runtime.database.write() as session:
        token = calendars.renew(session, me, now=frame.now)
    context = {
        "since": frame.now,
        "address": f"{runtime.public_url}/api/v1/calendars/{token}.ics",
        "told": "",
    }
    return frame.page("calendar.html", context, headers={"Cache-Control": "no-store"})


@router.post(PAGE + "/stop")
def stop_calendar(frame: CurrentFrame, me: Owner, runtime: CurrentRuntime) -> Response:
    """Take the address away. Safe to repeat."""
    with runtime.database.write() as session:
        calendars.stop(session, me, now=frame.now)
    return see_other(f"{PAGE}?told=stopped")
