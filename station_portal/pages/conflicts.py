"""Reservations made elsewhere that meet bookings: what meets what, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability import service as availability
from hub.catalog import queries as catalog
from hub.core.lists import Number
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk
from station_portal.keeping.fields import Wrong, by_field, text_of
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action(desk.READ)]
Resolver = Annotated[access.Principal, access.action(desk.RESOLVE)]

SHOWN = 25
PAGE = "/staff/conflicts"


@router.get(PAGE)
def show_conflicts(
    frame: CurrentFrame,
    me: Me,
    session: ReadSession,
    *,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    told: str = "",
) -> Response:
    """Open conflicts of the reader's instruments, oldest first."""
    return frame.page("conflicts.html", {**_context(frame, me, session, after), "told": told})


@router.post(PAGE + "/{conflict_id}/resolve")
def resolve(
    conflict_id: Number, frame: CurrentFrame, me: Resolver, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """People have settled it; `note` says how. Safe to repeat."""
    note = text_of(form, "note")
    if not 2 <= len(note) <= 200:
        words = frame.language("请用 2 至 200 个字说明是怎样处理的")
        return _again(frame, me, runtime, form, [(f"note-{conflict_id}", words)])
    with runtime.database.write() as session:
        instrument_id = queries.conflict(session, conflict_id).instrument_id
        now = availability.allow_instrument(session, me, desk.RESOLVE, instrument_id, now=frame.now)
        availability.resolve_conflict(session, conflict_id, note, actor=me.name, now=now)
    return see_other(f"{PAGE}?told=resolved")


@router.post(PAGE + "/{conflict_id}/release")
def release(conflict_id: Number, frame: CurrentFrame, me: Resolver, runtime: CurrentRuntime) -> Response:
    """The local user gives way: the reservation is let go, and the conflict is over."""
    with runtime.database.write() as session:
        held = queries.conflict(session, conflict_id)
        now = availability.allow_instrument(session, me, desk.RESOLVE, held.instrument_id, now=frame.now)
        availability.free_reservation(session, held.claim.id, held.instrument_id, actor=me.name, now=now)
    return see_other(f"{PAGE}?told=released")


def open_conflicts(
    frame: Frame, session: Session, me: access.Principal, *, after: int = 0, limit: int = 100
) -> list[Any]:
    """Open conflicts at the reader's desk, by number."""
    own = desk.desk_of(session, me, frame)
    if own.institution_id is None:
        return queries.conflicts(session, province=own.province, after=after, limit=limit)
    ids = catalog.instrument_ids_of(session, [own.institution_id])
    return queries.conflicts(session, instrument_ids=ids, after=after, limit=limit)


def _context(frame: Frame, me: access.Principal, session: Session, after: int) -> dict[str, Any]:
    language = frame.language
    held = open_conflicts(frame, session, me, after=after, limit=SHOWN + 1)
    claims = [claim for each in held[:SHOWN] for claim in (each.claim, *each.others)]
    bookings = desk.bookings_of(session, me, claims, language)
    names = desk.named(session, sorted({each.instrument_id for each in held}), language)
    return {
        "items": [
            {
                "id": each.id,
                "instrument_id": each.instrument_id,
                "instrument": names.get(each.instrument_id, {}),
                "claim": desk.claim_words(each.claim, bookings, language),
                "others": [desk.claim_words(other, bookings, language) for other in each.others],
                "opened_at": each.opened_at,
            }
            for each in held[:SHOWN]
        ],
        "next_href": f"{PAGE}?after={held[SHOWN - 1].id}" if len(held) > SHOWN else "",
        "may_resolve": access.may_enter(me, desk.RESOLVE),
        "typed": {},
        "wrong": [],
        "faults": {},
        "told": "",
    }


def _again(
    frame: Frame, me: access.Principal, runtime: Any, form: Mapping[str, str], wrong: Wrong
) -> Response:
    with runtime.database.read() as session:
        context = _context(frame, me, session, 0)
    typed = {wrong[0][0]: form.get("note", "")}
    return frame.page(
        "conflicts.html", {**context, "wrong": wrong, "faults": by_field(wrong), "typed": typed}, status=422
    )
