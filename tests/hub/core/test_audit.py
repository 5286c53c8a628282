"""The audit: personal details beside the chain, counting, and everything that tampering leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from hub.core import audit, sequencer
from hub.core.audit import CountedEvent, PrivateDetail, Seen
from hub.core.db import Database
from hub.core.sequencer import AnnouncedChange, ChainHead
from tests.unguarded import unguarded
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

ROW = AnnouncedChange


def write(database: Database, clock: VirtualClock, count: int = 5) -> None:
    with database.write() as session:
        for number in range(count):
            private = {"address": f"203.0.113.{number}"} if number % 2 == 0 else None
            audit.record(
                session, "person:p-1", "t.act", f"thing:{number}", {"n": number}, private=private, now=clock()
            )
    while sequencer.number_once(database):
        pass


def verdict(database: Database, heads: dict[int, str] | None = None) -> tuple[int | None, str, int]:
    with database.read() as session:
        found = audit.verify(session, heads)
    return found.broken_at, found.why, found.erased


def head(database: Database) -> dict[int, str]:
    with database.read() as session:
        number, chained = sequencer.head_of(session, audit.TOPIC)
    return {number: chained.hex()}


def test_personal_details_are_not_in_the_chain(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    with database.read() as session:
        rows = session.scalars(select(ROW.payload)).all()
        entries = audit.read_entries(session)
        private = audit.private_details(session, entries)
    assert "203.0.113" not in str(rows)
    assert [private.get(entry.private or "") for entry in entries] == [
        {"address": "203.0.113.0"},
        None,
        {"address": "203.0.113.2"},
        None,
        {"address": "203.0.113.4"},
    ]
    assert verdict(database) == (None, "", 0)


def test_equal_details_have_unequal_digests(database: Database, clock: VirtualClock) -> None:
    with database.write() as session:
        for _ in range(2):
            audit.record(session, "person:p-1", "t.act", "x", private={"address": "a"}, now=clock())
    with database.read() as session:
        assert len(set(session.scalars(select(PrivateDetail.digest)))) == 2


def test_what_is_due_is_erased_and_the_chain_still_verifies(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    with database.write() as session:
        assert audit.erase_due(session, now=clock.advance(364 * 86_400)) == 0
    with database.write() as session:
        assert audit.erase_due(session, now=clock.advance(2 * 86_400), limit=2) == 2
    with database.write() as session:
        assert audit.erase_due(session, now=clock()) == 1
        assert audit.erase_due(session, now=clock()) == 0
    sequencer.number_once(database)
    assert verdict(database) == (None, "", 3)
    with database.read() as session:
        assert audit.private_details(session, audit.read_entries(session)) == {}


def test_a_person_is_forgotten_and_the_chain_still_verifies(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    with database.write() as session:
        assert audit.erase_about(session, "person:p-1", actor="system:test", now=clock()) == 3
        assert audit.erase_about(session, "person:p-2", actor="system:test", now=clock()) == 0
    sequencer.number_once(database)
    assert verdict(database) == (None, "", 3)
    with database.read() as session:
        last = audit.read_entries(session, after=5)[-1]
    assert (last.action, last.subject, last.detail) == ("audit.erase_person", "person:p-1", {"details": 3})


def digest_of(session: Session, number: int) -> str:
    payload = session.scalars(select(ROW.payload).where(ROW.number == number)).one()
    assert payload is not None
    return str(payload["private"])


def edit_detail(session: Session) -> None:
    held = session.get_one(PrivateDetail, digest_of(session, 3))
    held.detail = {"address": "198.51.100.1"}


def edit_salt(session: Session) -> None:
    session.get_one(PrivateDetail, digest_of(session, 3)).salt = bytes(16)


def remove_detail(session: Session) -> None:
    session.execute(delete(PrivateDetail).where(PrivateDetail.digest == digest_of(session, 3)))


def erase_quietly(session: Session) -> None:
    held = session.get_one(PrivateDetail, digest_of(session, 3))
    held.salt = held.detail = None
    held.erased_at = held.erase_at - timedelta(days=1)


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (edit_detail, "private detail altered"),
        (edit_salt, "private detail altered"),
        (remove_detail, "private detail missing"),
        (erase_quietly, "private detail erased against the rule"),
    ],
)
def test_tampering_with_private_details_is_found(
    database: Database, clock: VirtualClock, tamper: Callable[[Session], None], why: str
) -> None:
    write(database, clock)
    with database.write() as session:
        tamper(session)
    assert verdict(database)[:2] == (3, why)


def _numbered() -> Select[tuple[AnnouncedChange]]:
    return select(ROW).where(ROW.topic == audit.TOPIC, ROW.number.is_not(None)).order_by(ROW.number)


def rewrite_from(database: Database, number: int) -> None:
    """What somebody with the database would do: change an entry and chain everything behind it anew."""
    with database.write() as session, unguarded(session):
        previous = bytes(32)
        for row in session.scalars(_numbered()):
            if row.number == number:
                row.subject = "something else"
            change = sequencer.Change(
                row.number or 0, row.topic, row.subject, row.payload, row.announced_at, b""
            )
            row.previous_hash, row.hash = previous, sequencer._chained(previous, change)
            previous = row.hash
        session.get_one(ChainHead, audit.TOPIC).hash = previous


def cut_after(database: Database, number: int) -> None:
    """Remove the end of the chain, its head included."""
    with database.write() as session, unguarded(session):
        last = session.scalars(select(ROW).where(ROW.number == number)).one()
        session.execute(delete(ROW).where(ROW.number > number))
        held = session.get_one(ChainHead, audit.TOPIC)
        held.number, held.hash = number, last.hash or b""


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_rewritten_chain_meets_the_head_that_was_handed_out(
    database: Database, clock: VirtualClock, number: int
) -> None:
    write(database, clock)
    handed_out = head(database)
    rewrite_from(database, number)
    assert verdict(database)[0] is None, "without a head the rewriting is perfect"
    assert verdict(database, handed_out)[:2] == (5, "rewritten")


def test_only_what_was_rewritten_after_a_head_contradicts_the_later_ones(
    database: Database, clock: VirtualClock
) -> None:
    write(database, clock)
    first = head(database)
    write(database, clock, 3)
    both = first | head(database)
    rewrite_from(database, 7)
    assert verdict(database, first)[0] is None
    assert verdict(database, both)[:2] == (8, "rewritten")


def test_a_cut_end_meets_the_head_that_was_handed_out(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    handed_out = head(database)
    cut_after(database, 3)
    assert verdict(database)[0] is None
    assert verdict(database, handed_out)[:2] == (4, "cut off")


def test_a_chain_without_its_head_is_cut_off(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    with database.write() as session, unguarded(session):
        session.execute(delete(ROW).where(ROW.number > 3))
        session.execute(delete(ChainHead))
    assert verdict(database)[:2] == (4, "cut off")


def test_an_edited_time_is_found(database: Database, clock: VirtualClock) -> None:
    write(database, clock)
    with database.write() as session, unguarded(session):
        session.execute(update(ROW).where(ROW.number == 2).values(announced_at=clock.advance(5)))
    assert verdict(database)[:2] == (2, "altered")


# --- counting -----------------------------------------------------------------------------------------------------

SEEN = Seen("person:p-1", "identity.refuse", "POST /x", "booking:bk-1", "booking.accept not_allowed")


def count(database: Database, clock: VirtualClock, seen: Seen = SEEN, times: int = 1) -> None:
    for _ in range(times):
        with database.write() as session:
            audit.count(session, seen, now=clock())


def settle(database: Database, clock: VirtualClock) -> list[tuple[str, str, int]]:
    with database.write() as session:
        audit.settle_counted(session, now=clock())
    sequencer.number_once(database)
    with database.read() as session:
        return [
            (entry.actor, entry.detail["route"], entry.detail["count"])
            for entry in audit.read_entries(session)
        ]


def test_a_thousand_refusals_are_one_entry_of_their_minute(database: Database, clock: VirtualClock) -> None:
    count(database, clock, times=40)
    assert settle(database, clock) == [], "the minute is not over"
    clock.advance(60)
    count(database, clock, times=2)
    assert settle(database, clock) == [("person:p-1", "POST /x", 40)]
    clock.advance(60)
    assert settle(database, clock) == [("person:p-1", "POST /x", 40), ("person:p-1", "POST /x", 2)]
    assert settle(database, clock) == [("person:p-1", "POST /x", 40), ("person:p-1", "POST /x", 2)]


def test_people_and_routes_are_counted_apart(database: Database, clock: VirtualClock) -> None:
    count(database, clock)
    count(database, clock, SEEN._replace(route="POST /y"))
    count(database, clock, SEEN._replace(actor="person:p-2", subject="booking:bk-2"))
    clock.advance(60)
    assert settle(database, clock) == [
        ("person:p-1", "POST /x", 1),
        ("person:p-1", "POST /y", 1),
        ("person:p-2", "POST /x", 1),
    ]


def test_what_is_settled_is_no_longer_counted(database: Database, clock: VirtualClock) -> None:
    count(database, clock)
    clock.advance(60)
    settle(database, clock)
    with database.read() as session:
        assert session.scalars(select(CountedEvent)).all() == []
