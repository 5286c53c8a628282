"""The routes of search, through the whole application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

import schemas
from hub.app import create_app
from hub.availability.rules import default_rules
from hub.core.runtime import Runtime
from hub.search.index import SearchIndex
from tests.bench.corpus import NOW, Availability
from tests.hub.search import catalogue
from tests.hub.search.conftest import build
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock


@pytest.fixture
def api(runtime: Runtime, catalogue_index: SearchIndex) -> Iterator[httpx.Client]:
    app = create_app(replace(runtime, index=catalogue_index))
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test/api/v1") as client:
        yield client


def ask(api: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_list(api: httpx.Client) -> None:
    told = ask(api, "/instruments", q="smdj")
    assert set(told) == {
        "total", "total_open", "total_any", "items", "facets", "explanations", "groups", "next", "index_number",
    }  # fmt: skip
    assert (told["total"], told["total_open"], told["total_any"]) == (3, 3, 4)
    first = told["items"][0]
    assert first["name_zh"] == "扫描电镜"
    assert first["highlights"]["name_zh"] == [{"text": "扫描电镜", "is_hit": True}]
    assert told["explanations"][0]["text_zh"] == "按拼音匹配：扫描电镜"
    assert told["facets"]["province"][0].keys() == {"code", "label", "count", "is_selected", "parent"}


def test_all_sharing_modes(api: httpx.Client) -> None:
    assert ask(api, "/instruments", q="smdj", open="any")["total"] == 4
    assert ask(api, "/instruments", sharing="internal,none")["total"] == 3


def test_filters_repeat_or_are_separated_by_commas(api: httpx.Client) -> None:
    repeated = ask(api, "/instruments", province=["310000", "320000"])
    assert repeated == ask(api, "/instruments", province="310000,320000")
    selected = [value["code"] for value in repeated["facets"]["province"] if value["is_selected"]]
    assert sorted(selected) == ["310000", "320000"]


def test_pages(api: httpx.Client) -> None:
    found: list[str] = []
    parameters: dict[str, Any] = {"q": "仪", "limit": 5, "sort": "newest"}
    while True:
        told = ask(api, "/instruments", **parameters)
        found += [item["id"] for item in told["items"]]
        if told["next"] is None:
            break
        parameters["cursor"] = told["next"]
    assert len(found) == len(set(found)) == told["total"] > 10


def test_fee_and_distance(api: httpx.Client) -> None:
    told = ask(api, "/instruments", q="试验机", sort="fee", unit="sample", quantity=3, near="104.06,30.67")
    first = told["items"][0]
    assert first["fee"] == {"unit": "sample", "fee_fen": 30000, "quantity": 3.0, "total_fen": 90000}
    assert first["distance_km"] < 30


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"free_from": "2026-01-06", "free_to": "2026-01-06"}, 1),
        ({"free_from": "2026-01-06T09:00", "free_to": "2026-01-06T09:30"}, 1),
        ({"free_from": "2026-01-06T09:00:00+08:00", "free_to": "2026-01-06T01:30:00Z"}, 1),
        ({"free_from": "2026-01-06T12:00+08:00", "free_to": "2026-01-06T13:00+08:00"}, 0),
        ({"free_from": "2026-01-10", "free_to": "2026-01-11"}, 0),
        ({"free_to": "2026-01-05"}, 0),
    ],
    ids=str,
)
def test_free_between(runtime: Runtime, tmp_path: Any, asked: dict[str, str], total: int) -> None:
    [held] = [one for one in catalogue.documents() if one.id == catalogue.identifier("sem1")]
    known = Availability(default_rules("310000", date(2026, 1, 5)).opening)
    index = build(tmp_path, [replace(held, availability=known)])
    app = create_app(replace(runtime, index=index, clock=VirtualClock()))
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test/api/v1") as client:
        assert ask(client, "/instruments", **asked)["total"] == ask(client, "/map", **asked)["total"] == total
        [item] = ask(client, "/instruments", sort="earliest")["items"]
    assert item["availability"] == {
        "source": "default",
        "next_free": {"start": "2026-01-06T01:00:00+00:00", "end": "2026-01-06T02:00:00+00:00"},
    }


def test_other_kinds(api: httpx.Client) -> None:
    assert ask(api, "/instruments", kind="service", q="拉伸")["items"][0]["instrument_name"]
    told = ask(api, "/instruments", kind="institution", q="江东")
    assert told["items"][0]["open_instruments"] == 6


SEARCHES: tuple[dict[str, Any], ...] = (
    {},
    {"open": "any", "limit": 100},
    {"q": "显微镜", "province": "310000,320000", "class": "010000"},
    {"q": "smdj"},
    {"q": "量子纠缠"},
    {"sort": "fee", "unit": "sample", "quantity": 2.5},
    {"sort": "distance", "near": "121.47,31.23", "open": "any"},
    {"sort": "earliest", "free_from": "2026-11-24", "free_to": "2026-12-24"},
    {"kind": "service", "open": "any", "limit": 100},
    {"kind": "institution", "limit": 100, "lang": "en"},
    {"province": "110000"},
)


@pytest.mark.parametrize("asked", SEARCHES, ids=str)
def test_answers_are_documents_of_the_specification(
    runtime: Runtime, catalogue_index: SearchIndex, corpus_index: SearchIndex, asked: dict[str, Any]
) -> None:
    for index in (catalogue_index, corpus_index):
        app = create_app(replace(runtime, index=index, clock=lambda: NOW))
        with httpx.Client(transport=InProcess(app), base_url="http://hub.test/api/v1") as client:
            told = ask(client, "/instruments", **asked)
            assert schemas.problems("instrument-page", told) == []
            assert schemas.is_valid("instrument-page", told)
            on_map = {name: value for name, value in asked.items() if name not in {"limit", "sort"}}
            counted = ask(client, "/map", **on_map)
            assert schemas.problems("map-counts", counted) == []
            assert schemas.is_valid("map-counts", counted)


@pytest.mark.parametrize("text", ["smdj", "显", "JEM", "大学", "s", "", "zzzz"])
def test_suggestions_are_a_document_of_the_specification(
    runtime: Runtime, catalogue_index: SearchIndex, corpus_index: SearchIndex, text: str
) -> None:
    for index in (catalogue_index, corpus_index):
        app = create_app(replace(runtime, index=index))
        with httpx.Client(transport=InProcess(app), base_url="http://hub.test/api/v1") as client:
            assert schemas.problems("suggestion-list", ask(client, "/suggest", q=text)) == []


def test_openapi_refers_to_the_documents(api: httpx.Client) -> None:
    paths = ask(api, "/openapi.json")["paths"]

    def answer(path: str) -> Any:
        return paths[f"/api/v1{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    for path, name in (
        ("/instruments", "instrument-page"),
        ("/map", "map-counts"),
        ("/suggest", "suggestion-list"),
        ("/statistics", "statistics"),
    ):
        assert answer(path) == {"$ref": f"/schemas/v1/{name}.schema.json"}
    for path, name in (("/institutions", "institution"), ("/services", "service-item")):
        assert answer(path)["properties"]["items"]["items"] == {"$ref": f"/schemas/v1/{name}.schema.json"}
    told = {one["name"] for one in paths["/api/v1/instruments"]["get"]["parameters"]}
    assert {"q", "free_from", "free_to", "sort", "province", "institution"} <= told


def test_the_map(api: httpx.Client) -> None:
    told = ask(api, "/map", q="显微镜", province="310000")
    assert told["total"] == sum(city["count"] for city in told["cities"])
    shanghai = next(place for place in told["provinces"] if place["code"] == "310000")
    assert shanghai["is_selected"]
    assert (shanghai["lon"], shanghai["lat"]) == (121.47, 31.23)


def test_suggestions(api: httpx.Client) -> None:
    told = ask(api, "/suggest", q="smdj")
    assert told["items"][0] == {
        "text": "扫描电镜",
        "kind": "alias",
        "count": 3,
        "matched": "pinyin",
        "id": None,
    }
    assert ask(api, "/suggest") == {"items": []}
    assert len(ask(api, "/suggest", q="显", limit=1000)["items"]) <= 20


def test_the_language(api: httpx.Client) -> None:
    by_header = api.get("/instruments", headers={"Accept-Language": "en"}).json()
    assert by_header["facets"] == ask(api, "/instruments", lang="en")["facets"]
    assert "Shanghai" in {value["label"] for value in by_header["facets"]["province"]}


@pytest.mark.parametrize(
    ("parameters", "field", "status"),
    [
        ({"province": "上海"}, "province", 422),
        ({"band": "cheap"}, "band", 422),
        ({"provnce": "310000"}, "provnce", 422),
        ({"cursor": "abc"}, "cursor", 400),
        ({"limit": "many"}, "limit", 422),
        ({"limit": "1000"}, "limit", 422),
        ({"limit": "-1"}, "limit", 422),
        ({"near": "Shanghai"}, "near", 422),
        ({"near": "121.4,abc"}, "near", 422),
        ({"near": "121.4,31", "radius": "nan"}, "radius", 422),
        ({"near": "121.4,31", "radius": "1e999"}, "radius", 422),
        ({"sort": "price"}, "sort", 422),
        ({"sort": "fee"}, "unit", 422),
        ({"unit": "hour", "quantity": "0"}, "quantity", 422),
        ({"lang": "fr"}, "lang", 422),
        ({"open": "maybe"}, "open", 422),
        ({"kind": "person"}, "kind", 422),
        ({"free_from": "tomorrow"}, "free_from", 422),
        ({"free_from": "2026-02-30"}, "free_from", 422),
        ({"free_to": "9999-12-31"}, "free_to", 422),
        ({"free_from": "2026-03-02T25:00:00"}, "free_from", 422),
        ({"free_from": "2026-03-02", "free_to": "2026-03-01"}, "free_to", 422),
        ({"kind": "service", "free_from": "2026-03-02"}, "free_from", 422),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_a_problem(
    api: httpx.Client, parameters: dict[str, str], field: str, status: int
) -> None:
    for path in ("/instruments", "/map"):
        if path == "/map" and field == "cursor":
            continue
        answer = api.get(path, params=parameters)
        told = answer.json()
        assert (answer.status_code, told["field"]) == (status, field), told
        assert answer.headers["content-type"] == "application/problem+json"
        assert schemas.is_valid("problem", told), told
        assert told["zh"] != told["en"]


@pytest.mark.parametrize("text", ["AND (", "*", '"', "😀", "扫" * 500, "\x01", "a^9", "' OR 1=1"])
def test_hostile_text_is_only_text(api: httpx.Client, text: str) -> None:
    for path in ("/instruments", "/map", "/suggest"):
        assert api.get(path, params={"q": text}).status_code == 200


def test_an_unchanged_answer_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/instruments", params={"q": "电镜"})
    again = api.get("/instruments", params={"q": "电镜"}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert "search;dur=" in first.headers["server-timing"]


def test_without_an_index_it_says_when_to_come_back(runtime: Runtime, tmp_path: Any) -> None:
    for index in (None, SearchIndex(tmp_path / "nothing")):
        app = create_app(replace(runtime, index=index))
        with httpx.Client(transport=InProcess(app), base_url="http://hub.test/api/v1") as client:
            answer = client.get("/instruments")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert answer.json()["code"] == "index_not_ready"


def test_the_catalogue_of_cases_is_what_is_served(api: httpx.Client) -> None:
    assert ask(api, "/instruments", open="any")["total"] == len(catalogue.INSTRUMENTS)
