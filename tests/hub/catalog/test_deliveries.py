"""What comes by itself: pushed batches, period digests, uploaded files — through the API, as platforms and people send."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import func, select

from adapters.contract import Limits
from hub.app import create_app
from hub.catalog.models import Instrument
from hub.catalog.service import deliveries, digests, schedule
from hub.core import outbox
from hub.core.errors import LeaseLost
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import Batch, File, Run
from hub.federation.service import claims, runs
from hub.identity import service as identity
from tests.hub.catalog.fake_province import (
    PROVINCE,
    PUSHED,
    UPLOADED,
    FakeProvince,
    instrument_body,
)
from tests.in_process import InProcess

pytestmark = pytest.mark.database

BATCHES = f"/api/v1/sync/{PROVINCE}/batches"
DIGESTS = f"/api/v1/sync/{PROVINCE}/digests"
FILES = f"/api/v1/provinces/{PROVINCE}/files"
PASSWORD = "synthetic-password-1"


@pytest.fixture
def fake() -> FakeProvince:
    """A province that pushes, and whose staff upload."""
    return FakeProvince(resource_list=(PUSHED, replace(UPLOADED, name="workbook")))


@pytest.fixture
def client(hub: Runtime) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(hub)), base_url="http://hub.test") as held:
        yield held


@pytest.fixture
def key(hub: Runtime) -> dict[str, str]:
    """The header of the province's platform."""
    return issue(hub, PROVINCE)


def issue(hub: Runtime, province: str) -> dict[str, str]:
    with hub.database.write() as session:
        text = identity.issue_key(session, province, actor="system:test", now=hub.clock())
    return {"Authorization": f"Bearer {text}"}


def sign_in(hub: Runtime, client: httpx.Client, province: str | None) -> dict[str, str]:
    role = "hub_admin" if province is None else "province_staff"
    with hub.database.write() as session:
        identity.put_account(
            session,
            "someone",
            PASSWORD,
            role=role,
            province=province,
            is_demo=True,
            actor="system:test",
            now=hub.clock(),
        )
    answer = client.post("/api/v1/session", json={"username": "someone", "password": PASSWORD})
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


def ndjson(*bodies: Any) -> bytes:
    return b"\n".join(body if isinstance(body, bytes) else orjson.dumps(body) for body in bodies)


def push(
    client: httpx.Client, key: dict[str, str], content: bytes, batch: str = "b-1", **params: str
) -> httpx.Response:
    headers = key | {"Content-Type": "application/x-ndjson", "Batch-Id": batch}
    return client.post(BATCHES, params={"resource": "instruments"} | params, content=content, headers=headers)


def listed(hub: Runtime) -> set[str]:
    with hub.database.read() as session:
        keys = session.scalars(select(Instrument.native_key).where(Instrument.is_listed))
        return {key.partition("|")[2] for key in keys}


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


# --- digests ---------------------------------------------------------------------------------------------------


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


# --- uploads ---------------------------------------------------------------------------------------------------


def upload(
    client: httpx.Client,
    headers: dict[str, str],
    content: bytes,
    name: str = "仪器.xlsx",
    resource: str = "workbook",
) -> httpx.Response:
    return client.post(FILES, data={"resource": resource}, files={"file": (name, content)}, headers=headers)


def work(hub: Runtime) -> list[str]:
    """Do what the outbox wants, as the worker would."""
    done = []
    with hub.database.read() as session:
        rows = list(
            session.scalars(
                select(outbox.OutboxRow).where(
                    outbox.OutboxRow.done_at.is_(None), outbox.OutboxRow.failed_at.is_(None)
                )
            )
        )
    for row in rows:
        with hub.database.write() as session:
            held = outbox.claim(session, row.id, "worker", now=hub.clock())
        assert held is not None
        done.append(deliveries.take_upload(hub, row.payload["file_id"], owner=f"outbox:{row.id}").state)
        with hub.database.write() as session:
            outbox.finish(session, held, now=hub.clock())
    return done


