"""Every province's settlement face: what it declares, and what happens to a list on its way there and back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.contract import AllotmentReply, Redemption
from adapters.errors import OutcomeUnknown, Refused, Unreachable, Unsupported
from adapters.simulators.purse import Line
from tests.adapters.settlement.offices import LIST, Faced, face
from tests.contract.conftest import PROVINCES

Make = Callable[[str], Faced]
CALLED = ["330000", "360000"]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Make]:
    made: list[Faced] = []

    def make(code: str) -> Faced:
        made.append(face(code, tmp_path / code))
        return made[-1]

    yield make
    for faced in made:
        faced.spoken.line.end()


def results(faced: Faced) -> list[Redemption]:
    return [each for page in faced.port.results(None) for each in page.redemptions]


@pytest.mark.parametrize("code", PROVINCES)
def test_every_province_says_how_it_receives_settlement(code: str) -> None:
    held = PROVINCES[code].settlement
    assert held is not None
    assert held.simulated


@pytest.mark.parametrize("code", PROVINCES)
def test_what_is_not_declared_is_refused_before_anything_is_sent(code: str, province: Make) -> None:
    faced = province(code)
    port, sent = faced.port, len(faced.spoken.line.requests)
    ways: dict[str, Callable[[], object]] = {
        "hand_over": lambda: port.hand_over(faced.message()),
        "lookup": lambda: port.lookup(faced.paper()),
        "results": lambda: list(port.results(None)),
        "files": lambda: port.files(faced.message()),
        "allotments": port.allotments,
        "reply": lambda: port.reply(AllotmentReply("x", 1, "done", 0)),
        "figures": port.figures,
    }
    for name, ask in ways.items():
        if name not in port.capabilities:
            with pytest.raises(Unsupported):
                ask()
    assert len(faced.spoken.line.requests) == sent


@pytest.mark.parametrize("code", CALLED)
def test_a_list_arrives_whole_and_is_found_again(code: str, province: Make) -> None:
    faced = province(code)
    assert faced.port.lookup(faced.paper()).kind == "not_found"
    receipt = faced.port.hand_over(faced.message())
    assert (receipt.kind, receipt.paper_id) == ("received", LIST)
    (held,) = faced.office.under(LIST)
    assert receipt.remote_id == held.number
    assert (held.fen, held.digest) == (42_345, "ab" * 32)
    assert [(line.number, line.fen) for line in held.lines] == [("L-1", 30_000), ("L-2", 12_345)]
    assert faced.port.lookup(faced.paper()).kind == "received"


@pytest.mark.parametrize("code", CALLED)
def test_other_content_under_the_same_name_is_a_mismatch(code: str, province: Make) -> None:
    faced = province(code)
    faced.office.take(LIST, "cd" * 32, 42_345, [Line("L-1", 42_345)])
    assert faced.port.lookup(faced.paper()).kind == "mismatch"


@pytest.mark.parametrize("code", CALLED)
def test_a_lost_answer_is_unknown_and_found_by_asking(code: str, province: Make) -> None:
    faced = province(code)
    faced.spoken.line.faults = ["refused"]
    with pytest.raises(Unreachable):
        faced.port.hand_over(faced.message())
    faced.spoken.line.faults = ["unanswered"]
    with pytest.raises(OutcomeUnknown):
        faced.port.hand_over(faced.message())
    assert len(faced.office.under(LIST)) == 1
    assert faced.port.lookup(faced.paper()).kind == "received"


def test_zhejiang_takes_the_same_list_twice_and_both_are_named(province: Make) -> None:
    faced = province("330000")
    faced.port.hand_over(faced.message())
    faced.port.hand_over(faced.message())
    assert not faced.port.idempotent
    found = faced.port.lookup(faced.paper())
    assert len(faced.office.under(LIST)) == 2
    assert found.duplicate_ids == (faced.office.under(LIST)[1].number,)


def test_jiangxi_refuses_a_list_it_holds_in_business_words(province: Make) -> None:
    faced = province("360000")
    faced.port.hand_over(faced.message())
    again = faced.port.hand_over(faced.message())
    assert again.kind == "refused"
    assert "清单已存在" in again.text


@pytest.mark.parametrize("code", CALLED)
def test_results_come_back_in_the_words_of_the_specification(code: str, province: Make) -> None:
    faced = province(code)
    faced.port.hand_over(faced.message())
    faced.office.pay(LIST, "L-1")
    faced.office.bounce(LIST, "L-2", "account_closed")
    paid, bounced = results(faced)
    assert (paid.kind, paid.paper_id, paid.line_id, paid.fen) == ("paid", LIST, "L-1", 30_000)
    assert paid.proof
    assert paid.paid_on == faced.spoken.clock.now.date()
    assert (bounced.kind, bounced.line_id, bounced.reason) == ("bounced", "L-2", "account_closed")
    (page,) = faced.port.results(None)
    assert [each for more in faced.port.results(page.cursor) for each in more.redemptions] == []


@pytest.mark.parametrize("code", CALLED)
def test_a_state_nobody_described_decides_nothing(code: str, province: Make) -> None:
    faced = province(code)
    faced.port.hand_over(faced.message())
    faced.office.mischief = {"unknown_state": 1}
    faced.office.pay(LIST, "L-1")
    (unclear,) = results(faced)
    assert unclear.kind == "unclear"
    assert [note.code for note in unclear.notes] == ["unmapped-code"]
    assert "settlement.yaml" in unclear.notes[0].zh


@pytest.mark.parametrize("code", CALLED)
def test_the_same_fact_has_the_same_name_however_often_it_is_read(code: str, province: Make) -> None:
    faced = province(code)
    faced.port.hand_over(faced.message())
    faced.office.pay(LIST, "L-1")
    assert [each.message_id for each in results(faced)] == [each.message_id for each in results(faced)]


def test_a_list_whose_total_is_wrong_is_refused_and_not_taken(province: Make) -> None:
    faced = province("330000")
    receipt = faced.port.hand_over(faced.message(faced.paper(total_fen=1)))
    assert receipt.kind == "refused"
    assert "合计" in receipt.text
    assert faced.office.lists == []


def test_the_hub_answers_zhejiang_s_allotments(province: Make) -> None:
    faced = province("330000")
    purse = faced.office.purse
    purse.grant("91330400MA2026101X", 900_000)
    purse.allot("ED-1", 500_000, holder="91330400MA2026101X", programme="JXKJQ", until="2027-06-30")
    (word,) = faced.port.allotments()
    assert (word.id, word.programme_id, word.fen, word.revision) == (
        "ED-1",
        "demo-330400-voucher",
        500_000,
        1,
    )
    purse.allot("ED-1", 0)
    faced.port.reply(AllotmentReply("ED-1", 1, "done", 500_000, 500_000))
    assert purse.allotments["ED-1"].reserved == 500_000
    faced.port.reply(AllotmentReply("ED-1", 2, "partly", 0, 180_000, 0, 180_000))
    assert purse.allotments["ED-1"].reserved == 180_000
    assert purse.left("91330400MA2026101X") == 720_000
    assert faced.port.allotments() == ()
    figure, total = faced.port.figures()
    assert (figure.id, figure.allotted, figure.redeemed, figure.held) == ("ED-1", 180_000, None, None)
    assert (total.id, total.programme_id, total.allotted, total.redeemed) == (
        None,
        "demo-330400-voucher",
        180_000,
        0,
    )


def test_an_answer_that_the_platform_does_not_take_is_said(province: Make) -> None:
    faced = province("330000")
    with pytest.raises(Refused):
        faced.port.reply(AllotmentReply("", 1, "done", 0))


def test_shanghai_is_asked_for_its_figures_only(province: Make) -> None:
    faced = province("310000")
    faced.office.purse.grant("h", 500)
    faced.office.purse.allot("SH-1", 400, holder="h", programme="SHKJQ", until="2027-01-01")
    faced.office.paid["SHKJQ"] = 50
    figure, total = faced.port.figures()
    assert (figure.id, figure.programme_id, figure.allotted) == ("SH-1", "demo-310000-voucher", 400)
    assert (total.id, total.redeemed) == (None, 50)
