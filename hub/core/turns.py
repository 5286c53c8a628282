"""Threads that want the same thing, served in the order in which they came."""

import threading
from collections import deque


class Turns:
    """One turn, handed from thread to thread. Unlike a lock it is fair, and whoever waits costs nothing meanwhile."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for the turn, at most so long; whether it came."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine not in self._waiting:
                return True  # it was handed over at the last moment
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        """Hand the turn to whoever has waited longest. Only for the thread that has it, or on its behalf."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
