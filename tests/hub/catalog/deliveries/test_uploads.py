"""Files that staff upload, through the API as the portal's page sends them."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import func, select

from adapters.contract import Limits
from hub.catalog.service import deliveries
from hub.core import outbox
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import File
from tests.hub.catalog.deliveries.sending import FILES, listed, ndjson, sign_in
from tests.hub.catalog.fake_province import PROVINCE, FakeProvince, instrument_body

pytestmark = pytest.mark.database


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
