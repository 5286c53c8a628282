"""The board of a day or a week: an institution's instruments, a station's, or one; free time is taken by one tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.availability.service import Reservation
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import formats
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk, strips
from station_portal.keeping.strips import Block, Row
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action(desk.READ)]
Keeper = Annotated[access.Principal, access.action(desk.RESERVATIONS)]
Text = Annotated[str, Query(max_length=200)]

FARTHEST = 400
"""Days before and behind today that the board can be turned to."""

KEPT = ("view", "day", "instrument", "institution", "q", "show", "after")
"""What of the board's address a tap comes back to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Which days the board shows: one, or the week (from Monday) around it."""

    day: date
    is_week: bool

    @property
    def days(self) -> list[date]:
        """The local days, ascending."""
        if not self.is_week:
            return [self.day]
        monday = self.day - timedelta(days=self.day.weekday())
        return [monday + timedelta(days=number) for number in range(7)]

    @property
    def window(self) -> Slot:
        """All of them as one time."""
        days = self.days
        return Slot(strips.day_of(days[0]).start, strips.day_of(days[-1]).end)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one board shows: for whom, what was wished, which days, and the instruments that this came to."""

    own: desk.Desk
    wish: desk.Wish
    turn: Turn
    chosen: desk.Chosen


@router.get("/staff/board")
def show_board(
    frame: CurrentFrame,
    me: Me,
    session: ReadSession,
    *,
    view: Text = "",
    day: Text = "",
    instrument: Text = "",
    institution: Text = "",
    q: Text = "",
    show: Text = "",
    after: Annotated[str, Query(max_length=2000)] = "",
    told: Text = "",
    claim: Text = "",
) -> Response:
    """The board; `told` and `claim` say what a tap has just done."""
    wish = desk.Wish(instrument, institution, q.strip(), show, after)
    turn = Turn(_day(day, frame.now), view == "week" or (view != "day" and bool(instrument)))
    own = desk.desk_of(session, me, frame)
    chosen = desk.choose(frame, session, own, wish, turn.window)
    return frame.page(
        "board.html",
        {**_context(frame, session, Shown(own, wish, turn, chosen)), "told": told, "claim": claim},
    )


@router.post("/staff/board/take")
def take(frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm) -> Response:
    """One tap: a local user has this time. The same page's tap sent twice is one reservation."""
    parts = form.get("take", "").split("|")
    slot = _slot(parts[1:]) if len(parts) == 3 else None
    if slot is None:
        return _back(form, "unclear")
    key = f"tap/{form.get('key', '')[:60]}/{slot.start.isoformat()}"
    with runtime.database.write() as session:
        now = availability.allow_instrument(session, me, desk.RESERVATIONS, parts[0], now=frame.now)
        taken = availability.put_reservations(
            session, parts[0], [Reservation(key, slot)], source="local", actor=me.name, now=now
        )
    if taken.conflicts:
        return _back(form, "clash", "", f"{parts[0]}|{taken.conflicts[0].claim.id}")
    if not taken.added:
        return _back(form, "known" if taken.unchanged else "over")
    return _back(form, "taken", "", f"{parts[0]}|{taken.added[0]}")


@router.post("/staff/board/free")
def free(frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm) -> Response:
    """The local user has gone, or it was a mistake."""
    instrument_id, _, claim_id = form.get("free", "").partition("|")
    with runtime.database.write() as session:
        now = availability.allow_instrument(session, me, desk.RESERVATIONS, instrument_id, now=frame.now)
        availability.free_reservation(session, claim_id, instrument_id, actor=me.name, now=now)
    return _back(form, "freed")


