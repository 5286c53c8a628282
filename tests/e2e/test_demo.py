"""`hub demo` as a person runs it: the whole belt, Ctrl-C, and again on the same home."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.core import outbox
from tests.e2e.processes import ROOT

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

STOP_SECONDS = 10


class Demo:
    """One run of the demo; its words are in `log`."""

    def __init__(self, home: Path) -> None:
        self.log = home.with_suffix(f".{time.monotonic_ns()}.log")
        env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", "demo"],
                env={**env, "HUB_HOME": str(home), "HUB_PORT": "0", "PYTHONUNBUFFERED": "1"},
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

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self, number: int) -> float:
        """End it by this signal; the seconds until nobody of it is left."""
        family, begun = [self.process.pid, *self.children()], time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS) == 0, self.words
        self.wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), STOP_SECONDS)
        return time.monotonic() - begun


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[[], Demo]]:
    """Starts the demo on this test's home."""
    started: list[Demo] = []

    def start() -> Demo:
        started.append(Demo(tmp_path / "home"))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_the_demo_fills_stops_in_time_and_goes_on_where_it_ended(demo: Callable[[], Demo]) -> None:
    first = demo()
    first.wait(lambda: len(first.counts()) == 11 and all(first.counts()), 300)
    first.wait(lambda: sum(first.counts()) == 33_817, 300)
    assert len(first.children()) == len(("simulators", "web", "beat", *outbox.QUEUES))  # each once
    assert first.stop(signal.SIGINT) < STOP_SECONDS
    second = demo()
    assert sum(second.counts()) == 33_817
    assert second.stop(signal.SIGTERM) < STOP_SECONDS
    told = json.loads((first.log.with_name("home") / "demo" / "hub.json").read_text())
    assert told["url"] == second.url
