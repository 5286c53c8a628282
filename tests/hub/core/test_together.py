"""Writes in one way to the database: the same on both, all or none, and their words are made once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from hub.core.db import Database
from hub.core.lease import Lease
from hub.core.sequencer import AnnouncedChange, ChainHead
from hub.core.together import Together, Write

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def build(insert: Callable[[Any], postgresql.Insert]) -> list[Write]:
    """A lease, two heads of which one may be there, an announced row, and a count: every kind of value."""
    heads = [
        {"topic": bindparam(f"v_topic_{place}"), "number": 1, "hash": bindparam("v_hash")} for place in (0, 1)
    ]
    return [
        insert(Lease.__table__).values(
            name=bindparam("v_name"), holder="h", until=bindparam("v_until"), fence=bindparam("v_fence")
        ),
        insert(ChainHead.__table__).values(heads).on_conflict_do_nothing(index_elements=["topic"]),
        insert(AnnouncedChange.__table__)
        .values(
            topic=bindparam("v_topic_0"),
            subject="100 % ':x' ?",
            payload=bindparam("v_payload"),
            announced_at=bindparam("v_until"),
        )
        .returning(AnnouncedChange.id, AnnouncedChange.topic),
    ]


WRITES = Together(build)


def values(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "v_name": name,
        "v_until": NOW,
        "v_fence": 3,
        "v_topic_0": "one",
        "v_topic_1": f"two-{name}",
        "v_hash": b"\x00\xff",
        "v_payload": {"钱": [1, None]},
        **changes,
    }


def test_all_of_them_are_written_and_the_last_one_answers(database: Database) -> None:
    with database.write() as session:
        session.add(ChainHead(topic="one", number=7, hash=b"before"))
        (row,) = WRITES.run(session, values("a"))
    assert row.topic == "one"
    with database.read() as session:
        lease = session.get_one(Lease, "a")
        assert (lease.holder, lease.until, lease.fence) == ("h", NOW, 3)
        heads = session.execute(select(ChainHead.topic, ChainHead.number, ChainHead.hash)).all()
        assert sorted(map(tuple, heads)) == [("one", 7, b"before"), ("two-a", 1, b"\x00\xff")]
        change = session.get_one(AnnouncedChange, row.id)
        assert (change.subject, change.payload, change.announced_at) == (
            "100 % ':x' ?",
            {"钱": [1, None]},
            NOW,
        )


def test_writes_without_an_answer_give_no_rows(database: Database) -> None:
    silent = Together(lambda insert: [build(insert)[0], build(insert)[1]])
    with database.write() as session:
        assert list(silent.run(session, values("a"))) == []


def test_one_that_fails_takes_all_with_it(database: Database) -> None:
    with database.write() as session:
        WRITES.run(session, values("a"))
    with pytest.raises(IntegrityError), database.write() as session:
        WRITES.run(session, values("a", v_topic_1="three"))
    with database.read() as session:
        assert session.get(ChainHead, "three") is None
        assert len(session.scalars(select(AnnouncedChange)).all()) == 1


def test_postgresql_is_asked_once(database: Database) -> None:
    asked: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement)
    )
    for name in ("a", "b"):
        with database.write() as session:
            WRITES.run(session, values(name))
    assert len(asked) == (6 if database.is_sqlite else 2)
    assert asked[: len(asked) // 2] == asked[len(asked) // 2 :]
