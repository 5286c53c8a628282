"""Many rows like one that is there, under names of their own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hub.core.db import table_of


def copy_row(
    session: Session, model: Any, row_id: str, count: int, change: Callable[[int], dict[str, Any]]
) -> None:
    """Add `count` copies of a row; `change(number)` says what is another's."""
    table = table_of(model)
    found = session.execute(select(table).where(table.c.id == row_id)).mappings().one()
    session.execute(insert(table), [{**found, **change(number)} for number in range(1, count + 1)])
