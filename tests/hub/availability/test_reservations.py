"""Reservations made elsewhere: they guard their time, and where they cannot a case is opened, never an overlap hidden."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.availability import queries, service
from hub.availability.errors import ClaimUnknown, ConflictUnknown, SlotTaken
from hub.availability.models import Cell, Claim
from hub.availability.rules import HeldConflict, Slot, Taken
from hub.availability.service.reservations import Reservation
from hub.core.db import Database
from tests.hub.availability.instruments import INSTRUMENT, LATER, NOW, OTHER, put_rules, slot

pytestmark = pytest.mark.database

MORNING = slot("03-09 09:00", "11:00")
WEEK = slot("03-09 00:00", "03-16 00:00")


def _put(
    database: Database, *reservations: Reservation, replace: Slot | None = None, source: str = "platform"
) -> Taken:
    with database.write() as session:
        return service.put_reservations(
            session, INSTRUMENT, reservations, source=source, actor="system:pull", now=NOW, replace=replace
        )


def _claim(database: Database, name: str, wanted: Slot) -> None:
    with database.write() as session:
        service.claim(session, INSTRUMENT, wanted, claim_id=name, until=LATER, now=NOW)


def _cells(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Cell)) or 0


def _open(database: Database) -> list[HeldConflict]:
    with database.read() as session:
        return queries.conflicts(session)


def test_a_reservation_takes_its_time_once(held: Database) -> None:
    one = Reservation("r-1", slot("03-09 09:10", "10:40"))  # off the half hours: the grid is made finer
    assert len(_put(held, one).added) == 1
    again = _put(held, one)
    assert (again.is_change, again.unchanged, _cells(held)) == (False, 1, 18)
    with pytest.raises(SlotTaken):
        _claim(held, "bk-a", slot("03-09 10:30", "11:30"))


def test_reservations_that_touch_within_a_half_hour_do_not_meet(held: Database) -> None:
    _claim(held, "bk-a", slot("03-09 09:30", "10:30"))
    done = _put(
        held,
        Reservation("r-1", slot("03-09 09:00", "09:10")),
        Reservation("r-2", slot("03-09 09:10", "09:28")),
    )
    assert (len(done.added), done.conflicts) == (2, [])


def test_a_moved_reservation_frees_its_old_time(held: Database) -> None:
    _put(held, Reservation("r-1", MORNING))
    assert len(_put(held, Reservation("r-1", slot("03-09 13:30", "14:30"))).moved) == 1
    assert _cells(held) == 2
    _claim(held, "bk-a", MORNING)


def test_what_the_source_no_longer_tells_is_let_go_within_the_time_it_told(held: Database) -> None:
    elsewhere = Reservation("r-3", slot("03-17 09:00", "10:00"))
    _put(held, Reservation("r-1", MORNING), Reservation("r-2", slot("03-10 09:00", "10:00")), elsewhere)
    done = _put(held, Reservation("r-2", slot("03-10 09:00", "10:00")), replace=WEEK)
    assert (len(done.removed), done.unchanged) == (1, 1)
    with held.read() as session:
        live = queries.live_claims(session, [INSTRUMENT], Slot(NOW, NOW + timedelta(days=30)))
    assert [claim.slot for claim in live] == [slot("03-10 09:00", "10:00"), elsewhere.slot]
    # Another source's reservations are not this one's to let go.
    _put(held, Reservation("here", slot("03-11 09:00", "10:00")), source="local")
    assert _put(held, replace=WEEK).removed == [claim.id for claim in live[:1]]


def test_two_reservations_that_change_places_in_one_reading_both_find_room(held: Database) -> None:
    later = slot("03-09 13:30", "15:30")
    _put(held, Reservation("r-1", MORNING))
    done = _put(held, Reservation("r-2", MORNING), replace=WEEK)
    assert (len(done.added), len(done.removed), done.conflicts) == (1, 1, [])
    _put(held, Reservation("r-2", later), Reservation("r-4", MORNING))
    assert _open(held) == []


def test_what_is_over_is_passed_over(held: Database) -> None:
    assert not _put(held, Reservation("r-1", slot("03-01 09:00", "10:00"))).is_change


def test_a_reservation_that_meets_a_booking_is_kept_without_cells_and_opens_a_case(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    before = _cells(held)
    done = _put(held, Reservation("r-1", slot("03-09 10:00", "14:00"), "本所课题"))
    conflict = done.conflicts[0]
    assert (conflict.state, [other.id for other in conflict.others]) == ("open", ["bk-a"])
    assert (conflict.claim.is_guarded, conflict.claim.label, _cells(held)) == (False, "本所课题", before)
    assert _open(held) == [conflict]
    assert _put(held, Reservation("r-1", slot("03-09 10:00", "14:00"))).conflicts == []
    assert len(_open(held)) == 1
    with pytest.raises(SlotTaken) as taken:  # the time that the province says is taken is nobody's to book
        _claim(held, "bk-b", slot("03-09 13:30", "14:30"))
    assert taken.value.at == slot("03-09 13:30", "14:00").start


def test_a_case_closes_by_itself_when_either_side_makes_room(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    _put(held, Reservation("r-1", MORNING))
    with held.write() as session:
        assert service.retry_conflicts(session, now=NOW) == 0
        service.release(session, "bk-a", now=NOW)
        assert service.retry_conflicts(session, now=NOW) == 1
        assert service.retry_conflicts(session, now=NOW) == 0
    assert _open(held) == []
    with held.read() as session:
        claim = session.scalars(select(Claim).where(Claim.source == "platform")).one()
        assert claim.is_guarded
    with pytest.raises(SlotTaken):
        _claim(held, "bk-b", MORNING)


def test_a_case_closes_when_the_reservation_goes_moves_or_ends(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    for remedy in ("gone", "moved", "over"):
        _put(held, Reservation(remedy, MORNING))
        assert len(_open(held)) == 1
        if remedy == "gone":
            _put(held, replace=WEEK)
        elif remedy == "moved":
            _put(held, Reservation(remedy, slot("03-09 13:30", "14:30")))
        else:
            with held.write() as session:
                service.retry_conflicts(session, now=MORNING.end)
        assert _open(held) == []


def test_a_person_settles_a_case_in_words(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    conflict = _put(held, Reservation("r-1", MORNING)).conflicts[0]
    with held.write() as session:
        for _ in range(2):
            told = service.resolve_conflict(
                session, conflict.id, "双方同意共用", actor="account:chen", now=NOW
            )
        assert (told.state, told.resolution) == ("resolved", "双方同意共用")
        with pytest.raises(ConflictUnknown):
            service.resolve_conflict(session, 99, "", actor="account:chen", now=NOW)


def test_one_tap_says_that_a_local_user_has_the_instrument(held: Database) -> None:
    done = _put(held, Reservation("tap-1", MORNING, "本组使用"), source="local")
    with held.read() as session:
        facts = queries.index_facts(session, [INSTRUMENT], now=NOW, until=LATER + timedelta(days=30))[
            INSTRUMENT
        ]
    assert (facts.as_of, facts.source, facts.busy) == (NOW, "hub", (MORNING,))
    with held.write() as session:
        for _ in range(2):
            service.free_reservation(session, done.added[0], INSTRUMENT, actor="account:chen", now=NOW)
        with pytest.raises(ClaimUnknown):
            service.free_reservation(session, done.added[0], OTHER, actor="account:chen", now=NOW)
    assert _cells(held) == 0
    assert _put(held, Reservation("tap-1", MORNING), source="local").added == done.added


def test_a_booking_is_not_freed_as_a_local_reservation(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session, pytest.raises(ClaimUnknown):
        service.free_reservation(session, "bk-a", INSTRUMENT, actor="account:chen", now=NOW)


def test_a_reservation_takes_one_of_several_lanes(held: Database) -> None:
    with held.write() as session:
        put_rules(session, capacity=2)
    _put(held, Reservation("r-1", MORNING))
    _claim(held, "bk-a", MORNING)
    assert len(_put(held, Reservation("r-2", MORNING)).conflicts[0].others) == 2
