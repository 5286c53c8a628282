"""The booking desk behind the platforms: what it takes, what it refuses, what staff do, and what it tells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from adapters.simulators.desk import Declined, Desk, Order, Period, Staff, Wanted, almanac, model
from adapters.simulators.desk.control import control_routes
from adapters.simulators.desk.journal import keep_orders
from adapters.simulators.desk.mischief import MischiefInvalid
from adapters.simulators.world import World
from tests.adapters.bookings.platforms import Clock, bookable
from tests.in_process import InProcess


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk(World(records=200).province("320000"), clock)


def free(desk: Desk, skip: int = 0) -> Period:
    """The first two free hours a week from now; `skip` takes later ones."""
    key = bookable(desk.world)
    start = (desk.clock() + timedelta(days=7)).astimezone(almanac.SHANGHAI).replace(hour=9, minute=0)
    for step in range(3_000):
        begin = start + timedelta(minutes=30 * step)
        period = Period(begin, begin + timedelta(hours=2))
        if almanac.is_open(almanac.rules_of(key), period) and desk.is_bookable(key, period):
            if skip == 0:
                return period
            skip -= 1
    raise AssertionError("no free time")


def place(
    desk: Desk, reference: str = "bk-1", period: Period | None = None, mode: str = model.MACHINE
) -> Order:
    if mode == model.MACHINE and period is None:
        period = free(desk)
    return desk.place(Wanted(reference, bookable(desk.world), mode, period, {}))


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(Declined) as declined:
        act()
    assert declined.value.words
    return declined.value.reason


def test_a_second_order_under_one_reference_is_a_second_order(desk: Desk) -> None:
    place(desk)
    place(desk)
    assert len(desk.under("bk-1")) == 2
    assert len({order.number for order in desk.orders()}) == 2


def test_what_is_accepted_holds_its_time(desk: Desk) -> None:
    period = free(desk)
    first, second = place(desk, "bk-1", period), place(desk, "bk-2", period)
    assert desk.accept(first.number).state == model.ACCEPTED
    refused = desk.accept(second.number)
    assert (refused.state, refused.reason) == (model.REJECTED, model.OCCUPIED)
    assert reason(lambda: place(desk, "bk-3", period)) == model.OCCUPIED
    desk.cancel(first.number, "", "")
    assert place(desk, "bk-3", period).state == model.PENDING


def test_what_a_platform_refuses_at_once(desk: Desk, clock: Clock) -> None:
    period = free(desk)
    closed_key = next(i.key for i, row in desk.world.good() if row.sharing == "不共享")
    wanted = Wanted("bk-1", bookable(desk.world), model.MACHINE, period, {})
    assert reason(lambda: desk.place(replace(wanted, instrument="nobody|1"))) == model.UNKNOWN
    assert reason(lambda: desk.place(replace(wanted, instrument=closed_key))) == model.NOT_SHARED
    assert reason(lambda: desk.place(replace(wanted, period=None))) == model.OUTSIDE
    night = Period(period.start.replace(hour=3), period.start.replace(hour=4))
    assert reason(lambda: desk.place(replace(wanted, period=night))) == model.OUTSIDE
    desk.close(wanted.instrument, period, "停电")
    assert reason(lambda: desk.place(wanted)) == model.CLOSED
    clock.advance(30 * 24 * 3600)
    assert reason(lambda: desk.place(wanted)) == model.PAST
    assert desk.orders() == []


def test_an_instrument_that_breaks_takes_no_orders(desk: Desk) -> None:
    desk.world.touch(bookable(desk.world), running_state="待修")
    broken = next(
        i.key
        for i in desk.world.instruments()
        if i.running_state == "待修" and almanac.is_shared(desk.world, i.key)
    )
    assert reason(lambda: desk.place(Wanted("bk-1", broken, model.TEST, None, {}))) == model.BROKEN


def test_a_proposal_keeps_the_old_time_until_the_other_side_decides(desk: Desk) -> None:
    order = place(desk)
    desk.accept(order.number)
    later = free(desk, 9)
    moved = desk.propose(order.number, later, model.BY_PLATFORM)
    assert (moved.state, moved.period) == (model.PROPOSED, order.period)
    assert reason(lambda: place(desk, "bk-2", order.period)) == model.OCCUPIED
    number = moved.proposal.number
    assert (
        reason(lambda: desk.decide(order.number, number, model.BY_PLATFORM, agrees=True)) == model.NO_PROPOSAL
    )
    assert reason(lambda: desk.propose(order.number, later)) == model.NO_PROPOSAL
    agreed = desk.decide(order.number, number, model.BY_CLIENT, agrees=True)
    assert (agreed.state, agreed.period) == (model.ACCEPTED, later)
    assert (
        reason(lambda: desk.decide(order.number, number, model.BY_CLIENT, agrees=True)) == model.NO_PROPOSAL
    )
    assert place(desk, "bk-2", order.period).state == model.PENDING


def test_a_proposal_lapses(desk: Desk, clock: Clock) -> None:
    order = place(desk)
    moved = desk.propose(order.number, free(desk, 9), model.BY_PLATFORM)
    clock.advance(49 * 3600)
    late = desk.decide(order.number, moved.proposal.number, model.BY_CLIENT, agrees=True)
    assert (late.state, late.period, late.proposal.outcome) == (model.PENDING, order.period, model.DECLINED)


def test_what_has_begun_is_not_cancelled_and_cancelling_again_is_harmless(desk: Desk) -> None:
    order = place(desk)
    desk.accept(order.number)
    first = desk.cancel(order.number, "20", "改计划")
    assert desk.cancel(order.number, "", "") == first
    other = place(desk, "bk-2", free(desk, 5))
    desk.accept(other.number)
    desk.begin(other.number)
    assert reason(lambda: desk.cancel(other.number, "", "")) == model.BEGUN
    assert reason(lambda: desk.accept(other.number)) == model.BEGUN
    assert reason(lambda: desk.cancel("none", "", "")) == model.NO_SUCH_ORDER


def test_everything_is_told_in_order_and_once(desk: Desk) -> None:
    order = place(desk)
    for step in (desk.accept, desk.receive_samples, desk.begin, desk.finish, desk.deliver_report):
        step(order.number)
    told = desk.deliveries()
    assert [d.what for d in told] == ["created", "accepted", "samples", "in_service", "done", "reported"]
    assert [d.position for d in told] == list(range(1, 7))
    assert [d.order.version for d in told] == list(range(1, 7))
    assert desk.deliveries(after=4) == told[4:]
    assert desk.deliveries(after=1, limit=2) == told[1:3]


def test_mischief_is_counted_and_ends(desk: Desk) -> None:
    desk.mischief.set({"twice": 1, "lie": 1})
    order = place(desk)
    desk.deliveries()
    desk.accept(order.number)
    told = desk.deliveries()
    assert [d.what for d in told] == ["created", "created", "accepted"]
    assert told[0].message == told[1].message
    assert told[2].order.period != order.period
    assert desk.order(order.number).period == order.period
    desk.mischief.set({"silent": True})
    desk.begin(order.number)
    desk.mischief.clear()
    desk.finish(order.number)
    assert [d.what for d in desk.deliveries(3)] == ["done"]


@pytest.mark.parametrize(
    "wanted", [{"twice": -1}, {"twice": True}, {"silent": 1}, {"mood": 1}, {"late_seconds": "x"}]
)
def test_unfit_mischief_is_refused_and_changes_nothing(wanted: dict[str, Any], desk: Desk) -> None:
    before = desk.mischief.state()
    with pytest.raises(MischiefInvalid):
        desk.mischief.set({"lie": 1, **wanted})
    assert desk.mischief.state() == before


def test_staff_answer_by_themselves_mostly_yes_and_the_same_way_again(desk: Desk, clock: Clock) -> None:
    desk.staff = Staff(seed=7)
    for number in range(40):
        place(desk, f"bk-{number}", free(desk, 4 * number))
    desk.settle()
    assert {order.state for order in desk.orders()} == {model.PENDING}
    clock.advance(9)
    desk.settle()
    states = [order.state for order in desk.orders()]
    assert states.count(model.ACCEPTED) > 25
    assert {model.ACCEPTED, model.PROPOSED, model.REJECTED} == set(states)
    assert all(o.reason for o in desk.orders() if o.state == model.REJECTED)
    again = Desk(World(records=200).province("320000"), Clock())
    again.staff = Staff(seed=7)
    for number in range(40):
        place(again, f"bk-{number}", free(again, 4 * number))
    again.clock.advance(9)  # type: ignore[attr-defined]
    again.settle()
    assert [order.state for order in again.orders()] == states


def test_an_entrusted_test_runs_to_its_report(desk: Desk, clock: Clock) -> None:
    desk.staff = Staff(seed=1, accept=100)
    order = place(desk, mode=model.TEST)
    for _ in range(10):
        clock.advance(16)
        desk.settle()
    done = desk.order(order.number)
    assert (done.state, done.usage.hours) == (model.REPORTED, 2.0)
    assert done.report.content.startswith(b"%PDF")


def test_staff_answer_a_clients_proposal(desk: Desk, clock: Clock) -> None:
    desk.staff = Staff(seed=1, accept=100)
    order = place(desk)
    clock.advance(9)
    desk.settle()
    desk.propose(order.number, free(desk, 9))
    clock.advance(9)
    desk.settle()
    assert desk.order(order.number).proposal.outcome == model.AGREED


def test_orders_outlive_the_process(desk: Desk, tmp_path: Path) -> None:
    keep_orders(desk, tmp_path)
    order = place(desk)
    desk.propose(order.number, free(desk, 9), model.BY_PLATFORM)
    done = place(desk, "bk-2", mode=model.TEST)
    for step in (desk.accept, desk.begin, desk.finish, desk.deliver_report):
        step(done.number)
    desk.remember("told", 3)
    with (tmp_path / "orders.jsonl").open("ab") as file:
        file.write(b'{"what": "torn')
    again = Desk(desk.world, desk.clock)
    keep_orders(again, tmp_path)
    assert again.orders() == desk.orders()
    assert again.memory == {"told": 3}
    assert [d.message for d in again.deliveries()] == [d.message for d in desk.deliveries()]
    assert place(again, "bk-3", free(again, 3)).number not in {o.number for o in desk.orders()}


def test_the_control_door_plays_staff(desk: Desk) -> None:
    with httpx.Client(
        transport=InProcess(Starlette(routes=control_routes({"320000": desk}))), base_url="http://c.test"
    ) as door:
        order = place(desk)

        def do(what: str, **more: Any) -> httpx.Response:
            return door.post("/_control/320000/bookings", json={"do": what, "order": "bk-1", **more})

        later = free(desk, 9)
        assert do("propose", start=later.start.isoformat(), end=later.end.isoformat()).status_code == 200
        assert do("agree").status_code == 409  # staff cannot agree to their own proposal
        desk.decide(order.number, desk.order(order.number).proposal.number, model.BY_CLIENT, agrees=True)
        for what in ("samples", "begin", "done", "report"):
            assert do(what).status_code == 200
        assert do("accept").status_code == 409
        assert do("dance").status_code == 400
        assert do("propose", start="soon", end="later").status_code == 400
        (told,) = door.get("/_control/320000/bookings").json()["orders"]
        assert told["state"] == model.REPORTED
        assert door.get("/_control/999999/bookings").status_code == 404
        assert door.put("/_control/320000/bookings/mischief", json={"twice": 2}).json()["twice"] == 2
        assert door.put("/_control/320000/bookings/mischief", json={"mood": 2}).status_code == 400
        assert door.delete("/_control/320000/bookings/mischief").json()["twice"] == 0
        door.post("/_control/320000/bookings", json={"do": "staff", "seed": 3})
        assert desk.staff is not None
        taken = free(desk, 2)
        span = {"start": taken.start.isoformat(), "end": taken.end.isoformat()}
        door.post(
            "/_control/320000/bookings", json={"do": "reserve", "instrument": bookable(desk.world), **span}
        )
        assert reason(lambda: place(desk, "bk-9", taken)) == model.OCCUPIED


def test_the_almanac_is_the_same_for_everybody(desk: Desk) -> None:
    key, start = bookable(desk.world), datetime(2026, 11, 23, tzinfo=almanac.SHANGHAI)
    end = start + timedelta(days=28)
    first = list(almanac.local_reservations(key, start, end))
    assert first == list(almanac.local_reservations(key, start, end))
    assert 5 <= len(first) <= 20
    assert all(almanac.is_open(almanac.rules_of(key), period) for period in first)
    halves = [
        list(almanac.local_reservations(key, a, b))
        for a, b in ((start, start + timedelta(days=14)), (start + timedelta(days=14), end))
    ]
    assert halves[0] + halves[1] == first
