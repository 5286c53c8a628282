"""A small belt, harvested whole through the real entrances: all of it is there, it is true, and it adds up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import schemas
from adapters.simulators.world import World
from hub.catalog.queries import index_feed
from tests.adapters.provinces import truth
from tests.e2e import crawl, expected
from tests.e2e.federation import Federation, federation

pytestmark = [pytest.mark.long, pytest.mark.database]

PROVINCES = tuple(World(records=1).provinces)


@pytest.fixture(scope="module")
def belt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """About 2,000 instruments of eleven provinces; nobody may move this world."""
    with federation(World(records=2000), tmp_path_factory.mktemp("belt")) as running:
        running.play()
        for code, ends in running.harvest(PROVINCES).items():
            assert [end.verdict for end in ends] == ["complete"] * len(ends), (code, ends)
        running.settle()
        yield running


@pytest.fixture(scope="module")
def world(belt: Federation) -> World:
    assert belt.fleet is not None
    return belt.fleet.world


@pytest.fixture(scope="module")
def admin(belt: Federation) -> Iterator[httpx.Client]:
    with belt.signed_in(belt.put_account("admin", "hub_admin")) as client:
        yield client


@pytest.fixture(scope="module")
def held(belt: Federation) -> Mapping[str, index_feed.IndexDocument]:
    """Every listed instrument with its institution and services, from the catalogue."""
    found: dict[str, index_feed.IndexDocument] = {}
    after = ""
    with belt.runtime.database.read() as session:
        while page := index_feed.iterate_documents(session, after_id=after, limit=500):
            found |= {document.id: document for document in page}
            after = page[-1].id
    return found


def test_every_good_record_is_shown_and_no_other(
    belt: Federation, world: World, held: Mapping[str, index_feed.IndexDocument]
) -> None:
    wanted = {expected.id_of(code, instrument) for code, instrument, _ in expected.good(world)}
    assert {id for id, document in held.items() if document.kind == "instrument"} == wanted
    listed = belt.every("/api/v1/instruments", open="any", sort="newest", limit=100)
    assert Counter(item["id"] for item in listed) == Counter(wanted)
    open_ones = {
        expected.id_of(code, instrument)
        for code, instrument, row in expected.good(world)
        if row.sharing == "外部共享"
    }
    listed = belt.every("/api/v1/instruments", sort="newest", limit=100)
    assert Counter(item["id"] for item in listed) == Counter(open_ones)


def test_every_institution_is_shown(belt: Federation, world: World) -> None:
    wanted = {
        schemas.ids.institution_id(code, getattr(unit, expected.UNIT_KEYS[code]))
        for code in world.provinces
        for unit in world.province(code).units
    }
    listed = belt.every("/api/v1/institutions", limit=200)
    assert Counter(item["id"] for item in listed) == Counter(wanted)


@pytest.mark.parametrize("code", PROVINCES)
def test_every_document_is_the_truth(
    code: str, world: World, held: Mapping[str, index_feed.IndexDocument]
) -> None:
    dirty = 0
    for instrument, row in world.province(code).good():
        shown = held[expected.id_of(code, instrument)]
        assert expected.said(shown.document) == expected.facts_of(instrument, row)
        assert [expected.item_said(item) for item in shown.service_items] == expected.items_of(row)
        assert shown.institution is not None
        assert shown.institution["name_zh"] == instrument.unit.name
        assert not shown.is_stale
        dirty += bool(instrument.dirt)
        if code in expected.EXACT:
            document = dict(shown.document)
            document.pop("source_classification")
            surveyed = {k: v for k, v in expected.survey_facts(row).items() if v is not None}
            assert document == truth.document_of(code, instrument) | surveyed
    assert dirty > 0


@pytest.mark.parametrize("code", PROVINCES)
def test_exactly_the_hopeless_are_in_quarantine(
    code: str, belt: Federation, world: World, admin: httpx.Client
) -> None:
    """Each by its marker: found in the raw record of one quarantined item, with the reason that fits, and nowhere else."""
    hopeless = {each.marker: each for each in world.province(code).hopeless}
    items = belt.every(f"/api/v1/provinces/{code}/quarantine", admin, limit=200)
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        assert item["resource"] == "instruments"
        raw = admin.get(f"/api/v1/provinces/{code}/quarantine/{item['id']}/raw").json()["raw"]
        [marker] = [marker for marker in hopeless if marker in raw]
        assert marker not in found
        found[marker] = item
    assert found.keys() == hopeless.keys()
    for marker, item in found.items():
        assert {reason["code"] for reason in item["reasons"]} == expected.REASONS[hopeless[marker].reason] & {
            reason["code"] for reason in item["reasons"]
        }
        assert item["reasons"]
        assert item["is_duplicate"] == (hopeless[marker].reason == "duplicate_number")
        key = expected.key_of(code, hopeless[marker].instrument)
        assert item["key"] == (None if key.endswith("|") else key)


def test_nobody_outside_sees_whose_record_is_in_quarantine(belt: Federation, world: World) -> None:
    for code in world.provinces:
        for item in belt.every(f"/api/v1/provinces/{code}/quarantine", limit=200):
            assert "key" not in item
            assert all("value" not in reason for reason in item["reasons"])
            assert belt.client.get(f"/api/v1/provinces/{code}/quarantine/{item['id']}/raw").status_code == 401


def test_all_counts_agree(belt: Federation, world: World) -> None:
    """List, facets, map, provinces and statistics say the same, and it is what the world holds."""
    total = sum(expected.counted(world, "province").values())
    sharing = expected.counted(world, "sharing")
    every = belt.get("/api/v1/instruments", open="any")
    usual = belt.get("/api/v1/instruments")
    assert (every["total"], every["total_open"], every["total_any"]) == (total, sharing["external"], total)
    assert (usual["total"], usual["total_open"], usual["total_any"]) == (
        sharing["external"],
        sharing["external"],
        total,
    )
    for name in ("province", "city", "country", "band", "sharing", "institution_kind"):
        facet = {value["code"]: value["count"] for value in every["facets"][name] if value["count"]}
        assert facet == expected.counted(world, name), name
    classes = {v["code"]: v["count"] for v in every["facets"]["class"] if v["count"] and not v["parent"]}
    assert classes == expected.counted(world, "class")

    places = belt.get("/api/v1/map", open="any")
    assert places["total"] == total
    for name in ("province", "city"):
        told = {
            place["code"]: place["count"] for place in places["provinces" if name == "province" else "cities"]
        }
        assert {code: count for code, count in told.items() if count} == expected.counted(world, name)

    provinces = belt.get("/api/v1/provinces")["items"]
    assert {p["code"]: p["counts"]["any"] for p in provinces} == expected.counted(world, "province")
    assert sum(p["counts"]["open"] for p in provinces) == sharing["external"]
    assert {p["state"] for p in provinces} == {"connected"}

    told = belt.get("/api/v1/statistics")
    assert told["total"]["count"] == total
    by_code = {row["code"]: row["count"] for row in told["categories"]}
    assert by_code == expected.counted(world, "class")
    [shared] = [row for row in told["sharing"] if row["region"]["code"] == "belt"]
    assert {mode: shared[mode]["count"] for mode in ("external", "internal", "none", "unknown")} == {
        **sharing,
        "unknown": 0,
    }
    units = {row["code"]: row["units"] for row in told["organisations"]}
    assert units["total"] == sum(len(world.province(code).units) for code in world.provinces)


def test_a_filter_narrows_list_and_map_alike(belt: Federation, world: World) -> None:
    wanted = [
        (code, instrument, row)
        for code, instrument, row in expected.good(world)
        if code == "320000" and instrument.country == "US"
    ]
    found = belt.get("/api/v1/instruments", open="any", province="320000", country="US")
    assert found["total"] == len(wanted)
    by_province = {v["code"]: v["count"] for v in found["facets"]["province"]}
    american = Counter(code for code, instrument, _ in expected.good(world) if instrument.country == "US")
    assert {code: count for code, count in by_province.items() if count} == american
    shown = belt.get("/api/v1/map", open="any", province="320000", country="US")
    cities = {place["code"]: place["count"] for place in shown["cities"] if place["count"]}
    assert cities == Counter(instrument.place.city for _, instrument, _ in wanted)


def test_every_record_says_where_it_comes_from(belt: Federation, world: World) -> None:
    for code in world.provinces:
        instrument, _row = next(world.province(code).good())
        told = belt.get(f"/api/v1/instruments/{expected.id_of(code, instrument)}")
        sources = {source["resource"]: source for source in told["sources"]}
        assert sources.keys() == {"instruments", "survey"}
        for source in sources.values():
            assert source["province"] == code
            assert source["age_seconds"] >= 0
            assert source["mapping_version"]
            assert source["platform"]["zh"]


def test_a_second_harvest_only_touches(belt: Federation) -> None:
    """Everything again from the start: nothing is written anew, announced, quarantined anew or deleted."""
    before = belt.settle()
    belt.play()
    belt.harvest(PROVINCES, is_full=True)
    for code in PROVINCES:
        runs = belt.every(f"/api/v1/provinces/{code}/runs", limit=200)
        latest: dict[str, dict[str, Any]] = {}
        for run in runs:  # newest first
            latest.setdefault(run["resource"], run)
        assert latest.keys() == {"institutions", "survey", "instruments"}
        for run in latest.values():
            assert run["verdict"] == "complete", run
            assert (run["created"], run["updated"], run["withdrawn"], run["held"]) == (0, 0, 0, 0), run
            assert run["unchanged"] > 0 or run["trigger"] == "digest"
    assert belt.settle() == before


PERSONAL = re.compile(r"1390000[0-9]{4}|contact[0-9]{4}@")
"""Every planted mobile number and personal mail (see `world.units.make_contact`)."""


def test_nothing_personal_is_on_any_public_answer(
    belt: Federation, world: World, held: Mapping[str, index_feed.IndexDocument]
) -> None:
    """Pages, API and schemas, filled with records of every province; then the numbers themselves are searched for."""
    instruments = [
        expected.id_of(code, instrument)
        for code in world.provinces
        for instrument, _ in islice(world.province(code).good(), 4)
    ]
    samples = crawl.Samples(
        PROVINCES,
        instruments,
        sorted({str(held[id].institution["id"]) for id in instruments if held[id].institution}),
        {code: [r["id"] for r in belt.get(f"/api/v1/provinces/{code}/runs")["items"]] for code in PROVINCES},
        {code: _numbers(belt, code) for code in PROVINCES},
    )
    visited = 0
    for address, is_list in crawl.public_addresses(belt.web, samples):
        pages = _pages(belt, address) if is_list else [belt.client.get(address)]
        for answer in pages:
            assert answer.status_code < 500, address
            assert not (found := PERSONAL.search(answer.text)), (address, found)
            visited += 1
    assert visited > 300
    person = held[instruments[0]].document["contact"]
    words = [person["mobile"], person["email"], person["mobile"][:9]]
    for address in crawl.searches(words):
        answer = belt.client.get(address)
        assert answer.status_code == 200, address
        told = answer.text
        for word in words:  # a page repeats what was asked for
            told = told.replace(word, "").replace(quote(word, safe=""), "")
        assert not PERSONAL.search(told), address
    found = belt.get("/api/v1/instruments", open="any", q=person["mobile"])
    assert found["total"] == 0


def test_the_provinces_own_staff_see_what_the_public_does_not(
    belt: Federation, world: World, held: Mapping[str, index_feed.IndexDocument]
) -> None:
    instrument, _ = next(world.province("310000").good())
    address = f"/api/v1/instruments/{expected.id_of('310000', instrument)}"
    seen = {}
    for code in ("310000", "320000"):
        with belt.signed_in(belt.put_account(f"staff-{code}", "province_staff", code)) as staff:
            seen[code] = staff.get(address).text
    assert instrument.contact.mobile in seen["310000"]
    assert instrument.contact.mobile not in seen["320000"]


def _numbers(belt: Federation, code: str) -> list[int]:
    return [item["id"] for item in belt.get(f"/api/v1/provinces/{code}/quarantine", limit=200)["items"]]


def _pages(belt: Federation, address: str) -> Iterator[httpx.Response]:
    cursor = None
    usual = {"open": "any", "sort": "newest"} if address.endswith("/instruments") else {}
    while True:
        answer = belt.client.get(
            address, params={"limit": 100, **usual} | ({"cursor": cursor} if cursor else {})
        )
        assert answer.status_code == 200, address
        yield answer
        cursor = answer.json()["next"]
        if cursor is None:
            return
