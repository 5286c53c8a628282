"""Finance looks for lines of a batch: whatever is asked, the pages hold exactly those lines, and the sums are theirs."""

import pytest

from hub.core.db import Database
from hub.settlement.queries import batch_lines as queries
from hub.settlement.queries.batch_lines import SORTS, STANDINGS, Found, Sort, Wanted
from hub.settlement.service import periods
from tests.hub.settlement.periods import world
from tests.hub.settlement.periods.test_way import lines_of

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database) -> Database:
    """Two calculations: a line was returned and mended, a new one would come later; all of it posted, one voucher paid."""
    world.furnish(database)
    usages = [world.Usage(f"us-{number}", fee_fen=40_000 + 10_000 * number) for number in range(1, 5)]
    ids = world.rated(database, *usages)
    world.close(database)
    world.submit(database)
    with database.write() as session:
        periods.return_line(
            session, world.BATCH, ids[1], world.HOME, code="wrong_quantity", text="数量有误", now=world.AFTER
        )
    world.rated(database, world.corrected(usages[1], fee_fen=65_000))
    world.submit(database)
    return database


def found(database: Database, wanted: Wanted, *, at_once: int = 2) -> list[Found]:
    batch = world.batch(database)
    lines: list[Found] = []
    with database.read() as session:
        while page := queries.find_lines(session, batch, wanted, skip=len(lines), limit=at_once):
            lines += page
        whole = list(queries.every_line(session, batch, wanted))
        sums = queries.sum_lines(session, batch, wanted)
    assert [each.member.line_id for each in whole] == [each.member.line_id for each in lines]
    assert sums == queries.Sums(
        len(lines),
        sum(each.member.fee_fen for each in lines),
        sum(each.member.voucher_fen for each in lines),
        sum(each.member.own_fen for each in lines),
        sum(each.fee_difference for each in lines),
    )
    return lines


def usages(lines: list[Found]) -> list[str]:
    return [each.member.usage_id for each in lines]


def test_nothing_asked_is_every_line_in_the_order_of_the_list(held: Database) -> None:
    lines = found(held, Wanted())
    assert [each.member.position for each in lines] == [1, 2, 3, 4]
    assert {each.standing for each in lines} == {"batched"}


def test_what_changed_since_the_last_calculation(held: Database) -> None:
    lines = found(held, Wanted(has_changed=True))
    assert usages(lines) == ["us-2"]
    batch = world.batch(held)
    assert batch.revision > 1
    assert lines[0].fee_difference == 65_000, "the returned line had left the calculation before"
    first = found(held, Wanted(sort="difference"))[0]
    assert first.member.usage_id == "us-2"


def test_by_number_sides_and_amount(held: Database) -> None:
    assert usages(found(held, Wanted(order_number="us-3"))) == ["us-3"], "in either case of letters"
    assert usages(found(held, Wanted(order_number="%"))) == []
    assert usages(found(held, Wanted(sort="fee"))) == ["us-4", "us-3", "us-2", "us-1"]
    owner = found(held, Wanted())[0].member.institution_id
    assert len(found(held, Wanted(institutions=frozenset({owner})))) == 4
    assert found(held, Wanted(institutions=frozenset())) == []
    assert found(held, Wanted(enterprises=frozenset({"party-nobody"}))) == []


def test_how_a_line_stands(held: Database) -> None:
    world.agree(held)
    world.post(held)
    assert len(found(held, Wanted(standing="settled"))) == 4
    ids = {each.member.usage_id: each.member.line_id for each in found(held, Wanted())}
    with held.write() as session:
        credit = periods.propose_credit(
            session, ids["us-1"], world.VISITED, reason="usage_wrong", text="未提供服务", now=world.AFTER
        )
    assert usages(found(held, Wanted(standing="correcting"))) == ["us-1"]
    with held.write() as session:
        periods.issue_credit(session, credit, world.HOME, now=world.AFTER)
    assert usages(found(held, Wanted(standing="corrected"))) == ["us-1"]
    line = lines_of(held)[0]
    world.pay(held, line.id, line.owed_fen)
    assert usages(found(held, Wanted(standing="redeemed"))) == ["us-2", "us-3", "us-4"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("piece", ["", "us-1", "3", "20260310"])
def test_standings_part_the_lines_whatever_else_is_asked(held: Database, piece: str, sort: Sort) -> None:
    for changed in (False, True):
        everything = found(held, Wanted(piece, sort=sort, has_changed=changed), at_once=3)
        parts = [
            each.member.line_id
            for standing in STANDINGS
            for each in found(held, Wanted(piece, standing=standing, sort=sort, has_changed=changed))
        ]
        assert sorted(parts) == sorted(each.member.line_id for each in everything)
