"""Migrations: from empty to what the models say, all or nothing, and never at the cost of a row."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from hub import migrations, models
from hub.core.db import Database

pytestmark = pytest.mark.database

FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None
def upgrade():
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
    op.create_table("child", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE"), nullable=False))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
{extra}
def upgrade():
    {body}
"""
Write = Callable[..., Path]


@pytest.fixture
def revisions(tmp_path: Path) -> Write:
    """A folder of revisions: the first one, and a second with the given body."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "versions"))
    (folder / "versions").mkdir()
    (folder / "versions" / "0001_first.py").write_text(FIRST)

    def write(body: str, extra: str = "") -> Path:
        (folder / "versions" / "0002_second.py").write_text(SECOND.format(body=body, extra=extra))
        return folder

    return write


def _prepared(database: Database, folder: Path) -> None:
    migrations.upgrade(database, "0001", folder=folder)
    with database.write() as session:
        session.execute(text("INSERT INTO parent (id, name) VALUES (1, '甲')"))
        session.execute(text("INSERT INTO child (id, parent_id) VALUES (1, 1)"))


def _count(database: Database, table: str) -> int:
    with database.read() as session:
        return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_an_empty_database_becomes_what_the_models_say(empty: Database) -> None:
    assert migrations.current(empty) is None
    assert migrations.upgrade(empty) == (None, migrations.head())
    assert migrations.current(empty) == migrations.head()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.METADATA) == []


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    migrations.upgrade(empty)
    assert migrations.upgrade(empty) == (migrations.head(), migrations.head())


def test_two_processes_may_upgrade_at_once(empty: Database) -> None:
    other = Database(empty.url)
    outcomes: list[object] = []

    def run(database: Database) -> None:
        try:
            outcomes.append(migrations.upgrade(database))
        except BaseException as fault:
            outcomes.append(fault)

    threads = [threading.Thread(target=run, args=(database,)) for database in (empty, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    head = migrations.head()
    assert sorted(map(str, outcomes)) == sorted(map(str, [(None, head), (head, head)]))


def test_altering_a_parent_keeps_its_children(empty: Database, revisions: Write) -> None:
    """With foreign keys on, SQLite's batch alteration silently deletes the rows that cascade."""
    body = 'with op.batch_alter_table("parent") as b: b.alter_column("name", nullable=False, existing_type=sa.String())'
    folder = revisions(body)
    _prepared(empty, folder)
    migrations.upgrade(empty, folder=folder)
    assert (_count(empty, "parent"), _count(empty, "child")) == (1, 1)


def test_a_migration_that_fails_leaves_nothing_half_made(empty: Database, revisions: Write) -> None:
    folder = revisions(
        'op.create_table("half", sa.Column("id", sa.Integer)); op.execute("INSERT INTO nowhere VALUES (1)")'
    )
    _prepared(empty, folder)
    with pytest.raises(Exception, match="nowhere"):
        migrations.upgrade(empty, folder=folder)
    assert "half" not in inspect(empty.engine).get_table_names()
    with empty.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"


@pytest.mark.parametrize("body", ['op.execute("DELETE FROM child")', 'op.drop_table("child")'])
def test_a_migration_that_loses_rows_is_refused(empty: Database, revisions: Write, body: str) -> None:
    folder = revisions(body)
    _prepared(empty, folder)
    with pytest.raises(migrations.MigrationRefused, match="child"):
        migrations.upgrade(empty, folder=folder)
    assert _count(empty, "child") == 1


def test_a_migration_may_say_that_it_means_to(empty: Database, revisions: Write) -> None:
    folder = revisions('op.execute("DELETE FROM child")', extra='CHANGES_ROWS = ("child",)')
    _prepared(empty, folder)
    migrations.upgrade(empty, folder=folder)
    assert _count(empty, "child") == 0


def test_a_migration_that_breaks_a_foreign_key_is_refused(empty: Database, revisions: Write) -> None:
    folder = revisions('op.execute("UPDATE child SET parent_id = 99")')
    _prepared(empty, folder)
    # PostgreSQL refuses the statement itself
    with pytest.raises(migrations.MigrationRefused if empty.is_sqlite else Exception):
        migrations.upgrade(empty, folder=folder)
    with empty.read() as session:
        assert session.execute(text("SELECT parent_id FROM child")).scalar_one() == 1
