"""Many plain rows into one table: COPY on PostgreSQL, one prepared INSERT on SQLite.

For values that both drivers take as they are (texts, whole numbers, None). Everything else goes through `hub.core.bulk`,
which knows the columns' types.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session


def copy_rows(
    session: Session, table: Table, names: Sequence[str], rows: Sequence[tuple[str | int | None, ...]]
) -> None:
    """Insert the rows, in the session's transaction; columns that are not named take the database's defaults."""
    if not rows:
        return
    connection = session.connection()
    columns = ", ".join(names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own columns
            [tuple(row) for row in rows],
        )
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
