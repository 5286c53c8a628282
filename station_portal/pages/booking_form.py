"""Booking an instrument in one page: what it offers, time, what is wanted, what it costs and what stands against it.

The same form serves an enterprise and the staff who enter a walk-in's booking at the counter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import service as availability
from hub.availability.service import Asker, Quote, Slot, pulls
from hub.bookings.service import commands, ordering, showing, waiting
from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.settlement.queries import relations
from station_portal import booking_form, wording
from station_portal.commanding import instant_of
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.bookings import AnyForm
from station_portal.pages.instruments import names_of
from station_portal.rendering import search_url

router = APIRouter(include_in_schema=False)

Visitor = Annotated[access.Principal, access.action("quote.ask")]

DAYS = 7
COUNTED = frozenset({"times", "samples", "item", "package"})
"""Bases of a tariff whose quantity the form asks for."""

WAITABLE = frozenset({"slot_taken", "slot_closed"})
"""Refusals after which the form offers to wait for a time."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who fills the form in, and for whom: for their own enterprise, or at the counter for a walk-in."""

    me: access.Principal
    enterprise_id: str | None = None
    enterprise_name: str = ""

    @property
    def is_counter(self) -> bool:
        return self.enterprise_id is not None

    def asker(self, session: Session, now: datetime) -> Asker:
        """In whose name a quote is asked. Raises identity's `EnterpriseUnverified` at the counter."""
        if self.enterprise_id is None:
            return availability.asker_of(session, self.me, now=now)
        return ordering.asker_at_the_counter(session, self.me, self.enterprise_id, now=now)

    def address(self, instrument_id: str) -> str:
        """Where the form goes."""
        return f"/staff/counter/{instrument_id}" if self.is_counter else f"/instruments/{instrument_id}/book"


@router.get("/instruments/{instrument_id}/book")
def show_form(
    instrument_id: str,
    frame: CurrentFrame,
    me: Visitor,
    session: ReadSession,
    *,
    start: str = "",
    week: str = "",
    mode: str = "",
) -> Response:
    """The form; `start` preselects a time, `week` shows another week, `mode` a service mode."""
    typed = {"service_mode": mode, "start": start, "week": week or start[:10]}
    pulls.freshen(frame.runtime, session, instrument_id)
    return frame.page("book.html", form_context(frame, Customer(me), session, instrument_id, typed))


@router.post("/instruments/{instrument_id}/book")
def take_form(instrument_id: str, frame: CurrentFrame, me: Visitor, form: AnyForm) -> Response:
    """`do=quote` prices the request, `do=submit` books it, `do=ask` makes it a question."""
    return take(frame, Customer(me), instrument_id, form)


@router.post("/instruments/{instrument_id}/wait")
def take_wish(
    instrument_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.wait")],
    runtime: CurrentRuntime,
    form: AnyForm,
) -> Response:
    """Wait for a time that is taken; what is wrong is said on the form, with what was typed."""
    start, end = instant_of(form.get("wait_from", "")), instant_of(form.get("wait_until", ""))
    minutes, wrong = form.get("wait_minutes", ""), []
    if start is None:
        wrong.append(("wait_from", frame.language("请填写候补的开始时间")))
    if end is None:
        wrong.append(("wait_until", frame.language("请填写候补的结束时间")))
    if start is not None and end is not None:
        try:
            length = int(minutes) if minutes.isascii() and minutes.isdigit() else 0
            with runtime.database.write() as session:
                waiting.wait(session, me, instrument_id, Slot(start, end), length, now=frame.now)
            return see_other("/wishes?told=waiting")
        except HubError as refused:
            if refused.status != 422:
                raise
            field = {"/minutes": "wait_minutes", "/until": "wait_until"}.get(refused.field or "", "wait_from")
            wrong = [(field, frame.language.pick(refused.zh, refused.en))]
    with runtime.database.read() as session:
        context = form_context(
            frame, Customer(me), session, instrument_id, form, wrong=wrong, offers_wait=True
        )
    return frame.page("book.html", context, status=422)


