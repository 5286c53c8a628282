"""Nobody acts on both sides of one booking: not the person, not a colleague, not the organisation. Routes: `walls/`."""

from __future__ import annotations

import pytest

from hub.identity import rules, service
from hub.identity.errors import BothSides, NotAllowed, OtherParty, WrongState
from hub.identity.rules import Principal, Subject, Terms
from hub.identity.service import parties
from tests.hub.identity.conftest import CODE, INSTITUTION, OTHER_CODE, World

pytestmark = pytest.mark.database


def booking(world: World, **changed: object) -> Subject:
    held: dict[str, object] = {
        "enterprise_id": world.enterprise_id,
        "home_area": "330402",
        "person_ids": frozenset({world.person_ids["member"]}),
        "institution_id": INSTITUTION,
        "station_province": "310000",
        "operator_id": world.operator_id,
        "state": "forwarded",
        "name": "booking:bk-1",
    }
    return Subject(**(held | changed))  # type: ignore[arg-type]


def accept(world: World, principal: Principal, subject: Subject) -> None:
    with world.database.read() as session:
        service.allow(session, principal, "booking.accept", subject, now=world.clock())


def test_the_station_accepts_what_is_its_own(world: World) -> None:
    accept(world, world.principal("station"), booking(world))
    with pytest.raises(OtherParty):
        accept(world, world.principal("station-anhui"), booking(world))
    with pytest.raises(WrongState):
        accept(world, world.principal("station"), booking(world, state="completed"))
    for name in ("manager", "member", "admin", "auditor", "jiaxing", "shanghai", "finance", "nobody"):
        with pytest.raises(NotAllowed):
            accept(world, world.principal(name), booking(world))


def test_who_asked_does_not_answer(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station)
    subject = booking(world, person_ids=frozenset({world.person_ids["two-hats"]}))
    with pytest.raises(BothSides):
        accept(world, principal, subject)


def test_nor_does_a_colleague_of_who_asked(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station, Terms(rules.ENTERPRISE_MEMBER, world.enterprise_id))
    assert principal.role == rules.STATION_STAFF
    with pytest.raises(BothSides):
        accept(world, principal, booking(world))


def test_an_operator_does_not_answer_itself_at_any_of_its_stations(world: World) -> None:
    """The organisation that runs two stations books as an enterprise: one credit code, one party."""
    with world.database.write() as session:
        own = parties.put_enterprise(session, "合成运营公司", OTHER_CODE, actor="t", now=world.clock())
    for name, province in (("station", "310000"), ("station-anhui", "340000")):
        subject = booking(world, enterprise_id=own.id, person_ids=frozenset(), station_province=province)
        with pytest.raises(BothSides):
            accept(world, world.principal(name), subject)
        buyer = world.add(f"buyer-{province}", Terms(rules.ENTERPRISE_MANAGER, own.id))
        with pytest.raises(BothSides), world.database.read() as session:
            service.allow(
                session,
                buyer,
                "booking.submit",
                booking(world, enterprise_id=own.id, station_province=province, state="draft"),
                now=world.clock(),
            )


def test_an_institution_does_not_answer_itself(world: World) -> None:
    with world.database.write() as session:
        parties.put_institution(session, INSTITUTION, "合成研究所", credit_code=CODE, now=world.clock())
    with pytest.raises(BothSides):
        accept(world, world.principal("institution"), booking(world))


def test_both_sides_may_still_look(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station, Terms(rules.ENTERPRISE_MEMBER, world.enterprise_id))
    with world.database.read() as session:
        service.allow(session, principal, "booking.read", booking(world), now=world.clock())
