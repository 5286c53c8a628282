"""A rule tried on past orders: nothing is written, old orders keep their version, sampling is called by its name."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub import models
from hub.core.db import Database
from hub.settlement import queries, rules, service
from hub.settlement.errors import ProgrammeInvalid
from hub.settlement.errors.programmes import SimulationSpan
from hub.settlement.models import OrderRow
from hub.settlement.rules import decide
from hub.settlement.service.simulating import Simulation, simulate
from tests.hub.settlement.orders import order, quota, with_terms
from tests.hub.settlement.vouchers import ACTOR, NOW, PROGRAMME, furnish, hold, release

pytestmark = pytest.mark.database
BASE = next(each for each in rules.demo() if each["id"] == PROGRAMME)
DAY = date(2026, 3, 2)


@pytest.fixture
def held(database: Database) -> Database:
    """Three orders of the Jiaxing enterprise, by half of the fee."""
    furnish(database)
    for number, fee in enumerate((60_000, 100_000, 200_001)):
        hold(database, f"bk-{number}", fee)
    return database


def run(database: Database, document: Any = None, most: int = 100, **terms: Any) -> Simulation:
    with database.read() as session:
        told = with_terms(BASE, **terms) if document is None else document
        return simulate(session, told, DAY, DAY, most=most)


def content(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in models.METADATA.sorted_tables
        }


def test_the_same_rule_changes_nothing(held: Database) -> None:
    told = run(held)
    assert told.totals["orders"] == 3
    assert told.totals["changed"] == 0
    assert told.totals["old_fen"] == told.totals["new_fen"] == 30_000 + 50_000 + 100_000


def test_another_rate_is_told_order_by_order_and_in_all(held: Database) -> None:
    told = run(held, holders=quota(rate_bp=3000))
    assert [(each.reference, each.old_fen, each.new_fen) for each in told.orders] == [
        ("bk-0", 30_000, 18_000),
        ("bk-1", 50_000, 30_000),
        ("bk-2", 100_000, 60_000),
    ]
    assert told.totals["difference"] == -72_000
    assert told.totals["less"] == 3
    assert told.most_changed(1)[0].reference == "bk-2"


def test_it_writes_nothing_and_old_orders_keep_their_version(held: Database) -> None:
    before = content(held)
    run(held, holders=quota(rate_bp=10_000))
    assert content(held) == before
    with held.write() as session:
        service.put_programme(session, with_terms(BASE, holders=quota(rate_bp=1000)), actor=ACTOR, now=NOW)
    with held.read() as session:
        rows = session.scalars(sa.select(OrderRow)).all()
        assert {
            each["version"]
            for row in rows
            for each in row.decisions["user"]
            if each["programme_id"] == PROGRAMME
        } == {1}
    assert run(held, holders=quota(rate_bp=1000)).totals["old_fen"] == 180_000
    with held.write() as session:
        done = service.capture_used(session, "bk-0", 60_000, now=NOW)
    assert done is not None
    assert done.captured_fen == 30_000  # by the order's own version


def test_a_year_s_cap_moves_along_with_what_the_new_rule_takes(held: Database) -> None:
    told = run(held, holders=quota(rate_bp=5000, cap_year_fen=90_000))
    assert [each.new_fen for each in told.orders] == [30_000, 50_000, 10_000]
    told = run(held, holders=quota(rate_bp=10_000, cap_year_fen=90_000))
    assert [each.new_fen for each in told.orders] == [60_000, 30_000, 0]
    assert told.orders[2].new_reasons[0].code == "cap_reached"
    assert told.totals["no_longer_paid"] == 1


def test_what_was_granted_is_not_passed(database: Database) -> None:
    furnish(database, 90_000)
    for number in range(3):
        hold(database, f"bk-{number}", 60_000)
    told = run(database, holders=quota(rate_bp=10_000))
    assert [each.new_fen for each in told.orders] == [60_000, 30_000, 0]
    assert told.orders[2].new_reasons[0].code == "nothing_available"


def test_what_an_order_took_goes_back_when_it_came_to_nothing(held: Database) -> None:
    release(held, "bk-1")
    with held.write() as session:
        service.hold(session, order(reference="bk-3", fee_fen=80_000), now=NOW + timedelta(hours=1))
    told = run(held, holders=quota(rate_bp=10_000, cap_year_fen=260_001))
    assert [each.new_fen for each in told.orders] == [60_000, 100_000, 100_001, 80_000]


def test_dates_and_windows_do_not_count(held: Database) -> None:
    document = {**BASE, "valid_from": "2027-01-01", "valid_until": "2027-12-31"}
    assert run(held, document).totals["changed"] == 0


def test_a_new_exclusion_is_told_with_its_reason(held: Database) -> None:
    hold(held, "bk-3", 10_000, service_mode="entrusted_test")
    told = run(held, service_modes=["machine_time"])
    last = told.orders[-1]
    assert (last.reference, last.new_fen, last.new_reasons[0].code) == ("bk-3", 0, "service_mode")


def test_other_areas_and_other_days_are_not_looked_at(held: Database) -> None:
    hold(held, "bk-9", 10_000, home_area="310115", holder="en-other")
    assert run(held).found == 3
    with held.read() as session:
        assert simulate(session, BASE, DAY + timedelta(days=1), DAY + timedelta(days=9)).found == 0
        assert simulate(session, BASE, DAY - timedelta(days=9), DAY - timedelta(days=1)).found == 0


def test_of_too_many_orders_a_sample_is_taken_and_called_one(held: Database) -> None:
    told = run(held, most=2)
    assert (told.found, len(told.orders), told.is_sample) == (3, 2, True)
    assert run(held, most=2) == told
    assert not run(held, most=3).is_sample


def test_an_owner_subsidy_is_replayed_over_its_own_area_s_instruments(database: Database) -> None:
    furnish(database)
    hold(
        database,
        "bk-a",
        100_000,
        owner_area="340100",
        home_area="340104",
        holder="en-hefei",
        value_fen=40_000_000,
    )
    document = next(each for each in rules.demo() if each["id"] == "demo-340000-owner")
    told = run(database, document)
    assert [(each.old_fen, each.new_fen) for each in told.orders] == [(20_000, 20_000)]


@pytest.mark.parametrize("days", [-1, 1_097])
def test_a_span_that_is_none_is_refused(held: Database, days: int) -> None:
    with pytest.raises(SimulationSpan), held.read() as session:
        simulate(session, BASE, DAY, DAY + timedelta(days=days))


def test_an_invalid_programme_is_refused(held: Database) -> None:
    with pytest.raises(ProgrammeInvalid), held.read() as session:
        simulate(session, {**BASE, "kind": "gift"}, DAY, DAY)


def test_it_decides_as_a_real_order_would_be_decided(held: Database) -> None:
    told = run(held, holders=quota(rate_bp=3333))
    with held.read() as session:
        programme = queries.find_programme(session, PROGRAMME)
        assert programme is not None
    made = rules.Programme(1, with_terms(BASE, holders=quota(rate_bp=3333)))
    assert [each.new_fen for each in told.orders] == [
        decide(made, order(fee_fen=fee)).fen for fee in (60_000, 100_000, 200_001)
    ]
