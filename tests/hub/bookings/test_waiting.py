"""The waiting list: who waits longest is told first, an offer lapses to the next, a booking made fulfils the wish."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.availability.rules import Slot
from hub.bookings.models import Wish
from hub.bookings.service import waiting
from hub.identity.rules import Principal
from hub.notices.models import Notice
from tests.hub.bookings.rows import MEMBER
from tests.hub.bookings.world import LI, PARTY, World, instrument_id

pytestmark = pytest.mark.database

FIRST = replace(MEMBER, party_id="en-other", name="account:other")
OURS = replace(MEMBER, party_id=PARTY.id, name="account:li")


def wait(world: World, principal: Principal, window: Slot) -> int:
    with world.database.write() as session:
        return waiting.wait(session, principal, instrument_id("520000"), window, 120, now=world.clock()).id


def wishes(world: World) -> list[tuple[str, str]]:
    with world.database.read() as session:
        return [(row.enterprise_id, row.state) for row in session.scalars(select(Wish).order_by(Wish.id))]


def offer(world: World) -> int:
    return waiting.offer_free(world.database, now=world.clock())


def test_an_offer_lapses_to_the_next_and_a_booking_fulfils_the_wish(world: World) -> None:
    taken = world.submit("520000", world.slot(day=7))
    wait(world, FIRST, world.slot(day=7))
    wait(world, OURS, world.slot(day=7))
    assert offer(world) == 0, "the time is taken"
    world.command(taken, "cancel", LI, reason="plans_changed")
    assert world.state(taken) == "cancelled"
    assert offer(world) == 1
    assert offer(world) == 0, "one is told at a time"
    assert wishes(world) == [("en-other", "offered"), (PARTY.id, "waiting")]
    world.clock.now += waiting.OFFER
    assert offer(world) == 1
    assert wishes(world) == [("en-other", "gone"), (PARTY.id, "offered"), ("en-other", "waiting")]
    world.submit("520000", world.slot(day=7))
    assert wishes(world) == [("en-other", "gone"), (PARTY.id, "taken"), ("en-other", "waiting")]
    world.clock.now += timedelta(hours=5)
    assert offer(world) == 0, "the time is booked again"
    with world.database.read() as session:
        told = session.scalars(select(Notice.recipient).where(Notice.template == "waiting_free")).all()
    assert sorted(told) == ["account:li", "account:other"]


def test_a_booking_of_another_time_leaves_the_wish(world: World) -> None:
    wait(world, OURS, world.slot(day=7))
    world.submit("520000", world.slot(day=8))
    assert wishes(world) == [(PARTY.id, "waiting")]


def test_a_window_that_is_over_leaves_the_line(world: World) -> None:
    wait(world, OURS, world.slot(day=1))
    world.clock.now = world.slot(day=2).start
    assert offer(world) == 0
    assert wishes(world) == [(PARTY.id, "gone")]
