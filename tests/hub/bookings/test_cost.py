"""What a booking and a forward cost the database: statements, counted. Each one is paid under SQLite's write lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from hub.app import create_app
from hub.availability import service as availability
from hub.availability.service import Asker
from hub.bookings.service import forwarding
from hub.core.db import Database
from tests.hub.bookings import people
from tests.hub.bookings.world import World, request
from tests.in_process import InProcess

pytestmark = pytest.mark.database

MOST_IN_A_SUBMIT = 24
MOST_IN_A_FORWARD = 17
PLUMBING = (
    "BEGIN",
    "PRAGMA",
    "SAVEPOINT",
    "RELEASE",
    "SET ",
    "SHOW ",
    "SELECT SET_CONFIG",
    "SELECT CURRENT_SETTING",
)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every statement meanwhile, without those that only open and guard transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(PLUMBING):
            seen.append(" ".join(statement.split())[:100])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_a_submit_asks_the_database_few_things(world: World) -> None:
    cast = people.settle(world.database, world.clock())
    principal = cast.li.principal
    asker = Asker(principal.name, enterprise_id=principal.party_id, is_verified=True)
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as client:

        def submit(day: int) -> None:
            asked = request("310000", world.slot(day=day))
            with world.database.write() as session:
                given = availability.quote(session, asker, asked["instrument_id"], asked, now=world.clock())
            headers = {**cast.li.headers(), "Idempotency-Key": f"key-of-the-cost-{day:04}"}
            body = {"command": "submit", "request": {**asked, "quote_id": given.id}}
            with counted(world.database) as seen:
                answer = client.post("/api/v1/bookings", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            statements.append(seen)

        statements: list[list[str]] = []
        submit(3)
        submit(4)  # the first claim of an instrument also writes its grid
    at_most(MOST_IN_A_SUBMIT, statements[1])


def test_a_forward_asks_the_database_few_things(world: World) -> None:
    for day in (3, 4):
        world.submit("310000", world.slot(day=day))
    world.forward(1)  # the first answer of a province also writes its route
    with counted(world.database) as seen:
        assert forwarding.forward_next(world.runtime, "worker")
    at_most(MOST_IN_A_FORWARD, seen)


def test_looking_for_what_is_due_reads_no_message_that_is_done(world: World) -> None:
    """By the indexes of open and of leased messages: a hub that has forwarded a million looks as fast as a new one."""
    if not world.database.is_sqlite:
        return  # PostgreSQL plans by how many rows there are, and here are none
    asked = {"now": world.clock(), "cap": forwarding.CAP}
    with world.database.read() as session:
        session.scalar(forwarding._DUE, asked)
        with counted_whole(world.database) as seen:
            session.scalar(forwarding._DUE, asked)
        (statement, values), connection = seen[0], session.connection()
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    of_messages = [step for step in plan if "bookings_delivery" in step]
    assert not [step for step in of_messages if step.startswith("SCAN")], plan
    for index in ("ix_bookings_delivery_due", "ix_bookings_delivery_leased"):
        assert any(index in step for step in of_messages), plan


@contextmanager
def counted_whole(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Every statement meanwhile as the driver gets it, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        seen.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def at_most(most: int, seen: list[str]) -> None:
    assert len(seen) <= most, f"{len(seen)} statements, {most} are allowed:\n" + "\n".join(seen)
