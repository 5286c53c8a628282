"""The cut-off race: usage that becomes ready while its period is cut is in exactly one period, whoever is first."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.settlement.models import RatedLine
from hub.settlement.queries import periods as queries
from hub.settlement.service import periods
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    CUTOFF,
    HOME,
    NEXT,
    PERIOD,
    SHANGHAI,
    ZHEJIANG,
    Usage,
    agree,
    close,
    furnish,
    rate,
    submit,
)
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database

LATER = AFTER + timedelta(days=40)
FOLLOWING = f"{NEXT}.{SHANGHAI}-{ZHEJIANG}"
WRITERS, EACH = 4, 12


@pytest.fixture
def held(database: Database) -> Database:
    furnish(database)
    return database


def batches(database: Database) -> dict[str, str | None]:
    with database.read() as session:
        rows = session.execute(select(RatedLine.usage_id, RatedLine.batch_id))
        return {usage_id: batch_id for usage_id, batch_id in rows}  # noqa: C416 - rows are no pairs to mypy


def listed(database: Database) -> Counter[str]:
    """How often each usage stands in the list of a batch's newest calculation."""
    with database.read() as session:
        found = [entry for name in (BATCH, FOLLOWING) for entry in periods_list(session, name)]
    return Counter(found)


def periods_list(session: Session, batch_id: str) -> list[str]:
    return [each.usage_id for each in queries.members(session, batch_id, limit=1000)]


def test_usage_confirmed_while_closing_is_in_this_period_or_the_next(held: Database) -> None:
    begun = threading.Event()

    def confirm(writer: int) -> None:
        for number in range(EACH):
            with held.write() as session:
                # rated before the cut-off, committed before, while or after the period is cut
                rate(session, Usage(f"w{writer}n{number:02}", rated_at=CUTOFF - timedelta(milliseconds=1)))
            if number == EACH // 3:
                begun.set()

    def cut() -> object:
        begun.wait(20)
        with held.write() as session:
            return periods.close_period(session, PERIOD, now=AFTER)

    got = race(held, [cut, cut, *[lambda n=n: confirm(n) for n in range(WRITERS)]])  # type: ignore[misc]
    assert not [one for one in got if isinstance(one, Exception)], got
    taken = [one for one in got[:2] if isinstance(one, periods.Closed) and one.batches]
    assert len(taken) == 1, "one of two closers cut it"
    with held.write() as session:
        periods.calculate_batch(session, BATCH, now=AFTER)
    close(held, NEXT, now=LATER)
    with held.write() as session:
        periods.calculate_batch(session, FOLLOWING, now=LATER)
    everything = {f"w{writer}n{number:02}" for writer in range(WRITERS) for number in range(EACH)}
    assert listed(held) == dict.fromkeys(everything, 1), "none is lost, none is in two"
    assert set(batches(held).values()) <= {BATCH, FOLLOWING}
    assert sum(one.lines.get(BATCH, 0) for one in taken) == sum(
        name == BATCH for name in batches(held).values()
    )


@pytest.mark.parametrize(
    ("offset", "period"),
    [
        (timedelta(microseconds=-1), PERIOD),
        (timedelta(0), NEXT),
        (timedelta(microseconds=1), NEXT),
    ],
)
def test_the_cut_off_is_the_first_instant_of_the_next_period(
    held: Database, offset: timedelta, period: str
) -> None:
    with held.write() as session:
        rate(session, Usage("u1", rated_at=CUTOFF + offset))
    close(held)
    close(held, NEXT, now=LATER)
    assert batches(held) == {"u1": f"{period}.{SHANGHAI}-{ZHEJIANG}"}


def test_two_who_agree_return_and_post_at_once_leave_one_end(held: Database) -> None:
    """The batch's row is the lock: of commands that exclude each other exactly one is carried out."""
    with held.write() as session:
        line = rate(session, Usage("u1"))
    close(held)
    submit(held)

    def give_back() -> None:
        with held.write() as session:
            periods.return_line(session, BATCH, line, HOME, code="other", text="再核", now=AFTER)

    got = race(held, [lambda: agree(held), give_back] * 3)
    won = [one for one in got if not isinstance(one, Exception)]
    assert len(won) == 1, got
