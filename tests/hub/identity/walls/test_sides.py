"""Who is on which side: nobody on both, the hub's administrators on none, an office only where its province serves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from hub.bookings.models import Booking
from hub.core import audit, sequencer
from hub.core.web import access_table
from hub.identity import rules
from hub.identity.errors import GrantInvalid
from hub.identity.rules import Terms, matrix
from hub.identity.service import parties, people, sessions
from tests.hub.identity.walls.objects import filled
from tests.hub.identity.walls.rows import ACTOR, ELSEWHERE, HERE, OPERATOR_CODE
from tests.hub.identity.walls.test_walls import Door, code_of, doors
from tests.hub.identity.walls.world import World

SERVING = ("station_staff", "institution_manager", "instrument_operator")
ANSWERS = {"accept", "reject", "propose", "dispatch", "check_in", "check_out", "deliver", "mark_paid"}


def commands_of(world: World, *roles: str) -> Iterator[Door]:
    """The doors, of API and pages, through which these roles command a booking or add to it."""
    for door in doors(world.app):
        is_reading = door.action.partition(".")[2].startswith(("read", "see"))
        held = {rule.role for rule in matrix()[door.action]}
        if "{booking_id}" in door.route and not is_reading and held & set(roles):
            yield door


def join(world: World, name: str, *terms: Terms) -> None:
    """One more person, who acts under the first of the terms; asked as `own` with the name as role."""
    now = world.runtime.clock()
    with world.database.write() as session:
        person = people.new_person(session, name, name=f"account:{name}", now=now)
        numbers = [people.grant(session, person.id, each, actor=ACTOR, now=now) for each in terms]
        opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=now)
        _, cookie = sessions.act_under(session, opened.token, numbers[0], now=now)
    world.people["own", name] = {"Cookie": f"hub_session={cookie}", "X-CSRF-Token": opened.csrf_token}
    world.objects[f"own.{name}"] = person.id


def change_booking(world: World, **values: object) -> None:
    with world.database.write() as session:
        session.execute(sa.update(Booking).values(**values))


def refused(world: World, door: Door, role: str, code: str, as_role: str = "") -> None:
    """The door is closed with this code (a page says it), and nothing changes."""
    held = [rule for rule in matrix()[door.action] if rule.role in (*SERVING, *rules.ENTERPRISE_ROLES)]
    mine = [rule for rule in held if rule.role == as_role] or held
    state = next((min(rule.states) for rule in mine if rule.states), "service_done")
    world.put_state("bookings_booking", state)
    world.changed()
    counted = world.refusals()
    answer = door.ask(world, "own", role)
    assert world.refusals() == counted + 1, (door.route, door.action, role, "not in the audit")
    told = (door.route, door.action, role, state, answer.status_code, code_of(answer), answer.text[:300])
    if " /api/" in door.route:
        assert (answer.status_code, code_of(answer)) == (403, code), told
    else:  # on a page of a booking that one may read, the refusal stands beside the form
        assert answer.status_code in (403, 422), told
    assert world.changed() == set(), told


def test_the_hubs_administrators_answer_for_no_station_and_touch_no_money(world: World) -> None:
    closed = 0
    for door in commands_of(world, *SERVING):
        if any(rule.role == rules.HUB_ADMIN for rule in matrix()[door.action]):
            continue
        refused(world, door, "hub_admin", "not_allowed")
        closed += 1
    assert closed > 20
    mine = {door.given.get("command") for door in commands_of(world, rules.HUB_ADMIN)}
    assert not mine & ANSWERS


def test_who_administers_the_hub_serves_nobody_and_pays_nobody(world: World) -> None:
    """One person is not given both, in either order: what an administrator may not do is not a switch away."""
    now, operator = world.runtime.clock(), world.objects["operator_id"]
    others = (
        Terms(rules.STATION_STAFF, operator, HERE),
        rules.terms_of(rules.PROVINCE_FINANCE, province=HERE),
        rules.terms_of(rules.CITY_FINANCE, area="3304"),
        Terms(rules.INSTITUTION_MANAGER, "33-u-" + "a" * 12),
    )
    for number, other in enumerate(others):
        for first, second in ((Terms(rules.HUB_ADMIN), other), (other, Terms(rules.HUB_ADMIN))):
            with world.database.write() as session:
                person = people.new_person(session, f"both {number}", now=now)
                people.grant(session, person.id, first, actor=ACTOR, now=now)
                with pytest.raises(GrantInvalid, match="administrator"):
                    people.grant(session, person.id, second, actor=ACTOR, now=now)


def test_the_home_provinces_office_reads_but_decides_nothing_elsewhere(world: World) -> None:
    """The booking is served in another province: its own office and station decide, not that of the enterprise's home."""
    change_booking(world, province=ELSEWHERE)
    try:
        shown = world.ask("own", "province_staff", "GET", filled(world, "/api/v1/bookings/{booking_id}"))
        assert shown.status_code == 200
        for door in commands_of(world, rules.PROVINCE_STAFF):
            refused(world, door, "province_staff", "other_party", rules.PROVINCE_STAFF)
    finally:
        change_booking(world, province=HERE)


