"""The yearly survey, read as its description says, tells everything the world knows and nothing else."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from adapters.simulators.survey import instrument_row, survey_routes, unit_row
from adapters.simulators.world import ProvinceWorld, World

DESCRIPTION = Path(__file__).parents[3] / "adapters" / "simulators" / "SURVEY.md"


@pytest.fixture
def province() -> ProvinceWorld:
    return World(records=600).province("330000")


def get(province: ProvinceWorld, path: str, **parameters: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=list(survey_routes(province))))
        async with httpx.AsyncClient(transport=transport, base_url="http://survey.example") as client:
            return await client.get(path, params=parameters)

    return asyncio.run(ask())


def read_all(province: ProvinceWorld, sheet: str, size: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = 0
    while True:
        page += 1
        answer = get(province, f"/survey/2025/{sheet}.ndjson", page=page, size=size)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        rows += lines
        if not lines:
            assert int(answer.headers["x-total-count"]) == len(rows)
            return rows


def test_every_instrument_is_told_once(province: ProvinceWorld) -> None:
    rows = read_all(province, "instruments", size=50)
    assert {f"{row['所属单位标识']}|{row['单位内部编号']}" for row in rows} == province.expected_keys()
    assert len(rows) == province.survey_total
    assert rows == [instrument_row(row) for _, row in province.good()]


def test_every_unit_is_told_once(province: ProvinceWorld) -> None:
    rows = read_all(province, "units", size=7)
    assert rows == [unit_row(unit) for unit in province.units]
    assert {row["单位性质"] for row in rows} == {"高校", "科研院所", "企业"}


def test_both_forms_hold_the_same_rows(province: ProvinceWorld) -> None:
    lines = get(province, "/survey/latest/instruments.ndjson", page=2, size=20).text.splitlines()
    document = get(province, "/survey/2025/instruments.json", page=2, size=20).json()
    assert document["数据"] == [json.loads(line) for line in lines]
    assert (document["总数"], document["页码"], document["每页条数"]) == (province.survey_total, 2, 20)


def test_service_items_are_whole(province: ProvinceWorld) -> None:
    rows = get(province, "/survey/2025/instruments.json", size=2000).json()["数据"]
    shared = [row for row in rows if row["共享模式"] == "外部共享"]
    assert shared
    for row in rows:
        assert bool(row["检测服务项目"]) == (row in shared)
    for item in (item for row in shared for item in row["检测服务项目"]):
        assert float(item["收费标准（元）"]) > 0
        assert item["CMA范围内"] in ("是", "否")
        assert item["依据标准"]


def test_a_vanished_instrument_is_not_surveyed(province: ProvinceWorld) -> None:
    rows = read_all(province, "instruments", size=100)
    gone = rows[4]
    province.vanish(f"{gone['所属单位标识']}|{gone['单位内部编号']}")
    assert read_all(province, "instruments", size=100) == [row for row in rows if row != gone]


def test_an_empty_source_says_so(province: ProvinceWorld) -> None:
    province.go_empty()
    for sheet in ("units", "instruments"):
        answer = get(province, f"/survey/2025/{sheet}.json")
        assert answer.json() == {"调查年度": 2025, "总数": 0, "页码": 1, "每页条数": 500, "数据": []}


@pytest.mark.parametrize(
    "parameters", [{"page": "0"}, {"page": "x"}, {"size": "2001"}, {"size": "-1"}, {"page": "１"}]
)
def test_unfit_parameters_are_refused(province: ProvinceWorld, parameters: dict[str, str]) -> None:
    answer = get(province, "/survey/2025/units.ndjson", **parameters)
    assert answer.status_code == 400
    assert answer.json()["错误码"] == "BAD_PARAMETER"
    assert next(iter(parameters)) in answer.json()["说明"]


def test_only_the_surveyed_year_exists(province: ProvinceWorld) -> None:
    answer = get(province, "/survey/1999/units.json")
    assert (answer.status_code, answer.json()["错误码"]) == (404, "NO_SUCH_YEAR")
    assert get(province, "/survey/2025/people.json").status_code == 404


def test_the_description_names_every_column(province: ProvinceWorld) -> None:
    text = DESCRIPTION.read_text(encoding="utf-8")
    rows = [unit_row(unit) for unit in province.units] + [instrument_row(row) for _, row in province.good()]
    columns = {name for row in rows for name in row}
    columns |= {name for row in rows for item in row.get("检测服务项目", ()) for name in item}
    assert [name for name in sorted(columns) if name not in text] == []
