"""Where enterprises belong: verification, moves that both sides confirm, the yearly check, documents."""

from __future__ import annotations

import dataclasses

import pytest

import schemas
from hub.core import audit, sequencer
from hub.identity import queries, rules, service
from hub.identity.errors import (
    CaseClosed,
    CaseUnknown,
    ClaimInvalid,
    DocumentRefused,
    EnterpriseHasManager,
    EnterpriseUnverified,
    GrantInvalid,
    NotAllowed,
    OtherParty,
    OwnCase,
    RefusalIncomplete,
)
from hub.identity.models import Case
from hub.identity.queries import refusals
from hub.identity.rules import Terms
from hub.identity.rules.enterprises import Claim, customer_kind, customer_of_person
from hub.identity.service import cases, enterprises, invitations
from tests.hub.identity.conftest import JIAXING, World
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

NEW = Claim(
    schemas.uscc.complete("91330400MA2026777"), "新企业（合成）", "330402", "南湖区 7 号", authorised=True
)
PDF = b"%PDF-1.7 synthetic"


def ask(world: World, claim: Claim = NEW, name: str = "nobody") -> str:
    with world.database.write() as session:
        person = world.person(session, name)
        return enterprises.request_verification(session, person, claim, now=world.clock()).id


def decide(world: World, name: str, case_id: str, decision: str = "confirm") -> str:
    with world.database.write() as session:
        case = cases.decide_case(
            session,
            world.principal(name),
            case_id,
            decision,  # type: ignore[arg-type]
            reason="documents_missing" if decision == "refuse" else "",
            note="已电话核实王某",
            now=world.clock(),
        )
        return case.state


def home(world: World, enterprise_id: str | None = None) -> str | None:
    with world.database.read() as session:
        held = queries.home_at(session, enterprise_id or world.enterprise_id, world.clock())
    return None if held is None else held.area


# --- verification -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("office", ["nanhu", "jiaxing", "zhejiang"])
def test_the_office_of_the_area_confirms_the_first_person(world: World, office: str) -> None:
    assert decide(world, office, ask(world)) == "confirmed"
    principal = world.principal("nobody")
    assert principal.role == rules.ENTERPRISE_MANAGER
    assert home(world, principal.party_id) == "330402"
    with world.database.read() as session:
        held = service.home_of(session, principal.party_id or "", now=world.clock())
    assert (held.basis, held.province) == ("bureau_staff", "330000")


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("huzhou", OtherParty),
        ("pudong", OtherParty),
        ("shanghai", OtherParty),
        ("admin", NotAllowed),
        ("auditor", NotAllowed),
        ("finance", NotAllowed),
        ("manager", NotAllowed),
        ("station", NotAllowed),
        ("institution", NotAllowed),
    ],
)
def test_nobody_else_does(world: World, name: str, refusal: type[Exception]) -> None:
    case_id = ask(world)
    with pytest.raises(refusal):
        decide(world, name, case_id)
    assert world.principal("nobody").role == rules.PERSON


def test_nobody_decides_about_themselves(world: World) -> None:
    case_id = ask(world, name="nanhu")
    with pytest.raises(OwnCase):
        decide(world, "nanhu", case_id)
    assert decide(world, "jiaxing", case_id) == "confirmed"


def test_who_acts_for_the_enterprise_does_not_check_it(world: World) -> None:
    world.add(
        "both",
        rules.terms_of(rules.BUREAU_STAFF, area="3304"),
        Terms("enterprise_member", world.enterprise_id),
    )
    with world.database.write() as session:
        person = world.person(session, "manager")
        case = enterprises.request_verification(session, person, JIAXING, now=world.clock())
    with world.database.read() as session:
        grants = queries.grants_of(session, world.person_ids["both"])
    bureau = next(held for held in grants if held.role == "bureau_staff")
    principal = rules.Principal(
        "account", "person:both", "", "bureau_staff", "330000", world.person_ids["both"], None, bureau.area
    )
    with pytest.raises(OwnCase), world.database.write() as session:
        cases.decide_case(session, principal, case.id, "confirm", now=world.clock())


def test_a_refused_request_grants_nothing_and_can_be_made_again(world: World) -> None:
    assert decide(world, "nanhu", ask(world), "refuse") == "refused"
    assert world.principal("nobody").role == rules.PERSON
    assert decide(world, "nanhu", ask(world)) == "confirmed"


