"""The whole belt, 33,817 instruments in eleven dialects: `/api/v1/statistics` equals the study's tables.

Counts and hours are exact, values within 0.2 亿元 (the printed totals of the study disagree by so much among
themselves, see `hub/catalog/reference/README.md`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.simulators.serve import HUB, write_atomically
from hub.catalog.service import reference
from tests.e2e.federation import PASSWORD, UNIT_KEYS, Federation, migrated_database, over, settings_of
from tests.e2e.processes import readers, simulators, wait_for

pytestmark = [pytest.mark.long, pytest.mark.database, pytest.mark.timeout(900)]

TABLES = Path(reference.__file__).parents[1] / "reference"
REGIONS = {
    "长三角": "yangtze_delta",
    "中部三省": "middle",
    "西部三省一市": "west",
    "长江经济带": "belt",
}
BANDS = {"50-200": "50-200", "200-500": "200-500", "500-800": "500-800", "800+": "800+", "合计": "total"}
COUNTRIES = {"美国": "US", "中国": "CN", "德国": "DE", "日本": "JP", "英国": "GB", "其他": "other"}
FUNDING = {"中央财政资金": "central_fiscal", "地方财政资金": "local_fiscal", "自筹": "own", "其他": "other"}
KINDS = {"高校": "university", "科研院所": "research_institute", "企业": "enterprise", "合计": "total"}
CLASSES = {"工艺试验设备": "工艺实验设备"}  # the study's word for class 12; the class list says 实验
YI = 0.2


@pytest.fixture(scope="module")
def belt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """The exact belt, harvested by two reading processes while this one serves, numbers and indexes."""
    home = tmp_path_factory.mktemp("whole")
    with simulators(home / "demo") as connections, migrated_database(home) as url:
        settings = settings_of(home, url, connections)
        with over(settings) as running, readers(settings) as reading:
            _tell_simulators(running, home / "demo" / HUB)
            largest_first = sorted(
                UNIT_KEYS, key=lambda code: (code == "500000", code not in ("320000", "330000"))
            )
            ends = {code: reading.read(code) for code in largest_first[:-1]}
            wait_for(lambda: running.work() or list((home / "demo").rglob("cqky_*.zip")), 300)
            ends["500000"] = reading.read("500000")
            while not all(end.done() for end in ends.values()):
                wait_for(lambda: running.work() or all(end.done() for end in ends.values()), 800)
            told = {code: end.result() for code, end in ends.items()}
            assert {
                (code, *end) for code, done in told.items() for end in done if end[1] != "complete"
            } == set()
            wait_for(lambda: running.work() or _is_delivered(running), 300, home / "demo" / "log")
            running.settle(300)
            yield running


def _tell_simulators(running: Federation, path: Path) -> None:
    hubs = {code: running.hub_of(code) for code in ("340000", "500000", "530000")}
    provinces = {
        code: {"platform_key": hub.platform_key, "username": hub.username, "password": PASSWORD}
        for code, hub in hubs.items()
    }
    write_atomically(path, {"url": running.url, "provinces": provinces})


def _is_delivered(running: Federation) -> bool:
    """安徽's digest was found complete and 云南's workbook is read."""
    runs = running.get("/api/v1/provinces/340000/runs", resource="instruments", limit=1)["items"]
    uploads = running.get("/api/v1/provinces/530000/runs", resource="instruments", limit=1)["items"]
    return bool(
        runs and runs[0]["trigger"] == "digest" and runs[0]["state"] == "finished"
        and uploads and uploads[0]["state"] == "finished"
    )  # fmt: skip


@pytest.fixture(scope="module")
def told(belt: Federation) -> dict[str, Any]:
    found: dict[str, Any] = belt.get("/api/v1/statistics")
    return found


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def near(amount: Mapping[str, Any], count: str, value: str) -> None:
    assert amount["count"] == int(count)
    assert amount["value_fen"] / 1e10 == pytest.approx(float(value), abs=YI)


def test_total_and_organisations(told: Mapping[str, Any]) -> None:
    assert told["total"]["count"] == 33_817
    assert told["total"]["value_yi"] == pytest.approx(472.2, abs=YI)
    units = {row["code"]: row["units"] for row in told["organisations"]}
    assert units == {KINDS[row["type"]]: int(row["units"]) for row in table("t0_orgs")}


def test_categories(told: Mapping[str, Any]) -> None:
    shown = {row["zh"]: row for row in told["categories"]}
    for row in table("t0_category"):
        amount = shown[CLASSES.get(row["category"], row["category"])]
        if row["count"]:
            near(amount, row["count"], row["value_yi"])
        else:
            assert 3 <= 100 * amount["count"] / 33_817 <= 5, row["category"]


def test_price_bands(told: Mapping[str, Any]) -> None:
    shown = {(row["region"]["code"], row["band"]["code"]): row for row in told["price_bands"]}
    for row in table("t1_price_band"):
        if row["region"] in REGIONS:
            amount = shown[REGIONS[row["region"]], BANDS[row["band_wan_yuan"]]]
            near(amount, row["count"], row["value_yi_yuan"])
    assert not {band for _, band in shown} - set(BANDS.values())


def test_countries(told: Mapping[str, Any]) -> None:
    shown = {row["code"]: row for row in told["countries"]}
    for row in table("t2_country"):
        near(shown[COUNTRIES[row["country"]]], row["count"], row["value_yi"])
    assert shown.keys() == set(COUNTRIES.values())


def test_funding(told: Mapping[str, Any]) -> None:
    shown = {row["code"]: row for row in told["funding"]}
    for row in table("t3_funding"):
        near(shown[FUNDING[row["source"]]], row["count"], row["value_yi"])
    assert shown.keys() == set(FUNDING.values())


def test_sharing_and_hours(told: Mapping[str, Any]) -> None:
    shown = {row["region"]["code"]: row for row in told["sharing"]}
    for row in table("t5_sharing"):
        region = shown[REGIONS[row["region"]]]
        for mode, word in (("external", "外部共享"), ("internal", "内部共享"), ("none", "不共享")):
            near(region[mode], row[f"n_{word}"], row[f"v_{word}_yi"])
        assert region["unknown"]["count"] == region["without_hours"] == 0
        assert region["effective_hours"] == round(float(row["年有效工作机时_wan_h"]) * 10_000)
        assert region["external_hours"] == round(float(row["年对外服务机时_wan_h"]) * 10_000)


def test_fiscal_funds(told: Mapping[str, Any]) -> None:
    shown = {row["region"]["code"]: row for row in told["fiscal"]}
    for row in table("t6_fiscal"):
        region = shown[REGIONS[row["region"]]]
        near(region["central_fiscal"], row["central_count"], row["central_value_yi"])
        near(region["local_fiscal"], row["local_count"], row["local_value_yi"])


def test_what_only_the_study_knows_is_served_with_its_source(told: Mapping[str, Any]) -> None:
    shown = {each["table"]: each for each in told["reference"]}
    for name, expected in {
        "t1_price_band": [row for row in table("t1_price_band") if row["region"] == "全国"],
        "t7_gdp_2018": table("t7_gdp_2018"),
        "t8_technicians": table("t8_technicians"),
    }.items():
        assert "51(6)" in shown[name]["source"]["zh"]
        assert "51(6)" in shown[name]["source"]["en"]
        assert len(shown[name]["rows"]) == len(expected)
        for served, row in zip(shown[name]["rows"], expected, strict=True):
            assert {key: str(value) for key, value in served.items()} == {
                key: _plain(value) for key, value in row.items()
            }


def _plain(text: str) -> str:
    try:
        return str(float(text) if "." in text else int(text))
    except ValueError:
        return text


def test_search_counts_the_same(belt: Federation) -> None:
    found = belt.get("/api/v1/instruments")
    assert (found["total"], found["total_open"], found["total_any"]) == (16_187, 16_187, 33_817)
    every = belt.get("/api/v1/instruments", open="any")
    by_province = {value["code"]: value["count"] for value in every["facets"]["province"]}
    shown = {item["code"]: item["counts"]["any"] for item in belt.get("/api/v1/provinces")["items"]}
    assert by_province == shown
    assert sum(shown.values()) == 33_817
    assert sum(place["count"] for place in belt.get("/api/v1/map", open="any")["cities"]) == 33_817


def test_about_one_in_a_hundred_is_in_quarantine_and_nothing_is_held(belt: Federation) -> None:
    items = belt.get("/api/v1/provinces")["items"]
    assert {item["state"] for item in items} == {"connected"}
    assert sum(item["counts"]["held"] for item in items) == 0
    quarantined = sum(item["counts"]["quarantined"] for item in items)
    assert 0.009 < quarantined / 33_817 < 0.011
