"""The federation's heavy work in processes of its own, as in a running hub: simulators in one, provinces read in two."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.simulators.serve import CONNECTIONS
from hub import wiring
from hub.catalog.service import sync
from hub.core.runtime import Runtime
from hub.core.settings import Settings

ROOT = Path(__file__).parents[2]
READERS = 2


@contextmanager
def simulators(state: Path, *arguments: str) -> Iterator[Path]:
    """All simulators in a process of their own; the connections file they wrote. `state` is their folder."""
    command = [sys.executable, "-m", "adapters.simulators.serve", "--port", "0", "--state", str(state)]
    state.mkdir(parents=True, exist_ok=True)
    with (state / "log").open("wb") as log:
        process = subprocess.Popen([*command, *arguments], stdout=log, stderr=log, cwd=ROOT)
    try:
        wait_for(lambda: (state / CONNECTIONS).exists() or process.poll() is not None, 60, state / "log")
        assert process.poll() is None, (state / "log").read_text()
        yield state / CONNECTIONS
    finally:
        process.terminate()
        process.wait(10)


def wait_for(is_so: Callable[[], Any], seconds: float, log: Path | None = None) -> None:
    """Wait until something is so; an AssertionError with the log when it takes longer."""
    until = time.monotonic() + seconds
    while not is_so():
        told = log.read_text(errors="replace")[-4000:] if log is not None and log.exists() else ""
        assert time.monotonic() < until, f"not within {seconds} s\n{told}"
        time.sleep(0.02)


_held: list[Runtime] = []


def _open(settings: Settings) -> None:
    _held.append(wiring.build_runtime(settings))


def _read(province: str) -> list[tuple[str, str | None, str]]:
    ends = sync.sync_province(_held[0], province, "manual", actor="system:test", wants_full=True)
    return [(end.resource, end.verdict, end.why) for end in ends]


class Readers:
    """Two processes that read provinces with runtimes of their own."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def read(self, province: str) -> Future[list[tuple[str, str | None, str]]]:
        """Have a province read; how each resource ended: (name, verdict, why it stopped)."""
        return self._pool.submit(_read, province)


@contextmanager
def readers(settings: Settings, count: int = READERS) -> Iterator[Readers]:
    """Processes that read provinces."""
    spawn = multiprocessing.get_context("spawn")  # a fork would take the parent's connections along
    pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=_open, initargs=(settings,))
    try:
        yield Readers(pool)
    finally:  # after a failure nobody waits for what is still unread
        pool.shutdown(cancel_futures=True)
