"""A platform over a real connection, asked through the hub's own guard, while the connection dies on request."""

import functools
from collections.abc import Iterator

import pytest

from adapters.contract import Connection
from adapters.errors import OutcomeUnknown, Throttled
from adapters.registry import build_adapter
from adapters.simulators.desk import desk_of
from adapters.simulators.fleet import Fleet
from adapters.simulators.serve import running
from adapters.simulators.world import World
from hub.core import outbound
from hub.core.addresses import host_and_port
from tests.adapters.bookings.platforms import Clock, Line, Spoken, compiled
from tests.contract.test_bookings import CALLED


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running(World(records=200), tmp_path_factory.mktemp("fleet"), CALLED) as made:
        yield made


def over(fleet: Fleet, code: str) -> Spoken:
    """A province whose platform answers over loopback; the desk's clock stands still."""
    clock, desk = Clock(), desk_of(fleet.world.province(code))
    desk.clock = clock
    told = fleet.connections()[code]
    clients = functools.partial(outbound.client, allow=[host_and_port(told["base_url"])])
    adapter = build_adapter(compiled(code), Connection(told["base_url"], told["credentials"]), clients)
    unused = Line(fleet.app)
    unused.end()
    return Spoken(code, adapter, desk, desk.world, fleet.simulators[code], unused, clock, compiled(code))


@pytest.mark.parametrize("code", CALLED)
def test_whatever_dies_on_the_way_one_order_stands_in_the_end(code: str, fleet: Fleet) -> None:
    spoken = over(fleet, code)
    failures = fleet.failures[code]
    order = spoken.order()
    spoken.port.availability(spoken.native, order.slot.start, order.slot.end)  # a token is there
    for fault, held in (("lost_requests", 0), ("broken_answers", 1)):
        failures.set({fault: 1})
        with pytest.raises(OutcomeUnknown):
            spoken.submit(order)
        spoken.settle()
        found = spoken.port.lookup(order)
        assert len(spoken.desk.mentioning(order.id)) == held
        absent = "unclear" if code == "360000" else "not_found"
        assert found.kind == (absent if held == 0 else "received")


@pytest.mark.parametrize("code", CALLED)
def test_a_platform_that_is_busy_has_done_nothing(code: str, fleet: Fleet) -> None:
    spoken = over(fleet, code)
    order = spoken.order(slot=spoken.free_slot(skip=7), id=f"bk-{code}busy")
    spoken.port.lookup(order)
    fleet.failures[code].set({"unavailable": 1, "retry_after": 4})
    if code in ("310000", "510000"):  # their descriptions say that a 503 was not accepted
        with pytest.raises(Throttled) as asked:
            spoken.submit(order)
        assert asked.value.retry_after == 4
    else:
        with pytest.raises(OutcomeUnknown):
            spoken.submit(order)
    assert spoken.desk.mentioning(order.id) == []
