"""Writes that do not wait for each other, in one way to the database.

A way to PostgreSQL and back costs more than what most statements do there. Writes of which none reads what another writes
go as one statement there (`WITH … INSERT …, … UPDATE …`) and one after the other on SQLite, which has no such thing and is
in the same process. Their words are made once for each database: SQLAlchemy keeps none for an INSERT of several rows, and
making them costs many times what running them does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Delete, Insert, Update

Write = Insert | Update | Delete
Build = Callable[[Callable[[Any], postgresql.Insert]], Sequence[Write]]


class Beside(NamedTuple):
    """Writes that a caller hands over to go with others: how they are built (one function for ever), and their values."""

    build: Build
    values: Mapping[str, Any]


NOTHING = Beside(lambda _: (), {})


class Together:
    """Writes built once; their values are given when they run, by the names of their bindparams.

    `build` gets the database's own INSERT (it understands `on_conflict_…`) and gives the writes. Each is of another table,
    or of other rows: PostgreSQL runs them in no order that could be relied on, each seeing what stood before the first.
    Foreign keys among them are checked when all are done; on SQLite they run as given, so what is referred to comes first.
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self._plans: dict[str, tuple[_Plan, ...]] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run all of them in the session's transaction; the rows that the last one returns, none if it returns nothing.

        Returned values are as the driver gives them: return numbers and texts.
        """
        session.flush()
        connection = session.connection()
        plans = self._plans.get(connection.dialect.name)
        if plans is None:
            plans = self._plans[connection.dialect.name] = self._plan(connection.dialect)
        for plan in plans[:-1]:
            connection.exec_driver_sql(plan.text, plan.bound(values))
        result = connection.exec_driver_sql(plans[-1].text, plans[-1].bound(values))
        return result.all() if result.returns_rows else ()

    def _plan(self, dialect: Dialect) -> "tuple[_Plan, ...]":
        if dialect.name == "sqlite":
            # the two dialects' classes share what callers use, so one type is enough
            return tuple(_planned(each, dialect) for each in self._build(sqlite.insert))  # type: ignore[arg-type]
        *others, last = self._build(postgresql.insert)
        named = (each.cte(f"write_{place}") for place, each in enumerate(others, 1))
        return (_planned(last.add_cte(*named), dialect),)


class _Bind(NamedTuple):
    """A place in a statement: the value that is given under `key`, or always `value`; and what the column's type makes of it."""

    name: str
    key: str | None
    value: Any
    process: Callable[[Any], Any] | None


class _Plan(NamedTuple):
    """A statement in one database's words, and its places in the driver's order; `is_named`: by name and not by order."""

    text: str
    binds: tuple[_Bind, ...]
    is_named: bool

    def bound(self, values: Mapping[str, Any]) -> Any:
        told = [each.value if each.key is None else values[each.key] for each in self.binds]
        found = [
            value if each.process is None else each.process(value)
            for each, value in zip(self.binds, told, strict=True)
        ]
        if not self.is_named:
            return tuple(found)
        return {each.name: value for each, value in zip(self.binds, found, strict=True)}


def _planned(write: Write, dialect: Dialect) -> _Plan:
    compiled = write.compile(dialect=dialect)
    binds = {
        name: _Bind(
            name,
            bind.key if bind.required else None,
            bind.effective_value,
            bind.type.dialect_impl(dialect).bind_processor(dialect),
        )
        for name, bind in compiled.binds.items()
    }
    is_named = compiled.positiontup is None
    return _Plan(str(compiled), tuple(binds[name] for name in compiled.positiontup or binds), is_named)
