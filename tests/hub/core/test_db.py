"""Two kinds of session on both databases."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError, StatementError
from sqlalchemy.orm import Session

from hub import models
from hub.core import db
from hub.core.db import Database, ReadSessionWrites, insert
from hub.core.lease import Lease

pytestmark = pytest.mark.database

NOW = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


def _lease(name: str, fence: int = 1) -> Lease:
    return Lease(name=name, holder="a", until=NOW, fence=fence)


def _write_and_raise(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("dropped"))
        session.flush()
        raise ZeroDivisionError


def test_write_commits_and_a_raise_rolls_back(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("kept"))
    with pytest.raises(ZeroDivisionError):
        _write_and_raise(database)
    with database.read() as session:
        assert session.scalars(select(Lease.name)).all() == ["kept"]


def test_instants_come_back_aware_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x"))
    with database.read() as session:
        until = session.scalars(select(Lease.until)).one()
    assert until == NOW
    assert until.tzinfo is UTC
    with pytest.raises(StatementError), database.write() as session:
        session.add(Lease(name="y", holder="a", until=datetime(2026, 1, 1), fence=1))  # noqa: DTZ001


def test_a_read_session_cannot_flush(database: Database) -> None:
    with pytest.raises(ReadSessionWrites), database.read() as session:
        session.add(_lease("x"))


def test_a_changed_row_in_a_read_session_is_a_fault(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x"))
    with pytest.raises(ReadSessionWrites), database.read() as session:
        session.get_one(Lease, "x").holder = "b"


def test_a_read_session_cannot_write_by_statement_either(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x"))
    with pytest.raises((OperationalError, InternalError)), database.read() as session:
        session.execute(update(Lease).values(holder="b"))
    with database.write() as session:  # the connection goes back to writing
        session.execute(update(Lease).values(holder="c"))


def test_fen_do_not_overflow(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x", fence=12_345_678_900_00))
    with database.read() as session:
        assert session.get_one(Lease, "x").fence == 12_345_678_900_00


def test_insert_meets_a_conflict_on_both(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x"))
        session.flush()
        session.execute(
            insert(session, Lease)
            .values(name="x", holder="z", until=NOW, fence=2)
            .on_conflict_do_update(index_elements=["name"], set_={"holder": "z"})
        )
    with database.read() as session:
        assert session.get_one(Lease, "x").holder == "z"


def test_a_failing_commit_is_raised_to_the_caller(database: Database) -> None:
    with database.write() as session:
        session.add(_lease("x"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(_lease("x"))


def test_two_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    """With a deferred BEGIN the second writer fails at once with "database is locked"."""
    with database.write() as session:
        session.add(_lease("x", fence=0))
    both_may_start = threading.Barrier(2)
    faults: list[BaseException] = []

    def add(session: Session) -> None:
        held = session.scalars(select(Lease).where(Lease.name == "x").with_for_update()).one()
        held.fence += 1

    def work() -> None:
        both_may_start.wait()
        try:
            for _ in range(50):
                with database.write() as session:
                    add(session)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.read() as session:
        assert session.get_one(Lease, "x").fence == 100


def test_a_reader_is_not_stopped_by_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.add(_lease("x"))
        writer.flush()
        with database.read() as reader:
            assert reader.scalars(select(Lease.name)).all() == []


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database whatever the run is on: what is said here is about SQLite."""
    held = Database(f"sqlite:///{tmp_path / 'sqlite.db'}")
    models.METADATA.create_all(held.engine)
    yield held
    held.close()


def test_sqlite_runs_in_wal_with_foreign_keys(sqlite: Database) -> None:
    with sqlite.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA busy_timeout")) == 15_000


def test_a_writer_waits_for_its_turn_and_then_is_told(database: Database) -> None:
    hasty = Database(database.url, busy_seconds=0.2)
    with database.write() as held:
        held.add(_lease("x"))
        held.flush()
        begun = time.monotonic()
        with pytest.raises(OperationalError), hasty.write() as session:
            session.add(_lease("x"))
        assert 0.15 < time.monotonic() - begun < 5
    with hasty.write() as session:
        session.add(_lease("y"))
    hasty.close()


def test_who_waits_longest_is_not_kept_out_by_newcomers(sqlite: Database) -> None:
    """SQLite's own waiting asks ever more rarely: a heartbeat once lost its lease to a stream of page writes."""
    stop = threading.Event()

    def write_pages() -> None:
        while not stop.is_set():
            with sqlite.write() as session:
                session.execute(update(Lease).values(fence=0))
                time.sleep(0.02)
            time.sleep(0.002)

    threads = [threading.Thread(target=write_pages) for _ in range(3)]
    for thread in threads:
        thread.start()
    waits = []
    for _ in range(10):
        begun = time.monotonic()
        with sqlite.write() as session:
            session.execute(update(Lease).values(fence=0))
        waits.append(time.monotonic() - begun)
    stop.set()
    for thread in threads:
        thread.join()
    assert max(waits) < 1.5


def test_a_read_leaves_the_statements_that_were_prepared(database: Database) -> None:
    """psycopg forgets all of a connection's after a rollback: then every question is planned anew, every time."""
    if database.is_sqlite:
        return
    for _ in range(8):  # the driver prepares what it meets more than five times
        with database.read() as session:
            session.scalar(select(Lease.name).where(Lease.name == "nobody"))
    with database.read() as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("core_lease" in each for each in prepared)


def test_a_commit_that_may_be_forgotten_still_commits(database: Database) -> None:
    if database.is_sqlite:
        return
    with database.write() as session:
        session.add(_lease("forgettable"))
        session.flush()
        mine = db.may_be_forgotten(Lease.name == "forgettable")
        session.execute(update(Lease).where(mine).values(holder="b"))
        assert session.scalar(text("SHOW synchronous_commit")) == "off"
    with database.write() as session:
        assert session.get_one(Lease, "forgettable").holder == "b"
        assert session.scalar(text("SHOW synchronous_commit")) == "on", "for its own transaction only"


def test_a_connection_that_died_while_it_rested_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "RESTED_SECONDS", 0.0)
    with database.read() as session:
        session.execute(text("SELECT 1"))
        pid = None if database.is_sqlite else session.scalar(text("SELECT pg_backend_pid()"))
    if pid is not None:
        other = Database(database.url, pool=1)
        with other.write() as session:
            assert session.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        other.close()
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
