"""Bookings entered at the counter: staff of a station or institution book for a walk-in enterprise."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from hub.availability.service import Slot
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import queries as identity
from station_portal import roles
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk
from station_portal.pages.booking_form import Customer, form_context, take
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Clerk = Annotated[access.Principal, access.action("booking.enter")]
Words = Annotated[str, Query(max_length=100)]

PAGE = "/staff/counter"


@router.get(PAGE)
def show_counter(
    frame: CurrentFrame,
    me: Clerk,
    session: ReadSession,
    *,
    who: Words = "",
    enterprise: Words = "",
    q: Words = "",
) -> Response:
    """First the enterprise (`who` is looked up, `enterprise` is chosen), then the instrument (`q`), then the form."""
    today = frame.now.astimezone(SHANGHAI).date()
    chosen = identity.party_by_id(session, enterprise) if enterprise else None
    found = identity.verified_enterprises(session, who, today) if chosen is None else []
    instruments, note = [], ""
    if chosen is not None and q:
        window = Slot(frame.now, frame.now + timedelta(days=7))
        mine = desk.desk_of(session, me, frame)
        hit = desk.choose(frame, session, mine, desk.Wish(q=q, show="all"), window)
        named = desk.named(session, hit.ids, frame.language)
        instruments, note = [{"id": each, **named[each]} for each in hit.ids if each in named], hit.note
    context = {
        "who": who,
        "q": q,
        "chosen": chosen,
        "area": _area(frame, session, chosen.id) if chosen is not None else "",
        "found": [
            {
                "id": each.id,
                "name": each.name,
                "credit_code": each.credit_code,
                "area": _area(frame, session, each.id),
            }
            for each in found
        ],
        "instruments": instruments,
        "note": note,
    }
    return frame.page("counter.html", context)


@router.get(PAGE + "/{instrument_id}")
def show_form(
    instrument_id: str,
    frame: CurrentFrame,
    me: Clerk,
    session: ReadSession,
    *,
    enterprise: Words = "",
    start: Words = "",
    week: Words = "",
    mode: Words = "",
) -> Response:
    """The booking form in the enterprise's name."""
    party = identity.party_by_id(session, enterprise)
    if party is None or party.kind != "enterprise":
        return see_other(PAGE)
    customer = Customer(me, party.id, party.name)
    typed = {"service_mode": mode, "start": start, "week": week or start[:10]}
    try:
        context = form_context(frame, customer, session, instrument_id, typed)
    except HubError as refused:  # the enterprise's check has run out since it was found
        if refused.status not in {403, 409, 422}:
            raise
        return see_other(f"{PAGE}?who={party.credit_code or ''}")
    return frame.page("book.html", context)


@router.post(PAGE + "/{instrument_id}")
def take_form(
    instrument_id: str, frame: CurrentFrame, me: Clerk, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Price the request, or enter it: accepted at once, in the name of whoever entered it."""
    with runtime.database.read() as session:
        party = identity.party_by_id(session, form.get("enterprise", ""))
    if party is None or party.kind != "enterprise":
        return see_other(PAGE)
    return take(frame, Customer(me, party.id, party.name), instrument_id, form)


def _area(frame: Frame, session: Any, enterprise_id: str) -> str:
    home = identity.home_at(session, enterprise_id, frame.now)
    return "" if home is None else roles.area_name(home.area, frame.language)
