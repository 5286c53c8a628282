"""What a station does in the portal reaches the province that keeps the order, in order, or says that it could not."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from adapters.contract import ReportFacts
from hub.bookings.models import Delivery, Report
from hub.bookings.service import answers, handing, moving, preparing
from hub.bookings.service.acting import Actor
from tests.hub.bookings.jobs import work
from tests.hub.bookings.simulation.play import message_of
from tests.hub.bookings.world import LI, STATION, World

pytestmark = pytest.mark.database


def give(world: World, booking_id: str, command: str, actor: Actor = STATION, **body: Any) -> None:
    """A command as people give it, with its body."""
    with world.database.write() as session:
        booking = moving.lock(session, booking_id)
        asked = preparing.Asked(session, booking, actor, {"command": command, **body}, world.clock())
        given = preparing.PREPARE[command](asked)
        moving.move(session, booking, command, actor, given, now=world.clock())


def forwarded(world: World, province: str) -> str:
    booking = world.submit(province, world.slot())
    world.forward()
    if world.state(booking) == "submitted":
        visit(world, province)
    assert world.state(booking) == "forwarded"
    return booking


def visit(world: World, province: str) -> None:
    """The province fetches what waits, acts and answers."""
    platform = world.provinces[province]
    with world.database.write() as session:
        handing.hand_out(session, province, platform, after=0, limit=50, now=world.clock())  # type: ignore[arg-type]
        waiting = select(Delivery).where(Delivery.state == "waiting", Delivery.sent_at.is_not(None))
        messages = [message_of(session, row) for row in session.scalars(waiting.order_by(Delivery.id))]
    for message in messages:
        with world.database.write() as session:
            answers.apply(session, province, platform.act(message), way="callback", now=world.clock())


@pytest.mark.parametrize("province", ["310000", "320000", "340000"])
def test_the_platform_follows_its_station(world: World, province: str) -> None:
    booking = forwarded(world, province)
    give(world, booking, "accept")
    give(world, booking, "check_in")
    give(world, booking, "check_out", usage={"hours": 2.0})
    for _ in range(3):
        world.forward()
        if province == "340000":
            visit(world, province)
    (order,) = world.provinces[province].orders
    assert order.state == "done"
    assert world.deliveries(booking)[1:] == [
        ("accept", "delivered"), ("check_in", "delivered"), ("check_out", "delivered"),
    ]  # fmt: skip
    assert world.cases() == []


def test_a_refusal_leaves_nothing_behind_in_any_dialect(world: World) -> None:
    told, untold = forwarded(world, "320000"), forwarded(world, "360000")
    for booking in (told, untold):
        give(world, booking, "reject", reason="instrument_down")
        world.forward()
    assert world.provinces["320000"].orders[0].state == "rejected"
    assert world.provinces["360000"].orders[0].state == "cancelled", "the nearest word it has"
    assert world.deliveries(untold)[1:] == [("reject", "skipped"), ("cancel", "delivered")]
    assert (world.state(untold), world.booking(untold).undo) == ("rejected", "done")


def test_what_has_no_word_is_skipped_in_sight_until_the_province_says_the_same(world: World) -> None:
    booking = forwarded(world, "360000")
    give(world, booking, "accept")
    world.forward()
    assert world.deliveries(booking)[1:] == [("accept", "skipped")]
    assert world.cases() == [("untold", "open")]
    with world.database.write() as session:
        caught_up = world.provinces["360000"].decide(booking, "accepted")
        answers.apply(session, "360000", caught_up, way="feed", now=world.clock())
    assert world.cases() == [("untold", "closed")]


def test_a_lost_answer_is_asked_about_and_never_told_twice(world: World) -> None:
    booking = forwarded(world, "320000")
    jiangsu = world.provinces["320000"]
    jiangsu.fault = lambda kind: "answer_lost" if kind == "accept" else None
    give(world, booking, "accept")
    world.forward()
    world.clock.advance(60)
    world.forward()
    assert jiangsu.calls == ["submit", "accept", "lookup"]
    assert world.deliveries(booking)[-1] == ("accept", "delivered")


def test_the_stations_proposal_is_answered_under_the_provinces_number(world: World) -> None:
    booking = forwarded(world, "310000")
    other = world.slot(day=9)
    give(world, booking, "propose", slot={"start": other.start.isoformat(), "end": other.end.isoformat()})
    world.forward()
    with world.database.read() as session:
        number = moving.open_proposal(session, world.booking(booking)).number  # type: ignore[union-attr]
    give(world, booking, "agree", LI, proposal=number)
    world.forward()
    (order,) = world.provinces["310000"].orders
    assert (order.slot.start, order.slot.end) == other  # type: ignore[union-attr]
    assert world.deliveries(booking)[1:] == [("offer", "delivered"), ("agree", "delivered")]
    with world.database.read() as session:
        sent = session.scalars(select(Delivery).where(Delivery.kind == "agree")).one()
        assert (message_of(session, sent).proposal_id or "").startswith("P")


def test_an_answer_to_a_proposal_that_was_never_told_is_not_told_either(world: World) -> None:
    booking = forwarded(world, "360000")
    other = world.slot(day=9)
    give(world, booking, "propose", slot={"start": other.start.isoformat(), "end": other.end.isoformat()})
    give(world, booking, "agree", LI, proposal=1)
    world.forward()
    assert world.deliveries(booking)[1:] == [("offer", "skipped"), ("agree", "skipped")]
    assert ("untold", "open") in world.cases(), "the station enters the new time at its platform"


def test_what_the_end_made_pointless_is_not_told(world: World) -> None:
    booking = forwarded(world, "310000")
    platform = world.provinces["310000"]
    platform.fault = lambda _kind: "refused_connection"
    give(world, booking, "accept")
    world.forward()
    give(world, booking, "cancel", LI, reason="plans_changed")
    platform.fault = lambda _kind: None
    world.clock.now += timedelta(minutes=20)
    world.forward()
    assert world.deliveries(booking)[1:] == [("accept", "void"), ("cancel", "delivered")]
    assert world.state(booking) == "cancelled"


def reported(world: World, province: str) -> str:
    """A booking whose service is done, told, and whose station has uploaded a report here."""
    booking = forwarded(world, province)
    for command in ("accept", "check_in", "check_out"):
        give(world, booking, command, **({"usage": {"hours": 2.0}} if command == "check_out" else {}))
        world.forward()
        if province == "340000":
            visit(world, province)
    with world.database.write() as session:
        held = Report(booking_id=booking, version=1, filename="报告.pdf", source="station", uploaded_by="x")
        held.media_type, held.size, held.sha256, held.scan = "application/pdf", 9, "ab" * 32, "clean"
        held.uploaded_at = world.clock()
        session.add(held)
    return booking


@pytest.mark.parametrize("province", ["310000", "320000", "340000"])
def test_a_report_of_the_portal_reaches_the_platform_once_and_is_not_fetched_back(
    world: World, province: str
) -> None:
    booking = reported(world, province)
    platform = world.provinces[province]
    platform.fault = lambda kind: (
        "answer_lost" if kind == "deliver" and not platform.orders[0].reports else None
    )
    give(world, booking, "deliver")
    for _ in range(3):
        world.forward()
        if province == "340000":
            visit(world, province)
        world.clock.advance(60)
    assert world.deliveries(booking)[-1] == ("deliver", "delivered")
    (order,) = platform.orders
    assert [(one.remote_id, one.sha256) for one in order.reports] == [("1", "ab" * 32)]
    again = platform.answer(order, "report", report=order.reports[0])  # and it says so by itself, too
    with world.database.write() as session:
        assert answers.apply(session, province, again, way="callback", now=world.clock()).result == "nothing"
    assert work(world) == [], "nothing is fetched: the enterprise has it"
    assert (world.history(booking).count("deliver"), world.cases()) == (1, [])


def test_a_report_that_is_the_platforms_own_is_still_fetched(world: World) -> None:
    booking = reported(world, "310000")
    give(world, booking, "deliver")
    world.forward()
    platform = world.provinces["310000"]
    platform.files["R2"] = b"%PDF-1.7 another"
    other = ReportFacts("R2", "second.pdf", sha256=sha256(b"%PDF-1.7 another").hexdigest())
    with world.database.write() as session:
        answer = platform.answer(platform.orders[0], "report", report=other)
        answers.apply(session, "310000", answer, way="callback", now=world.clock())
    assert work(world) == ["done"]
    assert world.history(booking).count("deliver") == 2


def test_a_province_without_a_word_for_it_is_skipped_in_sight(world: World) -> None:
    booking = reported(world, "360000")
    give(world, booking, "deliver")
    world.forward()
    assert world.deliveries(booking)[-1] == ("deliver", "skipped")


def test_a_platform_that_objects_becomes_a_case(world: World) -> None:
    booking = forwarded(world, "310000")
    platform = world.provinces["310000"]
    platform.orders[0].state = "done"
    give(world, booking, "accept")
    world.forward()
    assert world.deliveries(booking)[-1] == ("accept", "dead")
    assert world.cases() == [("delivery_dead", "open")]


def test_the_answer_to_one_proposal_decides_no_later_one(world: World) -> None:
    """The station agreed to the first; its platform's confirmation comes when the second is already open."""
    booking = forwarded(world, "310000")
    first, second = world.slot(day=9), world.slot(day=11)
    give(world, booking, "propose", LI, slot={"start": first.start.isoformat(), "end": first.end.isoformat()})
    world.forward()
    give(world, booking, "agree", proposal=1)
    give(
        world, booking, "propose", LI, slot={"start": second.start.isoformat(), "end": second.end.isoformat()}
    )
    world.forward()
    assert world.state(booking) == "reschedule_proposed"
    assert world.booking(booking).starts_at == first.start
    assert world.deliveries(booking)[1:] == [
        ("propose", "delivered"), ("consent", "delivered"), ("propose", "delivered"),
    ]  # fmt: skip
