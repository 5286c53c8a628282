"""Grants, allotments and the programmes they come from: raised, taken back, ended in time; versions of programmes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement import ledger, queries, rules, service
from hub.settlement.errors import (
    AllotmentExpired,
    AllotmentMismatch,
    AllotmentTooLow,
    BudgetExhausted,
    ProgrammeInvalid,
    ProgrammeUnknown,
    ProgrammeUnusable,
    ReferenceReused,
)
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Grant
from hub.settlement.queries.wallets import voucher_account
from hub.settlement.service import upkeep
from tests.hub.copies import copy_row
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import quota
from tests.hub.settlement.test_ledger import race
from tests.hub.settlement.vouchers import (
    ACTOR,
    GUIZHOU,
    HOLDER,
    NOW,
    PROGRAMME,
    allot,
    capture,
    change,
    furnish,
    hold,
    release,
    wallet,
)
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database) -> Database:
    """The demo's programmes and one large allotment."""
    furnish(database)
    return database


def test_an_allotment_is_raised_lowered_and_taken_back_but_never_below_what_is_used(
    database: Database,
) -> None:
    furnish(database, 40_000)
    hold(database, "bk-1")
    with database.write() as session:
        assert allot(session, 60_000, revision=2).left == 30_000
    with pytest.raises(AllotmentTooLow) as refused, database.write() as session:
        allot(session, 29_999, revision=3)
    assert refused.value.least_fen == 30_000
    with database.write() as session:
        told = allot(session, 30_000, revision=3)
    assert (told.allotted, told.left, told.held, told.captured) == (30_000, 0, 30_000, 0)
    capture(database, "bk-1", 10_000)
    with database.write() as session:
        told = allot(session, 10_000, revision=4)
    assert (told.allotted, told.left, told.held, told.captured) == (10_000, 0, 0, 10_000)
    assert broken(database) == []


def test_an_allotment_told_twice_late_or_out_of_order_is_told_once(database: Database) -> None:
    furnish(database, None)
    with database.write() as session:
        allot(session, 30_000, revision=3)
        again = allot(session, 30_000, revision=3)
        stale = allot(session, 50_000, revision=2)
    assert (again.allotted, again.is_stale, stale.allotted, stale.is_stale) == (30_000, False, 30_000, True)
    with pytest.raises(AllotmentMismatch), database.write() as session:
        allot(session, 40_000, revision=3)
    with pytest.raises(AllotmentMismatch), database.write() as session:
        allot(session, 40_000, revision=4, holder="en-other")
    with pytest.raises(AllotmentExpired), database.write() as session:
        allot(session, 40_000, revision=4, valid_until=date(2026, 3, 1))
    assert wallet(database) == [(30_000, 30_000, 0, 0)]


def test_an_allotment_handed_over_by_many_at_once_is_one(database: Database) -> None:
    furnish(database, None)

    def tell() -> object:
        with database.write() as session:
            return allot(session, 30_000)

    got = race(database, [tell] * 6)
    assert not [one for one in got if isinstance(one, Exception)], got
    assert wallet(database) == [(30_000, 30_000, 0, 0)]


# Grants: the hub's own master


def test_grants_come_from_the_pool_until_it_is_empty(database: Database) -> None:
    furnish(database, None)
    give = {"actor": ACTOR, "now": NOW}
    with pytest.raises(BudgetExhausted), database.write() as session:
        service.grant(session, GUIZHOU, "en-gz", 1, key="a", **give)
    with database.write() as session:
        for _ in range(2):
            service.fund(session, GUIZHOU, 2026, 50_000, reference="2026-1", **give)
        made = service.grant(session, GUIZHOU, "en-gz", 30_000, key="a", **give)
        assert service.grant(session, GUIZHOU, "en-gz", 30_000, key="a", **give).id == made.id
        assert made.valid_until == date(2026, 8, 28), "180 days with the first"
    with pytest.raises(BudgetExhausted, match=r"200\.00"), database.write() as session:
        service.grant(session, GUIZHOU, "en-gz", 20_001, key="b", **give)
    with pytest.raises(AllotmentMismatch), database.write() as session:
        service.grant(session, GUIZHOU, "en-gz", 20_000, key="a", **give)
    with pytest.raises(ReferenceReused), database.write() as session:
        service.fund(session, GUIZHOU, 2026, 1, reference="2026-1", **give)
    assert wallet(database, "en-gz") == [(30_000, 30_000, 0, 0)]


def test_what_is_not_used_in_time_goes_back_where_it_came_from(database: Database) -> None:
    furnish(database, 100_000)
    give = {"actor": ACTOR, "now": NOW}
    with database.write() as session:
        service.fund(session, GUIZHOU, 2026, 50_000, reference="2026-1", **give)
        service.grant(session, GUIZHOU, "en-gz", 30_000, key="a", **give)
    hold(database, "bk-1")
    facts = {"holder": "en-gz", "home_area": "520102"}
    assert hold(database, "bk-2", 50_000, **facts).voucher_fen == 20_000

    def end() -> int:
        with database.write() as session:
            return service.end_due(session, now=NOW + timedelta(days=365))

    with database.write() as session:
        assert service.end_due(session, now=NOW) == 0
    assert end() == 2
    assert wallet(database) + wallet(database, "en-gz") == [(30_000, 0, 30_000, 0), (20_000, 0, 20_000, 0)]
    assert capture(database, "bk-1", 30_000).captured_fen == 30_000, "it was held in time"
    release(database, "bk-2")
    assert (end(), end()) == (2, 0)
    with database.read() as session:
        assert ledger.balance(session, service.pool(GUIZHOU, 2026)) == 50_000
    assert wallet(database) + wallet(database, "en-gz") == [(30_000, 0, 0, 30_000), (0, 0, 0, 0)]
    assert broken(database) == []


