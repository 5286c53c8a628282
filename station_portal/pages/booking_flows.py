"""Bookings in and out, for who oversees a city, a province or the belt: from where to where, what is late or disputed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response

import schemas
from hub.bookings import queries
from hub.bookings.queries import Flow, Overseen
from hub.bookings.rules import sides
from hub.bookings.service import showing
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import ReadSession
from hub.identity import access
from station_portal import booking_words, wording
from station_portal.frame import CurrentFrame
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

Overseer = Annotated[access.Principal, access.action("booking.see_flows")]

SHOWN = 25
DAYS = (30, 90, 365)
STANDINGS = ("open", "late", "expired", "disputed")
_CURSOR = "portal:flows"

Word = Annotated[str, Query(max_length=20)]


class Wish:
    """What the page was asked for; values that it does not know are left out."""

    def __init__(self, home: Word = "", visited: Word = "", only: Word = "", days: Word = "") -> None:
        provinces = schemas.codes("province")
        self.home = home if home in provinces else ""
        self.visited = visited if visited in provinces else ""
        self.only = only if only in STANDINGS else ""
        self.days = int(days) if days in {str(known) for known in DAYS} else DAYS[1]

    def address(self, **changes: object) -> str:
        """The address of this page with other wishes; an empty one is left out."""
        told = {"home": self.home, "visited": self.visited, "only": self.only, "days": self.days} | changes
        return "/staff/booking-flows?" + urlencode({name: value for name, value in told.items() if value})

    def narrow(self) -> Overseen:
        return Overseen(
            self.home or None,
            self.visited or None,
            is_open=self.only == "open",
            is_late=self.only == "late",
            is_expired=self.only == "expired",
            is_disputed=self.only == "disputed",
        )


Wanted = Annotated[Wish, Depends(Wish)]


@router.get("/staff/booking-flows")
def show_flows(
    frame: CurrentFrame,
    session: ReadSession,
    me: Overseer,
    wish: Wanted,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """Counts for each pair of provinces within the reader's reach, and the bookings behind one of them."""
    since = frame.now - timedelta(days=wish.days)
    flows = queries.flows(session, me, since=since, now=frame.now)
    page = queries.overseen(
        session, me, wish.narrow(), since=since, now=frame.now, before=_position(cursor), limit=SHOWN
    )
    language = frame.language
    items = [
        booking_words.row(document, sides.side_of(me), language) for document in showing.show_list(me, page)
    ]
    context = {
        "wish": wish,
        "days": [(count, wish.address(days=count)) for count in DAYS],
        "totals": _totals(flows, wish, language),
        "flows": _rows(flows, wish, language),
        "items": items,
        "pair": _pair(wish, language),
        "first_href": wish.address() if cursor else None,
        "next_href": None
        if page.following is None
        else wish.address(cursor=encode_cursor(_CURSOR, page.following)),
    }
    return frame.page("booking_flows.html", context)


def _position(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    at, booking_id = decode_cursor(_CURSOR, cursor, [str, str])
    return datetime.fromisoformat(at), booking_id


def _totals(flows: Sequence[Flow], wish: Wish, language: Language) -> list[dict[str, Any]]:
    """The whole reach in a few figures; each narrows the list to what it counts."""
    figures = [
        ("", language("全部预约"), sum(flow.total for flow in flows), False),
        ("open", language("进行中"), sum(flow.open for flow in flows), False),
        ("late", language("逾期待办"), sum(flow.late for flow in flows), True),
        ("expired", language("逾期未答复而失效"), sum(flow.expired for flow in flows), True),
        ("disputed", language("有异议"), sum(flow.disputed for flow in flows), True),
    ]
    return [
        {
            "name": name,
            "count": count,
            "is_bad": bool(count) and is_bad,
            "is_chosen": only == wish.only,
            "href": wish.address(only=only),
        }
        for only, name, count, is_bad in figures
    ]


def _rows(flows: Sequence[Flow], wish: Wish, language: Language) -> list[dict[str, Any]]:
    most = max((flow.total for flow in flows), default=1)
    return [
        {
            "home": wording.short_province(flow.home, language) if flow.home else language("未核实"),
            "visited": wording.short_province(flow.visited, language),
            "is_across": flow.is_across,
            "share": round(100 * flow.total / most),
            "flow": flow,
            "is_chosen": flow.home is not None and (flow.home, flow.visited) == (wish.home, wish.visited),
            "href": wish.address(home=flow.home or "", visited=flow.visited),
        }
        for flow in flows
    ]


def _pair(wish: Wish, language: Language) -> dict[str, str] | None:
    """The pair of provinces the list is narrowed to, and the way back to all."""
    if not (wish.home or wish.visited):
        return None
    home, visited = (
        wording.short_province(code, language) if code else language("各省")
        for code in (wish.home, wish.visited)
    )
    return {"home": home, "visited": visited, "all": wish.address(home="", visited="")}
