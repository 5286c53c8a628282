"""The one table of who may do what: what it says, and that the decision reads it like that."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import schemas
from hub.identity import rules
from hub.identity.rules import Principal, Rule, Subject, Terms, matrix, refusal
from tests.hub.identity.conftest import INSTITUTION

ROOT = Path(__file__).resolve().parents[3]


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
    commands = {
        f"{domain}.{command}"
        for domain in ("booking", "usage")
        for command in schemas.codes(f"{domain}_command")
    }
    unused = {action for action in matrix() if f'"{action}"' not in sources and action not in commands}
    assert unused == set()


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
