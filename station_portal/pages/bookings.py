"""One booking for whoever it concerns: what to do next, by whom and until when, its facts, its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import service as availability
from hub.bookings.rules import sides
from hub.bookings.service import commands, entering, report_files, showing, threads
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import queries as identity
from hub.settlement.queries import usage as used
from hub.settlement.queries.wallets import find_order
from station_portal import booking_words, commanding, paying_words, wording
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action("booking.read")]
Asking = Annotated[access.Principal, access.action("session.use")]

UPLOADING = frozenset({"in_service", "service_done", "report_delivered", "completed"})
"""States in which the provider may hand in a report."""


async def form_of(request: Request) -> Mapping[str, str]:
    """The form's text fields, without NUL, which PostgreSQL cannot hold; files are taken by their own parameter."""
    form = await request.form()
    return {name: value.replace("\0", "") for name, value in form.items() if isinstance(value, str)}


AnyForm = Annotated[Mapping[str, str], Depends(form_of)]


@router.get("/bookings/{booking_id}")
def show_booking(
    booking_id: str, frame: CurrentFrame, me: Me, session: ReadSession, told: str = ""
) -> Response:
    """One booking; `told` is the form that has just done its work."""
    text = booking_words.outcome(told, frame.language)
    return frame.page("booking.html", page_context(frame, me, session, booking_id, told=text))


@router.post("/bookings/{booking_id}/commands/{command}")
def give_command(
    booking_id: str,
    command: str,
    frame: CurrentFrame,
    me: Asking,
    *,
    runtime: CurrentRuntime,
    form: AnyForm,
) -> Response:
    """Carry out a command; a refusal is said on the page, with what was typed."""
    body, wrong = commanding.body_of(command, form, frame.language)
    if not wrong and (found := schemas.problems("booking-command", body)):
        wrong = [
            (problem.pointer.strip("/"), frame.language.pick(problem.zh, problem.en)) for problem in found
        ]
    if not wrong:
        revision = form.get("revision", "")
        try:
            with runtime.database.write() as session:
                done = commands.carry_out(
                    session,
                    me,
                    booking_id,
                    command,
                    body,
                    key=form.get("key"),
                    revision=int(revision) if revision.isascii() and revision.isdigit() else None,
                    channels=showing.channels(runtime.adapters),
                    now=frame.now,
                )
            # With a changed fee nothing was submitted: the draft holds the slot while the reader decides.
            return see_other(f"/bookings/{booking_id}" + ("" if done.fee_changed else f"?told={command}"))
        except HubError as refused:
            wrong = wrongs_of(frame, command, refused)
    return again(frame, me, booking_id, wrong, {**form, "command": command})


def wrongs_of(frame: Frame, field: str, refused: HubError) -> list[tuple[str, str]]:
    """A refusal as a fault of a form's field; what no form can mend is raised."""
    if refused.status >= 500 or refused.status in {401, 404}:
        raise refused
    frame.note_refusal(refused)
    parts = [
        frame.language.pick(refused.zh, refused.en),
        frame.language.pick(refused.hint_zh, refused.hint_en),
    ]
    listed = [frame.language.pick(each["zh"], each["en"]) for each in refused.errors]
    return [
        (
            (refused.field or field).strip("/").replace("/", "-"),
            " ".join(dict.fromkeys(part for part in [*parts, *listed] if part)),
        )
    ]


def again(
    frame: Frame,
    me: access.Principal,
    booking_id: str,
    wrong: list[tuple[str, str]],
    typed: Mapping[str, str],
) -> Response:
    """The page once more, with what is wrong and what was typed."""
    with frame.runtime.database.read() as session:
        context = page_context(frame, me, session, booking_id, wrong=wrong, typed=typed)
    return frame.page("booking.html", context, status=422)


def _shares_state(document: Mapping[str, Any], frame: Frame) -> str:
    """What has become of the voucher, in words; empty without one."""
    shares = document.get("shares")
    if shares is None:
        return ""
    state = schemas.codes("hold_state")[shares["state"]]
    return frame.language.pick(state.zh, state.en)


