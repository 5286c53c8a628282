"""Messages leave under the hub's signature, arrivals leave a receipt, and what is badly signed is refused and counted."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from sqlalchemy import select

from adapters.contract import OrderMessage
from adapters.errors import Refused
from adapters.simulators.desk.hubs import HubKeys
from hub.bookings.models import Delivery, Route
from hub.bookings.service import handing, refusals
from hub.exchange.models import InboxEntry, Receipt, SealedMessage
from hub.exchange.signing import Sealer
from hub.identity import queries as identity
from hub.identity.service import signing
from tests.adapters.bookings.platforms import Spoken, speak
from tests.hub.bookings.world import World

pytestmark = pytest.mark.database


def published(world: World) -> dict[str, Any]:
    with world.database.read() as session:
        rows = identity.published_keys(session, "message", world.clock())
    return {"keys": [signing.public_jwk(row) for row in rows]}


def knowing(world: World, province: str) -> HubKeys:
    keys = HubKeys(province)
    keys.take(published(world))
    return keys


def head(token: str) -> dict[str, Any]:
    protected = token.partition("..")[0]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
    return found


@pytest.fixture(params=["310000", "320000", "510000"])
def platform(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Spoken]:
    """A simulator whose dialect carries the hub's signature, and that knows the hub's keys."""
    spoken = speak(request.param, tmp_path)
    Sealer(world.database, world.runtime.home).ready(world.clock())
    held = spoken.simulator
    orders = held._bookings if request.param == "320000" else held._orders  # type: ignore[attr-defined]
    orders.hub_keys.take(published(world))
    yield spoken
    spoken.line.end()


def seal_of(world: World) -> Any:
    sealer = Sealer(world.database, world.runtime.home)
    return lambda payload, members: sealer.seal(payload, members, now=world.clock())


def test_a_platform_takes_what_the_hub_signed_and_nothing_else(world: World, platform: Spoken) -> None:
    order = platform.order()
    message: OrderMessage = platform.message("submit", order)
    assert platform.port.send(message, seal_of(world)).kind == "received"
    told = head(platform.line.requests[-1].headers["X-Hub-Signature"])
    assert told["message_id"] == message.message_id
    assert told["booking_id"] == order.id
    assert (told["aud"], told["sequence"], told["typ"]) == (platform.code, 1, "hub-message+jws")
    other = platform.message("submit", platform.order())
    elsewhere = "330000"
    forged: list[Any] = [
        None,
        lambda payload, members: seal_of(world)(payload + b" ", members),
        lambda payload, members: seal_of(world)(payload, {**members, "aud": elsewhere}),
        lambda payload, members: "e30..AAAA",
    ]
    for seal in forged:
        with pytest.raises(Refused, match=r"(?i)bad_signature|40105"):
            platform.port.send(other, seal)
    platform.settle()
    assert len(platform.desk.orders()) == 1
    assert platform.port.lookup(order).kind == "received", "a question needs no signature"


def test_a_replaced_key_signs_and_the_old_one_stays_published(world: World) -> None:
    sealer = Sealer(world.database, world.runtime.home)
    first = sealer.seal(b"x", {"aud": "310000"}, now=world.clock())
    signing.replace_keys(
        world.database,
        world.runtime.home,
        "message",
        is_compromised=False,
        actor="account:t",
        now=world.clock(),
    )
    world.clock.advance(61)
    second = sealer.seal(b"x", {"aud": "310000"}, now=world.clock())
    assert head(first)["kid"] != head(second)["kid"]
    world.clock.advance(400 * 86_400)
    keys = knowing(world, "310000")
    assert [keys.objection(token, b"x") for token in (first, second)] == ["", ""]


def test_the_signature_and_the_receipt_are_kept(world: World) -> None:
    booking = world.submit("310000", world.slot())
    world.forward()
    with world.database.read() as session:
        sent = session.scalars(select(SealedMessage).where(SealedMessage.subject == booking)).one()
        receipt = session.get_one(Receipt, sent.id)
        inbox = session.scalars(select(InboxEntry).where(InboxEntry.subject == booking)).one()
    assert sent.signature == world.provinces["310000"].seals[0]
    assert head(sent.signature)["message_id"] == sent.id
    assert (receipt.way, receipt.answer_id) == ("response", inbox.message_id)
    assert receipt.answer_hash == sha256(inbox.raw).hexdigest()


def test_a_dialect_without_a_place_for_it_is_not_signed(world: World) -> None:
    booking = world.submit("360000", world.slot())
    world.forward()
    with world.database.read() as session:
        sent = session.scalars(select(SealedMessage).where(SealedMessage.subject == booking)).one()
        assert sent.signature is None
        assert session.get(Receipt, sent.id) is not None


def test_what_is_fetched_is_signed_as_a_whole(world: World) -> None:
    booking = world.submit("340000", world.slot())
    world.forward()
    anhui = world.provinces["340000"]
    anhui.is_signed = True
    sealer = Sealer(world.database, world.runtime.home).ready(world.clock())
    with world.database.write() as session:
        handed = handing.hand_out(
            session,
            "340000",
            anhui,
            after=0,
            limit=9,
            seal=sealer,
            now=world.clock(),  # type: ignore[arg-type]
        )
    (document,) = [dict(one.document) for one in handed]

    signature = document.pop("signature")
    keys = knowing(world, "340000")
    assert keys.objection(signature, rfc8785.dumps(document)) == ""
    assert keys.objection(signature, rfc8785.dumps({**document, "kind": "cancel"})) == "签名与正文不符"
    with world.database.read() as session:
        row = session.scalars(select(Delivery).where(Delivery.booking_id == booking)).one()
        assert session.get_one(SealedMessage, row.message_id).signature == signature


def test_refused_signatures_are_counted(world: World) -> None:
    for _ in range(3):
        with world.database.write() as session:
            refusals.count(session, "310000", now=world.clock())
    with world.database.read() as session:
        route = session.get_one(Route, "310000")
    assert (route.refused_signatures, route.refused_at) == (3, world.clock())
