"""The database: declarative base, column types, and the two kinds of session.

SQLite (WAL) and PostgreSQL are equals. *Write* sessions begin with the write lock on SQLite
(`BEGIN IMMEDIATE`): a deferred transaction that reads first and writes later fails at once with
"database is locked", whatever the timeout. *Read* sessions use a plain `BEGIN` and cannot write.
"""

import functools
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    create_engine,
    event,
    func,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, ManagesConnection
from sqlalchemy.types import JSON, TypeDecorator

from hub.core.turns import Turns

BUSY_SECONDS = 15.0
"""How long a writer waits for the lock before it is told that the database is busy."""

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


RESTED_SECONDS = 1.0
"""A pooled connection to PostgreSQL that nobody used for so long is asked whether it still lives before it is given out.

Asking every time costs a way to the server and back for each transaction. One that broke within this time fails its
caller once, and the pool then drops all that are older.
"""

_USED = "hub_used"
_LOCK_TIMEOUT = "hub_lock_timeout"
"""An engine's option: how long its connections to PostgreSQL wait for a lock, in PostgreSQL's words."""
_TURN = "hub_turn"
"""Marks a pooled connection whose thread has the process's turn to write."""

AnySelect = TypeVar("AnySelect", bound=Select[Any])


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC with microseconds; naive values are refused at binding."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime reached the database: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON document kept as the text that was written, on both databases.

    PostgreSQL's `json` and not `jsonb`: hashes over documents must not depend on how a database
    reorders keys or rewrites numbers. Python's None is SQL NULL.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True


BigId = BigInteger().with_variant(Integer, "sqlite")
"""64-bit integers on both (SQLite gives its automatic keys only to `INTEGER`); fen overflow 32 bits."""


class Base(DeclarativeBase):
    """Every table's base. Table names are `<domain>_<noun>`."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 - the name and form are SQLAlchemy's
        datetime: UtcDateTime(),
        dict[str, Any]: Json(),
        list[Any]: Json(),
        list[str]: Json(),
        int: BigId,
    }


class ReadSessionWrites(RuntimeError):
    """A read session was asked to write: a fault of the program, never of a caller."""


class _ReadSession(Session):
    def flush(self, objects: Any = None) -> None:
        if self.new or self.deleted or any(self.is_modified(row) for row in self.dirty):
            raise ReadSessionWrites("this session was opened with Database.read(); use Database.write()")
        super().flush(objects)


def _dump_json(value: Any) -> str:
    return orjson.dumps(value).decode()


class Database:
    """One engine, two kinds of session; built by `hub.wiring` in the process that uses it, after any fork.

    `url` is a SQLAlchemy URL; `pool` is the number of connections kept (the web allows itself no more threads).
    `busy_seconds` is how long a writer waits for its turn. Nothing connects before the first session does.
    """

    def __init__(self, url: str, *, pool: int = 20, busy_seconds: float = BUSY_SECONDS) -> None:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=False)
        self.pool = pool
        self._busy_seconds = busy_seconds
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = self._sqlite_engine(pool) if self.is_sqlite else self._postgresql_engine(pool)
        read_options = {"hub_read": True} if self.is_sqlite else {"postgresql_readonly": True}
        self._reads = self.engine.execution_options(**read_options)
        self._process = os.getpid()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends well, rolled back when it raises.

        On SQLite the write lock is taken with the first statement and held to the end, so keep it short
        (≤ 25 ms) and call nobody from inside.
        """
        self._check_process()
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent read; never blocks writers, and whatever tries to write in it raises."""
        self._check_process()
        with _ReadSession(self._reads, autoflush=False, expire_on_commit=False) as session:
            yield session
            session.commit()  # not a rollback, upon which psycopg forgets every statement it had prepared

    def close(self) -> None:
        """Close every pooled connection. Safe to repeat."""
        self.engine.dispose()

    def _check_process(self) -> None:
        # Two children once shared one inherited connection and hung; better to fail loudly.
        if os.getpid() != self._process:
            raise RuntimeError("this Database was built before a fork; build the runtime in the child")

    def _sqlite_engine(self, pool: int) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=pool,
            max_overflow=pool,
            connect_args={"timeout": self._busy_seconds, "check_same_thread": False},
            json_serializer=_dump_json,
            json_deserializer=orjson.loads,
        )
        turns = Turns()
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", functools.partial(_begin_sqlite, self._busy_seconds, turns))
        event.listen(engine, "checkin", functools.partial(_end_turn, turns))
        return engine

    def _postgresql_engine(self, pool: int) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=pool,
            max_overflow=pool,
            connect_args={"application_name": "hub"},
            execution_options={_LOCK_TIMEOUT: f"{int(self._busy_seconds * 1000)}ms"},
            json_serializer=_dump_json,
            json_deserializer=orjson.loads,
        )
        event.listen(engine, "connect", functools.partial(_prepare_postgresql, engine))
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", functools.partial(_check_rested, engine))
        return engine


def table_of(mapped: type[Base]) -> Table:
    """The table of a mapped class. A statement over its columns costs half of one over the class's attributes, which are
    looked at one by one for every run; it answers plain rows, and is for what every booking asks.
    """
    found: Table = mapped.__table__  # type: ignore[assignment]  # a mapped class may also be one of a join
    return found


def insert(session: Session, table: Any) -> postgresql.Insert:
    """An INSERT that understands `on_conflict_do_nothing/update` on the session's database.

    The two dialects' classes share those methods, so callers see one type.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]
    return postgresql.insert(table)