def test_an_uploaded_file_becomes_a_run(hub: Runtime, client: httpx.Client) -> None:
    headers = sign_in(hub, client, PROVINCE)
    content = ndjson(*(instrument_body(f"N{n}") for n in range(20)))
    answer = upload(client, headers, content)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert work(hub) == ["done"]
    assert len(listed(hub)) == 20
    [file] = client.get(FILES).json()["items"]
    assert (file["state"], file["uploaded_by"], file["size"]) == ("done", "account:someone", len(content))
    again = upload(client, headers, content)
    assert again.json()["id"] == answer.json()["id"]
    assert work(hub) == ["done"]
    fewer = ndjson(*(instrument_body(f"N{n}") for n in range(19)))
    upload(client, headers, fewer)
    work(hub)
    assert len(listed(hub)) == 19  # the whole workbook: what is absent is gone


def test_a_large_file_is_stored_in_parts(hub: Runtime, client: httpx.Client) -> None:
    headers = sign_in(hub, client, None)
    content = ndjson(instrument_body("N0")) + b"\n" * 1_200_000
    upload(client, headers, content)
    assert work(hub) == ["done"]
    assert listed(hub) == {"N0"}


@pytest.mark.parametrize(
    ("content", "name", "resource", "status", "code"),
    [
        (b"", "a.xlsx", "workbook", 422, "file_empty"),
        (b"x" * 2001, "a.xlsx", "workbook", 413, "file_too_large"),
        (b"x", "a.exe", "workbook", 415, "file_kind"),
        (b"x", "a.xlsx", "instruments", 404, "resource_unknown"),
    ],
)
def test_a_file_that_is_not_taken_says_why(
    hub: Runtime,
    fake: FakeProvince,
    client: httpx.Client,
    *,
    content: bytes,
    name: str,
    resource: str,
    status: int,
    code: str,
) -> None:
    fake.manifest = replace(fake.manifest, limits=Limits(file_bytes=2000))
    answer = upload(client, sign_in(hub, client, PROVINCE), content, name, resource)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with hub.database.read() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 0


def test_an_upload_whose_worker_died_can_be_sent_again(hub: Runtime, client: httpx.Client) -> None:
    headers = sign_in(hub, client, PROVINCE)
    content = ndjson(instrument_body("N0"))
    upload(client, headers, content)
    with hub.database.write() as session:  # taken by a worker that was killed, its row given up
        session.scalars(select(File)).one().state = "processing"
        for row in session.scalars(select(outbox.OutboxRow)):
            row.failed_at = hub.clock()
    assert upload(client, headers, content).json()["state"] == "queued"
    assert work(hub) == ["done"]


def test_a_workbook_that_cannot_be_read_changes_nothing_and_says_why(
    hub: Runtime, client: httpx.Client
) -> None:
    headers = sign_in(hub, client, PROVINCE)
    upload(client, headers, ndjson(instrument_body("N0")))
    work(hub)
    upload(client, headers, b"PK\x03\x04 not a workbook")
    assert work(hub) == ["failed"]
    [newest, _] = client.get(FILES).json()["items"]
    assert newest["error"] == {"code": "malformed", "zh": "不是可读的工作簿", "en": "not a readable workbook"}
    assert listed(hub) == {"N0"}
    with hub.database.read() as session:
        assert queries.latest_runs(session)[PROVINCE, "workbook"].verdict == "partial"


def test_only_the_provinces_staff_upload(hub: Runtime, client: httpx.Client) -> None:
    content = ndjson(instrument_body("N0"))
    assert upload(client, {}, content).status_code == 401
    headers = sign_in(hub, client, "530000")
    assert upload(client, headers, content).json()["code"] == "other_province"
    assert upload(client, {}, content).json()["code"] in {"csrf_refused", "other_province"}


def test_a_file_without_a_name_or_field_is_a_named_problem(hub: Runtime, client: httpx.Client) -> None:
    headers = sign_in(hub, client, PROVINCE)
    answer = client.post(FILES, data={"resource": "workbook"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")
