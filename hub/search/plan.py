"""What a query became: the terms to look for. Plain values between understanding a query and running it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hub.search.request import Explanation

Alternative = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that was asked for: any of the alternatives, each of which is all of its terms.

    `needles` are what to mark in the original text, folded.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    needles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The clauses of a query. At least `minimum` must match; `is_impossible` when words were typed and none exists.

    `whole` is the term of documents whose whole name was typed, '' when there are none.
    """

    clauses: tuple[Clause, ...] = ()
    minimum: int = 0
    whole: str = ""
    explanations: tuple[Explanation, ...] = ()
    is_impossible: bool = False
    is_relaxed: bool = False

    @property
    def key(self) -> object:
        """Equal for plans that find the same documents."""
        return tuple(clause.alternatives for clause in self.clauses), self.minimum, self.is_impossible

    def needles(self) -> tuple[str, ...]:
        """What to mark in the original texts."""
        return tuple(needle for clause in self.clauses for needle in clause.needles)

    def relaxed(self, minimum: int) -> Plan:
        """The same query asking for fewer of its words."""
        return replace(self, minimum=minimum, is_relaxed=True)
