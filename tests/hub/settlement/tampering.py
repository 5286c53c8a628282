"""Somebody with the owner's rights over the tables changes what may not be changed."""

from sqlalchemy import text

from hub.core.db import Database
from tests.unguarded import unguarded


def tamper(database: Database, statement: str) -> None:
    """Carry out the statement with the triggers taken away, as only the owner of the tables can."""
    with database.write() as session, unguarded(session):
        session.execute(text(statement))
