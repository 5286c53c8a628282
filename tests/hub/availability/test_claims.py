"""Claims: one winner for a place, on both databases, whatever the grid, the capacity or the order of events."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.availability import queries, service
from hub.availability.errors import (
    ClaimLapsed,
    ClaimMismatch,
    ClaimUnknown,
    ProposalUnknown,
    SlotClosed,
    SlotMalformed,
    SlotPast,
    SlotRefused,
    SlotTaken,
    SlotTooFar,
    SlotTooLong,
    SlotTooShort,
    SlotTooSoon,
)
from hub.availability.models import Calendar, Cell, Claim
from hub.availability.rules import Slot
from hub.availability.rules.grid import Grid
from hub.catalog.errors import InstrumentUnknown, InstrumentWithdrawn
from hub.catalog.models import Instrument
from hub.core.db import Database
from hub.core.sequencer import AnnouncedChange
from tests.hub.availability.instruments import INSTRUMENT, LATER, NOW, OTHER, put_rules, slot

pytestmark = pytest.mark.database

MORNING = slot("03-09 09:00", "11:00")
AFTERNOON = slot("03-09 13:30", "15:30")


def _claim(database: Database, claim_id: str, wanted: Slot, **more: object) -> service.HeldClaim:
    with database.write() as session:
        asked = {"until": LATER, "now": NOW, **more}
        return service.claim(session, INSTRUMENT, wanted, claim_id=claim_id, **asked)  # type: ignore[arg-type]


def _cells(database: Database, claim_id: str | None = None) -> list[tuple[int, int]]:
    with database.read() as session:
        query = select(Cell.cell, Cell.lane).order_by(Cell.cell, Cell.lane)
        if claim_id is not None:
            query = query.where(Cell.claim_id == claim_id)
        return [(cell, lane) for cell, lane in session.execute(query)]


def _most_at_once(database: Database) -> int:
    """The most live claims over one instant, from the claims and not from the cells."""
    with database.read() as session:
        rows = session.scalars(select(Claim)).all()
    times = [
        Slot(*pair)
        for row in rows
        if row.state in {"held", "confirmed"}
        for pair in ((row.starts_at, row.ends_at), (row.proposed_starts_at, row.proposed_ends_at))
        if pair[0] is not None and pair[1] is not None
    ]
    return max((sum(one.start <= other.start < one.end for one in times) for other in times), default=0)


def test_a_claim_takes_its_cells_and_another_is_refused_from_the_first_taken_instant(held: Database) -> None:
    got = _claim(held, "bk-a", MORNING)
    assert (got.state, got.slot, got.until) == ("held", MORNING, LATER)
    assert len(_cells(held)) == 4  # half hours by default
    with pytest.raises(SlotTaken) as refused:
        _claim(held, "bk-b", slot("03-09 10:00", "11:30"))
    assert refused.value.at == slot("03-09 10:00", "11:00").start
    assert (refused.value.status, refused.value.field) == (409, "slot")
    assert len(_cells(held)) == 4
    _claim(held, "bk-b", slot("03-09 13:30", "14:30"))


def test_claiming_again_is_harmless_and_another_slot_under_the_name_is_refused(held: Database) -> None:
    first = _claim(held, "bk-a", MORNING)
    assert _claim(held, "bk-a", MORNING) == first
    with pytest.raises(ClaimMismatch):
        _claim(held, "bk-a", slot("03-09 13:30", "14:30"))


def test_a_released_claim_frees_its_time_and_its_name(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    for _ in range(2):
        with held.write() as session:
            service.release(session, "bk-a", now=NOW)
    assert _cells(held) == []
    with held.write() as session:
        with pytest.raises(ClaimLapsed):
            service.confirm(session, "bk-a", now=NOW)
        with pytest.raises(ClaimUnknown):
            service.confirm(session, "bk-never", now=NOW)
        service.release(session, "bk-never", now=NOW)
    assert _claim(held, "bk-a", slot("03-09 09:00", "10:00")).state == "held"


def test_a_confirmed_claim_does_not_lapse_and_a_held_one_does(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    _claim(held, "bk-b", slot("03-09 13:30", "14:30"))
    with held.write() as session:
        for _ in range(2):
            assert service.confirm(session, "bk-a", now=NOW).state == "confirmed"
        assert service.sweep(session, now=LATER - timedelta(seconds=1)) == 0
        assert service.sweep(session, now=LATER) == 1
        assert service.sweep(session, now=LATER) == 0
        assert queries.claim(session, "bk-b").state == "lapsed"
    assert len(_cells(held)) == 4


def test_a_claim_whose_time_is_up_gives_way_before_the_sweep_comes(held: Database) -> None:
    _claim(held, "bk-a", MORNING, until=NOW + timedelta(hours=1))
    got = _claim(held, "bk-b", MORNING, now=NOW + timedelta(hours=2))
    assert got.state == "held"
    with held.read() as session:
        assert queries.claim(session, "bk-a").state == "lapsed"


def test_a_prolonged_claim_lapses_later(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        service.prolong(session, "bk-a", LATER + timedelta(hours=1), now=NOW)
        assert service.sweep(session, now=LATER) == 0


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (slot("03-01 09:00", "10:00"), SlotPast),
        (slot("03-02 13:30", "14:30"), SlotTooSoon),
        (slot("03-09 09:00", "09:30"), SlotTooShort),
        (slot("03-09 09:00", "03-10 10:00"), SlotTooLong),
        (slot("03-09 11:00", "13:00"), SlotClosed),  # over the break at noon
        (slot("03-08 09:00", "10:00"), SlotClosed),  # a Sunday
        (slot("04-06 09:00", "10:00"), SlotClosed),  # 清明节
        (slot("07-06 09:00", "10:00"), SlotTooFar),
        (slot("03-09 09:10", "10:10"), SlotMalformed),
        (slot("03-09 10:00", "09:00"), SlotMalformed),
        (slot("03-09 09:00", "09-09 09:00"), SlotTooLong),
    ],
)
def test_a_slot_outside_the_rules_is_refused_with_its_reason(
    held: Database, wanted: Slot, refusal: type[SlotRefused]
) -> None:
    with pytest.raises(refusal) as refused:
        _claim(held, "bk-a", wanted)
    assert refused.value.zh
    assert refused.value.hint_en
    assert _cells(held) == []


def test_staff_may_use_other_hours_but_no_taken_lane(held: Database) -> None:
    evening = slot("03-02 18:00", "19:00")
    _claim(held, "bk-a", evening, is_staff=True)
    with pytest.raises(SlotTaken):
        _claim(held, "bk-b", evening, is_staff=True)


def test_an_instrument_that_is_gone_or_unknown_cannot_be_claimed(held: Database) -> None:
    with held.write() as session:
        session.get_one(Instrument, INSTRUMENT).withdrawn_at = NOW
    with pytest.raises(InstrumentWithdrawn):
        _claim(held, "bk-a", MORNING)
    with held.write() as session, pytest.raises(InstrumentUnknown):
        service.claim(session, "31-aaaaaaaaaaaa", MORNING, claim_id="bk-b", until=LATER, now=NOW)


def test_capacity_is_counted_per_cell_and_not_per_lane(held: Database) -> None:
    with held.write() as session:
        put_rules(session, capacity=2)
    _claim(held, "bk-a", slot("03-09 09:00", "10:00"))
    _claim(held, "bk-b", slot("03-09 09:30", "11:00"))
    with held.write() as session:
        service.release(session, "bk-a", now=NOW)
    # Lane 1 from 09:30 to 11:00 is taken, lane 0 free: 08:00–09:30 and 09:30–10:00 stand in different lanes.
    _claim(held, "bk-c", slot("03-09 08:00", "11:00"))
    with pytest.raises(SlotTaken):
        _claim(held, "bk-d", slot("03-09 10:45", "11:15"))
    _claim(held, "bk-d", slot("03-09 11:00", "11:15"))
    assert _most_at_once(held) == 2


def test_a_finer_grid_keeps_earlier_claims_guarded(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        put_rules(session, step_minutes=5, min_minutes=5)
    _claim(held, "bk-b", slot("03-09 11:00", "11:05"))
    with held.read() as session:
        assert session.get_one(Calendar, INSTRUMENT).cell_minutes == 5
    assert len(_cells(held, "bk-a")) == 24
    with pytest.raises(SlotTaken) as refused:
        _claim(held, "bk-c", slot("03-09 10:55", "11:00"))
    assert refused.value.at == slot("03-09 10:55", "11:00").start


def test_a_coarser_step_keeps_the_finer_grid(held: Database) -> None:
    with held.write() as session:
        put_rules(session)
    _claim(held, "bk-a", slot("03-09 09:00", "09:15"))
    with held.write() as session:
        put_rules(session, version=2, step_minutes=30, min_minutes=30)
    with pytest.raises(SlotTaken):
        _claim(held, "bk-b", slot("03-09 09:00", "09:30"))
    _claim(held, "bk-b", slot("03-09 09:30", "10:00"))
    with held.read() as session:
        assert session.get_one(Calendar, INSTRUMENT).cell_minutes == 15


def test_a_smaller_capacity_counts_claims_in_lanes_that_no_longer_exist(held: Database) -> None:
    with held.write() as session:
        put_rules(session, capacity=3)
    for name in ("bk-a", "bk-b", "bk-c"):
        _claim(held, name, slot("03-09 09:00", "10:00"))
    with held.write() as session:
        put_rules(session, version=2, capacity=2)
        service.release(session, "bk-a", now=NOW)
    with pytest.raises(SlotTaken):
        _claim(held, "bk-d", slot("03-09 09:00", "10:00"))
    with held.write() as session:
        service.release(session, "bk-b", now=NOW)
    _claim(held, "bk-d", slot("03-09 09:00", "10:00"))
    with pytest.raises(SlotTaken):
        _claim(held, "bk-e", slot("03-09 09:45", "10:15"))


def test_an_overlapping_proposal_takes_only_what_it_lacks(held: Database) -> None:
    _claim(held, "bk-a", AFTERNOON)
    later = slot("03-09 14:30", "16:30")
    with held.write() as session:
        for _ in range(2):
            told = service.propose(session, "bk-a", later, until=LATER, now=NOW)
            assert (told.slot, told.proposed, told.proposed_until) == (AFTERNOON, later, LATER)
    assert len(_cells(held)) == 6
    for wanted in (slot("03-09 13:30", "14:30"), slot("03-09 15:30", "16:30")):
        with pytest.raises(SlotTaken):
            _claim(held, "bk-b", wanted)


@pytest.mark.parametrize(("keep", "left", "free"), [("old", "13:30", "15:30"), ("new", "14:30", "13:30")])
def test_settling_frees_what_only_the_other_time_needed(
    held: Database, keep: str, left: str, free: str
) -> None:
    _claim(held, "bk-a", AFTERNOON)
    with held.write() as session:
        service.propose(session, "bk-a", slot("03-09 14:30", "16:30"), until=LATER, now=NOW)
        told = service.settle_proposal(session, "bk-a", keep, now=NOW)  # type: ignore[arg-type]
    assert (told.slot.start, told.proposed) == (slot(f"03-09 {left}", "17:30").start, None)
    assert len(_cells(held)) == 4
    begin = slot(f"03-09 {free}", "17:30").start
    _claim(held, "bk-b", Slot(begin, begin + timedelta(hours=1)))
    with held.write() as session:
        service.settle_proposal(session, "bk-a", "old", now=NOW)
        with pytest.raises(ProposalUnknown):
            service.settle_proposal(session, "bk-a", "new", now=NOW)


def test_another_proposal_replaces_the_first(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        service.propose(session, "bk-a", slot("03-09 13:30", "14:30"), until=LATER, now=NOW)
        service.propose(session, "bk-a", slot("03-09 14:00", "15:00"), until=LATER, now=NOW)
    assert len(_cells(held)) == 6
    _claim(held, "bk-b", slot("03-10 13:30", "14:30"))


def test_a_refused_proposal_leaves_the_claim_as_it_was(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    _claim(held, "bk-b", slot("03-09 13:30", "14:30"))
    before = _cells(held)
    with held.write() as session, pytest.raises(SlotTaken):
        service.propose(session, "bk-a", slot("03-09 14:00", "15:00"), until=LATER, now=NOW)
    assert _cells(held) == before


def test_a_proposal_lapses_to_the_old_time(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        service.confirm(session, "bk-a", now=NOW)
        service.propose(session, "bk-a", slot("03-09 13:30", "14:30"), until=LATER, now=NOW)
        assert service.sweep(session, now=LATER) == 1
        told = queries.claim(session, "bk-a")
    assert (told.state, told.slot, told.proposed) == ("confirmed", MORNING, None)
    assert len(_cells(held)) == 4


def test_every_change_is_announced(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        service.confirm(session, "bk-a", now=NOW)
        service.release(session, "bk-a", now=NOW)
    with held.read() as session:
        told = session.execute(
            select(AnnouncedChange.topic, AnnouncedChange.subject, AnnouncedChange.payload).order_by(
                AnnouncedChange.id
            )
        ).all()
    assert [(topic, subject) for topic, subject, _ in told] == [("availability", INSTRUMENT)] * 3
    assert [payload["kind"] for _, _, payload in told] == ["claimed", "confirmed", "released"]


def _race(database: Database, acts: list[Callable[[Database], object]]) -> list[object]:
    """Everybody at once; what each got: a value or the error."""
    begun = threading.Barrier(len(acts))
    got: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[Database], object]) -> None:
        begun.wait(10)
        try:
            got[number] = act(database)
        except Exception as fault:
            got[number] = fault

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return got


def test_of_identical_requests_exactly_one_wins(held: Database) -> None:
    got = _race(held, [lambda d, n=n: _claim(d, f"bk-{n}", MORNING) for n in range(8)])
    assert sum(isinstance(one, service.HeldClaim) for one in got) == 1
    assert sum(isinstance(one, SlotTaken) for one in got) == 7


def test_the_same_claim_sent_twice_at_once_is_one_claim(held: Database) -> None:
    got = _race(held, [lambda d: _claim(d, "bk-a", MORNING)] * 4)
    assert all(isinstance(one, service.HeldClaim) for one in got), got
    assert len(_cells(held)) == 4


def test_contenders_for_the_last_place_meet_also_after_a_cut_in_capacity(held: Database) -> None:
    """Old claims stand in lanes that no longer exist: counting alone would let two more in."""
    with held.write() as session:
        put_rules(session, capacity=3)
    for name in ("bk-a", "bk-b", "bk-c"):
        _claim(held, name, MORNING)
    with held.write() as session:
        put_rules(session, version=2, capacity=2)
        service.release(session, "bk-a", now=NOW)
        service.release(session, "bk-b", now=NOW)
    got = _race(held, [lambda d, n=n: _claim(d, f"bk-{n}", MORNING) for n in range(6)])
    assert sum(isinstance(one, service.HeldClaim) for one in got) == 1, got
    assert _most_at_once(held) == 2


def test_overlapping_requests_never_pass_the_capacity(held: Database) -> None:
    with held.write() as session:
        put_rules(session, capacity=3)
    starts = [slot("03-09 09:00", "10:00").start + timedelta(minutes=15 * (n % 5)) for n in range(16)]
    acts = [
        lambda d, n=n, start=start: _claim(
            d, f"bk-{n}", Slot(start, start + timedelta(minutes=60 + 15 * (n % 3)))
        )
        for n, start in enumerate(starts)
    ]
    got = _race(held, acts)
    assert all(isinstance(one, service.HeldClaim | SlotTaken) for one in got), got
    assert _most_at_once(held) == 3


def test_proposals_and_claims_race_without_a_loss(held: Database) -> None:
    """Two bookings are moved onto each other's neighbourhood while others ask for the same times."""
    with held.write() as session:
        put_rules(session)
    _claim(held, "bk-a", slot("03-09 09:00", "10:00"))
    _claim(held, "bk-b", slot("03-09 11:00", "12:00"))

    def move(name: str, wanted: Slot) -> Callable[[Database], object]:
        def act(database: Database) -> object:
            with database.write() as session:
                service.propose(session, name, wanted, until=LATER, now=NOW)
            with database.write() as session:
                return service.settle_proposal(session, name, "new", now=NOW)

        return act

    got = _race(
        held,
        [
            move("bk-a", slot("03-09 09:30", "10:45")),
            move("bk-b", slot("03-09 10:30", "11:30")),
            *(lambda d, n=n: _claim(d, f"bk-{n}", slot("03-09 10:00", "11:00")) for n in range(4)),
        ],
    )
    assert all(isinstance(one, service.HeldClaim | SlotTaken) for one in got), got
    assert any(isinstance(one, service.HeldClaim) for one in got)
    assert _most_at_once(held) == 1


def test_the_grid_is_refined_while_others_claim(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        put_rules(session, step_minutes=5, min_minutes=5)
    wanted = [slot("03-09 10:55", "11:05"), slot("03-09 11:00", "11:10"), slot("03-09 11:05", "11:30")]
    got = _race(held, [lambda d, n=n: _claim(d, f"bk-{n}", wanted[n % 3]) for n in range(6)])
    assert all(isinstance(one, service.HeldClaim | SlotTaken) for one in got), got
    assert isinstance(got[0], SlotTaken)
    assert _most_at_once(held) == 1
    assert len(_cells(held, "bk-a")) == 24


def test_instruments_do_not_share_cells(held: Database) -> None:
    _claim(held, "bk-a", MORNING)
    with held.write() as session:
        service.claim(session, OTHER, MORNING, claim_id="bk-b", until=LATER, now=NOW)
    with held.read() as session:
        assert session.scalar(select(func.count()).select_from(Cell)) == 8


def test_a_slot_off_the_grid_takes_the_begun_cells() -> None:
    grid = Grid(INSTRUMENT, 30)
    found = grid.cells(slot("03-09 09:10", "10:50"))
    assert len(found) == 4
    assert grid.start_of(found[0]) == slot("03-09 09:00", "10:00").start