def take(frame: Frame, customer: Customer, instrument_id: str, form: Mapping[str, str]) -> Response:
    """A form that was sent: priced, booked, or shown again with what is wrong."""
    wanted, do, codes = form, form.get("do"), set()
    if do == "ask":
        wanted = {**form, "service_mode": "consultation"}
    with frame.runtime.database.read() as session:
        positions = _positions(session, instrument_id, frame.now)
    request, wrong = booking_form.request_of(instrument_id, wanted, positions, frame.language)
    if request["service_mode"] == "consultation":
        request.pop("quote_id", None)
    wrong = wrong or booking_form.problems_of(request, frame.language)
    quoted: Quote | None = None
    if not wrong:
        try:
            is_final = (
                "quote_id" in request or request["service_mode"] == "consultation" or customer.is_counter
            )
            if do in {"submit", "ask"} and is_final:
                return _make(frame, customer, request, form)
            quoted = _quote(frame, customer, instrument_id, request)
        except HubError as refused:
            wrong, codes = _wrong(frame, refused), {refused.code}
    with frame.runtime.database.read() as session:
        context = form_context(
            frame,
            customer,
            session,
            instrument_id,
            wanted,
            wrong=wrong,
            quoted=quoted,
            offers_wait=bool(codes & WAITABLE),
        )
    return frame.page("book.html", context, status=422 if wrong else 200)


def _make(frame: Frame, customer: Customer, request: Mapping[str, Any], form: Mapping[str, str]) -> Response:
    command = "enter" if customer.is_counter else "submit"
    body: dict[str, Any] = {"command": command, "request": dict(request)}
    if customer.is_counter:
        body["enterprise_id"] = customer.enterprise_id
    with frame.runtime.database.write() as session:
        done = commands.create(
            session,
            customer.me,
            body,
            key=form.get("key"),
            channels=showing.channels(frame.runtime.adapters),
            now=frame.now,
        )
    if done.fee_changed is not None:
        # Nothing was submitted: the draft holds the slot while the reader decides about the new fee.
        return see_other(f"/bookings/{done.booking_id}")
    told = "entered" if customer.is_counter else "submit"
    return see_other(f"/bookings/{done.booking_id}?told={told}")


def _quote(frame: Frame, customer: Customer, instrument_id: str, request: Mapping[str, Any]) -> Quote:
    with frame.runtime.database.write() as session:
        asker = customer.asker(session, frame.now)
        asked = booking_form.quote_request_of(request)
        return availability.quote(session, asker, instrument_id, asked, now=frame.now)


def form_context(
    frame: Frame,
    customer: Customer,
    session: Session,
    instrument_id: str,
    typed: Mapping[str, str],
    *,
    wrong: list[tuple[str, str]] | None = None,
    quoted: Quote | None = None,
    offers_wait: bool = False,
) -> dict[str, Any]:
    """Everything that the form shows."""
    language, me = frame.language, customer.me
    instrument = catalog.instrument(session, instrument_id)
    document = schemas.redact("instrument", instrument.document, "public")
    monday = _first_day(typed.get("week", ""), frame.now)
    begin = datetime.combine(monday, time(), SHANGHAI)
    held = availability.show(
        session, instrument_id, start=begin, end=begin + timedelta(days=DAYS), now=frame.now
    )
    asker = customer.asker(session, frame.now)
    stands = availability.eligibility(session, asker, instrument_id, None, now=frame.now)
    if quoted is not None:
        stands = quoted.problems
    tariff = availability.tariff_of(session, instrument_id, now=frame.now)
    modes = booking_form.modes_of(document, held, None if tariff is None else tariff.document, language)
    positions = _positions(session, instrument_id, frame.now)
    is_enterprise = me.role in {"enterprise_member", "enterprise_manager"}
    return {
        "instrument_id": instrument_id,
        "action": customer.address(instrument_id),
        "customer": customer,
        "draft": f"{me.name}:book:{instrument_id}:{customer.enterprise_id or ''}",
        "similar": _similar(document),
        "title": names_of(document, language)[0],
        "unit": (document.get("unit") or {}).get("name", ""),
        "province": wording.short_province(document["province"], language),
        "typed": typed,
        "mode": booking_form.chosen_mode(
            modes, typed.get("service_mode", ""), needs_price=not customer.is_counter
        ),
        "wrong": wrong or [],
        "declares": _declares(session, asker, instrument_id, frame),
        "may_book": is_enterprise or customer.is_counter,
        "may_wait": is_enterprise and access.may_enter(me, "booking.wait"),
        "offers_wait": offers_wait,
        "modes": modes,
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
        "counted": [each for each in positions if each["basis"] in COUNTED],
        "timed": [each for each in positions if each["basis"] in booking_form.TIMED],
        "units": {
            basis: wording.name("charging_unit", unit, language) for basis, unit in booking_form.UNITS.items()
        },
        "all_modes": booking_form.MODES,
        "asks_test_minutes": any(each["basis"] == "test_time" for each in positions),
        "directions": _choices("service_direction", language),
        "hazards": _choices("sample_hazard", language),
        "sample_rows": range(1, booking_form.SAMPLE_ROWS + 1),
        "problems": [_problem(problem, language) for problem in stands],
        "quote": None if quoted is None else _told(quoted),
        "key": typed.get("key") or token_urlsafe(24),
    }


