"""The feed of booking events: every change of state, by number, for who missed a push."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from hub.bookings.api.parameters import NO_STORE
from hub.bookings.service import feed
from hub.core.web import ReadSession, json_answer
from hub.identity.access import Principal, action

router = APIRouter(tags=["bookings"])

Reader = Annotated[Principal, action("booking.read")]


@router.get("/events")
def list_events(
    session: ReadSession,
    principal: Reader,
    *,
    after: Annotated[int, Query(ge=0, le=9_000_000_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Events above a number that concern my party, oldest first. `next` is where to go on, also when there are none."""
    page = feed.events_after(session, principal, after, limit)
    return json_answer({"items": page.events, "next": page.next}, headers=NO_STORE)
