"""Payment lists: paid with proof, bounced and issued again, answered by provinces, corrected by credits, carried over."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.errors import (
    CreditDecided,
    CreditExists,
    CreditUnknown,
    LineNotPosted,
    PaymentAmountDiffers,
    PaymentContradicts,
    PaymentLineOver,
    PaymentLineUnknown,
    RedemptionCaseUnknown,
    SettlementSamePerson,
    WordsMissing,
)
from hub.settlement.ledger import Account, Transfer, clearing
from hub.settlement.models import Claim
from hub.settlement.queries import paying
from hub.settlement.service import documents, periods
from hub.settlement.service.periods import Proof
from tests.hub.settlement.periods.test_way import balance, lines_of
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    HOME,
    INSTITUTION,
    PAYER,
    PERIOD,
    PROGRAMME,
    SHANGHAI,
    VISITED,
    ZHEJIANG,
    Usage,
    agree,
    batch,
    close,
    corrected,
    furnish,
    pay,
    post,
    posted,
    rated,
    states,
    submit,
)

pytestmark = pytest.mark.database

OTHER = "31-u-bbbbbbbbbbbb"
BACK = Proof(date(2026, 5, 6), "R-1", 30_000, "e" * 64)


@pytest.fixture
def held(database: Database) -> Database:
    furnish(database)
    return database


def send_back(
    database: Database, line_id: str, reason: str = "account_closed", text: str = "账户已销"
) -> str:
    with database.write() as session:
        return periods.bounce(session, line_id, HOME, reason=reason, text=text, now=AFTER)


def answer(database: Database, line_id: str, number: str = "m-1", **changes: Any) -> tuple[str, str | None]:
    """A province's word about a payment line."""
    told = {
        "id": number,
        "payer_area": PAYER,
        "line": line_id,
        "outcome": "paid",
        "amount_fen": 30_000,
        "on": "2026-04-20",
        "bank_reference": "B-1",
        **changes,
    }
    province = told.pop("province", ZHEJIANG)
    with database.write() as session:
        made = periods.apply_redemption_result(session, told, province=province, now=AFTER)
    return made.verdict, made.code


def test_a_list_for_each_payer_and_a_line_for_each_payee(held: Database) -> None:
    posted(
        held,
        Usage("u1"),
        Usage("u2", institution=OTHER),
        Usage("u3", 20_000, 7_001, enterprise="en-2"),
        Usage("u4", programme="demo-310000-voucher"),
    )
    with held.read() as session:
        lists = paying.payment_lists(session, batch_id=BATCH)
        mine = paying.payment_lists(session, payer="3304")
    assert {(each.payer_area, each.programme_id, each.total_fen) for each in lists} == {
        ("310000", "demo-310000-voucher", 30_000),
        (PAYER, PROGRAMME, 67_001),
    }
    assert [each.owed_fen for each in mine] == [67_001]
    with held.read() as session:
        issued = documents.find(session, mine[0].document_id)
    assert issued is not None
    told = {(line["payee_id"], line["amount_fen"], len(line["orders"])) for line in issued.body["lines"]}
    assert told == {(INSTITUTION, 37_001, 2), (OTHER, 30_000, 1)}
    assert issued.body["statement"] == batch(held).statement_id
    assert "account" not in issued.body["lines"][0], "no bank details were approved"


def test_the_batch_is_paid_with_its_last_line(held: Database) -> None:
    posted(held, Usage("u1"), Usage("u2", institution=OTHER))
    first, second = lines_of(held)
    pay(held, first.id, 30_000)
    assert batch(held).state == "posted"
    pay(held, second.id, 30_000, "B-2")
    assert batch(held).state == "paid"
    with held.read() as session:
        assert [each.id for each in paying.redeemed(session, "bk-u1")] == [first.id]


