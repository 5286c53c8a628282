"""江苏 as its description says: signatures, clocks, nonces, pages, changes since an instant."""

import hashlib
import hmac
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from adapters.simulators import jiangsu
from adapters.simulators.jiangsu import Jiangsu
from adapters.simulators.world import ProvinceWorld, World
from tests.adapters.simulators.asking import client_of

LIST = "/openapi/v1/yq/list"
START = 1_795_000_000.0
nonces = (f"nonce{number:08d}" for number in count())


class Clock:
    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def world() -> ProvinceWorld:
    return World(records=300).province("320000")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(world: ProvinceWorld, clock: Clock) -> Iterator[httpx.Client]:
    with client_of(Jiangsu(world, clock)) as held:
        yield held


def signed(secret: str = jiangsu.APP_SECRET, **parameters: str) -> dict[str, str]:
    """Signed as section 1 says, by code that shares nothing with the simulator's."""
    given = {
        "appKey": jiangsu.APP_KEY,
        "timestamp": f"{START * 1000:.0f}",
        "nonce": next(nonces),
        **parameters,
    }
    text = "&".join("=".join((name, given[name])) for name in sorted(given, key=str.encode) if given[name])
    given["sign"] = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    return given


def ask(client: httpx.Client, parameters: dict[str, str]) -> Any:
    answer = client.get(LIST, params=parameters)
    assert answer.status_code == 200  # always; the outcome stands in the code
    return answer.json()


def test_the_signature_is_the_documented_one() -> None:
    parameters = {
        "pageNo": "1",
        "appKey": "k",
        "nonce": "abcdefgh",
        "timestamp": "5",
        "name": "",
        "sign": "?",
    }
    text = "appKey=k&nonce=abcdefgh&pageNo=1&timestamp=5"
    assert jiangsu.sign(parameters, "s") == hmac.new(b"s", text.encode(), hashlib.sha256).hexdigest()
    assert (
        jiangsu.sign({"b": "空 格+&", "a": "1"}, "s")
        == hmac.digest(b"s", "a=1&b=空 格+&".encode(), "sha256").hex()
    )


def test_pages_hold_everything_once(client: httpx.Client, world: ProvinceWorld) -> None:
    rows, number = [], 1
    while page := ask(client, signed(pageNo=str(number), pageSize="20"))["data"]["rows"]:
        rows += page
        number += 1
    assert len(rows) == world.total
    assert {row["sfcx"] for row in rows} == {"0"}
    data = ask(client, signed(pageNo="2", pageSize="20"))["data"]
    assert (data["pageNo"], data["pageSize"], data["total"]) == (2, 20, world.total)


def test_a_request_that_was_altered_is_refused(client: httpx.Client) -> None:
    parameters = signed(pageNo="1")
    assert ask(client, {**parameters, "pageNo": "2"})["code"] == 40102
    assert ask(client, {**signed(), "extra": "1"})["code"] == 40102
    assert ask(client, signed(secret="another"))["code"] == 40102
    assert ask(client, {**signed(), "sign": "签名"})["code"] == 40102
    unsigned = signed()
    del unsigned["sign"]
    assert ask(client, unsigned)["code"] == 40102


def test_an_unknown_key_is_refused(client: httpx.Client) -> None:
    assert ask(client, signed(appKey="nobody"))["code"] == 40101


def test_a_nonce_counts_once_and_only_for_a_time(client: httpx.Client, clock: Clock) -> None:
    parameters = signed()
    assert ask(client, parameters)["code"] == 0
    assert ask(client, parameters)["code"] == 40104
    clock.seconds += jiangsu.NONCE_SECONDS + 1
    again = signed(nonce=parameters["nonce"], timestamp=f"{clock.seconds * 1000:.0f}")
    assert ask(client, again)["code"] == 0


def test_a_refused_request_does_not_use_up_its_nonce(client: httpx.Client) -> None:
    assert ask(client, signed(secret="wrong", nonce="reusable0"))["code"] == 40102
    assert ask(client, signed(nonce="reusable0"))["code"] == 0


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_clock_that_is_off_is_refused(client: httpx.Client, seconds: int) -> None:
    assert ask(client, signed(timestamp=f"{(START + seconds) * 1000:.0f}"))["code"] == 40103
    inside = seconds - 2 if seconds > 0 else seconds + 2
    assert ask(client, signed(timestamp=f"{(START + inside) * 1000:.0f}"))["code"] == 0


@pytest.mark.parametrize(
    "parameters",
    [
        {"pageNo": "0"},
        {"pageSize": "501"},
        {"pageSize": "many"},
        {"updateTimeStart": "2026-13-01 00:00:00"},
        {"updateTimeStart": "yesterday"},
        {"nonce": "short"},
    ],
)
def test_bad_parameters_have_their_own_code(client: httpx.Client, parameters: dict[str, str]) -> None:
    answer = ask(client, signed(**parameters))
    assert answer["code"] == 40001
    assert next(iter(parameters)) in answer["message"]


def test_a_timestamp_that_is_no_number_is_refused(client: httpx.Client) -> None:
    assert ask(client, signed(timestamp="now"))["code"] == 40103


def test_changes_since_include_the_second_itself_and_what_was_withdrawn(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    first, second = (instrument.key for instrument in world.page(0, 2))
    edited = world.touch(first)
    gone = world.get(second)
    assert gone is not None
    world.vanish(second)
    withdrawn = world.now.strftime(jiangsu.TIME)
    since = edited.modified.strftime(jiangsu.TIME)
    data = ask(client, signed(updateTimeStart=since))["data"]
    assert data["total"] == 2
    assert data["rows"][0]["yhxz"] == edited.user_notice
    assert data["rows"][1] == {
        "tyshxydm": gone.unit.credit_code,
        "yqbh": gone.internal_number,
        "gxsj": withdrawn,
        "sfcx": "1",
    }
    assert ask(client, signed(updateTimeStart=since, pageNo="2", pageSize="2"))["data"]["rows"] == []
