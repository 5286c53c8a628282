"""Local reservations: one by hand, or a week pasted or uploaded, previewed row by row before anything is kept."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from hub.availability import queries, sheets
from hub.availability import service as availability
from hub.availability.errors import PreviewChanged
from hub.availability.rules import LONGEST_MINUTES, Mode, Preview, Slot
from hub.availability.service import Reservation
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import formats
from station_portal.commanding import instant_of
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk, places
from station_portal.keeping.fields import Wrong, by_field, refused_words, text_of
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Keeper = Annotated[access.Principal, access.action(desk.RESERVATIONS)]

AHEAD = timedelta(days=42)
"""How far local reservations are listed."""
MOST_FORM = sheets.MAX_BYTES * 2
"""Bytes of a form: content that was previewed comes back in it as text."""
SHOWN_ROWS = 300
TONES = {"new": "ok", "moved": "live", "known": "", "conflict": "warn", "over": "", "fault": "bad"}


@dataclass(frozen=True, slots=True)
class Week:
    """What was pasted, uploaded, or carried over from the preview."""

    content: bytes
    filename: str
    mode: Mode
    typed: Mapping[str, str]


async def week_of(request: Request) -> Week:
    """The content of the form: the carried one of a preview, else the file, else the text."""
    async with request.form() as form:
        typed = {name: told.replace("\0", "") for name, told in form.items() if isinstance(told, str)}
        given = form.get("file")
        uploaded = None
        if isinstance(given, UploadFile) and given.filename:
            uploaded = (await given.read(sheets.MAX_BYTES + 1), given.filename[-200:])
    mode: Mode = "replace" if typed.get("mode") == "replace" else "add"
    if typed.get("do") == "import":
        try:
            content = urlsafe_b64decode(typed.get("carried", "").encode("ascii", "replace"))
        except (NotBase64, ValueError):
            content = b""
        return Week(content, typed.get("filename", "")[-200:], mode, typed)
    if uploaded is not None:
        return Week(*uploaded, mode, typed)
    return Week(typed.get("text", "").encode(), "", mode, typed)


Uploaded = Annotated[Week, Depends(week_of)]


@dataclass(frozen=True, slots=True)
class Place(places.Place):
    """Whose reservations: one instrument's, or those of an institution, where rows name the instrument."""

    page = "reservations"
    action = desk.RESERVATIONS

    def numbers(self, session: Session) -> dict[str, str]:
        """Instruments that rows may name, by their number."""
        return availability.instruments_by_number(session, self.id) if self.is_unit else {}

    def default(self) -> str | None:
        """The instrument of rows that name none."""
        return None if self.is_unit else self.id


@router.get("/staff/instruments/{instrument_id}/reservations")
def show_instrument(
    instrument_id: str, frame: CurrentFrame, me: Keeper, session: ReadSession, told: str = ""
) -> Response:
    """The instrument's local reservations and the forms for more."""
    return _show(frame, me, session, Place(instrument_id, is_unit=False), told)


@router.get("/staff/institutions/{institution_id}/reservations")
def show_institution(
    institution_id: str, frame: CurrentFrame, me: Keeper, session: ReadSession, told: str = ""
) -> Response:
    """A week of all instruments of an institution."""
    return _show(frame, me, session, Place(institution_id, is_unit=True), told)


@router.post("/staff/instruments/{instrument_id}/reservations", max_body_size=MOST_FORM)
def take_instrument(
    instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, week: Uploaded
) -> Response:
    """`do=preview` shows what the week would do; `do=import` does what was shown, or nothing."""
    return _take(frame, me, runtime, Place(instrument_id, is_unit=False), week)


@router.post("/staff/institutions/{institution_id}/reservations", max_body_size=MOST_FORM)
def take_institution(
    institution_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, week: Uploaded
) -> Response:
    """The same for all instruments of an institution."""
    return _take(frame, me, runtime, Place(institution_id, is_unit=True), week)


