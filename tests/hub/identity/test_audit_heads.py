"""The audit's daily head: signed once a day, handed to every province, and what it finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date

import httpx
import orjson
import pytest
import rfc8785
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import serialize_compact
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from sqlalchemy import select, update

from adapters import registry
from adapters.simulators.partners import Partners
from hub.app import create_app
from hub.core import audit, outbox, sequencer
from hub.core.outbox import OutboxRow
from hub.core.partners import partners_of
from hub.core.runtime import Runtime
from hub.identity.models import AuditHead, HeadDelivery, SigningKey
from hub.identity.service import audit_heads
from tests.hub.core.test_audit import cut_after, rewrite_from, write
from tests.hub.identity.providers import running_partners
from tests.in_process import InProcess

pytestmark = pytest.mark.database

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def _running() -> Iterator[Partners]:
    with running_partners() as partners:
        yield partners


@pytest.fixture
def archives(_running: Partners) -> Partners:
    """What the provinces hold; empty."""
    for held in _running.heads.values():
        held.clear()
    return _running


@pytest.fixture
def hub(runtime: Runtime, archives: Partners) -> Runtime:
    """A hub with three provinces, of which two take heads."""
    partners = partners_of(archives.document())
    adapters = dict.fromkeys(("310000", "330000", "530000"))
    return dataclasses.replace(runtime, partners=partners, adapters=adapters)  # type: ignore[arg-type]


def deliver(hub: Runtime) -> list[str]:
    """Do what waits in the outbox; the provinces that were sent something."""
    with hub.database.read() as session:
        rows = session.scalars(
            select(OutboxRow).where(
                OutboxRow.task_name == audit_heads.DELIVER_TASK, OutboxRow.done_at.is_(None)
            )
        ).all()
    for row in rows:
        audit_heads.deliver_head(hub, date.fromisoformat(row.payload["day"]), row.payload["province"])
        with hub.database.write() as session:
            held = outbox.claim(session, row.id, "test", now=hub.clock())
            assert held is not None
            outbox.finish(session, held, now=hub.clock())
    return sorted(row.payload["province"] for row in rows)


def verify(hub: Runtime, *handed_out: str, keys: KeySet | None = None) -> tuple[int | None, str]:
    with hub.database.read() as session:
        found = audit_heads.verify(session, handed_out=handed_out, keys=keys, now=hub.clock())
    return found.broken_at, found.why


def test_a_head_is_signed_once_a_day_and_handed_to_everybody(hub: Runtime, archives: Partners) -> None:
    assert audit_heads.sign_due_head(hub) is None, "nothing has happened yet"
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    assert audit_heads.sign_due_head(hub) == DAY
    assert audit_heads.sign_due_head(hub) is None
    assert deliver(hub) == ["310000", "330000"]
    assert archives.heads["310000"] == archives.heads["330000"]
    with hub.database.read() as session:
        told = audit_heads.deliveries(session, [DAY])[DAY]
    assert {code: at is not None for code, at in told.items()} == {
        "310000": True,
        "330000": True,
        "530000": False,
    }
    hub.clock.advance(86_400)  # type: ignore[attr-defined]
    sequencer.number_once(hub.database)
    assert audit_heads.sign_due_head(hub) == date(2026, 1, 6)
    assert deliver(hub) == ["310000", "330000"]
    assert len(archives.heads["310000"]) == 2


def test_all_eleven_provinces_get_the_same_head(runtime: Runtime) -> None:
    codes = sorted(folder.name for folder in registry.folders(registry.PROVINCES))
    assert len(codes) == 11
    with running_partners(codes) as archives:
        partners = partners_of(archives.document())
        hub = dataclasses.replace(runtime, partners=partners, adapters=dict.fromkeys(codes))  # type: ignore[arg-type]
        write(hub.database, hub.clock)  # type: ignore[arg-type]
        audit_heads.sign_due_head(hub)
        assert deliver(hub) == codes
        assert [len(archives.heads[code]) for code in codes] == [1] * 11
        assert len({archives.heads[code][0] for code in codes}) == 1
    with hub.database.read() as session:
        assert None not in audit_heads.deliveries(session, [DAY])[DAY].values()


def test_a_head_is_canonical_json_that_others_can_verify(hub: Runtime, archives: Partners) -> None:
    """By a library that shares no code with the one that signed."""
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    audit_heads.sign_due_head(hub)
    deliver(hub)
    with httpx.Client(transport=InProcess(create_app(hub)), base_url="http://hub.test") as client:
        listed = client.get("/api/v1/audit/heads").json()["items"]
        keys = JWKSet.from_json(client.get("/api/v1/audit/keys").text)
    text = archives.heads["330000"][0]
    assert listed[0]["jws"] == text
    held = JWS.from_jose_token(text)
    held.verify(keys)
    payload: bytes = held.payload
    told = orjson.loads(payload)
    assert payload == rfc8785.dumps(told)
    with hub.database.read() as session:
        number, chained = sequencer.head_of(session, audit.TOPIC)
    assert number >= told["number"] == told["count"] == listed[0]["number"] == 5
    assert told["hash"] == listed[0]["hash"]
    assert len(chained) == 32


def test_a_platform_that_was_away_gets_what_it_missed(hub: Runtime, archives: Partners) -> None:
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    away = dataclasses.replace(hub.partners, audit_heads={"310000": "http://127.0.0.1:1/nowhere"})
    lonely = dataclasses.replace(hub, partners=away)
    audit_heads.sign_due_head(lonely)
    with pytest.raises(audit_heads.HeadNotTaken) as raised:
        audit_heads.deliver_head(lonely, DAY, "310000")
    assert raised.value.retryable
    hub.clock.advance(86_400)  # type: ignore[attr-defined]
    audit_heads.sign_due_head(hub)
    deliver(hub)
    assert len(archives.heads["310000"]) == 2


def test_a_province_that_refuses_is_asked_again(hub: Runtime, archives: Partners) -> None:
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    refusing = {"310000": f"{archives._base}/audit-heads/990000"}
    lonely = dataclasses.replace(hub, partners=dataclasses.replace(hub.partners, audit_heads=refusing))
    audit_heads.sign_due_head(lonely)
    with pytest.raises(audit_heads.HeadNotTaken, match="404"):
        audit_heads.deliver_head(lonely, DAY, "310000")
    with hub.database.read() as session:
        assert session.scalars(select(HeadDelivery.delivered_at)).all() == [None, None, None]


def test_a_head_delivered_twice_is_one_head(hub: Runtime, archives: Partners) -> None:
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    audit_heads.sign_due_head(hub)
    for _ in range(2):
        audit_heads.deliver_head(hub, DAY, "310000")
    assert len(archives.heads["310000"]) == 1


def signed(hub: Runtime) -> str:
    """A world with entries and one head; the head."""
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    audit_heads.sign_due_head(hub)
    with hub.database.read() as session:
        return session.scalars(select(AuditHead.jws)).one()


def test_the_kept_heads_find_a_rewritten_and_a_cut_chain(hub: Runtime) -> None:
    signed(hub)
    assert verify(hub) == (None, "")
    rewrite_from(hub.database, 2)
    assert verify(hub) == (5, "rewritten")


def test_a_cut_end_is_found(hub: Runtime) -> None:
    signed(hub)
    cut_after(hub.database, 3)
    assert verify(hub) == (4, "cut off")


def forge_head(hub: Runtime, with_key: bool) -> None:
    """What the database alone allows: make the kept head say what the rewritten chain says."""
    with hub.database.write() as session:
        row = session.scalars(select(AuditHead)).one()
        number, chained = (
            5,
            session.scalars(
                select(sequencer.AnnouncedChange.hash).where(sequencer.AnnouncedChange.number == 5)
            ).one(),
        )
        assert chained is not None
        told = {"count": 5, "day": DAY.isoformat(), "hash": chained.hex(), "number": number, "topic": "audit"}
        key = ECKey.generate_key("P-256")
        header = {"alg": "ES256", "kid": row.kid, "typ": audit_heads.TYPE}
        row.jws = serialize_compact(header, rfc8785.dumps(dict(told)), key, algorithms=["ES256"])
        row.hash = chained.hex()
        if with_key:
            public = key.as_dict(private=False)
            session.execute(
                update(SigningKey)
                .where(SigningKey.kid == row.kid)
                .values(jwk={name: public[name] for name in ("kty", "crv", "x", "y")})
            )


def test_a_forged_kept_head_does_not_verify(hub: Runtime) -> None:
    signed(hub)
    rewrite_from(hub.database, 2)
    forge_head(hub, with_key=False)
    assert verify(hub) == (5, "head altered")


def test_against_the_heads_of_a_province_nothing_helps(hub: Runtime) -> None:
    """Chain, kept heads and even the hub's public key in the database were replaced: the province's copies were not."""
    text = signed(hub)
    with hub.database.read() as session:
        keys = audit_heads.public_keys(session, now=hub.clock())
    rewrite_from(hub.database, 2)
    forge_head(hub, with_key=True)
    assert verify(hub) == (None, ""), "with its own database alone the hub would believe it"
    assert verify(hub, text, keys=keys) == (5, "head altered")


def test_a_head_that_only_a_province_still_has(hub: Runtime) -> None:
    text = signed(hub)
    with hub.database.write() as session:
        for table in (HeadDelivery, AuditHead):
            for row in session.scalars(select(table)):
                session.delete(row)
            session.flush()
    rewrite_from(hub.database, 4)
    assert verify(hub) == (None, "")
    assert verify(hub, text) == (5, "rewritten")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "长.长.长"])
def test_what_is_no_head_is_said_to_be_none(hub: Runtime, text: str) -> None:
    signed(hub)
    with pytest.raises(audit_heads.HeadMalformed):
        verify(hub, text)


def test_heads_are_listed_by_day(hub: Runtime) -> None:
    write(hub.database, hub.clock)  # type: ignore[arg-type]
    for _ in range(3):
        audit_heads.sign_due_head(hub)
        hub.clock.advance(86_400)  # type: ignore[attr-defined]
        sequencer.number_once(hub.database)
    with httpx.Client(transport=InProcess(create_app(hub)), base_url="http://hub.test") as client:
        first = client.get("/api/v1/audit/heads?limit=2").json()
        rest = client.get(f"/api/v1/audit/heads?limit=2&before={first['next']}").json()
    assert [head["day"] for head in first["items"] + rest["items"]] == [
        "2026-01-07",
        "2026-01-06",
        "2026-01-05",
    ]
    assert rest["next"] is None
