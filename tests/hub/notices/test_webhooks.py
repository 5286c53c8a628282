"""Webhooks: every event of the party once and in order, signed; again on request; a dead address keeps its place."""

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from hub.core import outbound, sequencer
from hub.core.db import Database
from hub.core.outbox import OutboxRow
from hub.notices import service
from hub.notices.errors import WebhookInvalid, WebhookUnknown
from hub.notices.models import Webhook
from tests.hub.notices.receivers import HttpReceiver, http_receiver
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

OURS, THEIRS = "enterprise:e1", "enterprise:e2"


@pytest.fixture
def address() -> Iterator[HttpReceiver]:
    with http_receiver() as held:
        yield held


def happen(database: Database, clock: VirtualClock, *parties: str) -> None:
    with database.write() as session:
        for party in parties:
            payload = {"event": {"kind": "accepted", "for": party}, "parties": [party, "province:310000"]}
            sequencer.announce(session, "booking", "bk-1", payload, now=clock())
    while sequencer.number_once(database):
        pass


def subscribe(database: Database, clock: VirtualClock, address: HttpReceiver, party: str = OURS) -> Webhook:
    with database.write() as session:
        return service.create_webhook(
            session, "account:m", party, address.url, private_hosts={address.host}, now=clock()
        )


def push(database: Database, clock: VirtualClock, address: HttpReceiver, held: Webhook) -> int:
    clients = functools.partial(outbound.client, allow={address.host})
    return service.push_events(database, clients, held.id, clock=clock)


def numbers(address: HttpReceiver) -> list[int]:
    return [json.loads(each.body)["number"] for each in address.requests]


def test_a_party_hears_of_its_own_events_only_and_in_order(
    database: Database, clock: VirtualClock, address: HttpReceiver
) -> None:
    happen(database, clock, OURS)
    held = subscribe(database, clock, address)
    happen(database, clock, OURS, THEIRS, OURS)
    assert push(database, clock, address, held) == 2
    assert push(database, clock, address, held) == 0
    assert numbers(address) == [2, 4]


def test_the_signature_is_that_of_standard_webhooks(
    database: Database, clock: VirtualClock, address: HttpReceiver
) -> None:
    held = subscribe(database, clock, address)
    happen(database, clock, OURS)
    push(database, clock, address, held)
    (got,) = address.requests
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(held.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert got.headers["webhook-id"] == "evt-1"


def test_an_address_that_fails_keeps_its_place_and_rests(
    database: Database, clock: VirtualClock, address: HttpReceiver
) -> None:
    held = subscribe(database, clock, address)
    happen(database, clock, OURS, OURS, OURS)
    address.answers = [(200, {}, b""), (500, {}, b"")]
    assert push(database, clock, address, held) == 1
    assert service.wake_webhooks(database, now=clock()) == 0
    clock.advance(11)
    assert service.wake_webhooks(database, now=clock()) == 1
    assert push(database, clock, address, held) == 2
    assert numbers(address) == [1, 2, 2, 3]
    with database.read() as session:
        row = session.get_one(Webhook, held.id)
        assert (row.failures, row.fault, row.delivered) == (0, None, 3)


def test_a_turn_is_put_once_while_it_waits(
    database: Database, clock: VirtualClock, address: HttpReceiver
) -> None:
    subscribe(database, clock, address)
    happen(database, clock, OURS)
    for _ in range(3):
        service.wake_webhooks(database, now=clock())
    with database.read() as session:
        assert len(session.scalars(select(OutboxRow.id)).all()) == 1


def test_replay_pushes_again_from_a_number(
    database: Database, clock: VirtualClock, address: HttpReceiver
) -> None:
    held = subscribe(database, clock, address)
    happen(database, clock, OURS, OURS)
    push(database, clock, address, held)
    with database.write() as session:
        service.replay(session, "account:m", held.id, 1, now=clock())
        with pytest.raises(WebhookInvalid, match="between 0 and 2"):
            service.replay(session, "account:m", held.id, 3, now=clock())
    push(database, clock, address, held)
    assert numbers(address) == [1, 2, 2]


def test_what_others_own_is_unknown(database: Database, clock: VirtualClock, address: HttpReceiver) -> None:
    held = subscribe(database, clock, address)
    with database.write() as session:
        with pytest.raises(WebhookUnknown):
            service.end_webhook(session, "account:x", held.id, now=clock())
        service.end_webhook(session, "account:m", held.id, now=clock())
    happen(database, clock, OURS)
    assert push(database, clock, address, held) == 0
    assert address.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org/",
        "https://user:pw@example.org/",
        "https://example.org:99999/",
        "https://",
        "https://例子.cn/",
        "https://example.org/" + "x" * 500,
    ],
)
def test_an_address_that_cannot_be_pushed_to(database: Database, clock: VirtualClock, url: str) -> None:
    with database.write() as session, pytest.raises(WebhookInvalid) as refused:
        service.create_webhook(session, "account:m", OURS, url, private_hosts=(), now=clock())
    assert refused.value.field == "url"


def test_there_is_a_most(database: Database, clock: VirtualClock, address: HttpReceiver) -> None:
    for _ in range(service.MOST_WEBHOOKS):
        subscribe(database, clock, address)
    with pytest.raises(WebhookInvalid):
        subscribe(database, clock, address)
