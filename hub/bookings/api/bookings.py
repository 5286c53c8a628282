"""Making bookings, commanding them, reading them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from hub.bookings import queries
from hub.bookings.api.parameters import NO_STORE, BookingId, IfMatch, Key, revision_of
from hub.bookings.rules import sides
from hub.bookings.service import commands, showing
from hub.bookings.service.commands import Done
from hub.core import problems
from hub.core.lists import Cursor, Limit
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, spec_body, spec_openapi
from hub.identity.access import Principal, action

router = APIRouter(tags=["bookings"])

Reader = Annotated[Principal, action("booking.read")]
Asking = Annotated[Principal, action("session.use")]
CommandName = Annotated[str, Path(pattern="^[a-z_]{2,40}$")]
Command = Annotated[Any, spec_body("booking-command")]
States = Annotated[list[str] | None, Query(alias="state", max_length=20)]
InstrumentId = Annotated[str | None, Query(alias="instrument", max_length=20)]


@router.post(
    "/bookings",
    status_code=201,
    openapi_extra=spec_openapi(body="booking-command", answer="booking", status=201),
)
def create_booking(
    request: Request,
    runtime: CurrentRuntime,
    *,
    principal: Asking,
    body: Command,
    key: Key = None,
) -> Response:
    """Submit a booking, save a draft, or enter one at the counter. The same key and body give the same answer.

    The transaction begins and ends here and not in a dependency: between two threads it would hold its locks longer.
    """
    ways = showing.channels(runtime.adapters)
    with runtime.database.write() as session:
        done = commands.create(session, principal, body, key=key, channels=ways, now=runtime.clock())
    return _answer(request, done, 201)


@router.post(
    "/bookings/{booking_id}/commands/{command}",
    openapi_extra=spec_openapi(body="booking-command", answer="booking"),
)
def command_booking(
    booking_id: BookingId,
    command: CommandName,
    request: Request,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Asking,
    body: Command,
    key: Key = None,
    if_match: IfMatch = None,
) -> Response:
    """Give a command on a booking; `If-Match` carries the revision that was read."""
    done = commands.carry_out(
        session,
        principal,
        booking_id,
        command,
        body,
        key=key,
        revision=revision_of(if_match),
        channels=showing.channels(runtime.adapters),
        now=runtime.clock(),
    )
    return _answer(request, done, 200)


@router.get("/bookings")
def list_bookings(
    session: ReadSession,
    principal: Reader,
    *,
    state: States = None,
    instrument: InstrumentId = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Bookings that I may see, newest first: my enterprise's, my station's, my institution's."""
    before = _position("bookings", cursor)
    page = queries.page(
        session, principal, states=state or (), instrument_id=instrument, before=before, limit=limit
    )
    return _page("bookings", principal, page)


@router.get("/bookings/queue")
def list_queue(
    session: ReadSession, principal: Reader, *, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """What waits for my side, the nearest deadline first."""
    side = sides.side_of(principal) or "none"
    page = queries.queue(
        session,
        principal,
        side,
        responsible=sides.acting_as(principal),
        after=_position("queue", cursor),
        limit=limit,
    )
    return _page("queue", principal, page)


@router.get("/bookings/{booking_id}", openapi_extra=spec_openapi(answer="booking"))
def show_booking(
    booking_id: BookingId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """One booking with its timeline, and what I may do now."""
    document = showing.show(session, principal, booking_id, now=runtime.clock())
    return json_answer(document, headers={**NO_STORE, "ETag": f'"{document["revision"]}"'})


def _answer(request: Request, done: Done, status: int) -> Response:
    if done.fee_changed is not None:  # the transaction commits: the draft keeps the slot and the new quote
        told = problems.problem_response(request, done.fee_changed)
        told.headers["Location"] = f"/api/v1/bookings/{done.booking_id}"
        told.headers["ETag"] = f'"{done.revision}"'
        return told
    headers = {**NO_STORE, "ETag": f'"{done.revision}"', "Location": f"/api/v1/bookings/{done.booking_id}"}
    if done.is_replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(done.answer, status, headers)


def _position(kind: str, cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, booking_id = decode_cursor(kind, cursor, [str, str])
    return datetime.fromisoformat(at), booking_id


def _page(kind: str, principal: Principal, page: queries.Page) -> Response:
    following = None if page.following is None else encode_cursor(kind, page.following)
    return json_answer({"items": showing.show_list(principal, page), "next": following}, headers=NO_STORE)
