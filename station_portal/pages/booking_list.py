"""Lists of bookings: what waits for me by deadline, with answers to several at once; all of mine; one by its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.orm import Session

import schemas
from hub.bookings import queries
from hub.bookings.errors import BookingUnknown
from hub.bookings.queries import Narrow
from hub.bookings.rules import sides
from hub.bookings.service import commands, sheets, showing
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import booking_words, commanding, wording
from station_portal.booking_files import attachment
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.bookings import AnyForm, Asking, Me

router = APIRouter(include_in_schema=False)

SHOWN = 25
"""Bookings on a page, and so the most that are answered at once."""

BULK = ("accept", "reject")
DUE = ("late", "today", "week")

Word = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a list was asked for; values that no list knows are left out."""

    view: str
    state: str
    mode: str
    due: str
    q: str

    @property
    def is_queue(self) -> bool:
        return self.view == "queue"

    def narrow(self, now: datetime) -> Narrow:
        tomorrow = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)
        until = {"late": now, "today": tomorrow, "week": tomorrow + timedelta(days=6)}
        return Narrow(self.mode or None, until.get(self.due), self.q or None)

    def address(self, **changes: str) -> str:
        """The address of this list, or of a part of it."""
        told = {"view": self.view, "state": self.state, "mode": self.mode, "due": self.due, "q": self.q}
        return "/bookings?" + urlencode({name: value for name, value in (told | changes).items() if value})


def wish_of(*, view: Word = "all", state: Word = "", mode: Word = "", due: Word = "", q: Word = "") -> Wish:
    """The wish of an address."""
    return Wish(
        "queue" if view == "queue" else "all",
        state if state in schemas.codes("booking_state") else "",
        mode if mode in schemas.codes("service_mode") else "",
        due if due in DUE else "",
        q.strip().upper(),
    )


Wanted = Annotated[Wish, Depends(wish_of)]


