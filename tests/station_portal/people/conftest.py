"""The small world with the demo's people, and their browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity import queries
from tests.station_portal.conftest import browser_of, copy_of, csrf_of, text_of

Enter = Callable[[str], httpx.Client]


@pytest.fixture(scope="session")
def _peopled(small_world: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The small world with the demo's people, made once."""
    runtime = copy_of(small_world, tmp_path_factory.mktemp("people") / "home")
    demo_people.put_offices(runtime.database, demo_people.belt(), clock=runtime.clock)
    yield runtime
    runtime.close()


@pytest.fixture
def hub(_peopled: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A copy of it that a test may change."""
    runtime = copy_of(_peopled, tmp_path / "home")
    yield runtime
    runtime.close()


_opened: list[httpx.Client] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def browser(hub: Runtime) -> httpx.Client:
    """A browser of its own, closed when the test ends."""
    _opened.append(browser_of(hub))
    return _opened[-1]


@pytest.fixture
def enter(hub: Runtime) -> Enter:
    """Sign somebody in by the form, in a browser of their own."""

    def sign_in(username: str) -> httpx.Client:
        client = browser(hub)
        answer = client.post("/sign-in", data={"username": username, "password": demo_people.PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return sign_in


def send(client: httpx.Client, page: str, action: str, **fields: object) -> httpx.Response:
    """Send a form of a page with the token that the page carries."""
    token = csrf_of(client.get(page).text)
    files = fields.pop("files", None)
    return client.post(action, data={"csrf_token": token, **fields}, files=files)  # type: ignore[arg-type]


def read(client: httpx.Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return text_of(answer.text)


def invite(client: httpx.Client, page: str = "/organisation", **fields: object) -> str:
    answer = send(client, page, f"{page}/invitations", **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r"/invitations/([\w-]+)\"", answer.text)
    assert found is not None
    return found.group(1)


def admin_of(hub: Runtime) -> httpx.Client:
    client = browser(hub)
    client.post("/sign-in", data={"username": "admin", "password": "a-long-enough-password"})
    return client


def person_id(hub: Runtime, username: str) -> str:
    with hub.database.read() as session:
        account = queries.account_named(session, username)
        assert account is not None
        return account.person_id
