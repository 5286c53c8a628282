"""Every route of API and pages is in the access table, and keeps to its line: strangers, other roles, forged changes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from hub.core.web import access_table
from hub.identity import rules
from hub.identity.rules import matrix
from tests.hub.identity.walls.objects import filled
from tests.hub.identity.walls.test_walls import OPEN, code_of
from tests.hub.identity.walls.world import World

ROLES = (*rules.ROLES, rules.PERSON)


def guarded(world: World) -> Iterator[tuple[str, str, str]]:
    """(method, address, action) of every route that is not open."""
    for route, (name, *_) in access_table(world.app).items():
        method, _, path = route.partition(" ")
        if name not in OPEN:
            yield method, filled(world, path, command="accept"), name


def named(action: str) -> set[str]:
    """The roles that the table names for an action."""
    held = {rule.role for rule in matrix()[action]}
    return set(ROLES) if "*" in held else held & set(ROLES)


def test_every_route_names_an_action_of_the_table(world: World) -> None:
    table = access_table(world.app)
    assert len(table) > 100
    for route, names in table.items():
        if "/static" not in route:
            assert len(names) == 1, route
            assert names[0] in OPEN or names[0] in matrix(), route


def test_strangers_are_refused(world: World) -> None:
    for method, address, action in guarded(world):
        answer = world.http.request(method, address)
        assert (answer.status_code, code_of(answer)) in ((401, "sign_in_needed"), (401, "key_unknown")), (
            method,
            address,
            action,
        )


def test_roles_that_the_table_does_not_name_are_refused(world: World) -> None:
    """On every route two of them, in turn, so that each role is tried on many; before anything is read."""
    tried = dict.fromkeys(ROLES, 0)
    turns = cycle(ROLES)
    for method, address, action in guarded(world):
        unnamed = set(ROLES) - named(action)
        for role in [role for role in islice(turns, len(ROLES)) if role in unnamed][:2]:
            answer = world.ask("own", role, method, address)
            assert (answer.status_code, code_of(answer)) == (403, "not_allowed"), (role, method, address)
            tried[role] += 1
        next(turns)
    assert min(tried.values()) > 5, tried
    assert sum(tried.values()) > 150


def test_changes_need_the_pages_token(world: World) -> None:
    asked = 0
    for method, address, action in guarded(world):
        role = min(named(action), default=None)
        if method == "GET" or role is None:
            continue
        cookie = {"Cookie": world.headers("own", role)["Cookie"]}
        answer = world.http.request(method, address, headers=cookie)
        assert (answer.status_code, code_of(answer)) == (403, "csrf_refused"), (method, address, role)
        asked += 1
    assert asked > 60
