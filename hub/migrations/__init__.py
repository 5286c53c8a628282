"""Bringing a database to the tables of this code: Alembic revisions, run inside one transaction on both databases.

On SQLite the usual way loses data: batch alteration of a table deletes the rows that cascade from it, and a
migration that fails half-way leaves half-made tables. So foreign keys are off for the whole run, everything is
one `BEGIN IMMEDIATE`, and before the commit every foreign key must hold and every table must have as many rows
as before, unless the revision says in `CHANGES_ROWS` that it means to change them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, func, inspect, select, table, text
from sqlalchemy.pool import NullPool

from hub.core.db import BUSY_SECONDS, Database

FOLDER = Path(__file__).parent
_VERSION_TABLE = "alembic_version"
_ADVISORY_LOCK = 5_107_001


class MigrationRefused(RuntimeError):
    """A revision would have damaged data; everything was rolled back."""


def head() -> str:
    """The newest revision."""
    return str(ScriptDirectory.from_config(_config(None)).get_current_head())


def current(database: Database) -> str | None:
    """The database's revision, None when it was never set up."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def upgrade(database: Database, revision: str = "head", *, folder: Path = FOLDER) -> tuple[str | None, str]:
    """Bring the database to `revision` in one transaction; (revision before, revision after).

    Safe to repeat and to run from several processes at once: the second waits and finds nothing to do.
    Raises `MigrationRefused` when rows or foreign keys would be damaged. `folder` holds the revisions.
    """
    with _transaction(database) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        counts = _row_counts(connection)
        command.upgrade(_config(connection, folder), revision)
        after = MigrationContext.configure(connection).get_current_revision()
        _check_rows(counts, _row_counts(connection), _meant_to_change(before, after, folder))
        if database.is_sqlite:
            _check_foreign_keys(connection)
    return before, after or ""


def write_revision(database: Database, message: str) -> Path:
    """Write the next revision from the difference between the models and an empty `database` brought to the head."""
    upgrade(database)
    number = len(list((FOLDER / "versions").glob("[0-9]*.py"))) + 1
    with database.engine.connect() as connection:
        made = command.revision(
            _config(connection), message, autogenerate=True, rev_id=f"{number:04d}", version_path=None
        )
    script = made[0] if isinstance(made, list) else made
    if script is None:
        raise MigrationRefused("nothing was written")
    return Path(script.path)


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
        return
    # An engine of its own: foreign keys can only be switched outside a transaction.
    engine = create_engine(database.url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=wal", "foreign_keys=off", "legacy_alter_table=on"):
        connection.execute(f"PRAGMA {pragma}")


def _config(connection: Connection | None, folder: Path = FOLDER) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _row_counts(connection: Connection) -> dict[str, int]:
    names = [name for name in inspect(connection).get_table_names() if name != _VERSION_TABLE]
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _meant_to_change(before: str | None, after: str | None, folder: Path) -> set[str]:
    scripts = ScriptDirectory.from_config(_config(None, folder))
    passed = scripts.iterate_revisions(after or "base", before or "base")
    return {name for script in passed for name in getattr(script.module, "CHANGES_ROWS", ())}


def _check_rows(before: dict[str, int], after: dict[str, int], meant: set[str]) -> None:
    changed = {
        name: (count, after.get(name))
        for name, count in before.items()
        if name not in meant and count != after.get(name)
    }
    if changed:
        raise MigrationRefused(f"rows would be lost or made, (before, after): {changed}")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = sorted({str(row[0]) for row in broken})
        raise MigrationRefused(f"{len(broken)} foreign keys would point nowhere, in: {', '.join(tables)}")