def _declares(session: Session, asker: Asker, instrument_id: str, frame: Frame) -> dict[str, Any] | None:
    """What the reader is asked to declare; None where no programme asks."""
    offer = availability.read_offer(session, asker, instrument_id, now=frame.now)
    asked = availability.questions(session, asker, offer, now=frame.now)
    if not asked:
        return None
    return {
        "relation": asked.relation,
        "relations": _choices("relation_kind", frame.language),
        "percent": relations.threshold().percent,
        "exclusions": [
            (code, wording.name("programme_exclusion", code, frame.language)) for code in asked.exclusions
        ],
    }


def _problem(problem: Any, language: Any) -> str:
    """What stands against the booking, and the way out of it."""
    held = schemas.codes("eligibility_problem").get(problem.code)
    hint = (
        "" if held is None else language.pick(held.attributes.get("hint_zh"), held.attributes.get("hint_en"))
    )
    told = language.pick(problem.zh, problem.en)
    return f"{told}{language('；')}{hint}" if hint else str(told)


def _similar(document: Mapping[str, Any]) -> str:
    """Where instruments of the same class are that can be booked from outside; empty without a class."""
    code = (document.get("classification") or {}).get("code")
    return search_url(**{"class": code, "sort": "earliest"}) if code else ""


def _told(quoted: Quote) -> dict[str, Any]:
    document = quoted.document
    return {
        "id": quoted.id,
        "fee_fen": quoted.fee_fen,
        "payment_due": document.get("tariff", {}).get("payment_due", "after_report"),
        "is_question": quoted.request["service_mode"] == "consultation",
        "lines": document.get("lines", []),
        "vat": document.get("vat"),
        "is_estimate": document.get("is_estimate", False),
        "shares": document.get("shares"),
        "expires_at": quoted.expires_at,
        "terms": document.get("terms", {}),
    }


def _positions(session: Session, instrument_id: str, now: datetime) -> list[dict[str, Any]]:
    """What the form lets choose of the tariff: whatever is counted, and what is charged by time if it is optional."""
    tariff = availability.tariff_of(session, instrument_id, now=now)
    if tariff is None:
        return []
    return [
        dict(position)
        for position in tariff.document["positions"]
        if position["basis"] in COUNTED or position.get("optional", False)
    ]


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
    frame.note_refusal(refused)
    listed = [frame.language.pick(each["zh"], each["en"]) for each in refused.errors]
    hint = frame.language.pick(refused.hint_zh, refused.hint_en)
    words = [frame.language.pick(refused.zh, refused.en), *listed, hint]
    field = {"slot": "start", "purpose": "direction", "declaration": "is_related"}.get(
        (refused.field or "").split(".")[0], refused.field or "start"
    )
    return [(field, " ".join(dict.fromkeys(word for word in words if word)))]
