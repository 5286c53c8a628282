"""Answers of others that a process keeps for a while instead of asking each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    at: datetime


class Kept:
    """Values by name, each with the instant at which it was fetched. For a bounded set of names; safe in threads.

    Nothing is locked while something is fetched: who meets a value that is too old fetches it too, and the last one
    stays. A fetch that raises leaves what was there.
    """

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}
        self._renewed: dict[str, datetime] = {}
        self._lock = Lock()

    def get(self, name: str, fetch: Callable[[], T], *, oldest: timedelta, now: datetime) -> T:
        """The value under this name, not older than `oldest`. Raises what `fetch` raises."""
        with self._lock:
            held = self._answers.get(name)
        if held is not None and timedelta(0) <= now - held.at <= oldest:
            value: T = held.value
            return value
        return self._fetch(name, fetch, now)

    def renew(
        self, name: str, fetch: Callable[[], T], *, at_most_every: timedelta, now: datetime
    ) -> T | None:
        """A fresh value in the place of the one that is kept; None when that was done less than `at_most_every` ago.

        Counted before it is fetched, so that a source that is down is not asked more often than one that answers.
        Raises what `fetch` raises.
        """
        with self._lock:
            before = self._renewed.get(name)
            if before is not None and timedelta(0) <= now - before < at_most_every:
                return None
            self._renewed[name] = now
        return self._fetch(name, fetch, now)

    def forget(self, name: str) -> None:
        """Fetch it again the next time. Safe to repeat."""
        with self._lock:
            self._answers.pop(name, None)

    def _fetch(self, name: str, fetch: Callable[[], T], now: datetime) -> T:
        value = fetch()
        with self._lock:
            self._answers[name] = _Answer(value, now)
        return value
