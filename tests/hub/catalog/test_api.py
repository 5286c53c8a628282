"""What outsiders read and staff decide: documents by audience, provinces, runs, quarantine, holds, statistics."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

import schemas
from adapters.errors import Unreachable
from hub.app import create_app
from hub.catalog import queries as catalog
from hub.catalog.service import deletions, reference, schedule, showing, sync
from hub.core import audit, outbox, sequencer, web
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.errors import SyncDeferred
from hub.identity import service as identity
from tests.hub.catalog.fake_province import (
    INSTRUMENTS,
    PAGED,
    PROVINCE,
    FakeProvince,
    institution_body,
    instrument_body,
    survey_body,
)
from tests.in_process import InProcess

pytestmark = pytest.mark.database

API = "/api/v1"
MOBILE = "13900001234"
CONTACT = {
    "contact": {
        "name": "王老师",
        "office_phone": "021-00000000",
        "mobile": MOBILE,
        "email": "wang@example.cn",
    }
}


@pytest.fixture
def fake() -> FakeProvince:
    """One institution, three surveyed instruments with a personal number planted, one record in quarantine."""
    province = FakeProvince()
    province.put(institution_body(), resource="institutions")
    for number in range(3):
        extra = CONTACT | {"user_notice": f"请拨打 {MOBILE} 预约"}
        province.put(instrument_body(f"N{number}", extra=extra))
        province.put(survey_body(f"N{number}"), resource="survey")
    province.append(instrument_body("X1", bad=f"见 {MOBILE}"))
    return province


@pytest.fixture
def harvested(hub: Runtime) -> Runtime:
    sync.sync_province(hub, PROVINCE)
    return hub


@pytest.fixture
def client(harvested: Runtime) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(harvested)), base_url="http://hub.test") as held:
        yield held


def sign_in(hub: Runtime, client: httpx.Client, province: str | None = PROVINCE) -> dict[str, str]:
    name, password = f"staff-{province}", "synthetic-password-1"
    role = "hub_admin" if province is None else "province_staff"
    with hub.database.write() as session:
        identity.put_account(
            session,
            name,
            password,
            role=role,
            province=province,
            is_demo=True,
            actor="system:test",
            now=hub.clock(),
        )
    answer = client.post(f"{API}/session", json={"username": name, "password": password})
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


def id_of(number: str) -> str:
    return schemas.ids.instrument_id(PROVINCE, "U1", number)


def test_an_instrument_shows_source_age_mapping_version_and_why_it_can_be_booked(
    hub: Runtime, client: httpx.Client
) -> None:
    hub.clock.advance(120)
    told = client.get(f"{API}/instruments/{id_of('N1')}").json()
    assert schemas.is_valid("instrument", told["instrument"])
    assert told["institution"]["name_zh"] == "合成大学 U1"
    assert [item["name"] for item in told["service_items"]] == ["形貌观察"]
    assert told["booking"] == {"from_outside": True, "reasons": []}
    assert {source["resource"] for source in told["sources"]} == {"instruments", "survey"}
    source = told["sources"][0]
    assert (source["age_seconds"], source["mapping_version"]) == (120, "1-aaaaaaaa")
    assert source["platform"]["zh"] == "合成平台"


def test_personal_data_are_public_nowhere(hub: Runtime, client: httpx.Client) -> None:
    addresses = [
        f"{API}/instruments/{id_of('N1')}",
        f"{API}/institutions",
        f"{API}/services",
        f"{API}/provinces",
        f"{API}/provinces/{PROVINCE}",
        f"{API}/provinces/{PROVINCE}/runs",
        f"{API}/provinces/{PROVINCE}/quarantine",
        f"{API}/provinces/{PROVINCE}/quarantine/1",
        f"{API}/stations",
        f"{API}/statistics",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert MOBILE not in answer.text, address
        assert "wang@example.cn" not in answer.text, address
    sign_in(hub, client, "530000")  # staff of another province are the public here
    assert MOBILE not in client.get(addresses[0]).text
    sign_in(hub, client)
    assert client.get(addresses[0]).json()["instrument"]["contact"]["mobile"] == MOBILE
    [item] = client.get(addresses[6]).json()["items"]
    assert (item["key"], item["reasons"][0]["value"]) == ("U1|X1", f"见 {MOBILE}")


def test_raw_records_need_the_right_and_are_audited(hub: Runtime, client: httpx.Client) -> None:
    address = f"{API}/provinces/{PROVINCE}/quarantine/1/raw"
    assert client.get(address).status_code == 401
    sign_in(hub, client, "530000")
    assert client.get(address).json()["code"] == "other_province"
    sign_in(hub, client)
    answer = client.get(address)
    assert MOBILE in answer.json()["raw"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"{API}/provinces/{PROVINCE}/quarantine/99/raw").json()["code"] == "quarantine_unknown"
    while sequencer.number_once(hub.database):
        pass
    with hub.database.read() as session:
        entries = [e for e in audit.read_entries(session) if e.action == "catalog.read_raw"]
    assert [(entry.actor, entry.subject) for entry in entries] == [
        (f"account:staff-{PROVINCE}", "quarantine:1")
    ]


def test_lists_go_by_keyset(client: httpx.Client) -> None:
    seen, cursor = [], None
    for _ in range(4):
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{API}/services", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(f"{id_of(number)}-1" for number in ("N0", "N1", "N2"))
    assert all(
        schemas.is_valid("service-item", item) for item in client.get(f"{API}/services").json()["items"]
    )
    runs = client.get(f"{API}/provinces/{PROVINCE}/runs", params={"limit": 2}).json()
    rest = client.get(f"{API}/provinces/{PROVINCE}/runs", params={"cursor": runs["next"]}).json()
    assert [run["id"] for run in (*runs["items"], *rest["items"])] == [3, 2, 1]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/institutions?cursor=abc", 400, "cursor_malformed"),
        ("/services?limit=0", 400, "parameter_invalid"),
        ("/services?limit=many", 400, "parameter_invalid"),
        ("/institutions?province=上海", 400, "parameter_invalid"),
        ("/institutions/31-u-aaaaaaaaaaaa", 404, "institution_unknown"),
        ("/instruments/31-aaaaaaaaaaaa", 404, "instrument_unknown"),
        ("/stations/99-station", 404, "station_unknown"),
        ("/provinces/990000", 404, "province_unknown"),
        ("/provinces/990000/runs", 404, "province_unknown"),
        ("/provinces/abc", 400, "parameter_invalid"),
        (f"/provinces/{PROVINCE}/runs/77", 404, "not_found"),
        (f"/provinces/{PROVINCE}/runs/99999999999999999999", 400, "parameter_invalid"),
        (f"/provinces/{PROVINCE}/quarantine/77", 404, "quarantine_unknown"),
        (f"/provinces/{PROVINCE}/quarantine?state=lost", 400, "parameter_invalid"),
    ],
)
def test_what_is_not_there_or_not_understood_is_a_named_problem(
    client: httpx.Client, address: str, status: int, code: str
) -> None:
    answer = client.get(API + address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_withdrawn_instrument_is_gone_and_says_since_when(
    hub: Runtime, fake: FakeProvince, client: httpx.Client
) -> None:
    fake.remove("N2")
    hub.clock.advance(601)
    sync.sync_province(hub, PROVINCE)
    answer = client.get(f"{API}/instruments/{id_of('N2')}")
    assert (answer.status_code, answer.json()["code"]) == (410, "instrument_withdrawn")
    assert "2026-01-05" in answer.json()["zh"]


def test_a_province_shows_link_counts_and_last_runs(
    hub: Runtime, fake: FakeProvince, client: httpx.Client
) -> None:
    [told] = client.get(f"{API}/provinces").json()["items"]
    assert told["counts"] == {"open": 3, "any": 3, "institutions": 1, "quarantined": 1, "held": 0}
    assert (told["state"], told["trouble"], told["is_stale"]) == ("connected", None, False)
    assert schemas.is_valid("station", told["station"])
    assert [r["last_run"]["verdict"] for r in told["resources"]] == ["complete"] * 3
    fake.fail_always = Unreachable("连接被拒绝", "connection refused")
    hub.clock.advance(601)
    with pytest.raises(SyncDeferred):
        sync.sync_province(hub, PROVINCE)
    told = client.get(f"{API}/provinces/{PROVINCE}").json()
    assert told["trouble"]["zh"] == "连接被拒绝"
    run = told["resources"][2]["last_run"]
    assert (run["state"], run["attempts"]) == ("waiting", 1)


def test_runs_are_documents_of_the_specification(client: httpx.Client) -> None:
    for run in client.get(f"{API}/provinces/{PROVINCE}/runs").json()["items"]:
        progress = run.pop("progress")
        assert schemas.is_valid("sync-run", run), schemas.problems("sync-run", run)
        assert progress["share"] == 1.0
    one = client.get(f"{API}/provinces/{PROVINCE}/runs/3").json()
    assert (one["received"], one["quarantined"], one["resource"]) == (4, 1, "instruments")


def test_an_institution_shows_its_counts(client: httpx.Client) -> None:
    [held] = client.get(f"{API}/institutions").json()["items"]
    told = client.get(f"{API}/institutions/{held['id']}").json()
    assert told["counts"] == {"open": 3, "any": 3}
    assert told["classes"] == {"010000": {"open": 3, "any": 3}}
    assert client.get(f"{API}/institutions", params={"kind": "enterprise"}).json()["items"] == []
    assert client.get(f"{API}/institutions", params={"kind": "unknown"}).json()["items"] == []


def test_a_person_has_a_province_read_now(hub: Runtime, client: httpx.Client) -> None:
    address = f"{API}/provinces/{PROVINCE}/runs"
    assert client.post(address).status_code == 401
    headers = sign_in(hub, client)
    assert client.post(address).json()["code"] == "csrf_refused"
    assert client.post(address, headers=headers, params={"full": "true"}).status_code == 202
    with hub.database.read() as session:
        [row] = session.query(outbox.OutboxRow).all()
    assert (row.task_name, row.queue) == (schedule.SYNC_TASK, "sync")
    assert row.payload == {
        "province": PROVINCE, "trigger": "manual", "actor": f"account:staff-{PROVINCE}", "full": True,
    }  # fmt: skip


def test_held_deletions_are_seen_and_decided_by_the_provinces_staff(
    hub: Runtime, fake: FakeProvince, client: httpx.Client
) -> None:
    fake.is_empty = True
    hub.clock.advance(100_000)
    sync.sync_province(hub, PROVINCE, "manual", wants_full=True)
    listing = f"{API}/provinces/{PROVINCE}/holds"
    assert client.get(listing).status_code == 401
    headers = sign_in(hub, client)
    found = client.get(listing).json()["items"]
    hold = next(item for item in found if item["resource"] == "instruments")
    assert (hold["state"], hold["count"]) == ("open", 3)
    items = client.get(f"{listing}/{hold['id']}/items").json()["items"]
    assert [item["key"] for item in items] == ["U1|N0", "U1|N1", "U1|N2"]
    page = client.get(f"{API}/instruments/{id_of('N1')}").json()
    assert page["is_stale"] is True
    assert client.get(f"{API}/provinces").json()["items"][0]["is_stale"] is True
    release = f"{listing}/{hold['id']}/release"
    assert client.post(release, json={}).json()["code"] == "csrf_refused"
    assert client.post(f"{listing}/{hold['id']}/explode", json={}, headers=headers).status_code == 400
    assert client.post(f"{listing}/99/release", json={}, headers=headers).json()["code"] == "hold_unknown"
    answer = client.post(release, json={"note": "平台已停用"}, headers=headers)
    assert answer.json()["state"] == "releasing"
    deletions.apply_decision(hub.database, hold["id"], clock=hub.clock, pause=lambda: None)
    assert client.get(f"{API}/instruments/{id_of('N1')}").status_code == 410
    assert client.post(release, json={}, headers=headers).json()["state"] == "released"
    client.post(f"{listing}/{hold['id']}/undo", json={}, headers=headers)
    deletions.apply_decision(hub.database, hold["id"], clock=hub.clock, pause=lambda: None)
    assert client.get(f"{API}/instruments/{id_of('N1')}").status_code == 200


def test_unmapped_values_are_a_worklist(hub: Runtime, client: httpx.Client) -> None:
    sign_in(hub, client)
    [row] = client.get(f"{API}/provinces/{PROVINCE}/worklist").json()["items"]
    assert (row["table"], row["occurrences"], row["example_key"]) == ("class", 1, "U1|X1")


def test_every_route_names_who_may_use_it(hub: Runtime) -> None:
    app = create_app(hub)
    web.check_access_table(app)
    table = web.access_table(app)
    for route, action in (
        ("POST /api/v1/sync/{code}/batches", "push"),
        ("POST /api/v1/sync/{code}/digests", "push"),
        ("POST /api/v1/provinces/{code}/files", "upload"),
        ("POST /api/v1/provinces/{code}/runs", "run_province"),
        ("POST /api/v1/provinces/{code}/holds/{hold_id}/{decision}", "decide_deletions"),
        ("GET /api/v1/provinces/{code}/quarantine/{item_id}/raw", "read_raw"),
        ("GET /api/v1/provinces/{code}/holds", "read_deliveries"),
        ("GET /api/v1/provinces/{code}/worklist", "read_deliveries"),
    ):
        assert table[route] == (f"catalog.{action}",), route


def test_answers_carry_an_etag(client: httpx.Client) -> None:
    first = client.get(f"{API}/statistics")
    again = client.get(f"{API}/statistics", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


# --- statistics ------------------------------------------------------------------------------------------------


@pytest.fixture
def two_provinces(hub: Runtime, fake: FakeProvince) -> Runtime:
    """Known instruments in two regions; one of them says little about itself."""
    fake.held.clear()
    fake.put(institution_body(), resource="institutions")
    fake.put(instrument_body("A", yuan=1_000_000, extra={"origin_country": "US"}))
    fake.put(survey_body("A", funds="central_fiscal"), resource="survey")
    fake.put(instrument_body("B", yuan=9_000_000, extra={"origin_country": "FR"}))
    fake.put(survey_body("B", sharing="internal", funds="local_fiscal"), resource="survey")
    other = FakeProvince(
        manifest=replace(fake.manifest, province="530000"), resource_list=(INSTRUMENTS, PAGED)[:1]
    )
    body = instrument_body("C")
    del body["yuan"]
    other.put(body)
    runtime = replace(hub, adapters={PROVINCE: fake, "530000": other})
    for code in runtime.adapters:
        sync.sync_province(runtime, code)
    return runtime


def statistics(runtime: Runtime) -> dict[str, Any]:
    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as client:
        told: dict[str, Any] = client.get(f"{API}/statistics").json()
    assert schemas.problems("statistics", told) == []
    assert schemas.is_valid("statistics", told)
    return told


def test_statistics_have_the_shape_of_the_tables_and_count_the_unknown(two_provinces: Runtime) -> None:
    told = statistics(two_provinces)
    assert told["total"] == {"count": 3, "value_fen": 1_000_000_000, "value_yi": 0.1}
    assert [(row["code"], row["units"]) for row in told["organisations"]] == [("university", 1), ("total", 1)]
    bands = {(row["region"]["code"], row["band"]["code"]): row["count"] for row in told["price_bands"]}
    assert bands == {
        ("yangtze_delta", "50-200"): 1,
        ("yangtze_delta", "800+"): 1,
        ("yangtze_delta", "total"): 2,
        ("middle", "total"): 0,
        ("west", "unknown"): 1,
        ("west", "total"): 1,
        ("belt", "50-200"): 1,
        ("belt", "800+"): 1,
        ("belt", "unknown"): 1,
        ("belt", "total"): 3,
    }
    countries = {row["code"]: row["count"] for row in told["countries"]}
    assert countries == {"US": 1, "CN": 0, "DE": 0, "JP": 0, "GB": 0, "other": 1, "unknown": 1}
    assert [m["code"] for row in told["countries"] if row["code"] == "other" for m in row["members"]] == [
        "FR"
    ]
    assert {row["code"]: row["count"] for row in told["funding"]} == {
        "central_fiscal": 1, "local_fiscal": 1, "unknown": 1,
    }  # fmt: skip
    sharing = {row["region"]["code"]: row for row in told["sharing"]}
    assert sharing["belt"]["effective_hours"] == 2800
    assert sharing["belt"]["external_hours"] == 400
    assert (sharing["west"]["unknown"]["count"], sharing["west"]["without_hours"]) == (1, 1)
    assert sharing["yangtze_delta"]["internal"]["value_yi"] == 0.09
    fiscal = {row["region"]["code"]: row for row in told["fiscal"]}
    assert fiscal["yangtze_delta"]["central_fiscal"]["count"] == 1
    assert fiscal["belt"]["local_fiscal"]["value_fen"] == 900_000_000
    assert told["categories"][0]["count_pct"] == 100.0


def test_provinces_outside_the_belt_are_counted_apart(hub: Runtime, fake: FakeProvince) -> None:
    fake.manifest = replace(fake.manifest, province="110000")
    runtime = replace(hub, adapters={"110000": fake})
    sync.sync_province(runtime, "110000")
    bands = {
        (row["region"]["code"], row["band"]["code"]): row["count"]
        for row in statistics(runtime)["price_bands"]
    }
    assert (bands["belt", "total"], bands["outside", "total"]) == (0, 3)


def test_reference_tables_come_with_their_source() -> None:
    tables = {table["table"]: table for table in reference.served_tables()}
    assert len(tables["t7_gdp_2018"]["rows"]) >= 11
    assert {row["region"] for row in tables["t1_price_band"]["rows"]} == {"全国"}
    assert tables["t8_technicians"]["rows"][0]["技术人员"] == 73809
    assert "中国科技资源导刊" in tables["t8_technicians"]["source"]["zh"]
    assert reference.named_countries() == ("US", "CN", "DE", "JP", "GB")


# --- what search and the portal read ----------------------------------------------------------------------------


def test_the_index_feed_has_everything_that_is_searched(harvested: Runtime) -> None:
    while sequencer.number_once(harvested.database):
        pass
    with harvested.database.read() as session:
        changes = sequencer.read_after(session, "catalog", 0)
        assert [change.number for change in changes] == [1, 2, 3, 4]
        assert catalog.last_change_number(session) == 4
        found = catalog.documents_for_index(session, [change.subject for change in changes] + ["31-gone"])
        assert {held.kind for held in found} == {"instrument", "institution"}
        instrument = next(held for held in found if held.kind == "instrument")
        assert instrument.institution is not None
        assert instrument.institution["name_zh"] == "合成大学 U1"
        assert [item["number"] for item in instrument.service_items] == [1]
        whole, after = [], ""
        while page := catalog.iterate_documents(session, after_id=after, limit=2):
            whole += [held.id for held in page]
            after = page[-1].id
        assert whole == sorted(held.id for held in found)
        unit = next(held.id for held in found if held.kind == "institution")
        assert catalog.instrument_ids_of(session, [unit]) == sorted(id_of(f"N{n}") for n in range(3))
        assert catalog.counts_by_province(session) == ({PROVINCE: 3}, {PROVINCE: 3})
        assert catalog.institutions_by_province(session) == {PROVINCE: 1}
        assert catalog.cities_of_province(session, PROVINCE) == {None: 3}


def test_progress_of_a_run_that_is_under_way(harvested: Runtime) -> None:
    with harvested.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        run.state, run.finished_at, run.received, run.declared_total = "running", None, 30, 120
        harvested.clock.advance(10)
        told = showing.show_run(run, audience="public", now=harvested.clock())["progress"]
        session.expunge_all()
    assert (told["share"], told["rows_per_second"], told["seconds_left"]) == (0.25, 3.0, 30.0)
