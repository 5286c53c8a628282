"""What settlement is told of a booking, from its completion to its rating: enough to say what is lacking."""

from datetime import timedelta

import pytest

from hub.bookings.models import Booking
from hub.bookings.service import ratings
from hub.bookings.service.acting import Actor
from hub.core.runtime import Runtime
from hub.identity.rules import Principal
from hub.settlement.service import redeeming
from tests.hub.bookings.world import LI, PARTY, STATION, World

pytestmark = pytest.mark.database

GUIZHOU = "520000"
OFFICE = Actor("province_staff", "account:p", "province_staff")
LI_HERSELF = Principal("account", "account:li", "李", "enterprise_member", None, "p-li", PARTY.id)
DECLARED = {"is_related": False, "exclusions": []}


@pytest.fixture
def held(world: World) -> World:
    world.put_voucher(100_000)
    return world


def used(world: World, **more: object) -> str:
    """A booking that was served."""
    booking = world.submit(GUIZHOU, world.slot(), declaration=DECLARED, **more)
    world.command(booking, "accept", STATION)
    world.clock.now = world.slot().start
    world.command(booking, "check_in", STATION)
    world.clock.advance(7200)
    world.command(booking, "check_out", STATION, has_usage=True)
    return booking


def told(world: World, booking: str) -> dict[str, str]:
    with world.database.read() as session:
        return {name: each.state for name, each in redeeming.told_of(session, booking).items()}


def not_met(world: World, booking: str) -> set[str]:
    with world.database.write() as session:
        made = redeeming.settle_order(session, booking, now=world.clock())
    return {each.rule for each in made.findings if each.verdict == "not_met"}


def test_completion_and_rating_are_told(held: World) -> None:
    booking = used(held)
    assert told(held, booking) == {}, "nothing is told before it is so"
    held.command(booking, "complete", LI)
    assert told(held, booking) == {"booked": "portal", "completed": "completed", "report": "not_due"}
    assert "rated" in not_met(held, booking)
    with held.database.write() as session:
        ratings.rate(session, LI_HERSELF, session.get_one(Booking, booking), 5, None, now=held.clock())
    assert told(held, booking)["rating"] == "5"
    open_ = not_met(held, booking)
    assert not open_ & {
        "rated",
        "completed",
        "booked_online",
        "not_related",
        "report_delivered",
        "no_dispute",
    }
    held.clock.advance(3600)
    with held.database.write() as session:
        ratings.rate(session, LI_HERSELF, session.get_one(Booking, booking), 3, None, now=held.clock())
    assert told(held, booking)["rating"] == "3", "a changed rating is told too"


def test_a_dispute_is_told_while_it_lasts(held: World) -> None:
    booking = used(held)
    held.command(booking, "dispute", LI, reason="time_unsuitable")
    assert told(held, booking)["dispute"] == "open"
    assert "no_dispute" in not_met(held, booking)
    held.clock.advance(60)
    held.command(booking, "resolve_dispute", OFFICE, reason="settled_by_staff")
    assert told(held, booking)["dispute"] == "closed"
    assert "no_dispute" not in not_met(held, booking)


def test_the_declaration_goes_with_the_booking(held: World) -> None:
    booking = used(held)
    assert held.booking(booking).document["declaration"] == DECLARED
    held.command(booking, "complete", LI)
    assert "not_related" not in not_met(held, booking)


def test_the_clock_finds_what_was_told(held: World) -> None:
    booking = used(held)
    held.command(booking, "complete", LI)
    runtime: Runtime = held.runtime
    redeeming.recheck(runtime)
    with held.database.read() as session:
        made = redeeming.newest(session, booking)
    lines_there = made is not None
    held.clock.now += timedelta(minutes=1)
    redeeming.recheck(runtime)
    assert lines_there == ("looked" in told(held, booking)), "only orders with a line are looked at"
