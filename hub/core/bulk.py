"""One statement for many rows, compiled once and bound column by column.

SQLAlchemy makes a dictionary of every row and passes every value through its column's type by itself; for the hundred
thousand rows of a harvest that costs more than the database's own work. Here a column is bound in one go, and a value
that comes again (the instant, the province, the mapping version) is bound once.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert, Update

Row = Mapping[str, Any]
Bind = Callable[[Any], Any]

_PREFIX = "v_"  # names of columns are reserved for what SQLAlchemy binds itself


class Statement:
    """An INSERT or UPDATE of a table for rows that name the same columns."""

    def __init__(self, table: Table, names: Sequence[str], build: Callable[[str], Insert | Update]) -> None:
        self._table = table
        self._names = tuple(names)
        self._build = build
        self._plans: dict[str, _Plan] = {}

    def run(self, session: Session, rows: Sequence[Row]) -> None:
        """Run it for every row, in the session's transaction. Nothing happens without rows."""
        if not rows:
            return
        connection = session.connection()
        connection.exec_driver_sql(*self._bound(connection.dialect, rows))

    def _bound(self, dialect: Dialect, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = self._plan(dialect)
        columns = [
            _column(bind, [row[name] for row in rows])
            for name, bind in zip(self._names, plan.binds, strict=True)
        ]
        if plan.order is None:
            names = [_PREFIX + name for name in self._names]
            return plan.text, [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
        return plan.text, list(zip(*(columns[place] for place in plan.order), strict=True))

    def _plan(self, dialect: Dialect) -> "_Plan":
        compiled = self._build(dialect.name).compile(dialect=dialect)
        binds = tuple(_binder(self._table, name, dialect) for name in self._names)
        if compiled.positiontup is None:
            return _Plan(str(compiled), binds, None)
        places = {_PREFIX + name: place for place, name in enumerate(self._names)}
        return _Plan(str(compiled), binds, tuple(places[name] for name in compiled.positiontup))


class _Plan(NamedTuple):
    """The statement in one database's words, how each column is bound, and the columns in the driver's order."""

    text: str
    binds: tuple[Bind | None, ...]
    order: tuple[int, ...] | None


@cache
def insert_rows(table: Table, names: tuple[str, ...]) -> Statement:
    """INSERT of these columns."""
    return Statement(table, names, lambda _: table.insert().values(_named(names)))


@cache
def upsert_rows(table: Table, names: tuple[str, ...], keys: tuple[str, ...]) -> Statement:
    """INSERT of these columns; where a row with these keys exists, its other columns take the new values.

    A key occurs once among the rows of one call.
    """

    def build(dialect: str) -> Insert:
        # the two classes share these methods, so one type is enough
        made = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
        statement = cast("postgresql.Insert", made.values(_named(names)))
        fresh = {name: statement.excluded[name] for name in names if name not in keys}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=fresh)

    return Statement(table, names, build)


@cache
def update_rows(table: Table, names: tuple[str, ...], key: str) -> Statement:
    """UPDATE of these columns of the row with this key; rows name the key as well."""

    def build(_: str) -> Update:
        return table.update().where(table.c[key] == bindparam(_PREFIX + key)).values(_named(names))

    return Statement(table, (*names, key), build)


def _named(names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(_PREFIX + name) for name in names}


def _binder(table: Table, name: str, dialect: Dialect) -> Bind | None:
    """What the column's type makes of a Python value for this database; None when it takes it as it is."""
    bind: Bind | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return bind


def _column(bind: Bind | None, values: list[Any]) -> list[Any]:
    if bind is None:
        return values
    bound: dict[Hashable, Any] = {}
    found = []
    for value in values:
        if isinstance(value, dict | list):
            found.append(bind(value))
            continue
        if value not in bound:
            bound[value] = bind(value)
        found.append(bound[value])
    return found
