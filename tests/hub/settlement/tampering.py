"""Somebody with the owner's rights over the tables changes what may not be changed."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from hub.core.db import Database

APPEND_ONLY = ("settlement_posting", "settlement_entry", "settlement_document")


def tamper(database: Database, statement: str) -> None:
    """Carry out the statement with the triggers taken away, as only the owner of the tables can."""
    with database.write() as session:
        _triggers(session, database.is_sqlite, "DISABLE")
        session.execute(text(statement))
        _triggers(session, database.is_sqlite, "ENABLE")


def _triggers(session: Session, is_sqlite: bool, verb: str) -> None:
    for table in APPEND_ONLY:
        if not is_sqlite:
            session.execute(text(f"ALTER TABLE {table} {verb} TRIGGER USER"))
        elif verb == "DISABLE":
            for name in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{name}"))