TEAM = Claim("", "某高校创新团队（合成）", "330402", "", authorised=False, kind="team")
PERSON = Claim("", "", "330402", "", authorised=False, kind="person")


@pytest.mark.parametrize("claim", [TEAM, PERSON])
def test_a_team_or_a_person_is_a_customer_under_a_reference_of_its_own(world: World, claim: Claim) -> None:
    assert decide(world, "nanhu", ask(world, claim)) == "confirmed"
    me = world.principal("nobody")
    assert me.role == rules.ENTERPRISE_MANAGER
    assert customer_kind(me.party_id or "") == claim.kind
    with world.database.read() as session:
        party = queries.party_by_id(session, me.party_id or "")
        person = world.person(session, "nobody")
        home = queries.home_at(session, me.party_id or "", world.clock())
    assert party is not None
    assert home is not None
    assert (party.credit_code, home.area) == (None, "330402")
    assert person.display_name not in party.name
    if claim.kind == "person":
        assert me.party_id == customer_of_person(person.id)
    moved = dataclasses.replace(claim, area="330411")
    assert decide(world, "jiaxing", ask(world, moved)) == "confirmed"
    assert world.principal("nobody").party_id == me.party_id, "the same customer, at another place"


def test_a_person_s_own_account_has_nobody_else_in_it_and_a_team_has_members(world: World) -> None:
    for claim, is_open in ((PERSON, False), (TEAM, True)):
        decide(world, "nanhu", ask(world, claim))
        with world.database.read() as session:
            mine = [
                each.party_id
                for each in queries.grants_of(session, world.person_ids["nobody"])
                if customer_kind(each.party_id or "") == claim.kind
            ]
        me = dataclasses.replace(world.principal("nobody"), party_id=mine[0], role=rules.ENTERPRISE_MANAGER)
        terms = Terms(rules.ENTERPRISE_MEMBER, mine[0])
        with world.database.write() as session:
            if is_open:
                assert invitations.invite(session, me, terms, now=world.clock())[1]
                continue
            with pytest.raises(GrantInvalid):
                invitations.invite(session, me, terms, now=world.clock())


def test_a_case_is_decided_once(world: World) -> None:
    case_id = ask(world)
    decide(world, "nanhu", case_id)
    for decision in ("confirm", "refuse"):
        with pytest.raises(CaseClosed):
            decide(world, "jiaxing", case_id, decision)
    with pytest.raises(CaseUnknown):
        decide(world, "nanhu", "case-none")


def test_asking_twice_is_one_case(world: World) -> None:
    assert ask(world) == ask(world)


def test_of_two_who_ask_the_first_confirmed_manages(world: World) -> None:
    world.add("other")
    first, second = ask(world), ask(world, name="other")
    decide(world, "nanhu", second)
    decide(world, "nanhu", first)
    assert world.principal("other").role == rules.ENTERPRISE_MANAGER
    assert world.principal("nobody").role == rules.PERSON


def test_where_somebody_manages_already_one_asks_them(world: World) -> None:
    for name in ("nobody", "member"):
        with pytest.raises(EnterpriseHasManager):
            ask(world, JIAXING, name)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"credit_code": "91330400MA20267770"}, "credit_code"),
        ({"name": " "}, "name"),
        ({"area": "330000"}, "area"),
        ({"area": "110105"}, "area"),
        ({"area": "3304"}, "area"),
    ],
)
def test_a_request_is_checked(world: World, changed: dict[str, str], field: str) -> None:
    with pytest.raises(ClaimInvalid) as raised:
        ask(world, dataclasses.replace(NEW, **changed))  # type: ignore[arg-type]
    assert raised.value.field == field


def test_nobody_fills_an_offices_queue(world: World) -> None:
    for number in range(5):
        code = schemas.uscc.complete(f"91330400MA{number:07d}")
        ask(world, dataclasses.replace(NEW, credit_code=code))
    with pytest.raises(ClaimInvalid, match="open requests"):
        ask(world)


