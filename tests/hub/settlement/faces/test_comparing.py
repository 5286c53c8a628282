"""The nightly comparison with home systems, and allotments pulled from them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.contract import AllotmentFigures
from hub.core.clock import SHANGHAI
from hub.core.db import Database
from hub.notices.models import Notice
from hub.settlement.models import Comparison, ComparisonLine
from hub.settlement.queries import faces as queries
from hub.settlement.service.faces import comparing, working
from tests.hub.settlement.faces.homes import CODE, furnish
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.vouchers import PROGRAMME, capture, hold, wallet

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database, tmp_path: Path) -> Iterator[Stage]:
    holder = furnish(database)
    with stage(database, tmp_path, "330000") as made:
        purse = made.zhejiang.office.purse
        purse.grant(CODE, 900_000)
        purse.allot("ED-1", 500_000, holder=CODE, programme="JXKJQ", until="2027-06-30")
        made.read()
        assert wallet(database, holder) == [(500_000, 500_000, 0, 0)]
        yield made


def compare(held: Stage) -> str:
    return comparing.compare(held.runtime, "330000", held.zhejiang.port)


def newest(held: Stage) -> tuple[Comparison, list[ComparisonLine]]:
    with held.database.read() as session:
        (row, *_) = queries.comparisons(session, "330000")
        lines = queries.comparison_lines(session, row.id, "33", only_different=False)
        session.expunge_all()
        return row, lines


def told(held: Stage) -> list[tuple[str, str]]:
    with held.database.read() as session:
        return [(row.recipient, row.key) for row in session.scalars(select(Notice).order_by(Notice.id))]


def test_what_was_asked_back_goes_back_as_far_as_it_is_free(held: Stage) -> None:
    holder = furnish(held.database)
    hold(held.database, "bk-1", 60_000, holder=holder)
    purse = held.zhejiang.office.purse
    purse.allot("ED-1", 0)
    assert purse.left(CODE) == 400_000
    held.advance(120)
    held.read()
    assert purse.left(CODE) == 870_000
    assert purse.waiting() == []
    assert wallet(held.database, holder) == [(30_000, 0, 30_000, 0)]


def test_a_lost_answer_is_given_again(held: Stage) -> None:
    purse = held.zhejiang.office.purse
    purse.allot("ED-1", 100_000)
    held.zhejiang.spoken.line.only = "quota-confirm"
    held.zhejiang.spoken.line.faults = ["lost"]
    held.advance(120)
    held.read()
    assert purse.left(CODE) == 400_000
    assert len(purse.waiting()) == 1
    held.advance(300)
    held.read()
    assert (purse.left(CODE), purse.waiting()) == (800_000, [])


def test_a_holder_nobody_knows_is_refused_and_a_case_until_it_is_known(held: Stage) -> None:
    purse = held.zhejiang.office.purse
    purse.grant("91330400MA0000000X", 500)
    purse.allot("ED-2", 500, holder="91330400MA0000000X", programme="JXKJQ", until="2027-06-30")
    held.advance(120)
    held.read()
    assert held.cases() == ["allotment_refused"]
    assert [each.id for each in purse.waiting()] == ["ED-2"]


def test_equal_figures_agree_also_when_money_is_held_and_used(held: Stage) -> None:
    holder = furnish(held.database)
    hold(held.database, "bk-1", 60_000, holder=holder)
    hold(held.database, "bk-2", 60_000, holder=holder)
    capture(held.database, "bk-2", 20_000)
    assert compare(held) == "agreeing"
    row, lines = newest(held)
    assert (row.compared, row.differing) == (2, 0)
    assert [(line.kind, line.allotted_fen, line.held_fen, line.captured_fen) for line in lines] == [
        ("same", 500_000, 30_000, 20_000),
        ("same", 500_000, 30_000, 20_000),
    ]
    assert held.cases() == []


def test_every_difference_is_kept_line_by_line_and_told_to_the_offices_concerned(held: Stage) -> None:
    purse = held.zhejiang.office.purse
    purse.allotments["ED-1"].reserved -= 1
    held.zhejiang.office.paid["JXKJQ"] = 700
    assert compare(held) == "differing"
    row, (line, total) = newest(held)
    assert (row.differing, line.kind, line.allotted_fen, line.their_allotted_fen) == (
        2,
        "differs",
        500_000,
        499_999,
    )
    assert (total.external_id, total.redeemed_fen, total.their_redeemed_fen) == ("", 0, 700)
    assert held.cases() == ["figures_differ"]
    people = {name for name, _ in told(held)}
    assert (
        len(people) == 2
    )  # finance of the province and of the city; this world has no staff of the province
    count = len(told(held))
    compare(held)
    assert len(told(held)) == count
    purse.allotments["ED-1"].reserved += 1
    held.zhejiang.office.paid.clear()
    assert compare(held) == "agreeing"
    assert held.cases() == []


def test_an_allotment_that_only_one_side_knows_is_named(held: Stage) -> None:
    with held.database.read() as session:
        ours = queries.figures(session, "330000")
    other = AllotmentFigures("ED-9", PROGRAMME, 5)
    kinds = {each.external_id: each.kind for each in comparing.pair(ours, [other])}
    assert kinds == {"ED-1": "missing_there", "ED-9": "missing_here"}


@pytest.mark.parametrize("name", ["allotted", "held", "captured", "redeemed"])
def test_every_figure_that_is_told_is_compared(held: Stage, name: str) -> None:
    with held.database.read() as session:
        (ours,) = queries.figures(session, "330000")
    same = {"allotted": 500_000, "held": 0, "captured": 0, "redeemed": 0}
    assert [each.kind for each in comparing.pair([ours], [AllotmentFigures("ED-1", PROGRAMME, **same)])] == [
        "same"
    ]
    differing = AllotmentFigures("ED-1", PROGRAMME, **{**same, name: same[name] + 1})
    assert [each.kind for each in comparing.pair([ours], [differing])] == ["differs"]


def test_it_happens_once_a_night(held: Stage) -> None:
    def days() -> list[str]:
        with held.database.read() as session:
            return [row.day.isoformat() for row in queries.comparisons(session, "330000")]

    assert not working.compare(held.runtime)
    assert days() == []
    start = held.now()
    for _ in range(48 * 2):
        held.advance(1800)
        working.compare(held.runtime)
    assert len(days()) == 2
    with held.database.read() as session:
        times = [row.taken_at.astimezone(SHANGHAI) for row in queries.comparisons(session, "330000")]
    assert all(time.hour in {2, 3} for time in times)
    assert held.now() - start == timedelta(days=2)


def test_a_home_system_that_is_silent_all_night_is_said_in_the_morning(held: Stage) -> None:
    held.zhejiang.spoken.line.only = "quota-check"
    held.zhejiang.spoken.line.faults = ["refused"] * 1000
    working.compare(held.runtime)
    night = datetime.combine(
        held.now().astimezone(SHANGHAI).date() + timedelta(days=1), comparing.AT, SHANGHAI
    )
    held.advance((night - held.now()).total_seconds())
    for _ in range(11):
        working.compare(held.runtime)
        held.advance(1800)
    row, lines = newest(held)
    assert (row.state, lines) == ("unheard", [])
    assert row.error is not None
    with held.database.read() as session:
        assert len(queries.comparisons(session, "330000")) == 1
    assert held.cases() == ["face_silent"]
