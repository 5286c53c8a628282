"""Bank details: in force only once a second person has approved them."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from hub.core import audit, sequencer
from hub.core.db import Database
from hub.core.errors import HubError
from hub.identity.rules import Principal
from hub.settlement.errors.payees import PayeeDecided, PayeeInvalid, PayeeSamePerson, PayeeUnknown
from hub.settlement.models.payees import PayeeRow
from hub.settlement.queries import payees as queries
from hub.settlement.service import payees
from hub.settlement.service.payees import BankDetails

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HERE = "33-u-aaaaaaaaaaaa"
DETAILS = BankDetails("合成研究所", "合成银行杭州支行", "6222 0201 0001 2345 678")


def manager(name: str, institution: str = HERE) -> Principal:
    return Principal("account", name, name, "institution_manager", None, name, institution)


def finance(name: str = "finance", province: str = "330000") -> Principal:
    return Principal("account", name, name, "province_finance", province, name, None, province[:2])


ONE, TWO = manager("one"), manager("two")


def propose(database: Database, me: Principal = ONE, details: BankDetails = DETAILS) -> int:
    with database.write() as session:
        return payees.propose_payee(session, me, HERE, details, now=NOW).id


def decide(database: Database, payee_id: int, me: Principal = TWO, *, approves: bool = True) -> None:
    with database.write() as session:
        payees.decide_payee(session, me, payee_id, approves=approves, now=NOW)


def in_force(database: Database) -> str | None:
    with database.read() as session:
        held = queries.bank_of(session, HERE)
    return None if held is None else held.account_number


def test_nothing_is_paid_to_what_one_person_entered(database: Database) -> None:
    first = propose(database)
    assert propose(database) == first
    assert in_force(database) is None
    with pytest.raises(PayeeSamePerson):
        decide(database, first, ONE)
    decide(database, first)
    assert in_force(database) == "6222020100012345678"


def test_a_change_leaves_what_is_in_force_until_it_is_approved(database: Database) -> None:
    decide(database, propose(database))
    second = propose(database, TWO, BankDetails("合成研究所", "另一银行", "99999999"))
    assert in_force(database) == "6222020100012345678"
    third = propose(database, ONE, BankDetails("合成研究所", "另一银行", "88888888"))
    with pytest.raises(PayeeDecided):
        decide(database, second, finance())
    decide(database, third, finance(), approves=False)
    assert in_force(database) == "6222020100012345678"
    decide(database, propose(database, ONE, BankDetails("合成研究所", "另一银行", "77777777")), finance())
    assert in_force(database) == "77777777"
    with database.read() as session:
        held = queries.payees_of(session, HERE)
    assert [each.state for each in held] == ["approved", "refused", "replaced", "replaced"]
    assert (held[-1].decided_by, held[0].masked_number) == ("two", "**** 7777")


@pytest.mark.parametrize(
    "me",
    [
        manager("x", "33-u-bbbbbbbbbbbb"),
        finance("f", "310000"),
        Principal("account", "a", "a", "hub_admin", None),
    ],
)
def test_nobody_else_enters_or_approves(database: Database, me: Principal) -> None:
    with pytest.raises(HubError) as refused:
        propose(database, me)
    assert refused.value.status == 403
    held = propose(database)
    with pytest.raises(HubError) as refused:
        decide(database, held, me)
    assert refused.value.status == 403
    with pytest.raises(PayeeUnknown):
        decide(database, 99)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (BankDetails("x", "银行支行", "12345678"), "account_name"),
        (BankDetails("研究所", "银" * 101, "12345678"), "bank_name"),
        (BankDetails("研究所", "银行\n支行", "12345678"), "bank_name"),
        (BankDetails("研究所", "银行", "1234567"), "account_number"),
        (BankDetails("研究所", "银行", "１２３４５６７８"), "account_number"),
        (BankDetails("研究所", "银行", "=1+12345678"), "account_number"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_its_field(
    database: Database, details: BankDetails, field: str
) -> None:
    with pytest.raises(PayeeInvalid) as refused:
        propose(database, details=details)
    assert refused.value.field == field


def test_every_change_is_audited_and_no_number_is_told_there(database: Database) -> None:
    decide(database, propose(database))
    sequencer.number_once(database, now=NOW)
    with database.read() as session:
        told = audit.read_entries(session)
    assert [(each.actor, each.action) for each in told] == [("one", "payee.propose"), ("two", "payee.decide")]
    assert "6222020100012345678" not in str(told)
    assert "5678" in str(told)


def test_two_who_decide_at_once_decide_once(database: Database) -> None:
    held = propose(database)
    done: list[str] = []

    def run(me: Principal, approves: bool) -> None:
        try:
            decide(database, held, me, approves=approves)
            done.append(me.name)
        except HubError as refused:
            done.append(refused.code)

    threads = [threading.Thread(target=run, args=(each, each is TWO)) for each in (TWO, finance())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "payee_decided" in done
    assert len({"two", "finance"} & set(done)) == 1


def test_the_database_itself_asks_for_a_second_person(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(
            PayeeRow(
                institution_id=HERE, account_name="a", bank_name="b", account_number="1", state="approved",
                entered_by="one", entered_at=NOW, decided_by="one", decided_at=NOW,
            )
        )  # fmt: skip
