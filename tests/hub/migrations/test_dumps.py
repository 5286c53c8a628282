"""What each released revision left behind comes up to the newest one, with every row, and the hub works on it."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Boolean, Column, DateTime, MetaData, func, select, table, text

from hub import migrations, models
from hub.app import create_app
from hub.core import audit, sequencer
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests import second_factor
from tests.e2e.federation import PASSWORD
from tests.hub.migrations.write_dump import DUMPS, EMPTIED
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

REVISIONS = sorted(path.stem for path in DUMPS.glob("*.sql"))
UNRELEASED = {
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
}
"""Came together with a later one: no installation ever stood there."""


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, empty: Database) -> Database:
    """A database as the code of a released revision left it."""
    dump = sqlite3.connect(":memory:")
    dump.executescript((DUMPS / f"{request.param}.sql").read_text("utf-8"))
    if empty.is_sqlite:
        with sqlite3.connect(empty.engine.url.database or "") as file:
            dump.backup(file)
    else:
        migrations.upgrade(empty, request.param)
        _copy(dump, empty)
    dump.close()
    return empty


def _copy(dump: sqlite3.Connection, database: Database) -> None:
    """The rows of the dump, table by table, in the types of PostgreSQL."""
    dump.row_factory = sqlite3.Row
    held = MetaData()
    held.reflect(database.engine)
    with database.write() as session:
        for each in held.sorted_tables:
            if each.name == "alembic_version":
                continue
            rows = [dict(row) for row in dump.execute(f'SELECT * FROM "{each.name}"')]
            if rows:
                session.execute(
                    each.insert(),
                    [{name: _typed(each.c[name], value) for name, value in row.items()} for row in rows],
                )
            for column in each.c:
                if column.identity is not None or column.server_default is not None:
                    session.execute(text(_GO_ON.format(table=each.name, column=column.name)))


_GO_ON = """SELECT setval(pg_get_serial_sequence('"{table}"', '{column}'), max("{column}")) FROM "{table}"
            HAVING max("{column}") IS NOT NULL"""


def _typed(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return bool(value)
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return orjson.loads(value) if isinstance(column.type, JSON) else value


def _counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            each.name: session.scalar(select(func.count()).select_from(table(each.name))) or 0
            for each in models.METADATA.sorted_tables
        }


def test_the_revision_before_each_released_one_has_its_dump() -> None:
    """Run `write_dump` before adding a revision; without the dump nothing shows that the new one keeps the rows."""
    scripts = sorted(path.stem[:4] for path in (migrations.FOLDER / "versions").glob("[0-9]*.py"))
    assert set(scripts[:-1]) - set(REVISIONS) == UNRELEASED


def test_an_old_database_comes_up_with_every_row(old: Database) -> None:
    migrations.upgrade(old)
    with old.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.METADATA) == []
    assert _counts(old)["catalog_instrument"] > 0


def test_the_hub_works_on_it(old: Database, tmp_path: Path) -> None:
    """Sign-in, a province with its held deletions, its instruments; the audit's chain holds and goes on."""
    migrations.upgrade(old)
    runtime = Runtime(home=tmp_path, database=old, clock=VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)))
    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as client:
        told = {"username": "admin", "password": PASSWORD}
        refused = client.post("/api/v1/session", json=told)
        assert refused.json()["code"] == "second_factor_missing"
        second_factor.set_up(old, runtime.sealing, "admin", now=runtime.clock())
        told["code"] = second_factor.code_at(runtime.clock())
        entered = client.post("/api/v1/session", json=told)
        assert entered.status_code == 201, entered.text
        holds = client.get(f"/api/v1/provinces/{EMPTIED}/holds").json()["items"]
        assert {hold["state"] for hold in holds} >= {"open"}
        assert holds[0]["count"] > 0
        listed = client.get("/api/v1/institutions").json()["items"]
        assert listed
    while sequencer.number_once(old):
        pass
    with old.read() as session:
        verdict = audit.verify(session)
    assert verdict.broken_at is None
    assert verdict.checked > 1
