"""What a read may cost: pages, bytes, seconds; and whether it goes in circles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from adapters.contract import Limits, NativeRecord
from adapters.errors import LimitExceeded, LoopDetected
from adapters.transports.pacing import Pacing


class RunGuard:
    """One per read. Every check raises; none changes anything but its own counts."""

    def __init__(self, limits: Limits, pacing: Pacing) -> None:
        self._limits = limits
        self._clock = pacing.clock
        self._started = pacing.clock()
        self._pages = 0
        self._bytes = 0
        self._tokens: set[str] = set()
        self._hashes: set[bytes] = set()

    def count_cost(self, size: int) -> None:
        """Count one more page, `size` bytes as received. Raises `LimitExceeded`."""
        self._pages += 1
        self._bytes += size
        self.check_time()
        if self._pages > self._limits.run_pages:
            raise over("页数", "pages", self._limits.run_pages)
        if self._bytes > self._limits.run_bytes:
            raise over("字节数", "bytes", self._limits.run_bytes)

    def count_page(self, records: Iterable[NativeRecord], size: int) -> None:
        """Count an answer of a platform. Raises `LimitExceeded`, or `LoopDetected` for a page that came before."""
        self.count_cost(size)
        digest = hashlib.sha256()
        empty = True
        for record in records:
            digest.update(record.raw)
            empty = False
        if empty:
            return
        if digest.digest() in self._hashes:
            raise LoopDetected("平台重复给出同一页", "the platform gave the same page again")
        self._hashes.add(digest.digest())

    def count_token(self, token: str) -> None:
        """Remember a continuation token. Raises `LoopDetected` when it came before."""
        if token in self._tokens:
            raise LoopDetected(
                "平台重复给出同一续传令牌", "the platform gave the same continuation token again"
            )
        self._tokens.add(token)

    def start_over(self) -> None:
        """The read begins again by design: what came before may come again. Costs go on counting."""
        self._tokens.clear()
        self._hashes.clear()

    def check_time(self) -> None:
        """Raises `LimitExceeded` when the read has taken too long."""
        if self._clock() - self._started > self._limits.run_seconds:
            raise over("秒数", "seconds", self._limits.run_seconds)


class Deadline:
    """Seconds one file may take to parse."""

    def __init__(self, seconds: float, pacing: Pacing) -> None:
        self._seconds = seconds
        self._clock = pacing.clock
        self._ends = pacing.clock() + seconds

    def check(self) -> None:
        """Raises `LimitExceeded` after the end."""
        if self._clock() > self._ends:
            raise over("解析秒数", "seconds of parsing", self._seconds)


def over(zh: str, en: str, limit: float) -> LimitExceeded:
    """A cap was reached."""
    return LimitExceeded(f"{zh}超过上限 {limit:g}", f"more than {limit:g} {en}")
