"""A platform downloads, receipts and signs with its own enrolled key; over the API nobody signs for another."""

from __future__ import annotations

import httpx
import pytest
import rfc8785
from jwcrypto.jwk import JWK

from hub.core.runtime import Runtime
from hub.settlement.rules import signing as rules
from tests.hub.identity.oauth.conftest import Enrol, enrol
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.papers import FIRST, SHANGHAI, ZHEJIANG
from tests.virtual_clock import VirtualClock

__all__ = ["enrol"]

PLACE = f"/api/v1/documents/{FIRST}"


@pytest.fixture
def shanghai(runtime: Runtime, clock: VirtualClock, enrol: Enrol) -> PlatformClient:
    """Shanghai's platform, before a statement between it and Zhejiang."""
    platform = enrol(SHANGHAI)
    with runtime.database.write() as session:
        papers.put_statement(session, now=clock())
    clock.advance(60)
    return platform


def bearer(platform: PlatformClient, province: str = SHANGHAI) -> dict[str, str]:
    return platform.bearer(f"settlement:{province}")


def made(client: httpx.Client, platform: PlatformClient, clock: VirtualClock, **changes: object) -> str:
    """The platform's signature of what it downloaded."""
    told = client.get(PLACE, headers=bearer(platform)).json()
    header = {
        "alg": "ES256",
        "kid": "k1",
        "typ": rules.SIGNATURE,
        "document": FIRST,
        "side": SHANGHAI,
        "iat": int(clock().timestamp()),
    }
    key = changes.pop("key", platform.key)
    assert isinstance(key, JWK)
    return papers.detached(key, rfc8785.dumps(told["document"]), {**header, **changes})


def test_download_receipt_sign(client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock) -> None:
    waiting = client.get("/api/v1/documents", params={"waiting": True}, headers=bearer(shanghai)).json()[
        "items"
    ]
    assert [(each["id"], each["side"], each["is_overdue"]) for each in waiting] == [(FIRST, SHANGHAI, False)]
    receipt = made(client, shanghai, clock, typ=rules.RECEIPT)
    answer = client.post(f"{PLACE}/receipts", json={"jws": receipt}, headers=bearer(shanghai))
    assert (answer.status_code, answer.json()["kind"]) == (201, "receipt")
    text = made(client, shanghai, clock)
    for _ in range(2):
        answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(shanghai))
        assert (answer.status_code, answer.json()["kid"], answer.json()["side"]) == (201, "k1", SHANGHAI)
    told = client.get(PLACE, headers=bearer(shanghai)).json()
    assert told["grades"] == {SHANGHAI: "signed", ZHEJIANG: "waiting"}
    assert [each["kind"] for each in told["signatures"]] == ["receipt", "signed"]
    assert (
        client.get("/api/v1/documents", params={"waiting": True}, headers=bearer(shanghai)).json()["items"]
        == []
    )


def test_a_key_counts_only_for_the_platform_that_enrolled_it(
    client: httpx.Client, shanghai: PlatformClient, enrol: Enrol, clock: VirtualClock
) -> None:
    sister = enrol(SHANGHAI, key=new_key("Ed25519", kid="k9"))
    text = made(client, shanghai, clock)
    answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(sister))
    assert answer.json()["code"] == "signature_key_unknown"
    zhejiang = enrol(ZHEJIANG)
    answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(zhejiang, ZHEJIANG))
    assert answer.json()["code"] == "signature_other_document"
    anhui = enrol("340000")
    assert client.get(PLACE, headers=bearer(anhui, "340000")).status_code == 403
    answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(anhui, "340000"))
    assert answer.status_code == 403


def test_wrong_key_and_foreign_algorithm_are_refused(
    client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock
) -> None:
    for text, code in (
        (made(client, shanghai, clock, key=new_key()), "signature_wrong"),
        (made(client, shanghai, clock, key=new_key("Ed25519"), alg="EdDSA"), "signature_algorithm_other"),
        (made(client, shanghai, clock, document=f"{papers.STATEMENT}/2"), "signature_other_document"),
        ("x" * 5_000, "parameter_invalid"),
    ):
        answer = client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(shanghai))
        assert answer.status_code == 422
        assert answer.json()["code"] == code


def test_a_retired_key_signs_no_more_and_what_it_signed_stays(
    client: httpx.Client, shanghai: PlatformClient, clock: VirtualClock, runtime: Runtime
) -> None:
    from hub.identity.service import platform_keys

    text = made(client, shanghai, clock)
    assert client.post(f"{PLACE}/signatures", json={"jws": text}, headers=bearer(shanghai)).status_code == 201
    with runtime.database.write() as session:
        second = papers.put_statement(session, now=clock())
        other = new_key(kid="k2")
        platform_keys.add_key(session, shanghai.id, public_half(other), actor="system:test", now=clock())
        platform_keys.retire_key(session, shanghai.id, "k1", is_forced=True, actor="system:test", now=clock())
        body = rfc8785.dumps(dict(papers.documents.find(session, second).body))  # type: ignore[union-attr]
    header = {
        "alg": "ES256",
        "kid": "k1",
        "typ": rules.SIGNATURE,
        "document": second,
        "side": SHANGHAI,
        "iat": int(clock().timestamp()),
    }
    late = papers.detached(shanghai.key, body, header)
    shanghai.key, shanghai.header = other, {"kid": "k2"}
    answer = client.post(
        f"/api/v1/documents/{second}/signatures", json={"jws": late}, headers=bearer(shanghai)
    )
    assert answer.json()["code"] == "signature_key_revoked", answer.json()
    assert client.get(PLACE, headers=bearer(shanghai)).json()["grades"][SHANGHAI] == "signed"


def test_the_hub_s_keys_are_public(client: httpx.Client, shanghai: PlatformClient) -> None:
    packed = client.get(f"{PLACE}/package", headers=bearer(shanghai)).json()
    published = client.get("/api/v1/document-keys").json()
    assert packed["keys"] == published
    assert all("d" not in key for key in published["keys"])
    bundle = client.get(f"{PLACE}/package", headers={})
    assert bundle.status_code == 401
