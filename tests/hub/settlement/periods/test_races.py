"""Everybody at once about one payment line: paid once, bounced once, one end; judged on committed rows."""

from collections.abc import Callable

import pytest

from hub.core.db import Database
from hub.core.errors import HubError
from hub.settlement import ledger
from hub.settlement.ledger import clearing
from hub.settlement.queries import paying
from hub.settlement.service import periods
from tests.hub.settlement.periods.laws import broken
from tests.hub.settlement.periods.test_paying import answer, send_back
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    SHANGHAI,
    VISITED,
    ZHEJIANG,
    Usage,
    batch,
    furnish,
    pay,
    posted,
)
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database

BOUNCED = {"outcome": "bounced", "reason": "account_wrong", "text": "账号位数不对"}


@pytest.fixture
def line(database: Database) -> str:
    """A posted line of 300.00 that is due."""
    furnish(database)
    posted(database, Usage("u1"))
    return lines_of(database)[0].id


def run(database: Database, acts: list[Callable[[], object]]) -> list[object]:
    """All at once; a refusal is no fault, anything else is."""
    got = race(database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    return got


def judge(database: Database) -> list[str]:
    """The states of the lines, after the laws: what is due is what the two provinces owe each other."""
    assert broken(database) == []
    lines = lines_of(database)
    assert sum(each.state in {"due", "paid"} for each in lines) == 1, lines
    due = sum(each.fen for each in lines if each.state == "due")
    with database.read() as session:
        assert abs(ledger.balance(session, clearing(SHANGHAI, ZHEJIANG))) == due
    return [each.state for each in lines]


def cases(database: Database) -> set[str]:
    with database.read() as session:
        return {each.code for each in paying.redemption_cases(session, "33")}


def test_a_line_that_is_paid_and_bounced_at_once_has_one_end(database: Database, line: str) -> None:
    """A payment may come back after it was recorded, and nothing is paid that has come back."""
    got = run(database, [lambda: pay(database, line, 30_000), lambda: send_back(database, line)] * 3)
    assert any(not isinstance(one, Exception) for one in got)
    assert judge(database) == ["bounced", "due"]


def test_a_line_that_is_paid_by_many_at_once_is_paid_once(database: Database, line: str) -> None:
    got = run(database, [lambda n=n: pay(database, line, 30_000, f"B-{n % 2}") for n in range(6)])  # type: ignore[misc]
    assert sum(isinstance(one, periods.Paid) and not one.is_repeat for one in got) == 1, got
    assert judge(database) == ["paid"]
    assert batch(database).state == "paid"


@pytest.mark.parametrize("number", ["m-1", "m-{}"])
def test_a_redemption_that_many_tell_at_once_is_applied_once(
    database: Database, line: str, number: str
) -> None:
    """The same message again, and the same fact under other numbers."""
    got = run(database, [lambda n=n: answer(database, line, number.format(n)) for n in range(6)])  # type: ignore[misc]
    assert sorted(got) == [("applied", None)] + [("repeated", None)] * 5  # type: ignore[type-var]
    assert judge(database) == ["paid"]
    assert cases(database) == set()


def test_of_contradictory_results_at_once_one_is_applied_and_the_other_waits_for_a_person(
    database: Database, line: str
) -> None:
    told = [lambda: answer(database, line, "m-1"), lambda: answer(database, line, "m-2", **BOUNCED)]
    got = run(database, told * 3)
    assert got.count(("applied", None)) == 1, got
    assert judge(database) in (["paid"], ["bounced", "due"])
    assert len(cases(database)) == 1


def test_a_person_records_what_the_province_tells_at_the_same_time(database: Database, line: str) -> None:
    """The same payment by two ways is one; and while the batch is sealed nothing is added to it."""

    def seal() -> object:
        with database.write() as session:
            return periods.seal_batch(session, BATCH, VISITED, now=AFTER)

    run(
        database,
        [
            lambda: pay(database, line, 30_000), lambda: answer(database, line), seal,
            lambda: answer(database, line, "m-2"), lambda: send_back(database, line), seal,
        ],
    )  # fmt: skip
    states = judge(database)
    if batch(database).state == "closed":
        assert states == ["paid"]
