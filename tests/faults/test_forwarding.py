"""A worker dies at every named point, in every kind of province; another one brings the booking to its one end."""

import pytest

from hub.bookings.service import forwarding, points
from tests.hub.bookings.world import LI, WAYS, World

pytestmark = pytest.mark.database

BEFORE_SENT = ("after_claim",)
SENT = ("before_send", "after_send_before_mark", "after_remote_ack", "before_commit", "after_commit")
TOLD = [code for code, way in WAYS.items() if way in {"native", "lookup", "none"}]


class Killed(BaseException):
    """`kill -9` at this point."""


def die_once(world: World, point: str) -> bool:
    """One worker forwards until it dies at the point; whether it did."""

    def die(name: str) -> None:
        if name == point:
            raise Killed

    with points.watched(die):
        try:
            while forwarding.forward_next(world.runtime, "first"):
                pass
        except Killed:
            return True
    return False


def let_another_go_on(world: World, seconds: float = 600.0) -> None:
    """Another worker polls for a while."""
    passed = 0.0
    while passed < seconds:
        world.forward()
        world.clock.advance(5)
        passed += 5


@pytest.mark.parametrize("province", TOLD)
@pytest.mark.parametrize("point", [*BEFORE_SENT, *SENT])
def test_one_order_whatever_dies(world: World, province: str, point: str) -> None:
    if point == "after_send_before_mark":
        world.provinces[province].fault = lambda kind: "answer_lost" if kind == "submit" else None
    booking = world.submit(province, world.slot())
    assert die_once(world, point)
    world.provinces[province].fault = lambda _kind: None
    let_another_go_on(world)
    is_sure = world.provinces[province].way != "none" or point in {*BEFORE_SENT, "after_commit"}
    if is_sure:
        assert world.provinces[province].under(booking) == 1
        assert world.state(booking) == "forwarded"
    else:  # nobody can know: it was sent at most once, and a person finds out
        assert world.provinces[province].under(booking) <= 1
        assert (world.state(booking), world.cases()) == ("forward_unknown", [("unknown_outcome", "open")])


@pytest.mark.parametrize("point", [*BEFORE_SENT, "before_send", "after_remote_ack", "before_commit"])
def test_a_cancellation_that_is_cut_off_arrives(world: World, point: str) -> None:
    booking = world.submit("320000", world.slot())
    world.forward()
    world.command(booking, "cancel", LI, reason="plans_changed")
    assert die_once(world, point)
    let_another_go_on(world)
    assert [held.state for held in world.provinces["320000"].orders] == ["cancelled"]
    assert (world.state(booking), world.claim(booking)) == ("cancelled", "released")


def test_what_a_dead_worker_held_is_taken_over_within_its_lease(world: World) -> None:
    booking = world.submit("310000", world.slot())
    assert die_once(world, "after_claim")
    world.clock.advance(forwarding.LEASE_SECONDS - 0.1)
    assert world.forward() == 0
    world.clock.advance(0.1)
    assert world.forward() == 1
    assert world.state(booking) == "forwarded"


def test_the_others_do_not_wait_for_what_a_dead_worker_held(world: World) -> None:
    world.submit("310000", world.slot(day=3))
    assert die_once(world, "after_claim")
    second = world.submit("310000", world.slot(day=4))
    assert world.forward() == 1
    assert world.state(second) == "forwarded"


def test_a_timer_that_dies_in_the_middle_of_undoing_is_run_again(world: World) -> None:
    booking = world.submit("310000", world.slot(day=20))
    world.forward()
    due = world.booking(booking).timer_at
    assert due is not None
    world.clock.now = due

    def die(name: str) -> None:
        if name == "mid_compensation":
            raise Killed

    with points.watched(die), pytest.raises(Killed):
        world.run_timers()
    assert (world.state(booking), world.claim(booking)) == ("forwarded", "held"), "all or nothing"
    world.run_timers()
    world.forward()
    assert (world.state(booking), world.claim(booking)) == ("expired", "released")
    assert [held.state for held in world.provinces["310000"].orders] == ["cancelled"]


def test_a_slow_province_keeps_few_hands_busy(world: World) -> None:
    for day in range(3, 9):
        world.submit("310000", world.slot(day=day))
    other = world.submit("320000", world.slot(day=3))
    known = forwarding.ways(world.runtime)
    held = []
    while (found := forwarding.claim_next(world.database, known, "w", now=world.clock())) is not None:
        assert isinstance(found, forwarding.Held)
        held.append(found)
    assert [one.province for one in held] == ["310000"] * forwarding.CAP + ["320000"]
    assert held[-1].booking_id == other


def test_a_province_that_fails_again_and_again_is_left_alone_for_a_while(world: World) -> None:
    world.provinces["310000"].fault = lambda _kind: "refused_connection"
    booking = world.submit("310000", world.slot(day=5))
    for _ in range(40):
        world.forward()
        world.clock.advance(5)
    tries = len(world.provinces["310000"].calls)
    assert tries < 12, "the circuit opened"
    world.provinces["310000"].fault = lambda _kind: None
    world.clock.advance(3600)
    world.forward()
    assert world.state(booking) == "forwarded"


@pytest.fixture
def world(database: object, clock: object, tmp_path: object) -> World:
    return World.build(database, clock, tmp_path)  # type: ignore[arg-type]
