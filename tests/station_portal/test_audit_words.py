"""Every action that the audit can hold, and every part of the hub that acts by itself, has words in both languages."""

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import schemas
from hub.federation.service import holds
from station_portal import audit_words
from station_portal.i18n import language

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
    "hub/settlement/service/periods/acting.py": family("batch"),
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


def parts_of_the_hub() -> set[str]:
    """Every `system:…` that the hub names itself by."""
    nodes = (
        node
        for path in (ROOT / "hub").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch(r"system:[a-z_]+", text)}


def test_every_part_of_the_hub_that_acts_has_words() -> None:
    found = parts_of_the_hub()
    assert {"system:cli", "system:retention"} <= found
    assert found == set(audit_words.actors()), "each has a row, and no row is of something that is gone"
    for zh, en in audit_words.actors().values():
        assert any("一" <= letter <= "鿿" for letter in zh)
        assert en
        assert "system" not in en + zh


def test_the_hub_is_told_in_words_and_people_by_their_names() -> None:
    zh, en = language("zh"), language("en")
    assert audit_words.actor("system:retention", zh) == "系统（到期清除）"
    assert audit_words.short_actor("system:retention", en) == "The hub (retention)"
    assert audit_words.actor("account:admin", zh) == "account:admin"
    assert audit_words.short_actor("account:admin", en) == "admin"
    assert audit_words.short_actor("system:elsewhere", en) == "elsewhere"
    assert audit_words.short_actor("", zh) == ""
