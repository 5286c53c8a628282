"""For tests alone: the guards of what only grows, switched off and on again, as only the tables' owner can."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_EACH = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgname = relname || '_no_truncate' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE 'ALTER TABLE ' || one.relname || ' {} TRIGGER ' || one.tgname; END LOOP;
END $$;
"""
TRUNCATE_OPEN = _EACH.format("DISABLE")
TRUNCATE_SHUT = _EACH.format("ENABLE")
"""In the same transaction as the TRUNCATE that they stand around."""

_HELD = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE :table"
_ALL = """
DO $$ DECLARE one text; BEGIN
    FOR one IN SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace AND relname LIKE '{}'
    LOOP EXECUTE 'ALTER TABLE ' || one || ' {} TRIGGER USER'; END LOOP;
END $$;
"""


@contextmanager
def unguarded(session: Session, table: str = "%") -> Iterator[None]:
    """Without any trigger (of one table), in the session's own transaction."""
    if session.get_bind().dialect.name == "sqlite":
        held = session.execute(text(_HELD), {"table": table}).all()
        for row in held:
            session.execute(text(f"DROP TRIGGER {row.name}"))
        yield
        session.flush()
        for row in held:
            session.connection().exec_driver_sql(row.sql)
        return
    session.execute(text(_ALL.format(table, "DISABLE")))
    yield
    session.flush()
    session.execute(text(_ALL.format(table, "ENABLE")))
