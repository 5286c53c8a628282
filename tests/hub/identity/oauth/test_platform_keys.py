"""A platform changes its key by itself, with both in use for a while; staff stop a key at once."""

import threading
from collections import Counter
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto.jwk import JWK

from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity.errors import LastPublicKey, PublicKeyRefused
from hub.identity.rules.public_keys import MAX_KEYS, read_public_key
from hub.identity.service import platform_keys
from tests.hub.identity.oauth.conftest import Enrol
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def _add(platform: PlatformClient, key: object, **more: str) -> httpx.Response:
    body = {"public_key": public_half(key) if isinstance(key, JWK) else key, **more}
    return platform.http.post(
        f"/api/v1/platforms/{platform.id}/keys", json=body, headers=platform.bearer("keys:310000")
    )


def _retire(platform: PlatformClient, kid: str) -> httpx.Response:
    return platform.http.delete(
        f"/api/v1/platforms/{platform.id}/keys/{kid}", headers=platform.bearer("keys:310000")
    )


def test_a_key_is_changed_with_overlap(platform: PlatformClient, clock: VirtualClock) -> None:
    old, new = platform.key, new_key("Ed25519", kid="k2")
    assert _add(platform, new).status_code == 201
    assert _add(platform, new).status_code == 201  # the answer was lost: sent again
    refused = _retire(platform, "k1")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_public_key")
    platform.key = new
    assert platform.ask().status_code == 200
    platform.key = old
    assert platform.ask().status_code == 200  # both are good
    platform.key = new
    assert _retire(platform, "k1").status_code == 204
    assert _retire(platform, "k1").status_code == 204
    platform.key = old
    assert "no key in use" in platform.ask().json()["error_description"]
    platform.key = new
    told = platform.http.get(
        f"/api/v1/platforms/{platform.id}", headers=platform.bearer("keys:310000")
    ).json()
    assert [(key["kid"], "retired_at" in key, "last_used_at" in key) for key in told["keys"]] == [
        ("k1", True, True),
        ("k2", False, True),
    ]


