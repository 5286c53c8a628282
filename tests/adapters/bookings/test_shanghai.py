"""上海: native idempotency, and callbacks that only the platform can have signed."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from jwcrypto import jwk, jws
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters.bookings.signatures import DetachedJws
from adapters.contract import Answer
from adapters.errors import AuthRejected, LimitExceeded, Malformed, OutcomeUnknown, Refused, SignatureInvalid
from adapters.simulators.desk import Period, desk_of, model
from adapters.simulators.fleet import Fleet
from adapters.simulators.shanghai_bookings import Orders, Signer
from adapters.simulators.world import World
from tests.adapters.bookings.platforms import BASE, Clock, Line, Spoken, speaking

Make = Callable[[str], Spoken]
HEADER = "X-Sgst-Signature"


@pytest.fixture
def shanghai(province: Make) -> Spoken:
    return province("310000")


def orders_of(spoken: Spoken) -> Orders:
    return spoken.simulator._orders  # type: ignore[attr-defined,no-any-return]


def callbacks(spoken: Spoken, after: int = 0) -> list[bytes]:
    """The bodies of what the platform tells."""
    return [orders_of(spoken).callback(delivery) for delivery in spoken.desk.deliveries(after)]


def signed(spoken: Spoken, body: bytes, **how: Any) -> dict[str, str]:
    signer = how.pop("signer", orders_of(spoken).signer)
    seconds = how.pop("seconds", int(spoken.clock.now.timestamp()))
    return {"Content-Type": "application/json", HEADER: signer.sign(body, seconds, **how)}


def begun(spoken: Spoken) -> tuple[Any, bytes]:
    order = spoken.order()
    spoken.submit(order)
    spoken.desk.accept(spoken.number(order))
    return order, callbacks(spoken)[-1]


# -- the same message again ---------------------------------------------------------------------------------------


def test_the_same_message_again_gives_the_first_answer_again(shanghai: Spoken) -> None:
    order = shanghai.order()
    message = shanghai.message("submit", order)
    first = shanghai.port.send(message)
    shanghai.desk.accept(shanghai.number(order))
    again = shanghai.port.send(message)
    assert again == first
    assert len(shanghai.desk.under(order.id)) == 1


def test_a_lost_answer_may_be_asked_for_with_the_same_key(shanghai: Spoken) -> None:
    message = shanghai.message("submit", shanghai.order())
    for fault in ("unanswered", "reset", "lost"):
        shanghai.line.faults = [fault]
        with pytest.raises(OutcomeUnknown):
            shanghai.port.send(message)
    assert shanghai.port.send(message).kind == "received"
    assert len(shanghai.desk.under(message.order.id)) == 1


def test_another_body_under_the_same_key_is_refused(shanghai: Spoken) -> None:
    message = shanghai.message("submit", shanghai.order())
    shanghai.port.send(message)
    other = replace(message, order=replace(message.order, purpose="别的用途"))
    with pytest.raises(Refused):
        shanghai.port.send(other)
    assert len(shanghai.desk.under(message.order.id)) == 1


def test_a_token_that_lapses_between_two_messages_is_renewed(shanghai: Spoken) -> None:
    shanghai.submit(shanghai.order())
    shanghai.world.tick(24 * 3600)
    order = shanghai.order(slot=shanghai.free_slot(skip=6))
    assert shanghai.submit(order).kind == "received"
    assert len(shanghai.desk.under(order.id)) == 1


def test_a_wrong_secret_is_a_persons_business(tmp_path: Path) -> None:
    world = World(records=200)
    fleet = Fleet(world, BASE, tmp_path, ["310000"])
    desk, clock = desk_of(world.province("310000")), Clock()
    desk.clock = clock
    line = Line(Starlette(routes=[Mount("/310000", routes=list(fleet.simulators["310000"].routes))]))
    spoken = speaking("310000", fleet, line, desk, clock, client_secret="wrong")
    with pytest.raises(AuthRejected):
        spoken.submit(spoken.order())
    assert desk.orders() == []
    line.end()


# -- callbacks ----------------------------------------------------------------------------------------------------


def test_a_callback_is_read_and_known_to_be_signed(shanghai: Spoken) -> None:
    order, body = begun(shanghai)
    (answer,) = shanghai.port.read_callback(signed(shanghai, body), body)
    assert (answer.kind, answer.booking_id, answer.remote_id) == (
        "accepted",
        order.id,
        shanghai.number(order),
    )
    assert answer.slot == order.slot
    assert answer.is_signed
    assert answer.raw == body
    assert answer.message_id == orjson.loads(body)["messageId"]
    (lower,) = shanghai.port.read_callback({k.lower(): v for k, v in signed(shanghai, body).items()}, body)
    assert lower == answer


def test_every_step_has_its_callback(shanghai: Spoken) -> None:
    order = shanghai.order()
    shanghai.submit(order)
    number = shanghai.number(order)
    later = shanghai.free_slot(skip=8)
    shanghai.desk.propose(number, Period(later.start, later.end), model.BY_PLATFORM, "校准")
    shanghai.port.send(
        shanghai.message("agree", replace(order, remote_id=number), slot=later, proposal_id=f"{number}-2")
    )
    for step in (
        shanghai.desk.receive_samples,
        shanghai.desk.begin,
        shanghai.desk.finish,
        shanghai.desk.deliver_report,
    ):
        step(number)
    answers: list[Answer] = []
    for body in callbacks(shanghai):
        answers.extend(shanghai.port.read_callback(signed(shanghai, body), body))
    assert [a.kind for a in answers] == [
        "received", "proposed", "accepted", "samples_received", "in_service", "done", "report",
    ]  # fmt: skip
    assert [a.sequence for a in answers] == list(range(1, 8))
    assert (answers[1].slot, answers[2].slot) == (later, later)
    report = answers[-1].report
    assert report is not None
    content = shanghai.port.report(replace(order, remote_id=number), report)
    assert content == shanghai.desk.order(number).report.content


def test_a_replay_is_the_same_message_to_the_inbox(shanghai: Spoken) -> None:
    _, body = begun(shanghai)
    headers = signed(shanghai, body)
    first = shanghai.port.read_callback(headers, body)
    shanghai.clock.advance(200)
    assert shanghai.port.read_callback(headers, body) == first
    shanghai.clock.advance(200)
    with pytest.raises(SignatureInvalid):
        shanghai.port.read_callback(headers, body)


def flip(text: str, place: int) -> str:
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place + 1 :]


def without(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != HEADER}


FORGERIES: dict[str, Callable[[Spoken, bytes], tuple[Mapping[str, str], bytes]]] = {
    "another amount in the body": lambda s, b: (signed(s, b), b.replace(b"CONFIRMED", b"REFUSED")),
    "a byte more": lambda s, b: (signed(s, b), b + b" "),
    "no signature": lambda s, b: (without(signed(s, b)), b),
    "empty signature": lambda s, b: ({HEADER: ""}, b),
    "words": lambda s, b: ({HEADER: "signed, truly"}, b),
    "huge": lambda s, b: ({HEADER: "a" * 5_000 + ".." + "b"}, b),
    "the signature's first letter": lambda s, b: (
        {HEADER: _resigned(s, b, lambda p, g: f"{p}..{flip(g, 0)}")},
        b,
    ),
    "the header's letter": lambda s, b: ({HEADER: _resigned(s, b, lambda p, g: f"{flip(p, 5)}..{g}")}, b),
    "no signature bytes": lambda s, b: ({HEADER: _resigned(s, b, lambda p, g: f"{p}..")}, b),
    "attached payload": lambda s, b: ({HEADER: _resigned(s, b, lambda p, g: f"{p}.e30.{g}")}, b),
    "another province's audience": lambda s, b: (signed(s, b, aud="320000"), b),
    "too old": lambda s, b: (signed(s, b, seconds=int(s.clock.now.timestamp()) - 301), b),
    "from the future": lambda s, b: (signed(s, b, seconds=int(s.clock.now.timestamp()) + 301), b),
    "a key nobody enrolled": lambda s, b: (signed(s, b, signer=Signer("sgst-2031")), b),
    "another's key under our key's name": lambda s, b: (signed(s, b, signer=impostor()), b),
    "no algorithm": lambda s, b: (signed(s, b, alg="none"), b),
    "a shared secret made of the public key": lambda s, b: (signed(s, b, alg="HS256"), b),
    "critical extension": lambda s, b: (signed(s, b, crit=["exp"]), b),
    "time is no number": lambda s, b: (signed(s, b, ts="now"), b),
}


def impostor() -> Signer:
    """Another platform's key under the name of ours."""
    made = Signer("another platform")
    made.key_id = "sgst-2026"
    return made


