"""Vouchers held for orders: kept at submit, resolved once, never more than there is."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.settlement import queries, service
from hub.settlement.errors import (
    CaptureTooLarge,
    HoldUnknown,
)
from hub.settlement.rules import Decisions
from hub.settlement.service import Resolution
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import order, quota
from tests.hub.settlement.test_ledger import race
from tests.hub.settlement.vouchers import (
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

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database) -> Database:
    """The demo's programmes and one large allotment."""
    furnish(database)
    return database


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


def test_of_two_captures_at_once_of_each_of_500_holds_exactly_one_takes_the_money(held: Database) -> None:
    count = 500
    with held.write() as session:
        for number in range(count):
            service.hold(session, order(reference=f"bk-{number}", fee_fen=200), now=NOW)

    def all_of_them() -> object:
        return [capture(held, f"bk-{number}", 100).is_repeat for number in range(count)]

    got = race(held, [all_of_them, all_of_them])
    assert not [one for one in got if not isinstance(one, list)], got
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


@pytest.mark.parametrize(
    ("act", "there"),
    [
        (lambda session: service.hold(session, order(reference="bk-2"), now=NOW), 4),
        (lambda session: service.capture(session, "bk-1", 20_000, now=NOW), 3),
        (lambda session: service.release(session, "bk-1", now=NOW), 3),
    ],
    ids=["hold", "capture", "release"],
)
def test_a_hold_is_few_ways_to_the_database(
    held: Database, act: Callable[[Session], object], there: int
) -> None:
    """Each way costs more than what is done there; on SQLite, in the same process, nothing goes together."""
    hold(held, "bk-1")
    asked: list[str] = []
    with held.write() as session:
        event.listen(
            held.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement)
        )
        act(session)
    assert len(asked) == there if not held.is_sqlite else len(asked) <= there + 7, asked
    assert broken(held) == []
