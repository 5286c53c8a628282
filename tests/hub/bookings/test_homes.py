"""Where an enterprise belongs, as its orders see it: a move is for new orders only, and the yearly check stops new ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from hub.app import create_app
from hub.bookings.models import Booking
from hub.identity.service import cases, enterprises
from tests.hub.bookings import people
from tests.hub.bookings.people import Cast, Person
from tests.hub.bookings.world import World, request
from tests.in_process import InProcess

pytestmark = pytest.mark.database

DAY = 86_400
_keys = count()


@pytest.fixture
def cast(world: World) -> Cast:
    return people.settle(world.database, world.clock())


@pytest.fixture
def http(world: World, cast: Cast) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as held:
        yield held


def order(http: httpx.Client, who: Person) -> httpx.Response:
    """A question to an institution in Shanghai: the least that is an order."""
    body = {"command": "submit", "request": request("310000", None)}
    headers = {**who.headers(), "Idempotency-Key": f"key-of-a-home-test-{next(_keys):04}"}
    return http.post("/api/v1/bookings", json=body, headers=headers)


def office(world: World, name: str, area: str) -> Person:
    """Person of a bureau."""
    with world.database.write() as session:
        return people.put_person(session, name, "bureau_staff", world.clock(), area=area)


def reads(http: httpx.Client, who: Person) -> set[str]:
    """The bookings that somebody sees."""
    answer = http.get("/api/v1/bookings", headers=who.headers())
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


def test_a_move_is_for_new_orders_only(world: World, cast: Cast, http: httpx.Client) -> None:
    """Both offices confirm; the order of before stays with the old home, the next one belongs to the new."""
    jiaxing, pudong = office(world, "jiaxing", "3304"), office(world, "pudong", "310115")
    before = order(http, cast.li).json()["id"]
    with world.database.write() as session:
        case = enterprises.request_move(
            session, cast.manager.principal, "310115", "浦东新区 2 号", now=world.clock()
        ).id
    between = []
    for bureau in (jiaxing, pudong):
        between.append(order(http, cast.li).json()["id"])
        with world.database.write() as session:
            cases.decide_case(session, bureau.principal, case, "confirm", now=world.clock())
    after = order(http, cast.li).json()["id"]
    with world.database.read() as session:
        homes = {each: session.get_one(Booking, each).home_area for each in (before, *between, after)}
    assert homes == {before: "330402", between[0]: "330402", between[1]: "330402", after: "310115"}
    assert reads(http, jiaxing) == {before, *between}
    assert after in reads(http, pudong)


def test_the_yearly_check_stops_new_orders_and_nothing_else(
    world: World, cast: Cast, http: httpx.Client
) -> None:
    jiaxing = office(world, "jiaxing", "3304")
    before = order(http, cast.li)
    assert before.status_code == 201, before.text
    world.clock.advance(366 * DAY)
    with world.database.write() as session:
        li = people.enter_again(session, cast.li, world.clock())
    refused = order(http, li)
    assert (refused.status_code, refused.json()["code"]) == (403, "enterprise_unverified")
    held = http.get(f"/api/v1/bookings/{before.json()['id']}", headers=li.headers())
    assert held.status_code == 200, "what was ordered goes on"
    with world.database.write() as session:
        cases.recheck_home(session, jiaxing.principal, li.principal.party_id or "", now=world.clock())
    assert order(http, li).status_code == 201
