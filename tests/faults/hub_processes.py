"""The hub's real processes over one home, started and killed by a test: `python -m hub.cli …`, logs kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub import worker
from hub.core import broker
from hub.core.settings import Settings
from tests.e2e.processes import ROOT


class HubProcesses:
    """Every process started here is gone when the test ends."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
        """Start `hub <words>`; its log is `<name>.log` under the home."""
        settings = self.settings
        told = {
            **{key: value for key, value in os.environ.items() if not key.startswith("HUB_")},
            "HUB_HOME": str(settings.home),
            "HUB_DATABASE_URL": settings.database_url,
            "HUB_BROKER_URL": settings.broker_url,
            "HUB_CONNECTIONS": str(settings.connections),
            "HUB_SYNC_CONCURRENCY": str(settings.sync_concurrency),
            **env,
        }
        with (settings.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", *words],
                env=told,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=ROOT,
            )
        self._running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """`kill -9` of the process and everything it started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self._running:
            if process.poll() is None:
                self.kill(process)

    def cpu_seconds(self) -> float:
        """User and system seconds of all that runs here, with what they started (Linux: `proc_pid_stat(5)`)."""
        leaders = {process.pid for process in self._running}
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended this moment; its parent has counted it
            if int(fields[3]) in leaders:  # the session; then user, system, and those of children that ended
                ticks += sum(int(fields[place]) for place in (11, 12, 13, 14))
        return ticks / os.sysconf("SC_CLK_TCK")

    def logs(self) -> str:
        """Everything that was logged."""
        return "\n".join(path.read_text(errors="replace") for path in self.settings.home.glob("*.log"))

    def wait(self, is_so: Callable[[], Any], seconds: float) -> None:
        """Wait until something is so; the logs are told when it takes longer."""
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, f"not within {seconds} s\n{self.logs()[-6000:]}"
            time.sleep(0.05)


@contextmanager
def hub_processes(settings: Settings) -> Iterator[HubProcesses]:
    """Processes over these settings; the broker is declared as the supervisor does it."""
    broker.declare(worker.create_celery(settings))
    held = HubProcesses(settings)
    try:
        yield held
    finally:
        held.end()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
