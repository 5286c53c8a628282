"""The calendar feed. Calendars cannot sign in: the address itself is the secret."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from hub.bookings.service import calendars
from hub.core.web import CurrentRuntime, ReadSession, public

router = APIRouter(tags=["bookings"])


@router.get("/calendars/{token}", dependencies=[public])
def read_calendar(
    token: Annotated[str, Path(max_length=200)], session: ReadSession, runtime: CurrentRuntime
) -> Response:
    """The bookings of whoever made the address, as iCalendar: no person, no sample. 404 once it was renewed.

    The ending `.ics` is for calendars that look for it.
    """
    secret = token.removesuffix(".ics")
    content = calendars.read(session, secret, public_url=runtime.public_url, now=runtime.clock())
    headers = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
    return Response(content, media_type=calendars.MEDIA_TYPE, headers=headers)
