"""An installation as commands open it: its database at the program's version, its runtime."""

from collections.abc import Iterator
from contextlib import contextmanager

import schemas
from hub import migrations, wiring
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.core.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database, closed at the end. Raises `HubError` when its tables are not those of this program."""
    check_schema(settings)
    database = Database(settings.database, pool=2)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """Everything a process runs on, closed at the end. Raises `HubError` as `open_database` does."""
    check_schema(settings)
    runtime = wiring.build_runtime(settings)
    try:
        yield runtime
    finally:
        runtime.close()


def check_schema(settings: Settings) -> None:
    """Raise `HubError` when the database is not at the program's revision."""
    database = Database(settings.database, pool=1)
    try:
        held, wanted = migrations.current(database), migrations.head()
    finally:
        database.close()
    if held != wanted:
        raise HubError(
            "database_outdated",
            f"数据库版本为 {held or '空'}，程序需要 {wanted}：请先运行 hub setup。",
            f"The database is at {held or 'nothing'}, the program needs {wanted}: run `hub setup` first.",
        )


def check_province(code: str) -> None:
    """Raise `HubError` when there is no such province."""
    if code not in schemas.codes("province"):
        raise HubError(
            "province_unknown",
            f"没有省级代码「{code}」，请给出六位代码，如 340000。",
            f"There is no province {code!r}; give a six-digit code such as 340000.",
            field="province",
        )
