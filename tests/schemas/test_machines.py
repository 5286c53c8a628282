"""State machines as data: they hold together, answer questions, and the check finds what is planted."""

from dataclasses import replace

import pytest

import schemas
from schemas.check import machine_faults
from schemas.machines import Transition

BOOKING = schemas.machine("booking")


def test_the_machines_hold_together() -> None:
    for name in schemas.machine_names():
        assert machine_faults(schemas.machine(name)) == []


def test_an_unknown_machine_is_named() -> None:
    with pytest.raises(schemas.UnknownMachine, match="orders"):
        schemas.machine("orders")


def test_a_row_is_found_by_state_command_and_side() -> None:
    row = BOOKING.find("forwarded", "accept", "provider")
    assert row is not None
    assert row.target == "accepted"
    assert BOOKING.find("forwarded", "accept", "enterprise") is None
    assert BOOKING.find("forwarded", "accept", "hub_admin") is None
    assert BOOKING.find("expired", "accept", "provider") is None


def test_the_administrator_never_answers_for_a_station() -> None:
    answers = {
        "accept",
        "reject",
        "propose",
        "agree",
        "decline",
        "check_in",
        "check_out",
        "deliver",
        "no_show",
    }
    for state in BOOKING.states:
        assert not answers & set(BOOKING.commands(state, "hub_admin"))


def test_an_unknown_outcome_is_left_by_proof_or_by_giving_up() -> None:
    assert set(BOOKING.commands("forward_unknown", "system")) == {
        "acknowledge",
        "prove_absent",
        "fail_forward",
    }


def plant(**changes: object) -> list[str]:
    first = replace(BOOKING.transitions[1], **changes)  # type: ignore[arg-type]
    return machine_faults(replace(BOOKING, transitions=(*BOOKING.transitions, first)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": "approve"}, "command approve"),
        ({"sources": frozenset({"pending"})}, "unknown state pending"),
        ({"by": frozenset({"nobody"})}, "unknown side nobody"),
        ({}, "two rows"),
    ],
)
def test_the_check_finds_what_is_planted(changes: dict[str, object], words: str) -> None:
    assert any(words in fault for fault in plant(**changes))


def test_a_dead_end_and_an_island_are_found() -> None:
    def without(gone: set[str]) -> tuple[Transition, ...]:
        return tuple(row for row in BOOKING.transitions if row.command not in gone)

    dead_end = replace(BOOKING, transitions=without({"confirm_cancel", "refuse_cancel"}))
    assert any("nothing leads out of cancelling" in fault for fault in machine_faults(dead_end))
    island = replace(BOOKING, transitions=without({"stick"}))
    assert any("nothing leads to compensation_stuck" in fault for fault in machine_faults(island))


def test_answers_are_those_of_the_list_and_lead_to_commands_of_the_platform() -> None:
    assert set(BOOKING.answers) | {"unclear"} == set(schemas.codes("booking_answer"))
    given = {row.command for row in BOOKING.transitions if "platform" in row.by}
    for rule in BOOKING.answers.values():
        assert {rule.command, *rule.after, *filter(None, [rule.otherwise])} <= given
