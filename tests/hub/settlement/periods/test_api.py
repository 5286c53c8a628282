"""The finance offices' API: each on its side, once for each key, at the version that was read."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

import schemas
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity import rules as roles
from hub.identity.service import people, sessions
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    PERIOD,
    SHANGHAI,
    ZHEJIANG,
    Usage,
    batch,
    close,
    furnish,
    rated,
)
from tests.virtual_clock import VirtualClock

ROOT = "/api/v1/settlement"


class Office:
    """Somebody of a finance office and what they send."""

    def __init__(self, client: httpx.Client, database: Database, name: str, terms: roles.Terms) -> None:
        with database.write() as session:
            person = people.new_person(session, name, name=f"account:{name}", now=AFTER)
            people.grant(session, person.id, terms, actor="system:test", now=AFTER)
            opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=AFTER)
        self._client = client
        self._headers = {"Cookie": f"hub_session={opened.token}", "X-CSRF-Token": opened.csrf_token}
        self._count = 0

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self._client.get(f"{ROOT}{path}", headers=self._headers, params=params)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        self._count += 1
        key = {"Idempotency-Key": f"key-of-a-finance-test-{self._count:04}"}
        return self._client.post(
            f"{ROOT}{path}", json=body or {}, headers={**self._headers, **key, **headers}
        )


@pytest.fixture
def offices(
    client: httpx.Client, database: Database, clock: VirtualClock, runtime: Runtime
) -> dict[str, Office]:
    """The finance of both provinces, of the paying city and of a third province, and an auditor."""
    assert runtime.clock is clock
    clock.advance((AFTER - clock()).total_seconds())
    furnish(database)
    finance = {
        "shanghai": roles.terms_of(roles.PROVINCE_FINANCE, province=SHANGHAI),
        "zhejiang": roles.terms_of(roles.PROVINCE_FINANCE, province=ZHEJIANG),
        "guizhou": roles.terms_of(roles.PROVINCE_FINANCE, province="520000"),
        "jiaxing": roles.terms_of(roles.CITY_FINANCE, area="3304"),
        "auditor": roles.terms_of(roles.AUDITOR, area="33"),
    }
    return {name: Office(client, database, name, terms) for name, terms in finance.items()}


def test_the_two_offices_bring_a_batch_to_its_seal(database: Database, offices: dict[str, Office]) -> None:
    rated(database, Usage("u1"), Usage("u2"))
    close(database)
    visited, home, city = offices["shanghai"], offices["zhejiang"], offices["jiaxing"]
    path = f"/batches/{BATCH}"
    shown = home.get(path)
    assert (shown.status_code, shown.json()["state"], shown.json()["fee_fen"]) == (200, "calculated", 120_000)
    assert home.post(f"{path}/submit").json()["code"] == "other_party"
    assert visited.post(f"{path}/submit", **{"If-Match": '"1"'}).json()["code"] == "batch_changed"
    assert visited.post(f"{path}/submit", **{"If-Match": shown.headers["ETag"]}).status_code == 200
    agreed = home.post(f"{path}/agree", {"sha256": batch(database).sha256})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")
    posted = visited.post(f"{path}/post")
    assert posted.json()["state"] == "posted"
    [listed] = city.get("/payment-lists").json()["items"]
    [line] = city.get(f"/payment-lists/{listed['id']}").json()["items"]
    assert (line["owed_fen"] if "owed_fen" in line else line["fen"], len(line["items"])) == (60_000, 2)
    proof = {"paid_on": "2026-04-20", "bank_reference": "B-1", "amount_fen": 60_000}
    assert city.post(f"/payment-lines/{line['id']}/paid", proof).status_code == 200
    sealed = visited.post(f"{path}/seal").json()
    assert (sealed["state"], len(sealed["sealed_sha256"])) == ("closed", 64)
    verdict = offices["auditor"].get(f"{path}/verdict").json()
    assert (verdict["lines"], verdict.get("broken")) == (2, None)
    file = offices["auditor"].get(f"{path}/list")
    assert (file.status_code, file.content.count(b"\n")) == (200, 2)
    net = home.get("/net", period=PERIOD).json()
    assert (net["owed"][SHANGHAI][ZHEJIANG], sum(net["net"].values())) == (60_000, 0)


def test_others_see_nothing_of_it(database: Database, offices: dict[str, Office]) -> None:
    rated(database, Usage("u1"))
    close(database)
    third = offices["guizhou"]
    assert third.get(f"/batches/{BATCH}").json()["code"] == "other_party"
    assert third.post(f"/batches/{BATCH}/submit").json()["code"] == "other_party"
    assert [
        each["id"] for each in third.get("/batches", period=PERIOD, state="calculated").json()["items"]
    ] == []
    seen = offices["zhejiang"].get("/batches", period=PERIOD, state="calculated").json()["items"]
    assert [each["id"] for each in seen] == [BATCH]
    assert offices["auditor"].post(f"/batches/{BATCH}/submit").status_code == 403
    assert offices["jiaxing"].get(f"/batches/{BATCH}").status_code == 403


def test_the_same_key_is_one_command(database: Database, offices: dict[str, Office]) -> None:
    [line] = rated(database, Usage("u1"))
    close(database)
    visited, home = offices["shanghai"], offices["zhejiang"]
    visited.post(f"/batches/{BATCH}/submit")
    body = {"line_id": line, "code": "wrong_time", "text": "时间不符"}
    key = {"Idempotency-Key": "key-of-a-return-that-is-sent-twice"}
    first = home.post(f"/batches/{BATCH}/return-line", body, **key)
    second = home.post(f"/batches/{BATCH}/return-line", body, **key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    other = home.post(f"/batches/{BATCH}/return-line", {**body, "code": "other"}, **key)
    assert other.json()["code"] == "idempotency_key_reused"
    shown = visited.get(f"/batches/{BATCH}").json()
    assert [each["code"] for each in shown["returns"]] == ["wrong_time"]
    assert [each["kind"] for each in shown["differences"]] == ["removed"]


@pytest.mark.parametrize("body", [{}, {"line_id": "x", "code": "other"}, {"line_id": 1, "code": "o" * 41}])
def test_a_malformed_body_names_its_field(
    database: Database, offices: dict[str, Office], body: dict[str, Any]
) -> None:
    rated(database, Usage("u1"))
    close(database)
    refused = offices["zhejiang"].post(f"/batches/{BATCH}/return-line", body)
    assert refused.status_code == 422
    assert refused.json()["errors"]


def test_a_payment_that_bounces_and_a_credit_by_two_offices(
    database: Database, offices: dict[str, Office]
) -> None:
    [line] = rated(database, Usage("u1"))
    close(database)
    visited, home = offices["shanghai"], offices["zhejiang"]
    visited.post(f"/batches/{BATCH}/submit")
    home.post(f"/batches/{BATCH}/agree", {"sha256": batch(database).sha256})
    visited.post(f"/batches/{BATCH}/post")
    [payment] = lines_of(database)
    new = home.post(
        f"/payment-lines/{payment.id}/bounced", {"reason": "account_wrong", "text": "账号有误"}
    ).json()
    assert new["new_line_id"] != payment.id
    why = {"reason": "priced_wrong", "text": "单价有误"}
    assert home.post(f"/lines/{line}/credit", why).json()["code"] == "other_party"
    number = visited.post(f"/lines/{line}/credit", why).json()["credit_id"]
    assert visited.post(f"/credits/{number}/issue").json()["code"] == "other_party"
    done = home.post(f"/credits/{number}/issue").json()
    assert (done["state"], done["document_id"]) == ("issued", f"credit:{SHANGHAI}-{ZHEJIANG}/1")
    assert batch(database).state == "paid", "nothing is left to be paid"


def test_no_authority_is_paid_so_that_there_is_nothing_to_net() -> None:
    """Once a programme may pay an authority, what two of them owe each other has to be netted where both agreed."""
    assert set(schemas.codes("programme_payee")) == {"institution", "enterprise"}


def test_netting_is_said_by_both(offices: dict[str, Office]) -> None:
    def netted() -> list[str]:
        told: list[str] = offices["shanghai"].get("/net", period=PERIOD).json()["netted"]
        return told

    assert offices["shanghai"].post("/netting", {"other": ZHEJIANG, "is_on": True}).status_code == 204
    assert netted() == []
    offices["zhejiang"].post("/netting", {"other": SHANGHAI, "is_on": True})
    assert netted() == [f"{SHANGHAI}-{ZHEJIANG}"]
    offices["zhejiang"].post("/netting", {"other": SHANGHAI, "is_on": False})
    assert netted() == []
    assert offices["zhejiang"].post("/netting", {"other": ZHEJIANG, "is_on": True}).status_code == 422
