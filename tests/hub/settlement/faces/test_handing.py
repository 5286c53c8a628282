"""Lists and statements on their way to a province: lost, repeated, refused, taken over; each with a defined end."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.simulators.purse import Line
from hub.core.db import Database
from hub.exchange.models import Receipt, SealedMessage
from hub.settlement.models import PaperDelivery
from hub.settlement.service.faces import handing
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.periods.world import Usage, furnish, posted

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database, tmp_path: Path) -> Iterator[Stage]:
    furnish(database)
    posted(database, Usage("u1"), Usage("u2", 40_000, 10_000))
    with stage(database, tmp_path, "330000") as made:
        made.zhejiang.spoken.line.only = "voucher"
        yield made


def test_what_was_issued_is_handed_over_by_itself_and_once(held: Stage) -> None:
    held.run()
    held.run()
    paper = held.paper()
    (taken,) = held.zhejiang.office.under(paper.document_id)
    assert (paper.state, paper.remote_id, taken.fen) == ("delivered", taken.number, 40_000)
    assert held.paper("statement").state == "delivered"
    assert held.paper("statement", "310000").state == "waiting"
    with held.database.read() as session:
        message = session.get_one(SealedMessage, paper.message_id)
        assert message.body["sha256"] == taken.digest
        assert session.get(Receipt, paper.message_id) is not None
    assert held.cases() == []


def test_a_lost_answer_is_resolved_by_asking_and_nothing_is_sent_twice(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = ["unanswered"]
    held.run()
    paper = held.paper()
    assert (paper.state, len(held.zhejiang.office.under(paper.document_id))) == ("unknown", 1)
    held.advance(60)
    held.run()
    assert held.paper().state == "delivered"
    assert len(held.zhejiang.office.under(paper.document_id)) == 1
    assert (held.paper().attempts, held.paper().lookups) == (1, 1)


def test_a_lost_request_goes_out_again_only_when_its_absence_is_proven(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = ["lost"]
    held.run()
    for _ in range(3):
        held.advance(10)
        held.run()
        assert held.paper().state == "unknown"
        assert held.zhejiang.office.under(held.paper().document_id) == []
    held.advance(60)
    held.run()
    held.advance(10)
    held.run()
    assert (held.paper().state, held.paper().attempts) == ("delivered", 2)
    assert len(held.zhejiang.office.under(held.paper().document_id)) == 1


def test_a_province_that_is_down_is_tried_ever_more_rarely_and_a_person_is_told(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = ["refused"] * 400
    for _ in range(12):
        held.run()
        held.advance(900)
    assert held.paper().state == "pending"
    assert "paper_stuck" in held.cases()
    attempts = held.paper().attempts
    assert 8 <= attempts <= 16
    held.zhejiang.spoken.line.faults = []
    held.advance(900)
    held.run()
    assert held.paper().state == "delivered"
    assert held.cases() == []


def test_a_refusal_in_business_words_is_a_case_with_those_words(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = [
        lambda answer: type(answer)(200, request=answer.request, json={"code": 601, "msg": "政策已停用"})
    ]
    held.run()
    refused = [row for row in (held.paper(), held.paper("statement")) if row.state == "refused"]
    assert len(refused) == 1
    assert refused[0].last_error is not None
    assert "政策已停用" in refused[0].last_error["zh"]
    assert held.cases() == ["paper_refused"]


def test_other_content_under_the_list_s_name_is_never_taken_for_it(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = ["lost", "lost"]
    held.run()
    name = held.paper().document_id
    held.zhejiang.office.take(name, "cd" * 32, 1, [Line("L-1", 1)])
    held.advance(60)
    held.run()
    assert held.paper().state == "dead"
    assert "paper_mismatch" in held.cases()


def test_a_list_that_lies_there_twice_is_said_before_it_is_paid_twice(held: Stage) -> None:
    held.zhejiang.spoken.line.faults = ["unanswered", "unanswered"]
    held.run()
    (taken,) = held.zhejiang.office.under(held.paper().document_id)
    held.zhejiang.office.take(taken.reference, taken.digest, taken.fen, taken.lines)
    held.advance(60)
    held.run()
    assert held.paper().state == "delivered"
    assert held.cases() == ["paper_duplicate"]


def test_whoever_takes_over_after_a_crash_asks_first(held: Stage) -> None:
    """The process dies between the send and the record: the lease ends, and the paper is asked about."""
    handing.plan_new(held.database, now=held.now())
    taken = handing.claim_next(held.runtime, "dies")
    assert isinstance(taken, handing.Held)
    assert handing.mark_leaving(held.database, taken, now=held.now())
    heard = handing.call(held.zhejiang.port, taken, lambda *_: "signature")
    assert heard.receipt is not None
    assert handing.claim_next(held.runtime, "other") != taken
    held.advance(handing.LEASE_SECONDS + 1)
    held.run()
    with held.database.read() as session:
        row = session.get_one(PaperDelivery, taken.delivery_id)
        assert (row.state, row.attempts) == ("delivered", 1)
    assert len(held.zhejiang.office.under(taken.message.paper.id)) == 1
    assert not handing.record(held.database, held.zhejiang.port, taken, heard, now=held.now())


def test_a_mark_by_somebody_who_lost_the_lease_sends_nothing(held: Stage) -> None:
    handing.plan_new(held.database, now=held.now())
    first = handing.claim_next(held.runtime, "slow")
    assert isinstance(first, handing.Held)
    held.advance(handing.LEASE_SECONDS + 1)
    again = [handing.claim_next(held.runtime, "quick") for _ in range(3)]
    assert any(isinstance(each, handing.Held) and each.delivery_id == first.delivery_id for each in again)
    assert not handing.mark_leaving(held.database, first, now=held.now())


def test_planning_again_or_twice_at_once_makes_one_delivery_for_each_province(held: Stage) -> None:
    assert handing.plan_new(held.database, now=held.now()) == 2
    assert handing.plan_new(held.database, now=held.now() + timedelta(days=1)) == 0
    with held.database.read() as session:
        rows = session.execute(select(PaperDelivery.document_id, PaperDelivery.province)).all()
    assert len(rows) == len(set(rows)) == 3


def test_a_paper_that_nobody_takes_in_time_is_a_case_until_it_is_taken(held: Stage) -> None:
    held.run()
    assert handing.name_overdue(held.database, now=held.now()) == 0
    held.advance(4 * 86400)
    assert [handing.name_overdue(held.database, now=held.now()) for _ in range(2)] == [1, 0]
    assert held.cases() == ["paper_stuck"]
    with held.database.write() as session:
        row = session.get_one(PaperDelivery, held.paper("statement", "310000").id)
        handing.acknowledge(session, row, remote_id=None, way="fetch", raw=b"taken", now=held.now())
    assert held.cases() == []
    assert handing.name_overdue(held.database, now=held.now()) == 0
