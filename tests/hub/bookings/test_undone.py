"""Deadlines that cannot be acted on: the others' are acted on all the same, and they are counted for whoever watches."""

from datetime import timedelta

import pytest

from hub.bookings.models import Booking
from hub.bookings.service import lateness, timers, usages
from hub.settlement.models import Usage
from tests.hub.bookings.using import Used
from tests.hub.bookings.world import World
from tests.hub.copies import copy_row

pytestmark = pytest.mark.database

MANY = 150


@pytest.fixture
def used(world: World) -> Used:
    return Used.build(world)


def undone(used: Used, name: str) -> str:
    """The gauge's line in /metrics."""
    lateness.add_readings(used.world.runtime)
    shown = used.world.runtime.metrics.exposition().decode()
    return next(
        line for line in shown.splitlines() if line.startswith(f'hub_undone_deadlines{{list="{name}"}}')
    )


def test_bookings_behind_many_broken_ones_are_acted_on(used: Used) -> None:
    booking = used.world.submit("520000", used.world.slot(day=9))
    timer = used.world.booking(booking).timer_at
    assert timer is not None
    with used.database.write() as session:
        copy_row(session, Booking, booking, MANY, lambda number: {
            "id": f"bk-{number:026}", "number": f"broken-{number}", "timer_at": timer - timedelta(hours=number),
            "document": {},
        })  # fmt: skip
    used.world.clock.advance((timer - used.world.clock()).total_seconds() + 1)
    with pytest.raises(ExceptionGroup, match=f"{MANY} of {MANY + 1} that were due"):
        timers.run_due(used.database, now=used.world.clock())
    assert used.world.state(booking) == "expired"
    assert float(undone(used, "bookings").split()[-1]) >= MANY - 1


def test_usages_behind_many_broken_ones_are_acted_on(used: Used) -> None:
    booking = used.served()
    with used.database.write() as session:
        first = used.usage(booking)["id"]
        timer = session.get_one(Usage, first).timer_at
        assert timer is not None
        copy_row(session, Usage, first, MANY, lambda number: {
            "id": f"us-{number:026}", "reference": f"bk-{number:026}", "external_id": f"broken-{number}",
            "timer_at": timer - timedelta(hours=number),
        })  # fmt: skip
    used.world.clock.advance((timer - used.world.clock()).total_seconds() + 1)
    assert {each["number"] for each in used.usage(booking)["notices"]} == {1}
    with pytest.raises(ExceptionGroup, match=f"{MANY} of {MANY + 1} that were due"):
        usages.run_due(used.database, now=used.world.clock())
    assert {each["number"] for each in used.usage(booking)["notices"]} == {1, 2}
    assert float(undone(used, "usage").split()[-1]) == MANY
