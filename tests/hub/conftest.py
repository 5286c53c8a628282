"""What the hub's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.core.db import Database
from tests.conftest import POSTGRESQL


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table (on PostgreSQL: a schema of this test's own)."""
    if not POSTGRESQL:
        held = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield held
        held.close()
        return
    base = request.getfixturevalue("_schema")
    name = f"{base.rsplit('%3D', 1)[1]}_empty"
    admin = Database(POSTGRESQL, pool=1)
    with admin.write() as session:
        session.execute(text(f"CREATE SCHEMA {name}"))
    held = Database(f"{base}_empty")
    yield held
    held.close()
    with admin.write() as session:
        session.execute(text(f"DROP SCHEMA {name} CASCADE"))
    admin.close()
