"""The one table of who may do what: what it says, that every route is in it, and that every route obeys it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.core.web import access_table
from hub.identity import rules, service
from hub.identity.errors import BothSides, NotAllowed, OtherParty, WrongState
from hub.identity.rules import Principal, Rule, Subject, Terms, matrix, refusal
from hub.identity.service import parties, sessions
from station_portal.app import create_app
from tests.hub.identity.conftest import CODE, INSTITUTION, OTHER_CODE, World
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

ROOT = Path(__file__).resolve().parents[3]
OPEN = ("public", "loopback_or_token")

PEOPLE = {
    "enterprise_member": "member",
    "enterprise_manager": "manager",
    "institution_manager": "institution",
    "instrument_operator": "operator",
    "station_staff": "station",
    "bureau_staff": "jiaxing",
    "province_staff": "shanghai",
    "province_finance": "province-finance",
    "city_finance": "finance",
    "hub_admin": "admin",
    "auditor": "auditor",
    "person": "nobody",
}
"""Role → who has it in the world of these tests."""


@pytest.fixture
def peopled(world: World) -> World:
    world.add("province-finance", rules.terms_of(rules.PROVINCE_FINANCE, province="330000"))
    return world


# --- the table itself ---------------------------------------------------------------------------------------------


def row(**changed: str) -> dict[str, str]:
    return {"action": "t.act", "role": "hub_admin", "reach": "any", "states": "*"} | changed


def test_a_row_is_read() -> None:
    found = rules.read_rules([row(states="open closed"), row(role="auditor", reach="own_area")])
    assert found == {
        "t.act": (
            Rule("t.act", "hub_admin", "any", frozenset({"open", "closed"})),
            Rule("t.act", "auditor", "own_area", None),
        )
    }


@pytest.mark.parametrize(
    "rows",
    [
        [row(role="king")],
        [row(role="person")],
        [row(role="session:hub_admin")],
        [row(reach="everywhere")],
        [row(states="")],
        [row(), row()],
        [{"action": "t.act", "role": "hub_admin"}],
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(rules.MatrixMalformed, match="row"):
        rules.read_rules(rows)


def rows() -> Iterator[Rule]:
    for held in matrix().values():
        yield from held


def test_an_auditor_reads_only() -> None:
    for rule in rows():
        if rule.role == rules.AUDITOR:
            verb = rule.action.partition(".")[2]
            assert verb.startswith(("read", "use_", "see_")), rule


def test_the_hubs_administrator_decides_no_booking_and_no_enterprise() -> None:
    """May look at bookings and unstick delivery; never answers for a station, and has no rights over money."""
    mine = {rule.action for rule in rows() if rule.role == rules.HUB_ADMIN}
    answers = (
        "accept reject propose dispatch hand_back receive_samples check_in check_out no_show deliver enter"
    )
    asks = "submit save_draft agree decline complete rate dispute appeal transfer upload_report write_message"
    assert not mine & {f"booking.{command}" for command in f"{answers} {asks}".split()}
    assert "identity.decide_case" not in mine
    assert not [action for action in mine if re.search(r"pay|paid|settle|voucher|money", action)]


def test_only_offices_and_programs_of_the_hub_reach_everything() -> None:
    """A role of one party, station or province that decides about others' things reaches its own only."""
    bound = {*rules.ENTERPRISE_ROLES, *rules.INSTITUTION_ROLES, rules.STATION_STAFF}
    unbound = {(rule.action, rule.role) for rule in rows() if rule.role in bound and rule.reach == "any"}
    # what these act on is the person's or party's own by construction: their workspace, their subscriptions, a quote
    assert {action for action, _ in unbound} <= {
        "portal.use_workspace",
        "notices.subscribe",
        "quote.ask",
        "quote.read",
    }, unbound


def test_programs_reach_their_own_province_only() -> None:
    assert {rule.reach for rule in rows() if ":" in rule.role} == {"own_province"}


def test_every_action_is_named_somewhere() -> None:
    """A row that nothing asks for is a promise that nobody keeps."""
    sources = "".join(
        path.read_text("utf-8")
        for folder in ("hub", "station_portal")
        for path in (ROOT / folder).rglob("*.py")
    )
    commands = re.findall(r"[a-z_]+", (ROOT / "schemas/v1/codes/booking_command.csv").read_text("utf-8"))
    unused = {
        action
        for action in matrix()
        if f'"{action}"' not in sources and action.removeprefix("booking.") not in commands
    }
    assert unused == set()


# --- every route --------------------------------------------------------------------------------------------------


def test_every_route_names_an_action_of_the_table(runtime: Runtime) -> None:
    table = access_table(create_app(runtime))
    assert len(table) > 60
    for route, names in table.items():
        if "/static" not in route:
            assert len(names) == 1, route
            assert names[0] in OPEN or names[0] in matrix(), route


