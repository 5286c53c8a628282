"""浙江 as its description says: a login that ends, lists, pushes that wait for approval, hours in a date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.simulators import zhejiang
from adapters.simulators.world import ProvinceWorld, World
from adapters.simulators.zhejiang import Zhejiang
from tests.adapters.simulators.asking import client_of, listed

LOGIN = "/external-serve/authorization/getToken"
ACCOUNT = {"username": zhejiang.USERNAME, "password": zhejiang.PASSWORD}
LIST = "/external-serve/manage/enterprise/school-instrument-list"
PUSH = "/external-serve/manage/enterprise/school-instrument-push"
SERVICES = "/external-serve/service/instrument-service-list"
PUSH_SERVICES = "/external-serve/service/batch-push-instrument-service"


@pytest.fixture
def world() -> ProvinceWorld:
    return World(records=600).province("330000")


@pytest.fixture
def platform(world: ProvinceWorld) -> Zhejiang:
    return zhejiang.build(world, "http://platform.test", Path())


@pytest.fixture
def client(platform: Zhejiang) -> Iterator[httpx.Client]:
    with client_of(platform) as held:
        yield held


def ask(client: httpx.Client, path: str, body: Any) -> Any:
    """One request after a fresh login."""
    token = client.post(LOGIN, json=ACCOUNT).json()["token"]
    return client.post(path, json=body, headers={"Authorization": token}).json()


def read(client: httpx.Client, path: str, size: int) -> list[Any]:
    answers: list[Any] = []
    while not answers or answers[-1]["rows"]:
        answers.append(ask(client, path, {"pageNum": len(answers) + 1, "pageSize": size}))
    return answers


def test_the_list_holds_everything_once_under_the_observed_names(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    answers = read(client, LIST, 20)
    rows = listed(answers, "rows")
    assert len(rows) == world.total == answers[0]["total"]
    assert {"pormat", "instruId", "companyId", "functionField", "sPhone", "gs1Code"} <= set(rows[0])
    assert all(value for row in rows for value in row.values())  # nothing is empty: 「无」 stands for nothing
    assert len({row["id"] for row in rows}) == world.total


def test_the_token_lasts_five_requests_and_the_answer_stays_200(client: httpx.Client) -> None:
    token = client.post(LOGIN, json=ACCOUNT).json()["token"]
    answers = [client.post(LIST, json={}, headers={"Authorization": token}) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["code"] for answer in answers] == [200] * 4 + [401]


def test_a_wrong_password_gets_no_token(client: httpx.Client) -> None:
    answer = client.post(LOGIN, json={**ACCOUNT, "password": "x"}).json()
    assert answer == {"code": 500, "msg": "用户名或密码错误"}
    assert client.post(LOGIN, content=b"{").json()["code"] == 400
    assert client.post(LIST, json={}).json()["code"] == 401


def test_logging_out_ends_the_token(client: httpx.Client) -> None:
    token = {"Authorization": client.post(LOGIN, json=ACCOUNT).json()["token"]}
    assert client.post("/external-serve/logout", headers=token).json()["code"] == 200
    assert client.post(LIST, json={}, headers=token).json()["code"] == 401


@pytest.mark.parametrize(
    "body", [{"pageNum": 0}, {"pageSize": 501}, {"pageNum": "1"}, {"pageSize": True}, [], "x"]
)
def test_bad_paging_is_refused(client: httpx.Client, body: Any) -> None:
    assert ask(client, LIST, body)["code"] == 400


def test_a_pushed_instrument_waits_for_approval(
    client: httpx.Client, platform: Zhejiang, world: ProvinceWorld
) -> None:
    unit = world.units[0]
    record = {"companyId": unit.credit_code, "instruId": "N-1", "name": "示例仪器", "pormat": "X"}
    assert ask(client, PUSH, [record])["code"] == 200
    assert platform.waiting == [record]
    assert ask(client, LIST, {})["total"] == world.total


@pytest.mark.parametrize("fault", [{"companyId": "12330000470000000A"}, {"instruId": ""}, {"name": None}])
def test_one_bad_record_refuses_the_whole_push(
    client: httpx.Client, platform: Zhejiang, world: ProvinceWorld, fault: dict[str, Any]
) -> None:
    good = {"companyId": world.units[0].credit_code, "instruId": "N-1", "name": "示例仪器"}
    answer = ask(client, PUSH, [good, {**good, **fault}])
    assert answer["code"] == 500
    assert "第 2 条" in answer["msg"]
    assert next(iter(fault)) in answer["msg"]
    assert platform.waiting == []


def test_service_records_hold_hours_in_the_field_called_date(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    answers = read(client, SERVICES, 7)
    records = listed(answers, "rows")
    assert len(records) == answers[0]["total"] > 10
    assert len({record["orderCode"] for record in records}) == len(records)
    assert all(isinstance(record["serviceDate"], int) for record in records)
    assert all(record["servicingTime"].startswith("2025-") for record in records)
    served = {f"{row.unit.credit_code}|{row.internal_number}": row.external_hours for _, row in world.good()}
    told: dict[str, int] = {}
    for record in records:
        key = f"{record['companyId']}|{record['assetCode']}"
        told[key] = told.get(key, 0) + record["serviceDate"]
    assert told == {key: hours for key, hours in served.items() if hours}


def test_service_records_follow_the_world(client: httpx.Client, world: ProvinceWorld) -> None:
    before = ask(client, SERVICES, {})["total"]
    served = next(row for _, row in world.good() if row.external_hours > 2)
    world.vanish(served.key)
    assert ask(client, SERVICES, {})["total"] < before


def test_pushed_services_need_their_order_and_instrument(client: httpx.Client, platform: Zhejiang) -> None:
    assert ask(client, PUSH_SERVICES, [{"orderCode": "1"}])["code"] == 500
    assert ask(client, PUSH_SERVICES, {})["code"] == 400
    assert ask(client, PUSH_SERVICES, [{"orderCode": "1", "assetCode": "2"}])["code"] == 200
    assert len(platform.waiting_services) == 1
