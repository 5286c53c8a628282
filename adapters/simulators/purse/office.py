"""Lists that a province's office was given, and what it paid. Atomic calls; safe from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from adapters.simulators.purse.purse import Purse
from adapters.simulators.world.province import ProvinceWorld

PAID, BOUNCED = "paid", "bounced"
MISCHIEF = ("twice", "lose", "contradict", "foreign_list", "unknown_state", "other_amount", "other_figures")
"""The next n results are told twice, are never told, are told again as the opposite, name another list, carry a state
that nobody described, or another amount; the next n times figures are asked for, what is held is told one fen too high."""


@dataclass(frozen=True)
class Line:
    """One line to pay, in fen."""

    number: str
    fen: int
    payee: str = ""
    account: str = ""


@dataclass(frozen=True)
class PayList:
    """One list (or statement) as it was taken. `reference` is the other side's number of it."""

    number: str
    reference: str
    digest: str
    fen: int
    lines: tuple[Line, ...]
    at: datetime
    programme: str = ""


@dataclass(frozen=True)
class Result:
    """What became of a line. `position` rises with every fact that is told."""

    position: int
    reference: str
    line: str
    state: str
    fen: int
    paid_on: str
    proof: str
    reason: str
    at: datetime


@dataclass
class Office:
    """One province's voucher office."""

    code: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    purse: Purse = field(default_factory=Purse)
    mischief: dict[str, int] = field(default_factory=dict)
    lists: list[PayList] = field(default_factory=list)
    told: list[Result] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._lock = threading.RLock()

    def take(
        self, reference: str, digest: str, fen: int, lines: Sequence[Line], programme: str = ""
    ) -> PayList:
        """A list comes in: always another one, whatever was there."""
        with self._lock:
            number = f"{self.code[:2]}DF{len(self.lists) + 1:06d}"
            taken = PayList(number, reference, digest, fen, tuple(lines), self.clock(), programme)
            self.lists.append(taken)
            self.changed()
            return taken

    def under(self, reference: str) -> list[PayList]:
        """Every list taken under the other side's number."""
        with self._lock:
            return [each for each in self.lists if each.reference == reference]

    def pay(self, reference: str, line: str) -> None:
        """Staff pay one line of a list that is there."""
        self._tell(reference, line, PAID, "")

    def bounce(self, reference: str, line: str, reason: str) -> None:
        """The bank gave the money of one line back."""
        self._tell(reference, line, BOUNCED, reason)

    def pay_all(self) -> None:
        """Staff pay every line that nothing was said about yet."""
        with self._lock:
            known = {(each.reference, each.line) for each in self.told}
            for held in list(self.lists):
                for line in held.lines:
                    if (held.reference, line.number) not in known:
                        self.pay(held.reference, line.number)

    def waiting(self, before: datetime) -> list[PayList]:
        """Lists that were taken before this instant and of which a line was not told of; once each, the newest copy."""
        with self._lock:
            newest = {each.reference: each for each in self.lists if each.at <= before}
            return [
                each
                for each in newest.values()
                if any(not self.knows(each.reference, line.number) for line in each.lines)
            ]

    def knows(self, reference: str, line: str) -> bool:
        """Whether something was told about the line."""
        with self._lock:
            return any((each.reference, each.line) == (reference, line) for each in self.told)

    def results(self, after: int, most: int = 1_000) -> list[Result]:
        """What is told, from a position on."""
        with self._lock:
            return [each for each in self.told if each.position > after][:most]

    def _tell(self, reference: str, line: str, state: str, reason: str) -> None:
        with self._lock:
            held = next(each for each in self.under(reference) for own in each.lines if own.number == line)
            own = next(each for each in held.lines if each.number == line)
            now = self.clock()
            fact = Result(
                0, reference, line, state, own.fen, f"{now:%Y-%m-%d}",
                f"PZ{len(self.told) + 1:08d}" if state == PAID else "", reason, now,
            )  # fmt: skip
            if state == PAID:
                self.paid[held.programme] = self.paid.get(held.programme, 0) + own.fen
            if not self._takes("lose"):
                for each in self._distorted(fact):
                    self.told.append(replace(each, position=len(self.told) + 1))
            self.changed()

    def _distorted(self, fact: Result) -> list[Result]:
        if self._takes("foreign_list"):
            return [replace(fact, reference=f"{fact.reference}-999")]
        if self._takes("unknown_state"):
            return [replace(fact, state="frozen")]
        if self._takes("other_amount"):
            return [replace(fact, fen=fact.fen + 1)]
        if self._takes("contradict"):
            other = BOUNCED if fact.state == PAID else PAID
            return [fact, replace(fact, state=other, proof="", reason="bank_refused")]
        return [fact, fact] if self._takes("twice") else [fact]

    def is_lying(self) -> bool:
        """Whether the figures that are told now are not what is kept."""
        return self._takes("other_figures")

    def _takes(self, name: str) -> bool:
        if self.mischief.get(name, 0) <= 0:
            return False
        self.mischief[name] -= 1
        return True


_OF_WORLD: WeakKeyDictionary[ProvinceWorld, Office] = WeakKeyDictionary()


def office_of(world: ProvinceWorld) -> Office:
    """The office of this province, made at the first call."""
    if world not in _OF_WORLD:
        _OF_WORLD[world] = Office(world.code)
    return _OF_WORLD[world]


def yuan(fen: int) -> str:
    """Fen as yuan with two digits."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: object) -> int:
    """Yuan with two digits → fen. Raises ValueError."""
    whole, point, rest = str(text).partition(".")
    if not (whole.isdecimal() and point and len(rest) == 2 and rest.isdecimal()):
        raise ValueError(f"no amount: {text}")
    return int(whole) * 100 + int(rest)


def reasons(words: Mapping[str, str], reason: str, nothing: str) -> str:
    """The platform's word for a reason."""
    return words.get(reason, nothing)