FILLED = {
    "code": "310000",
    "province": "310000",
    "hold_id": "1",
    "item_id": "1",
    "decision": "release",
    "grant_id": "1",
    "platform_id": "pf-310000-0123456789",
    "invitation_id": "0123456789ab",
    "handle": "0123456789abcdef",
}


def address(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: FILLED.get(found.group(1), "1"), path)


def guarded(app: object) -> list[tuple[str, str, str]]:
    """(method, address, action) of every route that is not open."""
    found = []
    for route, (name, *_) in access_table(app).items():  # type: ignore[arg-type]
        method, _, path = route.partition(" ")
        if name not in OPEN:
            found.append((method, address(path), name))
    return found


def test_every_guarded_route_refuses_strangers(runtime: Runtime) -> None:
    app = create_app(runtime)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        for method, path, action in guarded(app):
            answer = client.request(method, path, headers={"Accept": "application/json"})
            assert answer.status_code == 401, (method, path, action)
            assert answer.json()["code"] in ("sign_in_needed", "key_unknown")


def test_every_guarded_route_refuses_every_role_that_the_table_does_not_name(
    peopled: World, runtime: Runtime
) -> None:
    """Generated: each route with each role that has no row for its action is answered 403, before anything is read."""
    app = create_app(runtime)
    headers = {"Accept": "application/json"}
    refused = 0
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test", headers=headers) as client:
        for role, name in PEOPLE.items():
            cookie = _cookie(peopled, name)
            client.headers["Cookie"] = f"hub_session={cookie}"
            for method, path, action in guarded(app):
                if any(rule.role in (role, "*") for rule in matrix()[action]):
                    continue
                answer = client.request(method, path)
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), (
                    role,
                    method,
                    path,
                )
                refused += 1
    assert refused > 300


def _cookie(world: World, name: str) -> str:
    with world.database.write() as session:
        person = world.person(session, name)
        return sessions.open_session(
            session, person, sessions.Visit(), factor="totp", now=world.clock()
        ).token


def test_every_guarded_change_needs_the_pages_token(peopled: World, runtime: Runtime) -> None:
    app = create_app(runtime)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        cookies = {role: _cookie(peopled, name) for role, name in PEOPLE.items()}
        asked = 0
        for method, path, action in guarded(app):
            held = [role for role in PEOPLE if any(rule.role in (role, "*") for rule in matrix()[action])]
            if method == "GET" or not held:
                continue
            client.headers["Cookie"] = f"hub_session={cookies[held[0]]}"
            answer = client.request(method, path, headers={"Accept": "application/json"})
            assert answer.status_code == 403, (method, path)
            assert answer.json()["code"] in ("csrf_refused", "other_province"), (method, path)
            asked += 1
    assert asked > 20


# --- role × reach × state -------------------------------------------------------------------------------------------


def principals(enterprise: str, operator: str) -> dict[str, Principal]:
    """Somebody of every role."""
    terms = [
        Terms("enterprise_member", enterprise),
        Terms("enterprise_manager", enterprise),
        Terms("institution_manager", INSTITUTION),
        Terms("instrument_operator", INSTITUTION),
        Terms("station_staff", operator, "310000"),
        rules.terms_of("bureau_staff", area="3304"),
        rules.terms_of("province_staff", province="310000"),
        rules.terms_of("province_finance", province="310000"),
        rules.terms_of("city_finance", area="3304"),
        Terms("hub_admin"),
        rules.terms_of("auditor", area=""),
    ]
    return {
        each.role: Principal(
            "account",
            f"person:{each.role}",
            "",
            each.role,
            each.province,
            f"p-{each.role}",
            each.party_id,
            each.area,
        )
        for each in terms
    }


EN, OP = "en-" + "a" * 26, "op-" + "a" * 26
OWN = {
    "own_person": lambda p: {"person_ids": frozenset({p.person_id})},
    "own_party": lambda p: {"enterprise_id": p.party_id},
    "own_institution": lambda p: {"institution_id": p.party_id},
    "own_station": lambda p: {"station_province": p.province, "operator_id": p.party_id},
    "own_province": lambda p: {"station_province": p.province},
    "own_area": lambda p: {
        "home_area": (p.area + "330402")[:2] + "0402" if p.area == "" else (p.area + "020402")[:6]
    },
    "belt": lambda p: {},
    "any": lambda p: {},
}
FOREIGN = {
    "enterprise_id": "en-" + "b" * 26,
    "institution_id": "32-u-" + "b" * 12,
    "station_province": "530000",
    "operator_id": "op-" + "b" * 26,
    "home_area": "530102",
}


