"""A hub with the demo's offices, one institution's people, and rated lines with their postings: for pages of finance and audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hub.cli import demo_people
from hub.core import sequencer
from hub.core.runtime import Runtime
from hub.settlement import rules, service
from tests.hub.settlement import rated
from tests.station_portal.conftest import browser_of, copy_of, csrf_of, text_of

Enter = Callable[[str], httpx.Client]
VISITED, HOME = "420000", "330000"
"""The province with the most instruments of the small world serves; Zhejiang's enterprises use."""


@pytest.fixture(scope="session")
def _financed(small_world: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    runtime = copy_of(small_world, tmp_path_factory.mktemp("finance") / "home")
    demo_people.put_offices(runtime.database, demo_people.belt(), clock=runtime.clock)
    demo_people.put_institutions(runtime.database, [VISITED], clock=runtime.clock)
    with runtime.database.write() as session:
        service.load_programmes(session, rules.demo(), actor="system:test", now=runtime.clock())
    yield runtime
    runtime.close()


@pytest.fixture
def hub(_financed: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A copy that a test may change."""
    runtime = copy_of(_financed, tmp_path / "home")
    yield runtime
    runtime.close()


_opened: list[httpx.Client] = []


@pytest.fixture
def enter(hub: Runtime) -> Iterator[Enter]:
    """Sign somebody of the demo in, in a browser of their own."""

    def sign_in(username: str) -> httpx.Client:
        _opened.append(browser_of(hub))
        answer = _opened[-1].post("/sign-in", data={"username": username, "password": demo_people.PASSWORD})
        assert answer.status_code == 303, answer.text
        return _opened[-1]

    yield sign_in
    while _opened:
        _opened.pop().close()


def put_lines(hub: Runtime, count: int = 12) -> None:
    """Rated lines of the pair, numbered in the ledger's chain."""
    with hub.database.write() as session:
        for number in range(count):
            rated.line(session, number, visited=VISITED, home=HOME, rated_at=hub.clock())
    number_all(hub)


def number_all(hub: Runtime) -> None:
    while sequencer.number_once(hub.database, now=hub.clock()):
        pass


def send(client: httpx.Client, page: str, action: str, **fields: object) -> httpx.Response:
    """Send a form of a page with the token that the page carries."""
    token = csrf_of(client.get(page).text)
    files = fields.pop("files", None)
    return client.post(action, data={"csrf_token": token, **fields}, files=files)  # type: ignore[arg-type]


def read(client: httpx.Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code, answer.text[:500])
    return text_of(answer.text)
