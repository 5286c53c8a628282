"""The own share's payment: in which state it is and what brought it there. Pure, integer fen.

The state follows from the amounts, the try that is under way and the day (`state_of`); the machine `payment` of the
specification says which commands lead from one state to the next, and that no other way exists.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import schemas

MACHINE = schemas.machine("payment")

UnderWay = Literal["none", "initiated", "unknown"]


@dataclass(frozen=True, slots=True)
class Money:
    """How a payment stands: what is owed, came in, went back and is on its way back (fen), the try under way, the day over.

    What is on its way back does not pay for anything any more.
    """

    owed_fen: int
    paid_fen: int = 0
    refunded_fen: int = 0
    going_back_fen: int = 0
    under_way: UnderWay = "none"
    is_late: bool = False

    @property
    def outstanding_fen(self) -> int:
        """What is still to be paid; never below 0."""
        return max(0, self.owed_fen - self._here_fen)

    @property
    def excess_fen(self) -> int:
        """What came in and is no longer owed; never below 0."""
        return max(0, self._here_fen - self.owed_fen)

    @property
    def _here_fen(self) -> int:
        return self.paid_fen - self.refunded_fen - self.going_back_fen


def state_of(money: Money) -> str:
    """The state that these amounts mean."""
    if money.outstanding_fen:
        if money.under_way != "none":
            return money.under_way
        return "overdue" if money.is_late else "due"
    if money.paid_fen == 0:
        return "none"
    if money.refunded_fen == 0:
        return "paid"
    return "refunded" if money.refunded_fen == money.paid_fen else "partly_refunded"


_STRUCTURE = frozenset(
    {"owe", "fall_overdue", "give_time", "initiate", "lose_sight", "find_again", "fall_through"}
)
"""Commands that may come one after the other when amounts change while something else is under way."""


def steps_between(before: str, after: str, side: str) -> list[tuple[str, str]]:
    """What leads from one state to the other: (command, state), none when nothing changes, mostly one.

    One step is a command of this side; several are made of what the hub notes down itself. Raises ValueError where the
    machine knows no way: a fault of the program.
    """
    if before == after:
        return []
    for row in MACHINE.transitions:
        if before in row.sources and row.target == after and side in row.by:
            return [(row.command, after)]
    ways: list[tuple[str, list[tuple[str, str]]]] = [(before, [])]
    seen = {before}
    for state, steps in ways:
        for row in MACHINE.transitions:
            if state not in row.sources or row.command not in _STRUCTURE or row.target in seen:
                continue
            way = [*steps, (row.command, row.target)]
            if row.target == after:
                return way
            seen.add(row.target)
            ways.append((row.target, way))
    raise ValueError(f"no way from {before} to {after} for {side}")


def is_late(due_on: date | None, today: date) -> bool:
    """Whether the last day to pay is over."""
    return due_on is not None and today > due_on


def refund_parts(excess_fen: int, returnable: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """By which tries an excess goes back, the newest first: (attempt, fen). `returnable` is in the order of coming in.

    What came in and did not go back is at least the excess; else ValueError.
    """
    parts: list[tuple[str, int]] = []
    for attempt_id, fen in reversed(returnable):
        part = min(fen, excess_fen)
        if part:
            parts.append((attempt_id, part))
            excess_fen -= part
    if excess_fen:
        raise ValueError("more is to go back than came in")
    return parts
