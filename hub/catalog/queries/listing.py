"""Whether a record is listed, where other columns choose the rows."""

from typing import Any

from sqlalchemy import ColumnElement, false, func


def is_listed(table: Any) -> ColumnElement[bool]:
    """Listed, said so that no index answers it; `table` is Instrument or Institution.

    Almost everything is listed. SQLite keeps no statistics and would walk the index of all listed records to find the
    few that are named by identifier or institution (measured: 42 ms instead of 0.4 ms at 34 k instruments), and in that
    index's order also where every row is counted (190 ms instead of 130).
    """
    return func.coalesce(table.is_listed, false())