def _context(frame: Frame, session: Session, shown: Shown) -> dict[str, Any]:
    own, wish, turn, chosen = shown.own, shown.wish, shown.turn, shown.chosen
    me = own.me
    language = frame.language
    may_take = access.may_enter(me, desk.RESERVATIONS)
    drawn = availability.board(session, chosen.ids, turn.window, now=frame.now)
    names = desk.named(session, chosen.ids, language)
    claims = [held for strip in drawn for held in strip.claims]
    bookings = desk.bookings_of(session, me, claims, language)
    is_one = bool(wish.instrument_id)
    is_table = not turn.is_week or is_one
    blocks = {
        (strip.instrument_id, day): strips.blocks_of(
            strip,
            strips.day_of(day),
            bookings,
            language,
            now=frame.now,
            may_take=may_take,
            piece=strips.PIECE if is_table else 0,
        )
        for strip in drawn
        for day in turn.days
    }
    kept = _address(frame.request.query_params)
    context: dict[str, Any] = {
        "turn": turn,
        "wish": wish,
        "chosen": chosen,
        "is_table": is_table,
        "is_one": is_one,
        "may_take": may_take,
        "units": desk.units_of(session, own, language),
        "own": own,
        "today": frame.now.astimezone(formats.SHANGHAI).date(),
        "earlier": _turned(kept, turn, -1),
        "later": _turned(kept, turn, 1),
        "switch": lambda **changes: _link({**kept, **changes}),
        "weekday": lambda on: weekdays(language)[on.weekday()],
        "key": token_urlsafe(9),
        "kept": kept,
        "conflicts": sum(len(strip.conflicts) for strip in drawn),
        "drawn": len(drawn),
        "head": desk.head(frame, session, wish.instrument_id, "board") if is_one else None,
        "unit_head": None
        if is_one or not (wish.institution_id or own.institution_id)
        else desk.unit_head(frame, session, wish.institution_id or own.institution_id or "", "board"),
        "as_of": drawn[0].as_of if is_one and drawn else None,
        "following": None
        if chosen.following is None
        else _link({**kept, "after": chosen.following, "show": chosen.show}),
    }
    if is_table:
        context |= _table(turn, drawn, names, blocks, is_one=is_one, weekday=context["weekday"])
    else:
        context["weeks"] = [
            {
                **names[strip.instrument_id],
                "href": _link({"instrument": strip.instrument_id, "day": kept.get("day"), "view": "week"}),
                "days": [(day, _told_free(blocks[strip.instrument_id, day])) for day in turn.days],
            }
            for strip in drawn
        ]
    return context


def _table(
    turn: Turn,
    drawn: list[availability.Strip],
    names: Mapping[str, Mapping[str, str]],
    blocks: Mapping[tuple[str, date], list[Block]],
    *,
    is_one: bool,
    weekday: Any,
) -> dict[str, Any]:
    """Rows and hours of the table: a row for each instrument of a day, or for each day of one instrument's week."""
    rows: list[tuple[Row, date, list[Block]]] = []
    for strip in drawn:
        name = names[strip.instrument_id]
        for day in turn.days:
            told = blocks[strip.instrument_id, day]
            if is_one:
                row = Row(
                    f"{day:%m-%d} {weekday(day)}",
                    _link({"instrument": strip.instrument_id, "day": f"{day}", "view": "day"}),
                )
            else:
                row = Row(name["name"], _link({"instrument": strip.instrument_id, "day": f"{day}"}))
                row.note = " · ".join(part for part in (name["number"], name["unit"]) if part)
            row.blocks = told
            rows.append((row, day, told))
    midnights = [strips.day_of(day).start for _, day, _ in rows]
    hours = strips.hours_of([told for _, _, told in rows], midnights)
    for (row, _, told), midnight in zip(rows, midnights, strict=True):
        row.lanes = strips.lanes_of(told, midnight, hours)
    return {"rows": [row for row, _, _ in rows], "hours": range(*hours), "span": 60 // strips.COLUMN}


def _told_free(blocks: list[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: (block.kind == "free", block.slot))


def weekdays(language: Any) -> tuple[str, ...]:
    """Short names of the days of the week, Monday first."""
    return (
        language("周一"), language("周二"), language("周三"), language("周四"),
        language("周五"), language("周六"), language("周日"),
    )  # fmt: skip


def _day(told: str, now: datetime) -> date:
    today = now.astimezone(formats.SHANGHAI).date()
    try:
        wanted = date.fromisoformat(told)
    except ValueError:
        return today
    farthest = timedelta(days=FARTHEST)
    return min(max(wanted, today - farthest), today + farthest)


def _slot(parts: list[str]) -> Slot | None:
    try:
        start, end = (datetime.fromisoformat(part) for part in parts)
    except ValueError:
        return None
    if start.tzinfo is None or end.tzinfo is None or not 2000 <= start.year < 2100:
        return None
    return Slot(start, end) if timedelta(0) < end - start <= timedelta(days=1) else None


def _address(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in KEPT if given.get(name)}


def _link(values: Mapping[str, str | None]) -> str:
    kept = {name: value for name, value in values.items() if value}
    return "/staff/board" + (f"?{urlencode(kept)}" if kept else "")


def _turned(kept: Mapping[str, str], turn: Turn, way: int) -> str:
    day = turn.days[0] + timedelta(days=way * (7 if turn.is_week else 1))
    return _link({**kept, "day": f"{day}", "after": None})


def _back(form: Mapping[str, str], told: str, anchor: str = "", claim: str = "") -> Response:
    return see_other(_link({**_address(form), "told": told, "claim": claim}) + anchor)
