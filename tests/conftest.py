"""Fixtures that every part's tests share, and the order of the files.

Files come in random order, those marked `long` before the others: with `-n 2` each worker takes the next file, so
that fixtures of a module are made once and the long files are not what everybody waits for at the end.
`database` is fresh for each test: a copy of a template file on SQLite, emptied tables in a schema of this
worker's own on PostgreSQL when HUB_TEST_DATABASE_URL is set. Sockets reach loopback only.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
import pytest_socket
from sqlalchemy import text

from hub import models
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests import unguarded
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

POSTGRESQL = os.environ.get("HUB_TEST_DATABASE_URL", "")

# pytest rewrites anyio's modules as those of a plugin. Imported at first use, that happens deep in a request and beside
# other threads, where Python 3.11's parser may lose count of its depth (SystemError: AST constructor recursion depth).
assert anyio.open_file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled them (it is first by its own wish)."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hub.db"
    database = Database(f"sqlite:///{path}")
    models.METADATA.create_all(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def _schema(worker_id: str) -> Iterator[str]:
    """The URL of a schema that belongs to this test worker of this run."""
    name = f"test_{worker_id}_{os.getpid()}"
    admin = Database(POSTGRESQL, pool=1)
    with admin.write() as session:
        session.execute(text(f"CREATE SCHEMA {name}"))
    mark = "&" if "?" in POSTGRESQL else "?"
    url = f"{POSTGRESQL}{mark}options=-csearch_path%3D{name}"
    database = Database(url, pool=1)
    models.METADATA.create_all(database.engine)
    database.close()
    yield url
    with admin.write() as session:
        session.execute(text(f"DROP SCHEMA {name} CASCADE"))
    admin.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty, complete database; a child process may open it too."""
    if not POSTGRESQL:
        path = tmp_path / "hub.db"
        shutil.copyfile(request.getfixturevalue("_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("_schema")
    database = Database(url, pool=1)
    names = [table.name for table in models.METADATA.sorted_tables]
    with database.write() as session:
        session.execute(text("SET LOCAL lock_timeout = 5000"))
        # Truncating an empty table costs as much as a full one; most tests fill three of them.
        asked = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names)
        filled = session.scalars(text(asked)).all()
        if filled:
            listed = ", ".join(f'"{name}"' for name in filled)
            session.execute(text(unguarded.TRUNCATE_OPEN))
            session.execute(text(f"TRUNCATE {listed} RESTART IDENTITY CASCADE"))
            session.execute(text(unguarded.TRUNCATE_SHUT))
    database.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, empty, complete database."""
    held = Database(database_url)
    yield held
    held.close()


@pytest.fixture
def clock() -> VirtualClock:
    """A virtual clock; pass it where a clock is wanted and call `clock.advance(seconds)`."""
    return VirtualClock()


@pytest.fixture
def runtime(database: Database, clock: VirtualClock, tmp_path: Path) -> Runtime:
    """A runtime without provinces and without an index: `dataclasses.replace` gives it what a test needs.

    It is a demo's, so that staff accounts made with `is_demo=True` sign in without a second factor.
    """
    return Runtime(home=tmp_path, database=database, clock=clock, is_demo=True)


@pytest.fixture
def client(runtime: Runtime) -> Iterator[httpx.Client]:
    """A synchronous client of the hub's API, in process, over `runtime`."""
    from hub.app import create_app

    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as held:
        yield held


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The xdist worker's name, or `main` without xdist."""
    workerinput = getattr(request.config, "workerinput", None)
    return str(workerinput["workerid"]) if workerinput else "main"