@pytest.mark.parametrize("way", ["asked it", "colleague asked it", "operator's own enterprise"])
@pytest.mark.parametrize("station", [HERE, ELSEWHERE])
def test_nobody_serves_what_they_asked_for(world: World, way: str, station: str) -> None:
    """At either of the operator's stations: it is one party, also where its people are others."""
    operator, enterprise = world.objects["operator_id"], world.objects["enterprise_id"]
    held, before = (
        [Terms(rules.STATION_STAFF, operator, station)],
        {"person_id": world.objects["own.enterprise_member"]},
    )
    name = f"{way} {station}"
    if way == "colleague asked it":
        held.append(Terms(rules.ENTERPRISE_MEMBER, enterprise))
    join(world, name, *held)
    changes: dict[str, object] = {"province": station}
    if way == "asked it":
        changes["person_id"] = world.objects[f"own.{name}"]
    if way == "operator's own enterprise":
        with world.database.write() as session:
            now = world.runtime.clock()
            own = parties.put_enterprise(session, "运营机构（合成）", OPERATOR_CODE, actor=ACTOR, now=now)
            changes["enterprise_id"] = own.id
    change_booking(world, **changes)
    try:
        closed = [door for door in commands_of(world, rules.STATION_STAFF) if "commands" in door.route]
        for door in closed:
            refused(world, door, name, "both_sides", rules.STATION_STAFF)
        assert len(closed) > 20
    finally:
        change_booking(world, province=HERE, enterprise_id=enterprise, **before)


def test_every_look_of_an_auditor_is_in_the_audit(world: World) -> None:
    """Each route that auditors may read, with what was looked at."""
    looked = {}
    for route, (action, *_) in access_table(world.app).items():
        method, _, path = route.partition(" ")
        if method != "GET" or action == "public" or action not in matrix():
            continue
        if any(rule.role == rules.AUDITOR for rule in matrix()[action]):
            address = filled(world, path)
            if world.ask("own", "auditor", "GET", address).status_code == 200:
                looked[route] = address
    assert len(looked) > 8
    with world.database.write() as session:
        audit.settle_counted(session, now=world.runtime.clock.advance(60))  # type: ignore[attr-defined]
    while sequencer.number_once(world.database):
        pass
    with world.database.read() as session:
        entries = audit.read_entries(session, limit=500)
    noted = {each.detail["route"]: each.subject for each in entries if each.action == "identity.auditor_read"}
    assert {route: noted.get(route) for route in looked} == looked


def test_auditors_change_nothing(world: World) -> None:
    """Besides their own account, no route lets them do more than an action that reads."""
    for route, (action, *_) in access_table(world.app).items():
        if action in matrix() and rules.AUDITOR in {rule.role for rule in matrix()[action]}:
            assert action.partition(".")[2].startswith(("read", "see", "use_")), route
