"""The door for provinces' answers: a signature of theirs or a token of their platform, never neither."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from adapters.contract import Connection
from adapters.registry import PROVINCES, build_adapter, load_province
from hub.bookings.models import Route
from hub.core.runtime import Runtime
from hub.exchange.models import InboxEntry
from hub.exchange.signing import Sealer
from hub.identity import service as identity
from tests.in_process import InProcess

pytestmark = pytest.mark.database

FORGED = {
    "xxid": "m-1",
    "yydh": "bk-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ptdh": "1",
    "hf": "TG",
    "sj": "2026-01-05 09:00:00",
}


@pytest.fixture
def door(runtime: Runtime, tmp_path: Path) -> Iterator[httpx.Client]:
    from hub.app import create_app

    adapters = {
        code: build_adapter(load_province(PROVINCES / code), Connection(), lambda **_: httpx.Client())
        for code in ("310000", "340000")
    }
    app = create_app(replace(runtime, adapters=adapters))
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        yield client


def key_of(runtime: Runtime, province: str) -> dict[str, str]:
    with runtime.database.write() as session:
        key = identity.issue_key(
            session, province, label="platform", actor="system:test", now=runtime.clock()
        )
    return {"Authorization": f"Bearer {key}"}


def post(door: httpx.Client, code: str, **headers: str) -> httpx.Response:
    return door.post(f"/api/v1/provinces/{code}/bookings/answers", json=FORGED, headers=headers)


def test_an_unsigned_answer_without_a_token_is_refused(door: httpx.Client) -> None:
    assert post(door, "340000").status_code == 401


def test_a_wrong_token_and_another_provinces_token_are_refused(door: httpx.Client, runtime: Runtime) -> None:
    assert post(door, "340000", Authorization="Bearer nothing").status_code == 401
    assert post(door, "340000", **key_of(runtime, "310000")).status_code == 403


def test_the_provinces_own_platform_is_heard(door: httpx.Client, runtime: Runtime) -> None:
    assert post(door, "340000", **key_of(runtime, "340000")).status_code == 200


def test_a_province_that_signs_is_not_believed_by_its_token_alone(
    door: httpx.Client, runtime: Runtime
) -> None:
    assert post(door, "310000", **key_of(runtime, "310000")).status_code == 401


def test_what_is_badly_signed_is_counted_and_never_applied(door: httpx.Client, runtime: Runtime) -> None:
    for signature in ("", "e30..AAAA"):
        answer = post(door, "310000", **{"X-Sgst-Signature": signature})
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    with runtime.database.read() as session:
        assert session.get_one(Route, "310000").refused_signatures == 2
        assert session.scalars(select(InboxEntry)).all() == []


def test_anybody_may_have_the_keys_that_messages_are_verified_with(
    door: httpx.Client, runtime: Runtime
) -> None:
    Sealer(runtime.database, runtime.home).ready(runtime.clock())
    (key,) = door.get("/api/v1/booking-messages/keys").json()["keys"]
    assert {"kid", "x", "y"} <= key.keys()
    assert "d" not in key


def test_what_is_fetched_carries_the_hubs_signature(door: httpx.Client, runtime: Runtime) -> None:
    answer = door.get("/api/v1/provinces/340000/bookings/messages", headers=key_of(runtime, "340000"))
    assert answer.json()["messages"] == []
    assert len(door.get("/api/v1/booking-messages/keys").json()["keys"]) == 1, "ready before it is needed"
