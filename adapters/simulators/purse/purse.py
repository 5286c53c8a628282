"""A home system's own vouchers: what holders were granted, what they spent locally, what only the hub may spend.

The one rule that keeps the grant whole: money named in an allotment is nobody else's until the hub has answered that it
went back. Raising is set aside before it is told; lowering frees nothing before the answer to that very revision.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class PurseEmpty(Exception):
    """The holder does not have that much to spend or to allot."""


@dataclass
class Allotted:
    """One allotment. `asked` is what the hub was told last, `reserved` what it may hold at most; `answered` the last
    revision that the hub has answered. `held` and `captured` are what the hub reported last of its orders; None: never.
    """

    id: str
    programme: str
    holder: str
    until: str
    asked: int = 0
    reserved: int = 0
    revision: int = 0
    answered: int = 0
    held: int | None = None
    captured: int | None = None


@dataclass
class Purse:
    """All of one programme area; amounts in fen. Safe from several threads."""

    grants: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    allotments: dict[str, Allotted] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._lock = threading.RLock()

    def grant(self, holder: str, fen: int) -> None:
        """Give a holder so much more."""
        with self._lock:
            self.grants[holder] = self.grants.get(holder, 0) + fen
            self.changed()

    def left(self, holder: str) -> int:
        """What may still be spent locally or allotted."""
        with self._lock:
            reserved = sum(each.reserved for each in self.allotments.values() if each.holder == holder)
            return self.grants.get(holder, 0) - self.spent.get(holder, 0) - reserved

    def spend(self, holder: str, fen: int) -> None:
        """Spend locally. Raises `PurseEmpty`."""
        with self._lock:
            if fen > self.left(holder):
                raise PurseEmpty(holder)
            self.spent[holder] = self.spent.get(holder, 0) + fen
            self.changed()

    def allot(
        self, name: str, fen: int, *, holder: str = "", programme: str = "", until: str = ""
    ) -> Allotted:
        """Give the hub an allotment, or raise, lower or take it back; to be told as the next revision.

        Raises `PurseEmpty` when it would be raised beyond what is left.
        """
        with self._lock:
            held = self.allotments.get(name) or Allotted(name, programme, holder, until)
            more = fen - held.reserved
            if more > self.left(held.holder):
                raise PurseEmpty(held.holder)
            held.asked, held.reserved = fen, max(held.reserved, fen)
            held.until = until or held.until
            held.revision += 1
            self.allotments[name] = held
            self.changed()
            return held

    def waiting(self) -> list[Allotted]:
        """Allotments whose latest revision was not answered."""
        with self._lock:
            return [each for each in self.allotments.values() if each.answered < each.revision]

    def answer(self, name: str, revision: int, allotted: int) -> bool:
        """The hub's answer: it may spend so much. Counts only for the revision that stands; whether it did."""
        with self._lock:
            held = self.allotments.get(name)
            if held is None or revision != held.revision:
                return False
            held.answered = revision
            held.reserved = min(held.reserved, max(allotted, 0))
            self.changed()
            return True

    def note_use(self, name: str, held: int, captured: int) -> bool:
        """What the hub reports of its orders on an allotment; whether it is one that was given."""
        with self._lock:
            known = self.allotments.get(name)
            if known is None:
                return False
            if (known.held, known.captured) != (held, captured):
                known.held, known.captured = held, captured
                self.changed()
            return True
