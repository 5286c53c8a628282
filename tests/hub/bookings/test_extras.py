"""Orders that a province holds beside the right one: found, cancelled there by a job, left to a person only when it fails."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from hub.bookings.models import Delivery
from hub.bookings.service import answers, feeding
from hub.core import jobs
from tests.hub.bookings.jobs import work
from tests.hub.bookings.provinces import FakeProvince
from tests.hub.bookings.simulation.play import message_of
from tests.hub.bookings.world import World

pytestmark = pytest.mark.database


def doubled(world: World) -> tuple[str, FakeProvince]:
    """A booking whose submit the line delivered twice; the order feed tells of both orders."""
    jiangsu = world.provinces["320000"]
    jiangsu.fault = lambda kind: "duplicated" if kind == "submit" else None
    booking = world.submit("320000", world.slot())
    world.forward()
    assert jiangsu.under(booking) == 2
    feeding.read_feed(world.runtime, "320000")
    return booking, jiangsu


def states(jiangsu: FakeProvince) -> dict[str, str]:
    return {held.remote_id: held.state for held in jiangsu.orders}


def test_an_extra_order_is_cancelled_without_anybody(world: World) -> None:
    booking, jiangsu = doubled(world)
    ours = world.booking(booking).remote_id
    assert ours is not None
    assert work(world) == ["done"], "asked about"
    assert work(world) == ["done"], "cancelled"
    assert {number: state for number, state in states(jiangsu).items() if number == ours} == {
        ours: "received"
    }
    assert sorted(states(jiangsu).values()) == ["cancelled", "received"]
    assert world.cases() == []
    feeding.read_feed(world.runtime, "320000")  # tells of the cancelled one: nothing of ours
    assert (work(world), world.state(booking)) == ([], "forwarded")


def test_a_lookup_that_meets_two_keeps_the_known_one(world: World) -> None:
    jiangsu = world.provinces["320000"]
    jiangsu.fault = lambda kind: "answer_lost" if kind == "submit" else None
    booking = world.submit("320000", world.slot())
    world.forward()
    jiangsu.act(_again(world, booking))
    world.clock.advance(10)
    world.forward()
    assert world.booking(booking).remote_id == jiangsu.orders[0].remote_id
    assert work(world) == ["done"]
    assert [held.state for held in jiangsu.orders] == ["received", "cancelled"]


def test_a_lost_answer_is_asked_about_before_it_is_said_again(world: World) -> None:
    _, jiangsu = doubled(world)
    jiangsu.fault = lambda kind: "answer_lost" if kind == "cancel" else None
    work(world)
    jiangsu.calls.clear()
    assert work(world) == ["retry"]
    world.clock.advance(900)
    assert work(world) == ["done"]
    assert jiangsu.calls == ["lookup", "cancel", "lookup"]
    assert world.cases() == []


def test_an_extra_order_in_use_is_a_persons_case(world: World) -> None:
    booking, jiangsu = doubled(world)
    ours = world.booking(booking).remote_id
    (extra,) = [held for held in jiangsu.orders if held.remote_id != ours]
    work(world)
    extra.state = "in_service"
    assert work(world) == ["done"]
    assert world.cases() == [("duplicate_order", "open")]


def test_trying_has_an_end_and_then_a_case(world: World) -> None:
    _, jiangsu = doubled(world)
    jiangsu.fault = lambda kind: "request_lost" if kind == "cancel" else None
    endings: list[Any] = []
    work(world)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert world.cases() == []
        endings += work(world)
        world.clock.advance(4_000)
    assert endings == ["retry"] * (jobs.MAX_ATTEMPTS - 1) + ["failed"]
    assert world.cases() == [("duplicate_order", "open")]


def test_where_one_of_several_cannot_be_named_nothing_is_cancelled(world: World) -> None:
    _, jiangsu = doubled(world)
    jiangsu.cancels_by_number = False
    jiangsu.calls.clear()
    assert work(world) == ["done"]
    assert (jiangsu.calls, world.cases()) == ([], [("duplicate_order", "open")])


def test_an_answer_that_is_mixed_up_cancels_nobodys_order(world: World) -> None:
    """A platform that names our booking with a number that is not under our reference: shown, nothing is done."""
    first, jiangsu = world.submit("320000", world.slot(day=7)), world.provinces["320000"]
    world.forward()
    wrong = replace(jiangsu.decide(first, "accepted"), remote_id="32-SOMEBODY")
    with world.database.write() as session:
        assert answers.apply(session, "320000", wrong, way="feed", now=world.clock()).result == "refused"
    jiangsu.calls.clear()
    assert work(world) == ["done"]
    assert jiangsu.calls == ["lookup"]
    assert world.cases() == [("foreign_answer", "open")]


def _again(world: World, booking: str) -> Any:
    """The submit that was still on its way."""
    with world.database.read() as session:
        return message_of(
            session, session.scalars(select(Delivery).where(Delivery.booking_id == booking)).one()
        )


def test_a_province_that_acts_later_is_looked_at_until_the_order_is_gone(world: World) -> None:
    booking, jiangsu = doubled(world)
    ours = world.booking(booking).remote_id
    jiangsu.acts_later = True
    work(world)
    assert work(world) == ["retry"], "taken is not cancelled"
    assert sorted(states(jiangsu).values()) == ["received", "received"]
    jiangsu.acts_later = False
    jiangsu.act(jiangsu.delayed.pop())
    world.clock.advance(900)
    jiangsu.calls.clear()
    assert work(world) == ["done"]
    assert jiangsu.calls == ["lookup"], "gone: nothing is said again"
    assert states(jiangsu)[ours or ""] == "received"
    assert world.cases() == []


def test_what_is_taken_and_never_done_is_a_persons_case(world: World) -> None:
    _, jiangsu = doubled(world)
    jiangsu.acts_later = True
    work(world)
    for _ in range(jobs.MAX_ATTEMPTS):
        work(world)
        world.clock.advance(4_000)
    assert world.cases() == [("duplicate_order", "open")]
