"""The staff of the demo's voucher offices: lists are paid after a while, once; the first line of all comes back."""

from datetime import UTC, datetime, timedelta

from adapters.simulators.purse import Line, Office, clerk
from adapters.simulators.purse.office import BOUNCED, PAID

BEGIN = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)


def office() -> Office:
    made = Office("310000")
    made.clock = lambda: BEGIN
    made.take("pl-1", "x", 30, [Line("l-1", 10), Line("l-2", 20)], "SHKJQ")
    made.take("st-1", "x", 0, [])
    return made


def later(made: Office, seconds: float) -> int:
    made.clock = lambda: BEGIN + timedelta(seconds=seconds)
    return clerk.work(made)


def test_a_list_lies_for_a_while_then_it_is_paid_once_and_one_line_comes_back() -> None:
    made = office()
    assert later(made, 59) == 0
    assert later(made, 60) == 2
    assert [(each.line, each.state, each.reason) for each in made.told] == [
        ("l-1", BOUNCED, "account_wrong"),
        ("l-2", PAID, ""),
    ]
    assert (later(made, 600), len(made.told)) == (0, 2)


def test_the_second_list_of_a_returned_line_is_paid() -> None:
    made = office()
    later(made, 60)
    made.take("pl-2", "y", 10, [Line("l-1.2", 10)], "SHKJQ")
    assert later(made, 200) == 1
    assert (made.told[-1].reference, made.told[-1].state, made.paid) == ("pl-2", PAID, {"SHKJQ": 30})


def test_a_list_that_came_twice_is_paid_once() -> None:
    made = office()
    made.take("pl-1", "x", 30, [Line("l-1", 10), Line("l-2", 20)], "SHKJQ")
    assert later(made, 60) == 2
    assert later(made, 120) == 0
