"""What a province says of the lines it was to pay: applied once, and everything else a case."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.ledger import clearing
from hub.settlement.models import FaceState
from hub.settlement.queries import paying
from hub.settlement.service.faces import results
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.periods.world import INSTITUTION, Usage, furnish, posted

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database, tmp_path: Path) -> Iterator[Stage]:
    furnish(database)
    posted(database, Usage("u1"), Usage("u2", 40_000, 10_000, institution="31-u-bbbbbbbb2345"))
    with stage(database, tmp_path, "330000") as made:
        made.run()
        yield made


def owed(held: Stage) -> int:
    with held.database.read() as session:
        return ledger.balance(session, clearing("310000", "330000"))


def open_results(held: Stage) -> int:
    with held.database.read() as session:
        return len(paying.redemption_cases(session, "33"))


def line_of(held: Stage, institution: str = INSTITUTION) -> tuple[str, str, int]:
    """The list's name, the line's, and its amount."""
    (line,) = [each for each in held.lines() if each.payee_id == institution and each.state == "due"]
    with held.database.read() as session:
        document = session.get_one(results.PaymentList, line.list_id).document_id
    return document, line.id, line.fen


def test_a_paid_line_is_redeemed_once_however_often_it_is_told(held: Stage) -> None:
    document, line, fen = line_of(held)
    before = owed(held)
    held.zhejiang.office.mischief = {"twice": 1}
    held.zhejiang.office.pay(document, line)
    held.read()
    assert {each.id: each.state for each in held.lines()}[line] == "paid"
    assert abs(before - owed(held)) == fen
    with held.database.write() as session:  # the cursor is lost: everything is read again
        session.get_one(FaceState, "330000").results_cursor = None
    held.advance(400)
    held.read()
    assert abs(before - owed(held)) == fen
    assert held.cases() == []
    assert open_results(held) == 0


def test_a_bounced_line_is_issued_again_under_another_name_and_goes_out_by_itself(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.bounce(document, line, "account_closed")
    held.read()
    states = {each.id: each for each in held.lines()}
    assert (states[line].state, states[line].bounce_reason) == ("bounced", "account_closed")
    again = next(each for each in states.values() if each.replaces == line)
    held.run()
    (second,) = [row for row in held.papers() if row.document_id != document]
    assert second.state == "delivered"
    held.zhejiang.office.pay(second.document_id, again.id)
    held.advance(400)
    held.read()
    assert {each.id: each.state for each in held.lines()}[again.id] == "paid"


def test_contradictory_answers_change_nothing_and_stay_open_for_a_person(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.mischief = {"contradict": 1}
    held.zhejiang.office.pay(document, line)
    held.read()
    assert {each.id: each.state for each in held.lines()}[line] == "paid"
    assert open_results(held) == 1


def test_another_amount_is_not_a_payment(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.mischief = {"other_amount": 1}
    held.zhejiang.office.pay(document, line)
    held.read()
    assert {each.id: each.state for each in held.lines()}[line] == "due"
    assert open_results(held) == 1


@pytest.mark.parametrize(
    ("mischief", "kind"), [("foreign_list", "result_foreign"), ("unknown_state", "result_unclear")]
)
def test_what_names_another_list_or_is_not_understood_is_a_case(
    held: Stage, mischief: str, kind: str
) -> None:
    document, line, _ = line_of(held)
    before = owed(held)
    held.zhejiang.office.mischief = {mischief: 1}
    held.zhejiang.office.pay(document, line)
    held.read()
    assert held.cases() == [kind]
    assert owed(held) == before


def test_a_line_under_another_list_of_the_same_province_is_foreign(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.pay(document, line)
    (told,) = [each for page in held.zhejiang.port.results(None) for each in page.redemptions]
    with held.database.write() as session:
        other = replace(told, paper_id="payment-list:330400/999")
        assert results.meet(session, "330000", other, now=held.now()) == "foreign"
        assert results.meet(session, "310000", told, now=held.now()) == "foreign"
        assert results.meet(session, "330000", told, now=held.now()) == "applied"
        assert results.meet(session, "330000", told, now=held.now()) == "repeated"


def test_a_result_that_is_lost_leaves_the_line_due(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.mischief = {"lose": 1}
    held.zhejiang.office.pay(document, line)
    held.read()
    assert {each.id: each.state for each in held.lines()}[line] == "due"


def test_a_province_that_cannot_be_read_is_read_later_from_where_it_was(held: Stage) -> None:
    document, line, _ = line_of(held)
    held.zhejiang.office.pay(document, line)
    held.zhejiang.spoken.line.only = "payment-result"
    held.zhejiang.spoken.line.faults = ["refused"] * 9
    for _ in range(9):
        held.read()
        held.advance(6 * 3600)
    assert "face_silent" in held.cases()
    held.read()
    assert {each.id: each.state for each in held.lines()}[line] == "paid"
    assert held.cases() == []
