"""The portal over the small world. The world is made once; tests that change something get their own copy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import orjson
import pytest

from adapters.errors import AuthRejected
from hub import models
from hub.catalog.service import deliveries
from hub.catalog.service.sync import sync_province
from hub.core import sequencer
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.federation.errors import SyncDeferred
from hub.federation.service.deliveries import Upload
from hub.identity import service as identity
from hub.search import follower
from hub.search.index import SearchIndex
from station_portal.app import create_app
from tests.in_process import InProcess
from tests.station_portal import world
from tests.virtual_clock import VirtualClock

PASSWORD = "a-long-enough-password"
"""Of the accounts of this world: `admin`, and `staff-<code>` of two provinces."""


def build(home: Path) -> Runtime:
    """The whole small world under a folder: database, catalogue, index, accounts; one source empty, one unreachable."""
    clock = VirtualClock()
    database = Database(f"sqlite:///{home / 'hub.db'}")
    models.METADATA.create_all(database.engine)
    adapters = world.belt()
    runtime = Runtime(home=home, database=database, clock=clock, adapters=adapters, is_demo=True)
    for code in adapters:
        sync_province(runtime, code)
    upload_workbook(runtime)
    clock.advance(1200)
    adapters[world.EMPTIED].is_empty = True
    adapters[world.UNREACHABLE].fail_always = AuthRejected(
        "平台拒绝了凭证（合成）", "credentials refused (synthetic)"
    )
    for code in (world.EMPTIED, world.UNREACHABLE):
        with suppress(SyncDeferred):
            sync_province(runtime, code, "manual", wants_full=True, actor="account:admin")
    clock.advance(120)
    add_accounts(runtime)
    return with_index(runtime)


def upload_workbook(runtime: Runtime) -> None:
    """The upload of the province that has no interface, through the door that staff use."""
    fake = runtime.adapters[world.UPLOADS]
    content = b"\n".join(orjson.dumps(dict(row.body)) for row in fake.holdings().rows)  # type: ignore[attr-defined]
    upload = Upload(
        world.UPLOADS, "instruments", "仪器工作簿.xlsx", content, f"account:staff-{world.UPLOADS}"
    )
    file = deliveries.receive_upload(runtime, upload)
    deliveries.take_upload(runtime, file.id, owner="test")


def add_accounts(runtime: Runtime) -> None:
    now = runtime.clock()
    with runtime.database.write() as session:
        identity.put_account(
            session,
            "admin",
            PASSWORD,
            role="hub_admin",
            display_name="演示管理员",
            is_demo=True,
            actor="test",
            now=now,
        )
        for code in (world.MANY, world.UPLOADS):
            identity.put_account(
                session,
                f"staff-{code}",
                PASSWORD,
                role="province_staff",
                province=code,
                display_name="王老师",
                is_demo=True,
                actor="test",
                now=now,
            )


def with_index(runtime: Runtime) -> Runtime:
    """The runtime with an index over its catalogue."""
    while sequencer.number_once(runtime.database):
        pass
    held = replace(runtime, index=SearchIndex(runtime.home / "index"))
    follower.rebuild(held)
    return held


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The world for tests that only read."""
    runtime = build(tmp_path_factory.mktemp("world"))
    yield runtime
    runtime.close()


@pytest.fixture(scope="session")
def reader(small_world: Runtime) -> Iterator[httpx.Client]:
    """A browser without scripts that reads."""
    with browser_of(small_world) as client:
        yield client


@pytest.fixture
def own_world(small_world: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A copy of the world that a test may change."""
    runtime = copy_of(small_world, tmp_path / "home")
    yield runtime
    runtime.close()


def copy_of(held: Runtime, home: Path) -> Runtime:
    """A world of its own under another folder, at the same instant."""
    with held.database.write():  # nobody writes while the file is copied
        shutil.copytree(held.home, home)
    return replace(
        held,
        home=home,
        database=Database(f"sqlite:///{home / 'hub.db'}"),
        index=SearchIndex(home / "index"),
        clock=VirtualClock(held.clock()),
    )


@pytest.fixture
def visitor(own_world: Runtime) -> Iterator[httpx.Client]:
    """A browser without scripts over the world that may be changed."""
    with browser_of(own_world) as client:
        yield client


def browser_of(runtime: Runtime) -> httpx.Client:
    """A client that asks for pages as a Chinese browser does."""
    headers = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "zh-CN,zh;q=0.9"}
    return httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test", headers=headers)


@pytest.fixture
def sign_in(visitor: httpx.Client) -> Callable[[str], str]:
    """Sign the visitor in by the form; gives the token that the pages' forms carry."""

    def enter(username: str) -> str:
        answer = visitor.post("/sign-in", data={"username": username, "password": PASSWORD, "next": "/staff"})
        assert answer.status_code == 303, answer.text
        return csrf_of(visitor.get("/staff").text)

    return enter


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def text_of(page: str) -> str:
    """What a reader sees of a page: the text of its main part."""
    main = page.partition("<main")[2].partition("</main>")[0] or page
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def hrefs_of(page: str) -> set[str]:
    """Addresses that a page links to on this site."""
    return {unescape(found) for found in re.findall(r'href="(/[^"]*)"', page)}
