"""Numbering after the commit: gap-free, in one chain per topic, each row seen exactly once."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.core import audit, lease, sequencer
from hub.core.db import Database
from tests.unguarded import unguarded
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def _announce(database: Database, topic: str, *subjects: str) -> None:
    with database.write() as session:
        for subject in subjects:
            sequencer.announce(session, topic, subject, {"名": subject})


def _announce_and_raise(database: Database) -> None:
    with database.write() as session:
        sequencer.announce(session, "catalog", "never")
        raise ZeroDivisionError


def _numbers(database: Database, topic: str) -> list[tuple[int, str]]:
    with database.read() as session:
        return [(row.number, row.subject) for row in sequencer.read_after(session, topic, 0)]


def test_rows_have_no_number_until_the_sequencer_has_seen_them(database: Database) -> None:
    _announce(database, "catalog", "a", "b")
    assert _numbers(database, "catalog") == []
    assert sequencer.number_once(database) == 2
    assert _numbers(database, "catalog") == [(1, "a"), (2, "b")]
    assert sequencer.number_once(database) == 0


def test_each_topic_counts_without_gaps(database: Database) -> None:
    _announce(database, "catalog", "a")
    _announce(database, "audit", "x")
    _announce(database, "catalog", "b")
    sequencer.number_once(database)
    _announce(database, "audit", "y")
    sequencer.number_once(database)
    assert _numbers(database, "catalog") == [(1, "a"), (2, "b")]
    assert _numbers(database, "audit") == [(1, "x"), (2, "y")]
    with database.read() as session:
        assert sequencer.last_number(session, "audit") == 2
        assert sequencer.last_number(session, "nothing") == 0


def test_what_is_gathered_is_written_once_and_in_order(database: Database) -> None:
    with database.write() as session:
        with sequencer.gathered(session):
            for subject in ("a", "b"):
                sequencer.announce(session, "catalog", subject)
            assert session.scalars(select(sequencer.AnnouncedChange.subject)).all() == []
        sequencer.announce(session, "catalog", "c")
    sequencer.number_once(database)
    assert _numbers(database, "catalog") == [(1, "a"), (2, "b"), (3, "c")]


def _gather_and_raise(session: Session, inside: bool) -> None:
    with sequencer.gathered(session):
        if not inside:
            sequencer.announce(session, "catalog", "never")
            raise ZeroDivisionError
        with session.begin_nested():
            sequencer.announce(session, "catalog", "never")
            raise ZeroDivisionError


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_gathered_goes_with_its_block_or_its_savepoint(database: Database, inside: bool) -> None:
    with database.write() as session:
        with pytest.raises(ZeroDivisionError):
            _gather_and_raise(session, inside)
        sequencer.announce(session, "catalog", "after")
    sequencer.number_once(database)
    assert _numbers(database, "catalog") == [(1, "after")]


def test_a_rolled_back_row_leaves_no_gap(database: Database) -> None:
    _announce(database, "catalog", "a")
    with pytest.raises(ZeroDivisionError):
        _announce_and_raise(database)
    _announce(database, "catalog", "b")
    sequencer.number_once(database)
    assert _numbers(database, "catalog") == [(1, "a"), (2, "b")]


def test_batches_are_bounded(database: Database) -> None:
    _announce(database, "catalog", *"abcde")
    assert [sequencer.number_once(database, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    with database.read() as session:
        rows = sequencer.read_after(session, "catalog", 1, limit=2)
    assert [row.number for row in rows] == [2, 3]
    assert rows[0].payload == {"名": "b"}


def test_while_another_process_holds_the_lease_nothing_is_numbered(
    database: Database, clock: VirtualClock
) -> None:
    with database.write() as session:
        lease.take(session, "sequencer", "another:1", seconds=2, now=clock())
    _announce(database, "catalog", "a")
    assert sequencer.number_once(database, now=clock()) == 0
    assert sequencer.number_once(database, now=clock.advance(2.1)) == 1  # it died: we take over


def test_rows_that_wait_too_long_are_a_fault(database: Database, clock: VirtualClock) -> None:
    with database.write() as session:
        sequencer.announce(session, "catalog", "a", now=clock())
    with database.read() as session:
        assert sequencer.overdue(session, clock() + timedelta(seconds=4)) == 0
        assert sequencer.overdue(session, clock() + timedelta(seconds=6)) == 1
    sequencer.number_once(database)
    with database.read() as session:
        assert sequencer.overdue(session, clock() + timedelta(seconds=6)) == 0


def _chain_of_five(database: Database) -> None:
    with database.write() as session:
        for n in range(5):
            audit.record(session, "account:admin", "identity.test", f"s{n}", {"n": n, "x": 1.0, "中": "文"})
    sequencer.number_once(database)


def test_the_chain_verifies(database: Database) -> None:
    _chain_of_five(database)
    with database.read() as session:
        assert audit.verify(session) == audit.AuditVerdict(5, None, "", 0)
        entry = audit.read_entries(session, after=3)[0]
    assert (entry.number, entry.actor, entry.subject) == (4, "account:admin", "s3")
    assert entry.detail == {"n": 3, "x": 1.0, "中": "文"}


ROW = sequencer.AnnouncedChange


@dataclasses.dataclass(frozen=True)
class Tamper:
    name: str
    statement: object
    verdict: tuple[int, str]


@pytest.mark.parametrize(
    "tamper",
    [
        Tamper(
            "payload", update(ROW).where(ROW.number == 3).values(payload={"actor": "other"}), (3, "altered")
        ),
        Tamper("subject", update(ROW).where(ROW.number == 2).values(subject="s9"), (2, "altered")),
        Tamper("hash", update(ROW).where(ROW.number == 1).values(hash=bytes(32)), (1, "altered")),
        Tamper("link", update(ROW).where(ROW.number == 4).values(previous_hash=bytes(32)), (4, "altered")),
        Tamper("middle removed", delete(ROW).where(ROW.number == 2), (2, "missing")),
        Tamper("end cut off", delete(ROW).where(ROW.number == 5), (5, "cut off")),
    ],
    ids=lambda tamper: tamper.name,
)
def test_the_chain_shows_any_edit(database: Database, tamper: Tamper) -> None:
    _chain_of_five(database)
    with database.write() as session, unguarded(session):
        session.execute(tamper.statement)  # type: ignore[call-overload]
    with database.read() as session:
        verdict = audit.verify(session)
    assert (verdict.broken_at, verdict.why) == tamper.verdict


CHANGES = {
    "subject": update(ROW).values(subject="s9"),
    "payload": update(ROW).values(payload={"actor": "other"}),
    "topic": update(ROW).values(topic="catalog"),
    "time": update(ROW).values(announced_at=datetime(2030, 1, 1, tzinfo=UTC)),
    "identifier": update(ROW).values(id=ROW.id + 100),
    "removed": delete(ROW),
}
"""Refused of every row, also of one that has no number yet."""
CHAINED = {
    "number": update(ROW).where(ROW.number == 5).values(number=6),
    "no number again": update(ROW).values(number=None, previous_hash=None, hash=None),
    "hash": update(ROW).where(ROW.number == 1).values(hash=bytes(32)),
    "link": update(ROW).where(ROW.number == 1).values(previous_hash=bytes(32)),
}
"""Refused of a row that was numbered: that happens once."""


@pytest.mark.parametrize(
    ("name", "is_numbered"),
    [*((name, False) for name in CHANGES), *((name, True) for name in CHANGES | CHAINED)],
)
def test_the_database_refuses_every_change_but_the_numbering(
    database: Database, name: str, is_numbered: bool
) -> None:
    with database.write() as session:
        for n in range(5):
            audit.record(session, "account:admin", "identity.test", f"s{n}", {"n": n})
    if is_numbered:
        sequencer.number_once(database)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute((CHANGES | CHAINED)[name].execution_options(synchronize_session=False))
    sequencer.number_once(database)
    with database.read() as session:
        assert audit.verify(session) == audit.AuditVerdict(5, None, "", 0)
