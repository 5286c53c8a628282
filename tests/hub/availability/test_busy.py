"""When an instrument is free: for a page and for the index, from the same facts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hub.availability import queries, rules, service
from hub.availability.errors import SlotClosed, SlotTaken, WindowTooLong
from hub.availability.models import Calendar, Claim, ClosureRow
from hub.availability.rules import Slot
from hub.catalog.errors import InstrumentUnknown
from hub.catalog.models import Instrument
from hub.core.db import Database
from tests.hub.availability.instruments import (
    INSTITUTION,
    INSTRUMENT,
    LATER,
    NOW,
    OTHER,
    at,
    put_rules,
    slot,
)

pytestmark = pytest.mark.database

YEAR = NOW + timedelta(days=400)


def _close(database: Database, subject: str, closed: Slot, **more: object) -> None:
    with database.write() as session:
        session.add(
            ClosureRow(
                subject=subject, starts_at=closed.start, ends_at=closed.end, reason="maintenance", source="hub",
                made_by="account:test", made_at=NOW, **more,
            )
        )  # fmt: skip


def _claim(database: Database, name: str, wanted: Slot) -> None:
    with database.write() as session:
        service.claim(session, INSTRUMENT, wanted, claim_id=name, until=LATER, now=NOW)


def _facts(database: Database, instrument_id: str = INSTRUMENT) -> queries.IndexFacts:
    with database.read() as session:
        return queries.index_facts(session, [instrument_id, "31-aaaaaaaaaaaa"], now=NOW, until=YEAR)[
            instrument_id
        ]


def _free(database: Database, start: str, end: str) -> list[Slot]:
    with database.read() as session:
        shown = service.show(session, INSTRUMENT, start=at(start), end=at(end), now=NOW)
    return list(shown.free)


def test_an_instrument_without_rules_goes_by_its_provinces_defaults_and_says_so(held: Database) -> None:
    with held.read() as session:
        shown = service.show(session, INSTRUMENT, start=at("03-09 00:00"), end=at("03-10 00:00"), now=NOW)
    assert shown.free == (slot("03-09 09:00", "11:30"), slot("03-09 13:30", "17:30"))
    assert (shown.rules.version, shown.source, shown.as_of, shown.age_seconds(NOW)) == (
        0,
        "default",
        None,
        None,
    )
    # A day's lead: the next free slot begins tomorrow.
    assert shown.next_free == slot("03-03 09:00", "10:00")
    facts = _facts(held)
    assert (facts.busy, facts.as_of, facts.source) == ((), None, "default")
    assert facts.opening is _facts(held, OTHER).opening


def test_a_full_cell_is_busy_and_a_half_full_one_is_not(held: Database) -> None:
    with held.write() as session:
        put_rules(session, capacity=2, lead_minutes=0)
    _claim(held, "bk-a", slot("03-09 09:00", "11:00"))
    assert _facts(held).busy == ()
    _claim(held, "bk-b", slot("03-09 10:00", "12:00"))
    assert _facts(held).busy == (slot("03-09 10:00", "11:00"),)
    assert _free(held, "03-09 08:00", "03-09 13:00") == [
        slot("03-09 08:00", "10:00"),
        slot("03-09 11:00", "13:00"),
    ]


def test_closures_of_instrument_and_institution_count_once_or_weekly(held: Database) -> None:
    _close(held, INSTRUMENT, slot("03-09 09:00", "10:00"))
    _close(held, INSTITUTION, slot("03-09 09:30", "11:00"), repeat_weeks=2, repeat_until=date(2026, 4, 6))
    mornings = [slot("03-09 09:00", "11:00"), slot("03-23 09:30", "11:00"), slot("04-06 09:30", "11:00")]
    assert list(_facts(held).busy) == mornings
    assert _facts(held, OTHER).busy[0] == slot("03-09 09:30", "11:00")
    with pytest.raises(SlotClosed):
        _claim(held, "bk-a", slot("03-23 10:30", "11:30"))
    with held.read() as session:
        shown = service.show(session, INSTRUMENT, start=at("03-16 00:00"), end=at("03-24 00:00"), now=NOW)
    assert [held.subject for held in shown.closures] == [INSTITUTION]


def test_a_removed_closure_opens_the_time_again(held: Database) -> None:
    _close(held, INSTRUMENT, slot("03-09 09:00", "10:00"), removed_at=NOW)
    assert _facts(held).busy == ()


def test_a_reservation_that_met_taken_cells_is_still_no_free_time(held: Database) -> None:
    away = slot("03-09 09:00", "10:00")
    with held.write() as session:
        session.add(
            Claim(
                id="ext-1", instrument_id=INSTRUMENT, state="external", starts_at=away.start, ends_at=away.end,
                is_guarded=False, source="platform", created_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    assert _facts(held).busy == (away,)
    with pytest.raises(SlotTaken):
        _claim(held, "bk-a", slot("03-09 09:30", "10:30"))


def test_the_age_is_that_of_the_last_word_about_the_times(held: Database) -> None:
    with held.write() as session:
        put_rules(session)
        session.add(Calendar(instrument_id=INSTRUMENT, cell_minutes=15, changed_at=NOW, confirmed_at=NOW))
    assert (_facts(held).as_of, _facts(held).source) == (NOW, "hub")
    with held.write() as session:
        session.scalars(select(Calendar)).one().pulled_at = NOW - timedelta(minutes=3)
    with held.read() as session:
        shown = service.show(session, INSTRUMENT, start=NOW, end=LATER, now=NOW)
    assert (shown.source, shown.age_seconds(NOW)) == ("platform", 180)


def test_index_and_page_agree_on_the_next_free_slot(held: Database) -> None:
    with held.write() as session:
        put_rules(session, lead_minutes=30, horizon_days=40)
    _claim(held, "bk-a", slot("03-02 10:00", "18:00"))
    _claim(held, "bk-b", slot("03-02 18:00", "03-03 02:00"))
    facts = _facts(held)
    with held.read() as session:
        shown = service.show(session, INSTRUMENT, start=NOW, end=LATER, now=NOW)
    assert shown.next_free == slot("03-02 09:30", "09:45")
    assert rules.next_free(facts.opening, facts.busy, now=NOW) == shown.next_free
    later = NOW + timedelta(minutes=40)
    assert rules.next_free(facts.opening, facts.busy, now=later) == slot("03-03 02:00", "02:15")


def test_nothing_is_free_behind_the_horizon(held: Database) -> None:
    with held.write() as session:
        put_rules(session, lead_minutes=0, horizon_days=1)
    _close(held, INSTRUMENT, slot("03-01 00:00", "03-20 00:00"))
    with held.read() as session:
        shown = service.show(session, INSTRUMENT, start=NOW, end=NOW + timedelta(days=30), now=NOW)
    assert (shown.free, shown.next_free) == ((), None)


def test_what_cannot_be_shown_is_refused(held: Database) -> None:
    with held.read() as session:
        for days in (0, 63):
            with pytest.raises(WindowTooLong):
                service.show(session, INSTRUMENT, start=NOW, end=NOW + timedelta(days=days), now=NOW)
        with pytest.raises(InstrumentUnknown):
            service.show(session, "31-aaaaaaaaaaaa", start=NOW, end=LATER, now=NOW)


def test_withdrawn_instruments_are_absent_from_the_index(held: Database) -> None:
    with held.write() as session:
        session.get_one(Instrument, INSTRUMENT).withdrawn_at = NOW
    with held.read() as session:
        assert list(queries.index_facts(session, [INSTRUMENT, OTHER], now=NOW, until=YEAR)) == [OTHER]
