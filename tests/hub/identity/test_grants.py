"""What a grant may say, who hands it out, how it ends, and invitations."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.core import audit, sequencer
from hub.identity import queries, rules
from hub.identity.errors import (
    ClaimInvalid,
    GrantInvalid,
    GrantUnknown,
    InvitationInvalid,
    LastManager,
    NotAllowed,
    PersonUnknown,
)
from hub.identity.models import Party
from hub.identity.rules import Terms
from hub.identity.service import invitations, parties, people
from tests.hub.identity.conftest import CODE, INSTITUTION, OTHER_CODE, World

pytestmark = pytest.mark.database

EN, OP = "en-" + "a" * 26, "op-" + "a" * 26


@pytest.mark.parametrize(
    "terms",
    [
        Terms("enterprise_member", EN),
        Terms("enterprise_manager", EN),
        Terms("institution_manager", INSTITUTION),
        Terms("instrument_operator", INSTITUTION),
        Terms("station_staff", OP, "310000"),
        Terms("bureau_staff", None, "330000", "33"),
        Terms("bureau_staff", None, "330000", "3304"),
        Terms("bureau_staff", None, "330000", "330402"),
        Terms("province_staff", None, "330000", "33"),
        Terms("province_finance", None, "330000", "33"),
        Terms("city_finance", None, "330000", "3304"),
        Terms("hub_admin"),
        Terms("auditor", None, None, ""),
        Terms("auditor", None, None, "33"),
        Terms("auditor", None, None, "3304"),
    ],
    ids=str,
)
def test_terms_that_make_sense(terms: Terms) -> None:
    assert rules.problem_of(terms) is None


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms("king"), "role"),
        (Terms("person"), "role"),
        (Terms("enterprise_member"), "party"),
        (Terms("enterprise_member", OP), "party"),
        (Terms("enterprise_member", EN, "330000"), "province"),
        (Terms("enterprise_member", EN, None, "33"), "area"),
        (Terms("institution_manager", EN), "party"),
        (Terms("station_staff", OP), "province"),
        (Terms("station_staff", None, "310000"), "party"),
        (Terms("station_staff", OP, "31"), "province"),
        (Terms("bureau_staff", None, "330000"), "area"),
        (Terms("bureau_staff", None, "330000", ""), "area"),
        (Terms("bureau_staff", None, "330000", "3104"), "area"),
        (Terms("bureau_staff", None, "330000", "334"), "area"),
        (Terms("bureau_staff", None, None, "3304"), "province"),
        (Terms("province_staff", None, "330000", "3304"), "area"),
        (Terms("city_finance", None, "330000", "33"), "area"),
        (Terms("hub_admin", EN), "party"),
        (Terms("hub_admin", None, "330000"), "province"),
        (Terms("hub_admin", None, None, ""), "area"),
        (Terms("auditor", None, None, "330402"), "area"),
        (Terms("auditor", None, "330000", "33"), "province"),
    ],
    ids=str,
)
def test_terms_that_make_none(terms: Terms, field: str) -> None:
    problem = rules.problem_of(terms)
    assert problem is not None
    assert problem.field == field


def test_a_grant_is_given_once(world: World) -> None:
    with world.database.write() as session:
        terms = Terms(rules.ENTERPRISE_MEMBER, world.enterprise_id)
        numbers = {
            people.grant(session, world.person_ids["nobody"], terms, actor="t", now=world.clock())
            for _ in range(3)
        }
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms("enterprise_member", EN), "party"),
        (Terms("station_staff", OP, "310000"), "party"),
        (Terms("bureau_staff", None, "330000", "3104"), "area"),
    ],
)
def test_what_a_grant_names_must_be_there(world: World, terms: Terms, field: str) -> None:
    with pytest.raises(GrantInvalid) as raised, world.database.write() as session:
        people.grant(session, world.person_ids["nobody"], terms, actor="t", now=world.clock())
    assert raised.value.field == field


def test_station_staff_are_of_the_organisation_that_runs_the_station(world: World) -> None:
    terms = Terms(rules.STATION_STAFF, world.operator_id, "320000")
    with pytest.raises(GrantInvalid), world.database.write() as session:
        people.grant(session, world.person_ids["nobody"], terms, actor="t", now=world.clock())


def test_nobody_is_granted_to_nobody(world: World) -> None:
    with pytest.raises(PersonUnknown), world.database.write() as session:
        people.grant(session, "p-none", Terms(rules.HUB_ADMIN), actor="t", now=world.clock())


def test_an_operator_with_two_stations_is_one_party(world: World) -> None:
    with world.database.write() as session:
        again = parties.put_operator(
            session, "合成运营公司（新名）", OTHER_CODE, actor="t", now=world.clock()
        )
        assert again.id == world.operator_id
    with world.database.read() as session:
        held = queries.stations(session)
        assert session.scalars(select(Party.id).where(Party.kind == "operator")).all() == [world.operator_id]
    assert [(station.province, station.operator_id) for station in held] == [
        ("310000", world.operator_id),
        ("340000", world.operator_id),
    ]


def test_a_new_operator_ends_what_the_staff_of_the_old_one_may(world: World) -> None:
    with world.database.write() as session:
        other = parties.put_operator(session, "另一家（合成）", CODE, actor="t", now=world.clock())
        parties.assign_station(session, "310000", other.id, actor="t", now=world.clock())
    assert world.principal("station").role == rules.PERSON
    assert world.principal("station-anhui").role == rules.STATION_STAFF


@pytest.mark.parametrize("code", ["", "91330400MA20260010", CODE.lower(), CODE + " ", "１" * 18])
def test_a_credit_code_is_checked(world: World, code: str) -> None:
    with pytest.raises(ClaimInvalid) as raised, world.database.write() as session:
        parties.put_operator(session, "x", code, actor="t", now=world.clock())
    assert raised.value.field == "credit_code"


def grant_of(world: World, name: str) -> int:
    with world.database.read() as session:
        return queries.grants_of(session, world.person_ids[name])[0].id


def test_the_only_manager_stays(world: World) -> None:
    with pytest.raises(LastManager), world.database.write() as session:
        people.end_grant(session, grant_of(world, "manager"), actor="t", now=world.clock())
    world.add("second", Terms(rules.ENTERPRISE_MANAGER, world.enterprise_id))
    with world.database.write() as session:
        people.end_grant(session, grant_of(world, "manager"), actor="t", now=world.clock())
    with pytest.raises(LastManager), world.database.write() as session:
        people.end_grant(session, grant_of(world, "second"), actor="t", now=world.clock())


def test_a_grant_ends_once(world: World) -> None:
    number = grant_of(world, "member")
    with world.database.write() as session:
        people.end_grant(session, number, actor="t", now=world.clock())
    with pytest.raises(GrantUnknown), world.database.write() as session:
        people.end_grant(session, number, actor="t", now=world.clock())
    assert world.principal("member").role == rules.PERSON


# --- who may hand out what ------------------------------------------------------------------------------------------

HANDS_OUT = {
    "manager": {"enterprise_member", "enterprise_manager"},
    "institution": {"institution_manager", "instrument_operator"},
    "admin": {
        "institution_manager",
        "instrument_operator",
        "station_staff",
        "bureau_staff",
        "province_staff",
        "province_finance",
        "city_finance",
        "hub_admin",
        "auditor",
    },
    "shanghai": {
        "institution_manager",
        "station_staff",
        "bureau_staff",
        "province_staff",
        "province_finance",
        "city_finance",
    },
}


@pytest.mark.parametrize(
    "name",
    [
        "manager",
        "member",
        "institution",
        "operator",
        "station",
        "jiaxing",
        "shanghai",
        "admin",
        "auditor",
        "finance",
        "nobody",
    ],
)
def test_who_may_hand_out_which_role(world: World, name: str) -> None:
    offered = [
        Terms("enterprise_member", world.enterprise_id),
        Terms("enterprise_manager", world.enterprise_id),
        Terms("institution_manager", INSTITUTION),
        Terms("instrument_operator", INSTITUTION),
        Terms("station_staff", world.operator_id, "310000"),
        rules.terms_of("bureau_staff", area="310115"),
        rules.terms_of("province_staff", province="310000"),
        rules.terms_of("province_finance", province="310000"),
        rules.terms_of("city_finance", area="3101"),
        Terms("hub_admin"),
        rules.terms_of("auditor"),
    ]
    principal = world.principal(name)
    assert {t.role for t in offered if rules.may_grant(principal, t)} == HANDS_OUT.get(name, set())


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("manager", Terms("enterprise_member", EN)),
        ("institution", Terms("instrument_operator", "32-u-" + "a" * 12)),
        ("shanghai", rules.terms_of("bureau_staff", area="3304")),
        ("shanghai", rules.terms_of("province_staff", province="330000")),
        ("shanghai", Terms("institution_manager", "32-u-" + "a" * 12)),
        ("shanghai", Terms("station_staff", OP, "340000")),
    ],
)
def test_nobody_hands_out_what_belongs_to_others(world: World, name: str, terms: Terms) -> None:
    with pytest.raises(NotAllowed), world.database.write() as session:
        invitations.invite(session, world.principal(name), terms, now=world.clock())


# --- invitations ----------------------------------------------------------------------------------------------------


def invited(world: World, role: str = "enterprise_member") -> str:
    with world.database.write() as session:
        terms = Terms(role, world.enterprise_id)
        _, token = invitations.invite(
            session, world.principal("manager"), terms, note="小王", now=world.clock()
        )
    return token


def accept(world: World, token: str, name: str) -> None:
    with world.database.write() as session:
        person = world.person(session, name)
        invitations.accept_invitation(session, token, person, now=world.clock())


def test_an_invitation_is_accepted_once(world: World) -> None:
    token = invited(world)
    world.add("other")
    accept(world, token, "nobody")
    assert world.principal("nobody").role == "enterprise_member"
    with pytest.raises(InvitationInvalid):
        accept(world, token, "other")
    assert world.principal("other").role == rules.PERSON


def test_an_invitation_dies_with_its_time(world: World) -> None:
    token = invited(world)
    world.clock.advance(7 * 86_400)
    with pytest.raises(InvitationInvalid):
        accept(world, token, "nobody")


def test_an_invitation_can_be_withdrawn(world: World) -> None:
    token = invited(world)
    with world.database.write() as session:
        number = invitations.open_invitation(session, token, now=world.clock()).id
        assert invitations.withdraw_invitation(session, world.principal("manager"), number, now=world.clock())
        assert not invitations.withdraw_invitation(
            session, world.principal("manager"), number, now=world.clock()
        )
    with pytest.raises(InvitationInvalid):
        accept(world, token, "nobody")


def test_a_stranger_withdraws_no_invitation(world: World) -> None:
    token = invited(world)
    with world.database.read() as session:
        number = invitations.open_invitation(session, token, now=world.clock()).id
    with pytest.raises(NotAllowed), world.database.write() as session:
        invitations.withdraw_invitation(session, world.principal("institution"), number, now=world.clock())


def test_nobody_invites_themselves(world: World) -> None:
    """The hub's administrator would be a station's staff in two steps."""
    terms = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    with world.database.write() as session:
        _, token = invitations.invite(session, world.principal("admin"), terms, now=world.clock())
    with pytest.raises(NotAllowed):
        accept(world, token, "admin")
    assert world.principal("admin").role == rules.HUB_ADMIN


@pytest.mark.parametrize("token", ["", "x", "长" * 300, "a" * 32])
def test_what_is_no_invitation_is_none(world: World, token: str) -> None:
    with pytest.raises(InvitationInvalid):
        accept(world, token, "nobody")


def test_an_invitation_is_kept_as_a_hash_and_its_note_out_of_the_audit(world: World) -> None:
    token = invited(world)
    while sequencer.number_once(world.database):
        pass
    with world.database.read() as session:
        entries = audit.read_entries(session, limit=1000)
        open_ones = queries.open_invitations(session, now=world.clock(), party_id=world.enterprise_id)
    assert token not in str(entries)
    assert "小王" not in str(entries)
    assert [held.note for held in open_ones] == ["小王"]
