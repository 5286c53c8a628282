"""The routes of programmes and applications: documents of the specification, refusals with their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

import schemas
from hub.app import create_app
from hub.core.runtime import Runtime
from hub.identity.models import Person
from hub.identity.service import sessions
from tests.hub.settlement.programmes.offices import ANSWERS, GUIZHOU, JIAXING, NOW, PDF, Offices, furnish
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database
Ask = Callable[..., httpx.Response]


@pytest.fixture
def world(runtime: Runtime) -> Offices:
    return furnish(runtime.database)


@pytest.fixture
def ask(runtime: Runtime, world: Offices) -> Iterator[Ask]:
    """Somebody's request, with the token that changes need."""
    held = replace(runtime, clock=VirtualClock(NOW))
    http = httpx.Client(transport=InProcess(create_app(held)), base_url="http://hub.test")
    headers: dict[str, dict[str, str]] = {}
    with runtime.database.write() as session:
        for name, principal in world.principals.items():
            person = session.get_one(Person, principal.person_id)
            opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=NOW)
            headers[name] = {"Cookie": f"hub_session={opened.token}", "X-CSRF-Token": opened.csrf_token}

    def request(who: str, method: str, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {**headers[who], "Idempotency-Key": "key-of-a-test", **more.get("headers", {})}
        return http.request(method, f"/api/v1{path}", **more)

    with http:
        yield request


def begun(ask: Ask) -> dict[str, Any]:
    body = {"programme_id": GUIZHOU, "fen": 4_000_000, "answers": ANSWERS}
    answer = ask("guiyang", "POST", "/applications", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert ask("guiyang", "POST", "/applications", json=body).json()["id"] == told["id"]
    return told


def test_an_application_from_its_draft_to_the_grant(ask: Ask) -> None:
    made = begun(ask)
    assert schemas.problems("application", made) == []
    assert made["missing"] == ["business_licence", "use_plan"]
    path = f"/applications/{made['id']}"
    refused = ask("guiyang", "POST", f"{path}/submit", json={})
    assert (refused.status_code, refused.json()["code"]) == (422, "application_invalid")
    for kind in made["missing"]:
        file = {"file": ("a.pdf", PDF + kind.encode(), "application/pdf")}
        assert ask("guiyang", "POST", f"{path}/papers", data={"kind": kind}, files=file).status_code == 201
    assert ask("guiyang", "POST", f"{path}/submit", json={}).json()["state"] == "submitted"
    shown = ask("first", "GET", path).json()
    paper = ask("first", "GET", f"{path}/papers/{shown['papers'][0]['number']}")
    assert (paper.status_code, paper.content) == (200, PDF + b"business_licence")
    assert ask("first", "GET", "/applications").json()["items"][0]["id"] == made["id"]
    assert ask("auditor", "GET", f"{path}/papers/{shown['papers'][0]['number']}").status_code == 404
    assert ask("first", "POST", f"{path}/approve", json={"fen": 1_000_000}).json()["state"] == "approved_once"
    same = ask("first", "POST", f"{path}/confirm", json={})
    assert (same.status_code, same.json()["code"]) == (409, "another_person_needed")
    stale = ask("second", "POST", f"{path}/confirm", json={"revision": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "application_changed")
    done = ask("second", "POST", f"{path}/confirm", json={}).json()
    assert schemas.problems("application", done) == []
    assert (done["state"], done["approved_fen"]) == ("granted", 1_000_000)


@pytest.mark.parametrize("who", ["zunyi", "elsewhere", "bureau", "admin"])
def test_an_application_is_its_two_sides_own(ask: Ask, who: str) -> None:
    path = f"/applications/{begun(ask)['id']}"
    assert ask(who, "GET", path).status_code == 403
    refused = ask(who, "POST", f"{path}/approve", json={})
    assert (refused.status_code, refused.json()["code"]) in ((403, "other_party"), (403, "not_allowed"))


def test_programmes_are_listed_tried_drafted_and_published(ask: Ask) -> None:
    items = {each["document"]["id"]: each for each in ask("guiyang", "GET", "/programmes").json()["items"]}
    assert items[GUIZHOU]["missing"] == []
    assert "holders" in items["320000-voucher"]["missing"]
    document = items[GUIZHOU]["document"]
    document["terms"]["validity_days"] = 365
    trial = {"document": document, "since": "2026-01-01", "until": "2026-03-31"}
    told = ask("first", "POST", f"/programmes/{GUIZHOU}/simulate", json=trial).json()
    assert (told["found"], told["is_sample"], told["totals"]["orders"]) == (0, False, 0)
    wrong = ask("first", "POST", f"/programmes/{GUIZHOU}/simulate", json={**trial, "until": "2025-01-01"})
    assert wrong.json()["code"] == "simulation_span"
    draft = ask("first", "PUT", f"/programmes/{GUIZHOU}/draft", json={"document": document}).json()
    path = f"/programme-drafts/{draft['id']}/publish"
    assert ask("first", "POST", path, json={"revision": 1}).json()["code"] == "another_person_needed"
    assert ask("second", "POST", path, json={"revision": 1}).json()["version"] == 2
    versions = ask("second", "GET", f"/programmes/{GUIZHOU}/versions").json()["items"]
    assert [each["name"] for each in versions[0]["changes"]] == ["terms.validity_days"]
    assert (
        ask("elsewhere", "PUT", f"/programmes/{GUIZHOU}/draft", json={"document": document}).status_code
        == 403
    )


def test_money_moves_by_two_people(ask: Ask) -> None:
    path = f"/programmes/{GUIZHOU}/instructions"
    made = ask("first", "POST", path, json={"kind": "fund", "fen": 5}).json()
    assert ask("first", "POST", path, json={"kind": "fund", "fen": 5}).json()["id"] == made["id"]
    own = ask("first", "POST", f"/instructions/{made['id']}/confirm")
    assert own.json()["code"] == "another_person_needed"
    assert ask("second", "POST", f"/instructions/{made['id']}/confirm").json()["state"] == "done"
    held = ask("second", "GET", f"/programmes/{GUIZHOU}/budget").json()
    assert (held["pool_fen"], held["months"][2]["funded"]) == (100_000_005, 100_000_005)
    assert ask("bureau", "GET", f"/programmes/{GUIZHOU}/budget").status_code == 403
    home = ask("bureau", "POST", f"/programmes/{JIAXING}/instructions", json={"kind": "fund", "fen": 5})
    assert home.json()["code"] == "programme_master_elsewhere"
