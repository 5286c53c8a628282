"""Lists of what is due, walked to their end a page at a time: rows that cannot be acted on hold nobody up, however many.

The next page begins after the last row of the one before, whatever became of it. What is left undone is due in the next
round again; it is heard of by the fault that is raised, and counted by `hub_undone_deadlines` in /metrics.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from hub.core import loops
from hub.core.db import Database

PAGE = 100
LATE = timedelta(minutes=10)
"""What is due for so long was not acted on in many rounds."""


def act_on_due(
    database: Database,
    due: Select[*tuple[Any, ...]],
    order: Sequence[InstrumentedAttribute[Any]],
    act: Callable[[str], object],
    *,
    size: int = PAGE,
) -> int:
    """Act on every row of `due`, in the order of these columns, of which the last is its name; how many rows those were.

    `due` selects exactly these columns; together they are unique. Raises an `ExceptionGroup` of what could not be done,
    after all others were (`loops.act_on_each`).
    """
    count, failed = 0, 0
    faults: list[Exception] = []
    held: Sequence[Any] | None = None
    while True:
        with database.read() as session:
            rows = session.execute(_page(due, order, held, size)).all()
        try:
            loops.act_on_each([row[-1] for row in rows], act)
        except ExceptionGroup as group:
            failed += len(group.exceptions)
            faults += group.exceptions[: max(loops.MOST_FAULTS - len(faults), 0)]
        count += len(rows)
        if len(rows) < size:
            break
        held = rows[-1]
    if faults:
        raise ExceptionGroup(f"{failed} of {count} that were due could not be done", faults)
    return count


def _page(
    due: Select[*tuple[Any, ...]],
    order: Sequence[InstrumentedAttribute[Any]],
    held: Sequence[Any] | None,
    size: int,
) -> Select[*tuple[Any, ...]]:
    if held is not None:
        due = due.where(
            or_(
                *(
                    and_(
                        *(order[before] == held[before] for before in range(place)),
                        order[place] > held[place],
                    )
                    for place in range(len(order))
                )
            )
        )
    return due.order_by(*order).limit(size)
