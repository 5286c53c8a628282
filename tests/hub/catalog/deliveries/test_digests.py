"""Period digests: what a platform says it has, against what the hub holds."""

from typing import Any

import httpx
import pytest

from hub.catalog.service import digests
from hub.core.runtime import Runtime
from hub.federation import queries
from tests.hub.catalog.deliveries.sending import BATCHES, DIGESTS, listed, ndjson, push
from tests.hub.catalog.fake_province import PROVINCE, instrument_body

pytestmark = pytest.mark.database


def digest(*numbers: str, **told: Any) -> dict[str, Any]:
    keys = [f"U1|{number}" for number in numbers]
    return {
        "resource": "instruments",
        "period": "2026-01",
        "count": len(keys),
        "sha256": digests.keys_hash(keys),
        "keys": keys,
    } | told


def test_a_digest_that_agrees_is_complete(hub: Runtime, client: httpx.Client, key: dict[str, str]) -> None:
    push(client, key, ndjson(instrument_body("N0"), instrument_body("N1", bad="火星仪器")))
    for told, address in (
        (digest("N0"), DIGESTS),
        (digest("N0", "N1"), BATCHES),
    ):  # with and without quarantine
        answer = client.post(address, json=told, headers=key).json()
        assert (answer["verdict"], answer["missing"], answer["extra"]) == ("complete", [], [])
    bare = {name: value for name, value in digest("N0").items() if name != "keys"}
    assert client.post(DIGESTS, json=bare, headers=key).json()["verdict"] == "complete"
    with hub.database.read() as session:
        assert queries.provinces(session)[PROVINCE].last_complete_at == hub.clock()


def test_a_digest_names_what_is_missing_and_deletes_nothing_then(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    push(client, key, ndjson(*(instrument_body(f"N{n}") for n in range(5))))
    answer = client.post(DIGESTS, json=digest("N0", "N1", "N2", "N9"), headers=key).json()
    assert answer["verdict"] == "partial"
    assert (answer["missing"], answer["extra"]) == (["U1|N9"], ["U1|N3", "U1|N4"])
    assert len(listed(hub)) == 5
    bare = {name: value for name, value in digest("N0").items() if name != "keys"}
    differs = client.post(DIGESTS, json=bare, headers=key).json()
    assert [reason["code"] for reason in differs["reasons"]] == ["digest_differs"]


def test_what_a_digest_no_longer_lists_is_withdrawn_under_the_guard(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    push(client, key, ndjson(*(instrument_body(f"N{n}") for n in range(40))))
    answer = client.post(DIGESTS, json=digest(*(f"N{n}" for n in range(38))), headers=key).json()
    assert (answer["verdict"], answer["extra"]) == ("complete", ["U1|N38", "U1|N39"])
    assert len(listed(hub)) == 38
    empty = client.post(DIGESTS, json=digest(), headers=key).json()
    assert (empty["verdict"], empty["extra_count"]) == ("suspect", 38)
    assert len(listed(hub)) == 38
    with hub.database.read() as session:
        newest = queries.holds(session, PROVINCE)[0]
        assert (newest.state, newest.count) == ("open", 38)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({}, "resource"),
        (digest("N0", period="soon"), "period"),
        (digest("N0", count=-1), "count"),
        (digest("N0", count="1"), "count"),
        (digest("N0", sha256=3), "sha256"),
        (digest("N0", sha256="00"), "keys"),
        (digest("N0", count=2), "keys"),
        (digest("N0", keys="U1|N0"), "keys"),
        (digest("N0", "N0"), "keys"),
    ],
)
def test_a_malformed_digest_names_the_field(
    client: httpx.Client, key: dict[str, str], body: Any, field: str
) -> None:
    answer = client.post(DIGESTS, json=body, headers=key)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "digest_invalid",
        field,
    )
