"""What is listed is found by what was asked for, not by walking everything that is listed."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from hub.catalog import queries
from hub.core.db import Database

ASKED: dict[str, tuple[Callable[[Session], Any], str]] = {
    "of institutions": (
        lambda session: queries.instrument_ids_of(session, ["31-u-a"]),
        "ix_catalog_instrument_institution_id",
    ),
    "classes": (
        lambda session: queries.classes_of_institution(session, "31-u-a"),
        "ix_catalog_instrument_institution_id",
    ),
    "documents": (lambda session: queries.documents_for_index(session, ["31-a"]), "sqlite_autoindex"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_sqlite_reads_no_more_than_was_asked_for(
    request: pytest.FixtureRequest, tmp_path: Path, asked: str
) -> None:
    template: Path = request.getfixturevalue("_template")
    database = Database(f"sqlite:///{shutil.copyfile(template, tmp_path / 'hub.db')}")
    ask, index = ASKED[asked]
    said: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
    with database.read() as session:
        ask(session)
        statement, values = next(each for each in said if "FROM catalog_instrument" in each[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = " ".join(row[3] for row in plan)
    database.close()
    assert index in steps, steps
    assert "listing" not in steps
