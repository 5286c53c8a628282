"""The door for notifications: open to everybody, and only what the provider signed goes through; the rest needs a person."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import orjson
import pytest

from hub.app import create_app
from tests.conftest import InProcess
from tests.hub.settlement.payments.world import PAYMENT, World

PATH = "/api/v1/payment-notifications/online"


@pytest.fixture
def door(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as held:
        yield held


def test_a_signed_notification_pays_and_everything_else_is_refused(world: World, door: httpx.Client) -> None:
    attempt = world.start().attempt_id
    body = orjson.dumps({"message": "m1", "order": attempt, "state": "paid", "fen": 30_000})
    headers = world.cashier.sign(body)
    for answer, status, code in (
        (door.post(PATH, content=body), 401, "payment_signature_invalid"),
        (door.post(PATH, content=body + b" ", headers=headers), 401, "payment_signature_invalid"),
        (door.post(PATH.replace("online", "bank_transfer"), content=body), 422, "payment_channel_unknown"),
        (door.post(PATH.replace("online", "abacus"), content=body), 422, "payment_channel_unknown"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert door.post(PATH, content=bytes(100_000)).status_code in {413, 422}
    assert world.state == "initiated"
    assert door.post(PATH, content=body, headers=headers).json() == {"outcome": "applied"}
    assert door.post(PATH, content=body, headers=headers).json() == {"outcome": "repeated"}
    assert world.state == "paid"


def test_payments_are_for_people(door: httpx.Client) -> None:
    assert door.get("/api/v1/payments").status_code == 401
    assert door.get(f"/api/v1/payments/{PAYMENT}").status_code == 401
    assert door.post(f"/api/v1/payments/{PAYMENT}/attempts", json={"channel": "online"}).status_code == 401
