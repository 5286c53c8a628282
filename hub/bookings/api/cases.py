"""What waits for a person: unknown, stuck and dead, what happened, and what may be done about it."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.bookings import queries, wire
from hub.bookings.api.parameters import NO_STORE
from hub.bookings.service import cases, unsticking
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity.access import Principal, action

router = APIRouter(tags=["bookings"])

Watcher = Annotated[Principal, action("booking.see_cases")]
Closer = Annotated[Principal, action("booking.close_case")]
Unsticker = Annotated[Principal, action("booking.unstick")]


class Resolution(BaseModel):
    """What was done about a case."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=2, max_length=1000)


@router.get("/booking-cases")
def list_cases(
    session: ReadSession,
    principal: Watcher,
    *,
    state: Annotated[Literal["open", "closed"], Query()] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Cases for a person, newest first; staff see those of their province."""
    rows = queries.cases(
        session,
        province=principal.province,
        state=state,
        before=number_position("cases", cursor),
        limit=limit + 1,
    )
    return page_answer(
        "cases", rows, limit, lambda row: row.id, lambda row: wire.case_document(row, cases.KINDS)
    )


@router.post("/booking-cases/{case_id}/close", status_code=204)
def close_case(
    case_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Closer, body: Resolution
) -> None:
    """Say what was done about a case that the machine does not close by itself."""
    cases.close_case(
        session,
        case_id,
        by=principal.name,
        province=principal.province,
        resolution=body.text,
        now=runtime.clock(),
    )


@router.get("/booking-deliveries")
def list_deliveries(
    session: ReadSession, principal: Watcher, *, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Messages whose outcome is unknown or that are left to a person, newest first, with what happened."""
    rows = queries.dead_deliveries(
        session,
        province=principal.province,
        before=number_position("deliveries", cursor),
        limit=limit + 1,
    )
    return page_answer(
        "deliveries",
        rows,
        limit,
        lambda row: row.delivery.id,
        lambda row: wire.delivery_document(row.delivery, row.booking),
    )


@router.post("/booking-deliveries/{delivery_id}/retry", status_code=204)
def retry_delivery(
    delivery_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Unsticker
) -> None:
    """Try a message now: what may have been acted on is asked about first, never blindly sent."""
    unsticking.try_now(session, delivery_id, actor=principal.name, now=runtime.clock())


@router.get("/booking-routes")
def list_routes(session: ReadSession, principal: Watcher) -> Response:
    """How each province's booking interface is doing."""
    items = [
        asdict(row) for row in queries.route_board(session) if principal.province in {None, row.province}
    ]
    return json_answer({"items": items}, headers=NO_STORE)
