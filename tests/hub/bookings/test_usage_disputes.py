"""A disputed usage is decided by both provinces together, else by an arbiter of a third one; only its own line waits."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from hub.core import working_time
from hub.core.clock import SHANGHAI
from hub.identity.errors import NotAllowed, OtherParty
from hub.identity.rules.grants import terms_of
from hub.identity.service import parties
from hub.identity.service import people as identity_people
from hub.notices.models import Notice
from hub.settlement.errors.usage import DecisionUnfit, ReasonUnfit, UsageRefused
from hub.settlement.models import Usage
from hub.settlement.queries import usage as queries
from tests.hub.bookings import people
from tests.hub.bookings.using import ADMIN, GUIZHOU, PROVIDER, ZHEJIANG, Used
from tests.hub.bookings.world import LI, World, institution_id
from tests.hub.settlement.laws import broken

pytestmark = pytest.mark.database

ANHUI, SICHUAN, HUNAN = "340000", "510000", "430000"


@pytest.fixture
def used(world: World) -> Used:
    made = Used.build(world)
    made.office("office-gz", GUIZHOU)
    made.office("office-zj", ZHEJIANG)
    return made


@pytest.fixture
def disputed(used: Used) -> str:
    booking = used.served()
    used.command(booking, "dispute", reason="idle_charged", text="仪器空转了半小时")
    return booking


def test_a_dispute_freezes_its_own_line_only(used: Used, disputed: str) -> None:
    other = used.served(day=8)
    used.command(other, "confirm")
    assert used.usage(disputed)["state"] == "disputed"
    used.world.command(disputed, "complete", LI)
    assert used.world.state(disputed) == "completed", "the booking goes on"
    assert used.lines(disputed) == []
    assert used.shares(other) == [("rated", 80_000, 40_000, 40_000)]
    assert used.wallet() == (20_000, 40_000, 40_000)
    assert broken(used.database) == []


def test_both_provinces_are_told_with_the_order_as_evidence(used: Used, disputed: str) -> None:
    with used.database.read() as session:
        told = {
            row.recipient
            for row in session.scalars(select(Notice).where(Notice.template == "usage_disputed"))
        }
    assert told == {"account:office-gz", "account:office-zj"}
    with used.database.read() as session:
        dispute = queries.last_dispute(session, used.usage(disputed)["id"])
    assert dispute is not None
    assert [one["command"] for one in dispute.evidence["timeline"]][-3:] == [
        "accept",
        "check_in",
        "check_out",
    ]
    assert "13800000000" not in str(dispute.evidence)


def test_one_side_alone_decides_nothing(used: Used, disputed: str) -> None:
    used.decide(disputed, used.office("office-gz", GUIZHOU), "waive")
    used.decide(disputed, used.office("office-zj", ZHEJIANG), "uphold")
    assert used.usage(disputed)["state"] == "disputed"
    used.decide(disputed, used.office("office-gz", GUIZHOU), "uphold")
    told = used.usage(disputed)
    assert (told["state"], told["confirmed"]["by"], told["dispute"]["outcome"]) == (
        "rated",
        "decision",
        "uphold",
    )
    assert used.shares(disputed) == [("rated", 80_000, 40_000, 40_000)]


def test_amended_by_both_is_another_version_and_another_price(used: Used, disputed: str) -> None:
    used.decide(disputed, used.office("office-gz", GUIZHOU), "amend", used={"hours": 1.5})
    used.decide(disputed, used.office("office-zj", ZHEJIANG), "amend", used={"hours": 1.0})
    assert used.usage(disputed)["state"] == "disputed", "they did not amend it alike"
    used.decide(disputed, used.office("office-zj", ZHEJIANG), "amend", used={"hours": 1.5})
    assert [one["fee_fen"] for one in used.usage(disputed)["versions"]] == [80_000, 60_000]
    assert used.shares(disputed) == [("rated", 60_000, 30_000, 30_000)]
    assert used.world.booking(disputed).charge_fen == 60_000
    assert broken(used.database) == []


def test_waived_by_both_costs_nothing(used: Used, disputed: str) -> None:
    for name, province in (("office-zj", ZHEJIANG), ("office-gz", GUIZHOU)):
        used.decide(disputed, used.office(name, province), "waive", reason="service_defective")
    assert (used.usage(disputed)["state"], used.lines(disputed)) == ("waived", [])
    assert used.wallet() == (100_000, 0, 0)
    assert used.world.booking(disputed).payment == "none"
    used.world.command(disputed, "complete", LI)
    assert used.lines(disputed) == []
    assert broken(used.database) == []


def test_who_may_not_decide(used: Used, disputed: str) -> None:
    third = used.office("office-ah", ANHUI)
    for who in (PROVIDER, ADMIN):
        with pytest.raises(NotAllowed):
            used.decide(disputed, who, "uphold")
    with pytest.raises(OtherParty):
        used.decide(disputed, third, "uphold")
    with pytest.raises(ReasonUnfit):
        used.decide(disputed, used.office("office-gz", GUIZHOU), "amend")
    with pytest.raises(ReasonUnfit):
        used.decide(disputed, used.office("office-gz", GUIZHOU), "uphold", reason="time_wrong")
    with pytest.raises(UsageRefused):
        used.command(disputed, "confirm")


def test_staff_who_act_for_a_side_do_not_decide(used: Used, disputed: str) -> None:
    office = used.office("office-gz", GUIZHOU)
    with used.database.write() as session:
        parties.put_institution(
            session, institution_id(GUIZHOU), "某大学分析测试中心", now=used.world.clock()
        )
        terms = terms_of("institution_manager", party_id=institution_id(GUIZHOU))
        identity_people.grant(
            session, office.person_id or "", terms, actor="system:test", now=used.world.clock()
        )
    with pytest.raises(DecisionUnfit):
        used.decide(disputed, office, "uphold")


def test_inside_one_province_two_persons_decide(used: Used) -> None:
    booking = used.served()
    used.command(booking, "dispute", reason="time_wrong")
    with used.database.write() as session:
        session.execute(update(Usage).values(home=GUIZHOU))
    first = used.office("office-gz", GUIZHOU)
    used.decide(booking, first, "uphold")
    used.decide(booking, first, "uphold")
    assert used.usage(booking)["state"] == "disputed", "one person is not two"
    second = used.office("office-gz-2", GUIZHOU)
    used.decide(booking, second, "uphold")
    assert used.usage(booking)["state"] == "rated"


def test_the_working_days_of_silence_and_of_a_decision_leave_holidays_out_and_count_working_saturdays(
    used: Used,
) -> None:
    """Spring Festival 2026: 15–23 February is free, Saturdays the 14th and the 28th are worked."""
    used.world.clock.advance(
        (datetime(2026, 2, 13, 10, tzinfo=SHANGHAI) - used.world.clock()).total_seconds()
    )
    booking = used.served()
    assert used.usage(booking)["confirm_by"][:10] == "2026-02-27"
    with used.database.read() as session:
        timer = session.get_one(Usage, used.usage(booking)["id"]).timer_at
    assert timer is not None
    assert f"{timer.astimezone(SHANGHAI):%Y-%m-%d}" == "2026-02-25"
    used.command(booking, "dispute", reason="idle_charged")
    assert used.usage(booking)["dispute"]["decide_by"][:10] == "2026-03-05"


def overdue(used: Used, booking: str) -> None:
    until = working_time.due(GUIZHOU, used.world.clock(), 10)
    used.run_clock((until - used.world.clock()).total_seconds() / 86400 + 0.01)
    assert "rated" not in used.usage(booking)["state"]


def test_after_ten_working_days_an_arbiter_of_a_third_province_decides(used: Used, disputed: str) -> None:
    sichuan = used.office("staff-510000", SICHUAN)
    used.decide(disputed, used.office("office-gz", GUIZHOU), "uphold")
    used.run_clock(9)
    assert "arbiter" not in used.usage(disputed)["dispute"]
    overdue(used, disputed)
    assert used.usage(disputed)["dispute"]["arbiter"] == "account:staff-510000", "nobody holds Anhui's office"
    with pytest.raises(UsageRefused, match="arbiter"):
        used.decide(disputed, used.office("office-zj", ZHEJIANG), "uphold")
    with pytest.raises(OtherParty):
        used.command(
            disputed, "arbitrate", used.office("office-ah", ANHUI), outcome="waive", reason="parties_agreed"
        )
    told = {"outcome": "amend", "reason": "evidence_against", "used": {"hours": 1.0}}
    used.command(disputed, "arbitrate", sichuan, **told)
    held = used.usage(disputed)
    assert (held["state"], held["confirmed"]["by"]) == ("rated", "arbiter")
    assert used.shares(disputed) == [("rated", 40_000, 20_000, 20_000)]
    assert broken(used.database) == []


def test_an_arbiter_who_is_near_a_side_is_passed_over(used: Used, disputed: str) -> None:
    used.office("staff-510000", SICHUAN)
    with used.database.write() as session:
        now = used.world.clock()
        near = people.put_person(session, "staff-340000", "province_staff", now, province=ANHUI)
        terms = terms_of("province_finance", party_id=None, province=GUIZHOU, area="52")
        identity_people.grant(session, near.principal.person_id or "", terms, actor="system:test", now=now)
    overdue(used, disputed)
    assert used.usage(disputed)["dispute"]["arbiter"] == "account:staff-510000"


def test_without_any_arbiter_it_is_tried_again_until_there_is_one(used: Used, disputed: str) -> None:
    overdue(used, disputed)
    assert "arbiter" not in used.usage(disputed)["dispute"]
    used.office("staff-430000", HUNAN)
    used.run_clock(4)
    assert used.usage(disputed)["dispute"]["arbiter"] == "account:staff-430000"
