"""`hub demo` as a person runs it: the whole belt, Ctrl-C, and again on the same home."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.core import outbox
from tests.e2e.demo import INSTRUMENTS, STOP_SECONDS, Demo

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


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
    first.fill()
    assert len(first.children()) == len(("simulators", "web", "beat", *outbox.QUEUES))  # each once
    assert first.stop(signal.SIGINT) < STOP_SECONDS
    second = demo()
    assert sum(second.counts()) == INSTRUMENTS
    assert second.stop(signal.SIGTERM) < STOP_SECONDS
    told = json.loads((first.log.with_name("home") / "demo" / "hub.json").read_text())
    assert told["url"] == second.url
