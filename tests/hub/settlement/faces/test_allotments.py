"""A home system's words about allotments, answered from the hub's own ledger."""

import pytest

from hub.core.db import Database
from hub.settlement.errors import (
    AllotmentForeign,
    AllotmentMismatch,
    HolderUnknown,
    ProgrammeUnknown,
    ProgrammeUnusable,
)
from hub.settlement.service.faces import allotments
from tests.hub.settlement.faces.homes import furnish, hear, word
from tests.hub.settlement.laws import broken
from tests.hub.settlement.vouchers import capture, hold, release, wallet

pytestmark = pytest.mark.database


def test_an_allotment_is_the_holder_s_to_spend(database: Database) -> None:
    holder = furnish(database)
    answer = hear(database, word(500_000))
    assert (answer.outcome, answer.allotted, answer.left) == ("done", 500_000, 500_000)
    assert wallet(database, holder) == [(500_000, 500_000, 0, 0)]
    assert broken(database) == []


def test_what_is_held_or_used_stays_and_the_answer_says_how_much(database: Database) -> None:
    holder = furnish(database)
    hear(database, word(5_000))
    hold(database, "bk-1", 2_600, holder=holder)
    hold(database, "bk-2", 1_000, holder=holder)
    capture(database, "bk-2", 500)
    answer = hear(database, word(0, 2))
    assert (answer.outcome, answer.wanted, answer.allotted) == ("partly", 0, 1_800)
    assert (answer.left, answer.held, answer.captured) == (0, 1_300, 500)
    told = allotments.explained(answer, 5_000)
    assert "收回 32.00 元" in told["zh"]
    assert "18.00" in told["en"]
    assert hear(database, word(0, 2)) == answer
    release(database, "bk-1")
    assert hear(database, word(0, 2)) == answer
    again = hear(database, word(0, 3))
    assert (again.outcome, again.allotted) == ("partly", 500)
    assert broken(database) == []


def test_words_twice_late_and_out_of_order_change_nothing(database: Database) -> None:
    holder = furnish(database)
    hear(database, word(5_000, 1))
    hear(database, word(9_000, 3))
    late = hear(database, word(100, 2))
    assert (late.outcome, late.allotted) == ("stale", 9_000)
    assert hear(database, word(5_000, 1)).outcome == "stale"
    assert hear(database, word(9_000, 3)).outcome == "done"
    assert wallet(database, holder) == [(9_000, 9_000, 0, 0)]


def test_the_same_revision_with_other_content_is_refused(database: Database) -> None:
    holder = furnish(database)
    hear(database, word(5_000))
    with pytest.raises(AllotmentMismatch):
        hear(database, word(6_000))
    assert wallet(database, holder) == [(5_000, 5_000, 0, 0)]


def test_a_take_back_that_was_answered_partly_is_no_mismatch_when_it_comes_again(database: Database) -> None:
    holder = furnish(database)
    hear(database, word(5_000))
    hold(database, "bk-1", 2_600, holder=holder)
    first = hear(database, word(0, 2))
    assert (first.outcome, first.allotted) == ("partly", 1_300)
    assert hear(database, word(0, 2)) == first
    with pytest.raises(AllotmentMismatch):
        hear(database, word(1_300, 2))


def test_who_may_not_speak_is_told_why(database: Database) -> None:
    furnish(database)
    with pytest.raises(AllotmentForeign):
        hear(database, word(1), "310000")
    with pytest.raises(HolderUnknown) as caught:
        hear(database, word(1, holder_code="91330400MA0000000X"))
    assert "91330400MA0000000X" in caught.value.zh
    with pytest.raises(ProgrammeUnknown):
        hear(database, word(1, programme_id="no-such"))
    with pytest.raises(ProgrammeUnusable):
        hear(database, word(1, programme_id="demo-520000-voucher"), "520000")
    answer = allotments.refusal(word(1), HolderUnknown("x"))
    assert (answer.outcome, answer.code) == ("refused", "allotment_holder_unknown")


def test_the_booking_is_held_for_while_the_home_system_is_down(database: Database) -> None:
    """Nothing of the home system is asked: what it allotted stands in the hub's own ledger."""
    holder = furnish(database)
    hear(database, word(500_000))
    decided = hold(database, "bk-1", 60_000, holder=holder)
    assert decided.voucher is not None
    assert decided.voucher.fen == 30_000
    assert wallet(database, holder) == [(500_000, 470_000, 30_000, 0)]
