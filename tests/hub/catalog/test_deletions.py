"""What disappears and what does not: absence, tombstones, the guard, a person's decision and its undoing."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from hub.catalog.models import Instrument, ServiceItem
from hub.catalog.service.deletions import apply_decision, decide_hold
from hub.catalog.service.sync import sync_province
from hub.core import audit, sequencer
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.errors import HoldNotOpen, HoldUnknown
from hub.federation.models import Hold
from tests.hub.catalog.fake_province import (
    INSTRUMENTS,
    PAGED,
    PROVINCE,
    SURVEY,
    FakeProvince,
    instrument_body,
    survey_body,
)

pytestmark = pytest.mark.database

SIZE = 40


@pytest.fixture
def fake() -> FakeProvince:
    """Forty instruments that are read page by page, and no other resource."""
    province = FakeProvince(resource_list=(PAGED,), page_size=20)
    for number in range(SIZE):
        province.put(instrument_body(f"N{number:02d}"))
    return province


def read(hub: Runtime) -> str | None:
    hub.clock.advance(601)
    return sync_province(hub, PROVINCE, "manual")[-1].verdict


def listed(hub: Runtime) -> set[str]:
    with hub.database.read() as session:
        keys = session.scalars(select(Instrument.native_key).where(Instrument.is_listed))
        return {key.partition("|")[2] for key in keys}


def holds(hub: Runtime) -> list[Hold]:
    with hub.database.read() as session:
        return queries.holds(session, PROVINCE)


def stale(hub: Runtime) -> int:
    with hub.database.read() as session:
        return len(queries.stale_subjects(session, list(session.scalars(select(Instrument.id)))))


def decide(hub: Runtime, hold_id: int, decision: str) -> str:
    with hub.database.write() as session:
        decide_hold(session, hold_id, decision, actor="account:admin", note="核对过", now=hub.clock())
    return apply_decision(hub.database, hold_id, clock=hub.clock, pause=lambda: None)


def last_announced(hub: Runtime) -> set[tuple[str, str]]:
    with hub.database.read() as session:
        rows = session.scalars(
            select(sequencer.AnnouncedChange).where(
                sequencer.AnnouncedChange.topic == "catalog",
                sequencer.AnnouncedChange.announced_at == hub.clock(),
            )
        )
        return {(row.subject, row.payload["action"]) for row in rows}


def test_a_few_that_are_absent_from_a_complete_read_are_withdrawn(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.vanish("N03", "N07")
    assert read(hub) == "complete"
    assert listed(hub) == {f"N{n:02d}" for n in range(SIZE)} - {"N03", "N07"}
    assert {action for _, action in last_announced(hub)} == {"withdraw"}
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.withdrawn, run.held) == (2, 0)
    fake.put(instrument_body("N03"))
    assert read(hub) == "complete"
    assert "N03" in listed(hub)  # the same bytes again: nothing is a touch that is not shown


def test_a_source_that_suddenly_returns_nothing_loses_nothing(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.is_empty = True
    assert read(hub) == "suspect"
    assert len(listed(hub)) == SIZE
    assert stale(hub) == SIZE
    [hold] = holds(hub)
    assert (hold.state, hold.kind, hold.count, hold.live_before) == ("open", "absence", SIZE, SIZE)
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert {reason["code"] for reason in run.reasons} == {"deletes_everything", "sharp_drop"}
        assert all(reason["zh"] and reason["en"] for reason in run.reasons)
        assert run.held == SIZE
    assert read(hub) == "suspect"  # still nothing: one hold, not two
    assert [hold.state for hold in holds(hub)] == ["open", "superseded"]
    fake.is_empty = False
    assert read(hub) == "complete"
    assert stale(hub) == 0
    assert [hold.state for hold in holds(hub)] == ["returned", "superseded"]


def test_a_person_releases_what_was_held_and_can_take_it_back(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.vanish(*(f"N{n:02d}" for n in range(30)))
    assert read(hub) == "suspect"
    assert len(listed(hub)) == SIZE
    [hold] = holds(hub)
    fake.put(instrument_body("N00"))
    assert read(hub) == "suspect"
    newest = holds(hub)[0]
    assert decide(hub, newest.id, "release") == "released"
    assert len(listed(hub)) == 11
    assert decide(hub, newest.id, "release") == "released"  # twice is once
    assert read(hub) == "complete"  # the smaller source is the new normal
    assert decide(hub, newest.id, "undo") == "undone"
    assert len(listed(hub)) == SIZE
    with pytest.raises(HoldNotOpen):
        decide(hub, newest.id, "release")
    with pytest.raises(HoldNotOpen):
        decide(hub, hold.id, "release")  # superseded
    with pytest.raises(HoldUnknown):
        decide(hub, 999, "release")
    while sequencer.number_once(hub.database):
        pass
    with hub.database.read() as session:
        told = [(e.actor, e.action, e.detail["note"]) for e in audit.read_entries(session)]
    assert told == [
        ("account:admin", "catalog.release_deletions", "核对过"),
        ("account:admin", "catalog.release_deletions", "核对过"),
        ("account:admin", "catalog.undo_deletions", "核对过"),
    ]


def test_a_person_discards_what_was_held(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.vanish(*(f"N{n:02d}" for n in range(30)))
    read(hub)
    [hold] = holds(hub)
    assert decide(hub, hold.id, "undo") == "discarded"
    assert len(listed(hub)) == SIZE
    assert stale(hub) == 0


def test_records_that_come_back_before_the_release_stay(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.vanish(*(f"N{n:02d}" for n in range(30)))
    read(hub)
    [hold] = holds(hub)
    for number in range(20):
        fake.put(instrument_body(f"N{number:02d}"))
    fake.declares = 41  # the next read is partial: it says nothing about absence, but it shows who is there
    assert read(hub) == "partial"
    assert decide(hub, hold.id, "release") == "released"
    assert listed(hub) == {f"N{n:02d}" for n in (*range(20), *range(30, SIZE))}


class Killed(BaseException):
    """The process is gone."""


def test_a_release_that_is_killed_is_finished_by_whoever_comes_next(hub: Runtime, fake: FakeProvince) -> None:
    fake.page_size = 500
    for number in range(300):
        fake.put(instrument_body(f"M{number:03d}"))
    read(hub)
    fake.vanish(*(f"M{n:03d}" for n in range(300)))
    read(hub)
    [hold] = holds(hub)
    with hub.database.write() as session:
        decide_hold(session, hold.id, "release", actor="account:admin", now=hub.clock())

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        apply_decision(hub.database, hold.id, clock=hub.clock, pause=die)
    assert len(listed(hub)) == SIZE + 50
    assert apply_decision(hub.database, hold.id, clock=hub.clock, pause=lambda: None) == "released"
    assert len(listed(hub)) == SIZE


@pytest.mark.parametrize("after", range(5, 9))
def test_a_run_killed_while_it_deletes_is_finished_by_the_next(
    hub: Runtime, fake: FakeProvince, after: int
) -> None:
    read(hub)
    fake.vanish("N03", "N07")
    left = after
    met = []

    def die(name: str) -> None:
        met.append(name)
        if len(met) == left:
            raise Killed

    hub.clock.advance(601)
    with pytest.raises(Killed):
        sync_province(hub, PROVINCE, "manual", owner="first", step=die)
    assert met[-1] in {"written", "read", "settled"}
    hub.clock.advance(60)
    with hub.database.read() as session:
        [left_behind] = queries.active_runs(session)
    sync_province(hub, PROVINCE, "manual", owner="second")
    assert listed(hub) == {f"N{n:02d}" for n in range(SIZE)} - {"N03", "N07"}
    with hub.database.read() as session:
        run = queries.run_by_id(session, left_behind.id)
        assert run is not None
        assert (run.verdict, run.withdrawn, run.received) == ("complete", 2, SIZE - 2)


def test_tombstones_are_applied_and_go_through_the_guard_too(hub: Runtime, fake: FakeProvince) -> None:
    fake.resource_list = (INSTRUMENTS,)
    read(hub)
    fake.remove("N01")
    fake.remove("N02")
    fake.put(instrument_body("N02", name="又回来了"))
    assert read(hub) == "complete"
    assert listed(hub) == {f"N{n:02d}" for n in range(SIZE)} - {"N01"}
    for number in range(10, 35):
        fake.remove(f"N{number:02d}")
    assert read(hub) == "suspect"
    assert len(listed(hub)) == SIZE - 1
    hold = holds(hub)[0]
    assert (hold.kind, hold.state, hold.count) == ("tombstone", "open", 25)
    assert decide(hub, hold.id, "release") == "released"
    assert len(listed(hub)) == SIZE - 26


def test_a_broken_off_read_deletes_nothing(hub: Runtime, fake: FakeProvince) -> None:
    read(hub)
    fake.vanish("N03")
    fake.manifest = replace(fake.manifest, limits=replace(fake.manifest.limits, run_pages=1))
    assert read(hub) == "partial"
    assert len(listed(hub)) == SIZE


def test_numbered_pages_without_a_total_have_to_miss_a_record_twice(hub: Runtime, fake: FakeProvince) -> None:
    fake.does_declare = False
    read(hub)
    fake.vanish("N03")
    assert read(hub) == "complete"
    assert "N03" in listed(hub)
    assert read(hub) == "complete"
    assert "N03" not in listed(hub)


def test_absence_proves_nothing_while_a_new_record_does_not_say_who_it_is(
    hub: Runtime, fake: FakeProvince
) -> None:
    read(hub)
    fake.vanish("N03")
    fake.append(instrument_body("", name="编号丢了"))
    assert read(hub) == "suspect"
    assert "N03" in listed(hub)
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert [reason["code"] for reason in run.reasons] == ["absence_unproven"]


def test_a_withdrawn_survey_row_takes_what_it_had_filled(hub: Runtime, fake: FakeProvince) -> None:
    fake.resource_list = (SURVEY, PAGED)
    for number in range(SIZE):
        fake.put(survey_body(f"N{number:02d}"), resource="survey")
    read(hub)
    fake.vanish("N03", resource="survey")
    assert read(hub) == "complete"
    assert len(listed(hub)) == SIZE
    with hub.database.read() as session:
        row = session.scalars(select(Instrument).where(Instrument.native_key == "U1|N03")).one()
        assert row.document is not None
        assert "sharing_mode" not in row.document
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == SIZE - 1
    undo(hub)
    with hub.database.read() as session:
        row = session.scalars(select(Instrument).where(Instrument.native_key == "U1|N03")).one()
        assert row.document is not None
        assert row.document["sharing_mode"] == "external"
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == SIZE


def test_an_instrument_that_is_withdrawn_is_not_brought_back_by_its_survey_row(
    hub: Runtime, fake: FakeProvince
) -> None:
    fake.resource_list = (SURVEY, PAGED)
    for number in range(SIZE):
        fake.put(survey_body(f"N{number:02d}"), resource="survey")
    read(hub)
    fake.vanish("N03")
    read(hub)
    fake.put(survey_body("N03", year=2026), resource="survey")
    read(hub)
    assert "N03" not in listed(hub)
    with hub.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == SIZE - 1


def undo(hub: Runtime) -> None:
    [hold] = holds(hub)
    assert decide(hub, hold.id, "undo") == "undone"
