"""Browsers of a hub that knows two simulated identity providers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import func, select

from adapters.simulators.partners import Partners
from hub.core.db import Database
from hub.core.partners import partners_of
from hub.core.runtime import Runtime
from hub.identity.models import Case
from station_portal.app import create_app
from tests.hub.identity.providers import running_partners
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

Browser = Callable[[], httpx.Client]


@pytest.fixture(scope="module")
def _running() -> Iterator[Partners]:
    with running_partners() as partners:
        yield partners


@pytest.fixture
def partners(_running: Partners, clock: VirtualClock) -> Iterator[Partners]:
    """The providers, well behaved and on the test's clock."""
    kept = {name: provider.people for name, provider in _running.providers.items()}
    for provider in _running.providers.values():
        provider.clock = lambda: clock().timestamp()
    yield _running
    for name, provider in _running.providers.items():
        provider.people = kept[name]
        provider.mischief.clear()


@pytest.fixture
def hub(runtime: Runtime, partners: Partners) -> Runtime:
    """A hub that knows both providers."""
    held = partners_of(partners.document())
    return dataclasses.replace(runtime, partners=held, public_url="http://hub.test")


@pytest.fixture
def browser(hub: Runtime) -> Iterator[Browser]:
    """Browsers without scripts, each with its own cookies."""
    opened: list[httpx.Client] = []
    app = create_app(hub)

    def new() -> httpx.Client:
        client = httpx.Client(
            transport=InProcess(app), base_url="http://hub.test", headers={"Accept": "text/html"}
        )
        opened.append(client)
        return client

    yield new
    for client in opened:
        client.close()


def who(client: httpx.Client) -> dict[str, object]:
    held: dict[str, object] = client.get("/api/v1/session", headers={"Accept": "application/json"}).json()
    return held


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def cases(database: Database) -> list[tuple[str, str, list[str]]]:
    with database.read() as session:
        return [(case.kind, case.state, case.reasons) for case in session.scalars(select(Case))]
