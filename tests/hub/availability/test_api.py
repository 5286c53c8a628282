"""Availability over HTTP: what everybody reads, what is quoted, and what only those who serve may keep."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

import schemas
from hub import wiring
from hub.app import create_app
from hub.availability.rules import Slot
from hub.availability.service import claim
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.service import parties
from tests.hub.availability import instruments
from tests.hub.availability.instruments import (
    INSTITUTION,
    INSTRUMENT,
    LATER,
    NOW,
    OTHER,
    PROVINCE,
    add_items,
    rules_document,
    slot,
)
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

API = "/api/v1"
PASSWORD = "a-long-password-2026"
HERE = f"{API}/instruments/{INSTRUMENT}"
TERMS = {"positions": [{"id": "hour", "basis": "reserved_time", "name_zh": "机时费", "outside_fen": 40000}]}
ASKED = {
    "instrument_id": INSTRUMENT,
    "service_mode": "machine_time",
    "slot": {"start": "2026-03-09T09:00:00+08:00", "end": "2026-03-09T10:30:00+08:00"},
    "purpose": {"direction": "technology_development", "is_statutory": False},
}
CLOSURE = {"start": "2026-03-09T09:00:00+08:00", "end": "2026-03-09T12:00:00+08:00", "reason": "maintenance"}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


class People:
    """Clients of the same hub, each signed in as somebody else."""

    def __init__(self, runtime: Runtime) -> None:
        self._app = create_app(runtime)
        self._runtime = runtime
        self._opened = ExitStack()
        self.nobody = self._client()

    def sign_in(self, name: str, role: str, **grant: Any) -> httpx.Client:
        with self._runtime.database.write() as session:
            identity.put_account(
                session,
                name,
                PASSWORD,
                role=role,
                is_demo=True,
                actor="system:test",
                now=self._runtime.clock(),
                **grant,
            )
        client = self._client()
        opened = client.post(f"{API}/session", json={"username": name, "password": PASSWORD})
        assert opened.status_code == 201, opened.text
        client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
        return client

    def _client(self) -> httpx.Client:
        client = httpx.Client(transport=InProcess(self._app), base_url="http://hub.test")
        return self._opened.enter_context(client)

    def close(self) -> None:
        self._opened.close()


@pytest.fixture
def people(runtime: Runtime) -> Iterator[People]:
    instruments.catalogue(runtime.database)
    held = People(runtime)
    yield held
    held.close()


@pytest.fixture
def manager(people: People, runtime: Runtime) -> httpx.Client:
    with runtime.database.write() as session:
        parties.put_institution(session, INSTITUTION, "上海材料研究所（虚构）", now=NOW)
    return people.sign_in("manager", "institution_manager", party_id=INSTITUTION)


@pytest.fixture
def member(people: People, runtime: Runtime) -> httpx.Client:
    with runtime.database.write() as session:
        code = schemas.uscc.complete("91330402MA2B00000")
        party = parties.put_enterprise(session, "嘉兴精工（虚构）", code, actor="system:test", now=NOW)
    return people.sign_in("member", "enterprise_member", party_id=party.id)


def _checked(name: str, answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    assert schemas.problems(name, told) == []
    return told


def test_everybody_reads_free_times_with_their_age(people: People) -> None:
    told = _checked(
        "availability",
        people.nobody.get(f"{HERE}/availability", params={"from": "2026-03-09T00:00:00+08:00"}),
    )
    assert told["free"][0] == {"start": "2026-03-09T09:00:00+08:00", "end": "2026-03-09T11:30:00+08:00"}
    assert told["next_free"]["start"] == "2026-03-03T09:00:00+08:00"
    assert (told["source"], told["rules_source"], told.get("as_of"), told["holidays_published"]) == (
        "default",
        "default",
        None,
        True,
    )
    later = people.nobody.get(
        f"{HERE}/availability",
        params={"from": "2026-12-30T00:00:00+08:00", "to": "2027-01-02T00:00:00+08:00"},
    )
    assert not _checked("availability", later)["holidays_published"]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        (f"{HERE}/availability", {"from": "yesterday"}, 422, "time_malformed"),
        (f"{HERE}/availability", {"from": "2026-03-09T09:00:00"}, 422, "time_malformed"),
        (f"{HERE}/availability", {"to": "2027-03-09T09:00:00+08:00"}, 422, "window_too_long"),
        (f"{API}/instruments/31-aaaaaaaaaaaa/availability", {}, 404, "instrument_unknown"),
        (f"{HERE}/tariff", {}, 404, "tariff_unknown"),
        (f"{API}/quotes/qt-{'a' * 26}", {}, 401, "sign_in_needed"),
    ],
)
def test_a_wrong_question_says_what_is_wrong(
    people: People, path: str, params: dict[str, str], status: int, code: str
) -> None:
    answer = people.nobody.get(path, params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_tariff_is_told_with_its_source(people: People, runtime: Runtime, manager: httpx.Client) -> None:
    with runtime.database.write() as session:
        add_items(session, [{"number": 1, "name": "形貌观察", "charging_unit": "hour", "fee_fen": 30000}])
    assert _checked("tariff", people.nobody.get(f"{HERE}/tariff"))["source"] == "catalogue"
    assert manager.put(f"{HERE}/tariff", json=TERMS).json() == {"version": 1}
    told = _checked("tariff", people.nobody.get(f"{HERE}/tariff"))
    assert (told["source"], told["version"], told["positions"]) == ("hub", 1, TERMS["positions"])


def test_a_quote_is_given_and_read_by_its_own_enterprise(
    people: People, manager: httpx.Client, member: httpx.Client
) -> None:
    manager.put(f"{HERE}/tariff", json=TERMS)
    answer = member.post(f"{API}/quotes", json=ASKED)
    told = _checked("quote", answer, 201)
    assert (told["fee_fen"], [problem["code"] for problem in told["problems"]]) == (
        60000,
        ["enterprise_unverified"],
    )
    assert _checked("quote", member.get(answer.headers["location"])) == told
    assert manager.get(answer.headers["location"]).status_code == 404
    assert people.nobody.post(f"{API}/quotes", json=ASKED).status_code == 401
    inside = _checked("quote", manager.post(f"{API}/quotes", json=ASKED), 201)
    assert (inside["side"], inside["problems"]) == ("inside", [])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        (
            {"slot": {"start": "2026-03-09T10:30:00+08:00", "end": "2026-03-09T09:00:00+08:00"}},
            422,
            "slot_malformed",
        ),
        (
            {"slot": {"start": "2026-03-08T09:00:00+08:00", "end": "2026-03-08T10:00:00+08:00"}},
            422,
            "slot_closed",
        ),
        ({"service_mode": "rent"}, 422, "body_invalid"),
        ({"instrument_id": "31-aaaaaaaaaaaa"}, 404, "instrument_unknown"),
    ],
)
def test_a_request_that_cannot_be_quoted_says_why(
    member: httpx.Client, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = member.post(f"{API}/quotes", json={**ASKED, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_rules_are_kept_by_those_who_serve_and_not_over_anothers(
    people: People, manager: httpx.Client, member: httpx.Client
) -> None:
    kept = manager.put(f"{HERE}/rules", json=rules_document())
    assert (kept.json(), kept.headers["etag"]) == ({"version": 1}, '"1"')
    assert manager.put(
        f"{HERE}/rules", json=rules_document(capacity=2), headers={"If-Match": '"1"'}
    ).json() == {"version": 2}
    late = manager.put(f"{HERE}/rules", json=rules_document(), headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (409, "version_changed")
    assert (
        manager.put(f"{HERE}/rules", json=rules_document(), headers={"If-Match": "*"}).json()["code"]
        == "version_malformed"
    )
    wrong = manager.put(f"{HERE}/rules", json=rules_document(min_minutes=20))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "kept_invalid")
    assert [one["version"] for one in manager.get(f"{HERE}/rules/versions").json()["items"]] == [2, 1]
    shown = _checked("availability", people.nobody.get(f"{HERE}/availability"))
    assert (shown["rules_version"], shown["rules"]["capacity"], shown["age_seconds"]) == (2, 2, 0)
    assert member.put(f"{HERE}/rules", json=rules_document()).status_code == 403


def test_staff_of_another_institution_keep_nothing_here(people: People, runtime: Runtime) -> None:
    other = schemas.ids.institution_id("330000", "OTHER")
    with runtime.database.write() as session:
        parties.put_institution(session, other, "另一单位（虚构）", now=NOW)
    stranger = people.sign_in("stranger", "institution_manager", party_id=other)
    for method, path, body in (
        ("PUT", f"{HERE}/rules", rules_document()),
        ("PUT", f"{HERE}/tariff", TERMS),
        ("POST", f"{HERE}/closures", CLOSURE),
        ("POST", f"{HERE}/reservations", {"start": CLOSURE["start"], "end": CLOSURE["end"]}),
        ("PUT", f"{API}/institutions/{INSTITUTION}/trainings", {"code": "sem", "holder": "en-1"}),
    ):
        assert stranger.request(method, path, json=body).status_code == 403, path
    assert stranger.get(f"{HERE}/claims").status_code == 403


def test_the_station_serves_its_province(people: People, runtime: Runtime) -> None:
    with runtime.database.write() as session:
        code = schemas.uscc.complete("91310000MA1K00000")
        operator = parties.put_operator(session, "驿站运营（虚构）", code, actor="system:test", now=NOW)
        parties.assign_station(session, PROVINCE, operator.id, actor="system:test", now=NOW)
    staff = people.sign_in("station", "station_staff", party_id=operator.id, province=PROVINCE)
    assert staff.post(f"{HERE}/closures", json=CLOSURE).status_code == 201
    assert staff.get(f"{API}/provinces/{PROVINCE}/conflicts").json() == {"items": [], "next": None}
    assert staff.get(f"{API}/provinces/330000/conflicts").status_code == 403


def test_closures_open_and_close(people: People, runtime: Runtime, manager: httpx.Client) -> None:
    with runtime.database.write() as session:
        claim(session, OTHER, slot("03-09 09:00", "10:00"), claim_id="bk-a", until=LATER, now=NOW)
    closed = manager.post(f"{API}/institutions/{INSTITUTION}/closures", json={**CLOSURE, "repeat_weeks": 1})
    number = closed.json()["closure"]["id"]
    assert [one["id"] for one in closed.json()["meets"]] == ["bk-a"]
    assert [one["id"] for one in manager.get(f"{HERE}/closures").json()["items"]] == [number]
    assert manager.delete(f"{HERE}/closures/{number}").status_code == 404  # it is the institution's
    assert manager.delete(f"{API}/institutions/{INSTITUTION}/closures/{number}").status_code == 204
    own = manager.post(f"{HERE}/closures", json=CLOSURE).json()["closure"]["id"]
    assert manager.delete(f"{HERE}/closures/{own}").status_code == 204
    assert manager.get(f"{HERE}/closures").json()["items"] == []


def test_trainings_are_certified_and_taken_back(manager: httpx.Client) -> None:
    here = f"{API}/institutions/{INSTITUTION}/trainings"
    assert (
        manager.put(here, json={"code": "sem", "holder": "en-1", "valid_until": "2027-01-01"}).status_code
        == 204
    )
    assert manager.delete(f"{here}/sem/en-1").status_code == 204
    assert manager.delete(f"{here}/sem/en-2").json()["code"] == "training_unknown"


def test_one_tap_a_conflict_and_its_end(runtime: Runtime, manager: httpx.Client) -> None:
    with runtime.database.write() as session:
        claim(session, INSTRUMENT, slot("03-09 09:00", "10:00"), claim_id="bk-a", until=LATER, now=NOW)
    tapped = manager.post(
        f"{HERE}/reservations",
        json={"start": CLOSURE["start"], "end": "2026-03-09T09:45:00+08:00", "note": "本组"},
    )
    assert tapped.status_code == 201
    conflict = tapped.json()["conflicts"][0]
    assert [one["id"] for one in conflict["meets"]] == ["bk-a"]
    board = manager.get(f"{HERE}/claims", params={"from": "2026-03-09T00:00:00+08:00"}).json()["items"]
    assert {(one["id"], one["is_guarded"]) for one in board} == {
        ("bk-a", True),
        (tapped.json()["added"][0], False),
    }
    settled = manager.post(f"{API}/conflicts/{conflict['id']}/resolution", json={"note": "先做预约的样品"})
    assert (settled.json()["state"], settled.json()["resolution"]) == ("resolved", "先做预约的样品")
    assert manager.delete(f"{HERE}/reservations/{tapped.json()['added'][0]}").status_code == 204
    assert manager.post(f"{HERE}/calendar/confirmation").status_code == 204


def test_a_week_is_previewed_and_then_imported_as_it_was_shown(
    runtime: Runtime, manager: httpx.Client
) -> None:
    week = "2026-03-09 09:00-10:00 甲\n2026-03-10 13:30-15:00 乙\n后天".encode()
    shown = manager.post(f"{HERE}/reservations/preview", content=week).json()
    assert [row["state"] for row in shown["rows"]] == ["new", "new", "fault"]
    wrong = manager.post(f"{HERE}/reservations/import", content=week, params={"preview": "0" * 32})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "preview_changed")
    done = manager.post(f"{HERE}/reservations/import", content=week, params={"preview": shown["preview"]})
    assert len(done.json()["instruments"][INSTRUMENT]["added"]) == 2
    everywhere = f"{API}/institutions/{INSTITUTION}/reservations"
    more = b"EM-001 2026-03-11 09:00-10:00"
    shown = manager.post(f"{everywhere}/preview", content=more, params={"mode": "replace"}).json()
    answer = manager.post(
        f"{everywhere}/import", content=more, params={"mode": "replace", "preview": shown["preview"]}
    )
    assert answer.status_code == 200
    huge = manager.post(f"{HERE}/reservations/preview", content=b"x" * 2_000_001)
    assert huge.status_code == 413


def test_a_workbook_goes_through_the_guarded_reader() -> None:
    from tests.hub.availability.workbooks import bomb, workbook

    rows = list(wiring.read_upload(workbook([["仪器", "开始"], ["EM-001", "2026-03-09 09:00"]]), "week.xlsx"))
    assert rows == [["仪器", "开始"], ["EM-001", "2026-03-09 09:00"]]
    with pytest.raises(Exception, match=r"times compressed"):
        list(wiring.read_upload(bomb(), "bomb.xlsx"))


def test_the_window_defaults_to_the_week_from_today(people: People) -> None:
    told = people.nobody.get(f"{HERE}/availability").json()
    assert (told["start"], told["end"]) == ("2026-03-02T00:00:00+08:00", "2026-03-09T00:00:00+08:00")
    assert Slot(NOW, NOW + timedelta(days=1)).minutes == 1440
