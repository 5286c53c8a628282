"""A side signs what it downloaded with a key of its own; anything else is refused by a code and changes nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import rfc8785
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity.errors import PublicKeyRefused
from hub.settlement.models import Document
from hub.settlement.queries import signing as queries
from hub.settlement.rules import signing as rules
from hub.settlement.service import officer_keys, signatures
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.papers import FIRST, NOW, SHANGHAI, ZHEJIANG
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database
LATER = NOW + timedelta(minutes=5)


def grades(database: Database, document_id: str = FIRST, now=LATER) -> dict[str, str]:
    with database.read() as session:
        return dict(signatures.grades(session, document_id, now=now))


def test_both_sides_sign_and_each_is_graded(database: Database) -> None:
    key = papers.officer_key()
    with database.write() as session:
        papers.put_statement(session)
        kid = papers.enrol(session, ZHEJIANG, key)
        text_ = papers.signed(session, key, ZHEJIANG, kid)
        kept = signatures.sign(session, papers.signer(), FIRST, text_, now=LATER)
        again = signatures.sign(session, papers.signer(), FIRST, text_ + "\n", now=LATER)
        assert kept.id == again.id
    assert grades(database) == {SHANGHAI: "waiting", ZHEJIANG: "signed"}
    assert grades(database, now=NOW + timedelta(days=11)) == {SHANGHAI: "overdue", ZHEJIANG: "signed"}
    with database.read() as session:
        waiting = signatures.waiting_signatures(session, SHANGHAI, now=LATER)
        assert [(each.document_id, each.side, each.is_overdue) for each in waiting] == [
            (FIRST, SHANGHAI, False)
        ]
        assert signatures.waiting_signatures(session, "33", now=LATER) == []
        assert not signatures.is_settled(session, FIRST, now=LATER)


def test_an_acknowledgement_is_no_signature_and_a_signature_may_follow_it(database: Database) -> None:
    key = papers.officer_key()
    with database.write() as session:
        papers.put_statement(session)
        sha256 = session.get_one(Document, FIRST).sha256
        with pytest.raises(HubError, match="acknowledged_other_hash"):
            signatures.acknowledge(session, papers.signer(), FIRST, "0" * 64, now=LATER)
        first = signatures.acknowledge(session, papers.signer(), FIRST, sha256.upper(), now=LATER)
        assert signatures.acknowledge(session, papers.signer(), FIRST, sha256, now=LATER).id == first.id
    assert grades(database)[ZHEJIANG] == "acknowledged"
    with database.write() as session:
        kid = papers.enrol(session, ZHEJIANG, key)
        signatures.sign(
            session, papers.signer(), FIRST, papers.signed(session, key, ZHEJIANG, kid), now=LATER
        )
        with pytest.raises(HubError, match="signature_exists"):
            signatures.acknowledge(session, papers.signer(), FIRST, sha256, now=LATER)
    assert grades(database)[ZHEJIANG] == "signed"


def test_a_receipt_is_kept_and_is_no_consent(database: Database) -> None:
    key = papers.officer_key()
    with database.write() as session:
        papers.put_statement(session)
        kid = papers.enrol(session, ZHEJIANG, key)
        receipt = papers.signed(session, key, ZHEJIANG, kid, typ=rules.RECEIPT)
        with pytest.raises(HubError, match="signature_malformed"):
            signatures.sign(session, papers.signer(), FIRST, receipt, now=LATER)
        kept = signatures.keep_receipt(session, papers.signer(), FIRST, receipt, now=LATER)
        assert (kept.kind, kept.sha256) == ("receipt", session.get_one(Document, FIRST).sha256)
    assert grades(database)[ZHEJIANG] == "waiting"


Change = Callable[[Session, JWK, str], str]


def _other_key(session: Session, _: JWK, kid: str) -> str:
    return papers.signed(session, papers.officer_key(), ZHEJIANG, kid)


def _other_bytes(session: Session, key: JWK, kid: str) -> str:
    body = {**session.get_one(Document, FIRST).body, "period": "2026-02"}
    return papers.detached(key, rfc8785.dumps(body), papers.header(ZHEJIANG, kid))


def _hmac(session: Session, key: JWK, kid: str) -> str:
    """The public key as the secret of an HMAC: what a library that believes the header accepts."""
    secret = base64.urlsafe_b64encode(key.export_public().encode()).decode()
    payload = rfc8785.dumps(session.get_one(Document, FIRST).body)
    return papers.detached(JWK(kty="oct", k=secret), payload, papers.header(ZHEJIANG, kid, alg="HS256"))


def _unsigned(session: Session, key: JWK, kid: str) -> str:
    told = json.dumps(papers.header(ZHEJIANG, kid, alg="none")).encode()
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode() + ".."


def _embedded_key(session: Session, _: JWK, kid: str) -> str:
    own = papers.officer_key()
    return papers.signed(session, own, ZHEJIANG, kid, jwk=own.export_public(as_dict=True))


def _header(**changes: object) -> Change:
    return lambda session, key, name: papers.signed(session, key, ZHEJIANG, name, **changes)


REFUSED: dict[str, tuple[Change, str]] = {
    "another key under the name": (_other_key, "signature_wrong"),
    "another document's bytes": (_other_bytes, "signature_wrong"),
    "HMAC with the public key": (_hmac, "signature_algorithm_other"),
    "alg none": (_unsigned, "signature_algorithm_other"),
    "a key in the header": (_embedded_key, "signature_wrong"),
    "a key that nobody enrolled": (_header(kid="nobody"), "signature_key_unknown"),
    "made for another document": (_header(document=f"{papers.STATEMENT}/2"), "signature_other_document"),
    "made for another side": (_header(side=SHANGHAI), "signature_other_document"),
    "before it was issued": (_header(iat=int(NOW.timestamp()) - 3600), "signature_time_implausible"),
    "in the future": (_header(iat=int(NOW.timestamp()) + 3600), "signature_time_implausible"),
    "no time a clock can show": (_header(iat=10**17), "signature_time_implausible"),
    "no iat": (_header(iat=None), "signature_malformed"),
    "no side": (_header(side=None), "signature_malformed"),
    "text": (lambda *_: "签名", "signature_malformed"),
    "huge": (lambda *_: "a" * 100_000, "signature_malformed"),
    "cut": (lambda session, key, kid: papers.signed(session, key, ZHEJIANG, kid)[:-6], "signature_wrong"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_side_s_signature_is_refused(database: Database, name: str) -> None:
    change, code = REFUSED[name]
    key = papers.officer_key()
    with database.write() as session:
        papers.put_statement(session)
        kid = papers.enrol(session, ZHEJIANG, key)
        given = change(session, key, kid)
        with pytest.raises(HubError) as refused:
            signatures.sign(session, papers.signer(), FIRST, given, now=LATER)
        assert refused.value.code == code
        assert queries.signatures_of(session, FIRST) == []


def test_a_signature_is_used_for_its_own_document_only(database: Database) -> None:
    key = papers.officer_key()
    with database.write() as session:
        papers.put_statement(session)
        second = papers.put_statement(session)
        kid = papers.enrol(session, ZHEJIANG, key)
        text_ = papers.signed(session, key, ZHEJIANG, kid)
        with pytest.raises(HubError, match="signature_other_document"):
            signatures.sign(session, papers.signer(), second, text_, now=LATER)
        signatures.sign(session, papers.signer(), FIRST, text_, now=LATER)
        other = papers.signed(session, key, ZHEJIANG, kid, iat=int(NOW.timestamp()) + 90)
        with pytest.raises(HubError, match="signature_exists"):
            signatures.sign(session, papers.signer(), FIRST, other, now=LATER)
        with pytest.raises(HubError, match="side_not_concerned"):
            signatures.sign(session, papers.signer("340000"), FIRST, text_, now=LATER)
        with pytest.raises(HubError, match="document_unknown"):
            signatures.sign(session, papers.signer(), f"{papers.STATEMENT}/9", text_, now=LATER)


def test_a_key_counts_from_its_approval_by_a_second_person_to_its_revocation(database: Database) -> None:
    key = papers.officer_key()
    public = key.export_public(as_dict=True)
    with database.write() as session:
        papers.put_statement(session)
        made = officer_keys.propose(session, ZHEJIANG, public, "甲", actor="person:one", now=NOW)
        assert officer_keys.propose(session, ZHEJIANG, public, "甲", actor="person:one", now=NOW) is made
        text_ = papers.signed(session, key, ZHEJIANG, made.kid)
        with pytest.raises(HubError, match="signature_key_unknown"):
            signatures.sign(session, papers.signer(), FIRST, text_, now=LATER)
        with pytest.raises(HubError, match="second_person_needed"):
            officer_keys.approve(session, made.kid, actor="person:one", now=NOW)
        officer_keys.approve(session, made.kid, actor="person:two", now=NOW)
        officer_keys.revoke(session, made.kid, actor="person:two", now=LATER)
        with pytest.raises(HubError, match="signature_key_revoked"):
            signatures.sign(session, papers.signer(), FIRST, text_, now=LATER)
        with pytest.raises(HubError, match="officer_key_taken"):
            officer_keys.propose(session, SHANGHAI, public, "乙", actor="person:three", now=LATER)
        with pytest.raises(HubError, match="officer_key_unknown"):
            officer_keys.approve(session, made.kid, actor="person:three", now=LATER)
        assert (
            officer_keys.revoke(session, made.kid, actor="person:one", now=LATER).revoked_by == "person:two"
        )


@pytest.mark.parametrize("as_pem", [True, False])
def test_a_private_key_is_refused_and_not_kept(database: Database, as_pem: bool) -> None:
    key = papers.officer_key()
    given = (
        key.export_to_pem(private_key=True, password=None).decode()
        if as_pem
        else key.export_private(as_dict=True)
    )
    with database.write() as session, pytest.raises(PublicKeyRefused):
        officer_keys.propose(session, ZHEJIANG, given, "甲", actor="person:one", now=NOW)


def test_what_was_said_is_never_changed(database: Database) -> None:
    with database.write() as session:
        papers.put_statement(session)
        sha256 = session.get_one(Document, FIRST).sha256
        signatures.acknowledge(session, papers.signer(), FIRST, sha256, now=LATER)
    for statement in ("UPDATE settlement_signature SET kind = 'receipt'", "DELETE FROM settlement_signature"):
        with pytest.raises(DBAPIError), database.write() as session:
            session.execute(text(statement))


def test_the_hub_signs_what_it_issued_and_an_independent_library_accepts_it(runtime: Runtime) -> None:
    held = replace(runtime, clock=VirtualClock(LATER))
    with held.database.write() as session:
        papers.put_statement(session)
        session.add(
            Document(
                id="other:1/1",
                kind="other",
                series="other:1",
                number=1,
                sha256="0" * 64,
                body={},
                issued_at=NOW,
            )
        )
    assert signatures.sign_issued(held) is False
    signatures.sign_now(held, [FIRST, "other:1/1"], now=LATER)
    with held.database.read() as session:
        rows = queries.signatures_of(session, FIRST)
        keys = queries.hub_keys(session)
        body = rfc8785.dumps(session.get_one(Document, FIRST).body)
        assert queries.signatures_of(session, "other:1/1") == []
    assert [(row.side, row.kind, row.kid) for row in rows] == [("hub", "signed", keys[0].kid)]
    protected, _, signature = (rows[0].jws or "").split(".")
    whole = JWS()
    payload = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    whole.deserialize(f"{protected}.{payload}.{signature}", key=JWK(**keys[0].jwk))
    assert json.loads(whole.objects["protected"])["document"] == FIRST
