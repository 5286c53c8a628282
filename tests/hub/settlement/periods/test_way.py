"""A period's whole way: closed, calculated, reviewed, agreed, posted, paid, sealed."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
import rfc8785

from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.errors import (
    BatchChanged,
    BatchStateWrong,
    BatchUnknown,
    CutoffNotReached,
    HashDiffers,
    LineNotHere,
    PeriodUnknown,
    ReviewNotOver,
    SettlementSamePerson,
    StampsWaiting,
    WordsMissing,
)
from hub.settlement.ledger import Account, clearing
from hub.settlement.models import TimeStamp
from hub.settlement.queries import paying
from hub.settlement.queries import periods as queries
from hub.settlement.rules import periods as rules
from hub.settlement.service import documents, periods
from hub.settlement.service.periods import Acting
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    CUTOFF,
    HOME,
    HOME_STAFF,
    NEXT,
    PERIOD,
    PROGRAMME,
    SHANGHAI,
    VISITED,
    VISITED_STAFF,
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
    set_state,
    states,
    submit,
)

pytestmark = pytest.mark.database

STAMP = {"subject": "document:synthetic/1", "digest": "0" * 64, "attempts": 3}


@pytest.fixture
def held(database: Database) -> Database:
    furnish(database)
    return database


def balance(database: Database, account: Account) -> int:
    with database.read() as session:
        return ledger.balance(session, account)


def lines_of(database: Database, batch_id: str = BATCH) -> list[paying.LineShown]:
    with database.read() as session:
        lists = paying.payment_lists(session, batch_id=batch_id)
        return [line for each in reversed(lists) for line in paying.payment_lines(session, each.id)]


def test_the_whole_way_from_the_cut_to_the_seal(held: Database) -> None:
    ids = rated(held, Usage("u1"), Usage("u2", 40_000, 10_000), Usage("u3", 5_000, 0))
    close(held)
    made = batch(held)
    assert (made.state, made.lines, made.fee_fen, made.voucher_fen, made.own_fen) == (
        "calculated", 3, 105_000, 40_000, 65_000,
    )  # fmt: skip
    submit(held)
    agree(held)
    post(held)
    assert batch(held).state == "posted"
    assert set(states(held).values()) == {"settled"}
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 40_000
    assert balance(held, Account("captured", PROGRAMME)) == 0
    [line] = lines_of(held)
    assert (line.fen, line.state, line.orders, line.payee_kind) == (40_000, "due", 2, "institution")
    assert pay(held, line.id, 40_000).is_repeat is False
    assert pay(held, line.id, 40_000).is_repeat is True
    assert batch(held).state == "paid"
    assert balance(held, clearing(SHANGHAI, ZHEJIANG)) == 0
    assert balance(held, Account("payable", "en-1")) == 0
    with held.write() as session:
        periods.seal_batch(session, BATCH, VISITED, now=AFTER)
    ended = batch(held)
    assert ended.state == "closed"
    assert len(ended.sealed_sha256 or "") == 64
    with held.read() as session:
        verdict = periods.verify_batch(session, BATCH)
        listed = [each.line_id for each in queries.members(session, BATCH)]
    assert (verdict.lines, verdict.broken) == (3, None)
    assert listed == ids


def test_the_statement_says_what_was_agreed_and_names_the_one_before(held: Database) -> None:
    posted(held, Usage("u1"))
    with held.read() as session:
        [statement] = documents.series_of(session, f"statement:{SHANGHAI}-{ZHEJIANG}")
        file = b"".join(queries.list_file(session, BATCH))
    assert statement.body["totals"] == {
        "lines": 1,
        "fee_fen": 60_000,
        "voucher_fen": 30_000,
        "own_fen": 30_000,
    }
    people = [(each["act"], each["person"], each["side"]) for each in statement.body["approvals"]]
    assert people == [
        ("submit", "person:p-visited", "visited_finance"),
        ("agree", "person:p-home", "home_finance"),
    ]
    assert {each["sha256"] for each in statement.body["approvals"]} == {statement.body["calculation_sha256"]}
    assert sha256(file).hexdigest() == statement.body["lines_sha256"]
    rated(held, Usage("u2", rated_at=CUTOFF))
    close(held, NEXT, now=AFTER + timedelta(days=40))
    following = f"{NEXT}.{SHANGHAI}-{ZHEJIANG}"
    submit(held, following)
    agree(held, following)
    post(held, following)
    with held.read() as session:
        first, second = documents.series_of(session, f"statement:{SHANGHAI}-{ZHEJIANG}")
    assert (second.number, second.body["previous_sha256"]) == (2, first.sha256)


def test_an_empty_period_sends_an_empty_statement_and_is_closed(held: Database) -> None:
    close(held)
    with held.write() as session:
        periods.send_empty(session, BATCH, now=AFTER)
    ended = batch(held)
    assert (ended.state, ended.statement_id) == ("closed", f"statement:{SHANGHAI}-{ZHEJIANG}/1")
    with held.read() as session:
        statement = documents.find(session, ended.statement_id or "")
        assert periods.verify_batch(session, BATCH).broken is None
    assert statement is not None
    assert (statement.body["totals"]["lines"], statement.body["approvals"]) == (0, [])


def test_a_batch_with_lines_is_not_sent_as_empty(held: Database) -> None:
    rated(held, Usage("u1"))
    close(held)
    with pytest.raises(BatchStateWrong), held.write() as session:
        periods.send_empty(session, BATCH, now=AFTER)
    assert batch(held).state == "calculated"


def test_inside_one_province_the_same_way_without_clearing(held: Database) -> None:
    own = f"{PERIOD}.{ZHEJIANG}-{ZHEJIANG}"
    rated(held, Usage("u1", visited=ZHEJIANG, institution="33-u-abcdefgh2345"))
    close(held)
    submit(held, own)
    with pytest.raises(SettlementSamePerson):
        agree(held, own, Acting(VISITED.name, "home_finance"))
    agree(held, own)
    post(held, own)
    assert balance(held, clearing(ZHEJIANG, ZHEJIANG)) == 0
    assert balance(held, Account("captured", PROGRAMME)) == 30_000
    [line] = lines_of(held, own)
    pay(held, line.id, 30_000)
    assert balance(held, Account("captured", PROGRAMME)) == 0
    assert batch(held, own).state == "paid"


def test_without_vouchers_nothing_is_to_be_paid(held: Database) -> None:
    posted(held, Usage("u1", 60_000, 0))
    assert batch(held).state == "paid"
    assert lines_of(held) == []


def test_a_line_goes_back_is_corrected_and_comes_again(held: Database) -> None:
    wrong, right = Usage("u1"), Usage("u2")
    first, _ = rated(held, wrong, right)
    close(held)
    submit(held)
    before = batch(held)
    with held.write() as session:
        periods.return_line(
            session, BATCH, first, HOME, code="wrong_quantity", text="机时多记一小时", now=AFTER
        )
    back = batch(held)
    assert (back.state, back.revision, back.lines) == ("returned", 2, 1)
    assert back.sha256 != before.sha256
    with pytest.raises(BatchStateWrong):
        agree(held)
    rated(
        held,
        corrected(wrong, fee_fen=40_000, voucher_fen=20_000, rated_at=AFTER),
        Usage("u9", rated_at=CUTOFF),
    )
    submit(held, now=AFTER + timedelta(days=2))
    again = batch(held)
    assert (again.state, again.revision, again.lines, again.fee_fen) == ("under_review", 3, 2, 100_000)
    assert again.review_until == before.review_until, "the limit is of the first submission"
    with held.read() as session:
        changes = queries.differences(session, BATCH)
        sent_back = queries.returns(session, BATCH)
        removed = queries.differences(session, BATCH, 2)
    assert [(each.kind, each.usage_id, each.usage_version) for each in changes] == [("added", "u1", 2)]
    assert [(each.kind, each.usage_id, each.usage_version) for each in removed] == [("removed", "u1", 1)]
    assert [(each.usage_id, each.code, each.text) for each in sent_back] == [
        ("u1", "wrong_quantity", "机时多记一小时")
    ]
    agree(held)
    post(held)
    assert states(held) == {"u1.1": "returned", "u1.2": "settled", "u2.1": "settled", "u9.1": "ready"}


@pytest.mark.parametrize(("code", "text"), [("mood", "不想付"), ("other", " "), ("other", "x" * 1001)])
def test_a_line_is_returned_with_a_code_and_words(held: Database, code: str, text: str) -> None:
    [line] = rated(held, Usage("u1"))
    close(held)
    submit(held)
    with pytest.raises(WordsMissing), held.write() as session:
        periods.return_line(session, BATCH, line, HOME, code=code, text=text, now=AFTER)
    assert states(held) == {"u1.1": "batched"}


def test_a_line_of_another_batch_or_returned_before_is_not_here(held: Database) -> None:
    first, other = rated(held, Usage("u1"), Usage("u2", home="520000", programme="demo-520000-voucher"))
    close(held)
    submit(held)

    def give_back(line: int) -> None:
        with held.write() as session:
            periods.return_line(session, BATCH, line, HOME, code="other", text="说明", now=AFTER)

    give_back(first)
    for line in (first, other, 999):
        with pytest.raises(LineNotHere):
            give_back(line)


def test_every_side_does_its_own_and_in_turn(held: Database) -> None:
    rated(held, Usage("u1"))
    with pytest.raises(CutoffNotReached), held.write() as session:
        periods.close_period(session, PERIOD, now=CUTOFF - timedelta(microseconds=1))
    with pytest.raises(PeriodUnknown), held.write() as session:
        periods.close_period(session, "2030-01", now=AFTER)
    with pytest.raises(BatchUnknown):
        submit(held, "2030-01.310000-330000")
    with pytest.raises(BatchStateWrong):
        submit(held)
    close(held)
    with pytest.raises(BatchStateWrong):
        submit(held, acting=HOME)
    with pytest.raises(BatchStateWrong):
        agree(held)
    submit(held)
    with pytest.raises(BatchStateWrong):
        agree(held, acting=VISITED)
    with pytest.raises(SettlementSamePerson):
        agree(held, acting=Acting(VISITED.name, "home_finance"))
    with pytest.raises(HashDiffers), held.write() as session:
        periods.agree_batch(session, BATCH, HOME, sha256="0" * 64, now=AFTER)
    with pytest.raises(BatchStateWrong):
        post(held)
    with pytest.raises(BatchChanged):
        agree(held, acting=Acting(HOME.name, HOME.side, version=1))
    agree(held, acting=Acting(HOME.name, HOME.side, version=batch(held).version))
    with pytest.raises(BatchStateWrong):
        agree(held)
    post(held)
    with pytest.raises(BatchStateWrong):
        post(held)


def test_an_agreement_is_taken_back_before_it_is_posted_only(held: Database) -> None:
    rated(held, Usage("u1"))
    close(held)
    submit(held)
    agree(held)
    with held.write() as session:
        periods.reopen_batch(session, BATCH, VISITED, text="有一行要再核", now=AFTER)
    assert (batch(held).state, batch(held).checker) == ("under_review", None)
    agree(held)
    post(held)
    with pytest.raises(BatchStateWrong), held.write() as session:
        periods.reopen_batch(session, BATCH, HOME, text="太晚了", now=AFTER)


def test_after_the_review_staff_of_the_provinces_decide(held: Database) -> None:
    rated(held, Usage("u1"))
    close(held)
    submit(held)
    late = AFTER + timedelta(days=30)
    with pytest.raises(ReviewNotOver):
        agree(held, acting=HOME_STAFF, now=late - timedelta(seconds=1))
    with pytest.raises(BatchStateWrong):
        agree(held, acting=VISITED_STAFF, now=late)
    agree(held, acting=HOME_STAFF, now=late)
    assert batch(held).checker == HOME_STAFF.name


def test_sealing_waits_for_old_time_stamps_and_paying_does_not(held: Database) -> None:
    posted(held, Usage("u1"))
    with held.write() as session:
        session.add(TimeStamp(**STAMP, wanted_at=AFTER - timedelta(hours=25)))
    [line] = lines_of(held)
    pay(held, line.id, 30_000)

    def seal(now: datetime) -> None:
        with held.write() as session:
            periods.seal_batch(session, BATCH, VISITED, now=now)

    with pytest.raises(StampsWaiting):
        seal(AFTER)
    seal(AFTER - timedelta(hours=1))
    assert batch(held).state == "closed"


def test_a_line_that_is_not_ready_waits_for_the_next_period(held: Database) -> None:
    late, soon = rated(held, Usage("u1", state="rated"), Usage("u2", rated_at=CUTOFF))
    close(held)
    assert states(held) == {"u1.1": "rated", "u2.1": "ready"}
    set_state(held, late, "ready")
    close(held, NEXT, now=AFTER + timedelta(days=40))
    with held.read() as session:
        taken = queries.members(session, f"{NEXT}.{SHANGHAI}-{ZHEJIANG}")
        late_ones = queries.late_lines(session, PERIOD)
    assert [each.line_id for each in taken] == [late, soon]
    assert late_ones == [(SHANGHAI, ZHEJIANG, 1, 60_000)]


def test_one_province_may_cut_its_own_batches_first(held: Database) -> None:
    rated(held, Usage("u1"), Usage("u2", visited="340000", institution="34-u-abcdefgh2345"))
    with held.write() as session:
        first = periods.close_period(session, PERIOD, visited=SHANGHAI, acting=VISITED, now=AFTER)
    assert first.lines == {BATCH: 1}
    rated(held, Usage("u3"))
    with held.write() as session:
        rest = periods.close_period(session, PERIOD, now=AFTER)
    assert rest.lines == {f"{PERIOD}.340000-330000": 1}
    assert states(held)["u3.1"] == "ready", "its batch was cut: the next one takes it"
    with held.write() as session:
        assert periods.close_period(session, PERIOD, now=AFTER).batches == ()


def test_an_entry_is_the_canonical_form_whatever_its_texts_are() -> None:
    values = {
        **dict.fromkeys(rules.ENTRY, '中文 \u2028 \x7f \x01 \t " \\ é😀'),
        "fee_fen": 1,
        "own_fen": 10**15,
    }
    assert rules.entry_bytes(values) == rfc8785.dumps(values)
    bare = {**values, "programme_id": None, "programme_version": None, "payer_area": None}
    told = {name: value for name, value in bare.items() if value is not None}
    assert rules.entry_bytes(bare) == rfc8785.dumps(told)
