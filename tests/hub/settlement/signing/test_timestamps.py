"""Time-stamps come in the background from a real `openssl ts`; what fails waits, and is asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from hub.core import sequencer
from hub.core.runtime import Runtime
from hub.settlement import ledger
from hub.settlement.errors import TimeStampRefused
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Document, TimeStamp
from hub.settlement.service import timestamps
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.authority import Authority, make_authority, openssl
from tests.hub.settlement.signing.papers import FIRST, NOW
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


@pytest.fixture
def stamped_hub(runtime: Runtime, authority: Authority) -> Runtime:
    """A hub that has this authority and issued one statement."""
    held = replace(runtime, clock=VirtualClock(NOW), tsa_url=authority.url, tsa_ca=authority.roots)
    with held.database.write() as session:
        papers.put_statement(session)
    return held


def drain(runtime: Runtime) -> int:
    rounds = 0
    while timestamps.stamp_due(runtime):
        rounds += 1
        assert rounds < 50
    return rounds


def waiting(runtime: Runtime) -> datetime | None:
    with runtime.database.read() as session:
        return timestamps.oldest_waiting(session)


def test_a_statement_is_stamped_once_and_openssl_accepts_it(
    stamped_hub: Runtime, authority: Authority, tmp_path: Path
) -> None:
    drain(stamped_hub)
    drain(stamped_hub)
    assert (authority.asked, waiting(stamped_hub)) == (1, None)
    with stamped_hub.database.read() as session:
        row = session.get_one(TimeStamp, f"document:{FIRST}")
        body = rfc8785.dumps(session.get_one(Document, FIRST).body)
    assert row.stamped_at is not None
    assert abs(row.stamped_at - datetime.now(UTC)) < timedelta(minutes=5)
    (tmp_path / "body").write_bytes(body)
    (tmp_path / "reply").write_bytes(row.reply or b"")
    (tmp_path / "ca").write_bytes(authority.roots)
    said = openssl(tmp_path, "ts", "-verify", "-data", "body", "-in", "reply", "-CAfile", "ca")
    assert said == b"Verification: OK\n"


def test_the_ledger_s_head_is_stamped_once_a_day(stamped_hub: Runtime, authority: Authority) -> None:
    clock = stamped_hub.clock
    assert isinstance(clock, VirtualClock)

    def post(reference: str) -> None:
        budget = Transfer(Account("authority", "330400"), Account("pool", "330400-voucher:2026"), 100)
        with stamped_hub.database.write() as session:
            ledger.post(session, reference, "budget", [budget], now=clock())
        while sequencer.number_once(stamped_hub.database, now=clock()):
            pass

    def heads() -> int:
        with stamped_hub.database.read() as session:
            return session.query(TimeStamp).where(TimeStamp.subject.startswith("head:ledger/")).count()

    post("b-1")
    drain(stamped_hub)
    post("b-2")
    drain(stamped_hub)
    assert heads() == 1
    clock.advance(86_400)
    drain(stamped_hub)
    assert heads() == 2
    clock.advance(86_400)  # nothing was posted: the same head needs no second stamp
    drain(stamped_hub)
    assert (heads(), authority.asked) == (2, 3)


def test_an_hour_without_the_authority_is_made_up_for_without_a_restart(
    stamped_hub: Runtime, authority: Authority
) -> None:
    clock = stamped_hub.clock
    assert isinstance(clock, VirtualClock)
    authority.mode = "down"
    for _ in range(4):
        with stamped_hub.database.write() as session:
            papers.put_statement(session, now=clock())
    for _ in range(30):
        timestamps.stamp_due(stamped_hub)
        clock.advance(120)
    assert waiting(stamped_hub) == NOW
    assert authority.asked <= 30  # one question a round, and growing distances
    authority.mode = "answers"
    clock.advance(600)
    drain(stamped_hub)
    assert waiting(stamped_hub) is None


@pytest.mark.parametrize("mode", ["old", "garbage"])
def test_an_answer_to_another_question_is_no_stamp(
    stamped_hub: Runtime, authority: Authority, mode: str
) -> None:
    clock = stamped_hub.clock
    assert isinstance(clock, VirtualClock)
    drain(stamped_hub)
    authority.mode = mode
    with stamped_hub.database.write() as session:
        second = papers.put_statement(session)
    timestamps.stamp_due(stamped_hub)
    with stamped_hub.database.read() as session:
        row = session.get_one(TimeStamp, f"document:{second}")
        assert (row.reply, row.attempts) == (None, 1)
        assert "TimeStampRefused" in (row.last_error or "")
    authority.mode = "answers"
    clock.advance(60)
    drain(stamped_hub)
    assert waiting(stamped_hub) is None


def test_wrong_imprint_nonce_and_foreign_authority_are_refused(authority: Authority, tmp_path: Path) -> None:
    request = TimestampRequestBuilder(b"paper", HashAlgorithm.SHA256).build()
    assert request.nonce is not None
    reply = authority.answer(request.as_bytes())
    digest = request.message_imprint.message
    assert timestamps.read_reply(reply, digest, request.nonce, authority.roots).reply == reply
    make_authority(tmp_path / "foreign")
    foreign = (tmp_path / "foreign" / "ca.pem").read_bytes()
    for given in (
        (reply, bytes(32), request.nonce, authority.roots),
        (reply, digest, request.nonce + 1, authority.roots),
        (reply, digest, request.nonce, foreign),
        (reply[:-1], digest, request.nonce, authority.roots),
        (b"", digest, request.nonce, authority.roots),
    ):
        with pytest.raises(TimeStampRefused):
            timestamps.read_reply(*given)


def test_without_an_authority_nothing_waits(runtime: Runtime) -> None:
    with runtime.database.write() as session:
        papers.put_statement(session)
    assert timestamps.stamp_due(runtime) is False
    assert waiting(runtime) is None
