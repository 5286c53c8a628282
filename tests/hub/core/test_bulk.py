"""Many rows by one statement: bound as the column's types say, the same rows as SQLAlchemy would have written."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, text

from hub import models
from hub.catalog.models import Instrument
from hub.core import bulk
from hub.core.db import Database
from hub.core.lease import Lease

pytestmark = pytest.mark.database

assert models.DOMAINS  # every table is known
INSTRUMENT: Table = Instrument.__table__  # type: ignore[assignment]
LEASE: Table = Lease.__table__  # type: ignore[assignment]
NAMES = tuple(column.name for column in INSTRUMENT.c)
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=CHINA)


def instrument(id: str, **told: Any) -> dict[str, Any]:
    """A row with every column; what is not told is unknown."""
    known = {"id": id, "province": "330000", "is_listed": True, "native_key": f"U|{id}"}
    return dict.fromkeys(NAMES) | known | {"created_at": NOW, "changed_at": NOW} | told


ROWS = [
    instrument("a", name_zh="扫描电镜", original_value_fen=2**40, effective_hours=1400, commissioned_on=date(2020, 2, 29)),
    instrument("b", is_listed=False, external_hours=0.5, withdrawn_at=NOW.astimezone(UTC)),
    instrument("c", document={"名": ["甲", 1, None]}, main={}, survey=None, effective_hours=1400.0),
]  # fmt: skip


def held(database: Database) -> list[dict[str, Any]]:
    with database.read() as session:
        return [dict(row) for row in session.execute(select(INSTRUMENT).order_by(INSTRUMENT.c.id)).mappings()]


def test_rows_are_the_same_as_those_sqlalchemy_writes(database: Database) -> None:
    with database.write() as session:
        bulk.insert_rows(INSTRUMENT, NAMES).run(session, ROWS)
    ours = held(database)
    with database.write() as session:
        session.execute(INSTRUMENT.delete())
        session.connection().execute(insert(INSTRUMENT), ROWS)
    assert ours == held(database)
    assert ours[2]["document"] == {"名": ["甲", 1, None]}
    assert ours[0]["created_at"] == NOW
    with database.read() as session:  # an unknown document is NULL and not the text "null"
        unknown = text("SELECT count(*) FROM catalog_instrument WHERE survey IS NULL AND main IS NULL")
        assert session.scalar(unknown) == 2


def test_an_update_changes_the_named_columns_of_the_named_rows(database: Database) -> None:
    later = NOW + timedelta(days=1)
    with database.write() as session:
        bulk.insert_rows(INSTRUMENT, NAMES).run(session, ROWS)
        statement = bulk.update_rows(INSTRUMENT, ("name_zh", "changed_at", "document"), "id")
        changes = [
            {"id": id, "name_zh": f"新 {id}", "changed_at": later, "document": {"n": id}} for id in "ac"
        ]
        statement.run(session, changes)
    expected = [dict(row) for row in ROWS]
    for row in (expected[0], expected[2]):
        row |= {"name_zh": f"新 {row['id']}", "changed_at": later, "document": {"n": row["id"]}}
    assert held(database) == expected


def test_an_upsert_inserts_what_is_new_and_replaces_what_is_there(database: Database) -> None:
    statement = bulk.upsert_rows(LEASE, ("name", "holder", "until", "fence"), ("name",))

    def rows(holder: str, *names: str) -> list[dict[str, Any]]:
        return [{"name": name, "holder": holder, "until": NOW, "fence": 1} for name in names]

    with database.write() as session:
        statement.run(session, rows("first", "x", "y"))
        statement.run(session, rows("second", "y", "z"))
    with database.read() as session:
        found = session.execute(select(Lease.name, Lease.holder).order_by(Lease.name)).all()
    assert [tuple(row) for row in found] == [("x", "first"), ("y", "second"), ("z", "second")]


def test_nothing_to_write_is_nothing_written(database: Database) -> None:
    with database.write() as session:
        bulk.insert_rows(INSTRUMENT, NAMES).run(session, [])
    assert held(database) == []


def test_a_naive_instant_is_refused(database: Database) -> None:
    wrong = instrument("a", changed_at=datetime(2026, 1, 5))  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"), database.write() as session:
        bulk.insert_rows(INSTRUMENT, NAMES).run(session, [wrong])
    assert held(database) == []


def test_rows_that_lack_a_column_write_nothing(database: Database) -> None:
    with pytest.raises(KeyError, match="holder"), database.write() as session:
        bulk.insert_rows(LEASE, ("name", "holder", "until", "fence")).run(session, [{"name": "x"}])


def test_it_is_part_of_the_sessions_transaction(database: Database) -> None:
    def write_and_raise() -> None:
        with database.write() as session:
            bulk.insert_rows(INSTRUMENT, NAMES).run(session, ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_raise()
    assert held(database) == []
