"""The state machines of the specification: states, who may command what in which state, what follows. Data, in `v1/machines/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from schemas.codelists import FOLDER
from schemas.errors import UnknownMachine

NONE, SAME, RESUME = "none", "$same", "$resume"
"""Where a transition begins when nothing is there yet; where it ends when the state stays, or goes back to an earlier one."""

NAMES = ("booking", "usage", "application", "settlement-batch", "payment")


@dataclass(frozen=True, slots=True)
class State:
    """One state. `turn` is the side that must act next (`other_side`: the one that did not propose, `hub`, `both`, `none`).

    `phase` groups states for people; `claim` says what is held of the slot meanwhile: none, held, confirmed, or kept
    (as it was before).
    """

    code: str
    phase: str
    turn: str
    claim: str

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more has to happen by itself."""
        return self.phase == "ended"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: `command`, given by one of the sides `by` in one of the states `sources`, leads to `target`.

    `target` is a state, `$same` or `$resume`. `guards` are named conditions that must hold, `effects` what happens in
    the same transaction.
    """

    command: str
    sources: frozenset[str]
    target: str
    by: frozenset[str]
    guards: tuple[str, ...]
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """What an answer of a province means: `command`, after the commands that must have happened `after` which it comes.

    `otherwise` is the command where `command` is not possible.
    """

    command: str
    after: tuple[str, ...]
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine: `states` by code, `transitions` in the order of the file, `answers` by kind."""

    name: str
    zh: str
    en: str
    sides: tuple[str, ...]
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    answers: Mapping[str, AnswerRule]

    def find(self, state: str, command: str, side: str) -> Transition | None:
        """The row for a command given by a side in a state, its guards not yet asked; None when there is none."""
        return _index(self.name).get((state, command, side))

    def commands(self, state: str, side: str) -> tuple[str, ...]:
        """What a side may command in a state, as far as the state decides it, in the order of the file."""
        found = (t.command for t in self.transitions if state in t.sources and side in t.by)
        return tuple(dict.fromkeys(found))


def machine_names() -> tuple[str, ...]:
    """The names of all state machines."""
    return NAMES


@cache
def machine(name: str) -> Machine:
    """The state machine of this name; raises UnknownMachine. The same object every time."""
    told = machine_source(name)
    return Machine(
        name=told["name"],
        zh=told["title"],
        en=told["x-title-en"],
        sides=tuple(told["sides"]),
        states=MappingProxyType({state["code"]: State(**state) for state in told["states"]}),
        transitions=tuple(_transition(row) for row in told["transitions"]),
        answers=MappingProxyType(
            {
                kind: AnswerRule(rule["command"], tuple(rule["after"]), rule.get("otherwise"))
                for kind, rule in told["answers"].items()
            }
        ),
    )


@cache
def machine_source(name: str) -> dict[str, Any]:
    """The machine's JSON as published, not to be changed; raises UnknownMachine."""
    if name not in NAMES:
        raise UnknownMachine(f"no state machine named {name!r}; there are: {', '.join(NAMES)}")
    content: dict[str, Any] = json.loads((FOLDER / "machines" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def _transition(row: Mapping[str, Any]) -> Transition:
    return Transition(
        row["command"],
        frozenset(row["from"]),
        row["to"],
        frozenset(row["by"]),
        tuple(row["guards"]),
        tuple(row["effects"]),
    )


@cache
def _index(name: str) -> Mapping[tuple[str, str, str], Transition]:
    return {
        (state, row.command, side): row
        for row in machine(name).transitions
        for state in row.sources
        for side in row.by
    }
