"""四川 as its description says: one timestamp, its second included, no pages."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.simulators import sichuan
from adapters.simulators.world import ProvinceWorld, World
from tests.adapters.simulators.asking import client_of

LIST = "/data/v1/instruments"


@pytest.fixture
def world() -> ProvinceWorld:
    return World(records=600).province("510000")


@pytest.fixture
def client(world: ProvinceWorld) -> Iterator[httpx.Client]:
    with client_of(sichuan.build(world, "http://platform.test", Path())) as held:
        held.headers["X-Api-Key"] = sichuan.API_KEY
        yield held


def test_rows_come_by_time_and_the_second_asked_for_is_included(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    whole = client.get(LIST, params={"limit": 2000}).json()
    assert whole["total"] == whole["count"] == world.total
    times = [row["updateTime"] for row in whole["instruments"]]
    assert times == sorted(times)
    middle = times[len(times) // 2]
    later = client.get(LIST, params={"updatedSince": middle, "limit": 2000}).json()
    assert "total" not in later
    assert [row["updateTime"] for row in later["instruments"]] == [time for time in times if time >= middle]


def test_a_limit_cuts_inside_a_second(client: httpx.Client) -> None:
    rows = client.get(LIST, params={"limit": 2000}).json()["instruments"]
    shared = next(a["updateTime"] for a, b in itertools.pairwise(rows) if a["updateTime"] == b["updateTime"])
    answer = client.get(LIST, params={"updatedSince": shared, "limit": 1}).json()
    again = client.get(
        LIST, params={"updatedSince": answer["instruments"][-1]["updateTime"], "limit": 1}
    ).json()
    assert answer["instruments"] == again["instruments"]  # the trap the description warns of


def test_a_touched_row_moves_to_the_end(client: httpx.Client, world: ProvinceWorld) -> None:
    world.tick(5)
    edited = world.touch(world.page(0, 1)[0].key)
    since = edited.modified.strftime(sichuan.TIME)
    rows = client.get(LIST, params={"updatedSince": since}).json()["instruments"]
    assert [row["requirement"] for row in rows] == [edited.user_notice]


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"limit": "0"}, "BAD_LIMIT"),
        ({"limit": "2001"}, "BAD_LIMIT"),
        ({"limit": "x"}, "BAD_LIMIT"),
        ({"updatedSince": "2026-02-30 00:00:00"}, "BAD_TIME"),
        ({"updatedSince": "now"}, "BAD_TIME"),
    ],
)
def test_bad_parameters_are_refused(client: httpx.Client, parameters: dict[str, str], error: str) -> None:
    answer = client.get(LIST, params=parameters)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("key", ["", "wrong", "钥匙"])
def test_without_the_key_nothing_is_told(client: httpx.Client, key: str) -> None:
    answer = client.get(LIST, headers={b"X-Api-Key": key.encode()})
    assert (answer.status_code, answer.json()["error"]) == (401, "INVALID_KEY")
