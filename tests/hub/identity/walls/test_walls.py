"""The wall of every route: who has the role but not the object, or an object in another state, changes nothing.

Generated from the access table and the matrix; `objects.py` says how each path parameter is filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import schemas
from hub.bookings.service.usages import COMMANDS
from hub.core.web import access_table
from hub.identity.rules import HUB_ADMIN, Rule, matrix
from tests.hub.identity.walls.objects import (
    BODIES,
    FURTHER,
    NOBODYS,
    PLACES,
    SAID,
    STATELESS,
    UNRECORDED,
    WITHOUT_FONT,
    filled,
)
from tests.hub.identity.walls.world import Saved, World

OPEN = ("public", "loopback_or_token")
WALL = re.compile("other_party|other_province|not_allowed|[a-z_]+_unknown")
TABLES = {"booking": "bookings_booking", "identity": "identity_case", "usage": "settlement_usage"}
"""Domain of an action → the table whose `state` its rules speak of."""


class Door(NamedTuple):
    """One route with one action: a route of commands is as many as there are commands."""

    route: str
    action: str
    given: dict[str, str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Whom it lets in within a reach; the hub's administrators reach everything that they may do.

        Pages know no programs.
        """
        is_page = " /api/" not in self.route
        held = (rule for rule in matrix()[self.action] if rule.role != HUB_ADMIN)
        return tuple(rule for rule in held if not (is_page and ":" in rule.role))

    def ask(self, world: World, side: str, role: str) -> Any:
        method, _, path = self.route.partition(" ")
        carried = {
            part: world.named(held) if part in ("params", "data") else held
            for part, held in BODIES.get(self.route, {}).items()
        }
        if "command" in self.given and "json" in carried:
            carried["json"] = {**carried["json"], "command": self.given["command"]}
        elif "command" in self.given:
            carried["data"] = {**carried["data"], "key": f"key-of-a-wall-form-{world.asked:06}"}
        return world.ask(side, role, method, filled(world, path, **self.given), **carried)


@cache
def commands() -> tuple[str, ...]:
    """The commands that people give on a booking that there is."""
    given = schemas.codes("booking_command").where(given_by="people")
    return tuple(each.code for each in given if each.code not in ("save_draft", "enter"))


def doors(app: Any) -> Iterator[Door]:
    for route, (action, *_) in access_table(app).items():
        if action in OPEN or "{" not in route:
            continue
        if "{command}" in route:
            domain, names = ("usage", COMMANDS) if "/usage/" in route else ("booking", commands())
            yield from (Door(route, f"{domain}.{name}", {"command": name}) for name in names)
        else:
            yield Door(route, action, {})


def walled(world: World) -> list[Door]:
    return [door for door in doors(world.app) if door.route not in NOBODYS]


def code_of(answer: Any) -> str:
    is_problem = "problem+json" in answer.headers.get("content-type", "")
    return answer.json()["code"] if is_problem else ""


def test_every_parameter_of_every_route_is_told(world: World) -> None:
    """A route that was added without saying here whose its object is fails."""
    routes = {door.route for door in doors(world.app)}
    assert len(routes) > 80
    for door in doors(world.app):
        assert "{" not in filled(world, door.route.partition(" ")[2], **door.given)
    assert set(NOBODYS) <= routes
    assert {*BODIES, *STATELESS, *SAID, *FURTHER, *UNRECORDED} <= routes
    assert [start for start in PLACES if not any(f" {start}" in route for route in routes)] == []


def test_the_same_role_elsewhere_changes_nothing(world: World) -> None:
    refused = 0
    world.changed()
    for door in walled(world):
        for rule in door.rules:
            counted = world.refusals()
            answer = door.ask(world, "foreign", rule.role)
            assert world.refusals() > counted, (door.route, door.action, rule.role, "not in the audit")
            told = (door.route, door.action, rule.role, answer.status_code, code_of(answer))
            if (words := SAID.get(door.route)) is not None:
                assert (answer.status_code, words in answer.text) == (422, True), told
            else:
                assert answer.status_code in (403, 404), told
                assert WALL.fullmatch(code_of(answer)) or "html" in answer.headers["content-type"], told
            assert world.changed() == set(), told
            refused += 1
    assert refused > 300


def test_programs_open_no_pages(world: World) -> None:
    for door in walled(world):
        for role in {rule.role for rule in matrix()[door.action] if ":" in rule.role}:
            if " /api/" not in door.route:
                assert door.ask(world, "own", role).status_code == 401, (door.route, role)


def test_another_state_changes_nothing(world: World) -> None:
    refused = 0
    for door in walled(world):
        table = TABLES.get(door.action.partition(".")[0])
        for rule in door.rules:
            if rule.states is None or door.route in STATELESS or door.route.startswith("GET "):
                continue
            assert table is not None, door.action
            wrong = _other_than(table, rule.states)
            before = world.state(table)
            world.put_state(table, wrong)
            world.changed()
            answer = door.ask(world, "own", rule.role)
            told = (door.route, door.action, rule.role, wrong, answer.status_code, code_of(answer))
            # A form says on its page, with what was typed, why the state does not allow it.
            is_page = "html" in answer.headers.get("content-type", "")
            assert answer.status_code in (404, 409, *([422] if is_page else [])), told
            assert world.changed() == set(), told
            world.put_state(table, before)
            refused += 1
    assert refused > 150


def _other_than(table: str, states: frozenset[str]) -> str:
    known = {
        "identity_case": ("refused",),
        "settlement_usage": ("waived", "rated"),
        "bookings_booking": ("expired", "accepted", "completed", "draft"),
    }
    return next(state for state in known[table] if state not in states)


def test_who_it_belongs_to_passes_the_wall(world: World) -> None:
    """The same requests by those whose object it is: nothing above was refused for another reason."""
    saved = Saved(world.database)
    for door in walled(world):
        told = []
        for rule in door.rules:
            words, is_let_in = _ask_own(world, saved, door, rule)
            if is_let_in:
                break
            told.append(words)
        else:
            assert told == [], (door.route, door.action, told)


def _ask_own(world: World, saved: Saved, door: Door, rule: Rule) -> tuple[str, bool]:
    """What somebody is answered whose object it is, in a state that the rule names; and whether that is behind the wall."""
    table = TABLES.get(door.action.partition(".")[0])
    if rule.states is not None and table is not None:
        world.put_state(table, min(rule.states))
    was_put, recorded = world.changed(), world.recorded()
    answer = door.ask(world, "own", rule.role)
    is_printed = door.route in WITHOUT_FONT and answer.status_code == 503
    is_behind = is_printed or code_of(answer) == FURTHER.get(door.route, "-")
    assert is_behind or answer.status_code < 500, (door, rule.role, answer.text[:300])
    changed = world.changed()
    is_quiet = door.route.startswith("GET ") or door.route in UNRECORDED or answer.status_code >= 400
    assert is_quiet or not changed or world.recorded() > recorded, (door, changed, "not in the audit")
    if was_put or changed:
        saved.restore()
    words = f"{rule.role}: {answer.status_code} {code_of(answer)} {answer.text[:200]}"
    return words, is_behind or answer.status_code not in (400, 401, 403, 404)
