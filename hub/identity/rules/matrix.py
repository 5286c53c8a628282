"""The access matrix: action × role × reach × states, read from `matrix.csv` beside this package.

A row says: this role may do this action to objects within this reach that are in one of these states (`*`: any). Nothing
else is allowed. `role` is a role, `*` (anybody signed in), or `key:<scope>` and `platform:<scope>` for programs.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from hub.identity.rules.principals import ROLES, Principal, Subject

TABLE = Path(__file__).resolve().parents[1] / "matrix.csv"

Reach = Literal[
    "own_person", "own_party", "own_institution", "own_station", "own_province", "own_area", "belt", "any"
]
REACHES: tuple[str, ...] = get_args(Reach)

Refusal = Literal["role", "reach", "state"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the matrix. `states` None means any."""

    action: str
    role: str
    reach: str
    states: frozenset[str] | None


class MatrixMalformed(RuntimeError):
    """The table says something that it cannot mean; the program must not start with it."""


@cache
def matrix() -> Mapping[str, tuple[Rule, ...]]:
    """Action → its rules. Raises `MatrixMalformed`."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        return read_rules(csv.DictReader(source, strict=True))


def read_rules(rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[Rule, ...]]:
    """Action → its rules, from rows of text. Raises `MatrixMalformed` naming the row."""
    found: dict[str, tuple[Rule, ...]] = {}
    for number, row in enumerate(rows, start=2):
        rule = _read_rule(row, number)
        held = found.get(rule.action, ())
        if any((rule.role, rule.reach) == (other.role, other.reach) for other in held):
            raise MatrixMalformed(f"row {number}: {rule.action} says twice what {rule.role} may")
        found[rule.action] = (*held, rule)
    return found


def _read_rule(row: Mapping[str, str], number: int) -> Rule:
    if set(row) != {"action", "role", "reach", "states"} or not all(row.values()):
        raise MatrixMalformed(f"row {number}: action, role, reach and states are needed")
    role, reach = row["role"], row["reach"]
    if role not in ROLES and role != "*" and not role.startswith(("key:", "platform:")):
        raise MatrixMalformed(f"row {number}: no role {role!r}")
    if reach not in REACHES:
        raise MatrixMalformed(f"row {number}: no reach {reach!r}")
    states = None if row["states"] == "*" else frozenset(row["states"].split())
    return Rule(row["action"], role, reach, states)


def rules_of(action: str) -> tuple[Rule, ...]:
    """The rules of an action. Raises KeyError for one that the matrix does not know."""
    return matrix()[action]


def rules_for(principal: Principal, action: str) -> tuple[Rule, ...]:
    """The rules of an action that speak of this principal; none means that the role may never do it."""
    roles = principal.matrix_roles
    return tuple(rule for rule in rules_of(action) if rule.role in roles)


def may_enter(principal: Principal | None, action: str) -> bool:
    """Whether the principal's role may do the action to anything at all: for menus, not for decisions."""
    return principal is not None and bool(rules_for(principal, action))


def may(principal: Principal | None, action: str, subject: Subject) -> bool:
    """Whether the matrix lets the principal do the action to the subject: for what a page offers."""
    return principal is not None and refusal(principal, action, subject) is None


def refusal(principal: Principal, action: str, subject: Subject) -> Refusal | None:
    """Why the matrix refuses: the role, whose object it is, or the state it is in. None: it allows."""
    held = rules_for(principal, action)
    if not held:
        return "role"
    within = [rule for rule in held if is_within(principal, rule.reach, subject)]
    if not within:
        return "reach"
    if not any(rule.states is None or subject.state in rule.states for rule in within):
        return "state"
    return None


def is_within(principal: Principal, reach: str, subject: Subject) -> bool:
    """Whether the subject lies within the reach of what the principal acts for."""
    match reach:
        case "any":
            return True
        case "belt":
            return principal.area == ""
        case "own_person":
            return principal.person_id is not None and principal.person_id in subject.person_ids
        case "own_party":
            return principal.party_id is not None and principal.party_id == subject.enterprise_id
        case "own_institution":
            return principal.party_id is not None and principal.party_id == subject.institution_id
        case "own_station":
            return (
                principal.party_id is not None
                and principal.party_id == subject.operator_id
                and principal.province == subject.station_province
            )
        case "own_province":
            return principal.province is not None and principal.province in _provinces(subject)
        case "own_area":
            return principal.area is not None and any(
                code.startswith(principal.area)
                for code in (subject.home_area, subject.station_province)
                if code
            )
    raise ValueError(reach)


def _provinces(subject: Subject) -> set[str]:
    found = {subject.station_province} if subject.station_province else set()
    return found | ({f"{subject.home_area[:2]}0000"} if subject.home_area else set())
