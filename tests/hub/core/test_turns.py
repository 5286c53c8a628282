"""Turns: fair, bounded, and given back however a transaction ended."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hub.core.db import Database
from hub.core.turns import Turns


def wait_until_waiting(turns: Turns, count: int) -> None:
    until = time.monotonic() + 5
    while len(turns._waiting) < count:
        assert time.monotonic() < until
        time.sleep(0.001)


def test_whoever_came_first_is_served_first() -> None:
    turns, served = Turns(), []
    assert turns.take(0)
    threads = []
    for number in range(5):

        def serve(mine: int = number) -> None:
            assert turns.take(5)
            served.append(mine)
            turns.give()

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        wait_until_waiting(turns, number + 1)
    turns.give()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]
    assert turns.take(0), "the last one gave it back"


def test_who_waits_too_long_is_not_served_later() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)
    turns.give()


@pytest.fixture
def file(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'turns.db'}", busy_seconds=0.2)


def test_a_transaction_that_fails_gives_the_turn_back(file: Database) -> None:
    with file.write() as session:
        session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    for _ in range(2):
        with pytest.raises(OperationalError, match="no such table"), file.write() as session:
            session.execute(text("INSERT INTO missing VALUES (1)"))
    with file.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))
    file.close()


def test_two_transactions_in_one_thread_end_with_busy_and_not_for_ever(file: Database) -> None:
    with file.write() as outer:
        outer.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        with pytest.raises(OperationalError, match="locked"), file.write() as inner:
            inner.execute(text("CREATE TABLE u (n INTEGER PRIMARY KEY)"))
    with file.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))
    file.close()
