"""Reading calendars from platforms: what they say is kept, what is ours is not doubled, and failures end somewhere."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from adapters.contract import OpeningHours, RemoteClosure, RemoteRules, RemoteTariff, TariffLine
from adapters.contract import Slot as RemoteSlot
from adapters.errors import Malformed, Refused, Unreachable
from hub.availability import queries, service
from hub.availability.models import Calendar
from hub.availability.rules import BookingRules, Slot
from hub.availability.service import pulls, upkeep
from hub.core import outbox
from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.core.sequencer import AnnouncedChange
from tests.hub.availability import instruments
from tests.hub.availability.instruments import INSTRUMENT, LATER, NOW, OTHER, PROVINCE, put_rules, slot
from tests.hub.availability.platforms import CalendarPort, CalendarProvince, busy
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

MORNING = slot("03-09 09:00", "11:00")
RULES = RemoteRules(
    version="7",
    opening=(OpeningHours(0, 480, 720), OpeningHours(0, 780, 1080), OpeningHours(5, 0, 1440)),
    slot_minutes=15,
    min_minutes=40,
    max_minutes=250,
    lead_minutes=120,
    cancel_minutes=60,
    capacity=2,
    needs_training=True,
    needs_operator=False,
)
TARIFF = RemoteTariff("3", date(2026, 1, 1), (TariffLine("hour", 40000, 15000),), "used", 20000)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def port() -> CalendarPort:
    return CalendarPort(as_of=NOW - timedelta(minutes=3))


@pytest.fixture
def hub(runtime: Runtime, port: CalendarPort) -> Runtime:
    instruments.catalogue(runtime.database)
    adapters = {PROVINCE: CalendarProvince(PROVINCE, port), "420000": CalendarProvince("420000", None)}
    return replace(runtime, adapters=adapters)  # type: ignore[arg-type]


def _pull(hub: Runtime) -> None:
    pulls.pull_instrument(hub, hub.adapters[PROVINCE], INSTRUMENT)


def _facts(hub: Runtime) -> queries.IndexFacts:
    with hub.database.read() as session:
        return queries.index_facts(session, [INSTRUMENT], now=hub.clock(), until=LATER + timedelta(days=30))[
            INSTRUMENT
        ]


def _rules(hub: Runtime) -> BookingRules:
    with hub.database.read() as session:
        return queries.booking_rules(session, INSTRUMENT, now=hub.clock())


def _calendar(hub: Runtime) -> Calendar:
    with hub.database.read() as session:
        return session.get_one(Calendar, INSTRUMENT)


def test_what_the_platform_says_is_kept_with_its_age(hub: Runtime, port: CalendarPort) -> None:
    closure = slot("03-10 09:00", "10:00")
    port.told = {
        "busy": (busy(MORNING, remote_id="R1"),),
        "closures": (RemoteClosure(RemoteSlot(closure.start, closure.end), "保养"),),
        "rules": RULES,
        "tariff": TARIFF,
    }
    _pull(hub)
    facts = _facts(hub)
    assert (facts.as_of, facts.source, facts.rules_version) == (NOW - timedelta(minutes=3), "platform", 1)
    assert facts.busy == (closure,)  # two lanes, one reservation
    kept = _rules(hub)
    assert (kept.capacity, kept.opening.step_minutes, kept.opening.min_minutes, kept.max_minutes) == (
        2,
        15,
        45,
        240,
    )
    assert kept.opening.week[0] == ((480, 720), (780, 1080))
    assert (kept.document["training"]["code"], kept.document["operator"]) == ("platform", "none")
    with hub.database.read() as session:
        tariff = service.tariff_of(session, INSTRUMENT, now=NOW)
    assert tariff is not None
    assert (tariff.source, tariff.document["positions"][0]["basis"], tariff.document["minimum_fee"]) == (
        "platform", "used_time", {"outside_fen": 20000},
    )  # fmt: skip
    assert port.asked[0].unit_id == "SIMM"


def test_reading_the_same_again_changes_nothing_but_the_age(
    hub: Runtime, port: CalendarPort, clock: VirtualClock
) -> None:
    port.told = {"busy": (busy(MORNING, remote_id="R1"),), "rules": RULES, "tariff": TARIFF}
    _pull(hub)
    with hub.database.read() as session:
        before = len(
            session.scalars(select(AnnouncedChange).where(AnnouncedChange.topic == "availability")).all()
        )
    clock.advance(60)
    port.as_of = clock.now
    _pull(hub)
    assert (_rules(hub).version, _facts(hub).as_of) == (1, clock.now)
    with hub.database.read() as session:
        told = session.scalars(select(AnnouncedChange).where(AnnouncedChange.topic == "availability")).all()
    assert len(told) == before  # followers are told of a mere age now and then only
    clock.advance(1200)
    _pull(hub)
    with hub.database.read() as session:
        told = session.scalars(select(AnnouncedChange).where(AnnouncedChange.topic == "availability")).all()
    assert len(told) == before + 1


def test_a_platforms_clock_that_runs_ahead_makes_nothing_younger_than_now(
    hub: Runtime, port: CalendarPort
) -> None:
    port.as_of = NOW + timedelta(hours=2)
    _pull(hub)
    assert _facts(hub).as_of == NOW


def test_the_hubs_own_bookings_are_not_read_as_somebody_elses(hub: Runtime, port: CalendarPort) -> None:
    later = slot("03-09 13:30", "15:30")
    with hub.database.write() as session:
        service.claim(session, INSTRUMENT, MORNING, claim_id="bk-a", until=LATER, now=NOW)
        service.claim(session, INSTRUMENT, later, claim_id="bk-b", until=LATER, now=NOW)
        service.name_remote(session, "bk-b", "R2")
    port.told = {"busy": (busy(MORNING, booking_id="bk-a", remote_id="R1"), busy(later, remote_id="R2"))}
    _pull(hub)
    with hub.database.write() as session:
        assert queries.conflicts(session) == []
        assert len(queries.live_claims(session, [INSTRUMENT], Slot(NOW, LATER + timedelta(days=30)))) == 2
        service.release(session, "bk-a", now=NOW)
    _pull(hub)  # the platform still holds what the hub has let go: its time is not free
    assert MORNING in _facts(hub).busy


def test_a_reservation_of_the_platform_that_meets_a_booking_opens_a_case(
    hub: Runtime, port: CalendarPort
) -> None:
    with hub.database.write() as session:
        service.claim(session, INSTRUMENT, MORNING, claim_id="bk-a", until=LATER, now=NOW)
    port.told = {"busy": (busy(MORNING, remote_id="R9"),)}
    _pull(hub)
    with hub.database.write() as session:
        assert [conflict.others[0].id for conflict in queries.conflicts(session)] == ["bk-a"]
        service.release(session, "bk-a", now=NOW)
    assert not upkeep.settle(hub)
    with hub.database.read() as session:
        assert queries.conflicts(session) == []


def test_what_people_keep_here_outranks_the_platform(hub: Runtime, port: CalendarPort) -> None:
    with hub.database.write() as session:
        put_rules(session, capacity=4)
    port.told = {"rules": RULES}
    _pull(hub)
    assert (_rules(hub).capacity, _rules(hub).source) == (4, "hub")


def test_rules_that_contradict_themselves_leave_the_old_ones(hub: Runtime, port: CalendarPort) -> None:
    overlapping = replace(RULES, opening=(OpeningHours(0, 480, 720), OpeningHours(0, 600, 1080)))
    port.told = {"rules": overlapping, "tariff": replace(TARIFF, lines=(TariffLine("hour", -5),))}
    _pull(hub)
    assert _rules(hub).source == "default"
    assert _facts(hub).source == "platform"


def test_closures_that_the_platform_takes_back_open_the_time(hub: Runtime, port: CalendarPort) -> None:
    port.told = {"closures": (RemoteClosure(RemoteSlot(*MORNING)),)}
    _pull(hub)
    assert _facts(hub).busy == (MORNING,)
    port.told = {}
    _pull(hub)
    assert _facts(hub).busy == ()


def test_two_reservations_of_one_time_without_a_name_are_two(hub: Runtime, port: CalendarPort) -> None:
    port.told = {"busy": (busy(MORNING), busy(MORNING)), "rules": RULES}
    _pull(hub)
    assert _facts(hub).busy == (MORNING,)
    with hub.database.read() as session:
        assert queries.conflicts(session) == []


def test_a_failed_reading_keeps_what_was_known_and_waits_longer_each_time(
    hub: Runtime, port: CalendarPort, clock: VirtualClock
) -> None:
    _pull(hub)
    port.fails = Unreachable("连接超时", "timed out")
    due = []
    for _ in range(3):
        with pytest.raises(Unreachable):
            _pull(hub)
        due.append(_calendar(hub).pull_due_at)
    assert due == [NOW + timedelta(minutes=minutes) for minutes in (2, 4, 8)]
    assert (_calendar(hub).pull_failures, _calendar(hub).pull_error) == (
        3,
        {"code": "unreachable", "zh": "连接超时", "en": "timed out"},
    )
    assert _facts(hub).source == "platform"
    port.fails = None
    _pull(hub)
    assert (_calendar(hub).pull_failures, _calendar(hub).pull_error) == (0, None)


def test_a_round_reads_what_is_due_and_stops_when_the_province_is_out_of_reach(
    hub: Runtime, port: CalendarPort, clock: VirtualClock
) -> None:
    assert pulls.pull_province(hub, PROVINCE) == 2  # neither was ever read
    assert pulls.pull_province(hub, PROVINCE) == 0
    clock.advance(86_400)
    port.fails = Unreachable("连接超时", "timed out")
    asked = len(port.asked)
    assert pulls.pull_province(hub, PROVINCE) == 0
    assert len(port.asked) == asked + 1
    clock.advance(600)
    port.fails = Malformed("日历读不懂", "no calendar")
    assert pulls.pull_province(hub, PROVINCE) == 0
    assert len(port.asked) == asked + 3  # a bad answer concerns one instrument only


def test_what_is_booked_is_read_more_often(hub: Runtime, clock: VirtualClock) -> None:
    with hub.database.write() as session:
        service.claim(session, INSTRUMENT, MORNING, claim_id="bk-a", until=LATER, now=NOW)
    pulls.pull_province(hub, PROVINCE)
    with hub.database.read() as session:
        assert pulls.due_instruments(session, PROVINCE, now=NOW + pulls.OFTEN) == [INSTRUMENT]
        both = pulls.due_instruments(session, PROVINCE, now=NOW + pulls.SELDOM)
    assert both == [INSTRUMENT, OTHER]


def test_the_schedule_wants_one_task_of_a_province_at_a_time(hub: Runtime, clock: VirtualClock) -> None:
    assert pulls.schedule_pulls(hub) == [PROVINCE]
    assert pulls.schedule_pulls(hub) == []
    with hub.database.read() as session:
        rows = session.execute(select(OutboxRow.task_name, OutboxRow.queue, OutboxRow.payload)).all()
    assert rows == [(pulls.PULL_TASK, outbox.SYNC, {"province": PROVINCE})]


def test_a_province_that_is_left_alone_is_not_asked(hub: Runtime) -> None:
    from hub.federation.service import provinces

    with hub.database.write() as session:
        held = provinces.lock_province(session, PROVINCE)
        provinces.record_failure(held, Refused("拒绝", "refused"), NOW)
    assert pulls.schedule_pulls(hub) == []


def test_whoever_looks_at_an_old_calendar_has_it_read_at_once(hub: Runtime, clock: VirtualClock) -> None:
    _pull(hub)
    for minutes, wanted in ((5, False), (16, True)):
        clock.now = NOW + timedelta(minutes=minutes)
        with hub.database.read() as session:
            pulls.freshen(hub, session, INSTRUMENT)
            pulls.freshen(hub, session, INSTRUMENT)  # a second look asks for nothing more
        assert (_calendar(hub).pull_due_at == clock.now) is wanted
    with hub.database.read() as session:
        assert pulls.due_instruments(session, PROVINCE, now=clock.now)[0] == INSTRUMENT
        assert session.scalars(select(OutboxRow.payload)).all() == [{"province": PROVINCE}]


def test_an_instrument_that_was_withdrawn_meanwhile_is_not_asked_for(
    hub: Runtime, port: CalendarPort
) -> None:
    from hub.catalog.models import Instrument

    with hub.database.write() as session:
        session.get_one(Instrument, INSTRUMENT).withdrawn_at = NOW
    _pull(hub)
    assert port.asked == []


def test_claims_lapse_by_the_clock(hub: Runtime, clock: VirtualClock) -> None:
    with hub.database.write() as session:
        service.claim(
            session, INSTRUMENT, MORNING, claim_id="bk-a", until=NOW + timedelta(minutes=5), now=NOW
        )
    assert not upkeep.let_lapse(hub)
    clock.advance(300)
    assert not upkeep.let_lapse(hub)
    with hub.database.read() as session:
        assert queries.claim(session, "bk-a").state == "lapsed"
