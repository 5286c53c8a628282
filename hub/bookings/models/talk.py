"""What people say about a booking: the thread, the rating; who waits for a time to become free; calendar feeds."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Note(Base):
    """One message of a booking's thread."""

    __tablename__ = "bookings_note"
    __table_args__ = (Index("ix_bookings_note_booking_id", "booking_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"))
    at: Mapped[datetime]
    side: Mapped[str]
    actor: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]


class Rating(Base):
    """What the enterprise thinks of a completed service, and the provider's answer."""

    __tablename__ = "bookings_rating"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"), primary_key=True)
    stars: Mapped[int]
    text: Mapped[str | None]
    rated_by: Mapped[str]
    rated_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Wish(Base):
    """An enterprise waits for a time on an instrument: at least `minutes` between two instants.

    `state`: waiting, offered (a time became free; the person has until `offer_until`), taken, gone.
    """

    __tablename__ = "bookings_wish"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'taken', 'gone')", name="state"),
        Index("ix_bookings_wish_instrument_id", "instrument_id", "state", "id"),
        Index("ix_bookings_wish_enterprise_id", "enterprise_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[str]
    enterprise_id: Mapped[str]
    applicant: Mapped[str]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[str]
    made_at: Mapped[datetime]
    offered_start: Mapped[datetime | None]
    offered_end: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]


class CalendarFeed(Base):
    """The secret address under which a person's calendar reads their bookings. One for each grant; kept only as a hash."""

    __tablename__ = "bookings_calendar_feed"

    grant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
