"""上海 as its description says: tokens that end, a signed cursor, tombstones, a rebuilt feed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.simulators import shanghai
from adapters.simulators.shanghai import Shanghai
from adapters.simulators.world import ProvinceWorld, World
from tests.adapters.simulators.asking import client_of, listed

CLIENT = (shanghai.CLIENT_ID, shanghai.CLIENT_SECRET)
CHANGES = "/api/v2/instruments/changes"


@pytest.fixture
def world() -> ProvinceWorld:
    return World(records=600).province("310000")


@pytest.fixture
def platform(world: ProvinceWorld) -> Shanghai:
    return shanghai.build(world, "http://platform.test", Path())


@pytest.fixture
def client(platform: Shanghai) -> Iterator[httpx.Client]:
    with client_of(platform) as held:
        yield held


def log_in(client: httpx.Client) -> dict[str, str]:
    answer = client.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=CLIENT)
    assert answer.headers["cache-control"] == "no-store"
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def read(client: httpx.Client, cursor: str = "", limit: int = 10) -> list[dict[str, Any]]:
    answers = []
    token = log_in(client)
    while True:
        answer = client.get(CHANGES, params={"cursor": cursor, "limit": limit}, headers=token).json()
        answers.append(answer)
        if not answer["has_more"]:
            return answers
        cursor = answer["next_cursor"]


def test_reading_from_the_start_gives_every_record_once(client: httpx.Client, world: ProvinceWorld) -> None:
    answers = read(client)
    items = listed(answers, "items")
    assert len(items) == world.total == answers[0]["total"]
    assert [item["resource"]["spec"] for item in items[:3]]
    assert {item["op"] for item in items} == {"upsert"}
    assert [item["updatedAt"] for item in items] == sorted(item["updatedAt"] for item in items)


def test_after_the_last_page_come_only_changes_each_record_at_its_latest(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    end = read(client)[-1]["next_cursor"]
    assert read(client, end)[0]["items"] == []
    first, second = (instrument.key for instrument in world.page(0, 2))
    world.touch(first)
    world.touch(first)
    world.vanish(second)
    items = read(client, end)[0]["items"]
    assert [(item["op"], item["resourceKey"]) for item in items] == [
        ("upsert", first.replace("|", ":")),
        ("remove", second.replace("|", ":")),
    ]
    assert "resource" not in items[1]
    whole = listed(read(client), "items")
    assert [item["resourceKey"] for item in whole].count(first.replace("|", ":")) == 1


def test_a_token_ends_when_its_time_is_over(client: httpx.Client, world: ProvinceWorld) -> None:
    token = log_in(client)
    assert client.get(CHANGES, headers=token).status_code == 200
    world.tick(shanghai.TOKEN_SECONDS)
    answer = client.get(CHANGES, headers=token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert client.get(CHANGES, headers=log_in(client)).status_code == 200


def test_a_full_read_of_many_pages_outlives_a_token(client: httpx.Client) -> None:
    token, statuses, cursor = log_in(client), [], ""
    for _ in range(shanghai.TOKEN_SECONDS // shanghai.SECONDS_PER_REQUEST + 1):
        statuses.append(client.get(CHANGES, params={"cursor": cursor}, headers=token).status_code)
    assert (statuses[0], statuses[-1]) == (200, 401)


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, ("someone", "else"), 401, "invalid_client"),
        ({"grant_type": "password"}, CLIENT, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "admin"}, CLIENT, 400, "invalid_scope"),
    ],
)
def test_who_gets_no_token(
    client: httpx.Client, form: dict[str, str], auth: tuple[str, str], status: int, error: str
) -> None:
    answer = client.post("/oauth2/token", data=form, auth=auth)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_broken_authorization_header_is_refused(client: httpx.Client) -> None:
    headers = {"Authorization": "Basic not-base64!"}
    answer = client.post("/oauth2/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert answer.status_code == 401


def test_the_client_may_stand_in_the_form(client: httpx.Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert client.post("/oauth2/token", data=form).status_code == 200


@pytest.mark.parametrize("cursor", ["x", "AAAA", "ü", "eyJhIjoxfQ"])
def test_a_cursor_that_is_not_ours_is_refused(client: httpx.Client, cursor: str) -> None:
    answer = client.get(CHANGES, params={"cursor": cursor}, headers=log_in(client))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_cursor")


def test_a_cursor_cannot_be_altered(client: httpx.Client) -> None:
    token = log_in(client)
    cursor = client.get(CHANGES, params={"limit": 3}, headers=token).json()["next_cursor"]
    altered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    assert client.get(CHANGES, params={"cursor": altered}, headers=token).status_code == 400
    access = token["Authorization"].partition(" ")[2]  # also sealed by the platform, but no cursor
    assert client.get(CHANGES, params={"cursor": access}, headers=token).status_code == 400


def test_a_rebuilt_feed_knows_no_older_cursor(client: httpx.Client, platform: Shanghai) -> None:
    token = log_in(client)
    cursor = client.get(CHANGES, headers=token).json()["next_cursor"]
    platform.rebuild_feed()
    answer = client.get(CHANGES, params={"cursor": cursor}, headers=token)
    assert (answer.status_code, answer.json()["error"]) == (410, "cursor_gone")


@pytest.mark.parametrize("limit", ["0", "1001", "ten", "-1", "１０"])
def test_a_limit_out_of_range_is_refused(client: httpx.Client, limit: str) -> None:
    answer = client.get(CHANGES, params={"limit": limit}, headers=log_in(client))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_limit")


def test_values_are_in_yuan_unless_the_unit_is_written(world: ProvinceWorld, client: httpx.Client) -> None:
    clean, marked = (instrument.key for instrument in world.page(0, 2))
    world.touch(clean, value=12_345, dirt=())
    world.touch(marked, value=12_345, dirt=("value_unit",))
    items = {item["resourceKey"]: item["resource"]["originalValue"] for item in listed(read(client), "items")}
    assert items[clean.replace("|", ":")] == "1234500.00"
    assert items[marked.replace("|", ":")] == "123.45万元"