def test_what_was_paid_is_what_is_owed_and_by_one_proof(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    for wrong in (29_999, 30_001, 0):
        with pytest.raises(PaymentAmountDiffers):
            pay(held, line.id, wrong)
    with pytest.raises(PaymentLineUnknown):
        pay(held, "pl-nothing", 30_000)
    pay(held, line.id, 30_000)
    with pytest.raises(PaymentContradicts):
        pay(held, line.id, 30_000, "B-2")
    same = Proof(date(2026, 4, 20), "B-1", 30_000)
    for other in (replace(same, paid_on=date(2026, 4, 21)), replace(same, sha256="f" * 64)):
        with pytest.raises(PaymentContradicts), held.write() as session:
            periods.record_payment(session, line.id, HOME, other, now=AFTER)
    with held.read() as session:
        [entries] = [ledger.entries_of(session, f"redeem:{line.id}")]
    assert entries == [
        (f"clearing:{SHANGHAI}-{ZHEJIANG}", "payable:en-1", 30_000),
        (f"receivable:{INSTITUTION}", "bank:outside", 30_000),
    ]


def test_a_bounced_line_is_issued_again_and_only_the_new_one_is_paid(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    new = send_back(held, line.id)
    with pytest.raises(PaymentLineOver):
        pay(held, line.id, 30_000)
    with pytest.raises(PaymentLineOver):
        send_back(held, line.id)
    with held.read() as session:
        chain = paying.chain_of(session, new)
        [issued] = [
            documents.find(session, each.document_id)
            for each in paying.payment_lists(session, batch_id=BATCH)
            if new.startswith(each.id)
        ]
    assert [(each.id, each.state, each.replaces) for each in chain] == [
        (line.id, "bounced", None),
        (new, "due", line.id),
    ]
    assert issued is not None
    assert (issued.body["lines"][0]["replaces"], issued.body["previous_sha256"] is not None) == (
        line.id,
        True,
    )
    assert batch(held).state == "posted"
    pay(held, new, 30_000)
    assert batch(held).state == "paid"
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 0


def test_a_payment_that_comes_back_later_is_reversed_until_the_seal(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    pay(held, line.id, 30_000)
    new = send_back(held, line.id)
    assert batch(held).state == "posted"
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 30_000
    pay(held, new, 30_000, "B-2")
    assert (batch(held).state, balance(held, Account("receivable", INSTITUTION))) == ("paid", 0)
    with held.write() as session:
        periods.seal_batch(session, BATCH, VISITED, now=AFTER)
    with pytest.raises(PaymentLineOver):
        send_back(held, new)


@pytest.mark.parametrize(("reason", "text"), [("mood", "不知道"), ("other", "")])
def test_a_bounce_says_why(held: Database, reason: str, text: str) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    with pytest.raises(WordsMissing):
        send_back(held, line.id, reason, text)


def test_a_province_s_answer_is_applied_once(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    assert answer(held, line.id) == ("applied", None)
    assert answer(held, line.id) == ("repeated", None)
    assert answer(held, line.id, "m-2") == ("repeated", None)
    assert batch(held).state == "paid"
    with held.read() as session:
        assert paying.redemption_cases(session, "33") == []


def test_a_bounce_that_a_province_reports_issues_the_line_again(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    told = {"outcome": "bounced", "reason": "account_wrong", "text": "账号位数不对"}
    assert answer(held, line.id, **told) == ("applied", None)
    assert answer(held, line.id, "m-2", **told) == ("repeated", None)
    assert [each.state for each in lines_of(held)] == ["bounced", "due"]
    assert answer(held, line.id, "m-3") == ("contradictory", "redemption_after_bounce")


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        ("m-1", {"on": "2026-04-21"}, "redemption_conflicting"),
        ("m-2", {"amount_fen": 29_999}, "redemption_amount_differs"),
        ("m-2", {"bank_reference": "B-9"}, "redemption_paid_twice"),
        ("m-2", {"outcome": "bounced", "reason": "other"}, "redemption_bounced_after_paid"),
    ],
)
def test_contradictory_answers_change_nothing_and_wait_for_a_person(
    held: Database, number: str, changes: dict[str, Any], code: str
) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    answer(held, line.id)
    before = lines_of(held)
    assert answer(held, line.id, number, **changes) == ("contradictory", code)
    assert answer(held, line.id, number, **changes) == ("repeated", None)
    assert lines_of(held) == before
    with held.read() as session:
        [case] = paying.redemption_cases(session, "33")
        assert paying.redemption_cases(session, "52") == []
    assert (case.code, case.line_id) == (code, line.id)
    with pytest.raises(RedemptionCaseUnknown), held.write() as session:
        periods.close_case(session, case.id, HOME, area="52", text="不是我省的", now=AFTER)
    for _ in range(2):
        with held.write() as session:
            periods.close_case(session, case.id, HOME, area="33", text="已与银行核对，付款一次", now=AFTER)
    with held.read() as session:
        assert paying.redemption_cases(session, "33") == []


def test_an_answer_about_another_province_s_line_is_refused(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    assert answer(held, line.id, province="520000") == ("refused", "payment_line_unknown")
    assert answer(held, "pl-nothing", "m-2") == ("refused", "payment_line_unknown")
    assert answer(held, "pl-nothing", "m-2") == ("repeated", None)
    with held.read() as session:
        assert [each.line_id for each in paying.redemption_cases(session, "52")] == [line.id]
        assert [each.line_id for each in paying.redemption_cases(session, "33")] == ["pl-nothing"]
    assert lines_of(held)[0].state == "due"


def credit(database: Database, line_id: int) -> periods.Credited:
    """A line is taken back by two people."""
    with database.write() as session:
        number = periods.propose_credit(
            session, line_id, VISITED, reason="usage_wrong", text="重复计时", now=AFTER
        )
    with database.write() as session:
        return periods.issue_credit(session, number, HOME, now=AFTER)


def test_a_credit_repeats_the_original_with_negative_totals_and_reverses_it_once(held: Database) -> None:
    usage = Usage("u1")
    line, _ = posted(held, usage, Usage("u2"))
    made = credit(held, line)
    with held.read() as session:
        issued = documents.find(session, made.document_id)
    assert issued is not None
    assert (issued.body["original"], issued.body["line"]["usage_id"]) == (batch(held).statement_id, "u1")
    assert issued.body["totals"] == {
        "lines": -1,
        "fee_fen": -60_000,
        "voucher_fen": -30_000,
        "own_fen": -30_000,
    }
    assert (balance(held, clearing(SHANGHAI, ZHEJIANG)), balance(held, Account("captured", PROGRAMME))) == (
        30_000, 30_000,
    )  # fmt: skip
    [payment] = lines_of(held)
    assert (payment.fen, payment.voided_fen, payment.owed_fen, made.payback_fen) == (
        60_000,
        30_000,
        30_000,
        0,
    )
    with pytest.raises(CreditExists):
        credit(held, line)
    pay(held, payment.id, 30_000)
    assert batch(held).state == "paid"
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 0
    rated(held, corrected(usage, fee_fen=40_000, voucher_fen=20_000, rated_at=AFTER))
    assert states(held) == {"u1.1": "withdrawn", "u1.2": "ready", "u2.1": "settled"}
    with held.read() as session:
        assert periods.verify_batch(session, BATCH).broken is None, "what was posted stays as it was"


def test_when_every_order_of_a_line_was_taken_back_nothing_is_paid(held: Database) -> None:
    [line] = posted(held, Usage("u1"))
    credit(held, line)
    [payment] = lines_of(held)
    assert (payment.state, batch(held).state) == ("voided", "paid")
    with pytest.raises(PaymentLineOver):
        pay(held, payment.id, 30_000)
    assert answer(held, payment.id)[0] == "contradictory"


def test_what_was_paid_already_is_paid_back(held: Database) -> None:
    [line] = posted(held, Usage("u1"))
    [payment] = lines_of(held)
    pay(held, payment.id, 30_000)
    made = credit(held, line)
    assert made.payback_fen == 30_000
    assert balance(held, Account("receivable", INSTITUTION)) == -60_000
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 0
    for wrong in (29_999, 30_001):
        with pytest.raises(PaymentAmountDiffers), held.write() as session:
            periods.record_payback(session, made.id, HOME, replace(BACK, fen=wrong), now=AFTER)
    for _ in range(2):
        with held.write() as session:
            periods.record_payback(session, made.id, HOME, BACK, now=AFTER)
    assert balance(held, Account("receivable", INSTITUTION)) == -30_000, (
        "the own share goes back by its own way"
    )
    for other in ({"bank_reference": "R-2"}, {"sha256": "f" * 64}, {"paid_on": date(2026, 5, 7)}):
        with pytest.raises(PaymentContradicts), held.write() as session:
            periods.record_payback(session, made.id, HOME, replace(BACK, **other), now=AFTER)


def test_a_credit_needs_a_posted_line_words_and_two_people(held: Database) -> None:
    [line] = rated(held, Usage("u1"))

    def propose(reason: str = "other", text: str = "说明") -> int:
        with held.write() as session:
            return periods.propose_credit(session, line, VISITED, reason=reason, text=text, now=AFTER)

    with pytest.raises(LineNotPosted):
        propose()
    close(held)
    submit(held)
    agree(held)
    post(held)
    with pytest.raises(WordsMissing):
        propose("mood")
    number = propose()
    with pytest.raises(CreditExists):
        propose()
    with pytest.raises(SettlementSamePerson), held.write() as session:
        periods.issue_credit(session, number, VISITED, now=AFTER)
    with held.write() as session:
        periods.refuse_credit(session, number, HOME, text="金额无误", now=AFTER)
    for wrong, fault in ((number, CreditDecided), (999, CreditUnknown)):
        with pytest.raises(fault), held.write() as session:
            periods.issue_credit(session, wrong, HOME, now=AFTER)
    propose()


def test_at_the_year_s_end_what_is_unpaid_is_carried_and_stays_payable(held: Database) -> None:
    posted(held, Usage("u1"), Usage("u2", institution=OTHER))
    first, second = lines_of(held)
    pay(held, first.id, 30_000)
    for expected in (1, 0):
        with held.write() as session:
            assert periods.carry_commitments(session, 2026, now=AFTER + timedelta(days=300)) == expected
    with held.read() as session:
        carried = paying.commitments(session, "33", 2026)
        assert paying.commitments(session, "52", 2026) == []
    assert [(each.id, each.owed_fen) for each in carried] == [(second.id, 30_000)]
    pay(held, second.id, 30_000, "B-2")
    assert batch(held).state == "paid"


def test_an_agreed_claim_stands_on_its_payer_s_list_and_is_paid_or_listed_again(held: Database) -> None:
    with held.write() as session:
        session.add(claim("cl-1"))
        session.add(claim("cl-2", state="applied"))
    with held.write() as session:
        assert periods.list_claims(session, PERIOD, now=AFTER) == 1
        assert periods.list_claims(session, PERIOD, now=AFTER) == 0
    with held.read() as session:
        [listed] = paying.payment_lists(session, payer="34")
        [line] = paying.payment_lines(session, listed.id)
    assert (line.payee_kind, line.payee_id, line.fen, listed.batch_id) == ("enterprise", "en-9", 12_000, None)
    new = send_back(held, line.id)
    with held.read() as session:
        assert session.get_one(Claim, "cl-1").listed_as == new
    with held.write() as session:
        money = [Transfer(Account("authority", "340000"), Account("captured", "demo-340000-rebate"), 12_000)]
        ledger.post(session, "approve:cl-1", "claim", money, now=AFTER)
    pay(held, new, 12_000)
    with held.read() as session:
        assert session.get_one(Claim, "cl-1").state == "paid"
    with pytest.raises(PaymentLineOver):
        send_back(held, new)


def claim(name: str, **changes: Any) -> Claim:
    """An agreed rebate claim."""
    told = {
        "id": name, "key": name, "programme_id": "demo-340000-rebate", "version": 1, "kind": "rebate",
        "payer_area": "340000", "year": 2026, "payee_kind": "enterprise", "payee_id": "en-9", "base_fen": 60_000,
        "fen": 12_000, "state": "approved", "document": {"items": [], "steps": []}, "applied_by": "person:p-1",
        "applied_at": AFTER, **changes,
    }  # fmt: skip
    return Claim(**told)


def test_proofs_are_dated(held: Database) -> None:
    posted(held, Usage("u1"))
    [line] = lines_of(held)
    with held.write() as session:
        periods.record_payment(
            session, line.id, HOME, Proof(date(2026, 4, 21), "B-7", 30_000, "0" * 64), now=AFTER
        )
    [paid] = lines_of(held)
    assert (paid.paid_on, paid.proof_sha256, paid.paid_by) == (date(2026, 4, 21), "0" * 64, HOME.name)
