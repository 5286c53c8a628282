"""The waiting list."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.availability.rules import Slot
from hub.bookings import queries, wire
from hub.bookings.api.parameters import NO_STORE
from hub.bookings.service import waiting
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity.access import Principal, action

router = APIRouter(tags=["bookings"])

Waiting = Annotated[Principal, action("booking.wait")]


class WishBody(BaseModel):
    """A time that is waited for."""

    model_config = ConfigDict(extra="forbid")
    instrument_id: str = Field(pattern="^[1-8][0-9]-[a-z2-7]{12}$")
    start: AwareDatetime
    end: AwareDatetime
    minutes: int = Field(ge=5, le=20160)


@router.get("/wishes")
def list_wishes(
    session: ReadSession, principal: Waiting, *, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What my enterprise waits for, newest first."""
    rows = queries.wishes_of(
        session, principal.party_id or "", before=number_position("wishes", cursor), limit=limit + 1
    )
    return page_answer("wishes", rows, limit, lambda row: row.id, wire.wish_document)


@router.post("/wishes", status_code=201)
def add_wish(session: WriteSession, runtime: CurrentRuntime, principal: Waiting, body: WishBody) -> Response:
    """Wait for a time on an instrument; I am told when one becomes free."""
    window = Slot(body.start, body.end)
    wish = waiting.wait(session, principal, body.instrument_id, window, body.minutes, now=runtime.clock())
    return json_answer(wire.wish_document(wish), 201, NO_STORE)


@router.delete("/wishes/{wish_id}", status_code=204)
def remove_wish(wish_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Waiting) -> None:
    """Wait no longer. Safe to repeat."""
    waiting.leave(session, principal, wish_id, now=runtime.clock())