class InsertOnBoth:
    """An INSERT of a table in both dialects, built once: its values are given when it is run, as a row.

    Building a statement costs as much as running it, so what every booking runs is built when its module is loaded.
    """

    def __init__(
        self, table: Any, finish: Callable[[postgresql.Insert], Executable] = lambda made: made
    ) -> None:
        self._made = {
            "sqlite": finish(sqlite.insert(table)),  # type: ignore[arg-type]
            "postgresql": finish(postgresql.insert(table)),
        }

    def on(self, session: Session) -> Executable:
        """The statement for the session's database."""
        return self._made[session.get_bind().dialect.name]


def lock_timeout(session: Session) -> str:
    """How long a session on PostgreSQL waits for a lock unless it says otherwise, as `lock_timeout` is told."""
    told: str = session.connection().get_execution_options()[_LOCK_TIMEOUT]
    return told


def may_be_forgotten(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition of a statement on PostgreSQL whose transaction may be lost if the database's machine fails right after.

    Its commit returns before it is on disk. For what anybody would do again and nobody outside was told of; a later
    commit that does wait for the disk keeps it. SQLite in WAL mode with `synchronous=normal` does so by itself.
    """
    return and_(condition, func.set_config("synchronous_commit", "off", True) == "off")


def skip_locked(session: Session, query: AnySelect, *, key_share: bool = False) -> AnySelect:
    """Lock the chosen rows and pass over those another claims; on SQLite the write lock already does it.

    `key_share`: others may go on naming them in a foreign key, for rows whose keys never change.
    SQLAlchemy drops the clause silently on SQLite, so the difference is spelled out here.
    """
    if session.get_bind().dialect.name == "sqlite":
        return query
    return query.with_for_update(skip_locked=True, key_share=key_share)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: `_begin_sqlite` does
    for pragma in (
        "journal_mode=wal",
        "synchronous=normal",
        "foreign_keys=on",
        "cache_size=-16000",
        "temp_store=memory",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(busy_seconds: float, turns: Turns, connection: Connection) -> None:
    is_read = bool(connection.get_execution_options().get("hub_read"))
    info = connection.connection.info
    # Straight to the driver: this comes before every transaction, and SQLAlchemy's way there costs more than these do.
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    if info.get("query_only", False) != is_read:
        raw.execute(f"PRAGMA query_only={int(is_read)}")
        info["query_only"] = is_read
    if is_read:
        raw.execute("BEGIN")
    else:
        # The threads of one process queue here; only the first of them asks the database for its lock.
        marks, begun = _marks(connection.connection), time.monotonic()
        if _TURN not in marks and turns.take(busy_seconds):
            marks[_TURN] = True
        _begin_immediate(connection, busy_seconds, begun)


def _end_turn(turns: Turns, _connection: object, record: ConnectionPoolEntry) -> None:
    """The connection is given back, however its transaction ended."""
    if _marks(record).pop(_TURN, False):
        turns.give()


def _marks(held: ManagesConnection) -> dict[Any, Any]:
    """What is noted of a pooled connection until it is given back, also when the connection itself broke."""
    marks = held.record_info
    assert marks is not None, "no connection of a transaction is detached from its pool"
    return marks


def _begin_immediate(connection: Connection, busy_seconds: float, begun: float) -> None:
    """Take the write lock, waiting up to `busy_seconds` from `begun` on.

    SQLite's own waiting asks ever more rarely, every 100 ms in the end, so that a steady stream of newcomers keeps
    whoever has waited longest out for seconds (a heartbeat lost its lease to that). Here the longer one has
    waited, the more often one asks.
    """
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while (waited := time.monotonic() - begun) < busy_seconds:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
            time.sleep((0.5 + random.random()) * max(0.0005, 0.006 / (1.0 + 4.0 * waited)))
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last try raises what SQLAlchemy's callers know
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    _marks(record)[_USED] = time.monotonic()


def _check_rested(
    engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: ManagesConnection
) -> None:
    """Raises `DisconnectionError`, upon which the pool opens another one, for a connection that died while it rested."""
    used = _marks(record).get(_USED)
    if used is None or time.monotonic() - used < RESTED_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as fault:
        raise DisconnectionError(str(fault)) from fault


def _prepare_postgresql(engine: Engine, connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{engine.get_execution_options()[_LOCK_TIMEOUT]}'")
        cursor.execute("SET idle_in_transaction_session_timeout = 60000")
    connection.commit()