def test_ones_own_request_can_be_withdrawn(world: World) -> None:
    case_id = ask(world)
    with pytest.raises(CaseUnknown), world.database.write() as session:
        cases.withdraw_case(session, world.principal("member"), case_id, now=world.clock())
    with world.database.write() as session:
        cases.withdraw_case(session, world.principal("nobody"), case_id, now=world.clock())
    with pytest.raises(CaseClosed):
        decide(world, "nanhu", case_id)


def test_what_an_office_notes_is_not_in_the_chain(world: World) -> None:
    decide(world, "nanhu", ask(world))
    while sequencer.number_once(world.database):
        pass
    with world.database.read() as session:
        entries = audit.read_entries(session, limit=1000)
        private = audit.private_details(session, entries)
    assert "王某" not in str(entries)
    assert "王某" in str(private)


# --- moves ------------------------------------------------------------------------------------------------------------


def move(world: World, area: str = "310115") -> str:
    with world.database.write() as session:
        return enterprises.request_move(
            session, world.principal("manager"), area, "浦东新区 9 号", now=world.clock()
        ).id


@pytest.mark.parametrize("order", [("jiaxing", "pudong"), ("pudong", "jiaxing"), ("zhejiang", "shanghai")])
def test_a_move_needs_both_sides(world: World, order: tuple[str, str]) -> None:
    case_id = move(world)
    assert decide(world, order[0], case_id) == "open"
    assert home(world) == "330402"
    world.clock.advance(86_400)
    assert decide(world, order[1], case_id) == "confirmed"
    assert home(world) == "310115"
    with world.database.read() as session:
        before = queries.home_at(session, world.enterprise_id, VirtualClock()())
    assert before is not None
    assert before.area == "330402", "what was ordered before the move keeps its home"


def test_one_side_does_not_answer_twice(world: World) -> None:
    case_id = move(world)
    decide(world, "jiaxing", case_id)
    with pytest.raises(OwnCase):
        decide(world, "jiaxing", case_id)
    with pytest.raises(OwnCase):
        decide(world, "nanhu", case_id)
    assert home(world) == "330402"


def test_a_move_within_one_area_still_needs_two_people(world: World) -> None:
    """The province's office covers both sides; one of its people answers for one side only."""
    case_id = move(world, "330502")
    assert decide(world, "zhejiang", case_id) == "open"
    with pytest.raises(OwnCase):
        decide(world, "zhejiang", case_id)
    assert decide(world, "huzhou", case_id) == "confirmed"


@pytest.mark.parametrize("office", ["jiaxing", "pudong"])
def test_either_side_may_refuse(world: World, office: str) -> None:
    case_id = move(world)
    assert decide(world, office, case_id, "refuse") == "refused"
    assert home(world) == "330402"


def test_an_enterprise_moves_to_one_place_at_a_time(world: World) -> None:
    assert move(world) == move(world, "330502")


@pytest.mark.parametrize("area", ["330402", "330000", "990000", ""])
def test_a_move_leads_somewhere_else(world: World, area: str) -> None:
    with pytest.raises(ClaimInvalid):
        move(world, area)


# --- the yearly check -------------------------------------------------------------------------------------------------


def test_after_a_year_an_enterprise_may_search_but_not_book(world: World) -> None:
    world.clock.advance(364 * 86_400)
    with world.database.read() as session:
        service.home_of(session, world.enterprise_id, now=world.clock())
    world.clock.advance(86_400)
    with world.database.read() as session, pytest.raises(EnterpriseUnverified):
        service.home_of(session, world.enterprise_id, now=world.clock())
    with world.database.read() as session:
        due = queries.homes_due(session, "3304", world.clock().date())
        assert [party.id for party, _ in due] == [world.enterprise_id]
        assert queries.homes_due(session, "3305", world.clock().date()) == []
    with world.database.write() as session:
        cases.recheck_home(session, world.principal("jiaxing"), world.enterprise_id, now=world.clock())
    with world.database.read() as session:
        held = service.home_of(session, world.enterprise_id, now=world.clock())
    assert held.since < held.verified_at


def test_other_offices_do_not_check(world: World) -> None:
    with pytest.raises(OtherParty), world.database.write() as session:
        cases.recheck_home(session, world.principal("huzhou"), world.enterprise_id, now=world.clock())


