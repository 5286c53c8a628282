"""How platforms and people send: pushed batches, the keys and sessions they need, and what is listed afterwards."""

from typing import Any

import httpx
import orjson
from sqlalchemy import select

from hub.catalog.models import Instrument
from hub.core.runtime import Runtime
from hub.identity import service as identity
from tests.hub.catalog.fake_province import PROVINCE

BATCHES = f"/api/v1/sync/{PROVINCE}/batches"
DIGESTS = f"/api/v1/sync/{PROVINCE}/digests"
FILES = f"/api/v1/provinces/{PROVINCE}/files"
PASSWORD = "synthetic-password-1"


def issue(hub: Runtime, province: str) -> dict[str, str]:
    """The header of a province's platform."""
    with hub.database.write() as session:
        text = identity.issue_key(session, province, actor="system:test", now=hub.clock())
    return {"Authorization": f"Bearer {text}"}


def sign_in(hub: Runtime, client: httpx.Client, province: str | None) -> dict[str, str]:
    """Sign staff of a province in, or the hub's administrator; the header of their changes."""
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
    """One line for each body; bytes as they are."""
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
