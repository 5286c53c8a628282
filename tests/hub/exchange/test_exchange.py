"""Messages: sealed once, numbered per subject; what comes in counts once, in order, and only for whom it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.core.db import Database
from hub.exchange import rules, service
from hub.exchange.errors import MessageUnknown
from hub.exchange.models import InboxEntry
from hub.exchange.rules import Incoming

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SUBJECT = "bk-one"


@pytest.fixture
def held(database: Database) -> Database:
    with database.write() as session:
        service.open_conversation(session, SUBJECT, "310000")
    return database


def message(
    message_id: str, sequence: int | None = None, *, at: datetime | None = None, raw: bytes = b"x"
) -> Incoming:
    return Incoming("310000", message_id, SUBJECT, "accepted", sequence, at, "callback", raw)


def receive(database: Database, one: Incoming) -> str:
    with database.write() as session:
        return service.receive(session, one, now=NOW)


def test_a_message_is_sealed_with_its_own_number_key_and_hash(held: Database) -> None:
    with held.write() as session:
        told: dict[str, Any] = {"province": "310000", "deadline": NOW, "now": NOW}
        first = service.seal(session, SUBJECT, "submit", {"b": 1, "a": 2}, **told)
        second = service.seal(session, SUBJECT, "cancel", {"a": 2, "b": 1}, **told)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.key != second.key
    assert first.content_hash == second.content_hash, "the order of names changes nothing"
    assert first.correlation_id == second.correlation_id
    with held.read() as session:
        assert service.envelope(session, first.message_id) == first
        with pytest.raises(MessageUnknown):
            service.envelope(session, "m-none")


def test_a_conversation_is_opened_once(held: Database) -> None:
    with held.write() as session:
        assert service.open_conversation(session, SUBJECT, "310000") == service.open_conversation(
            session, SUBJECT, "310000"
        )


def test_the_same_message_counts_once_and_an_older_one_not_at_all(held: Database) -> None:
    assert receive(held, message("m2", 2)) == "apply"
    assert receive(held, message("m2", 2)) == "repeated"
    assert receive(held, message("m1", 1)) == "stale"
    assert receive(held, message("m3", 3)) == "apply"


def test_without_numbers_the_time_orders(held: Database) -> None:
    assert receive(held, message("a", at=NOW)) == "apply"
    assert receive(held, message("b", at=NOW)) == "apply", "many dialects tell whole seconds"
    assert receive(held, message("c", at=NOW - timedelta(seconds=1))) == "stale"


def test_other_content_under_the_same_identifier_is_kept_and_not_applied(held: Database) -> None:
    assert receive(held, message("m1", 1)) == "apply"
    assert receive(held, message("m1", 2, raw=b"y")) == "conflicting"
    assert receive(held, message("m1", 2, raw=b"y")) == "repeated"
    with held.read() as session:
        assert [row.raw for row in session.scalars(select(InboxEntry).order_by(InboxEntry.id))] == [
            b"x",
            b"y",
        ]


def test_what_is_refused_is_kept_with_its_reason(held: Database) -> None:
    with held.write() as session:
        assert service.refuse(session, message("m9", 9), "somebody else's", now=NOW) == "refused"
    with held.read() as session:
        kept = session.scalars(select(InboxEntry)).one()
    assert (kept.verdict, kept.why) == ("refused", "somebody else's")


def test_keys_and_identifiers_are_random() -> None:
    assert len({rules.new_key() for _ in range(1000)}) == 1000
    assert len(rules.new_message_id()) == 28
