"""Every action that the audit can hold has words in both languages, from one table and the specification's code lists."""

import ast
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import schemas
from hub.federation.service import holds
from station_portal import audit_words

ROOT = Path(__file__).resolve().parents[2]


def family(domain: str) -> set[str]:
    return {f"{domain}.{verb}" for verb in schemas.codes(audit_words.FAMILIES[domain])}


DYNAMIC: Mapping[str, set[str]] = {
    "hub/availability/service/keeping.py": {"availability.keep_rules", "availability.keep_tariff"},
    "hub/bookings/service/commands.py": family("bookings"),
    "hub/bookings/service/usages.py": family("usage"),
    "hub/catalog/service/deletions.py": {f"catalog.{each}_deletions" for each in get_args(holds.Decision)},
    "hub/identity/service/people.py": {"identity.switch_on", "identity.switch_off"},
    "hub/settlement/service/applications/moving.py": family("application"),
    "hub/settlement/service/officer_keys.py": {
        f"settlement.{verb}_signing_key" for verb in ("enrol", "approve", "revoke")
    },
    "hub/settlement/service/payments/transfers.py": {
        f"payments.{verb}" for verb in ("confirm", "refuse", "refund")
    },
}
"""Modules whose action is put together: what it can be. A new one stands here, or the test fails."""


def written(path: Path) -> Iterator[str | None]:
    """The actions that a module gives to the audit; None for one that is not written out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        place = {"record": 2, "Seen": 1}.get(node.func.attr)
        owner = node.func.value
        if place is None or not isinstance(owner, ast.Name) or owner.id != "audit" or len(node.args) <= place:
            continue
        action = node.args[place]
        yield str(action.value) if isinstance(action, ast.Constant) else None


def recorded() -> set[str]:
    found: set[str] = {"audit.erase_person", "audit.erase_due"}
    for folder in ("hub", "station_portal"):
        for path in (ROOT / folder).rglob("*.py"):
            for action in written(path):
                found |= DYNAMIC[str(path.relative_to(ROOT))] if action is None else {action}
    return found


def test_every_recorded_action_and_every_action_of_the_matrix_has_words() -> None:
    found = recorded()
    assert {"identity.sign_in", "identity.refuse", "bookings.accept"} <= found
    with (ROOT / "hub/identity/matrix.csv").open(encoding="utf-8", newline="") as source:
        found |= {row["action"] for row in csv.DictReader(source)}
    assert sorted(action for action in found if audit_words.words_of(action) is None) == []


def test_words_are_complete_and_no_code_is_among_them() -> None:
    for action, (zh, en) in audit_words.table().items():
        assert zh, action
        assert en, action
        assert "_" not in zh + en, action
        assert any("一" <= letter <= "鿿" for letter in zh), action


def test_a_code_that_nobody_knows_stays_what_it_is() -> None:
    assert audit_words.words_of("elsewhere.did_something") is None
    assert audit_words.words_of("bookings.accept") == ("预约：受理", "Booking: Accept")