def test_tokens_got_with_a_key_end_with_it(
    platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    new = new_key(kid="k2")
    _add(platform, new)
    by_old = platform.token()
    platform.key = new
    by_new = platform.token()
    with runtime.database.write() as session:
        platform_keys.retire_key(
            session, platform.id, "k1", is_forced=True, actor="account:admin", now=clock()
        )
    assert platform.ask("/oauth/introspect", token=by_old).json() == {"active": False}
    assert platform.ask("/oauth/introspect", token=by_new).json()["active"]


def test_staff_may_stop_the_last_key(platform: PlatformClient, runtime: Runtime, clock: VirtualClock) -> None:
    with pytest.raises(LastPublicKey), runtime.database.write() as session:
        platform_keys.retire_key(session, platform.id, "k1", is_forced=False, actor="x", now=clock())
    with runtime.database.write() as session:
        platform_keys.retire_key(session, platform.id, "k1", is_forced=True, actor="x", now=clock())
    assert platform.ask().json()["error"] == "invalid_client"


def test_an_ordinary_token_changes_no_keys(platform: PlatformClient, enrol: Enrol) -> None:
    url = f"/api/v1/platforms/{platform.id}/keys"
    body = {"public_key": public_half(new_key(kid="k2"))}
    assert platform.http.post(url, json=body, headers=platform.bearer()).json()["code"] == "not_allowed"
    assert platform.http.post(url, json=body).status_code == 401
    sibling = enrol("310000")
    answer = platform.http.post(url, json=body, headers=sibling.bearer("keys:310000"))
    assert (answer.status_code, answer.json()["code"]) == (403, "other_platform")
    other = enrol("320000")
    answer = platform.http.post(url, json=body, headers=other.bearer("keys:320000"))
    assert (answer.status_code, answer.json()["code"]) == (403, "other_party")


def test_a_name_or_a_key_is_never_given_again(
    platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    assert _add(platform, new_key(kid="k1")).json()["code"] == "public_key_taken"
    assert _add(platform, platform.key, kid="another").json()["code"] == "public_key_taken"
    retired = new_key(kid="k2")
    _add(platform, retired)
    with runtime.database.write() as session:
        platform_keys.retire_key(session, platform.id, "k2", is_forced=True, actor="x", now=clock())
    assert _add(platform, retired).json()["code"] == "public_key_taken"
    assert _add(platform, new_key(kid="k2")).json()["code"] == "public_key_taken"
    assert _retire(platform, "k9").json()["code"] == "platform_unknown"


def test_there_is_room_for_so_many(platform: PlatformClient) -> None:
    for number in range(2, MAX_KEYS + 1):
        assert _add(platform, new_key(kid=f"k{number}")).status_code == 201
    refused = _add(platform, new_key(kid="k9"))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_public_keys")


def test_keys_of_one_name_at_once_leave_one(
    platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    together = threading.Barrier(6)
    outcomes: list[str] = []

    def add(key: object) -> None:
        together.wait()
        try:
            with runtime.database.write() as session:
                platform_keys.add_key(session, platform.id, key, "same", actor="x", now=clock())
            outcomes.append("kept")
        except HubError as fact:
            outcomes.append(fact.code)

    keys = [public_half(new_key(kid=None)) for _ in range(6)]
    threads = [threading.Thread(target=add, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"kept": 1, "public_key_taken": 5}


def test_the_last_two_keys_are_not_retired_at_once(
    platform: PlatformClient, runtime: Runtime, clock: VirtualClock
) -> None:
    """Each looks at the other and finds it good, unless the second waits for the first."""
    second = new_key(kid="k2")
    _add(platform, second)
    platform.token()
    PlatformClient(platform.http, clock, platform.id, second).token()
    outcomes: list[str] = []

    def retire_other() -> None:
        try:
            with runtime.database.write() as session:
                platform_keys.retire_key(session, platform.id, "k2", is_forced=False, actor="x", now=clock())
        except LastPublicKey:
            outcomes.append("refused")

    with runtime.database.write() as session:
        platform_keys.retire_key(session, platform.id, "k1", is_forced=False, actor="x", now=clock())
        other = threading.Thread(target=retire_other)
        other.start()
        other.join(0.3)  # it has to wait for the end of this transaction
        assert outcomes == []
    other.join()
    assert outcomes == ["refused"]
    assert PlatformClient(platform.http, clock, platform.id, second).ask().status_code == 200


def test_a_platform_without_keys_adds_none(enrol: Enrol, runtime: Runtime, clock: VirtualClock) -> None:
    from hub.identity.service import platforms

    with runtime.database.write() as session:
        invited = platforms.invite_platform(session, "360000", may_use_secret=True, actor="x", now=clock())
        joined = platforms.enrol_platform(session, invited.token, now=clock())
    with pytest.raises(HubError) as raised, runtime.database.write() as session:
        platform_keys.add_key(session, joined.platform.id, public_half(new_key()), actor="x", now=clock())
    assert raised.value.code == "platform_unknown"


def _pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


@pytest.mark.parametrize(
    ("pem", "algorithm"),
    [
        (_pem(ec.generate_private_key(ec.SECP256R1())), "ES256"),
        (_pem(ed25519.Ed25519PrivateKey.generate()), "EdDSA"),
    ],
)
def test_a_key_may_come_as_pem(platform: PlatformClient, pem: str, algorithm: str) -> None:
    answer = _add(platform, pem)
    assert answer.status_code == 201, answer.text
    assert answer.json()["algorithm"] == algorithm
    assert answer.json()["kid"] == JWK.from_pem(pem.encode()).thumbprint()


GOOD = public_half(new_key(kid="good"))
EDWARDS = public_half(new_key("Ed25519", kid="good"))

REFUSED: dict[str, object] = {
    "private JWK": new_key().export_private(as_dict=True),
    "private PEM": "-----BEGIN PRIVATE KEY-----\nMIG...\n-----END PRIVATE KEY-----",
    "RSA": JWK.generate(kty="RSA", size=2048).export_public(as_dict=True),
    "RSA PEM": _pem(rsa.generate_private_key(65537, 2048)),
    "P-384": JWK.generate(kty="EC", crv="P-384").export_public(as_dict=True),
    "P-384 PEM": _pem(ec.generate_private_key(ec.SECP384R1())),
    "X25519": JWK.generate(kty="OKP", crv="X25519").export_public(as_dict=True),
    "secp256k1": JWK.generate(kty="EC", crv="secp256k1").export_public(as_dict=True),
    "symmetric": {"kty": "oct", "k": "AAAA"},
    "key set": {"keys": [GOOD]},
    "not on the curve": {**GOOD, "y": GOOD["x"]},
    "x missing": {"kty": "EC", "crv": "P-256", "y": GOOD["y"]},
    "x a number": {**GOOD, "x": 7},
    "x not base64": {**GOOD, "x": "*"},
    "x too long": {**GOOD, "x": "A" * 500},
    "Ed25519 too short": {**EDWARDS, "x": "AAAA"},
    "for encryption": {**GOOD, "use": "enc"},
    "for signing by others": {**GOOD, "key_ops": ["deriveKey"]},
    "other algorithm": {**GOOD, "alg": "ES384"},
    "key_ops a number": {**GOOD, "key_ops": 7},
    "key_ops text": {**GOOD, "key_ops": "verify"},
    "alg a list": {**GOOD, "alg": ["ES256"]},
    "kty a list": {**GOOD, "kty": ["EC"]},
    "kid with a slash": {**GOOD, "kid": "a/b"},
    "kid of blanks": {**GOOD, "kid": " "},
    "kid a number": {**GOOD, "kid": 5},
    "kid long": {**GOOD, "kid": "x" * 65},
    "many members": {**GOOD, **{f"m{n}": n for n in range(30)}},
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "long text": "x" * 100_000,
    "number": 1,
    "nothing": None,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_public_key_for_signatures_is_refused(name: str) -> None:
    with pytest.raises(PublicKeyRefused) as raised:
        read_public_key(REFUSED[name])
    assert raised.value.field == "public_key"
    if "private" in name:
        assert "私钥" in raised.value.zh


def test_only_the_members_that_make_the_key_are_kept() -> None:
    key = read_public_key({**GOOD, "x5u": "https://attacker.example/", "comment": "x" * 100})
    assert key.jwk == {name: GOOD[name] for name in ("kty", "crv", "x", "y")}
