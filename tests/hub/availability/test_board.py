"""The board of many instruments at once, what a closure would meet, and fees and rules tried before they are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from hub.availability import queries, service
from hub.availability.errors import KeptInvalid
from hub.availability.rules import Closure
from hub.availability.service import MOST_INSTRUMENTS, Reservation, Slot
from hub.catalog.models import Instrument
from hub.core.db import Database
from hub.settlement.errors import NothingChosen
from tests.hub.availability.instruments import (
    INSTITUTION,
    INSTRUMENT,
    NOW,
    OTHER,
    PROVINCE,
    add_instrument,
    rules_document,
    slot,
)

pytestmark = pytest.mark.database

DAY = slot("03-09 00:00", "03-10 00:00")
MORNING, LATE = slot("03-09 09:00", "11:00"), slot("03-09 14:00", "16:00")
UNTIL = NOW + timedelta(days=2)


def _claim(session: Any, time: Slot, letter: str = "a", instrument_id: str = INSTRUMENT) -> str:
    claim_id = "bk-" + letter * 26
    service.claim(session, instrument_id, time, claim_id=claim_id, until=UNTIL, now=NOW, is_staff=True)
    return claim_id


def test_a_strip_holds_everything_of_its_instrument(held: Database) -> None:
    with held.write() as session:
        service.keep_rules(session, INSTRUMENT, rules_document(), actor="test", now=NOW)
        name = _claim(session, MORNING)
        service.propose(session, name, LATE, until=UNTIL, now=NOW, is_staff=True)
        one = Reservation("x", slot("03-09 10:00", "12:00"), "课题组")
        service.put_reservations(session, INSTRUMENT, [one], source="local", actor="test", now=NOW)
        shut = {"reason": "holiday", "repeat_weeks": 1}
        shut |= {"start": "2026-03-02T16:00:00+08:00", "end": "2026-03-02T17:00:00+08:00"}
        service.close(session, INSTITUTION, shut, actor="test", now=NOW, instrument_ids=[INSTRUMENT, OTHER])
    with held.read() as session:
        other, strip = service.board(session, [OTHER, INSTRUMENT], DAY, now=NOW)
    assert (other.instrument_id, strip.instrument_id) == (OTHER, INSTRUMENT)
    assert [(claim.state, claim.is_guarded) for claim in strip.claims] == [
        ("held", True),
        ("external", False),
    ]
    assert strip.claims[0].proposed == LATE
    assert [conflict.claim.label for conflict in strip.conflicts] == ["课题组"]
    assert [times for _, times in strip.closures] == [(slot("03-09 16:00", "17:00"),)]
    assert strip.as_of == NOW
    assert not any(free.overlaps(taken) for free in strip.free for taken in (MORNING, LATE, one.slot))
    assert (other.claims, other.conflicts, other.as_of) == ((), (), None)
    assert len(other.closures) == 1


def test_a_place_that_is_left_is_free(held: Database) -> None:
    with held.write() as session:
        service.keep_rules(session, INSTRUMENT, rules_document(capacity=2), actor="test", now=NOW)
        _claim(session, MORNING)
    with held.read() as session:
        (strip,) = service.board(session, [INSTRUMENT], DAY, now=NOW)
    assert any(free.overlaps(MORNING) for free in strip.free)


def test_withdrawn_and_unknown_instruments_are_absent(held: Database) -> None:
    with held.write() as session:
        session.get_one(Instrument, OTHER).withdrawn_at = NOW
    with held.read() as session:
        told = service.board(session, ["31-aaaaaaaaaaaa", OTHER, INSTRUMENT], DAY, now=NOW)
    assert [strip.instrument_id for strip in told] == [INSTRUMENT]


def test_many_instruments_cost_as_many_statements_as_one(held: Database) -> None:
    names = [f"{PROVINCE[:2]}-aaaaaaaaaa{letter}{digit}" for letter in "abcdefgh" for digit in "2345672"]
    with held.write() as session:
        for name in sorted(set(names)):
            add_instrument(session, name)
    seen: list[str] = []

    def note(*told: Any) -> None:
        seen.append(told[2])

    event.listen(held.engine, "before_cursor_execute", note)
    try:
        counts = []
        for asked in ([INSTRUMENT], [INSTRUMENT, *sorted(set(names))]):
            seen.clear()
            with held.read() as session:
                told = service.board(session, asked, DAY, now=NOW)
            counts.append(len(seen))
    finally:
        event.remove(held.engine, "before_cursor_execute", note)
    assert len(told) == min(MOST_INSTRUMENTS, 1 + len(set(names)))
    assert counts[0] == counts[1]


def test_claimed_instruments_come_in_pages(held: Database) -> None:
    with held.write() as session:
        _claim(session, MORNING)
        _claim(session, LATE, "b", OTHER)
    first, last = sorted((INSTRUMENT, OTHER))
    with held.read() as session:
        assert queries.claimed_instruments(session, DAY, province=PROVINCE) == [first, last]
        assert queries.claimed_instruments(session, DAY, province=PROVINCE, limit=1) == [first]
        assert queries.claimed_instruments(session, DAY, province=PROVINCE, after=first) == [last]
        assert queries.claimed_instruments(session, DAY, province="330000") == []
        assert queries.claimed_instruments(session, DAY, instrument_ids=[OTHER]) == [OTHER]
        assert queries.claimed_instruments(session, slot("03-08 00:00", "03-09 00:00")) == []


def test_what_a_repeating_closure_would_meet(held: Database) -> None:
    with held.write() as session:
        name = _claim(session, MORNING)
    weekly = Closure(slot("03-02 10:00", "10:30"), "maintenance", repeat_weeks=1)
    apart = Closure(slot("03-02 12:00", "12:30"), "maintenance", repeat_weeks=1)
    over = Closure(slot("02-23 10:00", "10:30"), "maintenance")
    with held.read() as session:
        for closure, met in ((weekly, [name]), (apart, []), (over, [])):
            found = service.claims_met(session, [INSTRUMENT, OTHER], closure, now=NOW)
            assert [claim.id for claim in found] == met


def test_rules_and_fees_are_tried_before_they_are_kept(held: Database) -> None:
    document = rules_document(opening={"sat": [{"from": "10:00", "to": "12:00"}]}, lead_minutes=0)
    with held.read() as session:
        told = service.show(
            session, INSTRUMENT, start=NOW, end=NOW + timedelta(days=7), now=NOW, document=document
        )
        assert told.free == (slot("03-07 10:00", "12:00"),)
        assert queries.rules_versions(session, INSTRUMENT) == []
    position = {"id": "hour", "basis": "reserved_time", "name_zh": "机时费", "outside_fen": 40000}
    request = {
        "instrument_id": INSTRUMENT,
        "service_mode": "machine_time",
        "slot": {"start": MORNING.start.isoformat(), "end": MORNING.end.isoformat()},
    }
    rated = service.preview_fee({"positions": [position]}, request, is_inside=False)
    assert rated is not None
    assert rated.fee_fen == 80000
    inside_only = {**position, "inside_fen": 100}
    del inside_only["outside_fen"]
    assert service.preview_fee({"positions": [inside_only]}, request, is_inside=False) is None
    extra = {"id": "gold", "basis": "item", "name_zh": "喷金", "outside_fen": 100}
    with pytest.raises(NothingChosen):
        service.preview_fee({"positions": [extra, {**extra, "id": "carbon"}]}, request, is_inside=False)
    with pytest.raises(KeptInvalid):
        service.check_tariff({"positions": [extra, extra]})
    with pytest.raises(KeptInvalid):
        service.check_rules(rules_document(min_minutes=60, max_minutes=30))
