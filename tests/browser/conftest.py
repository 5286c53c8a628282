"""A running portal over the small world, a real Chromium, and visitors whose faults fail the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser

from hub.core.runtime import Runtime
from station_portal.app import create_app
from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.station_portal.conftest import build


class Portal:
    """The portal on a free port of this machine, served from a thread of this process."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.app = create_app(runtime)
        settings = uvicorn.Config(self.app, log_level="warning", ws="none", lifespan="on")
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the portal did not start within 20 s")
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The running portal."""
    held = Portal(build(tmp_path_factory.mktemp("portal")))
    held.start()
    yield held
    held.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    with chromium.started() as held:
        yield held


@pytest.fixture
def visit(browser: Browser, portal: Portal) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; at the end none of their pages may have complained."""
    made: list[Visitor] = []

    def arrive(**wishes: Any) -> Visitor:
        visitor = Visitor(browser, portal.base, **wishes)
        made.append(visitor)
        return visitor

    yield arrive
    faults = [fault for visitor in made for fault in visitor.faults]
    for visitor in made:
        visitor.close()
    assert faults == []


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures for the documents go."""
    return Path(__file__).resolve().parents[2] / "docs" / "screens"