def _resigned(spoken: Spoken, body: bytes, make: Callable[[str, str], str]) -> str:
    protected, _, signature = signed(spoken, body)[HEADER].partition("..")
    return make(protected, signature)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused(name: str, shanghai: Spoken) -> None:
    _, body = begun(shanghai)
    headers, content = FORGERIES[name](shanghai, body)
    with pytest.raises(SignatureInvalid) as refused:
        shanghai.port.read_callback(headers, content)
    assert refused.value.zh
    assert refused.value.en


def test_two_keys_overlap_while_one_replaces_the_other(shanghai: Spoken, tmp_path: Path) -> None:
    _, body = begun(shanghai)
    old, new = orders_of(shanghai).signer, Signer("sgst-2027")
    both = orjson.dumps({"keys": [old.public(), new.public()]}).decode()
    credentials = dict(shanghai.simulator.credentials) | {"callback_jwks": both}
    shanghai.port._site = replace(shanghai.port._site, credentials=credentials)  # type: ignore[attr-defined]
    for signer in (old, new):
        (answer,) = shanghai.port.read_callback(signed(shanghai, body, signer=signer), body)
        assert answer.is_signed


def test_a_callback_that_is_signed_and_still_nonsense_is_malformed(shanghai: Spoken) -> None:
    begun(shanghai)
    for body in (b"", b"{", b"7", b"[7]", b'{"order": {}}', b'{"order": 7, "messageId": "x"}', b"\xff"):
        with pytest.raises(Malformed):
            shanghai.port.read_callback(signed(shanghai, body), body)