@pytest.mark.parametrize(
    ("programme_id", "error"),
    [
        ("nothing", ProgrammeUnknown),
        (PROGRAMME, ProgrammeUnusable),
        ("demo-340000-rebate", ProgrammeUnusable),
        ("310000-voucher", ProgrammeUnusable),
        ("360000-rebate", ProgrammeUnusable),
    ],
)
def test_a_programme_that_cannot_give_vouchers_gives_none(
    database: Database, programme_id: str, error: type[Exception]
) -> None:
    furnish(database, None)
    with database.write() as session:
        service.load_programmes(session, rules.published(), actor=ACTOR, now=NOW)
    with pytest.raises(error), database.write() as session:
        service.grant(session, programme_id, HOLDER, 1, key="a", actor=ACTOR, now=NOW)


def test_an_unconfigured_programme_allots_nothing_either(database: Database) -> None:
    with database.write() as session:
        service.load_programmes(session, rules.published(), actor=ACTOR, now=NOW)
    told = service.Allotment("SH-1", "310000-voucher", HOLDER, 1, date(2026, 12, 31))
    with pytest.raises(ProgrammeUnusable, match="Cap per order"), database.write() as session:
        service.allot(session, told, actor=ACTOR, now=NOW)


# Programmes as they are kept


def test_a_changed_programme_is_a_version_and_the_same_one_is_none(database: Database) -> None:
    furnish(database, None)
    change(database)
    change(database, holders=quota(rate_bp=1))
    change(database, holders=quota(rate_bp=1))
    with database.read() as session:
        newest = queries.find_programme(session, PROGRAMME)
        first = queries.find_programme(session, PROGRAMME, 1)
    assert newest is not None
    assert first is not None
    assert (newest.version, newest.terms["holders"][0]["rate_bp"]) == (2, 1)
    assert first.terms["holders"][0]["rate_bp"] == 5000
    with database.write() as session:
        assert service.load_programmes(session, rules.demo(), actor=ACTOR, now=NOW) == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"area": "990000"}, "/area"),
        ({"kind": "gift"}, "/kind"),
        (
            {"sources": [{"fields": ["holders"], "grade": "demo", "text": "…", "date": "2026-01-01"}]},
            "/terms/budget",
        ),
    ],
)
def test_what_is_no_programme_is_not_kept(database: Database, changes: dict[str, Any], pointer: str) -> None:
    document = {**rules.demo()[0], **changes}
    with pytest.raises(ProgrammeInvalid) as refused, database.write() as session:
        service.put_programme(session, document, actor=ACTOR, now=NOW)
    assert refused.value.errors[0]["pointer"] == pointer


def test_two_changes_at_once_are_two_versions(database: Database) -> None:
    furnish(database, None)

    def put(rate: int) -> object:
        return change(database, holders=quota(rate_bp=rate))

    assert race(database, [lambda n=n: put(n) for n in range(1, 5)]) == [None] * 4  # type: ignore[misc]
    with database.read() as session:
        newest = queries.find_programme(session, PROGRAMME)
    assert newest is not None
    assert newest.version == 5


def test_the_clock_takes_back_and_then_rests(
    database: Database, runtime: Runtime, clock: VirtualClock
) -> None:
    clock.now = NOW
    furnish(database, 100_000)
    hold(database, "bk-1")
    assert not upkeep.end_grants(runtime)
    assert wallet(database) == [(100_000, 70_000, 30_000, 0)]
    clock.advance(365 * 86400)
    assert upkeep.end_grants(runtime) == 1
    assert upkeep.end_grants(runtime) == 0
    assert wallet(database) == [(30_000, 0, 30_000, 0)]
    with database.read() as session:
        assert not queries.has_over(session, clock().date()), "what is held cannot be taken back yet"
    release(database, "bk-1")
    upkeep.end_grants(runtime)
    assert wallet(database) == [(0, 0, 0, 0)]
    assert broken(database) == []


def test_a_grant_behind_many_broken_ones_is_taken_back(
    database: Database, runtime: Runtime, clock: VirtualClock
) -> None:
    clock.now = NOW
    furnish(database, 100_000)
    with database.write() as session:
        grant = session.scalars(select(Grant)).one()
        mine = session.scalars(select(AccountRow).where(AccountRow.kind == "voucher")).one()
        names = [f"0-broken-{number:03}" for number in range(151)]  # before the whole one
        changes = [{"id": name, "external_id": name, "fen": 0, "holder": "nobody"} for name in names]
        copy_row(session, Grant, grant.id, 150, lambda number: changes[number])
        copy_row(session, AccountRow, mine.id, 150, lambda number: {
            "id": voucher_account(names[number]).id, "owner": names[number],
        })  # fmt: skip
    clock.advance(365 * 86400)
    with pytest.raises(ExceptionGroup, match="150 of 151 that were due"):
        upkeep.end_grants(runtime)
    assert wallet(database) == [(0, 0, 0, 0)]
