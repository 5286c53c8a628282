"""Another algorithm joins by its name, from enrolling a key to the offline check of a bundle. A toy stands for SM2 with SM3."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from hub import verify
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity.errors import PublicKeyRefused
from hub.settlement.models import Document
from hub.settlement.rules import signing as rules
from hub.settlement.service import officer_keys, signatures
from tests.hub.settlement.signing import bundling, papers
from tests.hub.settlement.signing.bundling import LATER
from tests.hub.settlement.signing.papers import FIRST, NOW, SHANGHAI, ZHEJIANG
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

SECRET = b"toy secret"
PUBLIC = {"kty": "TOY", "crv": "TOY-1", "x": base64.urlsafe_b64encode(b"toy secret").rstrip(b"=").decode()}
"""No secret at all: what matters here is the way, not the strength."""


def toy_sign(secret: bytes, message: bytes) -> bytes:
    return hashlib.sha256(secret + message).digest()


def toy_verify(jwk: Mapping[str, Any], message: bytes, signature: bytes) -> bool:
    return signature == toy_sign(base64.urlsafe_b64decode(jwk["x"] + "=="), message)


def toy_read(jwk: Mapping[str, Any]) -> Mapping[str, str] | None:
    if (jwk.get("kty"), jwk.get("crv")) != ("TOY", "TOY-1"):
        return None
    if not isinstance(jwk.get("x"), str):
        raise PublicKeyRefused("缺少 x。", "There is no x.")
    return {name: jwk[name] for name in ("kty", "crv", "x")}


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is needed: one entry at the hub, one in the verifier."""
    monkeypatch.setitem(rules.ALGORITHMS, "TOY", rules.Algorithm(("TOY",), toy_verify, toy_read))
    monkeypatch.setitem(verify.ALGORITHMS, "TOY", toy_verify)


def signed(payload: bytes, kid: str, **changes: Any) -> str:
    told = json.dumps(papers.header(ZHEJIANG, kid, **{"alg": "TOY", **changes})).encode()
    protected, body = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (told, payload))
    made = toy_sign(SECRET, f"{protected}.{body}".encode())
    return f"{protected}..{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def enrolled(runtime: Runtime) -> tuple[str, bytes]:
    """The toy key in force, and the canonical form of the first statement."""
    with runtime.database.write() as session:
        papers.put(session, "statement", papers.STATEMENT, papers.statement(bundling.LINES["2026-01"]))
        proposed = officer_keys.propose(
            session, ZHEJIANG, PUBLIC, "国密机（合成）", actor="person:one", now=NOW
        )
        officer_keys.approve(session, proposed.kid, actor="person:two", now=NOW)
        assert (proposed.algorithm, proposed.jwk) == ("TOY", PUBLIC)
        return proposed.kid, rfc8785.dumps(session.get_one(Document, FIRST).body)


def report(runtime: Runtime, folder: Path) -> list[str]:
    path = folder / "bundle.zip"
    path.write_bytes(bundling.packed(runtime, [FIRST]))
    found = verify.check(path)
    return [f"{each.file} {each.en}" for each in found.problems]


def test_a_key_of_it_is_enrolled_signs_and_is_checked_offline(
    runtime: Runtime, toy: None, tmp_path: Path
) -> None:
    held = replace(runtime, clock=VirtualClock(LATER))
    kid, payload = enrolled(held)
    with held.database.write() as session:
        with pytest.raises(HubError, match="signature_wrong"):
            signatures.sign(session, papers.signer(), FIRST, signed(payload + b" ", kid), now=LATER)
        kept = signatures.sign(session, papers.signer(), FIRST, signed(payload, kid), now=LATER)
        assert (kept.alg, kept.kid) == ("TOY", kid)
        assert signatures.grades(session, FIRST, now=LATER) == {SHANGHAI: "waiting", ZHEJIANG: "signed"}
    assert report(held, tmp_path) == []


def test_a_verifier_without_it_says_that_it_does_not_know_its_name(
    runtime: Runtime, toy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = replace(runtime, clock=VirtualClock(LATER))
    kid, payload = enrolled(held)
    with held.database.write() as session:
        signatures.sign(session, papers.signer(), FIRST, signed(payload, kid), now=LATER)
    monkeypatch.delitem(verify.ALGORITHMS, "TOY")
    (problem,) = report(held, tmp_path)
    assert f"signatures/0001-{ZHEJIANG}-signed.jws" in problem
    assert "alg is 'TOY'" in problem
    assert "this program knows ES256, EdDSA" in problem


@pytest.mark.parametrize("alg", ["TOY-2", "SM2", "none", "EdDSA", "toy"])
def test_another_name_in_the_header_is_refused_and_alg_is_named(
    runtime: Runtime, toy: None, alg: str
) -> None:
    kid, payload = enrolled(runtime)
    with runtime.database.write() as session, pytest.raises(HubError) as refused:
        signatures.sign(session, papers.signer(), FIRST, signed(payload, kid, alg=alg), now=LATER)
    assert (refused.value.code, refused.value.field) == ("signature_algorithm_other", "jws")
    assert f"alg is '{alg}'" in refused.value.en
    assert "TOY" in refused.value.en


@pytest.mark.parametrize(
    "given",
    [{**PUBLIC, "crv": "TOY-2"}, {**PUBLIC, "d": "c2VjcmV0"}, {"kty": "TOY", "crv": "TOY-1"}],
    ids=["unknown kind", "private", "no point"],
)
def test_a_key_that_no_algorithm_takes_is_refused(runtime: Runtime, toy: None, given: dict[str, str]) -> None:
    with runtime.database.write() as session, pytest.raises(PublicKeyRefused) as refused:
        officer_keys.propose(session, ZHEJIANG, given, "甲", actor="person:one", now=NOW)
    assert refused.value.field == "public_key"


def test_without_its_entry_the_key_is_not_taken(runtime: Runtime) -> None:
    with runtime.database.write() as session, pytest.raises(PublicKeyRefused):
        officer_keys.propose(session, ZHEJIANG, PUBLIC, "甲", actor="person:one", now=NOW)