def test_the_manager_asks_for_the_check(world: World) -> None:
    world.clock.advance(366 * 86_400)
    with world.database.write() as session:
        person = world.person(session, "manager")
        case = enterprises.request_verification(session, person, JIAXING, now=world.clock())
        cases.add_document(session, case, "营业执照.pdf", PDF, now=world.clock())
    assert decide(world, "nanhu", case.id) == "confirmed"
    with world.database.read() as session:
        held = service.home_of(session, world.enterprise_id, now=world.clock())
    assert held.basis == "register_document"


# --- documents --------------------------------------------------------------------------------------------------------


def hand_in(world: World, content: bytes = PDF, case_id: str = "") -> int:
    with world.database.write() as session:
        case = session.get_one(Case, case_id or ask_within(world))
        return cases.add_document(session, case, "执照.pdf", content, now=world.clock()).id


def ask_within(world: World) -> str:
    with world.database.read() as session:
        held = queries.cases_of_person(session, world.person_ids["nobody"])
    assert held
    return held[0].id


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90", b"<svg onload=x>", b"GIF89a", b" %PDF-", b"%PDF-" + bytes(5 * 1024 * 1024)]
)
def test_a_document_is_judged_by_its_content(world: World, content: bytes) -> None:
    ask(world)
    with pytest.raises(DocumentRefused):
        hand_in(world, content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png")],
)
def test_documents_are_read_by_both_sides_only(world: World, content: bytes, kind: str) -> None:
    ask(world)
    number = hand_in(world, content)
    for name in ("nobody", "nanhu", "jiaxing", "zhejiang", "auditor"):
        with world.database.write() as session:
            held = cases.read_document(session, world.principal(name), number, now=world.clock())
            assert (held.media_type, held.content) == (kind, content)
    for name in ("huzhou", "shanghai", "member", "station", "finance"):
        with pytest.raises((NotAllowed, OtherParty)), world.database.write() as session:
            cases.read_document(session, world.principal(name), number, now=world.clock())


def test_a_case_has_a_few_documents(world: World) -> None:
    case_id = ask(world)
    for _ in range(4):
        hand_in(world, case_id=case_id)
    with pytest.raises(DocumentRefused, match="at most 4"):
        hand_in(world, case_id=case_id)


def test_documents_are_erased_some_time_after_the_decision(world: World) -> None:
    case_id = ask(world)
    number = hand_in(world)
    decide(world, "nanhu", case_id)
    world.clock.advance(89 * 86_400)
    with world.database.write() as session:
        assert cases.erase_documents(session, now=world.clock()) == 0
    world.clock.advance(2 * 86_400)
    with world.database.write() as session:
        assert cases.erase_documents(session, now=world.clock()) == 1
        assert cases.erase_documents(session, now=world.clock()) == 0
    with pytest.raises(CaseUnknown), world.database.write() as session:
        cases.read_document(session, world.principal("nanhu"), number, now=world.clock())
    with world.database.read() as session:
        assert len(queries.documents_of(session, case_id)[0].sha256) == 64


# --- refusing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [("", "请补交营业执照", "reason"), ("because", "请补交营业执照", "reason"), ("other", " ", "note")],
)
def test_nobody_refuses_without_saying_why(world: World, reason: str, note: str, field: str) -> None:
    case_id = ask(world)
    with pytest.raises(RefusalIncomplete) as refused, world.database.write() as session:
        cases.decide_case(
            session, world.principal("nanhu"), case_id, "refuse", reason=reason, note=note, now=world.clock()
        )
    assert refused.value.field == field
    with world.database.read() as session:
        held = queries.case_by_id(session, case_id)
        assert held is not None
        assert (held.state, refusals.refusal_of(held.reasons)) == ("open", None)


def test_a_refusal_keeps_its_reason_beside_what_the_case_was_opened_for(world: World) -> None:
    case_id = ask(world)
    with world.database.write() as session:
        session.get_one(Case, case_id).reasons = ["claimed_area_elsewhere"]
    assert decide(world, "nanhu", case_id, "refuse") == "refused"
    with world.database.read() as session:
        held = session.get_one(Case, case_id)
        told = refusals.refusal_of(held.reasons)
        assert (told and told.code, held.note) == ("documents_missing", "已电话核实王某")
        assert refusals.opened_for(held.reasons) == ["claimed_area_elsewhere"]


def test_every_reason_has_words(world: World) -> None:
    assert all(one.zh and one.en for one in refusals.refusal_reasons().values())
