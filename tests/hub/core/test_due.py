"""Whatever stands at the head of a list of what is due, the rest of it is acted on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select, update

from hub.core import due, outbox
from hub.core.db import Database
from hub.core.loops import MOST_FAULTS
from hub.core.outbox import OutboxRow

pytestmark = pytest.mark.database

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
ORDER = (OutboxRow.due_at, OutboxRow.key)


@pytest.fixture
def rows(database: Database) -> Database:
    """150 of one instant, then five of as many later ones."""
    with database.write() as session:
        for number in range(155):
            outbox.enqueue(session, "any.task", {}, key=f"{number:03}", now=NOW)
        for number in range(150, 155):
            later = NOW + timedelta(seconds=number)
            session.execute(update(OutboxRow).where(OutboxRow.key == f"{number:03}").values(due_at=later))
    return database


def all_due() -> Select[Any]:
    return select(*ORDER).where(OutboxRow.due_at <= NOW + timedelta(days=1))


def test_a_hundred_and_fifty_that_cannot_be_acted_on_hold_nobody_up(rows: Database) -> None:
    acted, tried = [], []

    def act(name: str) -> None:
        tried.append(name)
        if int(name) < 150:
            raise ValueError(f"{name} cannot")
        acted.append(name)

    with pytest.raises(ExceptionGroup) as caught:
        due.act_on_due(rows, all_due(), ORDER, act)
    assert acted == ["150", "151", "152", "153", "154"]
    assert tried == [f"{number:03}" for number in range(155)], "each once, in order"
    assert str(caught.value).startswith("150 of 155 that were due")
    assert len(caught.value.exceptions) == MOST_FAULTS


@pytest.mark.parametrize("size", [1, 31, 150, 155, 156])
def test_every_row_is_met_once_whatever_fits_a_page(rows: Database, size: int) -> None:
    met: list[str] = []
    assert due.act_on_due(rows, all_due(), ORDER, met.append, size=size) == 155
    assert met == [f"{number:03}" for number in range(155)]


def test_what_leaves_the_list_meanwhile_takes_nobody_with_it(rows: Database) -> None:
    met: list[str] = []

    def act(name: str) -> None:
        met.append(name)
        with rows.write() as session:
            gone = update(OutboxRow).where(OutboxRow.key.in_((name, f"{int(name) + 50:03}")))
            session.execute(gone.values(due_at=NOW + timedelta(days=2)))

    due.act_on_due(rows, all_due(), ORDER, act, size=5)
    assert met == [f"{number:03}" for number in range(150) if number // 50 != 1]


def test_nothing_due_is_nothing_done(database: Database) -> None:
    assert due.act_on_due(database, all_due(), ORDER, pytest.fail) == 0
