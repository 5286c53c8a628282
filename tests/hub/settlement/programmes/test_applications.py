"""Applications: filled in, handed in, given back, approved by two people, granted once."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import schemas
from hub.core.db import Database
from hub.identity.errors import EnterpriseUnverified, NotAllowed, OtherParty, OwnCase
from hub.identity.rules import Terms
from hub.identity.service import enterprises, parties, people
from hub.notices.models import Notice
from hub.settlement import queries
from hub.settlement.errors import ProgrammeUnusable
from hub.settlement.errors.programmes import (
    AnotherPersonNeeded,
    ApplicationChanged,
    ApplicationElsewhere,
    ApplicationInvalid,
    ApplicationState,
    ApplicationTwice,
    ApplicationUnknown,
    ApplicationWindowClosed,
    MasterElsewhere,
    ReasonNeeded,
)
from hub.settlement.queries import applications as reading
from hub.settlement.service import applications
from hub.settlement.service.applications import Filled
from tests.hub.settlement.laws import broken
from tests.hub.settlement.programmes.offices import (
    ACTOR,
    ANSWERS,
    GUIZHOU,
    JIANGXI,
    JIAXING,
    NOW,
    SHORT,
    Offices,
    act,
    add_papers,
    change,
    document,
    drafted,
    furnish,
    grants,
    pool,
    state,
    submitted,
)

pytestmark = pytest.mark.database


@pytest.fixture
def world(database: Database) -> Offices:
    return furnish(database)


def test_from_the_form_over_two_people_to_the_voucher_in_the_wallet(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id, 3_000_000)
    assert grants(world) == []
    act(world, "confirm", "second", application_id)
    held = state(world, application_id)
    assert (held.state, held.first_by, held.decided_by) == ("granted", "account:first", "account:second")
    assert grants(world) == [(world.enterprises["guiyang"], 3_000_000)]
    assert pool(world) == 97_000_000
    with world.database.read() as session:
        wallet = queries.wallets(session, world.enterprises["guiyang"])
    assert [(each.grant_id, each.left_fen) for each in wallet] == [(held.grant_id, 3_000_000)]
    told = document(world, application_id)
    assert schemas.problems("application", told) == []
    assert [each["command"] for each in told["events"]] == ["save", "submit", "approve", "confirm"]  # type: ignore[union-attr,attr-defined]
    assert broken(world.database) == []


def put_customer(world: Offices, reference: str) -> None:
    """A customer of Guiyang that is no legal entity, and who acts for it."""
    with world.database.write() as session:
        parties.put_customer(session, reference, "某客户（合成）", actor=ACTOR, now=NOW)
        home = enterprises.Verified("520103", "", "bureau_staff", ACTOR)
        enterprises.set_home(session, reference, home, now=NOW)
    world.enterprises["other"] = reference
    world.principals["other"] = replace(world["guiyang"], party_id=reference)


def test_a_team_applies_and_is_granted_a_voucher_under_its_reference(world: Offices) -> None:
    put_customer(world, "tm-" + "a" * 26)
    with pytest.raises(ApplicationInvalid) as refused:
        drafted(world, 6_000_000, who="other", key="too-much")
    assert "50000.00" in str(refused.value.errors), "the cap is the team's"
    made = drafted(world, who="other")
    assert "credit_code" not in made.answers
    add_papers(world, made.id, "use_plan", who="other")
    act(world, "submit", "other", made.id)
    act(world, "approve", "first", made.id, 3_000_000)
    act(world, "confirm", "second", made.id)
    assert grants(world) == [("tm-" + "a" * 26, 3_000_000)]
    assert schemas.problems("application", document(world, made.id)) == []
    assert broken(world.database) == []


def test_a_programme_that_is_not_for_persons_says_so(world: Offices) -> None:
    put_customer(world, "ps-" + "b" * 26)
    with pytest.raises(ApplicationInvalid) as refused:
        drafted(world, who="other")
    assert "本政策不面向个人" in str(refused.value.errors)


def test_maker_and_checker_are_two_people(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    with pytest.raises(AnotherPersonNeeded):
        act(world, "confirm", "first", application_id)
    assert act(world, "approve", "first", application_id).is_repeat  # a form sent twice is no second approval
    with pytest.raises(ApplicationState):
        act(world, "approve", "third", application_id)
    assert (state(world, application_id).state, grants(world)) == ("approved_once", [])


def test_the_database_itself_refuses_one_person_twice(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    with pytest.raises(sa.exc.IntegrityError), world.database.write() as session:
        session.execute(sa.text("UPDATE settlement_application SET decided_by = first_by"))


@pytest.mark.parametrize("who", ["city", "bureau", "elsewhere", "auditor", "admin", "guiyang"])
def test_nobody_but_the_issuing_area_s_offices_decides(world: Offices, who: str) -> None:
    application_id = submitted(world)
    for command, *args in (
        ("approve",),
        ("confirm",),
        ("refuse", "不符"),
        ("ask_papers", ["contract"], "补"),
    ):
        with pytest.raises((NotAllowed, OtherParty)):
            act(world, command, who, application_id, *args)
    assert state(world, application_id).state == "submitted"


def test_who_acts_for_the_enterprise_does_not_decide_for_the_office(world: Offices) -> None:
    application_id = submitted(world)
    with world.database.write() as session:
        told = Terms("enterprise_member", world.enterprises["guiyang"])
        people.grant(session, world["first"].person_id or "", told, actor=ACTOR, now=NOW)
    with pytest.raises(OwnCase):
        act(world, "approve", "first", application_id)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_handed_in(world: Offices) -> None:
    with world.database.write() as session:
        made = applications.begin(
            session, world["guiyang"], GUIZHOU, Filled(100, {"industry": "新材料"}), key="k", now=NOW
        ).application
    with pytest.raises(ApplicationInvalid) as refused:
        act(world, "submit", "guiyang", made.id)
    pointers = [str(each["pointer"]) for each in refused.value.errors]
    assert "/answers/founded_on" in pointers
    assert "/answers/account_number" in pointers
    assert pointers[-2:] == ["/paper-business_licence", "/paper-use_plan"]
    assert "/answers/credit_code" not in pointers
    assert state(world, made.id).state == "draft"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"founded_on": "2015-13-01"}, "founded_on"),
        ({"staff_count": "很多"}, "staff_count"),
        ({"contact_phone": "电话"}, "contact_phone"),
        ({"account_number": "６２２２"}, "account_number"),
        ({"industry": "长" * 201}, "industry"),
        ({"industry": "一\n二"}, "industry"),
        ({"no_such_field": "x"}, "no_such_field"),
    ],
)
def test_a_malformed_answer_names_its_field(world: Offices, changes: dict[str, str], field: str) -> None:
    with pytest.raises(ApplicationInvalid) as refused, world.database.write() as session:
        applications.begin(
            session, world["guiyang"], GUIZHOU, Filled(100, {**ANSWERS, **changes}), key="k", now=NOW
        )
    assert refused.value.field == field


@pytest.mark.parametrize("fen", [0, -1, 10_000_001, 10**13])
def test_an_amount_of_nothing_or_above_the_year_s_cap_is_refused(world: Offices, fen: int) -> None:
    with pytest.raises(ApplicationInvalid) as refused:
        drafted(world, fen)
    assert refused.value.field == "fen"
    assert drafted(world, 10_000_000).fen == 10_000_000


def test_what_identity_knows_cannot_be_typed(world: Offices) -> None:
    with world.database.write() as session:
        told = {**ANSWERS, "enterprise_name": "别的企业", "credit_code": "X", "registered_area": "110000"}
        made = applications.begin(
            session, world["guiyang"], GUIZHOU, Filled(100, told), key="k", now=NOW
        ).application
    assert made.answers["enterprise_name"] == "guiyang 合成企业"
    assert made.answers["registered_area"] == "520103"
    assert made.answers["credit_code"] == made.credit_code


def test_one_application_per_enterprise_and_year(world: Offices) -> None:
    first = drafted(world)
    assert drafted(world).id == first.id  # the same form sent twice
    with pytest.raises(ApplicationTwice, match=first.number):
        drafted(world, key="form-2")
    assert drafted(world, who="zunyi").number != first.number
    act(world, "withdraw", "guiyang", first.id)
    again = drafted(world, key="form-3")
    add_papers(world, again.id)
    act(world, "submit", "guiyang", again.id)
    act(world, "refuse", "first", again.id, "与政策支持方向不符")
    assert drafted(world, key="form-4").state == "draft"


def test_a_programme_without_that_rule_takes_several(world: Offices) -> None:
    with world.database.write() as session:
        change_home(world, "guiyang", "360102", session)
    ids = set()
    for key in ("a", "b"):
        with world.database.write() as session:
            told = Filled(100, {"intended_use": "x"})
            ids.add(
                applications.begin(
                    session, world["guiyang"], JIANGXI, told, key=key, now=NOW + timedelta(hours=1)
                ).application.id
            )
    assert len(ids) == 2


def change_home(world: Offices, who: str, area: str, session: object) -> None:
    from hub.identity.service import enterprises

    verified = enterprises.Verified(area, "合成路 2 号", "bureau_staff", ACTOR)
    enterprises.set_home(session, world.enterprises[who], verified, now=NOW + timedelta(minutes=1))  # type: ignore[arg-type]


def test_only_verified_enterprises_of_the_area_apply(world: Offices) -> None:
    with pytest.raises(ApplicationElsewhere, match="application_elsewhere"):
        drafted(world, who="jiaxing")
    application_id = submitted(world)
    with pytest.raises(EnterpriseUnverified), world.database.write() as session:
        applications.begin(
            session, world["zunyi"], GUIZHOU, Filled(1, {}), key="x", now=NOW + timedelta(days=400)
        )
    assert state(world, application_id).state == "submitted"


def test_outside_the_window_the_draft_waits(world: Offices) -> None:
    made = drafted(world)
    add_papers(world, made.id)
    change(world, GUIZHOU, window={"from": "2026-03-03", "until": "2026-03-04"})
    with pytest.raises(ApplicationWindowClosed, match="2026-03-03 – 2026-03-04"):
        act(world, "submit", "guiyang", made.id)
    act(world, "submit", "guiyang", made.id, minute=24 * 60)
    assert state(world, made.id).state == "submitted"


@pytest.mark.parametrize("programme_id", ["320000-voucher", "demo-340000-rebate", "demo-340000-owner"])
def test_what_is_no_usable_voucher_takes_no_application(world: Offices, programme_id: str) -> None:
    with pytest.raises(ProgrammeUnusable), world.database.write() as session:
        applications.begin(session, world["guiyang"], programme_id, Filled(1, {}), key="x", now=NOW)


def test_where_the_home_system_is_master_nothing_is_granted_here(world: Offices) -> None:
    with world.database.write() as session:
        made = applications.begin(
            session, world["jiaxing"], JIAXING, Filled(100_000, SHORT), key="k", now=NOW
        ).application
    add_papers(world, made.id, "business_licence", who="jiaxing")
    act(world, "submit", "jiaxing", made.id)
    for command in ("approve", "confirm"):
        with pytest.raises(MasterElsewhere):
            act(world, command, "bureau", made.id)
    with pytest.raises(MasterElsewhere):
        act(world, "refuse", "bureau", made.id, "不符")
    with pytest.raises(ReasonNeeded):
        act(world, "hand_over", "bureau", made.id, " ")
    act(world, "hand_over", "bureau", made.id, "JX-2026-18")
    assert act(world, "hand_over", "bureau", made.id, "JX-2026-18").is_repeat
    held = state(world, made.id)
    assert (held.state, held.external_reference, grants(world)) == ("handed_over", "JX-2026-18", [])
    application_id = submitted(world)
    with pytest.raises(ProgrammeUnusable):
        act(world, "hand_over", "first", application_id, "X")


def test_the_second_may_refuse_and_the_reason_is_read_by_the_applicant(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    with pytest.raises(ReasonNeeded):
        act(world, "refuse", "second", application_id, "")
    act(world, "refuse", "second", application_id, "同一项目已获其他补助")
    assert act(world, "refuse", "second", application_id, "同一项目已获其他补助").is_repeat
    told = document(world, application_id)
    assert (told["state"], told["reason"]) == ("refused", "同一项目已获其他补助")
    with pytest.raises(ApplicationState):
        act(world, "confirm", "third", application_id)
    assert (grants(world), pool(world)) == ([], 100_000_000)


def test_a_stale_page_changes_nothing(world: Offices) -> None:
    application_id = submitted(world)
    read = state(world, application_id).revision
    act(world, "ask_papers", "first", application_id, ["contract"], "补合同", revision=read)
    with pytest.raises(ApplicationChanged) as refused:
        act(world, "approve", "third", application_id, revision=read)
    assert refused.value.revision == read + 1


@pytest.mark.parametrize("fen", [0, 4_000_001])
def test_the_first_approves_at_most_what_was_applied_for(world: Offices, fen: int) -> None:
    application_id = submitted(world)
    with pytest.raises(ApplicationInvalid):
        act(world, "approve", "first", application_id, fen)


def test_a_draft_is_the_applicant_s_own(world: Offices) -> None:
    made = drafted(world)
    with pytest.raises(ApplicationUnknown):
        act(world, "approve", "first", made.id)
    with world.database.read() as session:
        assert reading.waiting_for_office(session, "52") == []
        with pytest.raises(ApplicationUnknown):
            applications.visible(session, world["first"], made.id, now=NOW)
        assert applications.visible(session, world["guiyang"], made.id, now=NOW)[1] is True


def test_an_auditor_sees_no_personal_answer(world: Offices) -> None:
    application_id = submitted(world)
    shown = {
        each["name"]: each["value"] for each in document(world, application_id, is_side=False)["answers"]
    }  # type: ignore[attr-defined]
    assert shown["account_number"] == "***"
    assert shown["contact_phone"] == "***"
    assert shown["industry"] == "新材料"


def test_both_sides_are_told(world: Offices) -> None:
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    with world.database.read() as session:
        told = {(who, text) for who, text in session.execute(sa.select(Notice.recipient, Notice.template))}
    assert {("account:first", "application_submitted"), ("account:second", "application_submitted")} <= told
    assert ("account:guiyang", "application_moved") in told
    assert not {who for who, _ in told} & {
        "account:elsewhere",
        "account:bureau",
        "account:city",
        "account:admin",
    }


def test_the_history_is_append_only(world: Offices) -> None:
    submitted(world)
    for statement in (
        "UPDATE settlement_application_event SET note = 'x'",
        "DELETE FROM settlement_application_event",
    ):
        with pytest.raises(sa.exc.DatabaseError), world.database.write() as session:
            session.execute(sa.text(statement))
