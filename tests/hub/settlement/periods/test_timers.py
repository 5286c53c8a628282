"""What the hub does by itself: the calendar, the cut, calculations, empty statements, posting after the days of grace."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Batch, Member, Period
from hub.settlement.queries import periods as queries
from hub.settlement.service import periods
from hub.settlement.service.periods import calculating
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    CUTOFF,
    NOW,
    PERIOD,
    PROGRAMME,
    Usage,
    agree,
    batch,
    furnish,
    posted,
    rated,
    submit,
)
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def settle(runtime: Runtime) -> int:
    """Rounds until nothing is due any more; how many had something to do."""
    for count in range(20):
        if not periods.run_due(runtime):
            return count
    raise AssertionError("it never comes to rest")


@pytest.fixture
def clock(clock: VirtualClock) -> VirtualClock:
    clock.advance((NOW - clock()).total_seconds())
    return clock


def leave_only(database: Database, *names: str) -> None:
    """Have the other pairs closed already: what they cost is measured by one test alone."""
    with database.write() as session:
        session.execute(update(Batch).where(Batch.id.not_in(names)).values(state="closed"))


def test_the_calendar_reaches_ahead(runtime: Runtime, clock: VirtualClock) -> None:
    settle(runtime)
    with runtime.database.read() as session:
        assert [each.id for each in queries.calendar(session)] == ["2026-05", "2026-04", "2026-03"]
    clock.advance(22 * 86_400)
    settle(runtime)
    with runtime.database.read() as session:
        assert [each.id for each in queries.calendar(session)][:1] == ["2026-06"]


def test_a_period_is_cut_calculated_and_what_is_empty_sent(runtime: Runtime, clock: VirtualClock) -> None:
    furnish(runtime.database)
    rated(runtime.database, Usage("u1"))
    settle(runtime)
    assert batch(runtime.database).state == "open"
    clock.advance((CUTOFF - clock()).total_seconds())
    settle(runtime)
    with runtime.database.read() as session:
        states = Counter(session.scalars(select(Batch.state).where(Batch.period_id == PERIOD)))
    assert states == {"closed": 120, "calculated": 1}
    assert batch(runtime.database).lines == 1


def test_what_was_agreed_is_posted_after_the_hours_of_grace(runtime: Runtime, clock: VirtualClock) -> None:
    furnish(runtime.database)
    leave_only(runtime.database, BATCH)
    rated(runtime.database, Usage("u1"))
    clock.advance((AFTER - clock()).total_seconds())
    settle(runtime)
    submit(runtime.database)
    agree(runtime.database)
    clock.advance(24 * 3_600 - 1)
    settle(runtime)
    assert batch(runtime.database).state == "agreed"
    clock.advance(1)
    settle(runtime)
    assert batch(runtime.database).state == "posted"


def test_what_is_unpaid_at_the_year_s_end_is_carried(runtime: Runtime, clock: VirtualClock) -> None:
    furnish(runtime.database)
    posted(runtime.database, Usage("u1"))
    with runtime.database.write() as session:
        session.execute(update(Period).values(closed_at=AFTER))
        session.execute(update(Batch).where(Batch.id != BATCH).values(state="closed"))
    clock.advance((datetime(2026, 12, 31, 16, tzinfo=UTC) - clock()).total_seconds() - 1)
    settle(runtime)
    assert [each.carried_year for each in lines_of(runtime.database)] == [None]
    clock.advance(1)
    settle(runtime)
    assert [each.carried_year for each in lines_of(runtime.database)] == [2026]


def test_one_batch_that_cannot_be_posted_does_not_stop_the_others(
    runtime: Runtime, clock: VirtualClock
) -> None:
    database = runtime.database
    furnish(database)
    other = f"{PERIOD}.310000-520000"
    leave_only(database, BATCH, other)
    rated(database, Usage("u1"), Usage("u2", home="520000", programme="demo-520000-voucher"))
    clock.advance((AFTER - clock()).total_seconds())
    settle(runtime)
    for name in (BATCH, other):
        submit(database, name)
        agree(database, name)
    with database.write() as session:
        gone = [Transfer(Account("captured", PROGRAMME), Account("authority", "330400"), 1)]
        ledger.post(session, "somebody:1", "fault", gone, now=AFTER)
    clock.advance(25 * 3_600)
    assert periods.run_due(runtime) is False
    assert (batch(database).state, batch(database, other).state) == ("agreed", "posted")


def test_a_process_that_dies_in_a_calculation_leaves_nothing_half_made(
    database: Database, clock: VirtualClock
) -> None:
    furnish(database)
    rated(database, Usage("u1"), Usage("u2"))
    with database.write() as session:
        periods.close_period(session, PERIOD, now=AFTER)

    def die() -> None:
        with database.write() as session:
            calculating.calculate_batch(session, BATCH, now=clock())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert batch(database).state == "closing"
    with database.read() as session:
        assert session.scalar(select(Member.line_id).limit(1)) is None
    with database.write() as session:
        first = periods.calculate_batch(session, BATCH, now=AFTER)
    with database.write() as session:
        again = periods.calculate_batch(session, BATCH, now=AFTER + timedelta(days=1))
    assert (first.is_repeat, again.is_repeat, again.sha256, again.revision) == (False, True, first.sha256, 1)
