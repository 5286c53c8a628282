"""Simulators fail exactly as asked, as often as asked, and then work again."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.simulators.failures import Failures, FailuresInvalid, failures_of
from adapters.simulators.metering import Meter
from adapters.simulators.world import ProvinceWorld, World


@pytest.fixture
def province() -> ProvinceWorld:
    return World(records=120).province("310000")


@pytest.fixture
def failures(province: ProvinceWorld) -> Failures:
    return failures_of(province)


class Platform:
    """Counts what reaches it and answers with the page that was asked for."""

    def __init__(self, failures: Failures) -> None:
        self.asked = 0
        routes = [Route("/page", self.page, methods=["GET", "POST"]), Route("/oauth2/token", self.page)]
        self.app = failures.wrap(Starlette(routes=routes))

    async def page(self, request: Request) -> Response:
        self.asked += 1
        return PlainTextResponse(f"page {request.query_params.get('n', '1')} of the whole list")

    def get(self, path: str = "/page", **parameters: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://platform.example") as client:
                return await client.get(path, params=parameters)

        return asyncio.run(ask())


def test_nothing_fails_unless_asked(failures: Failures) -> None:
    platform = Platform(failures)
    assert platform.get(n=3).text == "page 3 of the whole list"


def test_unavailable_so_many_times(failures: Failures) -> None:
    platform = Platform(failures)
    failures.set({"unavailable": 2, "retry_after": 7})
    answers = [platform.get() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert platform.asked == 1


def test_slow(failures: Failures) -> None:
    async def ask(platform: Platform) -> None:
        transport = httpx.ASGITransport(platform.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://platform.example") as client:
            async with asyncio.timeout(0.05):
                await client.get("/page")

    failures.set({"slow_seconds": 30})
    platform = Platform(failures)
    with pytest.raises(TimeoutError):
        asyncio.run(ask(platform))
    assert platform.asked == 0


def test_tokens_expire_in_mid_harvest(province: ProvinceWorld, failures: Failures) -> None:
    platform = Platform(failures)
    before = province.now
    failures.set({"expire_after": 3, "token_hours": 2})
    hours = []
    for _ in range(4):
        platform.get()
        hours.append((province.now - before).total_seconds() / 3600)
    assert hours == [0, 0, 2, 2]
    failures.set({"expire_tokens": 1})
    platform.get()
    assert (province.now - before).total_seconds() / 3600 == 4


def test_a_page_is_repeated_for_ever_but_no_token(failures: Failures) -> None:
    platform = Platform(failures)
    failures.set({"repeat_page": True})
    assert platform.get("/oauth2/token", n=9).text == "page 9 of the whole list"
    assert platform.get(n=1).text == "page 1 of the whole list", "too short for a page of records"
    pages = [digit * 600 for digit in "234"]
    assert [platform.get(n=n).text for n in pages] == [f"page {pages[0]} of the whole list"] * 3
    assert platform.get("/oauth2/token", n=8).text == "page 8 of the whole list"
    failures.clear()
    assert platform.get(n=5).text == "page 5 of the whole list"


def test_half_an_answer(failures: Failures) -> None:
    platform = Platform(failures)
    whole = platform.get()
    failures.set({"half_answers": 1})
    half = platform.get()
    assert half.content == whole.content[: len(whole.content) // 2]
    assert int(half.headers["content-length"]) == len(half.content)
    assert platform.get().content == whole.content


def test_a_connection_that_dies_in_the_middle(failures: Failures) -> None:
    platform = Platform(failures)
    failures.set({"broken_answers": 1})
    with pytest.raises(ConnectionAbortedError):
        platform.get()
    assert platform.get().status_code == 200


def test_faults_may_be_kept_to_some_paths(failures: Failures) -> None:
    platform = Platform(failures)
    failures.set({"unavailable": 1, "only": "token"})
    assert platform.get().status_code == 200
    assert platform.get("/oauth2/token").status_code == 503


def test_damaged_files(failures: Failures) -> None:
    failures.set({"half_files": 1, "wrong_checksums": 1})
    assert [failures.damage_of_next_file() for _ in range(3)] == ["half", "wrong_checksum", ""]


def test_lost_records_come_back(province: ProvinceWorld, failures: Failures) -> None:
    listed = [instrument.key for instrument in province.instruments()]
    failures.set({"lose_records": 3})
    lost = failures.state()["lost"]
    assert len(set(lost)) == 3
    assert set(lost) <= province.expected_keys()
    assert not set(lost) & {instrument.key for instrument in province.instruments()}
    failures.clear()
    assert [instrument.key for instrument in province.instruments()] == listed
    assert failures.state()["lost"] == []


def test_records_may_be_lost_by_name(province: ProvinceWorld, failures: Failures) -> None:
    key = min(province.expected_keys())
    failures.set({"lose_records": [key, key]})
    assert province.get(key) is None
    with pytest.raises(FailuresInvalid, match="no such record"):
        failures.set({"lose_records": [key]})


def test_a_source_that_suddenly_returns_nothing(province: ProvinceWorld, failures: Failures) -> None:
    failures.set({"nothing": True})
    assert province.total == 0
    failures.set({"nothing": False})
    assert province.total > 0


def test_clear_brings_back_all_at_once(province: ProvinceWorld, failures: Failures) -> None:
    listed = province.total
    failures.set({"lose_records": 2, "nothing": True})
    failures.clear()
    failures.clear()
    assert province.total == listed


@pytest.mark.parametrize(
    "wanted",
    [
        {"explode": True},
        {"unavailable": -1},
        {"unavailable": "3"},
        {"unavailable": True},
        {"repeat_page": 1},
        {"only": 5},
        {"slow_seconds": None},
        {"lose_records": 10_000},
        {"lose_records": [5]},
        {"lose_records": ["nobody|20150000001"]},
    ],
)
def test_unknown_faults_change_nothing(failures: Failures, wanted: dict[str, Any]) -> None:
    before = failures.state()
    with pytest.raises(FailuresInvalid):
        failures.set({"half_files": 2, **wanted})
    assert failures.state() == before


def test_a_province_has_one_set_of_failures(province: ProvinceWorld) -> None:
    assert failures_of(province) is failures_of(province)
    assert failures_of(World(records=120).province("310000")) is not failures_of(province)


def test_the_meter_counts_bytes_and_cpu(failures: Failures) -> None:
    platform, meter = Platform(failures), Meter()
    platform.app = meter.wrap(platform.app)
    before = meter.reading()
    answer = platform.get(n=2)
    after = meter.reading()
    assert after["requests"] == before["requests"] + 1
    assert after["bytes_sent"] == len(answer.content)
    assert after["cpu_seconds"] > before["cpu_seconds"] >= 0


@pytest.mark.parametrize(("fault", "acted"), [("lost_requests", 0), ("lost_answers", 1)])
def test_a_connection_that_dies_tells_nobody_whether_the_platform_acted(
    fault: str, acted: int, failures: Failures
) -> None:
    platform = Platform(failures)
    failures.set({fault: 1})
    with pytest.raises(ConnectionAbortedError):
        platform.get()
    assert platform.asked == acted
    assert platform.get().status_code == 200
