"""Whoever hands something in gets the hub's own signed receipt, checked with the keys that the hub publishes."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from hub.core import sequencer
from hub.core.clock import SHANGHAI as BEIJING
from hub.core.runtime import Runtime
from hub.settlement.models import Document
from hub.settlement.rules import signing as rules
from hub.settlement.service import signatures
from hub.settlement.service.signatures import Signer
from tests.hub.identity.oauth.conftest import Enrol, enrol
from tests.hub.identity.oauth.platform_client import PlatformClient
from tests.hub.settlement.periods import world
from tests.hub.settlement.periods.test_api import Office, offices
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import BATCH, Usage
from tests.hub.settlement.signing.papers import FIRST, SHANGHAI, ZHEJIANG
from tests.hub.settlement.signing.test_api import PLACE, bearer, made, shanghai
from tests.virtual_clock import VirtualClock

__all__ = ["enrol", "offices", "shanghai"]

pytestmark = pytest.mark.database


def said(client: httpx.Client, receipt: str) -> dict[str, Any]:
    """What a receipt says, by an independent library under the published keys."""
    keys = JWKSet.from_json(client.get("/api/v1/document-keys").text)
    jws = JWS()
    jws.deserialize(receipt)
    jws.verify(keys)
    assert json.loads(jws.objects["protected"])["typ"] == "hub-receipt+jws"
    told: dict[str, Any] = json.loads(jws.payload)
    assert told.pop("format") == "jyh-receipt/1"
    return told


def fetched(client: httpx.Client, path: str, headers: dict[str, str], **params: str) -> dict[str, Any]:
    answer = client.get(path, headers=headers, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jose"), answer.text
    assert answer.headers["content-disposition"].endswith('.receipt.jws"')
    return said(client, answer.text)


def test_a_signature_and_a_receipt_are_receipted_and_the_same_words_can_be_had_again(
    client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock, runtime: Runtime
) -> None:
    with runtime.database.read() as session:
        sha256 = session.get_one(Document, FIRST).sha256
    for what, place, kind, typ in (
        ("receipt", "receipts", "receipt", rules.RECEIPT),
        ("signature", "signatures", "signed", rules.SIGNATURE),
    ):
        text = made(client, shanghai, clock, typ=typ)
        answer = client.post(f"{PLACE}/{place}", json={"jws": text}, headers=bearer(shanghai))
        assert answer.status_code == 201
        told = said(client, answer.json()["hub_receipt"])
        assert told == {
            "what": what,
            "side": SHANGHAI,
            "by": f"platform:{shanghai.id}",
            "document": FIRST,
            "document_sha256": sha256,
            "handed_in_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "kid": "k1",
            "at": clock().astimezone(BEIJING).isoformat(timespec="seconds"),
        }
        clock.advance(timedelta(minutes=3).total_seconds())
        again = client.post(f"{PLACE}/{place}", json={"jws": text}, headers=bearer(shanghai))
        assert said(client, again.json()["hub_receipt"]) == told
        assert fetched(client, f"{PLACE}/hub-receipt", bearer(shanghai), kind=kind) == told
        assert fetched(client, f"{PLACE}/hub-receipt", bearer(shanghai), kind=kind, side=SHANGHAI) == told


def test_an_acknowledgement_is_receipted_for_what_it_is(
    client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock, runtime: Runtime
) -> None:
    with runtime.database.write() as session:
        sha256 = session.get_one(Document, FIRST).sha256
        signatures.acknowledge(session, Signer(ZHEJIANG, "person:p-1"), FIRST, sha256, now=clock())
    told = fetched(client, f"{PLACE}/hub-receipt", bearer(shanghai), kind="acknowledged", side=ZHEJIANG)
    assert (told["what"], told["by"], told["document_sha256"]) == ("acknowledgement", "person:p-1", sha256)
    assert "handed_in_sha256" not in told, "nothing was signed"


def test_there_is_no_receipt_for_what_was_not_handed_in_nor_for_others(
    client: httpx.Client, shanghai: PlatformClient, enrol: Enrol
) -> None:
    for side, kind in ((SHANGHAI, "signed"), (ZHEJIANG, "acknowledged"), ("340000", "receipt")):
        params = {"side": side, "kind": kind}
        answer = client.get(f"{PLACE}/hub-receipt", headers=bearer(shanghai), params=params)
        assert (answer.status_code, answer.json()["code"]) == (404, "receipt_unknown")
    anhui = bearer(enrol("340000"), "340000")
    assert client.get(f"{PLACE}/hub-receipt", headers=anhui).status_code == 403
    wrong = {"side": "hub"}
    assert client.get(f"{PLACE}/hub-receipt", headers=bearer(shanghai), params=wrong).status_code == 400


def test_an_edited_receipt_is_no_receipt(
    client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock
) -> None:
    text = made(client, shanghai, clock)
    answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(shanghai))
    head, payload, signature = answer.json()["hub_receipt"].split(".")
    other = payload[:-4] + ("AAAA" if payload[-4:] != "AAAA" else "BBBB")
    with pytest.raises(JWException):
        said(client, f"{head}.{other}.{signature}")


def test_a_payment_proof_and_the_seal_are_receipted(
    client: httpx.Client, runtime: Runtime, offices: dict[str, Office]
) -> None:
    world.rated(runtime.database, Usage("u1"))
    world.close(runtime.database)
    visited, home, city = offices["shanghai"], offices["zhejiang"], offices["jiaxing"]
    visited.post(f"/batches/{BATCH}/submit")
    home.post(f"/batches/{BATCH}/agree", {"sha256": world.batch(runtime.database, BATCH).sha256})
    visited.post(f"/batches/{BATCH}/post")
    [line] = lines_of(runtime.database)
    paid, seal = f"/payment-lines/{line.id}/hub-receipt", f"/batches/{BATCH}/hub-receipt"
    assert city.get(paid).json()["code"] == "receipt_unknown"
    assert visited.get(seal).json()["code"] == "receipt_unknown"
    proof = {"paid_on": "2026-04-20", "bank_reference": "B-1", "amount_fen": 30_000, "sha256": "a" * 64}
    answer = city.post(f"/payment-lines/{line.id}/paid", proof).json()
    told = said(client, city.get(paid).text)
    assert said(client, answer.pop("hub_receipt")) == told
    assert answer == {"line_id": line.id, "fen": 30_000, "state": "paid"}
    again = city.post(f"/payment-lines/{line.id}/paid", proof).json()
    assert said(client, again["hub_receipt"]) == told, "the same word, the same receipt"
    assert told.pop("at").endswith("+08:00")
    assert told.pop("by").startswith("account:")
    assert told == {
        "what": "payment_proof",
        "line": line.id,
        "amount_fen": 30_000,
        "paid_on": "2026-04-20",
        "bank_reference": "B-1",
        "handed_in_sha256": "a" * 64,
    }
    assert offices["guizhou"].get(paid).status_code == 403
    assert city.get("/payment-lines/pl-none/hub-receipt").json()["code"] == "payment_line_unknown"
    sealed = visited.post(f"/batches/{BATCH}/seal").json()["sealed_sha256"]
    told = said(client, home.get(seal).text)
    assert (told["what"], told["batch"], told["sealed_sha256"]) == ("seal", BATCH, sealed)
    assert told["document"] == world.batch(runtime.database, BATCH).statement_id
    assert offices["guizhou"].get(seal).json()["code"] == "other_party"


def test_a_payment_that_bounced_has_no_receipt_any_more(
    client: httpx.Client, runtime: Runtime, offices: dict[str, Office]
) -> None:
    world.posted(runtime.database, Usage("u1"))
    [line] = lines_of(runtime.database)
    place, city = f"/payment-lines/{line.id}", offices["jiaxing"]
    proof = {"paid_on": "2026-04-20", "bank_reference": "B-1", "amount_fen": 30_000}
    key = {"Idempotency-Key": "key-of-a-payment-that-bounced"}
    first = city.post(f"{place}/paid", proof, **key)
    assert said(client, first.json()["hub_receipt"])["amount_fen"] == 30_000
    assert city.post(f"{place}/bounced", {"reason": "other", "text": "账号不符"}).status_code == 200
    replayed = city.post(f"{place}/paid", proof, **key)
    assert replayed.headers["idempotency-replayed"] == "true"
    assert replayed.json() == {"line_id": line.id, "fen": 30_000, "state": "paid"}


def test_the_published_seals_are_signed(
    client: httpx.Client, runtime: Runtime, offices: dict[str, Office]
) -> None:
    place = "/api/v1/settlement/seals"
    assert client.get(place).json() == {"items": []}
    world.posted(runtime.database, Usage("u1"))
    [line] = lines_of(runtime.database)
    world.pay(runtime.database, line.id, 30_000)
    sealed = offices["shanghai"].post(f"/batches/{BATCH}/seal").json()["sealed_sha256"]
    sequencer.number_once(runtime.database)
    answer = client.get(place).json()
    jws = JWS()
    jws.deserialize(answer["jws"])
    jws.verify(JWKSet.from_json(client.get("/api/v1/document-keys").text))
    assert json.loads(jws.objects["protected"])["typ"] == "hub-seals+jws"
    assert json.loads(jws.payload) == {"format": "jyh-seals/1", "items": answer["items"]}
    assert [(each["batch_id"], each["sha256"]) for each in answer["items"]] == [(BATCH, sealed)]
