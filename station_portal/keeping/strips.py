"""The board as it is drawn: every instrument's day as blocks, blocks as cells of a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from hub.availability.rules import Slot
from hub.availability.service import Strip
from station_portal import wording
from station_portal.formats import SHANGHAI
from station_portal.i18n import Language
from station_portal.keeping.desk import claim_words

COLUMN = 30
"""Minutes of one column of a day's table."""

FIRST_HOUR, LAST_HOUR = 8, 18
"""Hours that a day's table shows at least."""

PIECE = 60
"""Minutes of free time that one tap takes."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the board. `kind`: booking, held, proposed, platform, local, closed or free.

    `words` says what it is, `detail` whose. `href` leads to the booking. `take` is what a tap on free time sends,
    `free` what lets a local reservation go. A conflict is `is_clash`.
    """

    kind: str
    slot: Slot
    words: str
    detail: str = ""
    href: str = ""
    take: str = ""
    free: str = ""
    is_clash: bool = False
    conflict: int = 0

    @property
    def half_hour(self) -> int:
        """The half hour of the local day in which it begins: narrow windows show a day's things in this order."""
        start = self.slot.start.astimezone(SHANGHAI)
        return start.hour * 2 + start.minute // 30

    @property
    def hours(self) -> str:
        """From when to when, local time; a day's end is 24:00."""
        return f"{_hour(self.slot.start)}–{_hour(self.slot.end, is_end=True)}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table's row: as many columns wide as `span`; without a block nothing happens there."""

    span: int
    block: Block | None = None


@dataclass(slots=True)
class Row:
    """One instrument, or one day, of the table: as many lanes as things lie over each other."""

    label: str
    href: str
    lanes: list[list[Cell]] = field(default_factory=list)
    note: str = ""
    blocks: list[Block] = field(default_factory=list)


def day_of(on: date) -> Slot:
    """A local day."""
    start = datetime.combine(on, time(), SHANGHAI)
    return Slot(start, start + DAY)


def blocks_of(
    strip: Strip,
    window: Slot,
    bookings: Mapping[str, Mapping[str, Any]],
    language: Language,
    *,
    now: datetime,
    may_take: bool,
    piece: int = 0,
) -> list[Block]:
    """What happens on one instrument within the window, by start. With `piece` free time comes in pieces of so many
    minutes, each to be taken by one tap.
    """
    cases = {
        claim.id: conflict.id for conflict in strip.conflicts for claim in (conflict.claim, *conflict.others)
    }
    found: list[Block] = []
    for claim in strip.claims:
        told = claim_words(claim, bookings, language)
        detail = " ".join(part for part in (told["who"], told["number"], told["label"]) if part)
        words = language("待确认预约") if told["is_held"] else told["what"]
        if told["badge"] is not None:
            words = told["badge"]["text"]
        kind = "held" if told["is_held"] else {"hub": "booking"}.get(claim.source, claim.source)
        free = f"{strip.instrument_id}|{claim.id}" if may_take and claim.source == "local" else ""
        is_clash = claim.id in cases or not claim.is_guarded
        block = Block(
            kind,
            claim.slot,
            words,
            detail,
            told["href"],
            free=free,
            is_clash=is_clash,
            conflict=cases.get(claim.id, 0),
        )
        found.append(block)
        if claim.proposed is not None:
            found.append(replace(block, kind="proposed", slot=claim.proposed, words=language("建议改到此时")))
    for held, times in strip.closures:
        reason = wording.name("closure_reason", held.closure.reason, language)
        found += [
            Block(
                "closed", slot, language("停用时段"), " · ".join(part for part in (reason, held.note) if part)
            )
            for slot in times
        ]
    found += _free(strip, window, language, now=now, may_take=may_take, piece=piece)
    return sorted(
        (
            replace(block, slot=Slot(max(block.slot.start, window.start), min(block.slot.end, window.end)))
            for block in found
            if block.slot.overlaps(window)
        ),
        key=lambda block: (block.slot, block.kind),
    )


def hours_of(rows: Iterable[Sequence[Block]], midnights: Sequence[datetime]) -> tuple[int, int]:
    """The first and the last hour that a table must show for these blocks; `midnights` begin the rows' days."""
    first, last = FIRST_HOUR, LAST_HOUR
    for blocks, midnight in zip(rows, midnights, strict=True):
        for block in blocks:
            first = min(first, int((block.slot.start - midnight) / timedelta(hours=1)))
            last = max(last, -int((midnight - block.slot.end) // timedelta(hours=1)))
    return max(first, 0), min(last, 24)


def lanes_of(blocks: Sequence[Block], midnight: datetime, hours: tuple[int, int]) -> list[list[Cell]]:
    """The blocks as cells in as few lanes as hold them side by side; at least one lane."""
    width = (hours[1] - hours[0]) * 60 // COLUMN
    opens = midnight + timedelta(hours=hours[0])
    lanes: list[list[Cell]] = []
    ends: list[int] = []
    for block in blocks:
        begin = max(0, int((block.slot.start - opens) / timedelta(minutes=COLUMN)))
        end = min(width, -int((opens - block.slot.end) // timedelta(minutes=COLUMN)))
        if begin >= end:
            continue
        lane = next((number for number, free in enumerate(ends) if free <= begin), len(lanes))
        if lane == len(lanes):
            lanes.append([])
            ends.append(0)
        if begin > ends[lane]:
            lanes[lane].append(Cell(begin - ends[lane]))
        lanes[lane].append(Cell(end - begin, block))
        ends[lane] = end
    for lane, end in enumerate(ends):
        if end < width:
            lanes[lane].append(Cell(width - end))
    return lanes or [[Cell(width)]]


def _free(
    strip: Strip, window: Slot, language: Language, *, now: datetime, may_take: bool, piece: int
) -> list[Block]:
    words, over = language("空闲"), language("已过")
    found = []
    for slot in strip.free:
        cut = Slot(max(slot.start, window.start), min(slot.end, window.end))
        if cut.start >= cut.end:
            continue
        parts = list(_pieces(cut, piece)) if piece else [cut]
        ahead = [part for part in parts if part.end > now]
        if len(ahead) < len(parts):  # nobody can book or take what is over: one quiet block, no offer
            found.append(Block("past", Slot(cut.start, ahead[0].start if ahead else cut.end), over))
        for part in ahead:
            take = ""
            if may_take and piece:
                take = f"{strip.instrument_id}|{part.start.isoformat()}|{part.end.isoformat()}"
            found.append(Block("free", part, words, take=take))
    return found


def _pieces(slot: Slot, minutes: int) -> Iterable[Slot]:
    """The slot cut at whole hours of the day (or whatever divides it)."""
    start = slot.start
    while start < slot.end:
        midnight = datetime.combine(start.astimezone(SHANGHAI).date(), time(), SHANGHAI)
        over = (start - midnight) % timedelta(minutes=minutes)
        end = min(slot.end, start - over + timedelta(minutes=minutes))
        yield Slot(start, end)
        start = end


def _hour(at: datetime, *, is_end: bool = False) -> str:
    told = f"{at.astimezone(SHANGHAI):%H:%M}"
    return "24:00" if is_end and told == "00:00" else told
