"""What an answer of a province means for a booking in its present state. Pure.

Answers come in any order, any number of times, also years late. An answer implies what must have happened before it:
a province that says "done" has accepted. One that contradicts what is final is never applied: the province is told to
cancel where that is possible, otherwise a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from hub.bookings.rules.deciding import MACHINE, Command, Facts, Transition, decide, is_provider

Verdict = Literal["apply", "nothing", "tell_to_cancel", "undone", "contradiction"]

_ALIVE = frozenset({"received", "accepted", "proposed", "agreed", "declined"})
"""The province holds the order and has not begun the service."""

_GONE = frozenset({"rejected", "cancelled"})
"""The province holds nothing any more."""

_UNDOABLE = frozenset({"expired", "forward_failed", "cancelled", "rejected"})

_RANK = {
    state: rank
    for rank, states in enumerate(
        (
            ("submitted", "forward_unknown"),
            ("forwarded",),
            ("reschedule_proposed",),
            ("accepted",),
            ("sample_received",),
            ("in_service",),
            ("service_done",),
            ("report_delivered",),
            ("completed", "no_show"),
        )
    )
    for state in states
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with an answer: the commands to carry out in this order, or the reason for none."""

    verdict: Verdict
    commands: tuple[str, ...] = ()


def plan(facts: Facts, kind: str, *, names_other_slot: bool, names_proposal: bool, now: datetime) -> Plan:
    """What an answer of this kind asks for.

    `names_other_slot`: it names a time that is neither the booked nor the proposed one; an acceptance at another time
    is a proposal. `names_proposal`: it names the open proposal's time; an acceptance of it is an agreement.
    """
    if kind == "accepted" and names_proposal:
        kind = "agreed"
    elif kind == "accepted" and names_other_slot:
        kind = "proposed"
    if kind == "proposed" and names_proposal and is_provider(facts.proposal_by):
        return Plan("nothing")
    if facts.state in _UNDOABLE or facts.state == "compensation_stuck":
        return _after_the_end(facts, kind)
    if facts.state == "cancelling" and kind in _ALIVE:
        return Plan("nothing")  # sent before the cancellation arrived; the answer to that one decides
    rule = MACHINE.answers[kind]
    wanted = (rule.command, rule.otherwise) if rule.otherwise else (rule.command,)
    if facts.state == "cancelling" and kind in _GONE:
        wanted = ("confirm_cancel",)
    for command in wanted:
        path = _path(facts, rule.after, command, now)
        if path is not None:
            return Plan("apply", path)
    return Plan("nothing" if _has_happened(facts, rule.command) else "contradiction")


def _after_the_end(facts: Facts, kind: str) -> Plan:
    if kind in _GONE:
        if facts.state == "compensation_stuck":
            return Plan("undone", ("resolve_stuck",))
        return Plan("undone" if facts.undo == "open" else "nothing")
    return Plan("tell_to_cancel" if kind in _ALIVE else "contradiction")


def _path(facts: Facts, after: Sequence[str], command: str, now: datetime) -> tuple[str, ...] | None:
    """The commands from the present state up to `command`, as few as possible; None when there is no way."""
    done: list[str] = []
    for step in (*after, command):
        if _moved(facts, command, now) is not None:
            break
        moved = _moved(facts, step, now)
        if moved is not None:
            facts, done = moved, [*done, step]
    return (*done, command) if _moved(facts, command, now) is not None else None


def _moved(facts: Facts, name: str, now: datetime) -> Facts | None:
    command = Command(name, "platform", reason="given", has_usage=True, has_report=True, is_implied=True)
    found = decide(facts, command, now)
    if not isinstance(found, Transition):
        return None
    still_open = facts.proposal_by if found.target == "reschedule_proposed" else None
    return replace(facts, state=found.target, resume=found.resume, proposal_by=still_open)


def _has_happened(facts: Facts, command: str) -> bool:
    """Whether the booking is already where the command leads, or further on."""
    stands = facts.resume if facts.state == "reschedule_proposed" and facts.resume else facts.state
    here = _RANK.get(stands, -1)
    targets = {row.target for row in MACHINE.transitions if row.command == command}
    if command in {"agree", "decline", "refuse_cancel", "propose"}:
        return facts.state not in {"submitted", "forward_unknown"}
    return here >= 0 and any(_RANK.get(target, len(_RANK)) <= here for target in targets)
