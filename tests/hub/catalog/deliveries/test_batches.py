"""Pushed batches, through the API as platforms send them."""

import httpx
import pytest
from sqlalchemy import func, select

from hub.catalog.service import schedule
from hub.core.errors import LeaseLost
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import Batch, Run
from hub.federation.service import claims, runs
from tests.hub.catalog.deliveries.sending import BATCHES, issue, listed, ndjson, push, sign_in
from tests.hub.catalog.fake_province import (
    PROVINCE,
    PUSHED,
    instrument_body,
)

pytestmark = pytest.mark.database


def test_every_line_of_a_batch_gets_its_verdict(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    push(client, key, ndjson(instrument_body("N0"), instrument_body("N8")), "b-0")
    content = ndjson(
        instrument_body("N0"),
        b"",
        instrument_body("N1"),
        b"{broken",
        instrument_body("N2", bad="火星仪器"),
        instrument_body("N1", name="同一编号的另一台"),
        instrument_body("N0", name="改了名字"),
        {"unit": "U1", "number": "N8", "gone": True},
    )
    answer = push(client, key, content)
    assert answer.status_code == 200
    told = answer.json()
    assert [(r["line"], r["key"], r["verdict"]) for r in told["records"]] == [
        (1, "U1|N0", "unchanged"),
        (3, "U1|N1", "accepted"),
        (4, None, "rejected"),
        (5, "U1|N2", "rejected"),
        (6, "U1|N1", "rejected"),
        (7, "U1|N0", "rejected"),
        (8, "U1|N8", "deleted"),
    ]
    assert [r["problems"][0]["code"] for r in told["records"] if r["problems"]] == [
        "bad-json", "unmapped-code", "duplicate-key", "duplicate-key",
    ]  # fmt: skip
    counts = {name: told[name] for name in ("received", "accepted", "unchanged", "rejected", "deleted")}
    assert counts == {"received": 7, "accepted": 1, "unchanged": 1, "rejected": 4, "deleted": 1}
    assert listed(hub) == {"N0", "N1"}


def test_the_same_batch_again_gets_the_same_answer(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    content = ndjson(instrument_body("N0"))
    first = push(client, key, content)
    assert first.json()["records"][0]["verdict"] == "accepted"
    hub.clock.advance(86_400)
    again = push(client, key, content)
    assert (again.status_code, again.content) == (200, first.content)
    other = push(client, key, ndjson(instrument_body("N1")))
    assert (other.status_code, other.json()["code"]) == (422, "batch_reused")
    assert listed(hub) == {"N0"}
    with hub.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1
    hub.clock.advance(181 * 86_400)
    assert schedule.retire_old(hub) == 1  # after half a year the number is free again
    assert push(client, key, content).json()["unchanged"] == 1


def test_a_batch_whose_answer_was_never_kept_is_taken_again(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    content = ndjson(instrument_body("N0"))
    push(client, key, content)
    with hub.database.write() as session:  # as if the process had died before it could keep the answer
        session.scalars(select(Batch)).one().answer = None
    again = push(client, key, content).json()
    assert (again["unchanged"], again["accepted"]) == (1, 0)
    assert listed(hub) == {"N0"}


def test_a_batch_that_is_at_work_makes_a_second_one_wait(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    order = runs.Order("push", "another process", "key:x")
    with hub.database.write() as session:
        claim = runs.claim_run(
            session, PROVINCE, PUSHED, order, mapping_version="1-aaaaaaaa", now=hub.clock(), is_delivery=True
        )
    answer = push(client, key, ndjson(instrument_body("N0")))
    assert (answer.status_code, answer.json()["code"]) == (409, "run_busy")
    assert int(answer.headers["Retry-After"]) >= 12
    hub.clock.advance(claims.LEASE_SECONDS + 1)  # the other one is dead
    assert push(client, key, ndjson(instrument_body("N0"))).status_code == 200
    with pytest.raises(LeaseLost), hub.database.write() as session:
        claims.lock_run(session, claim)
    with hub.database.read() as session:
        dead = queries.run_by_id(session, claim.run_id)
        assert dead is not None
        assert (dead.verdict, dead.reasons[0]["code"]) == ("partial", "abandoned")


@pytest.mark.parametrize(
    ("content", "params", "status", "code"),
    [
        (b"", {}, 422, "batch_empty"),
        (b"\n" * 5_001, {}, 413, "batch_too_large"),
        (b"x" * 16_000_001, {}, 413, "body_too_large"),
        (b"PK\x03\x04", {}, 422, "malformed"),
        (b"{}", {"resource": "dreams"}, 404, "resource_unknown"),
        (b"{}", {"resource": "workbook"}, 404, "resource_unknown"),
        (b"{}", {"period": "last month"}, 422, "period_invalid"),
    ],
    ids=["empty", "lines", "bytes", "no text", "resource", "direction", "period"],
)
def test_a_batch_that_cannot_be_read_is_a_named_problem(
    hub: Runtime,
    client: httpx.Client,
    key: dict[str, str],
    content: bytes,
    *,
    params: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = push(client, key, content, **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["zh"]
    assert listed(hub) == set()


@pytest.mark.parametrize("batch", ["", "a/b", "x" * 65, "批次"])
def test_batch_ids_are_checked(client: httpx.Client, key: dict[str, str], batch: str) -> None:
    headers = key | {"Content-Type": "application/x-ndjson"}
    answer = client.post(BATCHES, params={"batch_id": batch}, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422, "batch_id_invalid", "batch_id",
    )  # fmt: skip


def test_bytes_that_are_no_text_are_rejected_line_by_line(
    hub: Runtime, client: httpx.Client, key: dict[str, str]
) -> None:
    answer = push(client, key, b"\xff\xfe\x00\n" + ndjson(instrument_body("N0")))
    assert [record["verdict"] for record in answer.json()["records"]] == ["rejected", "accepted"]


def test_only_the_provinces_own_key_pushes(hub: Runtime, client: httpx.Client, key: dict[str, str]) -> None:
    content = ndjson(instrument_body("N0"))
    assert push(client, {}, content).status_code == 401
    other = push(client, issue(hub, "320000"), content)
    assert (other.status_code, other.json()["code"]) == (403, "other_province")
    assert push(client, {"Authorization": key["Authorization"] + "x"}, content).status_code == 401
    signed_in = sign_in(hub, client, PROVINCE)
    assert push(client, signed_in, content).status_code == 403
    assert listed(hub) == set()


def test_the_media_type_is_checked(client: httpx.Client, key: dict[str, str]) -> None:
    answer = client.post(
        BATCHES, content=b"{}", headers=key | {"Content-Type": "text/plain", "Batch-Id": "b"}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
