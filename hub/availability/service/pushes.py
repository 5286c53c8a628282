"""Reservations that a province's platform or an institution's own system pushes: whole windows, or single changes.

The source names each reservation; the same told twice is one. What arrives late, after something newer was told, is not
applied. Each instrument is judged by itself: a bad one takes no good one along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability.errors import PushRefused
from hub.availability.models import Calendar
from hub.availability.rules import Slot, Taken
from hub.availability.service.announcing import announce
from hub.availability.service.reservations import Reservation, drop_reservations, put_reservations
from hub.catalog import queries as catalog
from hub.core import db

SOURCE = "pushed"
MOST_RESERVATIONS = 2_000
LONGEST_WINDOW = timedelta(days=62)
_AHEAD = timedelta(minutes=5)
"""A source's clock may be so much ahead of ours."""


@dataclass(frozen=True, slots=True)
class Push:
    """One push, read from a valid `reservation-push` document. `window` is what a snapshot covers, None for changes."""

    as_of: datetime
    window: Slot | None
    instruments: tuple[dict[str, Any], ...]


def read_push(document: Mapping[str, Any], *, now: datetime) -> Push:
    """The push, its size and times checked. Raises `PushRefused`."""
    told = document.get("window")
    window = (
        None if told is None else Slot(*(datetime.fromisoformat(told[name]) for name in ("start", "end")))
    )
    if (document["mode"] == "snapshot") != (window is not None):
        raise PushRefused(
            "/window",
            "整段快照须写明时间段；逐条变更不写。",
            "A snapshot names its window; changes name none.",
        )
    if window is not None and not timedelta(0) < window.end - window.start <= LONGEST_WINDOW:
        raise PushRefused(
            "/window", "时间段应为正且不超过 62 天。", "The window is positive and at most 62 days."
        )
    as_of = datetime.fromisoformat(document["as_of"])
    if as_of > now + _AHEAD:
        raise PushRefused(
            "/as_of",
            "时刻在未来；请校准时钟后重发。",
            "The time lies in the future; set the clock and send again.",
        )
    instruments = tuple(document["instruments"])
    count = sum(len(one.get("reservations", ())) + len(one.get("removed", ())) for one in instruments)
    if count > MOST_RESERVATIONS:
        raise PushRefused(
            "/instruments",
            f"一次最多 {MOST_RESERVATIONS} 条，现有 {count} 条；请分批发送。",
            f"At most {MOST_RESERVATIONS} at once, there are {count}; send them in parts.",
        )
    return Push(as_of, window, instruments)


def take_push(
    session: Session, push: Push, told: Mapping[str, Any], *, province: str, actor: str, now: datetime
) -> Taken | None:
    """Keep what was pushed about one instrument; None when something newer was told before. Safe to repeat.

    Raises `PushRefused` for another province's instrument or a reservation that is none, and the catalogue's
    `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    instrument_id = told["instrument_id"]
    if catalog.instrument(session, instrument_id).province != province:
        raise PushRefused(
            "/instrument_id", "该仪器不属于本省。", "The instrument belongs to another province."
        )
    if not _is_news(session, instrument_id, push.as_of, now=now):
        return None
    own = queries.names_of_bookings(session, instrument_id)
    wanted = [
        _reservation(number, one)
        for number, one in enumerate(told.get("reservations", ()))
        if one["key"] not in own and one.get("booking_id") not in own
    ]
    gone = drop_reservations(session, instrument_id, told.get("removed", ()), source=SOURCE, now=now)
    done = put_reservations(
        session, instrument_id, wanted, source=SOURCE, actor=actor, now=now, replace=push.window
    )
    if gone and not done.is_change:
        announce(session, instrument_id, "external", now=now)
    done.removed.extend(gone)
    return done


def _is_news(session: Session, instrument_id: str, as_of: datetime, *, now: datetime) -> bool:
    """Whether nothing newer was told of the instrument; from now on this is the newest. Locks its calendar."""
    made = db.insert(session, Calendar.__table__).values(
        instrument_id=instrument_id, cell_minutes=30, changed_at=now, pull_failures=0
    )
    session.execute(made.on_conflict_do_nothing())
    mine = select(Calendar).where(Calendar.instrument_id == instrument_id).with_for_update()
    calendar = session.scalars(mine.execution_options(populate_existing=True)).one()
    if calendar.pushed_at is not None and as_of < calendar.pushed_at:
        return False
    calendar.pushed_at = as_of
    calendar.pulled_at = max(as_of, calendar.pulled_at or as_of)
    session.flush()
    return True


def _reservation(number: int, told: Mapping[str, Any]) -> Reservation:
    start, end = (datetime.fromisoformat(told[name]) for name in ("start", "end"))
    if not timedelta(0) < end - start <= timedelta(days=14):
        raise PushRefused(
            f"/reservations/{number}/end",
            "结束须晚于开始，且一次不超过 14 天。",
            "The end lies after the start, at most 14 days on.",
        )
    return Reservation(told["key"], Slot(start, end), told.get("note"))