@pytest.mark.parametrize("action", sorted(matrix()))
def test_every_role_reaches_its_own_in_the_named_states_and_nothing_else(action: str) -> None:
    everybody = principals(EN, OP)
    for role, principal in everybody.items():
        held = [rule for rule in matrix()[action] if rule.role in (role, "*")]
        states = {state for rule in held for state in rule.states or ()} | {"-never-", None}
        foreign = Subject(**FOREIGN)  # type: ignore[arg-type]
        for state, reach in itertools.product(states, OWN):
            if reach.startswith("own_") and not _has(principal, reach):
                continue
            subject = Subject(**(FOREIGN | OWN[reach](principal)), state=state)  # type: ignore[arg-type]
            expected = any(
                _covers(rule.reach, reach, principal) and (rule.states is None or state in rule.states)
                for rule in held
            )
            assert (refusal(principal, action, subject) is None) == expected, (role, reach, state)
        wide = any(_covers(rule.reach, "any", principal) for rule in held)
        if not wide:
            assert refusal(principal, action, foreign) == ("reach" if held else "role"), role


def _has(principal: Principal, reach: str) -> bool:
    return {
        "own_person": True,
        "own_party": principal.role in rules.ENTERPRISE_ROLES,
        "own_institution": principal.role in rules.INSTITUTION_ROLES,
        "own_station": principal.role == rules.STATION_STAFF,
        "own_province": principal.province is not None,
        "own_area": principal.area is not None,
    }[reach]


def _covers(allowed: str, asked: str, principal: Principal) -> bool:
    """Whether a rule with the reach `allowed` lets through an object that is own only in the way `asked`."""
    if allowed in ("any", asked):
        return allowed != "belt" or principal.area == ""
    if allowed == "belt" or (allowed == "own_area" and principal.area == ""):
        return principal.area == ""
    by_province = {
        ("own_province", "own_station"),
        ("own_province", "own_area"),
        ("own_area", "own_province"),
    }
    if (allowed, asked) in by_province:
        return _shares_province(allowed, asked, principal)
    return False


def _shares_province(allowed: str, asked: str, principal: Principal) -> bool:
    if allowed == "own_area":  # a prefix of two digits covers the province's station too
        return len(principal.area or "------") <= 2
    return asked == "own_station" or principal.province is not None


# --- nobody on both sides -------------------------------------------------------------------------------------------


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


@pytest.mark.database
def test_the_station_accepts_what_is_its_own(world: World) -> None:
    accept(world, world.principal("station"), booking(world))
    with pytest.raises(OtherParty):
        accept(world, world.principal("station-anhui"), booking(world))
    with pytest.raises(WrongState):
        accept(world, world.principal("station"), booking(world, state="completed"))
    for name in ("manager", "member", "admin", "auditor", "jiaxing", "shanghai", "finance", "nobody"):
        with pytest.raises(NotAllowed):
            accept(world, world.principal(name), booking(world))


@pytest.mark.database
def test_who_asked_does_not_answer(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station)
    subject = booking(world, person_ids=frozenset({world.person_ids["two-hats"]}))
    with pytest.raises(BothSides):
        accept(world, principal, subject)


@pytest.mark.database
def test_nor_does_a_colleague_of_who_asked(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station, Terms(rules.ENTERPRISE_MEMBER, world.enterprise_id))
    assert principal.role == rules.STATION_STAFF
    with pytest.raises(BothSides):
        accept(world, principal, booking(world))


@pytest.mark.database
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


@pytest.mark.database
def test_an_institution_does_not_answer_itself(world: World) -> None:
    with world.database.write() as session:
        parties.put_institution(session, INSTITUTION, "合成研究所", credit_code=CODE, now=world.clock())
    with pytest.raises(BothSides):
        accept(world, world.principal("institution"), booking(world))


@pytest.mark.database
def test_both_sides_may_still_look(world: World) -> None:
    station = Terms(rules.STATION_STAFF, world.operator_id, "310000")
    principal = world.add("two-hats", station, Terms(rules.ENTERPRISE_MEMBER, world.enterprise_id))
    with world.database.read() as session:
        service.allow(session, principal, "booking.read", booking(world), now=world.clock())


# --- an auditor's looks are written down ----------------------------------------------------------------------------


@pytest.mark.database
def test_an_auditors_looks_are_logged(
    world: World, runtime: Runtime, database: Database, clock: VirtualClock
) -> None:
    from hub.core import audit, sequencer

    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as client:
        client.headers["Cookie"] = f"hub_session={_cookie(world, 'auditor')}"
        for _ in range(3):
            assert client.get("/api/v1/audit/entries").status_code == 200
    with database.write() as session:
        audit.settle_counted(session, now=clock.advance(60))
    while sequencer.number_once(database):
        pass
    with database.read() as session:
        looks = [
            entry
            for entry in audit.read_entries(session, limit=500)
            if entry.action == "identity.auditor_read"
        ]
    assert [(look.subject, look.detail["count"]) for look in looks] == [("/api/v1/audit/entries", 3)]
