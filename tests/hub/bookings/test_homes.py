"""Where an enterprise belongs, as its orders see it: a move is for new orders only, and the yearly check stops new ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

import schemas
from hub.app import create_app
from hub.bookings.models import Booking
from hub.identity.service import cases, enterprises, parties
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


def machine_time(world: World) -> dict[str, Any]:
    """Two hours at an instrument in Shanghai; a fee is on no tariff's say here."""
    return request("310000", world.slot())


def send(http: httpx.Client, who: Person, asked: dict[str, Any]) -> httpx.Response:
    """Price it, if it is a slot, and submit."""
    if "slot" in asked:
        priced = {name: value for name, value in asked.items() if name != "contact"}
        quoted = http.post("/api/v1/quotes", json=priced, headers=who.headers())
        if quoted.status_code != 201:
            return quoted
        asked = {**asked, "quote_id": quoted.json()["id"]}
    headers = {**who.headers(), "Idempotency-Key": f"key-of-a-home-test-{next(_keys):04}"}
    return http.post("/api/v1/bookings", json={"command": "submit", "request": asked}, headers=headers)


def order(http: httpx.Client, who: Person) -> httpx.Response:
    """A question to an institution in Shanghai: the least that belongs to a home."""
    return send(http, who, request("310000", None))


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
    before = send(http, cast.li, machine_time(world))
    assert before.status_code == 201, before.text
    world.clock.advance(366 * DAY)
    with world.database.write() as session:
        li = people.enter_again(session, cast.li, world.clock())
    refused = send(http, li, machine_time(world))
    assert (refused.status_code, refused.json()["code"]) in (
        (403, "enterprise_unverified"),
        (422, "not_eligible"),
    )
    assert "enterprise_unverified" in refused.text
    held = http.get(f"/api/v1/bookings/{before.json()['id']}", headers=li.headers())
    assert held.status_code == 200, "what was ordered goes on"
    assert order(http, li).status_code == 201, "one may still ask"
    with world.database.write() as session:
        cases.recheck_home(session, jiaxing.principal, li.principal.party_id or "", now=world.clock())
    assert send(http, li, machine_time(world)).status_code == 201


def command(http: httpx.Client, who: Person, booking: str, **body: Any) -> httpx.Response:
    """One command on a booking as it stands."""
    shown = http.get(f"/api/v1/bookings/{booking}", headers=who.headers()).json()
    headers = {
        **who.headers(),
        "Idempotency-Key": f"key-of-a-home-test-{next(_keys):04}",
        "If-Match": f'"{shown["revision"]}"',
    }
    return http.post(f"/api/v1/bookings/{booking}/commands/{body['command']}", json=body, headers=headers)


def test_an_unverified_enterprise_asks_but_does_not_order(
    world: World, cast: Cast, http: httpx.Client
) -> None:
    """Its question is answered with terms; agreeing to them is an order, and waits for the office."""
    with world.database.write() as session:
        code = schemas.uscc.complete("91330400MA28A3B99")
        party = parties.put_enterprise(
            session, "嘉兴某初创企业", code, actor="system:test", now=world.clock()
        )
        asker = people.put_person(session, "founder", "enterprise_manager", world.clock(), party_id=party.id)
    refused = send(http, asker, machine_time(world))
    assert "enterprise_unverified" in refused.text
    asked = request("520000", None)
    booking = send(http, asker, asked).json()["id"]
    with world.database.write() as session:
        station = people.put_person(
            session,
            "guizhou",
            "station_staff",
            world.clock(),
            party_id=cast.station.principal.party_id,
            province="520000",
        )
    slot = world.slot()
    offered = command(
        http,
        station,
        booking,
        command="propose",
        service_mode="machine_time",
        slot={"start": slot.start.isoformat(), "end": slot.end.isoformat()},
        fee_fen=80_000,
    )
    assert offered.status_code == 200, offered.text
    shown = http.get(f"/api/v1/bookings/{booking}", headers=asker.headers()).json()
    assert schemas.problems("booking", shown) == []
    number = shown["proposal"]["number"]
    answer = command(http, asker, booking, command="agree", proposal=number)
    assert (answer.status_code, answer.json()["code"]) == (403, "enterprise_unverified")
    with world.database.write() as session:
        assert session.get_one(Booking, booking).home_area is None
        verified = enterprises.Verified("330402", "某路 3 号", "bureau_staff", "system:test")
        enterprises.set_home(session, party.id, verified, now=world.clock())
    agreed = command(http, asker, booking, command="agree", proposal=number)
    assert agreed.status_code == 200, agreed.text
    assert world.booking(booking).home_area == "330402"
