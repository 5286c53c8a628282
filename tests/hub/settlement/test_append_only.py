"""What is append-only cannot be changed, deleted or emptied, whoever asks; a migrated database has the same guards."""

import os
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub import migrations
from hub.core import audit, sequencer
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from tests.hub.settlement import rated
from tests.unguarded import TRUNCATE_OPEN, TRUNCATE_SHUT

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TRANSFER = Transfer(Account("authority", "330400"), Account("pool", "330400-voucher:2026"), 100_000)
JOURNAL = ("settlement_posting", "settlement_entry", "settlement_document")


def filled(database: Database) -> None:
    """One row in each of them, and in the log that is chained."""
    with database.write() as session:
        ledger.post(session, "b-1", "budget", [TRANSFER], now=NOW)
        audit.record(session, "person:p-1", "t.act", "thing:1", now=NOW)
        rated.statement(session)


def counts(database: Database) -> list[int]:
    with database.read() as session:
        asked = (f"SELECT count(*) FROM {table}" for table in (*JOURNAL, "core_change"))
        return [session.scalar(text(each)) or 0 for each in asked]


def guards(database: Database) -> set[str]:
    """The name of every trigger."""
    own = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not database.is_sqlite:
        own = (
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        )
    with database.read() as session:
        return set(session.scalars(text(own)))


def refused(database: Database, statement: str) -> None:
    """SQLite has no TRUNCATE at all."""
    with pytest.raises(DBAPIError, match=r'append-only|near "TRUNCATE"'), database.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("is_migrated", [False, True], ids=["modelled", "migrated"])
def test_the_owner_of_the_tables_is_refused_too(
    database: Database, empty: Database, is_migrated: bool
) -> None:
    held = empty if is_migrated else database
    if is_migrated:
        migrations.upgrade(held)
    filled(held)
    before = counts(held)
    assert all(before)
    for table in JOURNAL:
        column = "line" if table == "settlement_entry" else "kind"
        refused(held, f"UPDATE {table} SET {column} = {column}")
        refused(held, f"DELETE FROM {table}")
        refused(held, f"TRUNCATE {table} CASCADE")
    sequencer.number_once(held)
    refused(held, "UPDATE core_change SET subject = subject")
    refused(held, "UPDATE core_change SET number = number + 1000")
    refused(held, "DELETE FROM core_change")
    refused(held, "TRUNCATE core_change")
    refused(held, "TRUNCATE settlement_account CASCADE")  # which would empty the entries along with it
    assert counts(held) == before


def test_a_migrated_database_has_the_guards_of_the_models(database: Database, empty: Database) -> None:
    migrations.upgrade(empty)
    assert guards(empty) == guards(database)
    if not database.is_sqlite:
        append_only = {name.removesuffix("_append_only") for name in guards(empty) if "_append_only" in name}
        emptied = {name.removesuffix("_no_truncate") for name in guards(empty) if "_no_truncate" in name}
        assert emptied == append_only | {"core_change"}


def test_the_guards_stand_again_after_the_tests_own_cleaning(database: Database) -> None:
    filled(database)
    if not database.is_sqlite:
        with database.write() as session:
            for statement in (TRUNCATE_OPEN, "TRUNCATE settlement_entry", TRUNCATE_SHUT):
                session.execute(text(statement))
        assert counts(database)[1] == 0
    refused(database, "TRUNCATE settlement_entry")


REFUSED = "append-only|must be owner|permission denied"
MAY = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
AS_SERVICES = (
    "CREATE ROLE {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "SET LOCAL ROLE {role}",
)
"""The role of the services, as deploy/README.md makes it."""
OPENINGS = (
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "DROP TRIGGER {table}_no_truncate ON {table}",
    "SET LOCAL session_replication_role = replica",
    "TRUNCATE {table} CASCADE",
    "UPDATE {table} SET id = id",
    "DELETE FROM {table}",
    "DROP TABLE {table} CASCADE",
)


@pytest.mark.parametrize("table", ["settlement_posting", "settlement_document", "core_change"])
def test_the_role_of_the_services_changes_nothing_and_opens_no_guard(database: Database, table: str) -> None:
    if database.is_sqlite:
        return  # it has no roles
    filled(database)
    before = counts(database)
    with suppress(_Undone), database.write() as session:
        if not session.scalar(text(MAY)):
            return  # this user of PostgreSQL makes no roles
        names = {"role": f"hub_app_{os.getpid()}", "schema": session.scalar(text("SELECT current_schema()"))}
        for statement in AS_SERVICES:
            session.execute(text(statement.format(**names)))
        assert session.scalar(text(f"SELECT count(*) FROM {table}"))
        for statement in OPENINGS:
            with pytest.raises(DBAPIError, match=REFUSED), session.begin_nested():
                session.execute(text(statement.format(table=table)))
        raise _Undone
    assert counts(database) == before


class _Undone(Exception):
    """The role goes with its transaction."""
