"""What ends a read that would not end by itself: too many pages, bytes or seconds, and pages that go in circles."""

from dataclasses import dataclass, field
from hashlib import sha256

from adapters.contract import Limits, NativePage
from adapters.errors import LimitExceeded, LoopDetected


@dataclass(slots=True)
class Watch:
    """The guard of one read. `began` and the instants given to `check` are seconds of the same clock.

    A page that came before proves no loop: a walk by time asks for the second it stands on again, and a source that
    forgot its token is read from the start once more. What goes in circles is a read that brings nothing new for
    longer than all it has brought so far; it is found after at most twice the honest pages and one.
    """

    limits: Limits
    began: float
    may_repeat_pages: bool = False
    pages: int = 0
    size: int = 0
    fresh: int = 0
    repeated: int = 0
    cursors: set[str] = field(default_factory=set)
    prints: set[bytes] = field(default_factory=set)

    def check(self, page: NativePage, now: float) -> None:
        """Count a page. Raises `LoopDetected` or `LimitExceeded`."""
        self.pages += 1
        self.size += sum(len(record.raw) for record in page.records)
        if not self.may_repeat_pages:
            self._check_loop(page)
        if self.pages > self.limits.run_pages:
            raise LimitExceeded(
                f"超过每次 {self.limits.run_pages} 页的上限",
                f"more than {self.limits.run_pages} pages in one run",
            )
        if self.size > self.limits.run_bytes:
            raise LimitExceeded(
                f"超过每次 {self.limits.run_bytes} 字节的上限",
                f"more than {self.limits.run_bytes} bytes in one run",
            )
        if now - self.began > self.limits.run_seconds:
            raise LimitExceeded(
                f"超过每次 {self.limits.run_seconds:.0f} 秒的上限",
                f"more than {self.limits.run_seconds:.0f} seconds in one run",
            )

    def _check_loop(self, page: NativePage) -> None:
        if self._is_fresh(page):
            self.fresh += 1
            self.repeated = 0
            return
        self.repeated += 1
        if self.repeated > self.fresh and not page.is_last:
            raise LoopDetected(
                f"来源平台连续 {self.repeated} 页没有给出任何新内容，翻页在原地打转",
                f"the platform gave {self.repeated} pages in a row without anything new: it goes in circles",
            )

    def _is_fresh(self, page: NativePage) -> bool:
        """Whether the page holds what none before held; an empty one, whether it leads somewhere new."""
        if page.records or page.damaged:
            pieces = [record.raw for record in page.records] + [piece.raw for piece in page.damaged]
            printed, held = sha256(b"\0".join(pieces)).digest(), self.prints
            is_fresh = printed not in held
            held.add(printed)
        else:
            is_fresh = page.cursor not in self.cursors
        self.cursors.add(page.cursor)
        return is_fresh