def test_a_huge_callback_is_not_even_verified(shanghai: Spoken) -> None:
    with pytest.raises(LimitExceeded):
        shanghai.port.read_callback({}, b"[" + b"0," * 2_000_000)


def test_without_enrolled_keys_nobody_is_believed(shanghai: Spoken) -> None:
    _, body = begun(shanghai)
    headers = signed(shanghai, body)
    for enrolled in ("", "{}", "no json", '{"keys": 7}', '{"keys": [{"kty": "EC"}]}'):
        credentials = dict(shanghai.simulator.credentials) | {"callback_jwks": enrolled}
        shanghai.port._site = replace(shanghai.port._site, credentials=credentials)  # type: ignore[attr-defined]
        with pytest.raises((AuthRejected, SignatureInvalid)):
            shanghai.port.read_callback(headers, body)


def test_what_the_platform_signs_jwcrypto_verifies(shanghai: Spoken) -> None:
    """The simulated signature is checked by a library that neither side uses."""
    _, body = begun(shanghai)
    protected, _, signature = signed(shanghai, body)[HEADER].partition("..")
    payload = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    token = jws.JWS()
    token.deserialize(f"{protected}.{payload}.{signature}")
    token.verify(jwk.JWK(**orders_of(shanghai).signer.public()))
    assert token.payload == body


def test_what_jwcrypto_signs_is_accepted() -> None:
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid="k1")
    body, now = b'{"a": 1}', datetime.fromisoformat("2026-11-23T09:00:00+08:00")
    made = jws.JWS(body)
    head = {"alg": "ES256", "kid": "k1", "aud": "310000", "ts": int(now.timestamp()), "nonce": "n"}
    made.add_signature(key, None, json.dumps(head))
    protected, _, signature = made.serialize(compact=True).split(".")
    scheme = DetachedJws(HEADER, "callback_jwks", "310000", 300)
    enrolled = {"callback_jwks": orjson.dumps({"keys": [orjson.loads(key.export_public())]}).decode()}
    scheme.verify({HEADER: f"{protected}..{signature}"}, body, enrolled, now)
    with pytest.raises(SignatureInvalid):
        scheme.verify({HEADER: f"{protected}..{signature}"}, body + b" ", enrolled, now)
