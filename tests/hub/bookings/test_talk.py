"""Threads and ratings."""

import pytest

from hub.bookings.errors import NoteInvalid, RatingClosed, RatingInvalid
from hub.bookings.service import ratings, threads
from hub.core.db import Database
from hub.core.errors import AccessRefused
from tests.hub.bookings.rows import MEMBER, STATION, STRANGER, put_booking
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def test_both_sides_write_and_a_stranger_does_not(database: Database, clock: VirtualClock) -> None:
    booking = put_booking(database, clock)
    with database.write() as session:
        threads.write_note(session, MEMBER, booking, "  请问样品可否邮寄？ ", now=clock())
        threads.write_note(session, STATION, booking, "可以。", now=clock())
        with pytest.raises(AccessRefused):
            threads.write_note(session, STRANGER, booking, "?", now=clock())
        for text in (" ", "x" * 2001):
            with pytest.raises(NoteInvalid):
                threads.write_note(session, MEMBER, booking, text, now=clock())
        notes = threads.read_notes(session, booking.id)
        assert [(note.side, note.text) for note in notes] == [
            ("enterprise", "请问样品可否邮寄？"),
            ("provider", "可以。"),
        ]
        assert threads.read_notes(session, booking.id, after=notes[0].id) == notes[1:]


def test_a_completed_use_is_rated_changed_and_answered(database: Database, clock: VirtualClock) -> None:
    booking = put_booking(database, clock, state="completed", ended_at=clock())
    with database.write() as session:
        with pytest.raises(RatingClosed):
            ratings.answer_rating(session, STATION, booking, "谢谢", now=clock())
        ratings.rate(session, MEMBER, booking, 4, "及时", now=clock())
        clock.advance(86_400)
        assert ratings.rate(session, MEMBER, booking, 5, None, now=clock()).text is None
        assert ratings.answer_rating(session, STATION, booking, "谢谢", now=clock()).answer == "谢谢"
        with pytest.raises(AccessRefused):
            ratings.rate(session, STATION, booking, 5, None, now=clock())
        clock.advance(14 * 86_400)
        with pytest.raises(RatingClosed):
            ratings.rate(session, MEMBER, booking, 1, None, now=clock())


def test_what_was_never_used_is_not_rated(database: Database, clock: VirtualClock) -> None:
    booking = put_booking(database, clock, state="no_show", ended_at=clock())
    with database.write() as session, pytest.raises(AccessRefused):
        ratings.rate(session, MEMBER, booking, 1, "没去", now=clock())


def test_ratings_close(database: Database, clock: VirtualClock) -> None:
    booking = put_booking(database, clock, state="completed", ended_at=clock())
    clock.advance(181 * 86_400)
    with database.write() as session, pytest.raises(RatingClosed):
        ratings.rate(session, MEMBER, booking, 3, None, now=clock())


@pytest.mark.parametrize(("stars", "text"), [(0, None), (6, None), (True, None), (3, "x" * 1001)])
def test_malformed_ratings_name_the_field(
    database: Database, clock: VirtualClock, stars: int, text: str | None
) -> None:
    booking = put_booking(database, clock, state="completed", ended_at=clock())
    with database.write() as session, pytest.raises(RatingInvalid) as refused:
        ratings.rate(session, MEMBER, booking, stars, text, now=clock())
    assert refused.value.field == ("text" if text else "stars")