@router.get("/bookings")
def list_bookings(
    frame: CurrentFrame,
    me: Me,
    session: ReadSession,
    wish: Wanted,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """`view=queue`: what waits for my side, the nearest deadline first; otherwise everything, newest first.

    A whole number in `q` leads to its booking.
    """
    if wish.q and (found := queries.numbered(session, me, wish.q)) is not None:
        return see_other(f"/bookings/{found}")
    return frame.page("bookings.html", _context(frame, me, session, wish, cursor))


@router.get("/b/{number}")
def find_booking(number: Annotated[str, Path(max_length=40)], session: ReadSession, me: Me) -> Response:
    """The short address on labels: leads to the booking with this number."""
    found = queries.numbered(session, me, number.upper())
    if found is None:
        raise BookingUnknown(number)
    return see_other(f"/bookings/{found}")


async def picks_of(request: Request) -> list[tuple[str, int | None]]:
    """Bookings that were ticked, each with the revision that was read, at most a page of them."""
    picks: dict[str, int | None] = {}
    for told in (await request.form()).getlist("pick"):
        booking_id, _, revision = str(told).partition(":")
        picks[booking_id[:40]] = int(revision) if revision.isascii() and revision.isdigit() else None
    return list(picks.items())[:SHOWN]


@router.post("/bookings/bulk")
def answer_several(
    frame: CurrentFrame,
    me: Asking,
    runtime: CurrentRuntime,
    form: AnyForm,
    picks: Annotated[list[tuple[str, int | None]], Depends(picks_of)],
) -> Response:
    """Accept or refuse several bookings, each in a transaction of its own and with its own verdict.

    Safe to send again: what was answered under this form's key gets its first answer, the rest is carried out.
    """
    command, wish = form.get("do", ""), _wish_of_form(form)
    body, wrong = commanding.body_of(command, form, frame.language)
    if command not in BULK:
        wrong = [("do", frame.language("请选择「受理」或「不受理」"))]
    elif not picks:
        wrong = [("list", frame.language("请先勾选要办理的预约"))]
    if wrong:
        with runtime.database.read() as session:
            context = _context(frame, me, session, wish, "", wrong=wrong, typed=form, picked=picks)
        return frame.page("bookings.html", context, status=422)
    key = form.get("key", "")
    verdicts = [_carry_out(frame, me, pick, body, f"{key}-{pick[0]}" if key else None) for pick in picks]
    context = {
        "title": wording.name("booking_command", command, frame.language),
        "verdicts": verdicts,
        "done": sum(verdict["is_done"] for verdict in verdicts),
        "back": wish.address(),
    }
    return frame.page("booking_verdicts.html", context)


@router.post("/bookings/sheet")
def take_sheet(
    frame: CurrentFrame,
    me: Me,
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    form: AnyForm,
    picks: Annotated[list[tuple[str, int | None]], Depends(picks_of)],
) -> Response:
    """The ticked bookings as the province's own sheet."""
    try:
        made = sheets.write(
            session, me, [pick[0] for pick in picks], "sheet", adapters=runtime.adapters, now=frame.now
        )
    except HubError as refused:
        if refused.status != 422:
            raise
        wrong = [("list", frame.language.pick(refused.zh, refused.en))]
        context = _context(frame, me, session, _wish_of_form(form), "", wrong=wrong, picked=picks)
        return frame.page("bookings.html", context, status=422)
    return attachment(made.filename, made.media_type, made.content)


def _carry_out(
    frame: Frame, me: access.Principal, pick: tuple[str, int | None], body: dict[str, Any], key: str | None
) -> dict[str, Any]:
    """One booking's verdict: what became of it, or why nothing did."""
    booking_id, revision = pick
    language, runtime, why = frame.language, frame.runtime, ""
    ways = showing.channels(runtime.adapters)
    try:
        with runtime.database.write() as session:
            commands.carry_out(
                session,
                me,
                booking_id,
                body["command"],
                body,
                key=key,
                revision=revision,
                channels=ways,
                now=frame.now,
            )
    except HubError as refused:
        frame.note_refusal(refused)
        said = [language.pick(refused.zh, refused.en), language.pick(refused.hint_zh, refused.hint_en)]
        why = " ".join(part for part in said if part)
    return {"is_done": not why, "why": why, "id": booking_id, "row": _row_of(frame, me, booking_id)}


def _row_of(frame: Frame, me: access.Principal, booking_id: str) -> dict[str, Any] | None:
    """The booking as it stands now; None for one that the reader may not know of."""
    with frame.runtime.database.read() as session:
        try:
            document = showing.show(session, me, booking_id, now=frame.now)
        except HubError:
            return None
    return booking_words.row(document, sides.side_of(me), frame.language)


def _context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    wish: Wish,
    cursor: str,
    *,
    wrong: list[tuple[str, str]] | None = None,
    typed: Any = None,
    picked: Sequence[tuple[str, int | None]] = (),
) -> dict[str, Any]:
    language, side = frame.language, sides.side_of(me)
    page = _page(session, me, wish, _position(wish.view, cursor), frame.now)
    following = None if page.following is None else encode_cursor(f"portal:{wish.view}", page.following)
    items = [booking_words.row(document, side, language) for document in showing.show_list(me, page)]
    machine = schemas.machine("booking")
    may_answer = side == "provider" and any(item["state"] == "forwarded" for item in items)
    return {
        "wish": wish,
        "tallies": _tallies(session, me, wish, frame) if wish.is_queue and side == "provider" else [],
        "wrong": wrong or [],
        "typed": typed or {},
        "picked": {pick[0] for pick in picked},
        "states": [(code, wording.name("booking_state", code, language)) for code in machine.states],
        "modes": [
            (code, wording.name("service_mode", code, language)) for code in schemas.codes("service_mode")
        ],
        "dues": [
            ("late", language("已逾期")),
            ("today", language("今天到期")),
            ("week", language("七天内到期")),
        ],
        "items": items,
        "is_narrowed": any((wish.state, wish.mode, wish.due, wish.q)),
        "first_href": wish.address() if cursor else None,
        "next_href": None if following is None else wish.address(cursor=following),
        "is_enterprise": side == "enterprise",
        "is_provider": side == "provider",
        "may_answer": wish.is_queue and may_answer,
        "may_enter": access.may_enter(me, "booking.enter"),
        "may_wait": access.may_enter(me, "booking.wait"),
        "may_read_vouchers": access.may_enter(me, "voucher.read"),
        "may_read_payments": access.may_enter(me, "payment.read"),
        "may_read_usage": access.may_enter(me, "usage.read"),
        "may_keep_calendar": access.may_enter(me, "booking.keep_calendar"),
        "reasons": commanding.reasons(side, language),
        "key": token_urlsafe(18),
    }


def _page(
    session: Session, me: access.Principal, wish: Wish, at: tuple[datetime, str] | None, now: datetime
) -> queries.Page:
    states = [wish.state] if wish.state else []
    if not wish.is_queue:
        return queries.page(session, me, states=states, narrow=wish.narrow(now), before=at, limit=SHOWN)
    return queries.queue(
        session,
        me,
        sides.side_of(me) or "none",
        responsible=sides.acting_as(me),
        states=states,
        narrow=wish.narrow(now),
        after=at,
        limit=SHOWN,
    )


def _tallies(session: Session, me: access.Principal, wish: Wish, frame: Frame) -> list[dict[str, Any]]:
    """The queue by state in the order of a booking's life: how much waits, how much is late, and the way to it."""
    counts = queries.queue_counts(
        session, me, sides.side_of(me) or "none", responsible=sides.acting_as(me), now=frame.now
    )
    plain = Wish("queue", "", "", "", "")
    return [
        {
            "name": wording.name("booking_state", state, frame.language),
            "count": counts[state][0],
            "late": counts[state][1],
            "href": plain.address(state="" if state == wish.state else state),
            "is_chosen": state == wish.state,
        }
        for state in schemas.machine("booking").states
        if state in counts
    ]


def _wish_of_form(form: Any) -> Wish:
    return wish_of(**{name: form.get(name, "")[:40] for name in ("view", "state", "mode", "due", "q")})


def _position(view: str, cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    at, booking_id = decode_cursor(f"portal:{view}", cursor, [str, str])
    return datetime.fromisoformat(at), booking_id