@router.post("/staff/instruments/{instrument_id}/reservations/take")
def take_one(
    instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """One local reservation by hand. The same form sent twice is one."""
    place = Place(instrument_id, is_unit=False)
    slot, wrong = _slot(frame, form)
    if slot is not None:
        key = f"form/{form.get('key', '')[:60]}"
        with runtime.database.write() as session:
            place.allow(session, me, frame)
            one = Reservation(key, slot, text_of(form, "label")[:60] or None)
            taken = availability.put_reservations(
                session, instrument_id, [one], source="local", actor=me.name, now=frame.now
            )
        return see_other(f"{place.address}?told={'clash' if taken.conflicts else 'taken'}#held")
    with runtime.database.read() as session:
        place.allow(session, me, frame)
        context = _context(frame, session, place, typed=form, wrong=wrong)
    return frame.page("reservations.html", context, status=422)


@router.post("/staff/instruments/{instrument_id}/reservations/free")
def free_one(
    instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """A local reservation is over or was a mistake."""
    place = Place(instrument_id, is_unit=False)
    with runtime.database.write() as session:
        place.allow(session, me, frame)
        availability.free_reservation(
            session, form.get("claim", ""), instrument_id, actor=me.name, now=frame.now
        )
    return see_other(f"{place.address}?told=freed#held")


@router.post("/staff/instruments/{instrument_id}/reservations/confirm")
def confirm(instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime) -> Response:
    """The times known to the hub are complete: their age begins anew."""
    place = Place(instrument_id, is_unit=False)
    with runtime.database.write() as session:
        place.allow(session, me, frame)
        availability.confirm_calendar(session, instrument_id, actor=me.name, now=frame.now)
    return see_other(f"{place.address}?told=confirmed")


def _show(frame: Frame, me: access.Principal, session: Session, place: Place, told: str) -> Response:
    place.allow(session, me, frame)
    return frame.page("reservations.html", {**_context(frame, session, place), "told": told})


def _take(frame: Frame, me: access.Principal, runtime: Any, place: Place, week: Week) -> Response:
    wrong: Wrong = []
    preview: Preview | None = None
    try:
        rows = sheets.read_upload(week.content, week.filename, workbooks=runtime.read_workbook, now=frame.now)
        if week.typed.get("do") == "import":
            with runtime.database.write() as session:
                place.allow(session, me, frame)
                told = _preview(session, place, rows, week.mode, frame)
                digest = week.typed.get("preview", "")
                try:
                    done = availability.import_upload(session, told, digest, actor=me.name, now=frame.now)
                except PreviewChanged as changed:
                    preview, wrong = told, refused_words(changed, str, frame.language, "preview-rows")
                else:
                    is_clash = any(taken.conflicts for taken in done.values())
                    return see_other(
                        f"{place.address}?told={'imported-clash' if is_clash else 'imported'}#held"
                    )
        else:
            with runtime.database.read() as session:
                place.allow(session, me, frame)
                preview = _preview(session, place, rows, week.mode, frame)
    except HubError as refused:
        wrong = refused_words(refused, str, frame.language, "text")
    with runtime.database.read() as session:
        place.allow(session, me, frame)
        context = _context(frame, session, place, typed=week.typed, wrong=wrong)
        if preview is not None:
            context["preview"] = _preview_words(frame, session, me, preview, week)
    return frame.page("reservations.html", context, status=422 if wrong else 200)


def _preview(session: Session, place: Place, rows: Any, mode: Mode, frame: Frame) -> Preview:
    return availability.preview_upload(
        session, rows, place.numbers(session), default=place.default(), mode=mode, now=frame.now
    )


def _preview_words(
    frame: Frame, session: Session, me: access.Principal, preview: Preview, week: Week
) -> dict[str, Any]:
    language = frame.language
    claims = [claim for row in preview.rows for claim in row.meets] + list(preview.released)
    bookings = desk.bookings_of(session, me, claims, language)
    ids = {row.instrument_id for row in preview.rows if row.instrument_id is not None}
    names = desk.named(session, sorted(ids | {claim.instrument_id for claim in preview.released}), language)
    words = {
        "new": language("新增"),
        "moved": language("改时间"),
        "known": language("已有，不变"),
        "conflict": language("冲突"),
        "over": language("已过去，不导入"),
        "fault": language("读不懂，不导入"),
    }
    rows = [
        {
            "number": each.row.number,
            "text": each.row.text,
            "start": None if each.row.slot is None else each.row.slot.start,
            "end": None if each.row.slot is None else each.row.slot.end,
            "instrument": names.get(each.instrument_id or "", {}).get("name", ""),
            "state": words[each.state],
            "tone": TONES[each.state],
            "fault": "" if each.fault is None else language.pick(each.fault.zh, each.fault.en),
            "meets": [desk.claim_words(claim, bookings, language) for claim in each.meets],
        }
        for each in sorted(preview.rows, key=lambda row: row.state not in {"conflict", "fault"})
    ]
    return {
        "rows": rows[:SHOWN_ROWS],
        "more": max(0, len(rows) - SHOWN_ROWS),
        "counts": [
            (words[state], TONES[state], count)
            for state in words
            if (count := sum(row.state == state for row in preview.rows))
        ],
        "released": [
            {
                **desk.claim_words(claim, bookings, language),
                "instrument": names.get(claim.instrument_id, {}).get("name", ""),
            }
            for claim in preview.released
        ],
        "conflicts": preview.conflicts,
        "is_something": any(row.state in {"new", "moved", "conflict", "known"} for row in preview.rows),
        "digest": preview.digest,
        "mode": preview.mode,
        "filename": week.filename,
        "carried": urlsafe_b64encode(week.content).decode(),
    }


def _context(
    frame: Frame,
    session: Session,
    place: Place,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
) -> dict[str, Any]:
    language = frame.language
    make_head = desk.unit_head if place.is_unit else desk.head
    window = Slot(frame.now, frame.now + AHEAD)
    held = [] if place.is_unit else queries.live_claims(session, [place.id], window)
    cases = [] if place.is_unit else queries.conflicts(session, instrument_ids=[place.id])
    clashing = {case.claim.id: case.id for case in cases}
    as_of = None
    if not place.is_unit:
        as_of, _ = queries.freshness(
            queries.calendar(session, place.id), queries.booking_rules(session, place.id, now=frame.now)
        )
    today = frame.now.astimezone(formats.SHANGHAI)
    return {
        "head": make_head(frame, session, place.id, "reservations"),
        "place": place,
        "held": [
            {**desk.claim_words(claim, {}, language), "conflict": clashing.get(claim.id, 0)}
            for claim in held
            if claim.source == "local"
        ],
        "as_of": as_of,
        "typed": typed or {},
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "preview": None,
        "key": (typed or {}).get("key") or token_urlsafe(9),
        "example": [today + timedelta(days=days) for days in (1, 2)],
        "limit": formats.size(sheets.MAX_BYTES),
        "told": "",
    }


def _slot(frame: Frame, form: Mapping[str, str]) -> tuple[Slot | None, Wrong]:
    wrong: Wrong = []
    times = []
    for name in ("start", "end"):
        at = instant_of(form.get(name, ""))
        if at is None or not 2000 <= at.year < 2100:
            wrong.append((name, frame.language("请按 2026-01-08 09:00 的格式填写时间")))
        else:
            times.append(at)
    if len(times) < 2:
        return None, wrong
    slot = Slot(*times)
    if slot.start >= slot.end or slot.minutes > LONGEST_MINUTES:
        return None, [("end", frame.language("结束须晚于开始，且不超过 14 天"))]
    if slot.end <= frame.now:
        return None, [("end", frame.language("这段时间已经过去"))]
    return slot, []