def _unpaid_by(session: Session, document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the programmes of its home said to an order that no voucher pays for; empty where one does."""
    held = None if "shares" in document else find_order(session, document["id"])
    return [] if held is None else list(held.decisions["user"])


def page_context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    booking_id: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the page of a booking shows."""
    language = frame.language
    document = showing.show(session, me, booking_id, now=frame.now)
    side = sides.side_of(me)
    actions = document.get("actions", [])
    terms = document["terms"]
    return {
        "booking": {**dict.fromkeys(schemas.document("booking")["properties"]), **document},
        "row": booking_words.row(document, side, language),
        "shares_state": _shares_state(document, frame),
        "unpaid_by": _unpaid_by(session, document) if side == "enterprise" else [],
        "paying": paying_words.of_booking(frame, session, me, document, side),
        "side": side,
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
        "key": token_urlsafe(18),
        "draft": f"{me.name}:{booking_id}",
        "forms": commanding.forms(actions, document["service_mode"], language),
        "usage_id": _usage_id(session, me, booking_id),
        "draft_quote": _draft_quote(frame, session, me, document) if "submit" in actions else None,
        "reasons": commanding.reasons(side, language),
        "modes": _choices("service_mode", frame),
        "units": _choices("charging_unit", frame),
        "usage": _usage_times(document, frame.now),
        "colleagues": _colleagues(session, me) if "transfer" in actions else [],
        "explained": booking_words.explained(document, side, language),
        "proposal": _proposal(document, side, frame),
        "cancel_until": datetime.fromisoformat(terms["cancel_until"]) if "cancel_until" in terms else None,
        "timeline": booking_words.timeline(document, language),
        "purpose": wording.name("service_direction", document.get("purpose", {}).get("direction"), language),
        "entered_by": entering.entered_by(session, booking_id),
        "notes": threads.read_notes(session, booking_id) if side in {"enterprise", "provider"} else [],
        "may_write": access.may_enter(me, "booking.write_message"),
        "may_upload": side == "provider" and document["state"] in UPLOADING,
        "may_rate": side == "enterprise" and document["state"] == "completed",
        "limit": report_files.MOST_WHOLE,
    }


def _proposal(document: Mapping[str, Any], side: str | None, frame: Frame) -> dict[str, Any] | None:
    told = document.get("proposal")
    if told is None:
        return None
    slot, language = told.get("slot"), frame.language
    return {
        "by": booking_words.side_name(told["by"], language),
        "is_mine": told["by"] == side,
        "slot": None
        if slot is None
        else (datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])),
        "until": datetime.fromisoformat(told["until"]) if "until" in told else None,
        "due_on": told.get("due_on"),
        "mode": wording.name("service_mode", told.get("service_mode"), language),
        "fee_fen": told.get("fee_fen"),
        "reason": wording.name("booking_reason", told.get("reason"), language),
        "text": told.get("text", ""),
    }


def _usage_id(session: Session, me: access.Principal, booking_id: str) -> str | None:
    """The usage of the booking, for whoever may read it."""
    found = used.find_of_order(session, booking_id) if access.may_enter(me, "usage.read") else None
    return None if found is None else found.id


def _draft_quote(
    frame: Frame, session: Session, me: access.Principal, document: Mapping[str, Any]
) -> availability.Quote | None:
    """The quote that a draft would be submitted with."""
    if "quote_id" not in document:
        return None
    asker = availability.asker_of(session, me, now=frame.now)
    return availability.read_quote(session, document["quote_id"], asker)


def _usage_times(document: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """What the check-out form begins with, as forms write times: since the check-in until now.

    Within the minute of the check-in the end is the slot's.
    """
    begun = [entry["at"] for entry in document.get("timeline", []) if entry["command"] == "check_in"]
    start = datetime.fromisoformat(begun[-1]) if begun else now
    if now - start < timedelta(minutes=1) and "slot" in document:
        now = datetime.fromisoformat(document["slot"]["end"])
    return f"{start.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}", f"{now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def _colleagues(session: Session, me: access.Principal) -> list[tuple[str, str]]:
    """Who else acts for the reader's enterprise, as (person, name)."""
    members = identity.members_of(session, me.party_id or "")
    found = {held.person_id: held.person_name for held in members if held.person_id != me.person_id}
    return sorted(found.items(), key=lambda each: each[1])


def _choices(name: str, frame: Frame) -> list[tuple[str, str]]:
    return [(code, wording.name(name, code, frame.language)) for code in schemas.codes(name)]
