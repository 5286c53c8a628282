"""Vouchers held for orders: kept at submit, resolved once, never more than there is; grants and allotments."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement import ledger, queries, rules, service
from hub.settlement.errors import (
    AllotmentExpired,
    AllotmentMismatch,
    AllotmentTooLow,
    BudgetExhausted,
    CaptureTooLarge,
    HoldUnknown,
    ProgrammeInvalid,
    ProgrammeUnknown,
    ProgrammeUnusable,
    ReferenceReused,
)
from hub.settlement.rules import Decisions
from hub.settlement.service import Resolution, upkeep
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import order, quota, with_terms
from tests.hub.settlement.test_ledger import race
from tests.hub.settlement.vouchers import (
    ACTOR,
    GUIZHOU,
    HOLDER,
    NOW,
    PROGRAMME,
    allot,
    capture,
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


def change(database: Database, **terms: Any) -> None:
    """Another version of the Jiaxing programme."""
    document = next(each for each in rules.demo() if each["id"] == PROGRAMME)
    with database.write() as session:
        service.put_programme(session, with_terms(document, **terms), actor=ACTOR, now=NOW)


def find(database: Database, reference: str) -> queries.HeldOrder:
    with database.read() as session:
        found = queries.find_order(session, reference)
    assert found is not None
    return found


def test_a_hold_keeps_the_share_and_a_capture_uses_it(held: Database) -> None:
    made = hold(held, "bk-1")
    assert (made.voucher_fen, made.own_fen) == (30_000, 30_000)
    assert wallet(held) == [(100_000_000, 99_970_000, 30_000, 0)]
    assert capture(held, "bk-1", 20_000) == Resolution("captured", 30_000, 20_000, is_repeat=False)
    assert wallet(held) == [(100_000_000, 99_980_000, 0, 20_000)]
    assert find(held, "bk-1").state == "captured"
    assert broken(held) == []


def test_a_hold_ends_once_and_tells_how(held: Database) -> None:
    hold(held, "bk-1")
    hold(held, "bk-2")
    assert release(held, "bk-1") == Resolution("released", 30_000, 0, is_repeat=False)
    assert release(held, "bk-1") == Resolution("released", 30_000, 0, is_repeat=True)
    assert capture(held, "bk-1", 5) == Resolution("released", 30_000, 0, is_repeat=True)
    capture(held, "bk-2", 30_000)
    assert capture(held, "bk-2", 1) == Resolution("captured", 30_000, 30_000, is_repeat=True)
    assert release(held, "bk-2") == Resolution("captured", 30_000, 30_000, is_repeat=True)
    assert wallet(held) == [(100_000_000, 99_970_000, 0, 30_000)]
    assert broken(held) == []


@pytest.mark.parametrize("fen", [30_001, -1])
def test_no_more_than_is_held_is_captured(held: Database, fen: int) -> None:
    hold(held, "bk-1")
    with pytest.raises(CaptureTooLarge):
        capture(held, "bk-1", fen)
    assert wallet(held) == [(100_000_000, 99_970_000, 30_000, 0)]


def test_a_capture_of_nothing_lets_go(held: Database) -> None:
    hold(held, "bk-1")
    assert capture(held, "bk-1", 0) == Resolution("released", 30_000, 0, is_repeat=False)
    assert broken(held) == []


def test_an_order_that_nothing_was_held_for(held: Database) -> None:
    assert release(held, "bk-9") is None
    with pytest.raises(HoldUnknown):
        capture(held, "bk-9", 1)
    refused = hold(held, "bk-8", is_statutory=True)
    assert (refused.voucher_fen, refused.user[0].reasons[0].code) == (0, "excluded")
    assert release(held, "bk-8") is None
    assert find(held, "bk-8").state == "none"
    with held.write() as session:
        assert service.capture_used(session, "bk-8", 60_000, now=NOW) is None
        assert service.hold_anew(session, "bk-9", 1, now=NOW) is None


def test_asking_again_is_the_same_hold(held: Database) -> None:
    first = hold(held, "bk-1")
    assert hold(held, "bk-1") == first
    assert wallet(held) == [(100_000_000, 99_970_000, 30_000, 0)]


def test_another_fee_is_held_anew(held: Database) -> None:
    hold(held, "bk-1", None)
    assert wallet(held)[0][2] == 0
    for fee, share in ((60_000, 30_000), (20_000, 10_000), (20_000, 10_000), (None, 0), (9_999, 4_999)):
        with held.write() as session:
            made = service.hold_anew(session, "bk-1", fee, now=NOW)
        assert made is not None
        assert made.voucher_fen == share
        assert wallet(held)[0][2] == share
    assert broken(held) == []


def test_what_was_used_decides_but_never_above_the_hold(held: Database) -> None:
    for reference, fee, share in (
        ("bk-1", 40_000, 20_000),
        ("bk-2", 90_000, 30_000),
        ("bk-3", 60_000, 30_000),
    ):
        hold(held, reference)
        with held.write() as session:
            done = service.capture_used(session, reference, fee, now=NOW)
        assert done == Resolution("captured", 30_000, share, is_repeat=False)
        told = find(held, reference)
        assert (told.fee_fen, told.voucher_fen, told.own_fen) == (fee, share, fee - share)
    assert broken(held) == []


def test_an_order_stays_with_the_version_it_was_decided_by(held: Database) -> None:
    hold(held, "bk-1")
    change(held, holders=quota(rate_bp=1000, cap_order_fen=5_000_000, cap_year_fen=20_000_000))
    assert hold(held, "bk-2").voucher_fen == 6_000
    with held.write() as session:
        done = service.capture_used(session, "bk-1", 50_000, now=NOW)
    assert done is not None
    assert done.captured_fen == 25_000


def test_grants_are_used_in_order_and_a_hold_may_need_several(database: Database) -> None:
    furnish(database, None)
    with database.write() as session:
        late = allot(session, 10_000, "late", valid_until=date(2026, 12, 31))
        early = allot(session, 15_000, "early", valid_until=date(2026, 6, 30))
        allot(session, 15_000, "over", valid_until=date(2026, 3, 2))
    assert hold(database, "bk-1", 40_000, ordered_on=date(2026, 3, 3)).voucher_fen == 20_000
    assert sorted(wallet(database)) == [
        (10_000, 5_000, 5_000, 0),
        (15_000, 0, 15_000, 0),
        (15_000, 15_000, 0, 0),
    ]
    assert capture(database, "bk-1", 16_000).captured_fen == 16_000
    assert sorted(wallet(database)) == [
        (10_000, 9_000, 0, 1_000),
        (15_000, 0, 0, 15_000),
        (15_000, 15_000, 0, 0),
    ]
    with database.write() as session:
        allot(session, 30_000, "early", valid_until=date(2026, 6, 30), revision=2)
        service.order_of_use(session, HOLDER, [late.grant_id])
    assert hold(database, "bk-2", 4_000, ordered_on=date(2026, 3, 3)).voucher_fen == 2_000
    assert (10_000, 7_000, 2_000, 1_000) in wallet(database), "the one that the holder put first"
    assert early.grant_id != late.grant_id
    assert broken(database) == []


def test_the_year_s_cap_counts_holds_and_captures_and_gives_back_what_was_not_used(held: Database) -> None:
    change(held, holders=quota(cap_year_fen=70_000))
    assert [hold(held, f"bk-{n}").voucher_fen for n in range(3)] == [30_000, 30_000, 10_000]
    assert hold(held, "bk-3").user[0].reasons[0].code == "cap_reached"
    release(held, "bk-0")
    capture(held, "bk-1", 10_000)
    assert hold(held, "bk-4", 200_000).voucher_fen == 50_000
    assert broken(held) == []


def test_the_cap_of_another_year_is_another(held: Database) -> None:
    change(held, holders=quota(cap_year_fen=30_000))
    assert hold(held, "bk-1").voucher_fen == 30_000
    with held.write() as session:
        allot(session, 100_000, "next", valid_until=date(2027, 6, 30))
    assert hold(held, "bk-2", ordered_on=date(2027, 1, 1)).voucher_fen == 30_000


@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("limit", ["allotment", "cap"])
def test_32_holds_at_the_boundary_never_take_more_than_there_is(
    database: Database, limit: str, more: int
) -> None:
    there = 16 * 300 + more
    furnish(database, there if limit == "allotment" else 10**9)
    change(database, holders=quota(**({"cap_year_fen": there} if limit == "cap" else {})))
    got = race(database, [lambda n=n: hold(database, f"bk-{n}", 600) for n in range(32)])  # type: ignore[misc]
    assert not [one for one in got if not isinstance(one, Decisions)], got
    shares = sorted(one.voucher_fen for one in got if isinstance(one, Decisions))
    assert sum(shares) == there
    assert shares.count(300) == (16 if more >= 0 else 15)
    assert broken(database) == []


def test_many_holders_of_one_programme_do_not_stand_in_each_other_s_way(database: Database) -> None:
    furnish(database, None)
    with database.write() as session:
        for number in range(8):
            allot(session, 100_000, f"ZJ-{number}", holder=f"en-{number}")

    def whole(number: int) -> object:
        reference = f"bk-{number}"
        hold(database, reference, holder=f"en-{number % 8}")
        return capture(database, reference, 30_000) if number % 2 else release(database, reference)

    got = race(database, [lambda n=n: whole(n) for n in range(16)])  # type: ignore[misc]
    assert not [one for one in got if isinstance(one, Exception)], got
    assert broken(database) == []


def test_of_two_captures_at_once_exactly_one_takes_the_money(held: Database) -> None:
    count = 24
    for number in range(count):
        hold(held, f"bk-{number}", 200)

    def all_of_them() -> object:
        return [capture(held, f"bk-{number}", 100).is_repeat for number in range(count)]

    got = race(held, [all_of_them, all_of_them])
    first, second = (one for one in got if isinstance(one, list))
    assert [a != b for a, b in zip(first, second, strict=True)] == [True] * count
    assert wallet(held)[0][3] == count * 100
    assert broken(held) == []


def test_capture_and_release_at_once_are_one_of_the_two(held: Database) -> None:
    hold(held, "bk-1")
    acts: list[Callable[[], object]] = [lambda: capture(held, "bk-1", 10_000), lambda: release(held, "bk-1")]
    got = race(held, acts * 3)
    ended = [one for one in got if isinstance(one, Resolution)]
    assert len(ended) == 6
    assert sum(not one.is_repeat for one in ended) == 1
    assert len({(one.state, one.captured_fen) for one in ended}) == 1
    assert broken(held) == []


def test_a_transaction_that_fails_later_has_held_nothing(held: Database) -> None:
    def fail_late() -> None:
        with held.write() as session:
            service.hold(session, order(reference="bk-1"), now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    assert wallet(held) == [(100_000_000, 100_000_000, 0, 0)]
    assert broken(held) == []


def test_a_preview_holds_nothing_and_says_the_same(held: Database) -> None:
    with held.read() as session:
        seen = service.preview(session, order())
    assert wallet(held)[0][2] == 0
    assert hold(held, "bk-1") == seen


def test_the_decision_is_kept_with_the_order(held: Database) -> None:
    hold(held, "bk-1", home_area="330402", owner_area="340000")
    kept = find(held, "bk-1").decisions
    assert [each["programme_id"] for each in kept["user"]] == [PROGRAMME]
    assert kept["voucher"] == PROGRAMME
    assert kept["user"][0]["steps"][-1]["zh"] == "创新券支付 300.00 元，自付 300.00 元"
    assert kept["owner"][0]["reasons"][0]["code"] == "home_only_user"


# Allotments: the home system's master, the hub's ledger


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
    assert not upkeep.end_grants(runtime)
    assert wallet(database) == [(30_000, 0, 30_000, 0)]
    with database.read() as session:
        assert not queries.has_over(session, clock().date()), "what is held cannot be taken back yet"
    release(database, "bk-1")
    upkeep.end_grants(runtime)
    assert wallet(database) == [(0, 0, 0, 0)]
    assert broken(database) == []
