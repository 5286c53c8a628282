"""Booking an instrument in one page: time, what is wanted, what it costs and what stands against it, then submit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import service as availability
from hub.availability.service import Quote
from hub.bookings.service import commands, showing
from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import booking_form, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.bookings import AnyForm
from station_portal.pages.instruments import names_of

router = APIRouter(include_in_schema=False)

Asker = Annotated[access.Principal, access.action("quote.ask")]

DAYS = 7
COUNTED = frozenset({"times", "samples", "item", "package"})
"""Bases of a tariff whose quantity the form asks for; times follow from the slot."""


@router.get("/instruments/{instrument_id}/book")
def show_form(
    instrument_id: str,
    frame: CurrentFrame,
    me: Asker,
    session: ReadSession,
    *,
    start: str = "",
    week: str = "",
) -> Response:
    """The form; `start` preselects a time, `week` shows another week."""
    typed = {"service_mode": "machine_time", "start": start, "week": week}
    return frame.page("book.html", _context(frame, me, session, instrument_id, typed))


@router.post("/instruments/{instrument_id}/book")
def take_form(
    instrument_id: str, frame: CurrentFrame, me: Asker, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do=quote` prices the request; `do=submit` books it. What is wrong is said, and what was typed stays."""
    with runtime.database.read() as session:
        positions = _positions(session, instrument_id, frame.now)
    request, wrong = booking_form.request_of(instrument_id, form, positions, frame.language)
    wrong = wrong or booking_form.problems_of(request, frame.language)
    quoted: Quote | None = None
    if not wrong:
        try:
            if form.get("do") == "submit" and form.get("quote_id"):
                return _submit(frame, me, request, form)
            quoted = _quote(frame, me, instrument_id, request)
        except HubError as refused:
            wrong = _wrong(frame, refused)
    with runtime.database.read() as session:
        context = _context(frame, me, session, instrument_id, form, wrong=wrong, quoted=quoted)
    return frame.page("book.html", context, status=422 if wrong else 200)


def _submit(
    frame: Frame, me: access.Principal, request: Mapping[str, Any], form: Mapping[str, str]
) -> Response:
    with frame.runtime.database.write() as session:
        done = commands.create(
            session,
            me,
            {"command": "submit", "request": dict(request)},
            key=form.get("key"),
            channels=showing.channels(frame.runtime.adapters),
            now=frame.now,
        )
    if done.fee_changed is not None:
        # Nothing was submitted: the draft holds the slot while the reader decides about the new fee.
        return see_other(f"/bookings/{done.booking_id}")
    return see_other(f"/bookings/{done.booking_id}?told=submit")


def _quote(frame: Frame, me: access.Principal, instrument_id: str, request: Mapping[str, Any]) -> Quote:
    with frame.runtime.database.write() as session:
        asker = availability.asker_of(session, me, now=frame.now)
        asked = booking_form.quote_request_of(request)
        return availability.quote(session, asker, instrument_id, asked, now=frame.now)


def _context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    instrument_id: str,
    typed: Mapping[str, str],
    *,
    wrong: list[tuple[str, str]] | None = None,
    quoted: Quote | None = None,
) -> dict[str, Any]:
    language = frame.language
    instrument = catalog.instrument(session, instrument_id)
    document = schemas.redact("instrument", instrument.document, "public")
    monday = _first_day(typed.get("week", ""), frame.now)
    begin = datetime.combine(monday, time(), SHANGHAI)
    held = availability.show(
        session, instrument_id, start=begin, end=begin + timedelta(days=DAYS), now=frame.now
    )
    asker = availability.asker_of(session, me, now=frame.now)
    stands = availability.eligibility(session, asker, instrument_id, None, now=frame.now)
    if quoted is not None:
        stands = quoted.problems
    return {
        "instrument_id": instrument_id,
        "title": names_of(document, language)[0],
        "unit": (document.get("unit") or {}).get("name", ""),
        "province": wording.short_province(document["province"], language),
        "typed": typed,
        "wrong": wrong or [],
        "is_enterprise": me.role in {"enterprise_member", "enterprise_manager"},
        "modes": [(mode, wording.name("service_mode", mode, language)) for mode in booking_form.MODES],
        "days": booking_form.starts(held),
        "durations": booking_form.durations(held),
        "week_before": None
        if monday <= frame.now.astimezone(SHANGHAI).date()
        else str(monday - timedelta(days=DAYS)),
        "week_after": str(monday + timedelta(days=DAYS)),
        "week": f"{monday:%Y-%m-%d}",
        "next_free": held.next_free,
        "as_of": held.as_of,
        "source": wording.name("availability_source", held.source, language),
        "offers_operator": held.rules.document.get("operator") == "on_request",
        "positions": _positions(session, instrument_id, frame.now),
        "directions": _choices("service_direction", language),
        "hazards": _choices("sample_hazard", language),
        "sample_rows": range(1, booking_form.SAMPLE_ROWS + 1),
        "problems": [language.pick(problem.zh, problem.en) for problem in stands],
        "quote": None if quoted is None else _told(quoted),
        "key": typed.get("key") or token_urlsafe(24),
    }


def _told(quoted: Quote) -> dict[str, Any]:
    document = quoted.document
    return {
        "id": quoted.id,
        "fee_fen": quoted.fee_fen,
        "lines": document.get("lines", []),
        "is_estimate": document.get("is_estimate", False),
        "expires_at": quoted.expires_at,
        "terms": document.get("terms", {}),
    }


def _positions(session: Session, instrument_id: str, now: datetime) -> list[dict[str, Any]]:
    tariff = availability.tariff_of(session, instrument_id, now=now)
    if tariff is None:
        return []
    return [dict(position) for position in tariff.document["positions"] if position["basis"] in COUNTED]


def _first_day(told: str, now: datetime) -> date:
    today = now.astimezone(SHANGHAI).date()
    try:
        wanted = date.fromisoformat(told)
    except ValueError:
        return today
    return min(max(wanted, today), today + timedelta(days=180))


def _choices(name: str, language: Any) -> list[tuple[str, str]]:
    return [(code, wording.name(name, code, language)) for code in schemas.codes(name)]


def _wrong(frame: Frame, refused: HubError) -> list[tuple[str, str]]:
    if refused.status >= 500 or refused.status in {401, 404, 410}:
        raise refused
    listed = [frame.language.pick(each["zh"], each["en"]) for each in refused.errors]
    hint = frame.language.pick(refused.hint_zh, refused.hint_en)
    words = [frame.language.pick(refused.zh, refused.en), *listed, hint]
    field = {"slot": "start", "purpose": "direction"}.get(
        (refused.field or "").split(".")[0], refused.field or "start"
    )
    return [(field, " ".join(word for word in words if word))]
