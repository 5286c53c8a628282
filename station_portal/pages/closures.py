"""Closures of an instrument or of an institution: made with the bookings they meet named first, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import queries
from hub.availability import service as availability
from hub.availability.rules import Closure, Slot
from hub.availability.service.keeping import AHEAD
from hub.catalog import queries as catalog
from hub.core.errors import HubError
from hub.core.lists import Number
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import closure_form, desk, places
from station_portal.keeping.fields import Wrong, by_field, refused_words
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Closer = Annotated[access.Principal, access.action(desk.CLOSURES)]

SHOWN_CLOSURES = 100
SHOWN_CLAIMS = 50
"""Bookings that are named for one closure; of the rest the number is told."""


@dataclass(frozen=True, slots=True)
class Place(places.Place):
    """Whose closures: one instrument's, or those of all instruments of an institution."""

    page = "closures"
    action = desk.CLOSURES

    def instrument_ids(self, session: Session) -> list[str]:
        """The instruments that a closure made here concerns."""
        return catalog.instrument_ids_of(session, [self.id]) if self.is_unit else [self.id]


@router.get("/staff/instruments/{instrument_id}/closures")
def show_instrument(
    instrument_id: str, frame: CurrentFrame, me: Closer, session: ReadSession, told: str = ""
) -> Response:
    """The instrument's closures that are not over, and the form for another."""
    return _show(frame, me, session, Place(instrument_id, is_unit=False), told)


@router.get("/staff/institutions/{institution_id}/closures")
def show_institution(
    institution_id: str, frame: CurrentFrame, me: Closer, session: ReadSession, told: str = ""
) -> Response:
    """The same for all instruments of an institution."""
    return _show(frame, me, session, Place(institution_id, is_unit=True), told)


@router.post("/staff/instruments/{instrument_id}/closures")
def close_instrument(
    instrument_id: str, frame: CurrentFrame, me: Closer, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Close the instrument; where this meets bookings they are named first, and `confirmed` closes all the same."""
    return _close(frame, me, runtime, Place(instrument_id, is_unit=False), form)


@router.post("/staff/institutions/{institution_id}/closures")
def close_institution(
    institution_id: str, frame: CurrentFrame, me: Closer, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """The same for all instruments of an institution."""
    return _close(frame, me, runtime, Place(institution_id, is_unit=True), form)


@router.post("/staff/instruments/{instrument_id}/closures/{closure_id}/reopen")
def reopen_instrument(
    instrument_id: str, closure_id: Number, frame: CurrentFrame, me: Closer, runtime: CurrentRuntime
) -> Response:
    """Take a closure of the instrument back."""
    return _reopen(frame, me, runtime, Place(instrument_id, is_unit=False), closure_id)


@router.post("/staff/institutions/{institution_id}/closures/{closure_id}/reopen")
def reopen_institution(
    institution_id: str, closure_id: Number, frame: CurrentFrame, me: Closer, runtime: CurrentRuntime
) -> Response:
    """Take a closure of the institution back."""
    return _reopen(frame, me, runtime, Place(institution_id, is_unit=True), closure_id)


def _show(frame: Frame, me: access.Principal, session: Session, place: Place, told: str) -> Response:
    place.allow(session, me, frame)
    return frame.page("closures.html", {**_context(frame, me, session, place), "told": told})


def _close(
    frame: Frame, me: access.Principal, runtime: Any, place: Place, form: Mapping[str, str]
) -> Response:
    document, wrong = closure_form.document_of(form, frame.language)
    met: list[dict[str, Any]] = []
    if not wrong:
        try:
            with runtime.database.write() as session:
                place.allow(session, me, frame)
                ids = place.instrument_ids(session)
                closure = availability.read_closure(document)
                if _is_repeat(frame, session, place, closure, me.name):
                    return see_other(f"{place.address}?told=closed")
                found = availability.claims_met(session, ids, closure, now=frame.now)
                if not found or form.get("confirmed") == "yes":
                    availability.close(
                        session, place.id, document, actor=me.name, now=frame.now, instrument_ids=ids
                    )
                    return see_other(f"{place.address}?told=closed")
                met = _words(frame, me, session, found)
        except HubError as refused:
            wrong = refused_words(refused, closure_form.field_of, frame.language, "start")
    with runtime.database.read() as session:
        place.allow(session, me, frame)
        context = _context(frame, me, session, place, typed=form, wrong=wrong)
    return frame.page("closures.html", {**context, "met": met}, status=422 if wrong else 200)


def _is_repeat(frame: Frame, session: Session, place: Place, closure: Closure, actor: str) -> bool:
    """Whether the reader has made this very closure already: the same form sent again, its answer having been lost."""
    held = queries.held_closures(session, [place.id], Slot(frame.now, frame.now + AHEAD))
    return any(each.closure == closure and each.made_by == actor for each in held)


def _reopen(frame: Frame, me: access.Principal, runtime: Any, place: Place, closure_id: int) -> Response:
    with runtime.database.write() as session:
        place.allow(session, me, frame)
        availability.reopen(session, closure_id, place.id, actor=me.name, now=frame.now)
    return see_other(f"{place.address}?told=reopened")


def _context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    place: Place,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
) -> dict[str, Any]:
    language = frame.language
    make_head = desk.unit_head if place.is_unit else desk.head
    head = make_head(frame, session, place.id, "closures")
    subjects = (
        [place.id] if place.is_unit or not head["institution_id"] else [place.id, head["institution_id"]]
    )
    ahead = Slot(frame.now, frame.now + AHEAD)
    claims = queries.live_claims(session, place.instrument_ids(session), ahead)
    items: list[dict[str, Any]] = []
    for each in queries.held_closures(session, subjects, ahead):
        times = list(each.closure.times(ahead))
        if not times or len(items) == SHOWN_CLOSURES:
            continue
        met = [claim for claim in claims if any(claim.slot.overlaps(time) for time in times)]
        items.append(
            {
                **closure_form.in_words(each, language),
                "is_own": each.subject == place.id,
                "met": _words(frame, me, session, met[:SHOWN_CLAIMS]),
                "met_count": len(met),
            }
        )
    return {
        "head": head,
        "place": place,
        "items": items,
        "typed": typed or {},
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "met": [],
        "told": "",
        "reasons": [
            (code, wording.name("closure_reason", code, language)) for code in schemas.codes("closure_reason")
        ],
        "repeats": [
            (weeks, closure_form.repeat_words(int(weeks or 0), None, language) or language("不重复"))
            for weeks in closure_form.REPEATS
        ],
    }


def _words(
    frame: Frame, me: access.Principal, session: Session, claims: list[availability.HeldClaim]
) -> list[dict[str, Any]]:
    bookings = desk.bookings_of(session, me, claims, frame.language)
    names = desk.named(session, sorted({claim.instrument_id for claim in claims}), frame.language)
    return [
        {
            **desk.claim_words(claim, bookings, frame.language),
            "instrument": names.get(claim.instrument_id, {}).get("name", ""),
        }
        for claim in claims
    ]
