"""All simulators in one application: found by listing, reachable, told to fail, moved, counted."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.simulators import fleet as fleets
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Actor, Hub
from adapters.simulators.world import World
from tests.in_process import InProcess

CODE = "510000"
MINE = {"310000", "320000", "330000", "360000", "420000", "510000"}


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(World(records=200), "http://127.0.0.1:1", tmp_path, [CODE])


@pytest.fixture
def client(fleet: Fleet) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(fleet.app), base_url="http://platform.test") as held:
        held.headers["X-Api-Key"] = fleet.simulators[CODE].credentials["token"]
        yield held


def count(client: httpx.Client) -> int:
    return int(client.get(f"/{CODE}/data/v1/instruments").json()["total"])


def test_simulators_are_found_by_listing_the_package() -> None:
    found = fleets.discover()
    assert set(found) >= MINE
    assert list(found) == sorted(found)


def test_connections_name_address_credentials_and_folder(tmp_path: Path) -> None:
    fleet = Fleet(World(records=200), "http://127.0.0.1:1/", tmp_path)
    connections = fleet.connections()
    assert set(connections) == set(fleets.discover())
    for code, connection in connections.items():
        assert connection["base_url"] == f"http://127.0.0.1:1/{code}"
        assert all(isinstance(value, str) for value in connection["credentials"].values())
        assert connection["folder"] is None or Path(connection["folder"]).is_absolute()


def test_every_province_answers_the_survey(tmp_path: Path) -> None:
    fleet = Fleet(World(records=200), "http://127.0.0.1:1", tmp_path)
    with httpx.Client(transport=InProcess(fleet.app), base_url="http://platform.test") as client:
        for code in fleet.simulators:
            answer = client.get(f"/{code}/survey/latest/units.json")
            assert answer.json()["总数"] == len(fleet.world.province(code).units)


def test_a_platform_can_be_made_to_fail_and_work_again(client: httpx.Client) -> None:
    total = count(client)
    door = f"/_control/{CODE}/failures"
    assert client.put(door, json={"unavailable": 1, "retry_after": 5}).json()["unavailable"] == 1
    answer = client.get(f"/{CODE}/data/v1/instruments")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert count(client) == total
    client.put(door, json={"nothing": True})
    assert count(client) == 0
    assert client.get(door).json()["nothing"] is True
    client.delete(door)
    assert count(client) == total


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"unheard_of": 1}', b'{"unavailable": "many"}'])
def test_a_fault_nobody_knows_is_refused(client: httpx.Client, content: bytes) -> None:
    assert client.put(f"/_control/{CODE}/failures", content=content).status_code == 400


def test_the_world_can_be_moved_from_outside(client: httpx.Client, fleet: Fleet) -> None:
    door, total = f"/_control/{CODE}/world", count(client)
    key = fleet.world.province(CODE).page(0, 1)[0].key
    assert client.post(door, json={"do": "vanish", "key": key}).json()["total"] < total
    assert client.post(door, json={"do": "restore", "key": key}).json()["total"] == total
    before = client.post(door, json={"do": "touch", "key": key}).json()
    after = client.post(door, json={"do": "tick", "seconds": 30}).json()
    assert after["now"] > before["now"]
    client.post(door, json={"do": "go_empty"})
    assert count(client) == 0
    client.post(door, json={"do": "come_back"})
    assert count(client) == total


@pytest.mark.parametrize("order", [{}, {"do": "fly"}, {"do": "touch"}, {"do": "touch", "key": "x|y"}, [], 1])
def test_an_order_that_makes_no_sense_is_refused(client: httpx.Client, order: object) -> None:
    assert client.post(f"/_control/{CODE}/world", json=order).status_code == 400


def test_an_unknown_province_is_not_found(client: httpx.Client) -> None:
    assert client.get("/_control/999999/failures").status_code == 404
    assert client.post("/_control/999999/world", json={}).status_code == 404


def test_what_the_platforms_cost_is_counted(client: httpx.Client) -> None:
    before = client.get("/_control/cpu").json()
    count(client)
    after = client.get("/_control/cpu").json()
    assert after["requests"] == before["requests"] + 1
    assert after["bytes_sent"] > before["bytes_sent"]
    assert after["cpu_seconds"] >= before["cpu_seconds"]


class _Pusher:
    province, routes, folder = CODE, (), None
    credentials: dict[str, str] = {}  # noqa: RUF012 - it has none

    def __init__(self, fails: bool) -> None:
        self.fails, self.played = fails, 0

    def play(self, hub: Hub) -> None:
        self.played += 1
        if self.fails:
            raise ConnectionError(hub.url)


def test_one_actor_that_fails_does_not_stop_the_others(fleet: Fleet) -> None:
    bad, good = _Pusher(True), _Pusher(False)
    fleet.simulators = {"340000": bad, "500000": good, **fleet.simulators}
    assert isinstance(bad, Actor)
    failed = fleet.play({"340000": Hub("http://hub.test"), "500000": Hub("http://hub.test")})
    assert list(failed) == ["340000"]
    assert (bad.played, good.played) == (1, 1)
    assert fleet.play({"500000": Hub("http://hub.test")}) == {}
    assert bad.played == 1
