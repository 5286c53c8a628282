"""A running `hub demo`, as a person starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.processes import ROOT

INSTRUMENTS = 33_817
STOP_SECONDS = 10


class Demo:
    """One run of the demo; its words are in `log`."""

    def __init__(self, home: Path) -> None:
        self.log = home.with_suffix(f".{time.monotonic_ns()}.log")
        self.home = home
        env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self._env = {**env, "HUB_HOME": str(home), "HUB_PORT": "0", "PYTHONUNBUFFERED": "1"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", "demo"],
                env=self._env,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        self.wait(lambda: "已就绪" in self.words or self.process.poll() is not None, 180)
        found = re.search(r"http://127\.0\.0\.1:[0-9]+", self.words)
        assert found is not None, self.words
        self.url = found[0]

    @property
    def words(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def wait(self, is_so: Callable[[], Any], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, self.words
            time.sleep(0.2)

    def counts(self) -> list[int]:
        """Instruments of each province."""
        items = httpx.get(f"{self.url}/api/v1/provinces", trust_env=False, timeout=30).json()["items"]
        return [item["counts"]["any"] for item in items]

    def fill(self, seconds: float = 300) -> None:
        """Wait until everything is harvested."""
        self.wait(lambda: sum(self.counts()) == INSTRUMENTS, seconds)

    def break_province(self, code: str, fault: dict[str, Any]) -> None:
        """Let a province's platform fail and read it; see `docs/faults.md`."""
        connections = json.loads((self.home / "demo" / "connections.json").read_text("utf-8"))
        platform = connections[code]["base_url"]
        control = f"{platform.rpartition('/')[0]}/_control/{code}/failures"
        httpx.put(control, json=fault, trust_env=False, timeout=30).raise_for_status()
        command = [sys.executable, "-m", "hub.cli", "sync", code]
        subprocess.run(command, env=self._env, cwd=ROOT, check=True, capture_output=True)

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self, number: int = signal.SIGINT) -> float:
        """End it by this signal; the seconds until nobody of it is left."""
        family, begun = [self.process.pid, *self.children()], time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS) == 0, self.words
        self.wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), STOP_SECONDS)
        return time.monotonic() - begun
