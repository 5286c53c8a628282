"""The same command twice at once: the second waits for the first one's answer, for a while."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from hub.bookings.models import CommandKey
from hub.core import idempotency
from hub.core.db import Database

pytestmark = pytest.mark.database

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
KEY, ASKED = "one-key-of-sixteen", {"command": "accept"}


class First:
    """A command that has taken its key and is not done before it is told to be."""

    def __init__(self, database: Database) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, args=(database,))
        self.thread.start()
        assert self.begun.wait(10)

    def _run(self, database: Database) -> None:
        with database.write() as session:
            ticket = idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW)
            self.begun.set()
            assert self.may_end.wait(10)
            ticket.answer(session, {"state": "accepted"})

    def end(self) -> None:
        self.may_end.set()
        self.thread.join(10)


def test_the_second_waits_and_gets_the_answer_of_the_first(database: Database) -> None:
    first = First(database)
    threading.Timer(0.2, first.may_end.set).start()
    with database.write() as session:
        ticket = idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW)
    first.end()
    assert ticket.replayed == {"state": "accepted"}


def test_the_second_is_told_to_come_again_when_the_first_takes_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL; SQLite has one writer at a time, and the second is not let in before the first is done."""
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
    first = First(database)
    if database.engine.dialect.name == "sqlite":
        threading.Timer(0.3, first.may_end.set).start()
        with database.write() as session:
            assert idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW).replayed
        first.end()
        return
    with pytest.raises(idempotency.StillRunning) as refused, database.write() as session:
        idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW)
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (
        409,
        "command_in_flight",
        1,
    )
    first.end()
    with database.write() as session:
        assert idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW).replayed == {
            "state": "accepted"
        }


def test_the_same_key_with_another_body_is_refused(database: Database) -> None:
    with database.write() as session:
        idempotency.take(session, CommandKey, "li", KEY, ASKED, now=NOW).answer(
            session, {"state": "accepted"}
        )
    with pytest.raises(idempotency.KeyReused), database.write() as session:
        idempotency.take(session, CommandKey, "li", KEY, {"command": "refuse"}, now=NOW)
