"""Reservations that platforms push: whole windows and single changes, repeated, late, foreign, too many."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from hub import wiring
from hub.app import create_app
from hub.availability import queries, service
from hub.availability.errors import PushRefused
from hub.availability.models import Calendar, Claim
from hub.availability.rules import Taken
from hub.catalog.errors import InstrumentUnknown
from hub.core.db import Database
from tests.hub.availability.instruments import INSTRUMENT, LATER, NOW, slot
from tests.in_process import InProcess

pytestmark = pytest.mark.database

WEEK = {"start": "2026-03-09T00:00:00+08:00", "end": "2026-03-16T00:00:00+08:00"}


def reservation(key: str, hour: int, **more: Any) -> dict[str, Any]:
    """Two hours on Monday of the week."""
    start, end = (f"2026-03-09T{at:02}:00:00+08:00" for at in (hour, hour + 2))
    return {"key": key, "start": start, "end": end, **more}


def push(
    database: Database, *told: dict[str, Any], mode: str = "snapshot", as_of: str = "08:00", **more: Any
) -> Taken | None:
    document: dict[str, Any] = {
        "mode": mode,
        "as_of": f"2026-03-02T{as_of}:00+08:00",
        "instruments": [{"instrument_id": INSTRUMENT, "reservations": list(told), **more}],
    }
    if mode == "snapshot":
        document["window"] = WEEK
    read = service.read_push(document, now=NOW)
    with database.write() as session:
        return service.take_push(
            session, read, read.instruments[0], province="310000", actor="platform:t", now=NOW
        )


def times(database: Database) -> list[str]:
    with database.read() as session:
        live = select(Claim).where(Claim.state == "external").order_by(Claim.starts_at)
        return [row.external_key or "" for row in session.scalars(live)]


def test_a_snapshot_is_the_whole_truth_of_its_window(held: Database) -> None:
    first = push(held, reservation("R-1", 9), reservation("R-2", 13))
    assert first is not None
    assert len(first.added) == 2
    again = push(held, reservation("R-1", 9), reservation("R-2", 13))
    assert again is not None
    assert (again.is_change, again.unchanged) == (False, 2)
    later = push(held, reservation("R-2", 15), as_of="08:30")
    assert later is not None
    assert (len(later.moved), len(later.removed)) == (1, 1)
    assert times(held) == ["R-2"]


def test_single_changes_leave_the_rest_alone(held: Database) -> None:
    push(held, reservation("R-1", 9), reservation("R-2", 13))
    done = push(held, reservation("R-3", 16), mode="changes", as_of="08:10", removed=["R-1", "R-0"])
    assert done is not None
    assert (len(done.added), len(done.removed)) == (1, 1)
    assert times(held) == ["R-2", "R-3"]


def test_what_arrives_late_changes_nothing(held: Database) -> None:
    push(held, reservation("R-1", 9), as_of="08:30")
    assert push(held, reservation("R-2", 13), as_of="08:00") is None
    assert push(held, mode="changes", as_of="08:00", removed=["R-1"]) is None
    assert times(held) == ["R-1"]


def test_a_meeting_with_a_booking_is_named_and_ours_are_not_counted_twice(held: Database) -> None:
    with held.write() as session:
        service.claim(
            session, INSTRUMENT, slot("03-09 09:00", "11:00"), claim_id="bk-ours", until=LATER, now=NOW
        )
    done = push(held, reservation("R-1", 10), reservation("R-9", 9, booking_id="bk-ours"))
    assert done is not None
    assert len(done.conflicts) == 1
    assert times(held) == ["R-1"]
    with held.read() as session:
        assert len(queries.conflicts(session)) == 1
    push(held, as_of="08:40")
    with held.read() as session:
        assert queries.conflicts(session) == [], "the source has made room"


def test_the_age_of_the_knowledge_is_the_sources(held: Database) -> None:
    push(held, reservation("R-1", 9), as_of="08:20")
    with held.read() as session:
        calendar = session.get_one(Calendar, INSTRUMENT)
    assert calendar.pushed_at is not None
    assert calendar.pulled_at == calendar.pushed_at


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": "changes"}, "/window"),
        ({"window": {"start": WEEK["end"], "end": WEEK["start"]}}, "/window"),
        ({"window": {"start": WEEK["start"], "end": "2026-06-16T00:00:00+08:00"}}, "/window"),
        ({"as_of": "2026-03-02T09:30:00+08:00"}, "/as_of"),
        ({"instruments": [{"instrument_id": INSTRUMENT, "removed": [str(n) for n in range(2001)]}]}, "/instruments"),
    ],
)  # fmt: skip
def test_a_push_that_cannot_be_meant_is_refused_as_a_whole(changes: dict[str, Any], field: str) -> None:
    document = {
        "mode": "snapshot",
        "window": WEEK,
        "as_of": "2026-03-02T08:00:00+08:00",
        "instruments": [{"instrument_id": INSTRUMENT}],
        **changes,
    }
    with pytest.raises(PushRefused) as refused:
        service.read_push(document, now=NOW)
    assert refused.value.field == field


def test_another_provinces_and_unknown_instruments_are_refused(held: Database) -> None:
    document = {
        "mode": "changes",
        "as_of": "2026-03-02T08:00:00+08:00",
        "instruments": [{"instrument_id": INSTRUMENT}],
    }
    read = service.read_push(document, now=NOW)
    with held.write() as session, pytest.raises(PushRefused):
        service.take_push(session, read, read.instruments[0], province="320000", actor="p", now=NOW)
    unknown = {"instrument_id": f"{INSTRUMENT[:-4]}2222"}
    with held.write() as session, pytest.raises(InstrumentUnknown):
        service.take_push(session, read, unknown, province="310000", actor="p", now=NOW)
    backwards = {
        "instrument_id": INSTRUMENT,
        "reservations": [{**reservation("R-1", 9), "end": "2026-03-08T09:00:00+08:00"}],
    }
    with held.write() as session, pytest.raises(PushRefused, match="after the start"):
        service.take_push(session, read, backwards, province="310000", actor="p", now=NOW)


def test_the_door_is_for_platforms_only(held: Database, runtime: wiring.Runtime) -> None:
    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as client:
        assert client.post("/api/v1/provinces/310000/reservations", json={}).status_code == 401
