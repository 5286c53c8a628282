"""The demo's platforms by themselves: they fetch, decide, call back, and say it again until the hub has taken it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from adapters.contract import Answer
from adapters.errors import Refused, SignatureInvalid
from adapters.simulators.desk import Staff, desk_of
from adapters.simulators.fleet import Fleet
from adapters.simulators.serve import address, listen, serving
from adapters.simulators.shanghai_bookings import Signer
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World
from tests.adapters.bookings.platforms import Clock, Line, Spoken, speaking

CODES = ("310000", "340000")
KEY = "key of the platform"


class StandIn:
    """The hub's two doors over a real connection; it keeps answers by their identity, as an inbox does."""

    def __init__(self) -> None:
        self.spoken: dict[str, Spoken] = {}
        self.messages: list[dict[str, Any]] = []
        self.inbox: dict[str, Answer] = {}
        self.taken = 0
        self.down = 0
        self.app = Starlette(
            routes=[
                Route("/api/v1/provinces/{code}/bookings/answers", self._answer, methods=["POST"]),
                Route("/api/v1/provinces/{code}/bookings/messages", self._messages, methods=["GET"]),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        if self.down:
            self.down -= 1
            return Response(status_code=503)
        code = request.path_params["code"]
        if code == "340000" and request.headers.get("authorization") != f"Bearer {KEY}":
            return Response(status_code=401)
        body = await request.body()
        try:
            answers = await asyncio.to_thread(
                self.spoken[code].port.read_callback, dict(request.headers), body
            )
        except SignatureInvalid:
            return Response(status_code=401)
        for answer in answers:
            self.taken += 1
            self.inbox[answer.message_id] = answer
        return Response(status_code=204)

    async def _messages(self, request: Request) -> Response:
        after = int(request.query_params.get("after", "0"))
        return JSONResponse({"messages": self.messages[after:], "next": str(len(self.messages))})

    def kinds(self, booking_id: str) -> list[str]:
        return [a.kind for a in self.inbox.values() if a.booking_id == booking_id]


@pytest.fixture
def stand_in() -> Iterator[tuple[StandIn, Hub]]:
    made, held = StandIn(), listen()
    with serving(made.app, held):
        yield made, Hub(address(held), KEY)


@pytest.fixture
def fleet(tmp_path: Path, stand_in: tuple[StandIn, Hub]) -> Iterator[tuple[Fleet, Clock]]:
    world, clock = World(records=200), Clock()
    made = Fleet(world, "http://platform.test", tmp_path, CODES)
    made.open_desks(tmp_path, seed=1)
    for code in CODES:
        desk = desk_of(world.province(code))
        desk.clock = clock
        desk.staff = Staff(1, accept=100)
        line = Line(Starlette(routes=[Mount(f"/{code}", routes=list(made.simulators[code].routes))]))
        stand_in[0].spoken[code] = speaking(code, made, line, desk, clock)
    yield made, clock
    for spoken in stand_in[0].spoken.values():
        spoken.line.end()


def put(stand_in: StandIn, code: str) -> Any:
    """A booking on its way to a province."""
    spoken = stand_in.spoken[code]
    order = spoken.order()
    if code == "310000":
        spoken.submit(order)
    else:
        message = spoken.message("submit", order)
        stand_in.messages.append({"message_id": message.message_id, "body": spoken.port.write(message)})
    return order


def test_a_booking_comes_back_by_itself(fleet: tuple[Fleet, Clock], stand_in: tuple[StandIn, Hub]) -> None:
    (running, clock), (hub, doors) = fleet, stand_in
    orders = {code: put(hub, code) for code in CODES}
    hubs = dict.fromkeys(CODES, doors)
    assert running.attend(hubs) == {}
    clock.advance(9)
    assert running.attend(hubs) == {}
    for code in CODES:
        assert hub.kinds(orders[code].id) == ["received", "accepted"]
    taken = hub.taken
    assert running.attend(hubs) == {}
    assert hub.taken == taken


def test_a_hub_that_is_down_loses_nothing(fleet: tuple[Fleet, Clock], stand_in: tuple[StandIn, Hub]) -> None:
    (running, clock), (hub, doors) = fleet, stand_in
    orders = {code: put(hub, code) for code in CODES}
    hubs = dict.fromkeys(CODES, doors)
    hub.down = 3
    failed = [set(running.attend(hubs)) for _ in range(2)]
    assert failed[0] == set(CODES)
    clock.advance(9)
    while running.attend(hubs):
        pass
    for code in CODES:
        assert hub.kinds(orders[code].id) == ["received", "accepted"]


def test_a_restarted_platform_goes_on_where_it_was(
    fleet: tuple[Fleet, Clock], stand_in: tuple[StandIn, Hub], tmp_path: Path
) -> None:
    (running, clock), (hub, doors) = fleet, stand_in
    order = put(hub, "310000")
    running.attend({"310000": doors})
    world = World(records=200)
    again = Fleet(world, "http://platform.test", tmp_path, ["310000"])
    again.open_desks(tmp_path)
    desk = desk_of(world.province("310000"))
    desk.clock = clock
    (held,) = desk.under(order.id)
    desk.staff = None
    desk.accept(held.number)
    taken = hub.taken
    assert again.attend({"310000": doors}) == {}
    assert hub.taken == taken + 1
    assert hub.kinds(order.id) == ["received", "accepted"]


def test_a_province_whose_hub_is_unknown_waits(
    fleet: tuple[Fleet, Clock], stand_in: tuple[StandIn, Hub]
) -> None:
    put(stand_in[0], "340000")
    assert fleet[0].attend({}) == {}
    assert stand_in[0].inbox == {}


@pytest.mark.parametrize("code", ["320000", "510000"])
def test_a_platform_that_only_listens_fetches_the_hubs_keys(code: str, tmp_path: Path) -> None:
    asked: list[str] = []

    async def keys(request: Request) -> Response:
        asked.append(request.url.path)
        return JSONResponse({"keys": [Signer("the-hub").public()]})

    running, held = Fleet(World(records=200), "http://platform.test", tmp_path, [code]), listen()
    app = Starlette(routes=[Route("/api/v1/booking-messages/keys", keys)])
    with serving(app, held):
        hubs = {code: Hub(address(held))}
        assert running.attend(hubs) == running.attend(hubs) == {}
    assert len(asked) == 1, "at most once a minute"
    line = Line(Starlette(routes=[Mount(f"/{code}", routes=list(running.simulators[code].routes))]))
    spoken = speaking(code, running, line, desk_of(running.world.province(code)), Clock())
    with pytest.raises(Refused):
        spoken.submit(spoken.order())
    assert spoken.desk.orders() == []
    line.end()
